//! Faults that a sandbox plays on request, so that programs can be tried against them: the header `Sandbox-Fault` names one. A live
//! registry does not read the header.

use std::time::Duration;

use actix_web::http::header::HeaderMap;
use actix_web::web::Data;

use super::App;
use super::error::Problem;
use crate::node::ProblemCode;
use vasp_words::closed_list::closed_list;

/// The header.
const SANDBOX_FAULT: &str = "sandbox-fault";

closed_list! {
    /// A fault.
    enum Fault {
        /// The caller asks too often.
        RateLimited = "rate_limited",
        /// The registry cannot answer at present.
        NotReady = "not_ready",
        /// The first request under an idempotency key is still being processed.
        InProgress = "in_progress",
        /// The answer takes two seconds.
        Slow = "slow_2s",
    }
}

/// Plays the fault that a request asks for.
///
/// # Errors
/// The problem to answer with, instead of calling the handler.
pub(super) async fn play(headers: &HeaderMap, app: Option<&Data<App>>) -> Result<(), Problem> {
    let in_sandbox = || app.is_some_and(|app| app.registry.sandbox().is_some());
    let Some(asked) = headers.get(SANDBOX_FAULT).filter(|_| in_sandbox()) else { return Ok(()) };
    let code = match asked.to_str().unwrap_or_default().parse() {
        Ok(Fault::Slow) => {
            actix_web::rt::time::sleep(Duration::from_secs(2)).await;
            return Ok(());
        }
        Ok(Fault::RateLimited) => ProblemCode::RateLimited,
        Ok(Fault::NotReady) => ProblemCode::NotReady,
        Ok(Fault::InProgress) => ProblemCode::InProgress,
        Err(_) => {
            let known: Vec<&str> = Fault::ALL.iter().map(|fault| fault.as_str()).collect();
            return Err(Problem::new(ProblemCode::InvalidRequest, format!("`Sandbox-Fault` is one of {}.", known.join(", "))));
        }
    };
    Err(Problem::new(code, "The sandbox plays this fault; try again in a second.").retry_after_secs(1))
}
