//! The lifecycle of a record in one table: which step is possible in which status, the next status, and how many people it takes.
//! `api::permission` has who may take a step.
//!
//! Source: docs/vetting.md, for the steps and for how many people each takes.

use super::vasp::{VaspKind, VaspStatus};
use vasp_words::closed_list::closed_list;

closed_list! {
    /// A step in the lifecycle of a record.
    pub enum Step as "LifecycleStep" {
        /// The member changes its draft.
        Edit = "edit",
        /// The member submits it.
        Submit = "submit",
        /// A reviewer takes its case.
        Take = "take",
        /// The registry verifies it.
        Verify = "verify",
        /// The registry does not accept it.
        Reject = "reject",
        /// The member withdraws it.
        Withdraw = "withdraw",
        /// The member changes approved content.
        Amend = "amend",
        /// A member asks to keep a record that an import or the registry created.
        Adopt = "adopt",
        /// The registry suspends it.
        Suspend = "suspend",
        /// The registry ends the suspension.
        Reinstate = "reinstate",
        /// The registry revokes it, so nobody should deal with the VASP any more.
        Revoke = "revoke",
        /// The registry merges it into another record.
        Merge = "merge",
        /// The registry retires a group that is no longer used.
        Retire = "retire",
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The step.
    pub step: Step,
    /// The kind of record that it applies to.
    pub kind: VaspKind,
    /// The status before the step.
    pub from: VaspStatus,
    /// The status after the step.
    pub to: VaspStatus,
    /// The number of people that it takes.
    pub people: u8,
}

const fn rule(kind: VaspKind, step: Step, from: VaspStatus, to: VaspStatus, people: u8) -> Rule {
    Rule { step, kind, from, to, people }
}

/// All rules. The end of a suspension restores the earlier status, which is `Listed` if nobody ever verified the record.
pub const RULES: &[Rule] = &[
    rule(VaspKind::Entity, Step::Edit, VaspStatus::Draft, VaspStatus::Draft, 1),
    rule(VaspKind::Entity, Step::Edit, VaspStatus::Submitted, VaspStatus::Submitted, 1),
    rule(VaspKind::Entity, Step::Edit, VaspStatus::InReview, VaspStatus::InReview, 1),
    rule(VaspKind::Entity, Step::Submit, VaspStatus::Draft, VaspStatus::Submitted, 1),
    rule(VaspKind::Entity, Step::Take, VaspStatus::Submitted, VaspStatus::InReview, 1),
    rule(VaspKind::Entity, Step::Verify, VaspStatus::InReview, VaspStatus::Verified, 2),
    rule(VaspKind::Entity, Step::Reject, VaspStatus::InReview, VaspStatus::Rejected, 2),
    rule(VaspKind::Entity, Step::Withdraw, VaspStatus::Draft, VaspStatus::Withdrawn, 1),
    rule(VaspKind::Entity, Step::Withdraw, VaspStatus::Submitted, VaspStatus::Withdrawn, 1),
    rule(VaspKind::Entity, Step::Withdraw, VaspStatus::InReview, VaspStatus::Withdrawn, 1),
    rule(VaspKind::Entity, Step::Amend, VaspStatus::Verified, VaspStatus::Verified, 1),
    rule(VaspKind::Entity, Step::Verify, VaspStatus::Verified, VaspStatus::Verified, 2),
    rule(VaspKind::Entity, Step::Reject, VaspStatus::Verified, VaspStatus::Verified, 2),
    rule(VaspKind::Entity, Step::Adopt, VaspStatus::Listed, VaspStatus::Listed, 1),
    rule(VaspKind::Entity, Step::Adopt, VaspStatus::Verified, VaspStatus::Verified, 1),
    rule(VaspKind::Entity, Step::Suspend, VaspStatus::Verified, VaspStatus::Suspended, 1),
    rule(VaspKind::Entity, Step::Suspend, VaspStatus::Listed, VaspStatus::Suspended, 1),
    rule(VaspKind::Entity, Step::Reinstate, VaspStatus::Suspended, VaspStatus::Verified, 2),
    rule(VaspKind::Entity, Step::Revoke, VaspStatus::Verified, VaspStatus::Revoked, 2),
    rule(VaspKind::Entity, Step::Revoke, VaspStatus::Suspended, VaspStatus::Revoked, 2),
    rule(VaspKind::Entity, Step::Revoke, VaspStatus::Listed, VaspStatus::Revoked, 2),
    rule(VaspKind::Entity, Step::Merge, VaspStatus::Listed, VaspStatus::Retired, 2),
    rule(VaspKind::Entity, Step::Merge, VaspStatus::Verified, VaspStatus::Retired, 2),
    rule(VaspKind::Entity, Step::Merge, VaspStatus::Suspended, VaspStatus::Retired, 2),
    rule(VaspKind::Group, Step::Verify, VaspStatus::Listed, VaspStatus::Verified, 2),
    rule(VaspKind::Group, Step::Verify, VaspStatus::Verified, VaspStatus::Verified, 2),
    rule(VaspKind::Group, Step::Merge, VaspStatus::Listed, VaspStatus::Retired, 2),
    rule(VaspKind::Group, Step::Merge, VaspStatus::Verified, VaspStatus::Retired, 2),
    rule(VaspKind::Group, Step::Retire, VaspStatus::Listed, VaspStatus::Retired, 2),
    rule(VaspKind::Group, Step::Retire, VaspStatus::Verified, VaspStatus::Retired, 2),
];

/// The step is not possible in this status.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the step `{}` is not possible in the status `{}`; possible steps: {possible}", .step.as_str(), .status.as_str())]
pub struct IllegalStep {
    /// The step.
    pub step: Step,
    /// The current status of the record.
    pub status: VaspStatus,
    /// The possible steps in this status.
    pub possible: String,
}

/// Returns the rule for a step.
///
/// # Errors
/// `IllegalStep` if the table has no such rule.
pub fn follow(step: Step, kind: VaspKind, from: VaspStatus) -> Result<&'static Rule, IllegalStep> {
    let of_here = || RULES.iter().filter(move |rule| rule.kind == kind && rule.from == from);
    of_here().find(|rule| rule.step == step).ok_or_else(|| {
        let possible: Vec<&str> = of_here().map(|rule| rule.step.as_str()).collect();
        let possible = if possible.is_empty() { "none".to_owned() } else { possible.join(", ") };
        IllegalStep { step, status: from, possible }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: docs/vetting.md: one reviewer suspends; another person approves every other decision.
    #[test]
    fn what_the_registry_vouches_for_takes_two_people() {
        for rule in RULES {
            let two =
                matches!(rule.step, Step::Verify | Step::Reject | Step::Revoke | Step::Reinstate | Step::Merge | Step::Retire);
            assert_eq!(rule.people, if two { 2 } else { 1 }, "{rule:?}");
        }
    }

    #[test]
    fn a_member_goes_the_published_way_and_no_other() {
        let to = |step, from| follow(step, VaspKind::Entity, from).map(|rule| rule.to);

        assert_eq!(to(Step::Submit, VaspStatus::Draft), Ok(VaspStatus::Submitted));
        assert_eq!(to(Step::Take, VaspStatus::Submitted), Ok(VaspStatus::InReview));
        assert_eq!(to(Step::Verify, VaspStatus::InReview), Ok(VaspStatus::Verified));
        for over in [VaspStatus::Revoked, VaspStatus::Rejected, VaspStatus::Withdrawn, VaspStatus::Retired] {
            assert!(Step::ALL.iter().all(|step| to(*step, over).is_err()), "{over:?}");
        }
        let refused = to(Step::Verify, VaspStatus::Draft).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the step `verify` is not possible in the status `draft`; possible steps: edit, submit, withdraw"
        );
    }

    #[test]
    fn one_line_a_step_and_status() {
        for (place, rule) in RULES.iter().enumerate() {
            let same = |other: &Rule| (other.step, other.kind, other.from) == (rule.step, rule.kind, rule.from);
            assert_eq!(RULES.iter().position(same), Some(place), "{rule:?}");
        }
    }

    #[test]
    fn groups_are_listed_verified_or_retired() {
        for rule in RULES.iter().filter(|rule| rule.kind == VaspKind::Group) {
            assert!(matches!(rule.to, VaspStatus::Verified | VaspStatus::Retired), "{rule:?}");
        }
    }
}
