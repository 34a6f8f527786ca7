//! A small blocking HTTP client. An error status is an answer like any other. Every answer is held against the OpenAPI document.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use ureq::http::{HeaderMap, Response, StatusCode};
use ureq::tls::TlsConfig;
use ureq::{Agent, Body};

use super::{contract, full_view};

/// The public URL of registries that tests start in their own process.
pub(crate) const PUBLIC_URL: &str = "http://registry.example.org";

/// Asks one registry.
pub(crate) struct Client {
    agent: Agent,
    base: String,
}

/// What the registry answered.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub text: String,
}

impl Client {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self::of(format!("http://{address}"))
    }

    /// Asks over TLS, whatever certificate the server shows.
    pub(crate) fn secured(address: SocketAddr) -> Self {
        Self::of(format!("https://{address}"))
    }

    fn of(base: String) -> Self {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = TlsConfig::builder().unversioned_rustls_crypto_provider(provider).disable_verification(true);
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .tls_config(tls.build())
            .timeout_global(Some(Duration::from_secs(30)));
        Self { agent: config.build().into(), base }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[])
    }

    pub(crate) fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", path, headers, "")
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, &[("content-type", "application/json")], &body.to_string())
    }

    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.try_send(method, &full_view::path_of(method, path), headers, body).expect("the server answers")
    }

    /// As `send`; none where the server is gone before its answer was whole.
    pub(crate) fn try_send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Option<Answer> {
        let answer = self.exchange(method, path, headers, body)?;
        contract::hold(method, path, &answer);
        Some(answer)
    }

    /// As `send`, without holding the answer against the document: for megabytes of which the like was held elsewhere.
    pub(crate) fn send_unheld(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.exchange(method, path, headers, body).expect("the server answers")
    }

    fn exchange(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Option<Answer> {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = if body.is_empty() && method != "POST" {
            self.agent.run(request.body(()).unwrap())
        } else {
            self.agent.run(request.body(body.to_owned()).unwrap())
        };
        Answer::read(response.ok()?)
    }
}

impl Client {
    /// Posts bytes as they are.
    pub(crate) fn upload(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut request = ureq::http::Request::builder().method("POST").uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer =
            Answer::read(self.agent.run(request.body(body.to_vec()).unwrap()).expect("the server answers")).expect("text");
        contract::hold("POST", path, &answer);
        answer
    }

    /// Reads bytes as they are.
    pub(crate) fn download(&self, path: &str, headers: &[(&str, &str)]) -> (u16, HeaderMap, Vec<u8>) {
        let mut request = ureq::http::Request::builder().uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = self.agent.run(request.body(()).unwrap()).expect("the server answers");
        let body = response.body_mut().read_to_vec().unwrap();
        (response.status().as_u16(), response.headers().clone(), body)
    }
}

impl Answer {
    fn read(mut response: Response<Body>) -> Option<Self> {
        // A picture is no text.
        let text = String::from_utf8_lossy(&response.body_mut().read_to_vec().ok()?).into_owned();
        // Every pre-check is linted before it leaves; pages and the document name the code, too.
        assert!(!text.contains(r#""code":"transfer.internal_inconsistency""#), "an answer breaks a rule of the lint: {text}");
        Some(Self { status: response.status(), headers: response.headers().clone(), text })
    }

    /// Returns the body as JSON, pre-checks as `full_view` lays them out.
    pub(crate) fn json(&self) -> Value {
        full_view::laid_out(serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}")))
    }

    /// Asserts that the answer has a status, and returns it.
    #[track_caller]
    pub(crate) fn with(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        self
    }

    /// Asserts that the answer has a status, and returns its body as JSON.
    #[track_caller]
    pub(crate) fn answered(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        self.json()
    }

    /// Returns a header, or the empty string.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Asserts that the answer is a whole problem document of this status and code, and returns it.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!((self.status.as_u16(), self.header("content-type")), (status, "application/problem+json"), "{self:?}");
        let problem = self.json();
        let members: Vec<_> = problem.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members, ["code", "detail", "errors", "request_id", "retryable", "status", "title", "type"]);
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status);
        let page = problem["type"].as_str().unwrap();
        // A server of the command line knows no public URL.
        assert_eq!(page.strip_prefix(PUBLIC_URL).unwrap_or(page), format!("/problems/{code}"));
        assert_eq!(problem["request_id"], self.header("x-request-id"));
        assert!(!problem["detail"].as_str().unwrap().is_empty(), "{problem}");
        problem
    }

    /// Asserts that two answers tell nothing apart: status, headers and body. Both requests carry one request id.
    #[track_caller]
    pub(crate) fn assert_same(&self, other: &Self) {
        let without_date = |answer: &Self| {
            let mut headers = answer.headers.clone();
            headers.remove("date");
            // Whether a refusal came before the whole body depends on how fast that was sent.
            headers.remove("connection");
            headers
        };
        assert_eq!((self.status, &self.text), (other.status, &other.text));
        assert_eq!(without_date(self), without_date(other));
    }
}
