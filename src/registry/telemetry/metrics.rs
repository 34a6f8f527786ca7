//! The metrics for operators, in the OpenMetrics text format. Each part of the program updates the numbers of its own work here. Values
//! that are not counted but sampled (pools, the directory) are set by `health::read_metrics` just before they are shown.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::condition_metrics::ConditionMetrics;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use vasp_rules::lint::LintRule;
use vasp_store::GroupCommit;
use vasp_words::time::UtcTime;

/// The media type of the text that [`Metrics::render`] returns. Source: OpenMetrics 1.0, "Protocol Negotiation".
pub const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The labels by which requests are counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: String,
    status: u16,
}

impl RequestLabels {
    fn of(method: &str, route: Option<&str>, status: u16) -> Self {
        const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
        let method = METHODS.into_iter().find(|known| *known == method).unwrap_or("other");
        Self { method, route: route.unwrap_or(super::NO_ROUTE).to_owned(), status }
    }
}

/// A label with a value from a fixed list.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KindLabel {
    kind: &'static str,
}

/// A label with a rule of the lint.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RuleLabel {
    rule: &'static str,
}

/// A label with a value from the data: a register or document.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SourceLabel {
    source: String,
}

/// A family of gauges, one per kind.
type Kinds = Family<KindLabel, Gauge>;

/// A family of gauges for remaining days, with fractions.
type Days = Family<KindLabel, Gauge<f64, AtomicU64>>;

/// The metrics of this process.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Histogram>,
    rate_limited: Family<KindLabel, Counter>,
    enumeration_refused: Family<KindLabel, Counter>,
    enumeration_spent: Family<KindLabel, Counter>,
    lint_failures: Family<RuleLabel, Counter>,
    /// Metrics of the writer of pre-checks.
    pub group_commit: GroupCommit,
    /// Metrics of how the directory follows the log.
    pub directory: DirectoryMetrics,
    sources: Family<SourceLabel, Gauge>,
    connections: Kinds,
    idle_connections: Kinds,
    claim_keys: Kinds,
    claim_lookups: Family<KindLabel, Counter>,
    replica_reads: Family<KindLabel, Counter>,
    /// Metrics about the state of the node and its database.
    pub condition: ConditionMetrics,
    records: Gauge,
    dropped_lines: Counter,
    /// Metrics of connections and of the server's certificate.
    pub connected: ConnectionMetrics,
    /// Metrics of probing endpoints.
    pub probes: ProbeMetrics,
}

/// Metrics of how the directory follows the log.
#[derive(Debug, Clone)]
pub struct DirectoryMetrics {
    /// The last sequence that was applied.
    pub sequence: Gauge,
    /// When that change was recorded, in seconds since the epoch.
    pub recorded_at: Gauge,
    /// How long the store has not confirmed that the directory is up to date, in milliseconds.
    pub silent_millis: Gauge,
    /// How long it took to apply new changes, in seconds.
    pub apply_seconds: Histogram,
    /// Number of failed attempts.
    pub failures: Counter,
}

/// Metrics of client connections and of the server's certificate.
#[derive(Debug, Clone, Default)]
pub struct ConnectionMetrics {
    /// The last second of each certificate of the registry, by what it is for.
    certificate_ends: Arc<Mutex<BTreeMap<&'static str, UtcTime>>>,
    certificate_days: Days,
    certificate_refused: Gauge,
    /// Connections refused because their network address had too many, or shook hands too often.
    pub refused: Counter,
}

/// Metrics of probing endpoints.
#[derive(Debug, Clone, Default)]
pub struct ProbeMetrics {
    outcomes: Family<KindLabel, Counter>,
    /// Probes in the queue.
    pub waiting: Gauge,
    /// Probes in progress.
    pub running: Gauge,
    /// Number of endpoints that are probed.
    pub endpoints: Gauge,
}

/// Values that are sampled when metrics are read.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    /// Number of records of VASPs and groups.
    pub records: usize,
    /// Each register or document with the day of its facts, in seconds since the epoch.
    pub sources: Vec<(String, i64)>,
    /// Each pool's name, its connections, and how many of them are idle.
    pub pools: Vec<(&'static str, u32, u32)>,
    /// Number of accounts with claims, by where they are held.
    pub claim_keys: Vec<(&'static str, u64)>,
    /// Number of lookups in the cache of claims so far, by outcome.
    pub claim_lookups: Vec<(&'static str, u64)>,
    /// Number of reads that a read replica could answer so far, by whether it did.
    pub replica_reads: Vec<(&'static str, u64)>,
    /// Every reason why the node may be degraded, and whether it applies now.
    pub degraded: Vec<(&'static str, bool)>,
    /// Whether the current files of the certificate for TLS were refused.
    pub certificate_refused: bool,
}

/// Histogram buckets of durations: 20 µs, doubling up to 10 s.
fn durations() -> Histogram {
    Histogram::new(exponential_buckets(0.000_02, 2.0, 20))
}

/// Registers counters by a label.
fn counters<L: EncodeLabelSet + Clone + Hash + Eq + Debug + Send + Sync + 'static>(
    registry: &mut Registry,
    name: &str,
    words: &str,
) -> Family<L, Counter> {
    let family = Family::default();
    registry.register(name, words, family.clone());
    family
}

/// Registers the counters of the lint. All rules are shown from the start, so that an alert sees the first breach as a rise.
fn lint_failures(registry: &mut Registry) -> Family<RuleLabel, Counter> {
    let words = "Answers of pre-checks that contradicted themselves and were held, by rule";
    let failures: Family<RuleLabel, Counter> = counters(registry, "precheck_lint_failures", words);
    for rule in LintRule::ALL {
        drop(failures.get_or_create(&RuleLabel { rule: rule.as_str() }));
    }
    failures
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("vasp_registry");
        registry.register("build", "The program", Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]));
        let constructor: fn() -> Histogram = durations;
        let requests = Family::new_with_constructor(constructor);
        registry.register_with_unit("http_request_duration", "Requests by route and status", Unit::Seconds, requests.clone());
        let rate_limited = counters(&mut registry, "http_rate_limited", "Requests refused with 429, by kind of caller");
        let words = "Questions refused because the caller asked for too many addresses that were not found, by kind of caller";
        let enumeration_refused = counters(&mut registry, "not_found_budget_refusals", words);
        let words = "Callers that reached their daily limit of addresses not found, by kind";
        let enumeration_spent = counters(&mut registry, "not_found_budget_spent", words);
        let lint_failures = lint_failures(&mut registry);
        let group_commit = GroupCommit::register(registry.sub_registry_with_prefix("precheck_commit"), durations());
        let directory = DirectoryMetrics::register(registry.sub_registry_with_prefix("directory"));
        let (sources, records, dropped_lines) = (Family::default(), Gauge::default(), Counter::default());
        let words = "The last day up to which a source is known, since the epoch";
        registry.register_with_unit("source_known_through", words, Unit::Seconds, sources.clone());
        let words = "Log lines dropped because there were too many, and failed attempts to write lines";
        registry.register("log_lines_dropped", words, dropped_lines.clone());
        registry.register("records", "Records of VASPs and groups", records.clone());
        let [connections, idle_connections, claim_keys] = [Kinds::default(), Kinds::default(), Kinds::default()];
        let (claim_lookups, replica_reads) = (Family::default(), Family::default());
        registry.register("pool_connections", "Connections to the database", connections.clone());
        registry.register("pool_idle_connections", "Connections to the database that are idle", idle_connections.clone());
        registry.register("claim_keys", "Accounts with claims, by where they are held", claim_keys.clone());
        registry.register("claim_cache_lookups", "Lookups in the cache of claims, by outcome", claim_lookups.clone());
        registry.register("replica_reads", "Reads that a replica could answer, by whether it answered", replica_reads.clone());
        let condition = ConditionMetrics::register(&mut registry);
        let connected = ConnectionMetrics::register(&mut registry);
        let probes = ProbeMetrics::register(registry.sub_registry_with_prefix("endpoint_probes"));
        Self {
            probes,
            registry,
            requests,
            rate_limited,
            enumeration_refused,
            enumeration_spent,
            lint_failures,
            group_commit,
            directory,
            sources,
            connections,
            idle_connections,
            claim_keys,
            claim_lookups,
            replica_reads,
            condition,
            records,
            dropped_lines,
            connected,
        }
    }
}

/// Returns the days from one instant to another, to the hour; negative if the second is earlier.
fn days_between(from: UtcTime, to: UtcTime) -> f64 {
    let hours = to.micros().saturating_sub(from.micros()).div_euclid(3_600_000_000);
    f64::from(i32::try_from(hours).unwrap_or(i32::MAX)) / 24.0
}

impl ConnectionMetrics {
    /// Notes the last second of a certificate. The newest word for each purpose counts.
    pub fn certificate_ends(&self, kind: &'static str, end: UtcTime) {
        self.certificate_ends.lock().unwrap_or_else(PoisonError::into_inner).insert(kind, end);
    }

    fn register(registry: &mut Registry) -> Self {
        let new = Self::default();
        let words = "Days until a certificate of the registry expires, by what it is for; below zero if it has expired";
        registry.register("certificate_days_left", words, new.certificate_days.clone());
        let words = "1 while the server refuses the present certificate files and keeps the old certificate";
        registry.register("tls_certificate_refused", words, new.certificate_refused.clone());
        let words = "Connections refused because their network address had too many connections or handshakes";
        registry.register("connections_refused", words, new.refused.clone());
        new
    }
}

impl ProbeMetrics {
    fn register(registry: &mut Registry) -> Self {
        let new = Self::default();
        registry.register("ended", "Probes of endpoints, by outcome", new.outcomes.clone());
        registry.register("waiting", "Probes that wait for their turn", new.waiting.clone());
        registry.register("running", "Probes under way", new.running.clone());
        registry.register("endpoints", "Endpoints that are probed", new.endpoints.clone());
        new
    }

    /// Counts a finished probe.
    pub fn ended(&self, kind: &'static str) {
        self.outcomes.get_or_create(&KindLabel { kind }).inc();
    }
}

impl DirectoryMetrics {
    fn register(registry: &mut Registry) -> Self {
        let new = Self {
            sequence: Gauge::default(),
            recorded_at: Gauge::default(),
            silent_millis: Gauge::default(),
            apply_seconds: durations(),
            failures: Counter::default(),
        };
        registry.register("sequence", "Last sequence of the log that is included in answers", new.sequence.clone());
        let recorded = "When that sequence was recorded, since the epoch";
        registry.register_with_unit("recorded_at", recorded, Unit::Seconds, new.recorded_at.clone());
        let silent = "For how long the database has not confirmed that the directory is up to date, in milliseconds";
        registry.register("silent_milliseconds", silent, new.silent_millis.clone());
        registry.register_with_unit("apply_duration", "How long new changes took", Unit::Seconds, new.apply_seconds.clone());
        registry.register("follow_failures", "Attempts to follow the log that failed", new.failures.clone());
        new
    }
}

impl Metrics {
    /// Also shows how long each writer of the database kept the others waiting.
    #[must_use]
    pub fn with_writer(mut self, held: Histogram) -> Self {
        self.registry.register_with_unit("writer_held", "How long a write kept other writers waiting", Unit::Seconds, held);
        self
    }

    /// Counts an answer that was held because it breaks a rule of the lint.
    pub fn lint_failed(&self, rule: LintRule) {
        self.lint_failures.get_or_create(&RuleLabel { rule: rule.as_str() }).inc();
    }

    /// Returns how many answers this process held because they break a rule of the lint.
    #[must_use]
    pub fn lint_failures(&self) -> u64 {
        LintRule::ALL.iter().map(|rule| self.lint_failures.get_or_create(&RuleLabel { rule: rule.as_str() }).get()).sum()
    }

    /// Counts an answered request. `route` is the pattern of the route, never the path. HTTP methods that are not common are counted
    /// together, so that callers cannot create labels.
    pub fn answered(&self, method: &str, route: Option<&str>, status: u16, micros: u64) {
        self.requests.get_or_create(&RequestLabels::of(method, route, status)).observe(seconds(micros));
    }

    /// Returns the histogram in which `answered` counts such requests, for callers that keep it.
    #[must_use]
    pub fn of_answered(&self, method: &str, route: &str, status: u16) -> Histogram {
        self.requests.get_or_create_owned(&RequestLabels::of(method, Some(route), status))
    }

    /// Counts a request that was refused because its caller asks too often.
    pub fn refused(&self, kind: &'static str) {
        self.rate_limited.get_or_create(&KindLabel { kind }).inc();
    }

    /// Counts a question that was refused because its caller's budget of addresses not found is spent.
    pub fn enumeration_refused(&self, kind: &'static str) {
        self.enumeration_refused.get_or_create(&KindLabel { kind }).inc();
    }

    /// Counts a caller whose budget of addresses not found was just spent.
    pub fn enumeration_spent(&self, kind: &'static str) {
        self.enumeration_spent.get_or_create(&KindLabel { kind }).inc();
    }

    /// Returns all metrics as text, with the values of `sample`. Days until a certificate expires are counted from `now`.
    ///
    /// # Errors
    /// `std::fmt::Error`, which does not happen when writing to memory.
    pub fn render(&self, sample: &Sample, now: UtcTime) -> Result<String, std::fmt::Error> {
        self.records.set(i64::try_from(sample.records).unwrap_or(i64::MAX));
        for (source, day) in &sample.sources {
            self.sources.get_or_create(&SourceLabel { source: source.clone() }).set(*day);
        }
        for (kind, open, idle) in &sample.pools {
            self.connections.get_or_create(&KindLabel { kind }).set((*open).into());
            self.idle_connections.get_or_create(&KindLabel { kind }).set((*idle).into());
        }
        for (kind, keys) in &sample.claim_keys {
            self.claim_keys.get_or_create(&KindLabel { kind }).set(i64::try_from(*keys).unwrap_or(i64::MAX));
        }
        for (kind, looks) in &sample.claim_lookups {
            self.claim_lookups.get_or_create(&KindLabel { kind }).inner().store(*looks, Ordering::Relaxed);
        }
        for (kind, reads) in &sample.replica_reads {
            self.replica_reads.get_or_create(&KindLabel { kind }).inner().store(*reads, Ordering::Relaxed);
        }
        for (cause, is_there) in &sample.degraded {
            self.condition.set_degraded(cause, *is_there);
        }
        let ends = self.connected.certificate_ends.lock().unwrap_or_else(PoisonError::into_inner);
        for (kind, end) in ends.iter() {
            self.connected.certificate_days.get_or_create(&KindLabel { kind }).set(days_between(now, *end));
        }
        drop(ends);
        self.connected.certificate_refused.set(i64::from(sample.certificate_refused));
        let unwritten = super::access::DROPPED_BEYOND.load(Ordering::Relaxed) + super::last_line::FAILED.load(Ordering::Relaxed);
        let dropped = super::dropped_messages() + unwritten;
        self.dropped_lines.inner().store(u64::try_from(dropped).unwrap_or(u64::MAX), Ordering::Relaxed);
        let mut out = String::with_capacity(16 << 10);
        text::encode(&mut out, &self.registry)?;
        Ok(out)
    }
}

/// Returns microseconds as seconds.
#[must_use]
pub fn seconds(micros: u64) -> f64 {
    std::time::Duration::from_micros(micros).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_is_told_in_openmetrics() {
        let metrics = Metrics::default();
        metrics.answered("GET", Some("/v1/vasps/{vasp}"), 200, 30);
        metrics.answered("BREW", None, 405, 1_000_000);
        metrics.refused("address");
        metrics.lint_failed(LintRule::StepsHaveARoute);
        let sample = Sample { records: 7, sources: vec![("esma-casps".to_owned(), 86_400)], ..Sample::default() };

        let text = metrics.render(&sample, UtcTime::EPOCH).unwrap();

        for line in [
            "# TYPE vasp_registry_http_request_duration_seconds histogram",
            r#"vasp_registry_http_request_duration_seconds_bucket{le="0.00002",method="GET",route="/v1/vasps/{vasp}",status="200"} 0"#,
            r#"vasp_registry_http_request_duration_seconds_bucket{le="0.00004",method="GET",route="/v1/vasps/{vasp}",status="200"} 1"#,
            r#"vasp_registry_http_request_duration_seconds_sum{method="other",route="(none)",status="405"} 1.0"#,
            r#"vasp_registry_http_rate_limited_total{kind="address"} 1"#,
            r#"vasp_registry_precheck_lint_failures_total{rule="steps_have_a_route"} 1"#,
            r#"vasp_registry_precheck_lint_failures_total{rule="asset_is_allowed"} 0"#,
            r#"vasp_registry_source_known_through_seconds{source="esma-casps"} 86400"#,
            "vasp_registry_records 7",
        ] {
            assert!(text.lines().any(|l| l == line), "{line}\n{text}");
        }
        assert!(text.ends_with("# EOF\n"));
    }
}
