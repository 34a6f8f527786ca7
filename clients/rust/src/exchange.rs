//! One HTTP request and its answer, with `ureq`: the only file that sends. Redirects are not followed, and every status is an answer.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use ureq::Agent;
use ureq::config::Config;
use ureq::http::{HeaderMap, Method, Request, Response};
use ureq::tls::TlsConfig;

use crate::error::{ConfigurationCode, ConfigurationError};
use crate::reply::Reply;
use crate::settings::Failure;

/// The largest answer that is read: 1,000 pre-checks with all their members need less.
const LONGEST_ANSWER_BYTES: u64 = 128 * 1024 * 1024;

/// A request as it is sent.
pub(crate) struct Sent {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Option<Vec<u8>>,
}

/// Makes the HTTP client that is used if none is given: TLS with aws-lc-rs and the roots of Mozilla, and the proxy of the environment.
pub(crate) fn agent() -> Agent {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = TlsConfig::builder().unversioned_rustls_crypto_provider(provider).build();
    Config::builder().tls_config(tls).build().new_agent()
}

/// Sends a request once.
///
/// # Errors
/// `ConfigurationError` if HTTP has no such request; nothing was sent then.
pub(crate) fn send(agent: &Agent, sent: &Sent, timeout: Duration) -> Result<Result<Reply, Failure>, ConfigurationError> {
    let mut request = Request::builder().method(&sent.method).uri(&sent.url);
    for (name, value) in &sent.headers {
        request = request.header(*name, value);
    }
    let detail = "a path, header or idempotency key cannot be sent in HTTP";
    let invalid = |_| ConfigurationError::new(ConfigurationCode::InvalidRequest, detail);
    // At zero, the library waits without a limit.
    let timeout = Some(timeout.max(Duration::from_millis(1)));
    let takes_body = matches!(sent.method, Method::POST | Method::PUT | Method::PATCH);
    let answered = if takes_body {
        let request = request.body(sent.body.clone().unwrap_or_default()).map_err(invalid)?;
        let request = agent.configure_request(request).http_status_as_error(false).max_redirects(0);
        agent.run(request.max_redirects_will_error(false).timeout_global(timeout).build())
    } else if sent.body.is_some() {
        let detail = format!("{} takes no body", sent.method);
        return Err(ConfigurationError::new(ConfigurationCode::InvalidRequest, detail));
    } else {
        let request = request.body(()).map_err(invalid)?;
        let request = agent.configure_request(request).http_status_as_error(false).max_redirects(0);
        agent.run(request.max_redirects_will_error(false).timeout_global(timeout).build())
    };
    Ok(answered.and_then(read).map_err(|error| failure(&error)))
}

fn read(answered: Response<ureq::Body>) -> Result<Reply, ureq::Error> {
    let (head, mut body) = answered.into_parts();
    let body = body.with_config().limit(LONGEST_ANSWER_BYTES).read_to_vec()?;
    let text = |headers: &HeaderMap, name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (request_id, retry_after) = (text(&head.headers, "x-request-id"), text(&head.headers, "retry-after"));
    Ok(Reply { status: head.status.as_u16(), request_id, retry_after, body })
}

fn failure(error: &ureq::Error) -> Failure {
    match error {
        ureq::Error::Timeout(_) => Failure::Timeout,
        ureq::Error::Io(error) if error.kind() == ErrorKind::TimedOut => Failure::Timeout,
        _ => Failure::Connection,
    }
}
