//! What the extractors of a handler ask of a request, for the OpenAPI document: credentials, headers, and the problems with which they
//! refuse. The attributes of `vasp_routing` call this for each argument of a handler, so the document follows the handler's signature.
//! `serve/document` asks each handler of the table. Only a program with the feature `describe` has this.

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use actix_web::web::{Data, Path, Payload};
use serde_json::{Value, json};
use utoipa::IntoResponses;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Ref, RefOr, Required, Response};

use super::error::Problems;
use super::extract::{Json, Query, UnreadJson};
use super::form::Form;
use super::upload::Upload;
use super::write::{Bare, KeyHeader, Sent, Version};
use crate::node::ProblemCode;

/// The member of an operation with the codes of its problems, as far as its extractors know them.
pub(crate) const PROBLEM_CODES: &str = "x-problem-codes";

/// A handler of the table of routes.
pub(crate) trait Described {
    /// The id of its operation: the name of the handler.
    const OPERATION_ID: &'static str;

    /// Adds to the handler's operation what its extractors ask for.
    fn describe(operation: &mut Operation);
}

/// An extractor. Most ask for nothing that is not described elsewhere.
pub(crate) trait Describes {
    /// Adds to an operation what the extractor asks for.
    fn describe(_: &mut Operation) {}
}

impl<T> Describes for Data<T> {}
impl<T> Describes for Form<T> {}
impl Describes for HttpRequest {}
impl Describes for Payload {}

impl<T> Describes for Path<T> {
    fn describe(operation: &mut Operation) {
        may_refuse(operation, &[ProblemCode::NotFound, ProblemCode::InvalidRequest]);
    }
}

/// The problems of a body that is read as JSON.
const BODY_PROBLEMS: [ProblemCode; 5] = [
    ProblemCode::MalformedRequest,
    ProblemCode::RequestTimeout,
    ProblemCode::PayloadTooLarge,
    ProblemCode::UnsupportedMediaType,
    ProblemCode::InvalidRequest,
];

impl<T> Describes for Json<T> {
    fn describe(operation: &mut Operation) {
        may_refuse(operation, &BODY_PROBLEMS);
    }
}

impl Describes for UnreadJson {
    fn describe(operation: &mut Operation) {
        may_refuse(operation, &BODY_PROBLEMS);
    }
}

impl<T> Describes for Query<T> {
    fn describe(operation: &mut Operation) {
        may_refuse(operation, &[ProblemCode::InvalidRequest]);
    }
}

impl<T> Describes for Sent<T> {
    fn describe(operation: &mut Operation) {
        may_refuse(operation, &BODY_PROBLEMS);
        takes_idempotency_key(operation);
    }
}

impl Describes for Bare {
    fn describe(operation: &mut Operation) {
        takes_idempotency_key(operation);
    }
}

impl Describes for KeyHeader {
    fn describe(operation: &mut Operation) {
        takes_idempotency_key(operation);
    }
}

impl Describes for Version {
    fn describe(operation: &mut Operation) {
        let words =
            "The ETag of the version that you read, or `*`. The change is made only if that version is still the current one.";
        takes_header(operation, "If-Match", words, None, Required::True);
        may_refuse(operation, &[ProblemCode::VersionNeeded, ProblemCode::StaleVersion]);
    }
}

impl Describes for Upload {
    fn describe(operation: &mut Operation) {
        may_refuse(operation, &BODY_PROBLEMS);
        takes_idempotency_key(operation);
    }
}

/// The form of an idempotency key: printable ASCII, plain or in quotation marks. HTTP drops spaces and tabs at the end of a header's value
/// (RFC 9110, 5.5), so they break nothing.
const KEY_PATTERN: &str = r#"^("[ -~]{1,255}"|[!#-~]([ -~]{0,253}[!-~])?)[ \t]*$"#;

/// Describes a write that is executed once under its idempotency key.
fn takes_idempotency_key(operation: &mut Operation) {
    let words = "Executes the request once: a second one with the same key, path and body within 24 hours gets the answer of the \
                 first. 1 to 255 printable ASCII characters; a random UUID is best.";
    takes_header(operation, "Idempotency-Key", words, Some(KEY_PATTERN), Required::False);
    let replayed = "`true` if the answer is that of an earlier request with the same `Idempotency-Key`; absent otherwise.";
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && status.starts_with('2')
        {
            let header = HeaderBuilder::new().description(Some(replayed)).build();
            response.headers.insert("Idempotency-Replayed".to_owned(), header.into());
        }
    }
    let refusals = [ProblemCode::MalformedRequest, ProblemCode::IdempotencyKeyReused, ProblemCode::InProgress];
    may_refuse(operation, &refusals);
    may_refuse(operation, &[ProblemCode::NoWrites, ProblemCode::OutcomeUnknown]);
}

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        BTreeMap::from([("default".to_owned(), RefOr::Ref(Ref::from_response_name("Problem")))])
    }
}

/// Adds problems to those that an operation may answer.
pub(crate) fn may_refuse(operation: &mut Operation, codes: &[ProblemCode]) {
    let told = operation.extensions.get_or_insert_default().entry(PROBLEM_CODES.to_owned()).or_insert_with(|| json!([]));
    let Value::Array(told) = told else { return };
    for code in codes {
        let code = json!(code);
        if !told.contains(&code) {
            told.push(code);
        }
    }
}

/// Adds a member that OpenAPI does not define.
pub(crate) fn tell(operation: &mut Operation, name: &str, value: Value) {
    operation.extensions.get_or_insert_default().insert(name.to_owned(), value);
}

/// Adds a request header of type text, with a pattern if not every text is a value of it.
fn takes_header(operation: &mut Operation, name: &str, description: &str, pattern: Option<&str>, required: Required) {
    let text = ObjectBuilder::new().schema_type(Type::String).pattern(pattern).build();
    let header: Parameter = ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(required)
        .description(Some(description))
        .schema(Some(text))
        .build();
    operation.parameters.get_or_insert_default().push(RefOr::T(header));
}

/// Adds a sentence to an operation's description.
pub(crate) fn add_words(operation: &mut Operation, words: &str) {
    let before = operation.description.take().filter(|text| !text.is_empty());
    operation.description = Some(before.map_or_else(|| words.to_owned(), |before| format!("{before}\n\n{words}")));
}
