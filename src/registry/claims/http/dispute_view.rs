//! Disputes about claims: the dispute that a member opens, and disputes as operators see and decide them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::claims::{ClaimDecision, Dispute, DisputedClaim};
use crate::proposals::http::ProposalView;
use vasp_words::time::UtcTime;

/// A claim whose end was proposed or decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ClaimDecision)]
pub(crate) struct ClaimDecisionView {
    /// Id of the claim.
    claim: String,
    /// The proposal that waits for a second person, or its outcome.
    proposal: Option<ProposalView>,
}

impl From<&ClaimDecision> for ClaimDecisionView {
    fn from(ending: &ClaimDecision) -> Self {
        Self { claim: ending.claim.clone(), proposal: ending.proposal.as_ref().map(ProposalView::from) }
    }
}

/// A dispute about a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ClaimDispute)]
pub(crate) struct DisputeView {
    id: String,
    /// `conflict`: a member claims an address that another claim assigns to somebody else. `report`: a member reports that a claim is
    /// wrong.
    kind: String,
    /// Id of the case. Its subject is the claimant's VASP.
    case: String,
    /// CAIP-2, or the family of networks.
    network: String,
    address: String,
    memo: Option<String>,
    /// The claim in dispute.
    claim: Option<DisputedClaim>,
    /// The claim that was there first; null for a report.
    against: Option<DisputedClaim>,
    /// Id of the organisation whose act opened the dispute.
    organisation: String,
    /// The reason that this organisation gave.
    reason: Option<String>,
    opened_at: UtcTime,
    /// How the dispute ended; null while it is open.
    /// - `ended:` and an id: two people ended a claim, a batch, a selection, or all claims of a VASP.
    /// - `withdrawn`: the claimant withdrew the claim.
    /// - `dismissed`: the registry found no merit in the dispute.
    /// - `own_brand:<group>`: two people decided that both sides are one party.
    /// - `confirmed:<sub-account>`: both sides agree.
    /// - `waits`: a suspension was lifted, or a sub-account or brand ended. The claim was then beyond its VASP's allowance and now waits
    ///   for a reviewer.
    outcome: Option<String>,
    closed_at: Option<UtcTime>,
    /// The proposed ends of the claims in the dispute.
    endings: Vec<ClaimDecisionView>,
}

impl From<&Dispute> for DisputeView {
    fn from(dispute: &Dispute) -> Self {
        let row = &dispute.row;
        Self {
            id: row.id.to_string(),
            kind: row.kind.to_string(),
            case: row.case_id.to_string(),
            network: dispute.network.clone(),
            address: dispute.address.clone(),
            memo: Some(row.memo.clone()).filter(|memo| !memo.is_empty()),
            claim: dispute.claim.clone(),
            against: dispute.against.clone(),
            organisation: row.organisation.to_string(),
            reason: row.reason.clone(),
            opened_at: row.opened_at,
            outcome: row.outcome.clone(),
            closed_at: row.closed_at,
            endings: dispute.endings.iter().map(ClaimDecisionView::from).collect(),
        }
    }
}
