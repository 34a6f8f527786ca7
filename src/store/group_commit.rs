//! What the writer of pre-checks counts about its commits. Shown by `/metrics`.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

/// What the writer of pre-checks does.
#[derive(Debug, Clone)]
pub struct GroupCommit {
    /// Rows of one commit.
    pub rows: Histogram,
    /// How long one commit took, seconds.
    pub seconds: Histogram,
    /// Commits that failed.
    pub failures: Counter,
    /// Rows that wait.
    pub waiting: Gauge,
}

impl GroupCommit {
    /// Registers its metrics; `seconds` has the buckets of durations.
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
        registry.register("waiting_rows", "Pre-checks that wait for their commit", new.waiting.clone());
        new
    }
}
