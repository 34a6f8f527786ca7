//! The registry's own API as the console uses it: requests to operations, in this process and without a connection. They pass the same
//! extractors, limits, refusals and audit lines as requests from outside. Each worker has its own, made at the first page that needs it.

use actix_http::{Payload, Request};
use actix_service::boxed::{BoxService, service};
use actix_service::{Service, ServiceFactory, map_config};
use actix_web::body::{BoxBody, to_bytes};
use actix_web::dev::{AppConfig, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode, Uri};
use actix_web::middleware::from_fn;
use actix_web::web::{Bytes, Data, ServiceConfig};
use actix_web::{Error, HttpRequest, HttpResponse};
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::http::extract::path_config;
use crate::http::headers::X_REQUEST_ID;
use crate::http::write::IDEMPOTENCY_KEY;
use crate::http::{App, edge};
use crate::node::ProblemCode;

/// The application of the operations, without a connection before it.
type Inside = BoxService<Request, ServiceResponse<BoxBody>, Error>;

/// The operations of the registry, for the pages of one worker.
pub(crate) struct Api {
    app: Data<App>,
    operations: fn(&mut ServiceConfig),
    /// Returns the OpenAPI document.
    pub(super) document: fn() -> &'static Value,
    inside: OnceCell<Inside>,
}

/// On whose behalf a request is sent: the other end of the page's connection, and the session.
#[derive(Clone)]
pub(super) struct Sender {
    peer: Option<std::net::SocketAddr>,
    headers: HeaderMap,
}

/// A request to an operation.
pub(super) struct Call<'a> {
    pub(super) method: &'a str,
    /// The path with its query.
    pub(super) path: &'a str,
    /// Media type and bytes; `None` if it has no body.
    pub(super) body: Option<(&'static str, Bytes)>,
    /// The `Idempotency-Key`.
    pub(super) once: Option<&'a str>,
    /// The version on which a change is based (`If-Match`).
    pub(super) version: Option<&'a str>,
}

/// What an operation answered.
#[derive(Clone, Debug, Default)]
pub(super) struct Answered {
    /// The body; null if there is none.
    pub(super) body: Value,
    /// The `ETag` as it was sent, to send it back in `If-Match`.
    pub(super) version: Option<String>,
}

/// Why an operation refused, in its own words.
#[derive(Clone, Debug)]
pub(super) struct Refused {
    pub(super) status: StatusCode,
    /// The problem document.
    pub(super) problem: Value,
}

impl Refused {
    fn without_words(status: StatusCode) -> Self {
        let code = ProblemCode::of_status(status.as_u16());
        Self { status, problem: serde_json::json!({"title": code.title(), "detail": code.meaning(), "errors": []}) }
    }

    /// Returns whether there is no such thing, or none that the caller may see.
    pub(super) fn is_absent(&self) -> bool {
        let code = self.problem.get("code").and_then(Value::as_str);
        matches!(self.status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN) || code == Some(ProblemCode::NoVasp.as_str())
    }

    /// Returns whether the same request is to be sent again: the operation may have done it, or does it still.
    pub(super) fn leaves_open(&self) -> bool {
        let code = self.problem.get("code").and_then(Value::as_str);
        self.status.is_server_error()
            || self.status == StatusCode::TOO_MANY_REQUESTS
            || code == Some(ProblemCode::InProgress.as_str())
    }
}

impl Sender {
    /// Takes over from a page's request what operations judge callers by.
    pub(super) fn of(request: &HttpRequest, token: Option<&str>) -> Self {
        let mut headers = HeaderMap::new();
        for name in [X_REQUEST_ID, HeaderName::from_static("x-forwarded-for")] {
            for value in request.headers().get_all(&name) {
                headers.append(name.clone(), value.clone());
            }
        }
        if let Some(value) = token.and_then(|token| HeaderValue::from_str(&format!("Bearer {token}")).ok()) {
            headers.insert(header::AUTHORIZATION, value);
        }
        Self { peer: request.peer_addr(), headers }
    }
}

impl<'a> Call<'a> {
    /// A request that reads.
    pub(super) fn get(path: &'a str) -> Self {
        Self { method: "get", path, body: None, once: None, version: None }
    }

    /// A request with a JSON body that is sent once.
    pub(super) fn post(path: &'a str, body: &Value) -> Self {
        let body = Some(("application/json", Bytes::from(body.to_string())));
        Self { method: "post", path, body, once: None, version: None }
    }
}

impl Api {
    /// Makes the API of a worker from the routes of the operations.
    pub(crate) fn new(app: Data<App>, operations: fn(&mut ServiceConfig), document: fn() -> &'static Value) -> Self {
        Self { app, operations, document, inside: OnceCell::new() }
    }

    /// Sends a request to an operation, and returns its answer as it is.
    pub(super) async fn answer(&self, sender: &Sender, call: Call<'_>) -> Result<HttpResponse, Refused> {
        let request = written(sender, &call).ok_or_else(|| Refused::without_words(StatusCode::NOT_FOUND))?;
        let inside = self.inside.get_or_try_init(|| self.build()).await;
        let inside = inside.map_err(|()| Refused::without_words(StatusCode::INTERNAL_SERVER_ERROR))?;
        Ok(match inside.call(request).await {
            Ok(response) => response.into_parts().1,
            Err(error) => HttpResponse::from_error(error),
        })
    }

    /// Sends a request to an operation that answers with JSON.
    pub(super) async fn call(&self, sender: &Sender, call: Call<'_>) -> Result<Answered, Refused> {
        let broken = || Refused::without_words(StatusCode::INTERNAL_SERVER_ERROR);
        let response = self.answer(sender, call).await?;
        let status = response.status();
        let version = response.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_owned);
        let bytes = to_bytes(response.into_body()).await.map_err(|_| broken())?;
        let body: Option<Value> = serde_json::from_slice(&bytes).ok();
        match (status.is_success(), body) {
            (true, body) => Ok(Answered { body: body.unwrap_or_default(), version }),
            (false, Some(problem)) => Err(Refused { status, problem }),
            (false, None) => Err(Refused::without_words(status)),
        }
    }

    async fn build(&self) -> Result<Inside, ()> {
        let app = actix_web::App::new()
            .app_data(self.app.clone())
            .app_data(path_config())
            .configure(self.operations)
            .wrap(from_fn(edge::around));
        Ok(service(map_config(app, |()| AppConfig::default()).new_service(()).await?))
    }
}

fn written(sender: &Sender, call: &Call<'_>) -> Option<Request> {
    let body = call.body.as_ref().map(|(_, bytes)| bytes.clone()).unwrap_or_default();
    let length = body.len();
    let mut request = Request::with_payload(Payload::from(body));
    let head = request.head_mut();
    head.method = Method::from_bytes(call.method.to_ascii_uppercase().as_bytes()).ok()?;
    head.uri = Uri::try_from(call.path).ok()?;
    head.peer_addr = sender.peer;
    head.headers = sender.headers.clone();
    if let Some((media, _)) = &call.body {
        head.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
        head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    for (name, value) in [(IDEMPOTENCY_KEY, call.once), (header::IF_MATCH, call.version)] {
        if let Some(value) = value {
            head.headers.insert(name, HeaderValue::from_str(value).ok()?);
        }
    }
    Some(request)
}
