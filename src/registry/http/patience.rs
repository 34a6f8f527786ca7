//! No request waits for a database that hangs: whatever it waits for, it is answered in time.

use std::pin::pin;
use std::time::Duration;

use actix_web::http::Method;
use actix_web::rt::time::timeout;
use vasp_clock::Stopwatch;

use super::{App, Problem, ProblemCode};

/// How long a request may take while the database does not answer or a commit does not end, and how often that is looked at from then
/// on. What takes long while the database works is waited for.
///
/// Source: wire contract: every write is answered within 6 seconds.
const PATIENCE: Duration = Duration::from_millis(4_500);
const LOOK: Duration = Duration::from_millis(250);

/// From how many whole seconds of silence on the database hangs.
const SILENT_SECS: i64 = 4;

/// How long one request may wait.
#[derive(Clone, Copy)]
pub(crate) struct Patience<'a> {
    pub app: Option<&'a App>,
    pub method: &'a Method,
    /// When the request came.
    pub since: Stopwatch,
}

impl Patience<'_> {
    /// Waits for what answers the request, and gives up where the database hangs.
    ///
    /// # Errors
    /// 503 `outcome_unknown` for what writes, since the write may be kept or not; 503 `not_ready` for what reads.
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

/// Says that a write may be kept or not.
pub(super) fn outcome_unknown(why: &'static str) -> Problem {
    Problem::new(ProblemCode::OutcomeUnknown, "").retry_after_secs(5).with_cause(why)
}

/// Tells whether nothing has come from the database for some seconds, a commit has not ended, or answers are lost.
fn hangs(app: &App) -> bool {
    let store = app.registry.store();
    let is_silent = app.registry.directory().silent_secs() >= SILENT_SECS;
    is_silent || Duration::from_micros(store.commit_micros()) >= PATIENCE || store.loses_answers()
}
