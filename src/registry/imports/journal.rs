//! Reads the journal of imports. `imported::journal` writes it.

use crate::node::{Page, Registry, ServiceError};
pub(crate) use vasp_store::{ImportFilter, ImportRow, ImportedRow, ImportedRowOutcome};
use vasp_words::ids::ImportId;

/// Lists imports that pass a filter, the newest first.
///
/// # Errors
/// `ServiceError::Store`.
pub fn list_imports(
    registry: &Registry,
    filter: &ImportFilter,
    before: Option<ImportId>,
    limit: usize,
) -> Result<Page<ImportRow, ImportId>, ServiceError> {
    let rows = registry.store().read(|conn| conn.imports(filter, before, Page::wanted(limit)))?;
    Ok(Page::of(rows.into_iter(), limit, |row| row.id))
}

/// Returns an import.
///
/// # Errors
/// `ServiceError::NotFound`, `Store`.
pub fn read_import(registry: &Registry, id: ImportId) -> Result<ImportRow, ServiceError> {
    registry.store().read(|conn| conn.import(id))?.ok_or_else(|| ServiceError::NotFound(MISSING.to_owned()))
}

/// Lists the rows of an import that were not taken as they are: those that were refused, those that are held, those with a note.
///
/// # Errors
/// `ServiceError::NotFound`, `Store`.
pub fn list_import_rows(
    registry: &Registry,
    id: ImportId,
    outcome: Option<ImportedRowOutcome>,
    after: i32,
    limit: usize,
) -> Result<Page<ImportedRow, i32>, ServiceError> {
    read_import(registry, id)?;
    let rows = registry.store().read(|conn| conn.import_rows(id, outcome, after, Page::wanted(limit)))?;
    Ok(Page::of(rows.into_iter(), limit, |row| row.number))
}

/// The answer for an id that no import has.
pub(crate) const MISSING: &str = "There is no such import.";
