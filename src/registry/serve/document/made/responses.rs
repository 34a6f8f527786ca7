//! What all answers have in common: the headers that `edge` adds, and problems. A problem is the answer of any status that an operation
//! does not describe; the statuses that its extractors are known to refuse with are named beside it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::Operation;
use utoipa::openapi::{Components, Content, OpenApi, Ref, RefOr, Response, ResponseBuilder};

use super::{each_operation, operations};
use crate::http::ProblemCode;
use crate::http::described::PROBLEM_CODES;
use crate::http::error::PROBLEM_JSON;

const REQUEST_ID: &str = "The request's id: the one you sent, if it is valid";
const RATE_LIMIT: &str = "What the caller has left: r questions; all of them are available again after t seconds (draft-ietf-httpapi-ratelimit-headers-11)";
const RATE_LIMIT_POLICY: &str = "The caller's rate: q questions at once, which become available again over w seconds";

/// Operations without a rate limit, because monitoring calls them.
const UNRATED: [&str; 3] = ["get_health", "get_readiness", "get_metrics"];

/// Describes the headers of every answer, and the answers that are problems.
pub(super) fn describe(document: &mut OpenApi) {
    let components = document.components.get_or_insert_with(Components::new);
    let by_status = codes_by_status();
    components.responses.insert("Problem".to_owned(), problem("A problem".to_owned()).into());
    for (status, codes) in by_status {
        let named: Vec<String> = codes.iter().map(|code| format!("`{}`", code.as_str())).collect();
        let words = match codes.as_slice() {
            [code] => format!("{}: the problem {}", code.title(), named.concat()),
            _ => format!("One of the problems {}; `x-problem-codes` of the operation says which", named.join(", ")),
        };
        let mut response = problem(words);
        if status == 401 {
            response
                .headers
                .insert("WWW-Authenticate".to_owned(), header("`Bearer`: send an API key or the token of a session").into());
        }
        components.responses.insert(name_of(status), response.into());
    }
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        tell_headers(operation);
    }
}

/// Returns the codes of each status, in the order of the table.
fn codes_by_status() -> BTreeMap<u16, Vec<ProblemCode>> {
    let mut by_status: BTreeMap<u16, Vec<ProblemCode>> = BTreeMap::new();
    for code in ProblemCode::ALL {
        by_status.entry(code.status()).or_default().push(code);
    }
    by_status
}

fn name_of(status: u16) -> String {
    format!("Problem{status}")
}

fn problem(words: String) -> Response {
    ResponseBuilder::new()
        .description(words)
        .content(PROBLEM_JSON, Content::new(Some(Ref::from_schema_name("Problem"))))
        .header("X-Request-Id", header(REQUEST_ID))
        .header("RateLimit", header(RATE_LIMIT))
        .header("RateLimit-Policy", header(RATE_LIMIT_POLICY))
        .header("Retry-After", header("Seconds to wait before the next request; sent if a retry may succeed"))
        .build()
}

fn header(description: &str) -> Header {
    HeaderBuilder::new().description(Some(description)).build()
}

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

/// Adds an answer for the status of each code that an operation is known to refuse with, and sorts its codes as the table does. Statuses
/// that the handler describes itself stay as they are. Takes away the answers that no operation names.
pub(super) fn name_problems(document: &mut Value) {
    let mut named = BTreeSet::from(["Problem".to_owned()]);
    each_operation(document, |_, operation| {
        let told = operation.get(PROBLEM_CODES).and_then(Value::as_array).into_iter().flatten();
        let told: BTreeSet<&str> = told.filter_map(Value::as_str).collect();
        let codes: Vec<ProblemCode> = ProblemCode::ALL.into_iter().filter(|code| told.contains(code.as_str())).collect();
        if let Some(Value::Object(responses)) = operation.get_mut("responses") {
            for code in &codes {
                let name = name_of(code.status());
                let place = format!("#/components/responses/{name}");
                responses.entry(code.status().to_string()).or_insert_with(|| json!({"$ref": place}));
                named.insert(name);
            }
        }
        if !codes.is_empty() {
            operation.insert(PROBLEM_CODES.to_owned(), json!(codes));
        }
    });
    if let Some(Value::Object(shared)) = document.pointer_mut("/components/responses") {
        shared.retain(|name, _| named.contains(name));
    }
}
