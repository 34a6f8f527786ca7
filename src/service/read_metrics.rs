//! What operators watch: the numbers that were counted, and what is looked at just now.

use std::fmt;

use super::Registry;
use crate::telemetry::Sample;
use vasp_words::time::{Date, UtcTime};

/// Returns the metrics of this process in the OpenMetrics text format; `certificate_ends` is the end of the server's certificate.
///
/// # Errors
/// `fmt::Error`, which writing to memory does not make happen.
pub fn read_metrics(registry: &Registry, certificate_ends: Option<UtcTime>, now: UtcTime) -> Result<String, fmt::Error> {
    let (directory, generation) = (registry.directory(), registry.pin(now));
    let watched = &registry.metrics().directory;
    watched.sequence.set(generation.sequence());
    watched.recorded_at.set(generation.as_of().micros() / 1_000_000);
    watched.silent_millis.set(i64::try_from(directory.silent_micros() / 1_000).unwrap_or(i64::MAX));
    let waiting = registry.prechecks().waiting_rows();
    registry.metrics().group_commit.waiting.set(i64::try_from(waiting).unwrap_or(i64::MAX));

    let documents = generation.documents();
    let mut sources: Vec<(String, Date)> = generation.registers().map(|(register, day, _)| (register.to_owned(), day)).collect();
    sources.push(("rulebook".to_owned(), documents.rulebook.observed_on));
    sources.push(("lists".to_owned(), documents.lists.observed_on));
    sources.extend(documents.screen.iter().map(|screen| ("screening".to_owned(), screen.observed_on)));
    sources.extend(documents.reference_rates.iter().map(|rates| ("reference-rates".to_owned(), rates.observed_on)));
    let since_epoch = |(source, day): (String, Date)| (source, day.start().micros() / 1_000_000);

    let (claims, replica) = (directory.claim_index_state(), registry.store().replica_use());
    registry.metrics().render(&Sample {
        records: generation.records().iter().count(),
        sources: sources.into_iter().map(since_epoch).collect(),
        pools: registry.store().pools(),
        replica_reads: replica.map_or_else(Vec::new, |used| vec![("answered", used.answered), ("passed_on", used.passed_on)]),
        claim_keys: vec![("memory", claims.memory_claims), ("cache", claims.cached_keys)],
        claim_lookups: vec![("hit", claims.hits), ("miss", claims.misses), ("filtered", claims.filtered)],
        certificate_days: certificate_ends.map(|end| days_between(now, end)),
    })
}

/// Days from one instant to another, to the hour, below zero where it is over.
fn days_between(from: UtcTime, to: UtcTime) -> f64 {
    let hours = to.micros().saturating_sub(from.micros()).div_euclid(3_600_000_000);
    f64::from(i32::try_from(hours).unwrap_or(i32::MAX)) / 24.0
}
