//! What the extractors of a handler ask of a request, for the OpenAPI document: credentials, headers, and the problems with which they
//! refuse. The attributes of `vasp_routing` call this for each argument of a handler, so the document follows the handler's signature.
//! `serve/document` asks each handler of the table.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path, Payload};
use serde_json::{Value, json};
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Required};

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
impl Describes for HttpRequest {}
impl Describes for Payload {}

impl<T> Describes for Path<T> {
    fn describe(operation: &mut Operation) {
        may_refuse(operation, &[ProblemCode::NotFound, ProblemCode::InvalidRequest]);
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
pub(crate) fn takes_header(
    operation: &mut Operation,
    (name, description): (&str, &str),
    pattern: Option<&str>,
    required: Required,
) {
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
