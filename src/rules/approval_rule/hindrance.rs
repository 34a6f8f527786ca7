//! Why a rule does not approve a firm that meets its criteria: the organisation decided about it already, or a single approval of it would be
//! refused. A rule is never weaker than a single approval, and it overrules no decision about one firm.

use super::{Approval, ApprovalRule};
use crate::due_diligence::StatusClass;
use crate::policy::RelationshipPolicy;
use crate::protocol::Protocols;
use crate::relationship::{Event, Relationship, Terms, TrackDecision};
use vasp_words::time::Date;

/// What an organisation keeps about a firm.
#[derive(Clone, Debug)]
pub struct Party<'a> {
    /// The relationships with the record and with the records merged into it, as they are today.
    pub own: Vec<&'a Relationship>,
    /// The relationships with its group.
    pub group: Vec<&'a Relationship>,
    /// The organisation's rules.
    pub rules: &'a [ApprovalRule],
}

/// Returns why an approval by a rule leaves a firm out, as a sentence; `None` if it does not. `blank` is a relationship about which nothing
/// is decided.
#[must_use]
pub fn hindrance(
    approval: &Approval,
    reason: &str,
    party: &Party<'_>,
    blank: &Relationship,
    (policy, protocols): (&RelationshipPolicy, &Protocols),
    day: Date,
) -> Option<String> {
    let kept = match party.own.as_slice() {
        [] => blank,
        [one] => *one,
        _ => return Some("Records with decisions of their own were merged into it: decide about it for itself.".to_owned()),
    };
    let of_group = party.group.iter().map(|group| group.travel_rule.status_on(day)).min();
    if let Some(status) = of_group.filter(|status| status.class() == StatusClass::Closed) {
        return Some(format!("The status of its group is `{status}`."));
    }
    if kept.made.event == Event::Proposed && kept.version > 0 {
        return Some("A proposal about it waits.".to_owned());
    }
    let by_rule = party.rules.iter().find(|rule| Some(rule.id) == kept.travel_rule.by_rule);
    of_decision(&kept.travel_rule, by_rule, day)
        .or_else(|| of_terms(&kept.terms, by_rule, approval))
        .or_else(|| approval.change(reason).check(kept, (policy, protocols), day).err().map(|fault| format!("{fault}.")))
}

fn of_decision(decision: &TrackDecision, by_rule: Option<&ApprovalRule>, day: Date) -> Option<String> {
    let Some(rule) = by_rule else {
        let own = format!("Your own decision about it applies: `{}`.", decision.status_on(day));
        return (decision.status.class() != StatusClass::Undecided).then_some(own);
    };
    let TrackDecision { status, conditions, review_due, .. } = decision;
    let by = &rule.approval.travel_rule;
    let is_narrowed = (status, conditions, review_due) != (&by.status, &by.conditions, &by.review_due);
    is_narrowed.then(|| "You restricted its approval by a rule.".to_owned())
}

/// Terms of a firm's own are not replaced by those of a rule.
fn of_terms(kept: &Terms, by_rule: Option<&ApprovalRule>, approval: &Approval) -> Option<String> {
    let wanted = approval.terms.as_ref()?;
    let is_of_rule = by_rule.is_some_and(|rule| rule.approval.terms.as_ref() == Some(kept));
    let is_own = *kept != Terms::default() && kept != wanted && !is_of_rule;
    is_own.then(|| "It has terms of its own.".to_owned())
}
