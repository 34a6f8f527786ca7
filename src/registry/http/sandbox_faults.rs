//! Faults that a sandbox plays on request, so that programs can be tried against them: the header `Sandbox-Fault` names one. A live
//! registry does not read the header.

use std::time::Duration;

use actix_web::http::header::HeaderMap;

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

/// Plays the fault that a request asks for. Returns the problem to answer with; `None` if the request is to be answered.
pub(super) async fn play(headers: &HeaderMap, app: &App) -> Option<Problem> {
    let asked = headers.get(SANDBOX_FAULT).filter(|_| app.registry.sandbox().is_some())?;
    let (code, detail) = match asked.to_str().unwrap_or_default().parse() {
        Ok(Fault::Slow) => {
            actix_web::rt::time::sleep(Duration::from_secs(2)).await;
            return None;
        }
        Ok(Fault::RateLimited) => (ProblemCode::RateLimited, "The sandbox plays this fault; try again in a second.".to_owned()),
        Ok(Fault::NotReady) => (ProblemCode::NotReady, String::new()),
        Ok(Fault::InProgress) => (ProblemCode::InProgress, "The sandbox plays this fault; try again in a second.".to_owned()),
        Err(_) => {
            let known: Vec<&str> = Fault::ALL.iter().map(|fault| fault.as_str()).collect();
            return Some(Problem::new(ProblemCode::InvalidRequest, format!("`Sandbox-Fault` is one of {}.", known.join(", "))));
        }
    };
    Some(Problem::new(code, detail).retry_after_secs(1))
}
