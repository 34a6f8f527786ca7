//! Runs what asks the database, or takes long, away from the threads that answer requests.

use actix_web::web;

use std::pin::pin;
use std::time::Duration;

use actix_web::rt::time::timeout;
use vasp_clock::Stopwatch;

use super::ProblemCode;
use super::caller::Past;
use super::{App, Problem};
use crate::service::ServiceError;

/// Runs a use case on a thread that may wait.
///
/// # Errors
/// What the use case returns, as a problem.
pub(crate) async fn blocking<T: Send + 'static>(
    use_case: impl FnOnce() -> Result<T, ServiceError> + Send + 'static,
) -> Result<T, Problem> {
    web::block(use_case).await.map_err(Problem::internal)?.map_err(Problem::from)
}

/// Works out a question about the past on one of the few threads that do.
///
/// # Errors
/// 503 where too many wait for their turn; what the use case returns, as a problem.
pub(crate) async fn about_the_past<T: Send + 'static, E: Send + 'static>(
    app: &App,
    past: Past,
    use_case: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, Problem>
where
    Problem: From<E>,
{
    let directory = app.registry.directory();
    let turns = if past == Past::Whole { directory.whole_turns() } else { directory.record_turns() };
    let answer = turns.ask(use_case).map_err(ServiceError::Directory)?;
    answer.await.map_err(Problem::internal)?.map_err(Problem::from)
}

/// How long a write may take while the database does not answer, and how often that is looked at. A write that takes long while
/// the database answers is waited for.
///
/// Source: wire contract: every write is answered within 6 seconds.
const PATIENCE_MICROS: u64 = 4_500_000;
const LOOK: Duration = Duration::from_millis(250);

/// Waits for a write, and gives up where the database has stopped answering meanwhile.
///
/// # Errors
/// 503 `outcome_unknown`: the write may be kept or not.
pub(crate) async fn unless_the_database_hangs<T>(app: &App, write: impl Future<Output = T>) -> Result<T, Problem> {
    let (watch, mut write) = (Stopwatch::start(), pin!(write));
    loop {
        if let Ok(done) = timeout(LOOK, &mut write).await {
            return Ok(done);
        }
        if watch.elapsed_micros() >= PATIENCE_MICROS && app.registry.directory().silent_micros() >= PATIENCE_MICROS {
            let hangs = "the database did not answer in time; whether the write was kept is not known";
            return Err(Problem::new(ProblemCode::OutcomeUnknown, "").retry_after_secs(5).with_cause(hangs));
        }
    }
}
