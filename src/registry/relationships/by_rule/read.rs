//! Reads an organisation's rules, each judged by the records as they are.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::{Ground, OwnRules};
use super::coverage::{CoveredFirm, LeftOutFirm};
use super::end::missing;
use super::judge::Judge;
use crate::acts::Identity;
use crate::node::{Registry, ServiceError};
use crate::proposals::http::ProposalView;
use crate::proposals::{Proposal, last};
use vasp_record::proposal::ProposalKind;
use vasp_record::vasp::Vasp;
use vasp_rules::approval_rule::{ApprovalRule, Criteria};
use vasp_rules::relationship::{Relationships, Terms, TrackChange};
use vasp_words::closed_list::closed_list;
use vasp_words::ids::{ApprovalRuleId, UserId, VaspId};
use vasp_words::text::sentence;
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

/// A rule by which your organisation approved many counterparties. Nobody else can read it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ApprovalRule)]
pub(crate) struct ApprovalRuleView {
    pub(super) id: ApprovalRuleId,
    state: RuleState,
    criteria: Criteria,
    /// The decision that each member got.
    travel_rule: TrackChange,
    /// The terms that each member got; null if each kept its own.
    terms: Option<Terms>,
    reason: String,
    decided_at: UtcTime,
    /// Ids of the two people, the proposer first.
    decided_by: Vec<UserId>,
    /// The firms that it approves now.
    covers: Vec<CoveredFirm>,
    /// The firms that it approves no more, and why.
    left: Vec<LeftOutFirm>,
    /// Ids of the firms that met it later and that your people did not approve.
    set_aside: Vec<VaspId>,
    /// The proposal about the firms that newly meet it; null if none waits.
    proposal: Option<ProposalView>,
    /// When it was ended; null if nobody ended it.
    ended_at: Option<UtcTime>,
    /// Id of the user who ended it; null if nobody did.
    ended_by: Option<UserId>,
    /// Why it was ended; null if nobody ended it.
    end_reason: Option<String>,
}

impl ApprovalRuleView {
    /// Judges a rule. `all` are the organisation's relationships.
    pub(super) fn of(rule: &ApprovalRule, judge: &Judge<'_>, all: &Relationships) -> Result<Self, ServiceError> {
        let state = match (&rule.ended, rule.is_in_force(judge.day)) {
            (Some(_), _) => RuleState::Ended,
            (None, true) => RuleState::InForce,
            (None, false) => RuleState::Expired,
        };
        let (covers, left) = Self::firms(rule, state, judge, all)?;
        let rule = rule.clone();
        Ok(Self {
            id: rule.id,
            state,
            criteria: rule.approval.criteria,
            travel_rule: rule.approval.travel_rule,
            terms: rule.approval.terms,
            reason: rule.reason,
            decided_at: rule.decided_at,
            decided_by: rule.decided_by,
            covers,
            left,
            set_aside: rule.set_aside,
            proposal: None,
            ended_at: rule.ended.as_ref().map(|end| end.at),
            ended_by: rule.ended.as_ref().map(|end| end.by),
            end_reason: rule.ended.map(|end| end.reason),
        })
    }

    /// Returns the firms that a rule approves, and those that left it.
    fn firms(
        rule: &ApprovalRule,
        state: RuleState,
        judge: &Judge<'_>,
        all: &Relationships,
    ) -> Result<(Vec<CoveredFirm>, Vec<LeftOutFirm>), ServiceError> {
        let records = judge.generation.records();
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
        Ok((covers, gone))
    }
}

/// Returns the rules of the caller's organisation, in order of id.
///
/// # Errors
/// `ServiceError::Store`, `Directory`, `Key`.
pub(crate) fn list_rules(registry: &Registry, identity: &Identity, now: UtcTime) -> Result<Vec<ApprovalRuleView>, ServiceError> {
    let ground = Ground::of(registry, registry.pin(now), identity.organisation)?;
    let judge = ground.judge(now.date())?;
    let OwnRules(state, Some(key)) = &ground.rules else { return Ok(vec![]) };
    let kept = state.relationships.open(key)?;
    let mut all: Vec<ApprovalRuleView> =
        judge.rules.iter().map(|rule| ApprovalRuleView::of(rule, &judge, kept)).collect::<Result<_, _>>()?;
    let ids: Vec<String> = all.iter().map(|one| one.id.to_string()).collect();
    registry.store().read::<_, ServiceError>(|conn| {
        let mut proposals = last(conn, ProposalKind::ApprovalRule, &ids, Some(key))?;
        for one in &mut all {
            let waiting = proposals.remove(&one.id.to_string()).filter(Proposal::is_pending);
            one.proposal = waiting.map(|waiting| waiting.seen_by(conn, identity)).transpose()?.map(Into::into);
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
) -> Result<ApprovalRuleView, ServiceError> {
    list_rules(registry, identity, now)?.into_iter().find(|one| one.id == id).ok_or_else(missing)
}
