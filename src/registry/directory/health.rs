//! The health of endpoints, in memory. It has this process's probes at once, and those of other nodes after the next read of the table.
//! Health is not part of a generation: the log never contains it, and only the current state exists.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};

use vasp_rules::endpoint_health::{EndpointHealth, ProbeHistory};
use vasp_store::{EndpointProbeRow, Store, StoreError};
use vasp_words::ids::EndpointId;
use vasp_words::time::UtcTime;

/// An endpoint's probe history, and the number of its newest sample.
#[derive(Clone, Debug)]
struct Held {
    version: i64,
    history: Arc<ProbeHistory>,
}

/// The health of all endpoints.
#[derive(Debug, Default)]
pub struct Health {
    held: RwLock<HashMap<EndpointId, Held>>,
}

impl Health {
    /// Returns the health of an endpoint; `unknown` if it was never probed.
    #[must_use]
    pub fn of(&self, endpoint: EndpointId, now: UtcTime) -> EndpointHealth {
        self.history(endpoint).map_or_else(EndpointHealth::default, |history| history.health(now))
    }

    /// Returns the probe history of an endpoint; `None` if it was never probed.
    #[must_use]
    pub fn history(&self, endpoint: EndpointId) -> Option<Arc<ProbeHistory>> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.get(&endpoint).map(|held| Arc::clone(&held.history))
    }

    /// Stores a history after a probe, unless a newer one is known.
    pub fn keep(&self, endpoint: EndpointId, version: i64, history: ProbeHistory) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        if held.get(&endpoint).is_none_or(|known| known.version < version) {
            held.insert(endpoint, Held { version, history: Arc::new(history) });
        }
    }

    /// Reads what other nodes wrote, and forgets endpoints that are no longer probed. It reads the version numbers first, so that it reads
    /// little if little changed.
    pub fn catch_up(&self, store: &Store) -> Result<(), StoreError> {
        let versions = store.read::<_, StoreError>(|conn| conn.endpoint_probe_versions())?;
        let there: HashSet<EndpointId> = versions.iter().filter_map(|(endpoint, _)| endpoint.parse().ok()).collect();
        let newer: Vec<String> = {
            let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
            let known = |endpoint: &str| endpoint.parse().ok().and_then(|id| held.get(&id)).map_or(0, |held| held.version);
            versions.into_iter().filter(|(endpoint, version)| *version > known(endpoint)).map(|(endpoint, _)| endpoint).collect()
        };
        let rows = store.read::<_, StoreError>(|conn| conn.endpoint_probes(&newer))?;
        for row in rows {
            // An unreadable row is skipped: probe histories may be lost.
            if let Ok(endpoint) = row.endpoint.parse() {
                self.keep(endpoint, row.version, history(&row));
            }
        }
        self.held.write().unwrap_or_else(PoisonError::into_inner).retain(|endpoint, _| there.contains(endpoint));
        Ok(())
    }
}

/// Reads a probe history; an unreadable one becomes empty.
#[must_use]
pub fn history(row: &EndpointProbeRow) -> ProbeHistory {
    serde_json::from_str(&row.state).unwrap_or_default()
}
