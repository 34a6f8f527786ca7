//! Rules as the API shows them to the organisation that owns them.

use serde::Serialize;
use utoipa::ToSchema;

use super::coverage::{CoveredFirm, LeftOutFirm};
use super::read::{RuleRecord, RuleState};
use crate::http::listing::pages;
use crate::proposals::http::ProposalView;
use vasp_rules::approval_rule::{Approval, ApprovalRule, Criteria, RuleEnd};
use vasp_rules::relationship::{Terms, TrackChange};
use vasp_words::ids::{ApprovalRuleId, UserId, VaspId};
use vasp_words::time::UtcTime;

pages! {
    /// A page of approval rules.
    ApprovalRuleListView as ApprovalRuleList of ApprovalRuleView;
}

/// A rule by which your organisation approved many counterparties. Nobody else can read it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApprovalRule)]
pub(crate) struct ApprovalRuleView {
    id: ApprovalRuleId,
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

impl From<RuleRecord> for ApprovalRuleView {
    fn from(RuleRecord { rule, state, covers, left, proposal }: RuleRecord) -> Self {
        let ApprovalRule { id, approval, reason, decided_at, decided_by, set_aside, ended, members: _, left: _ } = rule;
        let Approval { criteria, travel_rule, terms } = approval;
        let (ended_at, ended) = ended.map(|RuleEnd { at, by, reason }| (at, (by, reason))).unzip();
        let (ended_by, end_reason) = ended.unzip();
        Self {
            id,
            state,
            criteria,
            travel_rule,
            terms,
            reason,
            decided_at,
            decided_by,
            covers,
            left,
            set_aside,
            proposal: proposal.map(Into::into),
            ended_at,
            ended_by,
            end_reason,
        }
    }
}
