//! Reads the rulebooks that were imported to replace the one in force.

use crate::node::{Page, Registry, ServiceError};
use crate::proposals::{Proposal, last};
use vasp_record::proposal::{ProposalKind, ProposalState};
use vasp_rules::rulebook::Difference;
use vasp_store::{Conn, RulebookImportRow, StoreError};
use vasp_words::ids::RulebookImportId;

/// A new rulebook with its changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedRulebook {
    /// The rulebook as it was imported.
    pub row: RulebookImportRow,
    /// The latest proposal about it. `None` if there is none.
    pub proposal: Option<Proposal>,
    /// The members that change.
    pub changes: Vec<Difference>,
}

impl ImportedRulebook {
    /// Adds the latest proposals to the rows.
    pub(super) fn read(conn: &mut Conn, rows: Vec<RulebookImportRow>) -> Result<Vec<Self>, ServiceError> {
        let ids: Vec<String> = rows.iter().map(|row| row.id.to_string()).collect();
        let mut proposals = last(conn, ProposalKind::Rulebook, &ids, None)?;
        let read = |(row, id): (RulebookImportRow, &String)| {
            let changes = StoreError::read_json("rulebook_imports", &row.difference)?;
            Ok(Self { row, proposal: proposals.remove(id), changes })
        };
        rows.into_iter().zip(&ids).map(read).collect()
    }
}

/// Lists the imported rulebooks in a state, or all of them, oldest first.
pub fn list_rulebook_imports(
    registry: &Registry,
    state: Option<ProposalState>,
    after: &str,
    limit: usize,
) -> Result<Page<ImportedRulebook, RulebookImportId>, ServiceError> {
    let imported = registry.store().read(|conn| {
        let rows = conn.rulebook_imports(state, after, Page::wanted(limit))?;
        ImportedRulebook::read(conn, rows)
    })?;
    Ok(Page::of(imported.into_iter(), limit, |one| one.row.id))
}

/// Returns an imported rulebook.
pub fn read_rulebook_import(registry: &Registry, id: RulebookImportId) -> Result<ImportedRulebook, ServiceError> {
    registry.store().read(|conn| {
        let row = conn.rulebook_import(id)?.ok_or_else(missing)?;
        ImportedRulebook::read(conn, vec![row])?.pop().ok_or_else(missing)
    })
}

pub(super) fn missing() -> ServiceError {
    ServiceError::NotFound("There is no such imported rulebook.".to_owned())
}
