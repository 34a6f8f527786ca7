//! Judges the transfers of a file, on all processors, and says how far it is.

use std::io::{IsTerminal, Write};
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::rows::{Row, Unread, in_columns};
use crate::directory::Generation;
use crate::node::{Registry, ServiceError};
use crate::precheck::http::request::PrecheckRequest;
use crate::precheck::{Asking, PrecheckAnswer};
use vasp_rules::relationship::Relationships;
use vasp_words::time::UtcTime;

/// What judges: a registry at one moment, for one asker.
pub(super) struct Judge<'a> {
    registry: &'a Registry,
    generation: Arc<Generation>,
    asking: Asking,
    pub(super) now: UtcTime,
}

impl<'a> Judge<'a> {
    pub(super) fn new(registry: &'a Registry, asking: Asking, now: UtcTime) -> Self {
        Self { registry, generation: registry.pin(now), asking, now }
    }

    /// The same judge, if these decisions about counterparties had been made.
    pub(super) fn supposing(&self, decisions: Relationships) -> Self {
        let asking = self.asking.clone().supposing(Arc::new(decisions));
        Self { registry: self.registry, generation: Arc::clone(&self.generation), asking, now: self.now }
    }

    fn answer(&self, row: &Row) -> Result<PrecheckAnswer, ServiceError> {
        let pointer = |member: &str| format!("/{member}");
        let request: PrecheckRequest = serde_json::from_value(row.request.clone())?;
        let question = request.question(self.now.date(), &pointer)?;
        crate::precheck::precheck(self.registry, &self.generation, &question, &self.asking, self.now, &pointer)
    }

    /// Judges all rows, in order, and takes from each answer what is wanted.
    ///
    /// # Errors
    /// If the registry fails. A row that it does not understand is `Unread`.
    pub(super) fn all<T: Send>(
        &self,
        rows: &[&Row],
        what: &str,
        wanted: impl Fn(PrecheckAnswer) -> T + Sync,
    ) -> Result<Vec<Result<T, Unread>>, ServiceError> {
        let progress = Progress::new(what, rows.len());
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
        let share = rows.len().div_ceil(threads).max(1);
        let (progress, wanted) = (&progress, &wanted);
        let judged = std::thread::scope(|scope| {
            let work = |rows: &'_ [&Row]| {
                rows.iter()
                    .map(|row| {
                        let judged = self.answer(row).map(wanted);
                        progress.one();
                        understood(row, judged)
                    })
                    .collect::<Result<Vec<_>, ServiceError>>()
            };
            let shares: Vec<_> = rows.chunks(share).map(|rows| scope.spawn(move || work(rows))).collect();
            let ended = shares.into_iter().map(|share| share.join().unwrap_or(Err(ServiceError::Overloaded)));
            ended.collect::<Result<Vec<_>, ServiceError>>()
        });
        progress.end();
        Ok(judged?.into_iter().flatten().collect())
    }
}

/// Tells a row that is not understood from a failure.
fn understood<T>(row: &Row, judged: Result<T, ServiceError>) -> Result<Result<T, Unread>, ServiceError> {
    const COLUMNS: [(&str, &str); 8] = [
        ("/beneficiary/address", "address"),
        ("/network", "network"),
        ("/memo", "memo"),
        ("/customer_country", "country"),
        ("/fiat/currency", "currency"),
        ("/asset", "asset"),
        ("/amount", "amount"),
        ("/date", "date"),
    ];
    let error = match judged {
        Ok(answer) => return Ok(Ok(answer)),
        Err(error) => error,
    };
    match error.fault().filter(|fault| !fault.pointer.starts_with("/originator")) {
        Some(fault) => {
            let column = COLUMNS.iter().find(|(member, _)| fault.pointer.contains(member)).map_or("", |(_, column)| column);
            Ok(Err(Unread { line: row.line, column: column.to_owned(), why: in_columns(&fault.detail) }))
        }
        None => Err(error),
    }
}

/// How far the work is: on a terminal on one line, elsewhere a line every tenth.
struct Progress {
    what: String,
    done: AtomicUsize,
    all: usize,
    on_terminal: bool,
}

impl Progress {
    fn new(what: &str, all: usize) -> Self {
        Self { what: what.to_owned(), done: AtomicUsize::new(0), all, on_terminal: std::io::stderr().is_terminal() }
    }

    fn one(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        let step = (if self.on_terminal { self.all / 100 } else { self.all / 10 }).max(100);
        if done.is_multiple_of(step) {
            let (start, end) = if self.on_terminal { ("\r", "") } else { ("", "\n") };
            // A failure to print progress is ignored.
            let _ = write!(std::io::stderr(), "{start}{}: {done} of {}{end}", self.what, self.all);
        }
    }

    fn end(&self) {
        if self.on_terminal {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
