//! Whether the database under this process is the one that it opened: at the start against the index of claims that an earlier process
//! left, and later again and again. The timer is `cli/serve.rs`'s.

use super::{DegradedCause, Registry};

/// Says what became of the database where it is no longer the one that this process opened; `None` while it is. Whoever is told so ends
/// the process: what it holds in memory belongs to a database that is gone.
#[must_use]
pub fn lost_database(registry: &Registry) -> Option<String> {
    if let Err(error) = registry.store().assert_own_file() {
        return Some(error.to_string());
    }
    let sequence = registry.directory().sequence();
    let other =
        || format!("the database was exchanged or put back: another change stands at entry {sequence} of its log, or none");
    registry.directory().is_cut_off().then(other)
}

/// Sets `rolled_back` where the index of claims that an earlier process left knows more of the log than the database has: the database
/// was put back to an older copy, or the file is another database's.
///
/// The reason stands as long as the process runs. Acknowledged entries may be lost, so nothing that comes by itself makes it good: not
/// that the log grows past the old end, nor that the file is written anew. A restart ends it, once the file is written anew or removed:
/// then somebody has looked.
pub fn note_rollback(registry: &Registry) {
    let Some(ahead) = registry.directory().claim_index_state().found_ahead else { return };
    let ends = registry.directory().sequence();
    let detail = format!(
        "the index of claims was written at entry {ahead} of the log, and the database ends at entry {ends}: it was rolled back to an \
         older copy, or the file of the index is another database's"
    );
    registry.condition().set(DegradedCause::RolledBack, Some(detail));
}
