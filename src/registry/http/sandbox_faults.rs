//! Faults that a sandbox plays on request, so that programs can be tried against them: the header `Sandbox-Fault` names a problem code or
//! `slow_2s`. A live registry does not read the header.

use std::time::Duration;

use actix_web::http::header::HeaderMap;
use actix_web::web::Data;

use super::App;
use super::error::Problem;
use crate::node::ProblemCode;

/// The header.
const SANDBOX_FAULT: &str = "sandbox-fault";

/// The answer takes two seconds longer.
const SLOW: &str = "slow_2s";

/// Plays the fault that a request asks for.
///
/// # Errors
/// The problem to answer with, instead of calling the handler.
pub(super) async fn play(headers: &HeaderMap, app: Option<&Data<App>>) -> Result<(), Problem> {
    let in_sandbox = || app.is_some_and(|app| app.registry.sandbox().is_some());
    let Some(asked) = headers.get(SANDBOX_FAULT).filter(|_| in_sandbox()) else { return Ok(()) };
    let asked = asked.to_str().unwrap_or_default();
    if asked == SLOW {
        actix_web::rt::time::sleep(Duration::from_secs(2)).await;
        return Ok(());
    }
    let Ok(code) = asked.parse::<ProblemCode>() else {
        let detail = format!("`Sandbox-Fault` is `{SLOW}` or a problem code; GET /problems lists them.");
        return Err(Problem::new(ProblemCode::InvalidRequest, detail));
    };
    let problem = Problem::new(code, "The sandbox plays this fault.");
    Err(if waits(code) { problem.retry_after_secs(1) } else { problem })
}

/// Whether a registry's answer with this code says when to try again. A body that came too slowly may be sent again at once; after a mail
/// that was not taken, another request has to follow later.
fn waits(code: ProblemCode) -> bool {
    (code.is_retryable() && code != ProblemCode::RequestTimeout) || code == ProblemCode::MailUnavailable
}
