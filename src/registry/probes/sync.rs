//! Brings the table of probed endpoints in line with the directory. New and changed endpoints are due at once, and removed ones are
//! deleted. Any number of nodes may do so at the same time.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rand_core::RngCore;

use super::targets::{place, probe_targets, published};
use crate::node::{Registry, ServiceError};
use vasp_rules::probe::ProbeTarget;
use vasp_store::{EndpointProbeRow, StoreError};
use vasp_words::ids::EndpointId;
use vasp_words::time::UtcTime;

/// The endpoints that are probed, by id.
pub(super) type Targets = HashMap<EndpointId, Arc<ProbeTarget>>;

/// Updates the table from the directory, and returns the endpoints of the directory that are probed.
pub(super) fn sync(registry: &Registry, known: &Targets, now: UtcTime, rng: &mut dyn RngCore) -> Result<Targets, ServiceError> {
    let generation = registry.pin(now);
    let wanted: Targets = probe_targets(generation.records(), &generation.documents().protocols.value)
        .into_iter()
        .map(|target| (target.endpoint, Arc::new(target)))
        .collect();
    if wanted != *known || known.is_empty() {
        let rows = registry.store().read::<_, StoreError>(|conn| conn.endpoint_probe_places())?;
        let difference = Difference::between(&wanted, &rows, now);
        if !difference.is_empty() {
            registry.store().write::<_, StoreError>(now, rng, |transaction| {
                transaction.add_endpoint_probes(&difference.new)?;
                difference.changed.iter().try_for_each(|row| transaction.change_endpoint_probe(row))?;
                transaction.forget_endpoint_probes(&difference.gone)
            })?;
        }
    }
    Ok(wanted)
}

/// Returns the row of an endpoint that was never probed, which is due at once.
pub(super) fn due(target: &ProbeTarget, now: UtcTime) -> EndpointProbeRow {
    EndpointProbeRow {
        endpoint: target.endpoint.to_string(),
        vasp: target.vasp.to_string(),
        host: target.host.to_string(),
        place: place(target),
        published: published(target),
        next_at: now.micros(),
        asked_at: None,
        version: 1,
        state: "{}".to_owned(),
    }
}

struct Difference {
    new: Vec<EndpointProbeRow>,
    changed: Vec<EndpointProbeRow>,
    gone: Vec<String>,
}

impl Difference {
    fn between(wanted: &Targets, rows: &[(String, String, String)], now: UtcTime) -> Self {
        // In order of id, so that two nodes cannot deadlock.
        let wanted: BTreeMap<String, &Arc<ProbeTarget>> = wanted.iter().map(|(id, target)| (id.to_string(), target)).collect();
        let there: HashMap<&str, (&str, &str)> =
            rows.iter().map(|(endpoint, place, published)| (endpoint.as_str(), (place.as_str(), published.as_str()))).collect();
        let (mut new, mut changed) = (Vec::new(), Vec::new());
        for (endpoint, target) in &wanted {
            let row = due(target, now);
            match there.get(endpoint.as_str()) {
                None => new.push(row),
                Some((place, published)) if *place != row.place || *published != row.published => changed.push(row),
                Some(_) => {}
            }
        }
        let gone = rows.iter().map(|(endpoint, ..)| endpoint).filter(|endpoint| !wanted.contains_key(*endpoint)).cloned();
        Self { new, changed, gone: gone.collect() }
    }

    fn is_empty(&self) -> bool {
        self.new.is_empty() && self.changed.is_empty() && self.gone.is_empty()
    }
}
