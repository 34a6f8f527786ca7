//! Runs what asks the database, or takes long, away from the threads that answer requests.

use actix_web::web;

use super::Problem;
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
