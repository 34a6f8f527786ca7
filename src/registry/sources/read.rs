//! Reads and pauses sources.

use rand_core::RngCore;

use crate::node::{ServiceError, invalid_value};
use vasp_ingest::sources::{SourceDefinition, embedded};
use vasp_store::{SourceState, Store, StoreError};
use vasp_words::time::UtcTime;

const DAY_SECS: i64 = 86_400;

/// A source, with what was fetched from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownSource {
    /// What it is.
    pub definition: SourceDefinition,
    /// What was fetched from it.
    pub state: SourceState,
}

impl KnownSource {
    /// Returns when it should be fetched next; `None` if it was never fetched.
    #[must_use]
    pub fn next_due(&self) -> Option<UtcTime> {
        Some(self.state.succeeded_at?.plus_secs(i64::from(self.definition.every_days) * DAY_SECS))
    }

    /// Returns whether it should have been fetched by now. One that was never fetched, or is paused, is not overdue.
    #[must_use]
    pub fn is_overdue(&self, now: UtcTime) -> bool {
        !self.state.paused && self.next_due().is_some_and(|due| due < now)
    }
}

/// Returns all sources, in the order of their table.
///
/// # Errors
/// `ServiceError::Store`.
pub fn list_known_sources(store: &Store) -> Result<Vec<KnownSource>, ServiceError> {
    let definitions = embedded().map_err(|error| ServiceError::Failed(Box::new(error)))?;
    let states = store.read::<_, StoreError>(|conn| conn.source_states())?;
    let known = |definition: SourceDefinition| {
        let state = states.iter().find(|state| state.id == definition.id).cloned();
        let state = state.unwrap_or_else(|| SourceState { id: definition.id.clone(), ..SourceState::default() });
        KnownSource { definition, state }
    };
    Ok(definitions.into_iter().map(known).collect())
}

/// Returns the source with an id.
///
/// # Errors
/// `ServiceError::Invalid` with the known ids, `Store`.
pub(super) fn known_source(store: &Store, id: &str) -> Result<KnownSource, ServiceError> {
    let all = list_known_sources(store)?;
    let ids: Vec<String> = all.iter().map(|one| one.definition.id.clone()).collect();
    let wanted = all.into_iter().find(|one| one.definition.id == id);
    wanted.ok_or_else(|| invalid_value("/id", format!("there is no source `{id}`; known are {}", ids.join(", "))))
}

/// Leaves a source out of fetches that do not name it, or takes it in again.
///
/// # Errors
/// `ServiceError::Invalid` for an unknown source, `Store`.
pub fn pause_source(store: &Store, id: &str, paused: bool, now: UtcTime, rng: &mut dyn RngCore) -> Result<(), ServiceError> {
    let state = known_source(store, id)?.state;
    if state.paused == paused {
        return Ok(());
    }
    let row = SourceState { paused, version: state.version + 1, ..state };
    store.write::<_, StoreError>(now, rng, |transaction| transaction.put_source_state(&row))?;
    Ok(())
}
