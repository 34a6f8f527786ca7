//! Work done around every request, whatever its route: request id, trace, log line, metrics and headers. Every error, even a panic,
//! becomes a problem document. No business rules here.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse};
use tracing::Instrument;

use super::connections::Busy;
use super::error::{PROBLEM_JSON, Problem, ProblemPages};
use super::headers::{X_REQUEST_ID, complete};
use super::patience::Patience;
use super::publishable::AllowedOrigin;
use super::throttle::Balance;
use super::{App, arriving, refusals, sandbox_door, sandbox_faults};
use crate::node::ProblemCode;
use crate::telemetry::{AccessLine, continue_trace, log_access, request_span};
use rand_core::RngCore;
use vasp_clock::Stopwatch;
use vasp_words::ids::RequestId;
use vasp_words::time::UtcTime;

const TRACEPARENT: &str = "traceparent";

/// Wraps one request.
///
/// # Errors
/// After a panic, or a failure outside any handler. The error holds an answer that is ready to send.
pub async fn around(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let (watch, _busy) = (Stopwatch::start(), Busy::of(request.conn_data()));
    arriving::watch(&mut request);
    let (request_id, trace_id) = (request_id(request.headers(), || new_id_of(&request)), trace_id(request.headers()));
    let span = request_span(&request_id, trace_id);
    continue_trace(&span, trace_id.and_then(|_| request.headers().get(TRACEPARENT)?.to_str().ok()));
    request.extensions_mut().insert(RequestIdText(request_id.clone()));
    let (method, app) = (request.method().clone(), request.app_data::<Data<App>>().cloned());
    if method == Method::HEAD {
        // Routed like GET; the connection still knows that the answer may have no body.
        request.head_mut().method = Method::GET;
    }

    let patience = Patience { app: app.as_ref().map(|app| &***app), method: &method, since: watch };
    let outcome = match enter_sandbox(request.headers(), app.as_ref()).await {
        Err(fault) => Err(fault),
        Ok(()) => patience.wait(unless_it_panics(next.call(request)).instrument(span.clone())).await,
    };
    if let (Ok(Ok(Ok(response))), Some(app)) = (&outcome, &app) {
        // If the database hangs, a refusal cannot be recorded; it is answered all the same.
        drop(patience.wait(refusals::note(app, response).instrument(span.clone())).await);
    }
    count_refused_write(app.as_ref(), &method, &outcome);

    let _entered = span.enter();
    let answer = answer_of(outcome, &method, &request_id, app.as_ref());
    let note = |status: StatusCode, route: Option<&str>| {
        let (method, status, duration_us) = (method.as_str(), status.as_u16(), watch.elapsed_micros());
        if let Some(app) = &app {
            app.registry.metrics().answered(method, route, status, duration_us);
        }
        log_access(&AccessLine { method, route, status, duration_us });
    };
    match answer {
        Ok(mut response) => {
            let balance = response.request().extensions_mut().remove::<Balance>();
            if let Some(balance) = balance {
                balance.tell(response.headers_mut());
            }
            AllowedOrigin::tell_in(&mut response);
            complete(response.headers_mut(), &request_id);
            note(response.status(), response.request().match_pattern().as_deref());
            Ok(response)
        }
        Err(mut response) => {
            complete(response.headers_mut(), &request_id);
            note(response.status(), None);
            Err(InternalError::from_response("answered", *response).into())
        }
    }
}

/// Has a sandbox refuse a stranger, and play the fault that a request asks for.
async fn enter_sandbox(headers: &HeaderMap, app: Option<&Data<App>>) -> Result<(), Problem> {
    sandbox_door::check(headers, app)?;
    sandbox_faults::play(headers, app).await
}

/// The result of a request: an answer, an error, a panic, or a problem because the database hung or a sandbox played a fault.
type Outcome<B> = Result<Result<Result<ServiceResponse<B>, Error>, Panicked>, Problem>;

/// Returns the answer of a handler, or the problem document that answers instead.
fn answer_of<B: MessageBody + 'static>(
    outcome: Outcome<B>,
    method: &Method,
    request_id: &str,
    app: Option<&Data<App>>,
) -> Result<ServiceResponse<BoxBody>, Box<HttpResponse>> {
    let relative = ProblemPages::default();
    let pages = app.map_or(&relative, |app| app.problem_pages());
    match outcome {
        Ok(Ok(Ok(response))) => Ok(with_problem(response.map_into_boxed_body(), method, request_id, pages)),
        Ok(Ok(Err(error))) => Err(Box::new(answer_to(&error, method, request_id, pages))),
        Ok(Err(Panicked)) => Err(Box::new(Problem::internal(Panicked).answer(request_id, pages))),
        Err(problem) => Err(Box::new(problem.answer(request_id, pages))),
    }
}

/// Counts a write that the database refused.
fn count_refused_write<B>(app: Option<&Data<App>>, method: &Method, outcome: &Outcome<B>) {
    let problem = match outcome {
        Ok(Ok(Ok(response))) => response.response().error().and_then(Problem::of),
        Ok(_) => None,
        Err(hangs) => Some(hangs),
    };
    let cause = problem.and_then(Problem::refusal).filter(|_| !method.is_safe());
    if let (Some(cause), Some(app)) = (cause, app) {
        app.registry.note_refused_write(cause);
    }
}

/// Turns every error answer into a problem document. Other answers pass unchanged, as do pages that say to people what is wrong.
fn with_problem(
    response: ServiceResponse<BoxBody>,
    method: &Method,
    request_id: &str,
    pages: &ProblemPages,
) -> ServiceResponse<BoxBody> {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let answer = match response.response().error() {
        Some(error) => answer_to(error, method, request_id, pages),
        None if response.headers().get(header::CONTENT_TYPE).is_some_and(|value| value == PROBLEM_JSON || is_page(value)) => {
            return response;
        }
        None => {
            let code = ProblemCode::of_status(status.as_u16());
            Problem::new(code, code.meaning()).answer(request_id, pages)
        }
    };
    response.into_response(answer)
}

fn is_page(content_type: &HeaderValue) -> bool {
    content_type.as_bytes().starts_with(b"text/html")
}

fn answer_to(error: &Error, method: &Method, request_id: &str, pages: &ProblemPages) -> HttpResponse {
    if let Some(problem) = error.as_error::<Problem>() {
        return match problem.to_reader().filter(|_| method.is_safe()) {
            Some(to_reader) => to_reader.answer(request_id, pages),
            None => problem.answer(request_id, pages),
        };
    }
    let code = ProblemCode::of_status(error.as_response_error().status_code().as_u16());
    Problem::new(code, error.to_string()).with_cause(error.to_string()).answer(request_id, pages)
}

/// A panic in a handler; the panic itself is already in the log.
#[derive(Debug, thiserror::Error)]
#[error("a handler panicked")]
pub(super) struct Panicked;

async fn unless_it_panics<F: Future>(future: F) -> Result<F::Output, Panicked> {
    let mut future = pin!(future);
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
        Err(_) => Poll::Ready(Err(Panicked)),
    })
    .await
}

/// Returns the caller's own request id if it is acceptable, or a new one.
pub(super) fn request_id(headers: &HeaderMap, new: impl FnOnce() -> String) -> String {
    let given = headers.get(X_REQUEST_ID).and_then(|value| value.to_str().ok()).filter(|id| is_sane(id));
    given.map_or_else(new, str::to_owned)
}

/// Makes a request id.
pub(super) fn new_id(now: UtcTime, rng: &mut dyn RngCore) -> String {
    RequestId::new(now, rng).to_string()
}

/// Makes an id for a request that names none. Every server has an `App`. Without one, the request continues with an empty id rather than
/// fail.
fn new_id_of(request: &ServiceRequest) -> String {
    request.app_data::<Data<App>>().map(|app| new_id(app.clock.now(), &mut *app.random.lock())).unwrap_or_default()
}

/// The request's id, kept with the request for problems that are part of a larger answer.
struct RequestIdText(String);

/// Returns the id of the current request.
pub(crate) fn id_of(request: &HttpRequest) -> String {
    request.extensions().get::<RequestIdText>().map(|id| id.0.clone()).unwrap_or_default()
}

fn is_sane(id: &str) -> bool {
    (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// Returns the trace id of a `traceparent` header. Source: W3C Trace Context, Recommendation of 23 November 2021, §3.2.
pub(super) fn trace_id(headers: &HeaderMap) -> Option<&str> {
    let mut parts = headers.get(TRACEPARENT)?.to_str().ok()?.split('-');
    let (version, trace, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |text: &str, len| text.len() == len && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let is_id = |text: &str, len| is_hex(text, len) && text.bytes().any(|byte| byte != b'0');
    let version_ok = is_hex(version, 2) && version != "ff" && (version != "00" || parts.next().is_none());
    (version_ok && is_id(trace, 32) && is_id(parent, 16) && is_hex(flags, 2)).then_some(trace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn trace(text: &'static str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static("traceparent"), HeaderValue::from_static(text));
        trace_id(&headers).map(str::to_owned)
    }

    #[test]
    fn trace_id_is_read_from_the_example_of_the_recommendation() {
        let id = trace("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");

        assert_eq!(id.as_deref(), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
        assert!(trace("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more").is_some());
    }

    #[test]
    fn broken_trace_parents_are_ignored() {
        for text in [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        ] {
            assert_eq!(trace(text), None, "{text}");
        }
    }

    #[test]
    fn sane_request_ids_are_short_and_plain() {
        assert!(is_sane("A-z_0.9"));
        assert!(is_sane(&"a".repeat(128)));
        for id in ["", "a b", "ä", "a\"b", &"a".repeat(129)] {
            assert!(!is_sane(id), "{id}");
        }
    }
}
