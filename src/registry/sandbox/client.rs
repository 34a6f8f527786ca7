//! A client of this process's own server, with which the invented people of a sandbox act.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use ureq::http::{Method, Request};

use super::StageError;

/// How long a request may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A client of one server.
pub(super) struct Client {
    agent: ureq::Agent,
    base: String,
}

impl Client {
    /// Makes a client of a server on this machine.
    pub(super) fn of(address: SocketAddr) -> Self {
        let config = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).http_status_as_error(false).build();
        Self { agent: config.into(), base: format!("http://{address}") }
    }

    /// Sends a request, which must succeed, and returns the JSON of the answer; null if it has no body.
    ///
    /// # Errors
    /// `StageError::Refused` for any other answer.
    pub(super) fn send(
        &self,
        session: Option<&str>,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Value, StageError> {
        let failed = |reason: String| StageError::Refused { request: format!("{method} {path}"), reason };
        let method = Method::from_bytes(method.as_bytes()).map_err(|error| failed(error.to_string()))?;
        let mut request = Request::builder().method(method.clone()).uri(format!("{}{path}", self.base));
        if let Some(session) = session {
            request = request.header("Authorization", format!("Bearer {session}"));
        }
        let json = [("Content-Type", "application/json")];
        for (name, value) in body.iter().flat_map(|_| &json).chain(headers) {
            request = request.header(*name, *value);
        }
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = request.body(body).map_err(|error| failed(error.to_string()))?;
        let mut answer = self.agent.run(request).map_err(|error| failed(error.to_string()))?;
        let text = answer.body_mut().read_to_string().map_err(|error| failed(error.to_string()))?;
        if !answer.status().is_success() {
            return Err(failed(format!("{} {text}", answer.status())));
        }
        if text.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text).map_err(|error| failed(error.to_string()))
    }
}
