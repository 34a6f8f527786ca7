//! A server that `ask` asks by HTTP. Nothing is followed, kept or sent again.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use form_urlencoded::Serializer;
use rustls::crypto::aws_lc_rs;
use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::{Method, Request, StatusCode, Uri};
use ureq::tls::TlsConfig;

use super::office::{Office, Refused};
use vasp_words::error_chain::error_chain;

/// How long a question may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server of a registry.
pub(super) struct Server {
    agent: Agent,
    base: String,
    key: Option<String>,
}

/// Reads the address of a server: HTTPS, a host, an optional port, and nothing else. HTTP only on this machine: a key goes with the question.
pub(super) fn bare(text: &str) -> Result<Uri, String> {
    let wrong = || "not an address of the form https://HOST, or http://localhost:PORT on this machine".to_owned();
    let uri: Uri = text.parse().map_err(|_| wrong())?;
    let is_here = |host: &str| {
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
        host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    };
    let is_server = uri.host().is_some_and(|host| match uri.scheme_str() {
        Some("https") => !host.is_empty(),
        Some("http") => is_here(host),
        _ => false,
    });
    let is_bare = uri.path().len() <= 1 && uri.query().is_none() && !text.contains(['@', '#']);
    if is_server && is_bare { Ok(uri) } else { Err(wrong()) }
}

/// Returns the address of a server on this machine.
pub(super) fn at(address: SocketAddr) -> Result<Uri, String> {
    bare(&format!("http://{address}"))
}

impl Server {
    /// A server, asked with an API key or without.
    pub(super) fn new(url: &Uri, key: Option<String>) -> Self {
        let tls = TlsConfig::builder().unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()));
        let config = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .tls_config(tls.build())
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false);
        Self { agent: config.build().into(), base: url.to_string().trim_end_matches('/').to_owned(), key }
    }

    fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<String, Refused> {
        let failed = |why: String| Refused::Failed(format!("{} {why}", self.base));
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        if let Some(key) = &self.key {
            request = request.header("Authorization", format!("Bearer {key}"));
        }
        if body.is_some() {
            request = request.header("Content-Type", "application/json");
        }
        let request = request.body(body.map(Value::to_string).unwrap_or_default());
        let request = request.map_err(|_| failed("cannot be asked: the key has a character that no key has".to_owned()))?;
        let answered = self.agent.run(request);
        let mut answer = answered.map_err(|error| failed(format!("does not answer: {}", error_chain(&error))))?;
        let text = answer.body_mut().read_to_string();
        let text = text.map_err(|error| failed(format!("broke off its answer: {}", error_chain(&error))))?;
        match answer.status() {
            status if status.is_success() => Ok(text),
            status => Err(refusal(status, &text, failed)),
        }
    }
}

fn refusal(status: StatusCode, text: &str, failed: impl Fn(String) -> Refused) -> Refused {
    match serde_json::from_str::<Value>(text) {
        Ok(problem) if status == StatusCode::UNPROCESSABLE_ENTITY || status == StatusCode::BAD_REQUEST => {
            Refused::NotUnderstood(problem)
        }
        Ok(Value::Object(problem)) if problem.get("detail").is_some_and(Value::is_string) => {
            failed(format!("refuses: {}", problem.get("detail").and_then(Value::as_str).unwrap_or_default()))
        }
        _ => failed(format!("answers {}, which no registry answers here", status.as_u16())),
    }
}

fn read(text: &str) -> Result<Value, Refused> {
    serde_json::from_str(text).map_err(|_| Refused::Failed("the answer is not that of a registry".to_owned()))
}

impl Office for Server {
    fn resolve(&self, question: &Value) -> Result<Value, Refused> {
        // In a body, so that addresses stay out of logs.
        let answer = read(&self.send(Method::POST, "/v1/resolve", Some(&json!({"subjects": [question]})))?)?;
        let one = answer.pointer("/results/0").cloned().unwrap_or_default();
        match one.get("problem") {
            Some(problem) => Err(Refused::NotUnderstood(problem.clone())),
            None => Ok(one),
        }
    }

    fn firms(&self, name: &str) -> Result<Vec<Value>, Refused> {
        let query = Serializer::new(String::new()).append_pair("limit", "20").append_pair("q", name).finish();
        let answer = read(&self.send(Method::GET, &format!("/v1/vasps?{query}"), None)?)?;
        Ok(answer.get("items").and_then(Value::as_array).cloned().unwrap_or_default())
    }

    fn precheck(&self, request: &Value) -> Result<String, Refused> {
        self.send(Method::POST, "/v1/prechecks?view=full", Some(request))
    }

    fn report(&self, id: &str) -> Option<Result<String, Refused>> {
        Some(self.send(Method::GET, &format!("/v1/prechecks/{id}/report"), None))
    }

    fn records(&self) -> bool {
        true
    }

    fn needs_jurisdiction(&self) -> bool {
        self.key.is_none()
    }
}
