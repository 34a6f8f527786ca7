//! Metrics for operators: counters of this process, and values measured at the time of the request.

use std::fmt;

use crate::imports::{SourceAge, list_sources};
use crate::node::Registry;
use crate::telemetry::Sample;
use vasp_words::time::UtcTime;

/// Returns the metrics of this process in the OpenMetrics text format. `certificate` is the end of the server's certificate, and whether
/// its files are refused.
///
/// # Errors
/// `fmt::Error`, which writing to memory never causes.
pub fn read_metrics(registry: &Registry, certificate: Option<(UtcTime, bool)>, now: UtcTime) -> Result<String, fmt::Error> {
    let (directory, generation) = (registry.directory(), registry.pin(now));
    let watched = &registry.metrics().directory;
    watched.sequence.set(generation.sequence());
    watched.recorded_at.set(generation.as_of().micros() / 1_000_000);
    watched.silent_millis.set(i64::try_from(directory.silent_micros() / 1_000).unwrap_or(i64::MAX));
    let waiting = registry.prechecks().waiting_rows();
    registry.metrics().group_commit.waiting.set(i64::try_from(waiting).unwrap_or(i64::MAX));

    let since_epoch = |source: &SourceAge| {
        let (id, day) = source.known();
        (id.to_owned(), day.start().micros() / 1_000_000)
    };

    certificate.iter().for_each(|(end, _)| registry.metrics().connected.certificate_ends("server", *end));
    let (claims, replica) = (directory.claim_index_state(), registry.store().replica_use());
    let sample = Sample {
        records: generation.records().iter().count(),
        sources: list_sources(&generation, now.date()).iter().map(since_epoch).collect(),
        pools: registry.store().pools(),
        replica_reads: replica.map_or_else(Vec::new, |used| vec![("answered", used.answered), ("passed_on", used.passed_on)]),
        claim_keys: vec![("memory", claims.memory_claims), ("cache", claims.cached_keys)],
        claim_lookups: vec![("hit", claims.hits), ("miss", claims.misses), ("filtered", claims.filtered)],
        degraded: registry.condition().causes(),
        certificate_refused: certificate.is_some_and(|(_, is_refused)| is_refused),
    };
    registry.metrics().render(&sample, now)
}
