//! Checks that the database is still the one that this process opened: at intervals, by a timer in `cli/readiness.rs`.

use super::Registry;
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
