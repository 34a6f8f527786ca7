//! The decisions that a case's page offers: those that the record's status allows, by the table of the lifecycle, and why the others are not
//! there. What has its effect at once has a form and a button of its own. The operation itself decides again.

use serde_json::Value;

use super::super::field::{Field, Kind};
use super::super::form::Form;
use super::super::sheet::Sheet;
use super::super::shown::{list, text, title, words};
use super::super::visit::Desk;
use super::blocking::Blocking;
use vasp_record::case::Decision;
use vasp_record::lifecycle::{Step, follow};
use vasp_record::vasp::{VaspKind, VaspStatus};

/// Who keeps the record of a case, as far as an operator sees it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keeper {
    Nobody,
    Registry,
    Member,
}

/// What a case's decision depends on.
pub(super) struct Choices {
    has_vasp: bool,
    keeper: Keeper,
    kind: VaspKind,
    /// The status that readers see; without one, that of a submission in review.
    status: VaspStatus,
    /// The status of the submission.
    submission: VaspStatus,
    /// Whether the case has only public challenges.
    only_challenges: bool,
    /// Whether nothing stands in the way of a verification.
    is_ready: bool,
}

impl Choices {
    /// `record` is what the registry itself keeps, `listed` what readers see.
    pub(super) fn of(case: &Value, record: &Value, listed: &Value, blocking: &Blocking) -> Self {
        let kinds: Vec<String> = list(case, "/triggers").iter().map(|trigger| text(trigger, "/kind")).collect();
        let handed_in = kinds.iter().any(|kind| ["submission", "adoption", "amendment"].contains(&kind.as_str()));
        let kind = text(listed, "/kind").parse().unwrap_or(VaspKind::Entity);
        let status = text(listed, "/status").parse().unwrap_or(VaspStatus::InReview);
        let keeper = match status {
            _ if kind == VaspKind::Group => Keeper::Nobody,
            _ if !record.is_null() => Keeper::Registry,
            VaspStatus::Listed if !handed_in => Keeper::Nobody,
            _ => Keeper::Member,
        };
        let of_member = if status == VaspStatus::Listed { VaspStatus::InReview } else { status };
        let submission = match keeper {
            Keeper::Nobody => status,
            Keeper::Registry => text(record, "/status").parse().unwrap_or(of_member),
            Keeper::Member => of_member,
        };
        let only_challenges = kinds.iter().all(|kind| kind == "public_challenge");
        let (has_vasp, is_ready) = (!text(case, "/vasp").is_empty(), blocking.is_ready());
        Self { has_vasp, keeper, kind, status, submission, only_challenges, is_ready }
    }

    /// Returns whether there is a member to write to.
    pub(super) fn has_member(&self) -> bool {
        self.has_vasp && self.keeper == Keeper::Member
    }

    pub(super) fn allows(&self, decision: Decision) -> bool {
        let follows = |step, status| follow(step, self.kind, status).is_ok();
        let is_held_back = matches!(self.status, VaspStatus::Suspended | VaspStatus::Revoked | VaspStatus::Retired);
        let is_kept = self.keeper != Keeper::Nobody;
        self.has_vasp
            && match decision {
                Decision::Verify => {
                    (is_kept || self.kind == VaspKind::Group) && !is_held_back && follows(Step::Verify, self.submission)
                }
                Decision::Reject => is_kept && follows(Step::Reject, self.submission),
                Decision::Suspend => follows(Step::Suspend, self.status),
                Decision::Revoke => follows(Step::Revoke, self.status),
                Decision::Reinstate => follows(Step::Reinstate, self.status),
                Decision::RequestInformation => self.has_member(),
                Decision::Dismiss => self.only_challenges,
                Decision::Keep => true,
                // It has a route of its own.
                Decision::Merge => false,
            }
            || decision == Decision::Keep
    }

    /// Shows a form for what two people decide, and one for each decision that has its effect at once.
    pub(super) fn show(&self, desk: &Desk, sheet: &mut Sheet, case: &str) {
        let form = || desk.form("propose_decision", &[("id", case)]);
        let all = || Decision::ALL.iter().copied().filter(|one| *one != Decision::Merge);
        let two_people: Vec<Decision> = all().filter(|one| !one.acts_at_once() && self.allows(*one)).collect();
        sheet.form(form().map(|form| self.propose(form, &two_people)));
        for decision in all().filter(|one| one.acts_at_once() && self.allows(*one)) {
            let (name, button) = match decision {
                Decision::Suspend => ("Suspend at once, without a second person", "Suspend now"),
                Decision::Dismiss => ("Dismiss the public challenges at once, without a second person", "Dismiss now"),
                _ => ("Request information: the case waits for the member", "Request now"),
            };
            sheet.form(form().map(|form| {
                let form = form.named(decision.as_str()).without(&["/claims"]).hide("/decision", decision.as_str());
                let form = form.kind("/reason", Kind::Area).button(button).folded(name);
                if decision == Decision::Suspend { form.grave() } else { form }
            }));
        }
        let others: Vec<String> = all().filter(|one| !self.allows(*one)).map(|one| words(one.as_str())).collect();
        if !others.is_empty() && desk.may("propose_decision") {
            sheet.say(format!("Not possible here: {}. {}", others.join(", "), self.reasons()));
        }
    }

    /// Returns why some decisions are not there, in one line.
    fn reasons(&self) -> String {
        if !self.has_vasp {
            return "The case is not about a firm.".to_owned();
        }
        let status = format!("The record is {}", words(self.status.as_str()));
        let keeper = match self.keeper {
            Keeper::Nobody => ", and no member keeps it",
            Keeper::Registry => ", and the registry keeps it itself",
            Keeper::Member => "",
        };
        let dismiss = if self.only_challenges { "" } else { " Only a case that has nothing but public challenges is dismissed." };
        format!("{status}{keeper}.{dismiss}")
    }

    fn propose(&self, form: Form, decisions: &[Decision]) -> Form {
        let form = form.named("propose").title("Your decision").button("Propose").without(&["/claims"]);
        let named = decisions.iter().map(|decision| (decision.as_str().to_owned(), title(decision.as_str())));
        let form = form.choices("/decision", named).hint("/decision", "A second person decides. Keep: nothing is to change.");
        let form = if decisions.contains(&Decision::Revoke) {
            let claims = [("", "No revocation"), ("all", "All its claims end"), ("none", "None of its claims ends")];
            let claims = claims.map(|(value, words)| (value.to_owned(), words.to_owned())).to_vec();
            form.with(Field::new("/claims", "Its claims, if you revoke", Kind::Choice(claims)))
        } else {
            form
        };
        if self.is_ready && decisions.contains(&Decision::Verify) { form.suggest("/decision", "verify") } else { form }
    }
}
