//! Answers every request in time, even if it waits for a database that hangs.

use std::pin::pin;
use std::time::Duration;

use actix_web::http::Method;
use actix_web::rt::time::timeout;
use vasp_clock::Stopwatch;

use super::{App, Problem, ProblemCode};

/// How long a request may take while the database does not answer or a commit does not end, and how often this is checked afterwards. Slow
/// work is waited for as long as the database responds.
///
/// Source: docs/faults.md: while the database hangs, a write is answered within 6 s.
const PATIENCE: Duration = Duration::from_millis(4_500);
const LOOK: Duration = Duration::from_millis(250);

/// After how many whole seconds of silence the database counts as hung.
const SILENT_SECS: i64 = 4;

/// The limit on how long one request waits.
#[derive(Clone, Copy)]
pub(crate) struct Patience<'a> {
    pub app: Option<&'a App>,
    pub method: &'a Method,
    /// Time since the request arrived.
    pub since: Stopwatch,
}

impl Patience<'_> {
    /// Waits for the answer to the request, and gives up if the database hangs.
    ///
    /// # Errors
    /// 503 `outcome_unknown` for a write, because the database may or may not have kept it; 503 `not_ready` for a read.
    pub(crate) async fn wait<T>(self, answer: impl Future<Output = T>) -> Result<T, Problem> {
        let mut answer = pin!(answer);
        loop {
            let left = PATIENCE.saturating_sub(Duration::from_micros(self.since.elapsed_micros()));
            match timeout(left.max(LOOK), &mut answer).await {
                Ok(done) => return Ok(done),
                Err(_) if self.app.is_some_and(hangs) => return Err(self.given_up()),
                Err(_) => {}
            }
        }
    }

    fn given_up(self) -> Problem {
        let why = "the database did not answer in time";
        match self.method.is_safe() {
            true => Problem::new(ProblemCode::NotReady, "").retry_after_secs(5).with_cause(why),
            false => outcome_unknown(why),
        }
    }
}

/// Returns the problem for a write that the database may or may not have kept.
pub(super) fn outcome_unknown(why: &'static str) -> Problem {
    Problem::new(ProblemCode::OutcomeUnknown, "").retry_after_secs(5).with_cause(why)
}

/// Returns whether the database has been silent for some seconds, a commit has not ended, or answers are lost.
fn hangs(app: &App) -> bool {
    let store = app.registry.store();
    let is_silent = app.registry.directory().silent_secs() >= SILENT_SECS;
    is_silent || Duration::from_micros(store.commit_micros()) >= PATIENCE || store.loses_answers()
}
