//! The metrics of the commits of the pre-check writer. `/metrics` shows them.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

/// The metrics of the pre-check writer.
#[derive(Debug, Clone)]
pub struct GroupCommit {
    /// Number of rows in one commit.
    pub rows: Histogram,
    /// Duration of one commit, in seconds.
    pub seconds: Histogram,
    /// Number of commits that failed.
    pub failures: Counter,
    /// Number of rows that wait.
    pub waiting: Gauge,
}

impl GroupCommit {
    /// Registers the metrics. `seconds` comes with the buckets for durations.
    pub fn register(registry: &mut Registry, seconds: Histogram) -> Self {
        let new = Self {
            rows: Histogram::new(exponential_buckets(1.0, 2.0, 10)),
            seconds,
            failures: Counter::default(),
            waiting: Gauge::default(),
        };
        registry.register("rows", "Pre-checks of one commit", new.rows.clone());
        registry.register_with_unit("duration", "How long one commit took", Unit::Seconds, new.seconds.clone());
        registry.register("failures", "Commits that failed", new.failures.clone());
        registry.register("waiting_rows", "Pre-checks that are waiting for their commit", new.waiting.clone());
        new
    }
}
