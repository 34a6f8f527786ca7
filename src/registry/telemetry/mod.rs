//! Logging: where lines go, and what the line about a request contains. Lines go to standard error, for people or as JSON. They never
//! contain a query, an address, a name, a key or a token. `cli` starts logging; `http::edge` logs each request.

mod access;
mod condition_metrics;
#[cfg(feature = "otel")]
mod export;
#[cfg(not(feature = "otel"))]
#[path = "no_export.rs"]
mod export;
mod last_line;
mod line;
mod metrics;
mod seldom;

use std::error::Error;
use std::io::{self, BufWriter, IsTerminal};
use std::sync::OnceLock;

use tracing::Level;
use tracing_appender::non_blocking;
use tracing_appender::non_blocking::{ErrorCounter, WorkerGuard};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{Layer, fmt};

use crate::config::{LogFormat, LogLevel, LogSettings};
use export::Exporter;

pub use access::AccessLines;
pub use export::continue_trace;
pub use last_line::write_last_line;
pub use metrics::{DirectoryMetrics, Metrics, OPENMETRICS, Sample, seconds};
pub(crate) use seldom::seldom;

/// The log line of one request.
#[derive(Debug, Clone, Copy)]
pub struct AccessLine<'a> {
    /// The method.
    pub method: &'a str,
    /// The pattern of the route that answered, never the path itself.
    pub route: Option<&'a str>,
    /// The status of the answer.
    pub status: u16,
    /// How long the answer took.
    pub duration_us: u64,
}

/// Running logging. A thread of its own writes the lines, so that no request waits for the reader of the log. Dropping this writes what is
/// not written yet.
#[must_use]
pub struct Logging {
    _written_at_the_end: WorkerGuard,
    _sent_at_the_end: Option<Exporter>,
}

/// The reason why logging does not start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// Logging was already started.
    #[error("logging was already started")]
    Started(#[source] TryInitError),
    /// Traces cannot be exported.
    #[error("traces cannot be exported")]
    Export(#[source] Box<dyn Error + Send + Sync>),
}

/// The prefix of our crates' names; a filter target applies to all names with that prefix.
const OUR_CRATES: &str = "vasp_";

/// Counts the lines that were dropped because they came faster than they could be written.
static DROPPED_LINES: OnceLock<ErrorCounter> = OnceLock::new();

/// Whether traces are exported.
static TRACED: OnceLock<bool> = OnceLock::new();

/// The route in the log line of a request that no route answered.
const NO_ROUTE: &str = "(none)";

/// Returns whether traces are exported, so that every request needs its span.
#[must_use]
pub fn is_traced() -> bool {
    TRACED.get().copied().unwrap_or_default()
}

/// Returns the number of messages to the log's thread that were dropped.
fn dropped_messages() -> usize {
    DROPPED_LINES.get().map_or(0, ErrorCounter::dropped_lines)
}

/// Starts logging, and makes panics appear in the log.
///
/// # Errors
/// `TelemetryError::Started` if logging was started before; `Export` if traces cannot be exported.
pub fn start(settings: &LogSettings) -> Result<Logging, TelemetryError> {
    let level = match settings.level {
        LogLevel::Error => Level::ERROR,
        LogLevel::Warn => Level::WARN,
        LogLevel::Info => Level::INFO,
        LogLevel::Debug => Level::DEBUG,
        LogLevel::Trace => Level::TRACE,
    };
    // Libraries stay at warnings: at lower levels they log what was asked, including credentials.
    let filter = Targets::new().with_target(OUR_CRATES, level).with_default(level.min(Level::WARN));
    // It logs every client's breach of HTTP as an error of ours.
    let filter = filter.with_target("actix_http::h1", LevelFilter::OFF);
    // Their warnings contain whole answers of other people's name servers.
    let chatty = ["hickory_net", "hickory_proto", "hickory_resolver"].map(|library| (library, LevelFilter::OFF));
    let filter = filter.with_targets(chatty);
    let (writer, guard) = non_blocking(BufWriter::new(last_line::UntilTheEnd));
    DROPPED_LINES.get_or_init(|| writer.error_counter());
    let writes_by_hand = level >= Level::INFO
        && settings.otlp_endpoint.is_none()
        && !(settings.format == LogFormat::Human && io::stderr().is_terminal());
    let by_hand = writes_by_hand.then(|| writer.clone());
    let lines = fmt::layer().with_writer(writer).with_target(false);
    let lines = match settings.format {
        LogFormat::Human if io::stderr().is_terminal() => lines.with_ansi(true).boxed(),
        LogFormat::Human => lines.with_ansi(false).fmt_fields(line::PlainFields).event_format(line::PlainLine).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed(),
    };
    let (exporter, layer) = export::start(settings.otlp_endpoint.as_deref()).map_err(TelemetryError::Export)?.unzip();
    let started = tracing_subscriber::registry().with(filter).with(layer).with(lines).try_init();
    started.map_err(TelemetryError::Started)?;
    if let Some(writer) = by_hand {
        access::start(writer, settings.format);
    }
    TRACED.get_or_init(|| settings.otlp_endpoint.is_some());
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(code.location = place, "a task panicked");
        // The panic message may quote what a caller sent.
        tracing::debug!(panic.message = panic.payload_as_str(), "the panic's message");
    }));
    Ok(Logging { _written_at_the_end: guard, _sent_at_the_end: exporter })
}

/// Opens the span of all log lines of one request. It carries the request id that the caller also gets, and the caller's W3C trace id if
/// one was sent.
#[must_use]
pub fn request_span(request_id: &str, trace_id: Option<&str>) -> tracing::Span {
    tracing::info_span!("request", request.id = request_id, trace.id = trace_id)
}

/// Writes the log line of one request; call it inside the request's span.
pub fn log_access(line: &AccessLine<'_>) {
    tracing::info!(
        http.method = line.method,
        http.route = line.route.unwrap_or(NO_ROUTE),
        http.status = line.status,
        duration_us = line.duration_us,
        "answered"
    );
}
