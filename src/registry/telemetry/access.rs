//! The log lines of requests that need no span, because nothing else is logged on their way. They look as tracing's own formatter writes
//! them, but cost a fifth of it. Each worker collects its lines and hands them to the log's thread together.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use itoa::Buffer;
use tracing_appender::non_blocking::NonBlocking;

use super::{AccessLine, dropped_messages, log_access, request_span};
use crate::config::LogFormat;
use vasp_clock::{Clock, SystemClock};
use vasp_words::time::UtcTime;

/// Where lines go that are written here; empty if tracing writes them.
static LOG: OnceLock<AccessLog> = OnceLock::new();

/// Lines that were dropped beyond the one that each dropped message counts.
pub(super) static DROPPED_BEYOND: AtomicUsize = AtomicUsize::new(0);

/// Number of bytes after which a worker hands its lines over before its time.
const FULL: usize = 8 << 10;

#[derive(Debug)]
struct AccessLog {
    writer: NonBlocking,
    format: LogFormat,
}

/// Makes lines go to `writer`.
pub(super) fn start(writer: NonBlocking, format: LogFormat) {
    LOG.get_or_init(|| AccessLog { writer, format });
}

/// The lines of one worker. Call `hand_over` regularly; a process that is killed loses the lines since then.
#[derive(Debug, Default)]
pub struct AccessLines {
    waiting: String,
    lines: usize,
    time: LineTime,
}

/// The time of a line, with six decimals. Most lines are of the second of the line before, whose text is kept.
#[derive(Debug, Default)]
struct LineTime {
    second: i64,
    text: String,
}

impl LineTime {
    /// Returns the text of the second, and the microseconds after it.
    fn of(&mut self, now: UtcTime) -> (&str, i64) {
        let (second, micros) = (now.micros().div_euclid(1_000_000), now.micros().rem_euclid(1_000_000));
        if self.second != second || self.text.is_empty() {
            let text = UtcTime::from_micros(second.saturating_mul(1_000_000)).unwrap_or(now).to_string();
            (self.second, self.text) = (second, text.trim_end_matches('Z').to_owned());
        }
        (&self.text, micros)
    }
}

impl AccessLines {
    /// Writes the line of an answered request. The request id and the W3C trace id are plain ASCII without quotes.
    pub fn write(&mut self, request_id: &str, trace_id: Option<&str>, line: &AccessLine<'_>) {
        let Some(log) = LOG.get() else {
            // Tests and terminals: lines as all others.
            return request_span(request_id, trace_id).in_scope(|| log_access(line));
        };
        let (second, micros) = self.time.of(SystemClock.now());
        let written = match log.format {
            LogFormat::Human => plain(&mut self.waiting, second, micros, request_id, trace_id, line),
            LogFormat::Json => json(&mut self.waiting, second, micros, request_id, trace_id, line),
        };
        // Writing to memory does not fail.
        self.lines += usize::from(written.is_ok());
        if self.waiting.len() >= FULL {
            self.hand_over();
        }
    }

    /// Gives all lines to the log's thread, which never waits for the reader of the log. If it is too far behind, it drops them.
    pub fn hand_over(&mut self) {
        if let Some(log) = LOG.get().filter(|_| !self.waiting.is_empty()) {
            let before = dropped_messages();
            drop(log.writer.clone().write_all(self.waiting.as_bytes()));
            if dropped_messages() > before {
                DROPPED_BEYOND.fetch_add(self.lines.saturating_sub(1), Ordering::Relaxed);
            }
        }
        self.waiting.clear();
        self.lines = 0;
    }
}

impl Drop for AccessLines {
    fn drop(&mut self) {
        self.hand_over();
    }
}

fn plain(
    out: &mut String,
    second: &str,
    micros: i64,
    request_id: &str,
    trace_id: Option<&str>,
    line: &AccessLine<'_>,
) -> std::fmt::Result {
    write!(out, "{second}.{micros:06}Z  INFO request{{request.id=\"{request_id}\"")?;
    if let Some(id) = trace_id {
        write!(out, " trace.id=\"{id}\"")?;
    }
    let AccessLine { method, route, status, duration_us } = line;
    let route = route.unwrap_or(super::NO_ROUTE);
    writeln!(out, "}}: answered http.method=\"{method}\" http.route=\"{route}\" http.status={status} duration_us={duration_us}")
}

fn json(
    out: &mut String,
    second: &str,
    micros: i64,
    request_id: &str,
    trace_id: Option<&str>,
    line: &AccessLine<'_>,
) -> std::fmt::Result {
    write!(out, "{{\"timestamp\":\"{second}.{micros:06}Z")?;
    let AccessLine { method, route, status, duration_us } = line;
    let route = route.unwrap_or(super::NO_ROUTE);
    out.extend(["\",\"level\":\"INFO\",\"message\":\"answered\",\"http.method\":\"", method, "\",\"http.route\":\"", route]);
    out.extend(["\",\"http.status\":", Buffer::new().format(*status), ",\"duration_us\":", Buffer::new().format(*duration_us)]);
    out.extend([",\"span\":{\"request.id\":\"", request_id, "\","]);
    if let Some(id) = trace_id {
        out.extend(["\"trace.id\":\"", id, "\","]);
    }
    out.push_str("\"name\":\"request\"}}\n");
    Ok(())
}
