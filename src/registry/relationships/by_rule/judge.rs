//! Judges an organisation's rules by the records as they are: whom a rule covers now, and which decisions it no longer carries. A decision by a
//! rule is judged whenever it is read, so a firm that leaves a rule loses the approval at once.

use crate::directory::{Generation, PrivateState};
use crate::node::ServiceError;
use vasp_pki::DataKey;
use vasp_rules::approval_rule::{ApprovalRule, Criteria, Firm, Unmet};
use vasp_rules::policy::ScreeningPolicy;
use vasp_rules::relationship::{Relationship, Relationships};
use vasp_rules::screening::OwnDecision;
use vasp_words::ids::VaspId;
use vasp_words::time::Date;

/// The rules of an organisation, and all that decides whom they cover.
#[derive(Clone, Copy)]
pub(crate) struct Judge<'a> {
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
        (state, key): (&'a PrivateState, Option<&DataKey>),
        generation: &'a Generation,
        screening: &'a ScreeningPolicy,
        day: Date,
    ) -> Result<Self, ServiceError> {
        if state.approval_rules.is_empty() {
            return Ok(Self { rules: &[], own: &[], generation, screening, day });
        }
        let lost = || ServiceError::Unreadable { what: "approval rule", reason: "the organisation has no data key".to_owned() };
        let key = key.ok_or_else(lost)?;
        let own = if state.hit_decisions.is_empty() { &[] } else { state.hit_decisions.open(key)? };
        Ok(Self { rules: state.approval_rules.open(key)?, own, generation, screening, day })
    }

    /// Returns why criteria do not cover a record; `None` if they do.
    pub(super) fn unmet(&self, criteria: &Criteria, vasp: VaspId) -> Option<Unmet> {
        let records = self.generation.records();
        let Some(judged) = records.judged(records.canonical(vasp)) else { return Some(Unmet::NotLive) };
        let counts = |one: &&OwnDecision| {
            let of = records.canonical(one.vasp);
            let is_about = of == judged.record.id || judged.record.group.map(|group| records.canonical(group)) == Some(of);
            is_about && records.get(of).is_some_and(|record| one.counts_for(record))
        };
        let own = self.own.iter().filter(counts).collect();
        criteria.unmet(&Firm { vasp: judged, own }, self.screening, self.day)
    }

    /// Returns why the rule by which a relationship was approved carries it no more; `None` if it does, or if there is no such rule.
    fn lapse(&self, relationship: &Relationship) -> Option<String> {
        let id = relationship.travel_rule.by_rule?;
        let Some(rule) = self.rules.iter().find(|rule| rule.id == id) else { return Some("there is no such rule".to_owned()) };
        let records = self.generation.records();
        let today = records.canonical(relationship.vasp);
        rule.lapse(|vasp| records.canonical(vasp) == today, self.unmet(&rule.approval.criteria, today))
    }

    /// Marks a decision that its rule carries no more.
    pub(crate) fn mark(&self, relationship: &mut Relationship) {
        relationship.travel_rule.lapsed = self.lapse(relationship);
    }

    /// Marks such decisions among several.
    pub(crate) fn marked(&self, all: &Relationships) -> Relationships {
        let mark = |one: &Relationship| {
            let mut one = one.clone();
            self.mark(&mut one);
            one
        };
        all.iter().map(mark).collect()
    }
}
