//! The proposals that concern a caller.

use super::record::{Proposal, none_such};
use crate::acts::Identity;
use crate::node::{Page, Registry, ServiceError};
use vasp_record::proposal::{ProposalKind, ProposalState};
use vasp_store::{ProposalRow, WantedProposals};
use vasp_words::ids::{OrganisationId, ProposalId, UserId};

/// Selects proposals.
#[derive(Clone, Debug, Default)]
pub struct ProposalFilter {
    /// The kinds of the caller's own organisation.
    pub own: Vec<ProposalKind>,
    /// The kinds of all organisations.
    pub everywhere: Vec<ProposalKind>,
    /// Only those in this state.
    pub state: Option<ProposalState>,
    /// Only those about this subject.
    pub subject: Option<String>,
    /// Only those that other users made.
    pub not_by: Option<UserId>,
}

/// Lists proposals, oldest first.
///
/// # Errors
/// `ServiceError::Store`, `Key`.
pub fn list_proposals(
    registry: &Registry,
    identity: &Identity,
    filter: &ProposalFilter,
    after: &str,
    limit: usize,
) -> Result<Page<Proposal, ProposalId>, ServiceError> {
    let wanted = WantedProposals {
        organisation: identity.organisation,
        own: &filter.own,
        everywhere: &filter.everywhere,
        state: filter.state,
        subject: filter.subject.as_deref(),
        not_by: filter.not_by,
    };
    let items = registry.store().read::<_, ServiceError>(|conn| {
        let rows = conn.proposals(&wanted, after, Page::wanted(limit))?;
        rows.into_iter().map(|row| opened(registry, row)?.seen_by(conn, identity)).collect::<Result<Vec<_>, _>>()
    })?;
    Ok(Page::of(items.into_iter(), limit, |item| item.id))
}

/// Returns a proposal, if `concerns` says of its kind and organisation that it concerns the caller.
///
/// # Errors
/// `ServiceError::NotFound`, `Store`, `Key`.
pub fn read_proposal(
    registry: &Registry,
    identity: &Identity,
    id: ProposalId,
    concerns: impl FnOnce(ProposalKind, OrganisationId) -> bool,
) -> Result<Proposal, ServiceError> {
    registry.store().read::<_, ServiceError>(|conn| {
        let row = conn.proposal(id)?.filter(|row| concerns(row.kind, row.organisation)).ok_or_else(none_such)?;
        opened(registry, row)?.seen_by(conn, identity)
    })
}

/// Opens a proposal. Those of some kinds are sealed under their organisation's key.
fn opened(registry: &Registry, row: ProposalRow) -> Result<Proposal, ServiceError> {
    let key = if row.kind.is_sealed() { registry.own_data_key(row.organisation)? } else { None };
    Proposal::read(row, key.as_ref())
}
