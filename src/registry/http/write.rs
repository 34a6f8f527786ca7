//! Shared parts of routes that change something: the idempotency key, the version that a change is based on, and the answer with its
//! `ETag`. A handler gives [`act`] a service to call and a function that renders the result.

use std::future::{Ready, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, EntityTag, Header, HeaderName, HeaderValue, IfMatch, IfNoneMatch};
use actix_web::rt::time::timeout;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder, dev};
use rand_core::RngCore;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::blocking::blocking;
use super::csv_list;
use super::extract::{parse_body, read_body};
use super::headers::PRIVATE;
use super::marked::marked;
use super::patience::outcome_unknown;
use super::{App, Problem, ProblemCode};
use crate::acts::{Act, Identity, Once, Reply};
use crate::node::{Registry, ServiceError};
use vasp_words::time::UtcTime;

/// Source: draft-ietf-httpapi-idempotency-key-header-07, section 2.1.
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Marks an answer that an earlier request under the same idempotency key got.
pub(crate) const REPLAYED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("idempotency-replayed"), HeaderValue::from_static("true"));

/// A JSON body with its idempotency key.
#[derive(Debug)]
pub(crate) struct Sent<T> {
    /// The body.
    pub body: T,
    /// The idempotency key; `None` if none was sent.
    pub once: Option<Once>,
}

/// A request without a body, with its idempotency key.
#[derive(Debug)]
pub(crate) struct Bare {
    /// The idempotency key; `None` if none was sent.
    pub once: Option<Once>,
}

/// The idempotency key of a request whose handler reads the body itself.
#[derive(Debug)]
pub(crate) struct KeyHeader(HttpRequest);

/// The version that a change is based on (`If-Match`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Version {
    /// Any existing version (`If-Match: *`).
    Any,
    /// One of these versions.
    OneOf(Vec<String>),
}

/// The answer to a write, or a resource with a version.
#[derive(Debug)]
pub(crate) struct Answer(pub Reply);

impl<T: DeserializeOwned + 'static> FromRequest for Sent<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let (request, body) = (request.clone(), read_body(request, payload));
        Box::pin(async move {
            let body = body.await?;
            let once = once(&request, &body)?;
            Ok(Self { body: parse_body(&request, &body)?, once })
        })
    }
}

impl FromRequest for Bare {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(once(request, &[]).map(|once| Self { once }))
    }
}

impl FromRequest for Version {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(match request.headers().contains_key(header::IF_MATCH).then(|| IfMatch::parse(request)) {
            None => Err(Problem::new(
                ProblemCode::VersionNeeded,
                "Send the If-Match header with the ETag of the version that you read.",
            )),
            Some(Ok(IfMatch::Any)) => Ok(Self::Any),
            // Weak tags never match here. Source: RFC 9110 section 13.1.1.
            Some(Ok(IfMatch::Items(tags))) => {
                Ok(Self::OneOf(tags.iter().filter(|tag| !tag.weak).map(|tag| tag.tag().to_owned()).collect()))
            }
            Some(Err(_)) => Err(Problem::new(ProblemCode::StaleVersion, "The value of If-Match is not an ETag of this server.")),
        })
    }
}

impl KeyHeader {
    /// Reads the idempotency key, and binds it to a digest of the request; `None` if none was sent.
    ///
    /// # Errors
    /// `Problem` 400 if the key is not valid.
    pub(crate) fn over(&self, request_digest: impl FnOnce() -> [u8; 32]) -> Result<Option<Once>, Problem> {
        once_for(&self.0, request_digest)
    }
}

impl FromRequest for KeyHeader {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(Ok(Self(request.clone())))
    }
}

impl Version {
    /// Returns whether a change based on this may be made to the current version.
    pub(crate) fn allows(&self, current: &str) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(tags) => tags.iter().any(|tag| tag == current),
        }
    }

    /// Returns a test of the current version, for entity tags of the form `version.rest`. Only the version is compared: the caller need
    /// not have seen the rest, which covers other data that is shown.
    pub(crate) fn test_of_what_is_said(self) -> impl Fn(&str) -> bool + Send {
        move |current| match &self {
            Self::Any => true,
            Self::OneOf(tags) => tags.iter().any(|tag| tag.split('.').next() == Some(current)),
        }
    }

    /// Returns a test of the current version, to pass to a service.
    pub(crate) fn test(self) -> impl Fn(&str) -> bool + Send {
        move |current| self.allows(current)
    }
}

/// Reads the idempotency key, and binds it to the query and the body.
pub(crate) fn once(request: &HttpRequest, body: &[u8]) -> Result<Option<Once>, Problem> {
    once_for(request, || match request.query_string() {
        "" => Once::digest_of(body),
        query => Once::digest_of(&[query.as_bytes(), b"\n", body].concat()),
    })
}

/// Reads the idempotency key, and binds it to a digest of the request.
///
/// # Errors
/// `Problem` 400 if the key is not valid.
pub(crate) fn once_for(request: &HttpRequest, request_digest: impl FnOnce() -> [u8; 32]) -> Result<Option<Once>, Problem> {
    let mut given = request.headers().get_all(&IDEMPOTENCY_KEY);
    let Some(value) = given.next() else { return Ok(None) };
    if given.next().is_some() {
        return Err(Problem::new(ProblemCode::MalformedRequest, "Idempotency-Key is given more than once: send one."));
    }
    let text = value.to_str().unwrap_or("").trim();
    let key = match text.strip_prefix('"') {
        Some(quoted) => quoted.strip_suffix('"').ok_or_else(|| "begins with a quotation mark and must end with one".to_owned()),
        None => Ok(text),
    };
    let once = key.and_then(|key| Once::of(request.method().as_str(), request.path(), key, request_digest()));
    once.map(Some).map_err(|detail| Problem::new(ProblemCode::MalformedRequest, format!("Idempotency-Key {detail}.")))
}

/// How long a write may take after its body was read, including waits for locks. After that its thread continues: a retry under the same
/// idempotency key gets its answer.
///
/// Source: docs/faults.md: a write that waits for others is answered after 5 s.
pub(crate) const LONGEST_WRITE: Duration = Duration::from_secs(5);

/// Runs a write on a thread that may block. `service` gets the caller's act; `render` makes the answer from its result.
///
/// # Errors
/// The service's error, as a problem; 503 `outcome_unknown` if it takes longer than [`LONGEST_WRITE`].
pub(crate) async fn act<T: 'static>(
    app: &Data<App>,
    identity: Identity,
    once: Option<Once>,
    render: impl FnOnce(&T) -> Reply + Send + 'static,
    service: impl FnOnce(Act<'_, T>) -> Result<Reply, ServiceError> + Send + 'static,
) -> Result<Answer, Problem> {
    in_time(LONGEST_WRITE, run(app, identity, write(once, render, service))).await
}

/// Waits for a write, at most as long as `patience`.
///
/// # Errors
/// The write's; 503 `outcome_unknown` if it takes longer.
pub(crate) async fn in_time<T>(patience: Duration, done: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
    timeout(patience, done).await.unwrap_or_else(|_| Err(outcome_unknown("the write took too long")))
}

/// As [`act`] without the time limit, for slow services: those that call other systems or change very many rows.
pub(crate) async fn act_at_length<T: 'static>(
    app: &Data<App>,
    identity: Identity,
    once: Option<Once>,
    render: impl FnOnce(&T) -> Reply + Send + 'static,
    service: impl FnOnce(Act<'_, T>) -> Result<Reply, ServiceError> + Send + 'static,
) -> Result<Answer, Problem> {
    run(app, identity, write(once, render, service)).await
}

/// A write of any kind, so that what surrounds it is compiled once and not once for each kind.
type Write = Box<dyn FnOnce(&Registry, &Identity, UtcTime, &mut dyn RngCore) -> Result<Reply, ServiceError> + Send>;

fn write<T: 'static>(
    once: Option<Once>,
    render: impl FnOnce(&T) -> Reply + Send + 'static,
    service: impl FnOnce(Act<'_, T>) -> Result<Reply, ServiceError> + Send + 'static,
) -> Write {
    Box::new(move |registry, identity, now, rng| service(Act { registry, identity, once, now, rng, render: Box::new(render) }))
}

async fn run(app: &Data<App>, identity: Identity, write: Write) -> Result<Answer, Problem> {
    let (registry, random, now) = (Arc::clone(&app.registry), Arc::clone(&app.random), app.clock.now());
    let done = blocking(move || {
        let identity = registry.know_before_judging(identity)?;
        write(&registry, &identity, now, &mut random.fork())
    });
    done.await.map(Answer)
}

/// Makes an answer from a view. A view that has no JSON form makes the write, or the read, fail.
pub(crate) fn reply(status: StatusCode, version: Option<String>, view: impl Serialize) -> Reply {
    Reply::new(status.as_u16(), version, view)
}

impl Responder for Answer {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let Reply { status, version, body, replayed } = self.0;
        let tag = version.map(EntityTag::new_strong);
        let known = match (&tag, IfNoneMatch::parse(request)) {
            (Some(tag), Ok(IfNoneMatch::Items(tags))) => tags.iter().any(|known| known.weak_eq(tag)),
            _ => false,
        };
        let status = if known && request.method() == actix_web::http::Method::GET { 304 } else { status };
        let response_status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
        let mut response = HttpResponse::build(response_status);
        if let Some(tag) = tag {
            response.insert_header(header::ETag(tag));
        }
        response.insert_header(PRIVATE);
        if replayed {
            response.insert_header(REPLAYED);
        }
        match body.text() {
            _ if status == 304 => response.finish(),
            Ok("null") => response.finish(),
            Ok(text) => {
                let text = marked(request, text.as_bytes().to_vec());
                let rows = csv_list::preferred(request, response_status, &text);
                rows.unwrap_or_else(|| response.content_type(header::ContentType::json()).body(text))
            }
            Err(cause) => HttpResponse::from_error(Problem::internal(cause)),
        }
    }
}
