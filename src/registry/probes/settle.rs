//! Handles the results of probes: stores the sample, plans the next probe, and informs reviewers of what contradicts a record. One
//! transaction writes many samples. If it is lost, the endpoints are probed again.

use std::collections::HashMap;

use rand_core::RngCore;

use super::contradict::{contradictions, tell};
use super::{PAUSE_MAX_SECS, jittered, targets};
use crate::directory::probe_history;
use crate::node::{Registry, ServiceError};
use vasp_outbound::Probed;
use vasp_rules::endpoint_health::ProbeHistory;
use vasp_rules::probe::{ProbeSample, SeenCertificate, judge};
use vasp_store::{EndpointProbeRow, StoreError};
use vasp_words::ids::EndpointId;
use vasp_words::time::UtcTime;

/// A row to write, and the history in it.
struct Settled {
    endpoint: EndpointId,
    row: EndpointProbeRow,
    history: ProbeHistory,
}

/// Settles the results of probes.
///
/// # Errors
/// `ServiceError::Store`; the endpoints are due again when their lease ends.
pub(super) fn settle(
    registry: &Registry,
    results: &[Probed],
    interval_secs: u32,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<(), ServiceError> {
    if results.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = results.iter().map(|probed| probed.job.target.endpoint.to_string()).collect();
    let rows = registry.store().read::<_, StoreError>(|conn| conn.endpoint_probes(&ids))?;
    let mut rows: HashMap<String, EndpointProbeRow> = rows.into_iter().map(|row| (row.endpoint.clone(), row)).collect();
    let (mut settled, mut found) = (Vec::new(), Vec::new());
    for probed in results {
        let target = &probed.job.target;
        let sample = sample(probed);
        registry.metrics().probes.ended(sample.as_ref().map_or("nothing_seen", |sample| sample.outcome.as_str()));
        let Some(row) = rows.remove(&target.endpoint.to_string()).filter(|row| row.place == targets::place(target)) else {
            continue;
        };
        let mut history = probe_history(&row);
        if let Some(sample) = &sample {
            found.extend(contradictions(target, sample, history.last()));
        }
        let pause = plan(&mut history, sample, i64::from(interval_secs), rng);
        let state = serde_json::to_string(&history)?;
        // A probe is wanted at once: a member asked for it, or published something else in the meantime.
        let next_at = if row.next_at <= now.micros() { row.next_at } else { now.plus_secs(pause).micros() };
        let row = EndpointProbeRow { next_at, version: row.version + 1, state, ..row };
        settled.push(Settled { endpoint: target.endpoint, row, history });
    }
    // In the same order on every node, so that two nodes cannot deadlock.
    settled.sort_by_key(|settled| settled.endpoint);
    let kept = registry.store().write::<_, StoreError>(now, rng, |transaction| {
        settled.iter().map(|settled| transaction.keep_endpoint_probe(&settled.row)).collect::<Result<Vec<_>, _>>()
    })?;
    for (settled, _) in settled.into_iter().zip(kept.value).filter(|(_, kept)| *kept) {
        registry.directory().health().keep(settled.endpoint, settled.row.version, settled.history);
    }
    tell(registry, found, now, rng)
}

/// Adds a sample and plans the next probe. Returns the seconds until then.
fn plan(history: &mut ProbeHistory, sample: Option<ProbeSample>, interval_secs: i64, rng: &mut dyn RngCore) -> i64 {
    let Some(sample) = sample else { return jittered(interval_secs, rng) };
    history.record(sample, interval_secs);
    let pause = jittered(history.pause_secs(PAUSE_MAX_SECS), rng);
    history.plan(pause);
    pause
}

/// Judges what a probe saw, after reading the dates of the certificate.
fn sample(probed: &Probed) -> Option<ProbeSample> {
    let mut seen = probed.seen.clone()?;
    seen.certificate = seen.certificate.map(|certificate| {
        let validity = vasp_pki::validity(&certificate.der);
        let (not_before, not_after) = validity.map_or((None, None), |(from, to)| (Some(from), Some(to)));
        SeenCertificate { not_before, not_after, ..certificate }
    });
    judge(&probed.job.target, &seen, probed.job.at)
}
