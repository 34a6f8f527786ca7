//! Extractors that answer bad input with a problem: `Json` for bodies, `Query` for query strings, and the configuration that makes
//! actix's `Path` do the same. Request types derive `Deserialize` with `deny_unknown_fields`; the extractors report where parsing failed.

use std::borrow::Cow;
use std::fmt::Display;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::str::FromStr;
use std::time::Duration;

use actix_web::body::BoxBody;
use actix_web::error::PathError;
use actix_web::http::{StatusCode, header};
use actix_web::web::{Bytes, Data, PathConfig, Payload};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, Responder, dev, rt};
use percent_encoding::percent_decode_str;
use serde::de::{DeserializeOwned, Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use serde_json::error::Category;

use super::csv_list;
use super::error::{FieldError, Problem};
use super::faults::{fault_of_query, first_fault, form_of, put, with_all_faults};
use super::marked::{marked, without_mark};
use super::{App, Limits};
use crate::node::ProblemCode;

/// A JSON body, of a request or an answer.
#[derive(Debug)]
pub struct Json<T>(pub T);

/// A JSON body that was rendered earlier.
#[derive(Debug)]
pub(crate) struct RawJson(pub(crate) Vec<u8>);

/// A JSON body that is not read yet. `parse_json` reads it, and what it reads can borrow from the body.
#[derive(Debug)]
pub(crate) struct UnreadJson(pub(crate) Bytes);

/// A query string.
#[derive(Debug)]
pub struct Query<T>(pub T);

/// Size at which a body buffer starts. Most answers fit; larger ones grow.
const USUAL_BODY_BYTES: usize = 2 << 10;

/// Makes a path part that does not parse answer with a problem.
#[must_use]
pub fn path_config() -> PathConfig {
    PathConfig::default().error_handler(|error, request| {
        let names: Vec<&str> = request.match_info().iter().map(|(name, _)| name).collect();
        let words = match &error {
            PathError::Deserialize(error) => error.to_string(),
            other => other.to_string(),
        };
        let (code, _, detail) = put(&words, "part of the path");
        let fault = FieldError { pointer: format!("{{{}}}", names.join(",")), code: code.into(), detail };
        Problem::new(ProblemCode::InvalidRequest, "The path has a part that is not valid.").with_error(fault).into()
    })
}

/// Reads a member with its type's `FromStr`, for `#[serde(default, deserialize_with = "parsed")]`.
pub(crate) fn parsed<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(text: D) -> Result<Option<T>, D::Error> {
    let text: Option<String> = Option::deserialize(text)?;
    text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
}

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let body = read_body(request, payload);
        let request = request.clone();
        Box::pin(async move { parse_body(&request, &body.await?).map(Self) })
    }
}

impl FromRequest for UnreadJson {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let body = read_body(request, payload);
        Box::pin(async move { body.await.map(Self) })
    }
}

/// Reads a whole JSON body, within the limits of the server.
pub(crate) fn read_body(
    request: &HttpRequest,
    payload: &mut dev::Payload,
) -> impl Future<Output = Result<Bytes, Problem>> + use<> {
    let request = request.clone();
    let payload = Payload::from_request(&request, payload);
    async move {
        refuse_other_types(&request)?;
        let limits = limits(&request)?;
        read_whole(&request, payload.await, limits.body_bytes, limits.body_time).await
    }
}

/// Returns the limits of one request.
pub(crate) fn limits(request: &HttpRequest) -> Result<Limits, Problem> {
    Ok(request.app_data::<Data<App>>().ok_or_else(|| Problem::internal("the server has no state"))?.limits)
}

/// Reads a body of at most `most_bytes` bytes within a time limit.
pub(crate) async fn read_whole(
    request: &HttpRequest,
    payload: Result<Payload, actix_web::Error>,
    most_bytes: usize,
    time: Duration,
) -> Result<Bytes, Problem> {
    // Checked before any byte of the body is awaited.
    if announced_bytes(request).is_some_and(|bytes| bytes > most_bytes) {
        return Err(too_large(most_bytes));
    }
    let read = payload.map_err(unreadable)?.to_bytes_limited(most_bytes);
    let body = rt::time::timeout(time, read).await.map_err(|_| too_late(time))?;
    body.map_err(|_| too_large(most_bytes))?.map_err(unreadable)
}

impl<T: Serialize> Responder for Json<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        match RawJson::of(&self.0, 1) {
            Ok(body) => body.respond_to(request),
            Err(problem) => HttpResponse::from_error(problem),
        }
    }
}

impl RawJson {
    /// Renders a body; `answers` is how many answers it contains, which sets the first size of the buffer.
    pub(crate) fn of<T: Serialize>(value: &T, answers: usize) -> Result<Self, Problem> {
        let mut body = Vec::with_capacity(USUAL_BODY_BYTES * answers);
        serde_json::to_writer(&mut body, value).map_err(Problem::internal)?;
        Ok(Self(body))
    }
}

impl Responder for RawJson {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let body = marked(request, self.0);
        if let Some(rows) = csv_list::preferred(request, StatusCode::OK, &body) {
            return rows;
        }
        HttpResponse::Ok().content_type(header::ContentType::json()).body(body)
    }
}

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(parse_query(request.path(), request.query_string()).map(Self))
    }
}

fn refuse_other_types(request: &HttpRequest) -> Result<(), Problem> {
    let refuse = |detail: &'static str| {
        Err(Problem::new(ProblemCode::UnsupportedMediaType, detail).with_header(header::ACCEPT, "application/json"))
    };
    if !request.content_type().eq_ignore_ascii_case("application/json") {
        return refuse("The body has no JSON content type; send Content-Type: application/json.");
    }
    if request.headers().get(header::CONTENT_ENCODING).is_some_and(|value| value != "identity") {
        return refuse("The body is compressed; send it uncompressed, without Content-Encoding.");
    }
    Ok(())
}

/// Returns the length that the request announces. The HTTP parser has already rejected lengths that are not numbers.
fn announced_bytes(request: &HttpRequest) -> Option<usize> {
    let text = request.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?;
    Some(text.parse().unwrap_or(usize::MAX))
}

fn too_late(time: Duration) -> Problem {
    let detail = format!("The body did not arrive within {} seconds.", time.as_secs());
    Problem::new(ProblemCode::RequestTimeout, detail).with_header(header::CONNECTION, "close")
}

fn too_large(most_bytes: usize) -> Problem {
    let detail = format!("The body is larger than {most_bytes} bytes.");
    Problem::new(ProblemCode::PayloadTooLarge, detail).with_header(header::CONNECTION, "close")
}

fn unreadable(cause: impl std::error::Error) -> Problem {
    let detail = format!("The body is incomplete or is not valid HTTP ({cause}).");
    Problem::new(ProblemCode::MalformedRequest, detail).with_header(header::CONNECTION, "close")
}

/// Reads a JSON object. If this fails, it reads again to find the reason: first whether all of it is JSON, then which member is wrong.
pub(crate) fn parse_json<'b, T: Deserialize<'b>>(body: &'b [u8]) -> Result<T, Problem> {
    // serde would read an array as the members of a struct, in order.
    let is_object = body.trim_ascii_start().starts_with(b"{");
    let error = match serde_json::from_slice::<T>(body) {
        Ok(value) if is_object => return Ok(value),
        Ok(_) => None,
        Err(error) => Some(error),
    };
    let not_json =
        |error: &serde_json::Error| Err(Problem::new(ProblemCode::MalformedRequest, format!("The body is not JSON: {error}.")));
    // serde_json reports a list in place of an enum word as a syntax error. Only a body that is not JSON at all is one.
    if error.as_ref().is_some_and(|error| error.classify() != Category::Data)
        && let Err(error) = serde_json::from_slice::<Value>(body)
    {
        return not_json(&error);
    }
    if let Err(error) = serde_json::from_slice::<IgnoredAny>(body) {
        return not_json(&error);
    }
    let fault = match error {
        Some(error) if is_object => first_fault(body, &error, &|body| serde_json::from_slice::<T>(body).err()),
        _ => FieldError { pointer: String::new(), code: "invalid_value".into(), detail: "the body must be an object".into() },
    };
    Err(Problem::new(ProblemCode::InvalidRequest, "The body has a member that is not valid.").with_error(fault))
}

/// Reads the JSON object of a request's body. A refusal names all faults in its form.
pub(crate) fn parse_body<'b, T: Deserialize<'b>>(request: &HttpRequest, body: &'b [u8]) -> Result<T, Problem> {
    parse_json(body).map_err(|problem| match (request.app_data::<Data<App>>(), request.match_pattern()) {
        (Some(app), Some(path)) => with_all_faults(problem, app, &form_of(request.method().as_str(), &path), body),
        _ => problem,
    })
}

/// Reads one item of a batch, so that a wrong item does not spoil the others. `form` is its name in the OpenAPI document, `place` its path,
/// such as `/subjects/3`.
pub(crate) fn read_item<T: DeserializeOwned>(
    item: &[u8],
    (app, form): (&App, &str),
    place: impl FnOnce() -> String,
) -> Result<T, Problem> {
    let form = || format!("/components/schemas/{form}");
    parse_json(item).map_err(|problem| with_all_faults(problem, app, &form(), item).inside(&place()))
}

fn parse_query<T: DeserializeOwned>(path: &str, query: &str) -> Result<T, Problem> {
    let query = &*own_query(path, query)?;
    serde_urlencoded::from_str(query).map_err(|error| {
        let read = |query: &str| serde_urlencoded::from_str::<T>(query).err();
        let fault = fault_of_query(query, &error, &read);
        Problem::new(ProblemCode::InvalidRequest, "The query has a parameter that is not valid.").with_error(fault)
    })
}

/// Returns a query with its cursor as the list's service knows it.
///
/// # Errors
/// `Problem` 422 if it is not UTF-8, or has a cursor that this path did not give with these filters.
pub(super) fn own_query<'q>(path: &str, query: &'q str) -> Result<Cow<'q, str>, Problem> {
    refuse_other_than_utf8(query)?;
    without_mark(path, query)
}

/// Refuses a query that is not UTF-8. The parser is lenient here: it would answer as if another text had been sent.
fn refuse_other_than_utf8(query: &str) -> Result<(), Problem> {
    let is_text = |part: &&str| !part.contains('%') || percent_decode_str(part).decode_utf8().is_ok();
    let Some(pair) = query.split('&').find(|pair| !is_text(pair)) else { return Ok(()) };
    let name = percent_decode_str(pair.split('=').next().unwrap_or_default()).decode_utf8_lossy();
    // Questions about a subject have their own problem code.
    let about_subject = query.split('&').any(|pair| pair.starts_with("subject="));
    let code = if about_subject { ProblemCode::InvalidSubject } else { ProblemCode::InvalidRequest };
    let detail = "the parameter is not UTF-8 after percent-decoding".to_owned();
    let fault = FieldError { pointer: format!("?{name}").chars().take(60).collect(), code: "not_utf8".into(), detail };
    Err(Problem::new(code, "The query is not UTF-8.").with_error(fault))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether it reads matters")]
    struct Sample {
        name: String,
        #[serde(default)]
        rows: Vec<Row>,
        #[serde(default)]
        size: Option<Size>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Size {
        Large,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether it reads matters")]
    struct Row {
        size: u8,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Page {
        limit: Option<u16>,
        q: Option<String>,
    }

    fn faults(problem: &Problem) -> Vec<(String, String)> {
        let view = serde_json::to_value(problem.view("", &crate::http::ProblemPages::default())).unwrap();
        let errors = view["errors"].as_array().unwrap().iter();
        errors.map(|e| (e["pointer"].as_str().unwrap().to_owned(), e["code"].as_str().unwrap().to_owned())).collect()
    }

    #[test]
    fn each_fault_of_a_body_is_named_with_its_place() {
        for (body, pointer, code) in [
            (r#"{"name": "a", "nmae": 1}"#, "/nmae", "unknown_member"),
            (r#"{"rows": []}"#, "/name", "missing_member"),
            (r#"{"name": "a", "name": "b"}"#, "/name", "duplicate_member"),
            (r#"{"name": 1}"#, "/name", "invalid_value"),
            (r#"{"name": "a", "rows": [{"size": 1}, {"size": 256}]}"#, "/rows/1/size", "invalid_value"),
            (r#"{"name": "a", "rows": [{"size": 1, "a/b~c": 1}]}"#, "/rows/0/a~1b~0c", "unknown_member"),
            (r#"{"name": "a", "rows": [{}]}"#, "/rows/0/size", "missing_member"),
            (r#"{"name": "a", "size": [1]}"#, "/size", "invalid_value"),
            (r#"{"name": "a", "size": 7}"#, "/size", "invalid_value"),
            (r#"["a", []]"#, "", "invalid_value"),
            (r#""text""#, "", "invalid_value"),
        ] {
            let problem = parse_json::<Sample>(body.as_bytes()).unwrap_err();

            assert_eq!(problem.code(), ProblemCode::InvalidRequest, "{body}");
            assert_eq!(faults(&problem), [(pointer.to_owned(), code.to_owned())], "{body}");
        }
    }

    #[test]
    fn what_is_no_json_names_line_and_column() {
        for (body, place) in [
            ("{\n \"name\": }", "line 2 column 10"),
            ("", "line 1 column 0"),
            ("[[[", "line 1 column 3"),
            ("{\"name\": 1, ", "line 1 column 12"),
            ("{\"name\": \"a\"} x", "line 1 column 15"),
        ] {
            let problem = parse_json::<Sample>(body.as_bytes()).unwrap_err();

            assert_eq!(problem.code(), ProblemCode::MalformedRequest, "{body}");
            assert!(problem.to_string().contains(place), "{problem}");
        }
        let not_utf8 = parse_json::<Sample>(b"{\"name\": \"\xff\"}").unwrap_err();
        assert_eq!(not_utf8.code(), ProblemCode::MalformedRequest);
    }

    #[test]
    fn each_fault_of_a_query_is_named_with_its_parameter() {
        for (query, pointer, code) in [
            ("limit=x", "?limit", "invalid_value"),
            ("limit=65536", "?limit", "invalid_value"),
            ("limmit=1", "?limmit", "unknown_member"),
            ("limit=1&limit=2", "?limit", "duplicate_member"),
        ] {
            let problem = parse_query::<Page>("/", query).unwrap_err();

            assert_eq!(faults(&problem), [(pointer.to_owned(), code.to_owned())], "{query}");
        }
        let page: Page = parse_query("/", "q=a%20b+c&limit=7").unwrap();
        assert_eq!((page.q.as_deref(), page.limit), (Some("a b c"), Some(7)));
    }

    proptest! {
        #[test]
        fn reading_never_panics(body: Vec<u8>, query in "\\PC*") {
            let _ = parse_json::<Sample>(&body);
            let _ = parse_query::<Page>("/", &query);
        }
    }
}
