//! Holds the answers that tests get against the OpenAPI document, with a validator that is not ours: their status, and every member.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value;

use super::client::Answer;

/// The place of a document in the validator.
const PLACE: &str = "https://registry.test/openapi.json";

/// The methods of operations, as the document writes them.
pub(crate) const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The answers of all operations.
struct Contract {
    schemas: Schemas,
    /// What each operation answers, by method and by the parts of its path.
    operations: BTreeMap<&'static str, Vec<(Vec<String>, Answers)>>,
}

/// The answers of an operation, by status and by media type, with the schema of each that is JSON.
type Answers = BTreeMap<String, BTreeMap<String, Option<SchemaIndex>>>;

static CONTRACT: LazyLock<Contract> = LazyLock::new(|| {
    let document = document();
    let (mut compiler, mut schemas) = (Compiler::new(), Schemas::new());
    compiler.add_resource(PLACE, document.clone()).unwrap();
    let mut contract: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for (method, path, operation) in operations(document) {
        let mut answers = Answers::new();
        for (status, answer) in operation["responses"].as_object().unwrap() {
            let place = match answer["$ref"].as_str() {
                Some(named) => named.to_owned(),
                None => format!("#/paths/{}/{method}/responses/{status}", escaped(path)),
            };
            let content = document.pointer(place.trim_start_matches('#')).unwrap()["content"].as_object();
            let described = content.into_iter().flatten().map(|(media, _)| {
                let index = media.ends_with("json").then(|| {
                    let schema =
                        format!("{PLACE}{place}/content/{}/schema", escaped(media)).replace('{', "%7B").replace('}', "%7D");
                    compiler.compile(&schema, &mut schemas).unwrap_or_else(|error| panic!("{schema}: {error:#}"))
                });
                (media.clone(), index)
            });
            answers.insert(status.clone(), described.collect());
        }
        contract.entry(method).or_default().push((path.split('/').map(str::to_owned).collect(), answers));
    }
    Contract { schemas, operations: contract }
});

/// Writes a name as a part of a JSON pointer.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The document of the registry under test.
pub(crate) fn document() -> &'static Value {
    vasp_registry::serve::document()
}

/// Returns the texts of a list, none where there is no list.
pub(crate) fn texts(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Returns the header that an operation takes, as the document describes it.
pub(crate) fn takes<'a>(operation: &'a Value, header: &str) -> Option<&'a Value> {
    operation["parameters"].as_array().into_iter().flatten().find(|one| one["in"] == "header" && one["name"] == header)
}

/// Returns every operation of a document: method, path and members.
pub(crate) fn operations(document: &Value) -> impl Iterator<Item = (&'static str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths.flat_map(|(path, item)| METHODS.iter().filter_map(move |method| Some((*method, path.as_str(), item.get(*method)?))))
}

/// Returns what the operation of a request answers, that of the most exact path.
fn answers_of(method: &str, path: &str) -> Option<&'static Answers> {
    let path: Vec<&str> = path.split('?').next().unwrap_or_default().split('/').collect();
    let fits = |parts: &[String]| {
        parts.len() == path.len() && parts.iter().zip(&path).all(|(part, text)| part == text || part.starts_with('{'))
    };
    let fitting = CONTRACT.operations.get(method)?.iter().filter(|(parts, _)| fits(parts));
    fitting.min_by_key(|(parts, _)| parts.iter().filter(|part| part.starts_with('{')).count()).map(|(_, answers)| answers)
}

/// Whether the document describes an operation that takes a request.
pub(crate) fn is_described(method: &str, path: &str) -> bool {
    answers_of(method, path).is_some()
}

/// Asserts that an answer is one that the document describes: its status, its media type and, of JSON, every member; and that a 401 says how
/// to authenticate. Routes that only tests have are not held.
#[track_caller]
pub(crate) fn hold(method: &str, path: &str, answer: &Answer) {
    let Some(answers) = answers_of(&method.to_lowercase(), path) else { return };
    let status = answer.status.as_str();
    let media = answer.header("content-type").split(';').next().unwrap_or_default();
    // RFC 9110, 11.6.1.
    let says_how = status != "401" || answer.header("www-authenticate") == "Bearer";
    assert!(says_how, "{method} {path} does not say how to authenticate: {answer:?}");
    if status == "304" || media.is_empty() {
        return;
    }
    let known = answers.get(status).or_else(|| answers.get("default").filter(|_| !answer.status.is_success()));
    let Some(known) = known else { panic!("{method} {path} does not describe {status}: {answer:?}") };
    // The introduction of the document says of all lists that they are also sent as CSV.
    if method == "GET" && media == "text/csv" && known.contains_key("application/json") {
        return;
    }
    let Some(index) = known.get(media) else { panic!("{method} {path} does not describe {media} with {status}: {answer:?}") };
    let (Some(index), Ok(body)) = (index, serde_json::from_str(&answer.text)) else { return };
    if let Err(error) = CONTRACT.schemas.validate(&body, *index) {
        panic!("{method} {path} answered {status}, which its schema does not allow: {error}\n{body:#}");
    }
}
