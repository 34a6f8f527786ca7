//! Runs database queries and long computations away from the threads that answer requests.

use std::any::Any;

use actix_web::web;

use super::caller::Past;
use super::{App, Problem};
use crate::node::ServiceError;

/// Work of any kind, so that the runtime's machinery for it is compiled once and not once for each kind.
type Work = Box<dyn FnOnce() -> Box<dyn Any + Send> + Send>;

/// Runs work on a thread that may block.
///
/// # Errors
/// A problem without details if the work panicked.
pub(crate) async fn away<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    let done = run(Box::new(|| Box::new(work()))).await?;
    done.downcast::<T>().map(|done| *done).map_err(|_| Problem::internal("the work gave a result of another type"))
}

async fn run(work: Work) -> Result<Box<dyn Any + Send>, Problem> {
    web::block(work).await.map_err(Problem::internal)
}

/// Runs a use case on a thread that may block.
pub(crate) async fn blocking<T: Send + 'static>(
    use_case: impl FnOnce() -> Result<T, ServiceError> + Send + 'static,
) -> Result<T, Problem> {
    away(use_case).await?.map_err(Problem::from)
}

/// Answers a question about the past on one of the few threads reserved for such questions.
///
/// # Errors
/// 503 if too many such questions are already waiting.
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
