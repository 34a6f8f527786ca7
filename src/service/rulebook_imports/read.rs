//! Shows the rulebook in force and what was imported to take its place.

use crate::service::proposals::{Proposal, last};
use crate::service::{Page, Registry, ServiceError};
use vasp_record::proposal::{ProposalKind, ProposalState};
use vasp_rules::rulebook::Difference;
use vasp_store::{Conn, RulebookImportRow, StoreError};
use vasp_words::ids::RulebookImportId;
use vasp_words::time::{Date, UtcTime};

/// A new rulebook, with what it changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedRulebook {
    /// Id.
    pub id: String,
    /// Whether it waits, came into force or was declined.
    pub state: ProposalState,
    /// The rulebook's own version.
    pub version: String,
    /// Day of the facts in it.
    pub observed_on: Date,
    /// File.
    pub source: String,
    /// SHA-256 of the text.
    pub sha256: String,
    /// When it was imported.
    pub imported_at: UtcTime,
    /// What was proposed about it last.
    pub proposal: Option<Proposal>,
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

impl ImportedRulebook {
    /// Reads rows, with what is proposed about them.
    pub(super) fn read(conn: &mut Conn, rows: Vec<RulebookImportRow>) -> Result<Vec<Self>, ServiceError> {
        let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
        let mut proposals = last(conn, ProposalKind::Rulebook, &ids, None)?;
        let read = |row: RulebookImportRow| {
            let proposal = proposals.remove(&row.id);
            Self::of(row, proposal)
        };
        rows.into_iter().map(read).collect()
    }

    fn of(row: RulebookImportRow, proposal: Option<Proposal>) -> Result<Self, ServiceError> {
        let wrong = |column| StoreError::Inconsistent { table: "rulebook_imports", column, id: row.id.clone() };
        Ok(Self {
            state: row.state.parse().map_err(|_| wrong("state"))?,
            observed_on: row.observed_on.parse().map_err(|_| wrong("observed_on"))?,
            imported_at: UtcTime::from_micros(row.imported_at).map_err(|_| wrong("imported_at"))?,
            changes: serde_json::from_str(&row.difference).map_err(|_| wrong("difference"))?,
            sha256: hex::encode(&row.digest),
            proposal,
            id: row.id,
            version: row.version,
            source: row.source,
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

/// Lists imported rulebooks in a state, or all, oldest first.
///
/// # Errors
/// `ServiceError::Store`.
pub fn list_rulebook_imports(
    registry: &Registry,
    state: Option<ProposalState>,
    after: &str,
    limit: usize,
) -> Result<Page<ImportedRulebook, String>, ServiceError> {
    let state = state.map(ProposalState::as_str);
    let imported = registry.store().read(|conn| {
        let rows = conn.rulebook_imports(state, after, Page::wanted(limit))?;
        ImportedRulebook::read(conn, rows)
    })?;
    Ok(Page::of(imported.into_iter(), limit, |one| one.id.clone()))
}

/// Returns an imported rulebook.
///
/// # Errors
/// `ServiceError::NotFound`, `Store`.
pub fn read_rulebook_import(registry: &Registry, id: RulebookImportId) -> Result<ImportedRulebook, ServiceError> {
    registry.store().read(|conn| {
        let row = conn.rulebook_import(&id.to_string())?.ok_or_else(missing)?;
        ImportedRulebook::read(conn, vec![row])?.pop().ok_or_else(missing)
    })
}

pub(super) fn missing() -> ServiceError {
    ServiceError::NotFound("There is no such imported rulebook.".to_owned())
}
