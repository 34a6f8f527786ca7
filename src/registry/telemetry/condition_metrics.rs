//! Metrics about the state of the node and its database, for `/metrics`.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

/// A label for a cause.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CauseLabel {
    cause: &'static str,
}

/// Why the database refused a write: the values of `StoreError::refusal`.
const CAUSES: &[&str] = &[
    "clock_behind",
    "clock_jumped",
    "data_damaged",
    "disk_failed",
    "disk_full",
    "exchanged",
    "locked",
    "log_ahead",
    "not_durable",
    "out_of_touch",
    "read_only",
    "standby",
];

/// A label for what is stored on a disk.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KindLabel {
    kind: &'static str,
}

/// Metrics about the state of the node and its database.
#[derive(Debug, Clone, Default)]
pub struct ConditionMetrics {
    degraded: Family<CauseLabel, Gauge>,
    writes_refused: Family<CauseLabel, Counter>,
    free_bytes: Family<KindLabel, Gauge>,
    database_bytes: Gauge,
    stuck_threads: Gauge,
    clock_ahead: Gauge,
}

impl ConditionMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let new = Self::default();
        registry.register("degraded", "1 while the node is degraded for this cause", new.degraded.clone());
        let words = "Writes refused because the database did not accept them, by cause";
        registry.register("writes_refused", words, new.writes_refused.clone());
        // Made at the start: a counter that first appears with its first increment shows no increase to monitoring.
        for cause in CAUSES {
            drop(new.writes_refused.get_or_create(&CauseLabel { cause }));
        }
        let words = "Free space on the file system, by what is stored on it";
        registry.register_with_unit("disk_free", words, Unit::Bytes, new.free_bytes.clone());
        registry.register_with_unit("database_size", "Size of the database", Unit::Bytes, new.database_bytes.clone());
        let words = "Threads that wait for an answer that the database will not give, and background jobs that hang";
        registry.register("stuck_threads", words, new.stuck_threads.clone());
        let words = "How far the date of the newest log entry is in the future";
        registry.register_with_unit("clock_ahead", words, Unit::Seconds, new.clock_ahead.clone());
        new
    }

    /// Notes whether the node is degraded for a cause.
    pub(super) fn set_degraded(&self, cause: &'static str, is_there: bool) {
        self.degraded.get_or_create(&CauseLabel { cause }).set(i64::from(is_there));
    }

    /// Counts a write that the database refused.
    pub fn write_refused(&self, cause: &'static str) {
        self.writes_refused.get_or_create(&CauseLabel { cause }).inc();
    }

    /// Sets the free space on the file system of `kind`, in bytes.
    pub fn set_free_bytes(&self, kind: &'static str, bytes: u64) {
        self.free_bytes.get_or_create(&KindLabel { kind }).set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// Sets how many threads wait for an answer that will never come.
    pub fn set_stuck_threads(&self, count: usize) {
        self.stuck_threads.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Sets by how many seconds the newest log entry is dated in the future.
    pub fn set_clock_ahead_secs(&self, secs: i64) {
        self.clock_ahead.set(secs);
    }

    /// Sets the size of the database, in bytes.
    pub fn set_database_bytes(&self, bytes: i64) {
        self.database_bytes.set(bytes);
    }
}
