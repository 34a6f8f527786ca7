//! Reads an organisation's rules, each judged by the records as they are.

use super::super::{Ground, OwnRules};
use super::coverage::{CoveredFirm, LeftOutFirm, sentence};
use super::end::missing;
use super::judge::Judge;
use crate::acts::Identity;
use crate::node::{Registry, ServiceError};
use crate::proposals::{Proposal, last};
use vasp_record::proposal::ProposalKind;
use vasp_record::vasp::Vasp;
use vasp_rules::approval_rule::ApprovalRule;
use vasp_rules::relationship::Relationships;
use vasp_words::closed_list::closed_list;
use vasp_words::ids::{ApprovalRuleId, VaspId};
use vasp_words::time::UtcTime;

closed_list! {
    /// Whether a rule approves anybody, worst first.
    pub enum RuleState as "ApprovalRuleState" {
        /// Somebody ended it.
        Ended = "ended",
        /// Its review date has passed.
        Expired = "expired",
        /// It approves its members.
        InForce = "in_force",
    }
}

/// A rule, with whom it covers now.
#[derive(Clone, Debug)]
pub(crate) struct RuleRecord {
    pub(super) rule: ApprovalRule,
    pub(super) state: RuleState,
    /// The firms that it approves now.
    pub(super) covers: Vec<CoveredFirm>,
    /// The firms that left it, and why.
    pub(super) left: Vec<LeftOutFirm>,
    /// The proposal that waits; `None` if none waits.
    pub(super) proposal: Option<Proposal>,
}

impl RuleRecord {
    /// Judges a rule. `all` are the organisation's relationships.
    pub(super) fn of(rule: &ApprovalRule, judge: &Judge<'_>, all: &Relationships) -> Result<Self, ServiceError> {
        let records = judge.generation.records();
        let state = match (&rule.ended, rule.is_in_force(judge.day)) {
            (Some(_), _) => RuleState::Ended,
            (None, true) => RuleState::InForce,
            (None, false) => RuleState::Expired,
        };
        let record = |id: VaspId| records.get(records.canonical(id)).map(|record| &**record);
        let name = |id: VaspId| record(id).map_or_else(|| id.to_string(), |record| record.legal_name.clone());
        let left = |id: VaspId, why: &str| LeftOutFirm { vasp: id, legal_name: name(id), why: sentence(why) };
        // Another rule, or a decision about the firm alone, may have replaced what this rule decided.
        let replaced = |id: VaspId| {
            let ids = records.ids_of_party(id).0;
            let by: Vec<ApprovalRuleId> = ids.iter().filter_map(|id| all.get(*id)?.travel_rule.by_rule).collect();
            let (is_carried, other) = (by.contains(&rule.id), by.into_iter().find_map(|by| judge.rule(by)));
            let own = || "your own decision about it applies".to_owned();
            (!is_carried).then(|| other.map_or_else(own, |other| format!("another rule approved it: {}", other.approval.says())))
        };
        let (mut covers, mut gone) = (vec![], vec![]);
        for member in rule.members.iter().copied() {
            let unmet = judge.unmet(&rule.approval.criteria, member)?;
            let overdue = (state == RuleState::Expired).then(|| "its review is overdue".to_owned());
            let why = rule.lapse(|vasp| vasp == member, unmet).or(overdue).or_else(|| replaced(member));
            match (why, record(member)) {
                (None, Some(Vasp { legal_name, lei, country, .. })) => {
                    covers.push(CoveredFirm { vasp: member, legal_name: legal_name.clone(), lei: *lei, country: *country });
                }
                (why, _) => gone.push(left(member, why.as_deref().unwrap_or_default())),
            }
        }
        gone.extend(rule.left.iter().map(|one| left(one.vasp, one.why.words())));
        Ok(Self { rule: rule.clone(), state, covers, left: gone, proposal: None })
    }
}

/// Returns the rules of the caller's organisation, in order of id.
///
/// # Errors
/// `ServiceError::Store`, `Directory`, `Key`.
pub(crate) fn list_rules(registry: &Registry, identity: &Identity, now: UtcTime) -> Result<Vec<RuleRecord>, ServiceError> {
    let generation = registry.pin(now);
    let ground = Ground::of(registry, &generation, identity.organisation)?;
    let judge = ground.judge(now.date())?;
    let OwnRules(state, Some(key)) = &ground.rules else { return Ok(vec![]) };
    let kept = state.relationships.open(key)?;
    let mut all: Vec<RuleRecord> = judge.rules.iter().map(|rule| RuleRecord::of(rule, &judge, kept)).collect::<Result<_, _>>()?;
    let ids: Vec<String> = all.iter().map(|one| one.rule.id.to_string()).collect();
    registry.store().read::<_, ServiceError>(|conn| {
        let mut proposals = last(conn, ProposalKind::ApprovalRule, &ids, Some(key))?;
        for one in &mut all {
            let waiting = proposals.remove(&one.rule.id.to_string()).filter(Proposal::is_pending);
            one.proposal = waiting.map(|waiting| waiting.seen_by(conn, identity)).transpose()?;
        }
        Ok(())
    })?;
    Ok(all)
}

/// Returns one rule of the caller's organisation.
///
/// # Errors
/// `ServiceError::NotFound`; and those of [`list_rules`].
pub(crate) fn read_rule(
    registry: &Registry,
    identity: &Identity,
    id: ApprovalRuleId,
    now: UtcTime,
) -> Result<RuleRecord, ServiceError> {
    list_rules(registry, identity, now)?.into_iter().find(|one| one.rule.id == id).ok_or_else(missing)
}
