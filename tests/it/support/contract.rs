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
    /// The schema of each answer, by method, path and status; `None` if the answer is not JSON.
    answers: BTreeMap<(String, String, String), Option<SchemaIndex>>,
}

static CONTRACT: LazyLock<Contract> = LazyLock::new(|| {
    let document = vasp_registry::serve::document();
    let (mut compiler, mut schemas) = (Compiler::new(), Schemas::new());
    compiler.add_resource(PLACE, document.clone()).unwrap();
    let mut answers = BTreeMap::new();
    for (method, path, operation) in operations(document) {
        for (status, answer) in operation["responses"].as_object().unwrap() {
            let place = match answer["$ref"].as_str() {
                Some(named) => named.to_owned(),
                None => format!("#/paths/{}/{method}/responses/{status}", escaped(path)),
            };
            let content = document.pointer(place.trim_start_matches('#')).unwrap()["content"].as_object();
            let json = content.into_iter().flatten().find(|(media, _)| media.ends_with("json"));
            let index = json.map(|(media, _)| {
                let schema = format!("{PLACE}{place}/content/{}/schema", escaped(media)).replace('{', "%7B").replace('}', "%7D");
                compiler.compile(&schema, &mut schemas).unwrap_or_else(|error| panic!("{schema}: {error:#}"))
            });
            answers.insert((method.to_owned(), path.to_owned(), status.clone()), index);
        }
    }
    Contract { schemas, answers }
});

/// Writes a name as a part of a JSON pointer.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Returns every operation of a document: method, path and members.
pub(crate) fn operations(document: &Value) -> impl Iterator<Item = (&'static str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths.flat_map(|(path, item)| METHODS.iter().filter_map(move |method| Some((*method, path.as_str(), item.get(*method)?))))
}

/// Returns the path of the document that a request's path is of, the most exact one.
fn pattern_of<'a>(method: &str, path: &str, contract: &'a Contract) -> Option<&'a str> {
    let path: Vec<&str> = path.split('?').next().unwrap_or_default().split('/').collect();
    let fits = |pattern: &&str| {
        let parts: Vec<&str> = pattern.split('/').collect();
        parts.len() == path.len() && parts.iter().zip(&path).all(|(part, text)| part == text || part.starts_with('{'))
    };
    let patterns = contract.answers.keys().filter(|(of, ..)| of == method).map(|(_, pattern, _)| pattern.as_str());
    patterns.filter(fits).min_by_key(|pattern| pattern.matches('{').count())
}

/// Asserts that an answer is one that the document describes. Routes that only tests have are not held.
#[track_caller]
pub(crate) fn hold(method: &str, path: &str, answer: &Answer) {
    let contract = &*CONTRACT;
    let Some(pattern) = pattern_of(&method.to_lowercase(), path, contract) else { return };
    let status = answer.status.as_str();
    let media = answer.header("content-type");
    if status == "304" || !media.contains("json") || media.contains("jsonl") {
        return;
    }
    let described = |status: &str| contract.answers.get(&(method.to_lowercase(), pattern.to_owned(), status.to_owned()));
    let known = described(status).or_else(|| described("default").filter(|_| !answer.status.is_success()));
    let Some(index) = known else { panic!("{method} {pattern} does not describe {status}: {answer:?}") };
    let Some(index) = index else { return };
    let Ok(body) = serde_json::from_str(&answer.text) else { return };
    if let Err(error) = contract.schemas.validate(&body, *index) {
        panic!("{method} {pattern} answered {status}, which its schema does not allow: {error}\n{body:#}");
    }
}
