//! What an answer means: an answer, a refusal, or none that may be used. Pure: `transport.rs` decides about attempts.

use std::time::{Duration, UNIX_EPOCH};

use serde::Deserialize;
use serde_json::Value;
use ureq::http::Method;
use vasp_pki::receipt::strict_json;
use vasp_words::time::UtcTime;

use crate::error::{Error, ProblemError, Unavailable, UnavailableCode};
use crate::settings::Failure;
use crate::subjects::without;

/// An answer as it arrived.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) request_id: Option<String>,
    pub(crate) retry_after: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// The members of a problem document that a client acts on.
///
/// Source: RFC 9457; `code`, `request_id` and `errors` are the registry's extensions.
#[derive(Deserialize)]
struct Problem {
    code: String,
    status: u16,
    detail: String,
    request_id: Option<String>,
    errors: Vec<Fault>,
}

#[derive(Deserialize)]
struct Fault {
    code: String,
    pointer: Option<String>,
}

/// Reads a problem document; `None` if it is none.
pub(crate) fn problem(document: &Value, subjects: &[&str]) -> Option<Box<ProblemError>> {
    let Problem { code, status, detail, request_id, errors } = Problem::deserialize(document).ok()?;
    let detail = without(&detail, subjects.to_vec());
    let (field_codes, pointers) = errors.into_iter().map(|fault| (fault.code, fault.pointer.unwrap_or_default())).unzip();
    Some(Box::new(ProblemError { code, detail, status, request_id, field_codes, pointers }))
}

/// Returns the error for an answer that cannot be used. The caller may send the request again for every `Unavailable` but `server_error`.
pub(crate) fn fault(replied: &Result<Reply, Failure>, method: &Method, subjects: &[&str], now: UtcTime) -> Result<(), Error> {
    // A POST carries its idempotency key.
    let may_repeat = [Method::GET, Method::POST].contains(method);
    let reply = match replied {
        Ok(reply) if (200..300).contains(&reply.status) => return Ok(()),
        Ok(reply) => reply,
        Err(failure) => {
            let (code, detail) = match failure {
                Failure::Timeout => (UnavailableCode::Timeout, "no answer in time"),
                Failure::Connection => (UnavailableCode::Connection, "the connection failed"),
            };
            return Err(Unavailable::new(if may_repeat { code } else { UnavailableCode::ServerError }, detail).into());
        }
    };
    let document = std::str::from_utf8(&reply.body).ok().and_then(|text| strict_json(text).ok());
    let refusal = document.and_then(|document| problem(&document, subjects));
    let detail = refusal.as_ref().map_or_else(|| format!("HTTP status {}", reply.status), |refusal| refusal.detail.clone());
    let in_progress = refusal.as_ref().is_some_and(|refusal| refusal.code == "in_progress");
    let code = match reply.status {
        429 => UnavailableCode::RateLimited,
        409 if in_progress => UnavailableCode::InProgress,
        502..=504 if may_repeat => UnavailableCode::Unavailable,
        400..500 => match refusal {
            Some(refusal) => return Err(refusal.into()),
            None => UnavailableCode::ServerError,
        },
        _ => UnavailableCode::ServerError,
    };
    let retry_after = reply.retry_after.as_deref().and_then(|text| retry_after(text, now));
    Err(Unavailable { code, detail, request_id: reply.request_id.clone(), retry_after }.into())
}

/// Reads the JSON of an answer; null if there is no body.
pub(crate) fn json(reply: &Reply) -> Result<Value, Unavailable> {
    if reply.body.is_empty() {
        return Ok(Value::Null);
    }
    let read = std::str::from_utf8(&reply.body).ok().and_then(|text| strict_json(text).ok());
    read.ok_or_else(|| not_readable("the answer is not JSON", reply.request_id.clone()))
}

/// Reads the text of an answer.
pub(crate) fn text(reply: Reply) -> Result<String, Unavailable> {
    let Reply { request_id, body, .. } = reply;
    String::from_utf8(body).map_err(|_| not_readable("the answer is not text", request_id))
}

fn not_readable(detail: &str, request_id: Option<String>) -> Unavailable {
    Unavailable { request_id, ..Unavailable::new(UnavailableCode::Malformed, detail) }
}

/// Reads a `Retry-After`: seconds, or an HTTP date. `None` if it is neither.
///
/// Source: RFC 9110 section 10.2.3.
fn retry_after(text: &str, now: UtcTime) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    let moment = httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
    let micros_now = u64::try_from(now.micros()).ok()?;
    Some(moment.saturating_sub(Duration::from_micros(micros_now)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: RFC 9110 section 10.2.3, the two examples.
    #[test]
    fn both_published_forms_of_retry_after_are_read() {
        let now = "1999-12-31T23:59:00Z".parse().unwrap();
        assert_eq!(retry_after("120", now), Some(Duration::from_secs(120)));
        assert_eq!(retry_after("Fri, 31 Dec 1999 23:59:59 GMT", now), Some(Duration::from_secs(59)));
    }

    #[test]
    fn a_date_that_passed_is_no_wait_and_nonsense_is_no_date() {
        let now = "2000-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(retry_after("Fri, 31 Dec 1999 23:59:59 GMT", now), Some(Duration::ZERO));
        assert_eq!(retry_after("soon", now), None);
        assert_eq!(retry_after("-1", now), None);
    }

    #[test]
    fn a_refused_put_says_what_happened_and_a_failed_one_is_not_repeated() {
        let reply = Reply { status: 503, request_id: None, retry_after: None, body: Vec::new() };
        let code = |replied: Result<Reply, Failure>| match fault(&replied, &Method::PUT, &[], UtcTime::EPOCH) {
            Err(Error::Unavailable(unavailable)) => unavailable.code,
            other => panic!("{other:?}"),
        };
        assert_eq!(code(Ok(reply)), UnavailableCode::ServerError);
        assert_eq!(code(Err(Failure::Timeout)), UnavailableCode::ServerError);
    }
}
