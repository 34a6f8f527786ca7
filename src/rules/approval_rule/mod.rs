//! A rule by which an organisation approves many counterparties with one decision of two people, such as "all MiCA firms with custody, in the
//! EEA, on no list, whose register is younger than 30 days". It approves the Travel Rule track only: a correspondent relationship demands an
//! examination of each respondent (Directive (EU) 2015/849 Art. 19 and 19b).
//!
//! `criteria` judges a record, `hindrance` what the organisation decided about it before. A firm that leaves a rule loses its approval at
//! once, because the rule is judged whenever the decision is read. It does not come back without two people.

mod criteria;
mod hindrance;

pub use criteria::{Criteria, Firm, Territory, Unmet};
pub use hindrance::{Party, hindrance};

use serde::{Deserialize, Serialize};

use super::relationship::{Change, ChangeFault, Terms, TrackChange};
use vasp_record::authority::Authorities;
use vasp_words::ids::{ApprovalRuleId, UserId, VaspId};
use vasp_words::time::{Date, UtcTime};

/// What two people decide about every firm that a rule covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// Whom it covers.
    pub criteria: Criteria,
    /// The decision on the Travel Rule track.
    pub travel_rule: TrackChange,
    /// The terms; `None` if each firm keeps its own.
    pub terms: Option<Terms>,
}

/// A firm that left a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Left {
    /// The firm.
    pub vasp: VaspId,
    /// When it was noticed.
    pub at: UtcTime,
    /// What it no longer met.
    pub why: Unmet,
}

/// Who ended a rule, when and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleEnd {
    /// When it ended.
    pub at: UtcTime,
    /// The user who ended it.
    pub by: UserId,
    /// Why.
    pub reason: String,
}

/// A rule that two people of an organisation approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovalRule {
    /// The id.
    pub id: ApprovalRuleId,
    /// What was decided.
    pub approval: Approval,
    /// Why.
    pub reason: String,
    /// When it was decided.
    pub decided_at: UtcTime,
    /// The two people, the proposer first.
    pub decided_by: Vec<UserId>,
    /// The firms that two people approved by it and that did not leave it, in order of id.
    pub members: Vec<VaspId>,
    /// The firms that left it.
    pub left: Vec<Left>,
    /// The firms that met it later and that people did not approve; they are not proposed again.
    pub set_aside: Vec<VaspId>,
    /// The end of the rule; `None` if nobody ended it.
    pub ended: Option<RuleEnd>,
}

impl Approval {
    /// Checks what no single firm makes right. `known` are the authorities in force.
    ///
    /// # Errors
    /// `ChangeFault::Member` names the member that is wrong.
    pub fn check(&self, known: &Authorities) -> Result<(), ChangeFault> {
        self.criteria.check(known)?;
        if !self.travel_rule.status.is_approval() {
            let detail = "a rule can only approve: `approved` or `approved_with_conditions`";
            return Err(criteria::wrong("/travel_rule/status", detail));
        }
        let Some(terms) = &self.terms else { return Ok(()) };
        let of_one = [
            ("/terms/licence_seen", terms.licence_seen.is_some()),
            ("/terms/questionnaire_version", terms.questionnaire_version.is_some()),
            ("/terms/screened", !terms.screened.is_empty()),
        ];
        let wrong = |pointer| criteria::wrong(pointer, "states something about one counterparty, so a rule cannot have it");
        of_one.into_iter().find(|(_, is_given)| *is_given).map_or(Ok(()), |(pointer, _)| Err(wrong(pointer)))
    }

    /// Returns the ordinary decision that each firm gets.
    #[must_use]
    pub fn change(&self, reason: &str) -> Change {
        let (travel_rule, terms) = (Some(self.travel_rule.clone()), self.terms.clone());
        Change { travel_rule, correspondent: None, terms, reason: reason.to_owned() }
    }

    /// Says in words whom it covers.
    #[must_use]
    pub fn says(&self) -> String {
        let Criteria { regime, authorities, services, territory, register_within_days } = &self.criteria;
        let services = services.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let by = if authorities.is_empty() { String::new() } else { format!(" of {}", authorities.join(", ")) };
        let place = match territory {
            Territory::Home => "in the licence's own country",
            Territory::Eu => "in the EU",
            Territory::Eea => "in the EEA",
        };
        format!("{regime} licence{by} with {services}, {place}, on no list, register younger than {register_within_days} days")
    }
}

impl ApprovalRule {
    /// Returns whether it approves anybody on a day.
    #[must_use]
    pub fn is_in_force(&self, day: Date) -> bool {
        self.ended.is_none() && self.approval.travel_rule.review_due.is_some_and(|due| due >= day)
    }

    /// Returns why it does not cover a firm any more, as a part of a sentence; `None` if it does. `is_it` tells the ids of the firm from
    /// others, and `unmet` is what the firm does not meet now.
    #[must_use]
    pub fn lapse(&self, is_it: impl Fn(VaspId) -> bool, unmet: Option<Unmet>) -> Option<String> {
        if let Some(end) = &self.ended {
            return Some(format!("the rule was ended on {}", end.at.date()));
        }
        if let Some(unmet) = unmet {
            return Some(unmet.words().to_owned());
        }
        if self.members.iter().any(|member| is_it(*member)) {
            return None;
        }
        let left = self.left.iter().rev().find(|left| is_it(left.vasp));
        Some(left.map_or_else(
            || "it is no member of the rule".to_owned(),
            |left| format!("it left the rule on {}, because {}", left.at.date(), left.why.words()),
        ))
    }

    /// Adds firms that two people approved.
    pub fn admit(&mut self, firms: &[VaspId]) {
        self.members.extend(firms);
        self.members.sort_unstable();
        self.members.dedup();
        self.left.retain(|left| !firms.contains(&left.vasp));
        self.set_aside.retain(|vasp| !firms.contains(vasp));
    }

    /// Ends the membership of firms that no longer meet the rule.
    pub fn release(&mut self, leavers: Vec<Left>) {
        self.members.retain(|member| leavers.iter().all(|left| left.vasp != *member));
        self.left.retain(|known| leavers.iter().all(|left| left.vasp != known.vasp));
        self.left.extend(leavers);
    }
}

#[cfg(test)]
mod tests;
