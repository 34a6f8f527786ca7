//! All faults in the form of a body at once. The reader stops at the first; the description of the operation in the OpenAPI document finds
//! the others, with a validator that is not ours. It is asked only about bodies that are refused already, so what it says can never refuse
//! one.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use actix_web::HttpRequest;
use actix_web::web::Data;
use boon::{Compiler, ErrorKind, SchemaIndex, Schemas, Type, ValidationError};
use serde_json::Value;

use super::error::FieldError;
use super::{App, Problem};

/// The place of the document in the validator.
const PLACE: &str = "https://registry.invalid/openapi.json";

/// The most faults of one answer. A body that is wrong in more places is another form altogether.
const MOST_FAULTS: usize = 20;

/// A larger body gets only its first fault, so that refusals stay cheap.
const MOST_BYTES: usize = 65_536;

/// The descriptions of bodies in the OpenAPI document.
#[derive(Debug)]
pub(crate) struct BodyForms {
    document: fn() -> &'static Value,
    compiled: Mutex<Compiled>,
}

/// The compiled descriptions, by the operation of each; `None` for an operation that has none.
#[derive(Default)]
struct Compiled {
    schemas: Schemas,
    of_operations: HashMap<String, Option<SchemaIndex>>,
}

impl std::fmt::Debug for Compiled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.of_operations.keys()).finish()
    }
}

/// Adds to the problem of a refused body the faults that the reader did not come to.
pub(super) fn with_all_faults(problem: Problem, request: &HttpRequest, body: &[u8]) -> Problem {
    let (Some(app), Some(path)) = (request.app_data::<Data<App>>(), request.match_pattern()) else { return problem };
    if body.len() > MOST_BYTES {
        return problem;
    }
    let Ok(body) = serde_json::from_slice(body) else { return problem };
    let method = request.method().as_str().to_ascii_lowercase();
    with_others(problem, app.registry.part::<BodyForms>().faults((&method, &path), &body))
}

/// Adds the faults whose places the problem does not name yet. A fault around or inside a named place may be the same one.
fn with_others(problem: Problem, all: BTreeMap<String, FieldError>) -> Problem {
    let named: Vec<String> = problem.errors().iter().map(|error| error.pointer.clone()).collect();
    let is_other =
        |fault: &FieldError| !named.iter().any(|named| lies_in(named, &fault.pointer) || lies_in(&fault.pointer, named));
    all.into_values().filter(is_other).take(MOST_FAULTS.saturating_sub(named.len())).fold(problem, Problem::with_error)
}

/// Whether a place is another one or lies inside it.
fn lies_in(place: &str, other: &str) -> bool {
    place.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl BodyForms {
    /// Returns the descriptions of a document; compiles each when a body needs it.
    pub(crate) fn of(document: fn() -> &'static Value) -> Self {
        Self { document, compiled: Mutex::default() }
    }

    /// Returns the faults of a body by their places. `operation` is its method in lower case and its path.
    fn faults(&self, operation: (&str, &str), body: &Value) -> BTreeMap<String, FieldError> {
        let mut all = BTreeMap::new();
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        let index = compiled.index((self.document)(), operation);
        if let Some(index) = index
            && let Err(error) = compiled.schemas.validate(body, index)
        {
            collect(&error, &mut all);
        }
        all
    }
}

impl Compiled {
    /// Returns the description of an operation's JSON body; compiles it the first time.
    fn index(&mut self, document: &Value, (method, path): (&str, &str)) -> Option<SchemaIndex> {
        let place = format!("/paths/{}/{method}/requestBody/content/application~1json/schema", escaped(path));
        if let Some(known) = self.of_operations.get(&place) {
            return *known;
        }
        let compiled = document.pointer(&place).and_then(|_| {
            let mut compiler = Compiler::new();
            compiler.add_resource(PLACE, document.clone()).ok()?;
            let url = format!("{PLACE}#{place}").replace('{', "%7B").replace('}', "%7D");
            compiler.compile(&url, &mut self.schemas).ok()
        });
        self.of_operations.insert(place, compiled);
        compiled
    }
}

/// Writes a name as a part of a JSON Pointer (RFC 6901, section 3).
pub(super) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Collects the innermost faults.
fn collect(error: &ValidationError<'_, '_>, all: &mut BTreeMap<String, FieldError>) {
    let place = error.instance_location.to_string();
    if matches!(error.kind, ErrorKind::AnyOf | ErrorKind::OneOf(_)) {
        let forms: Vec<_> = error.causes.iter().filter(|form| !is_another_type(form, &place)).collect();
        match forms.as_slice() {
            [form] => collect(form, all),
            _ => add(all, place, "invalid_value", "the value has none of the forms that are allowed here".to_owned()),
        }
        return;
    }
    if !error.causes.is_empty() {
        error.causes.iter().for_each(|cause| collect(cause, all));
        return;
    }
    match &error.kind {
        ErrorKind::Required { want } => {
            for name in want {
                add(all, format!("{place}/{}", escaped(name)), "missing_member", format!("the member `{name}` is missing"));
            }
        }
        ErrorKind::AdditionalProperties { got } => {
            for name in got {
                add(all, format!("{place}/{}", escaped(name)), "unknown_member", format!("there is no member `{name}`"));
            }
        }
        kind => add(all, place, "invalid_value", words(kind)),
    }
}

/// Whether an alternative was refused only because it is for values of another type, such as null.
fn is_another_type(form: &ValidationError<'_, '_>, place: &str) -> bool {
    match form.causes.as_slice() {
        [] => matches!(form.kind, ErrorKind::Type { .. }) && form.instance_location.to_string() == place,
        causes => causes.iter().all(|cause| is_another_type(cause, place)),
    }
}

fn add(all: &mut BTreeMap<String, FieldError>, pointer: String, code: &'static str, detail: String) {
    let detail = detail.chars().take(300).collect();
    all.entry(pointer.clone()).or_insert(FieldError { pointer, code: code.into(), detail });
}

/// Says what would be right.
fn words(kind: &ErrorKind<'_, '_>) -> String {
    match kind {
        ErrorKind::Type { got, want } => {
            let want: Vec<&str> = want.iter().map(name).collect();
            format!("{} is needed here, not {}", want.join(" or "), name(*got))
        }
        ErrorKind::Enum { want } => {
            let want: Vec<String> =
                want.iter().map(|word| word.as_str().map_or_else(|| word.to_string(), str::to_owned)).collect();
            format!("this is not an allowed word; the words are `{}`", want.join("`, `"))
        }
        ErrorKind::Const { want } => format!("{want} is needed here"),
        ErrorKind::MinLength { want, .. } => format!("the text must have at least {want} characters"),
        ErrorKind::MaxLength { want, .. } => format!("the text must have at most {want} characters"),
        ErrorKind::MinItems { want, .. } => format!("the list must have at least {want} items"),
        ErrorKind::MaxItems { want, .. } => format!("the list must have at most {want} items"),
        ErrorKind::UniqueItems { .. } => "no item may stand twice in the list".to_owned(),
        ErrorKind::Minimum { want, .. } => format!("the number must be at least {want}"),
        ErrorKind::Maximum { want, .. } => format!("the number must be at most {want}"),
        ErrorKind::Pattern { want, .. } => format!("the text must have the form {want}"),
        ErrorKind::Format { want, .. } => format!("the text must be a {want}"),
        _ => "the value is not one that is allowed here".to_owned(),
    }
}

fn name(of: Type) -> &'static str {
    match of {
        Type::Null => "null",
        Type::Boolean => "true or false",
        Type::Number => "a number",
        Type::Integer => "a whole number",
        Type::String => "a text",
        Type::Array => "a list",
        Type::Object => "an object",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use serde_json::json;

    use super::*;

    fn document() -> &'static Value {
        static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
            let letter = json!({
                "type": "object", "required": ["to", "sealed"], "additionalProperties": false,
                "properties": {
                    "to": {"type": "string", "minLength": 1}, "sealed": {"type": "boolean"},
                    "pages": {"type": "array", "items": {"type": "integer", "minimum": 1}, "maxItems": 2},
                    "stamp": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Stamp"}]}
                }
            });
            let stamp = json!({"type": "object", "properties": {"kind": {"enum": ["red", "green"]}}, "required": ["cents"]});
            let body = json!({"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Letter"}}}});
            json!({"paths": {"/letters/{id}": {"post": {"requestBody": body}}},
                   "components": {"schemas": {"Letter": letter, "Stamp": stamp}}})
        });
        &DOCUMENT
    }

    fn found(operation: (&str, &str), body: &Value) -> Vec<(String, String)> {
        let all = BodyForms::of(document).faults(operation, body);
        all.into_values().map(|fault| (fault.pointer, fault.detail)).collect()
    }

    #[test]
    fn all_faults_of_a_body_are_found_each_at_its_place() {
        let post = ("post", "/letters/{id}");
        let body = json!({"too": "x", "sealed": "yes", "pages": [1, 0, "3"], "stamp": {"kind": "blue"}});
        let expected = [
            ("/pages", "the list must have at most 2 items"),
            ("/pages/1", "the number must be at least 1"),
            ("/pages/2", "a whole number is needed here, not a text"),
            ("/sealed", "true or false is needed here, not a text"),
            ("/stamp/cents", "the member `cents` is missing"),
            ("/stamp/kind", "this is not an allowed word; the words are `red`, `green`"),
            ("/to", "the member `to` is missing"),
            ("/too", "there is no member `too`"),
        ];

        assert_eq!(found(post, &body), expected.map(|(at, says)| (at.to_owned(), says.to_owned())));
        assert_eq!(found(post, &json!({"to": "a", "sealed": true, "stamp": null})), []);
        let [(at, says)] = found(post, &json!({"to": "a", "sealed": true, "stamp": 5})).try_into().unwrap();
        assert_eq!((at.as_str(), says.as_str()), ("/stamp", "the value has none of the forms that are allowed here"));
        assert_eq!(found(("get", "/letters/{id}"), &body), [], "an operation without a body");
    }

    #[test]
    fn what_the_reader_said_stays_first_and_is_not_said_twice() {
        let first = FieldError { pointer: "/a/b".to_owned(), code: "invalid_value".into(), detail: "first".to_owned() };
        let problem =
            Problem::new(crate::http::ProblemCode::InvalidRequest, "The body has a member that is not valid.").with_error(first);
        let mut all = BTreeMap::new();
        for pointer in ["", "/a", "/a/b", "/a/b/c", "/a/bc", "/z"] {
            add(&mut all, pointer.to_owned(), "invalid_value", "x".to_owned());
        }

        let problem = with_others(problem, all);

        assert_eq!(problem.errors().iter().map(|fault| fault.pointer.as_str()).collect::<Vec<_>>(), ["/a/b", "/a/bc", "/z"]);
    }
}
