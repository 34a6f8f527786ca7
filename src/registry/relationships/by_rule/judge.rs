//! Judges an organisation's rules by the records as they are: whom a rule covers now, and which decisions it no longer carries. A decision by a
//! rule is judged whenever it is read, so a firm that leaves a rule loses the approval at once.

use crate::directory::{Generation, PrivateState, StandingAnswers};
use crate::node::{Registry, ServiceError};
use crate::questionnaires::{screened_owners, standing_answers};
use vasp_pki::DataKey;
use vasp_rules::approval_rule::{ApprovalRule, Criteria, Firm, Unmet};
use vasp_rules::policy::ScreeningPolicy;
use vasp_rules::relationship::{Relationship, Relationships};
use vasp_rules::screening::OwnDecision;
use vasp_words::ids::{ApprovalRuleId, VaspId};
use vasp_words::time::Date;

/// Which answers of a firm name its owners.
#[derive(Clone, Copy)]
pub(crate) enum OwnersFrom<'a> {
    /// Those in force.
    AnswersInForce,
    /// Those that a pre-check uses; `None` if it uses none.
    Answers(Option<&'a StandingAnswers>),
}

/// The rules of an organisation, and all that decides whom they cover.
#[derive(Clone, Copy)]
pub(crate) struct Judge<'a> {
    pub(super) registry: &'a Registry,
    pub(super) owners: OwnersFrom<'a>,
    pub(super) rules: &'a [ApprovalRule],
    /// What the organisation decided for itself about screening hits.
    pub(super) own: &'a [OwnDecision],
    pub(super) generation: &'a Generation,
    pub(super) screening: &'a ScreeningPolicy,
    pub(super) day: Date,
}

impl<'a> Judge<'a> {
    /// Takes the rules from an organisation's private state; `key` opens it.
    ///
    /// # Errors
    /// `ServiceError::Unreadable` if there are rules and no key; `Directory`.
    pub(crate) fn of(
        registry: &'a Registry,
        owners: OwnersFrom<'a>,
        state: &'a PrivateState,
        key: Option<&DataKey>,
        generation: &'a Generation,
        screening: &'a ScreeningPolicy,
        day: Date,
    ) -> Result<Self, ServiceError> {
        let of_none = Self { registry, owners, rules: &[], own: &[], generation, screening, day };
        if state.approval_rules.is_empty() {
            return Ok(of_none);
        }
        let lost = || ServiceError::Unreadable { what: "approval rule", reason: "the organisation has no data key".to_owned() };
        let key = key.ok_or_else(lost)?;
        Ok(Self { rules: state.approval_rules.open(key)?, own: state.hit_decisions.open(key)?, ..of_none })
    }

    /// Returns why criteria do not cover a record; `None` if they do.
    ///
    /// # Errors
    /// `ServiceError` if the owners of the firm cannot be read now.
    pub(super) fn unmet(&self, criteria: &Criteria, vasp: VaspId) -> Result<Option<Unmet>, ServiceError> {
        let records = self.generation.records();
        let Some(judged) = records.judged(records.canonical(vasp)) else { return Ok(Some(Unmet::NotLive)) };
        let counts = |one: &&OwnDecision| {
            let of = records.canonical(one.vasp);
            let is_about = of == judged.record.id || judged.record.group.map(|group| records.canonical(group)) == Some(of);
            is_about && records.get(of).is_some_and(|record| one.counts_for(record))
        };
        let own = self.own.iter().filter(counts).collect();
        match criteria.unmet(&Firm { vasp: judged, own }, self.screening, self.day) {
            None => self.of_owners(judged.record.id),
            unmet => Ok(unmet),
        }
    }

    /// Returns what speaks against a firm because of the owners that it named. Owners that cannot be opened count as listed.
    fn of_owners(&self, vasp: VaspId) -> Result<Option<Unmet>, ServiceError> {
        let in_force = match self.owners {
            OwnersFrom::AnswersInForce => standing_answers(self.registry, self.generation, vasp),
            OwnersFrom::Answers(_) => None,
        };
        let answers = if let OwnersFrom::Answers(answers) = self.owners { answers } else { in_force.as_deref() };
        let Some((answers, screen)) = answers.zip(self.generation.documents().screen.as_ref()) else { return Ok(None) };
        match screened_owners(self.registry, answers, vasp, &screen.value, self.day) {
            Ok(owners) => Ok(owners.and_then(|owners| Unmet::of_owners(&owners, self.screening))),
            Err(error) if error.is_unavailable() => Err(error),
            Err(_) => Ok(Some(Unmet::OwnersListed)),
        }
    }

    /// Returns why the rule by which a relationship was approved carries it no more; `None` if it does, or if there is no such rule.
    fn lapse(&self, relationship: &Relationship) -> Result<Option<String>, ServiceError> {
        let Some(id) = relationship.travel_rule.by_rule else { return Ok(None) };
        let Some(rule) = self.rule(id) else { return Ok(Some("there is no such rule".to_owned())) };
        let records = self.generation.records();
        let today = records.canonical(relationship.vasp);
        Ok(rule.lapse(|vasp| records.canonical(vasp) == today, self.unmet(&rule.approval.criteria, today)?))
    }

    /// Returns a rule; `None` if there is no such rule.
    pub(super) fn rule(&self, id: ApprovalRuleId) -> Option<&'a ApprovalRule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// Marks a decision that its rule carries no more.
    pub(crate) fn mark(&self, relationship: &mut Relationship) -> Result<(), ServiceError> {
        relationship.travel_rule.lapsed = self.lapse(relationship)?;
        Ok(())
    }

    /// Marks such decisions among several.
    pub(crate) fn marked(&self, all: &Relationships) -> Result<Relationships, ServiceError> {
        let mark = |one: &Relationship| {
            let mut one = one.clone();
            self.mark(&mut one)?;
            Ok(one)
        };
        all.iter().map(mark).collect()
    }
}
