//! Disputes about claims: as they are opened by a member, and as operators see and decide them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::claims::{ClaimDecision, Dispute, DisputedClaim};
use crate::proposals::http::ProposalView;
use vasp_words::time::UtcTime;

/// The end of a claim, as it is proposed or was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ClaimDecision)]
pub(crate) struct ClaimDecisionView {
    /// Id of the claim.
    claim: String,
    /// What waits for another person, or became of it.
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
    /// `conflict`: a member claims what another claim says is somebody else's; `report`: a member says that a claim is wrong.
    kind: String,
    /// Id of the case, on the claimant's VASP.
    case: String,
    /// CAIP-2, or the family of networks.
    network: String,
    address: String,
    memo: Option<String>,
    /// The claim in dispute.
    claim: Option<DisputedClaim>,
    /// The claim that stood before; null for a report.
    against: Option<DisputedClaim>,
    /// Id of the organisation by whose act it began.
    organisation: String,
    /// Its words.
    reason: Option<String>,
    opened_at: UtcTime,
    /// How it ended; null while it is open. `ended:` and the id of what two people ended: a claim, a batch, a selection or all claims of a
    /// VASP. `withdrawn`: the claimant withdrew the claim. `dismissed`: the registry found no merit in it. `own_brand:<group>`: two people
    /// decided that both sides are one party. `confirmed:<sub-account>`: both sides agree. `waits`: the claim was beyond its VASP's
    /// allowance when a suspension was lifted or a sub-account or brand ended, and now waits for a reviewer.
    outcome: Option<String>,
    closed_at: Option<UtcTime>,
    /// What is proposed about the ends of its claims.
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
