//! The OpenAPI document. `reference` shows it to people.

use std::sync::LazyLock;

use actix_web::http::header::{ACCEPT_ENCODING, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, get};
use utoipa::OpenApi;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, Content, Ref, RefOr, ResponseBuilder, Tag};

use super::fixed::FixedBody;
use super::{Routes, shared_schemas};
use crate::http::caller::Paid;
use crate::http::error::PROBLEM_JSON;
use crate::http::{Problem, Problems};

/// Name of the credentials in the document.
const API_KEY: &str = "api_key";
const CLIENT_CERTIFICATE: &str = "client_certificate";

static DOCUMENT: LazyLock<utoipa::openapi::OpenApi> = LazyLock::new(describe);

/// Returns the OpenAPI document.
#[must_use]
pub fn document() -> &'static utoipa::openapi::OpenApi {
    &DOCUMENT
}

/// Returns the OpenAPI document as JSON, exactly as it is committed and served.
///
/// # Errors
/// `serde_json::Error` if it cannot be serialised, which does not happen.
pub fn document_json() -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(document()).map(|json| json + "\n")
}

/// Get the OpenAPI document.
#[utoipa::path(tag = "service", responses((status = 200, description = "This document", body = Object), (status = 304, description = "Unchanged"), Problems))]
#[get("/openapi.json")]
pub(crate) async fn get_openapi(_paid: Paid, request: HttpRequest) -> Result<HttpResponse, Problem> {
    static JSON: LazyLock<Option<FixedBody>> = LazyLock::new(|| {
        let json = document_json().ok()?;
        FixedBody::new(HeaderValue::from_static("application/json"), json.into()).ok()
    });
    let json = JSON.as_ref().ok_or_else(|| Problem::internal("the OpenAPI document cannot be generated"))?;
    Ok(json.answer(&request, ACCEPT_ENCODING.as_str(), None))
}

/// Returns the topics of the routes, in the order of the documentation.
fn tags() -> Vec<Tag> {
    vec![
        tag("resolve", "Who owns an address, Travel Address, domain, LEI or id"),
        tag("prechecks", "May we deal with them, on this date, for this transfer"),
        tag("log", "The change log with its proofs, and the keys that sign"),
        tag("ca", "The registry's certificate authority: its certificates and CRLs"),
        tag("vasps", "The directory: records of VASPs and their history"),
        tag("protocols", "Travel Rule protocols and what an endpoint of each needs"),
        tag("networks", "Blockchain networks and what is known of them"),
        tag("rules", "Travel Rule duties by jurisdiction and date, and the lists of FATF and the EU"),
        tag("session", "People: signing in and out, passwords, second factors, enrolment"),
        tag(
            "member",
            "What a VASP maintains itself: its record, domains, endpoints, claims, documents, users, delegations, keys and certificates",
        ),
        tag("policies", "How an organisation judges a pre-check's findings: its policies, their versions and proposals"),
        tag(
            "watch",
            "Alerts about counterparties that an organisation relied on, and webhooks; for members also under `/v1/member/`",
        ),
        tag("operator", "The registry's own work: cases, organisations, users and roles, audit"),
        tag("service", "The server itself: health, readiness, documentation"),
    ]
}

/// Describes the routes under `/v1/gateway/` a second time, under the path that members use.
fn repeat_for_members(document: &mut utoipa::openapi::OpenApi) {
    let paths = &mut document.paths.paths;
    let repeated: Vec<_> = paths
        .iter()
        .filter_map(|(path, item)| Some((format!("/v1/member/{}", path.strip_prefix("/v1/gateway/")?), item.clone())))
        .collect();
    for (path, mut item) in repeated {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch];
        for operation in operations.into_iter().flatten() {
            operation.operation_id = operation.operation_id.as_ref().map(|id| format!("member_{id}"));
        }
        paths.insert(path, item);
    }
}

fn describe() -> utoipa::openapi::OpenApi {
    let mut document = Routes::openapi();
    document.info.title = "VASP registry".to_owned();
    document.info.description = Some(
        "A counterparty VASP directory and discovery registry for the crypto Travel Rule. Every answer echoes `X-Request-Id`; \
         every error is an RFC 9457 problem whose `type` leads to a page that explains it. Treat a value that you do not know as `hold`."
            .to_owned(),
    );
    document.tags = Some(tags());
    repeat_for_members(&mut document);
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    let problem = ResponseBuilder::new()
        .description("A problem")
        .content(PROBLEM_JSON, content)
        .header("X-Request-Id", header(REQUEST_ID))
        .header("RateLimit", header(RATE_LIMIT))
        .header("RateLimit-Policy", header(RATE_LIMIT_POLICY))
        .header("Retry-After", header("Seconds to wait before the next request; sent with 429 and 503"));
    let components = document.components.get_or_insert_with(Components::new);
    components.responses.insert("Problem".to_owned(), problem.build().into());
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("An API key, `vr_…`, or the token of a session, `vs_…`"));
    components.add_security_scheme(API_KEY, SecurityScheme::Http(bearer.build()));
    let certificate =
        "A client certificate that was enrolled (POST /v1/member/client-certificates), presented when the connection is made";
    let mutual = SecurityScheme::MutualTls { description: Some(certificate.to_owned()), deprecated: None, extensions: None };
    components.add_security_scheme(CLIENT_CERTIFICATE, mutual);
    // The server's setting `--public-read` decides whether callers without a key get an answer.
    document.security = Some(vec![
        SecurityRequirement::default(),
        SecurityRequirement::new(API_KEY, [""; 0]),
        SecurityRequirement::new(CLIENT_CERTIFICATE, [""; 0]),
    ]);
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        operations.into_iter().flatten().for_each(tell_headers);
    }
    shared_schemas::settle(&mut document);
    document
}

const REQUEST_ID: &str = "The request's id: the one you sent, if it is valid";
const RATE_LIMIT: &str = "What the caller has left: r questions; all of them are available again after t seconds (draft-ietf-httpapi-ratelimit-headers-11)";
const RATE_LIMIT_POLICY: &str = "The caller's rate: q questions at once, which become available again over w seconds";

fn header(description: &str) -> Header {
    HeaderBuilder::new().description(Some(description)).build()
}

/// Operations without a rate limit, because monitoring calls them.
const UNRATED: [&str; 3] = ["get_health", "get_readiness", "get_metrics"];

/// Describes the headers that `edge` adds to every answer.
fn tell_headers(operation: &mut Operation) {
    let rated = operation.operation_id.as_deref().is_none_or(|id| !UNRATED.contains(&id));
    for response in operation.responses.responses.values_mut() {
        let RefOr::T(response) = response else { continue };
        response.headers.insert("X-Request-Id".to_owned(), header(REQUEST_ID).into());
        if rated {
            response.headers.insert("RateLimit".to_owned(), header(RATE_LIMIT).into());
            response.headers.insert("RateLimit-Policy".to_owned(), header(RATE_LIMIT_POLICY).into());
        }
    }
}

fn tag(name: &str, description: &str) -> Tag {
    let mut tag = Tag::new(name);
    tag.description = Some(description.to_owned());
    tag
}
