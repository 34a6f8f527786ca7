//! Checks that the database is still the one that this process opened. At the start it compares it with the claim index of an earlier
//! process; later it checks at intervals, by a timer in `cli/readiness.rs`.

use super::{DegradedCause, Registry};
use vasp_store::FileLooks;

/// Returns what happened to the database if it is no longer the one that this process opened; otherwise `None`. On `Some`, the caller ends
/// the process, because its memory belongs to a database that is gone.
#[must_use]
pub fn lost_database(registry: &Registry) -> Option<String> {
    if let Err(error) = registry.store().assert_own_file() {
        registry.store().rescue_removed_log();
        return Some(error.to_string());
    }
    let sequence = registry.directory().sequence();
    let other = || {
        format!("the database was replaced or restored to an older state: entry {sequence} of its log is another one or missing")
    };
    if !registry.directory().is_cut_off() {
        return None;
    }
    // An older copy over the open SQLite file is damage: the node answers from memory and writes nothing. If the file cannot be looked at,
    // the process ends, as after any other exchange.
    drop(registry.store().look_at_file(&mut FileLooks::default()));
    let exchanged = || registry.store().assert_own_file().err().map(|error| error.to_string());
    registry.store().damage().is_none().then(|| exchanged().unwrap_or_else(other))
}

/// Sets `rolled_back` if the claim index of an earlier process is ahead of the database's log. Then the database was restored from an
/// older copy, or the index file belongs to another database.
///
/// The reason stays for as long as the process runs. Acknowledged entries may be lost, so no automatic event clears it: neither log growth
/// past the old end nor a rewrite of the index file. A restart clears it, once the file was rewritten or removed: then somebody has
/// looked.
pub fn note_rollback(registry: &Registry) {
    let Some(ahead) = registry.directory().claim_index_state().found_ahead else { return };
    let ends = registry.directory().sequence();
    let detail = format!(
        "the claim index was written at entry {ahead} of the log, but the database ends at entry {ends}: it was rolled back to an \
         older copy, or the index file belongs to another database"
    );
    registry.condition().set(DegradedCause::RolledBack, Some(detail));
}
