//! Shows the rulebook in force and what is proposed in its place.

use crate::service::{Page, Registry, ServiceError};
use vasp_rules::rulebook::Difference;
use vasp_store::{RulebookProposalRow, StoreError};
use vasp_words::ids::RulebookProposalId;
use vasp_words::time::{Date, UtcTime};

use super::proposal_digest;

/// Where a proposal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RulebookProposalState {
    /// Nobody, or one person, has approved it.
    Pending,
    /// It came into force.
    Approved,
    /// It did not.
    Declined,
}

/// A proposal, with what it changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulebookProposal {
    /// Id.
    pub id: String,
    /// Where it stands.
    pub state: RulebookProposalState,
    /// The rulebook's own version.
    pub version: String,
    /// Day of the facts in it.
    pub observed_on: Date,
    /// File.
    pub source: String,
    /// SHA-256 of the text.
    pub sha256: String,
    /// What an approval names.
    pub proposal_digest: String,
    /// When it was imported.
    pub proposed_at: UtcTime,
    /// The first person who approved it.
    pub first_approved_by: Option<String>,
    /// When.
    pub first_approved_at: Option<UtcTime>,
    /// The second, or whoever declined it.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<UtcTime>,
    /// Why it was declined.
    pub reason: Option<String>,
    /// Which members are not as they were.
    pub changes: Vec<Difference>,
}

/// The rulebook in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulebookInForce {
    /// Its own version.
    pub version: String,
    /// Day of the facts in it.
    pub observed_on: Date,
    /// File; `compiled in` where none was imported.
    pub source: String,
    /// The last day up to which it knows of changes.
    pub known_through: Date,
    /// How many jurisdictions it has.
    pub jurisdictions: usize,
    /// How many dated versions of rules.
    pub rule_versions: usize,
}

impl RulebookProposalState {
    /// Every state, as it is stored.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::Pending, "pending"), (Self::Approved, "approved"), (Self::Declined, "declined")];

    /// Returns it as it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("pending", |(_, text)| text)
    }
}

impl TryFrom<RulebookProposalRow> for RulebookProposal {
    type Error = ServiceError;

    fn try_from(row: RulebookProposalRow) -> Result<Self, ServiceError> {
        let wrong = |column| StoreError::Inconsistent { table: "rulebook_proposals", column, id: row.id.clone() };
        let instant = |column, micros| UtcTime::from_micros(micros).map_err(|_| wrong(column));
        let state = RulebookProposalState::ALL.iter().find(|(_, text)| *text == row.state).map(|(state, _)| *state);
        Ok(Self {
            state: state.ok_or_else(|| wrong("state"))?,
            observed_on: row.observed_on.parse().map_err(|_| wrong("observed_on"))?,
            proposed_at: instant("proposed_at", row.proposed_at)?,
            first_approved_at: row.first_at.map(|at| instant("first_at", at)).transpose()?,
            decided_at: row.decided_at.map(|at| instant("decided_at", at)).transpose()?,
            changes: serde_json::from_str(&row.difference).map_err(|_| wrong("difference"))?,
            proposal_digest: proposal_digest(&row),
            sha256: hex::encode(&row.digest),
            id: row.id,
            version: row.version,
            source: row.source,
            first_approved_by: row.first_by,
            decided_by: row.decided_by,
            reason: row.reason,
        })
    }
}

/// Returns what is in force now.
#[must_use]
pub fn read_rulebook_in_force(registry: &Registry, now: UtcTime) -> RulebookInForce {
    let generation = registry.pin(now);
    let rulebook = &generation.documents().rulebook;
    RulebookInForce {
        version: rulebook.value.version.clone(),
        observed_on: rulebook.observed_on,
        source: rulebook.source.clone(),
        known_through: rulebook.value.known_through,
        jurisdictions: rulebook.value.jurisdictions().count(),
        rule_versions: rulebook.value.jurisdictions().map(|entry| entry.rules.len()).sum(),
    }
}

/// Lists proposals in a state, or all, oldest first.
///
/// # Errors
/// `ServiceError::Store`.
pub fn list_rulebook_proposals(
    registry: &Registry,
    state: Option<RulebookProposalState>,
    after: &str,
    limit: usize,
) -> Result<Page<RulebookProposal, String>, ServiceError> {
    let state = state.map(RulebookProposalState::as_str);
    let rows =
        registry.store().read::<_, ServiceError>(|conn| Ok(conn.rulebook_proposals(state, after, Page::wanted(limit))?))?;
    let proposals = rows.into_iter().map(RulebookProposal::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::of(proposals.into_iter(), limit, |proposal| proposal.id.clone()))
}

/// Returns a proposal.
///
/// # Errors
/// `ServiceError::NotFound`, `Store`.
pub fn read_rulebook_proposal(registry: &Registry, id: RulebookProposalId) -> Result<RulebookProposal, ServiceError> {
    let row = registry.store().read::<_, ServiceError>(|conn| Ok(conn.rulebook_proposal(&id.to_string())?))?;
    row.ok_or_else(missing)?.try_into()
}

pub(super) fn missing() -> ServiceError {
    ServiceError::NotFound("There is no such proposal of a rulebook.".to_owned())
}
