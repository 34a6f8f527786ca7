//! What is wrong with a request, each fault at its place. The reader stops at the first. The OpenAPI document finds the others in the form
//! of a body, and says what is needed, with a validator that is not ours. It is asked only about bodies that are refused already, so what
//! it says can never refuse one. Texts that the types of this registry write are passed on as they are.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Display;
use std::sync::{Mutex, PoisonError};

use boon::{Compiler, ErrorKind, SchemaIndex, Schemas, Type, ValidationError};
use serde_json::{Error, Value};

use super::error::FieldError;
use super::written_forms::in_words;
use super::{App, Problem, ProblemCode};
use vasp_words::json_place::place_of_fault;

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

/// The compiled descriptions, by their places; `None` where there is none.
#[derive(Default)]
struct Compiled {
    schemas: Schemas,
    forms: HashMap<String, Option<SchemaIndex>>,
}

impl std::fmt::Debug for Compiled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.forms.keys()).finish()
    }
}

/// What is said of a value that the reader refused, unless the document knows better. The reader speaks of Rust types.
const NOT_ALLOWED: &str = "the value is not one that is allowed here";

/// Returns the place in the document that describes the JSON body of an operation.
pub(super) fn form_of(method: &str, path: &str) -> String {
    format!("/paths/{}/{}/requestBody/content/application~1json/schema", escaped(path), method.to_ascii_lowercase())
}

/// Adds to the problem of a refused body the faults that the reader did not come to. `form` is the place in the document that describes
/// the body.
pub(super) fn with_all_faults(problem: Problem, app: &App, form: &str, body: &[u8]) -> Problem {
    if problem.code() != ProblemCode::InvalidRequest || body.len() > MOST_BYTES {
        return problem;
    }
    let Ok(body) = serde_json::from_slice(body) else { return problem };
    with_others(problem, app.registry.part::<BodyForms>().faults(form, &body))
}

/// Adds the faults whose places the problem does not name yet. A fault around or inside a named place may be the same one.
fn with_others(mut problem: Problem, mut all: BTreeMap<String, FieldError>) -> Problem {
    for named in &mut problem.errors {
        if named.detail == NOT_ALLOWED
            && let Some(fault) = all.remove(&named.pointer)
        {
            named.detail = fault.detail;
        }
        all.retain(|_, fault| !lies_in(&named.pointer, &fault.pointer) && !lies_in(&fault.pointer, &named.pointer));
    }
    let left = MOST_FAULTS.saturating_sub(problem.errors.len());
    all.into_values().take(left).fold(problem, Problem::with_error)
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

    /// Returns the faults of a body by their places.
    fn faults(&self, form: &str, body: &Value) -> BTreeMap<String, FieldError> {
        let mut all = BTreeMap::new();
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = compiled.index((self.document)(), form)
            && let Err(error) = compiled.schemas.validate(body, index)
        {
            collect(&error, &mut all);
        }
        all
    }
}

impl Compiled {
    /// Returns the description at a place of the document; compiles it the first time.
    fn index(&mut self, document: &Value, form: &str) -> Option<SchemaIndex> {
        if let Some(known) = self.forms.get(form) {
            return *known;
        }
        let compiled = document.pointer(form).and_then(|_| {
            let mut compiler = Compiler::new();
            compiler.add_resource(PLACE, document.clone()).ok()?;
            let url = format!("{PLACE}#{form}").replace('{', "%7B").replace('}', "%7D");
            compiler.compile(&url, &mut self.schemas).ok()
        });
        self.forms.insert(form.to_owned(), compiled);
        compiled
    }
}

/// Writes a name as a part of a JSON Pointer (RFC 6901, section 3).
fn escaped(name: &str) -> String {
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
    let detail = shortened(&detail);
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
        ErrorKind::Pattern { want, .. } => in_words(want),
        ErrorKind::Format { want, .. } => format!("the text must be a {want}"),
        _ => NOT_ALLOWED.to_owned(),
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

fn shortened(detail: &str) -> String {
    detail.chars().take(300).collect()
}

/// Returns the fault for which `read` refused a body.
pub(super) fn first_fault<'b>(body: &'b [u8], error: &Error, read: &dyn Fn(&'b [u8]) -> Option<Error>) -> FieldError {
    let (words, place) = (error.to_string(), place_of_fault(body, read));
    let (code, name, detail) = put(&words, "member");
    let missing = name.filter(|_| code == "missing_member");
    let pointer = place.iter().map(String::as_str).chain(missing).map(|part| format!("/{}", escaped(part))).collect();
    FieldError { pointer, code: code.into(), detail: shortened(&detail) }
}

/// Returns the fault for which `read` refused a query: a wrong parameter is refused for the same reason when it is read alone.
pub(super) fn fault_of_query<E: Display>(query: &str, error: &E, read: &dyn Fn(&str) -> Option<E>) -> FieldError {
    let words = error.to_string();
    let (code, name, detail) = put(&words, "parameter");
    let is_wrong = |pair: &&str| read(pair).is_some_and(|alone| alone.to_string() == words);
    let wrong = || form_urlencoded::parse(query.split('&').find(is_wrong)?.as_bytes()).next().map(|(name, _)| name.into_owned());
    let name = name.map(str::to_owned).or_else(wrong).unwrap_or_default();
    FieldError { pointer: format!("?{name}"), code: code.into(), detail: shortened(&detail) }
}

/// Returns what a reader's error means: the fault's kind, the name of a missing or repeated member, and a sentence for people. `what` is
/// what the request calls its parts: a member or a parameter.
pub(super) fn put<'w>(words: &'w str, what: &str) -> (&'static str, Option<&'w str>, String) {
    let words = without_place(words);
    if let Some((name, _)) = quoted_after(words, "missing field ") {
        return ("missing_member", Some(name), format!("the {what} `{name}` is missing"));
    }
    if let Some((name, rest)) = quoted_after(words, "unknown field ") {
        return ("unknown_member", None, format!("there is no {what} `{name}`{}", allowed(rest, &format!("the {what}s are"))));
    }
    if let Some((name, _)) = quoted_after(words, "duplicate field ") {
        return ("duplicate_member", Some(name), format!("the {what} `{name}` stands twice"));
    }
    if let Some((word, rest)) = quoted_after(words, "unknown variant ") {
        let words = format!("`{word}` is not an allowed word{}", allowed(rest, "the words are"));
        return ("invalid_value", None, words);
    }
    let stock = ["invalid type: ", "invalid value: ", "invalid length ", "data did not match any variant"];
    let words = if stock.iter().any(|start| words.starts_with(start)) { NOT_ALLOWED } else { words };
    ("invalid_value", None, words.to_owned())
}

/// Takes off the place in the text: the pointer names the place.
fn without_place(words: &str) -> &str {
    words.rsplit_once(" at line ").filter(|(_, place)| place.contains(" column ")).map_or(words, |(words, _)| words)
}

fn quoted_after<'a>(words: &'a str, start: &str) -> Option<(&'a str, &'a str)> {
    words.strip_prefix(start)?.strip_prefix('`')?.split_once('`')
}

/// Returns the names that the reader lists behind `expected`, as the end of a sentence.
fn allowed(rest: &str, are: &str) -> String {
    match rest.split_once('`') {
        Some((_, names)) => format!("; {are} `{}", names.replace("` or `", "`, `")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use serde::Deserialize;
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

    fn found(method: &str, body: &Value) -> Vec<(String, String)> {
        let all = BodyForms::of(document).faults(&form_of(method, "/letters/{id}"), body);
        all.into_values().map(|fault| (fault.pointer, fault.detail)).collect()
    }

    #[test]
    fn all_faults_of_a_body_are_found_each_at_its_place() {
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

        assert_eq!(found("POST", &body), expected.map(|(at, says)| (at.to_owned(), says.to_owned())));
        assert_eq!(found("POST", &json!({"to": "a", "sealed": true, "stamp": null})), []);
        let [(at, says)] = found("POST", &json!({"to": "a", "sealed": true, "stamp": 5})).try_into().unwrap();
        assert_eq!((at.as_str(), says.as_str()), ("/stamp", "the value has none of the forms that are allowed here"));
        assert_eq!(found("GET", &body), [], "an operation without a body");
    }

    #[test]
    fn what_the_reader_said_stays_first_and_is_not_said_twice() {
        let first = FieldError { pointer: "/a/b".to_owned(), code: "invalid_value".into(), detail: "first".to_owned() };
        let problem = Problem::new(ProblemCode::InvalidRequest, "The body has a member that is not valid.").with_error(first);
        let mut all = BTreeMap::new();
        for pointer in ["", "/a", "/a/b", "/a/b/c", "/a/bc", "/z"] {
            add(&mut all, pointer.to_owned(), "invalid_value", "x".to_owned());
        }

        let problem = with_others(problem, all);

        assert_eq!(problem.errors().iter().map(|fault| fault.pointer.as_str()).collect::<Vec<_>>(), ["/a/b", "/a/bc", "/z"]);
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether it reads matters")]
    struct Card {
        to: String,
        #[serde(default)]
        colour: Option<Colour>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Colour {
        Red,
        Green,
    }

    #[test]
    fn faults_that_the_reader_finds_are_told_in_words_of_json() {
        for (body, code, expected) in [
            ("{}", "missing_member", "the member `to` is missing"),
            (r#"{"too": "a"}"#, "unknown_member", "there is no member `too`; the members are `to`, `colour`"),
            (r#"{"to": "a", "to": "b"}"#, "duplicate_member", "the member `to` stands twice"),
            (r#"{"to": 1}"#, "invalid_value", NOT_ALLOWED),
            (r#"{"to": "a", "colour": "blue"}"#, "invalid_value", "`blue` is not an allowed word; the words are `red`, `green`"),
        ] {
            let error = serde_json::from_str::<Card>(body).unwrap_err().to_string();
            let (kind, _, words) = put(&error, "member");

            assert_eq!((kind, words.as_str()), (code, expected), "{body}");
        }
    }

    #[test]
    fn sentences_of_our_own_types_are_passed_on() {
        let (code, name, words) = put("`x` is not an ISO 3166-1 alpha-2 country code at line 1 column 48", "member");

        assert_eq!((code, name, words.as_str()), ("invalid_value", None, "`x` is not an ISO 3166-1 alpha-2 country code"));
    }
}
