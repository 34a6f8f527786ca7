//! Adds to operations an example of a request and its answer. A sandbox gave the answers: `tests/it/sandbox/examples.rs` sends every request
//! to one again, and compares.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::each_operation;

const EXAMPLES: &str = include_str!("../../../../../openapi/examples.json");

/// The name of an example, and how a reader of the document learns where it is from.
const NAME: &str = "sandbox";
const SUMMARY: &str = "From a sandbox; lists are cut to two items.";

/// A request with the answer that a sandbox gave to it.
#[derive(Deserialize)]
struct Example {
    operation: String,
    status: u16,
    answer: Value,
    /// The media type of the answer; `None` for JSON.
    answer_type: Option<String>,
    sent: Sent,
}

#[derive(Deserialize)]
struct Sent {
    path: String,
    body: Value,
    /// The media type of the body; `None` for JSON.
    r#type: Option<String>,
}

/// Adds the examples.
pub(super) fn add(document: &mut Value) {
    // The file is part of the program, and a test reads it.
    let all: Vec<Example> = serde_json::from_str(EXAMPLES).unwrap_or_default();
    let by_operation: HashMap<&str, &Example> = all.iter().map(|example| (example.operation.as_str(), example)).collect();
    each_operation(document, |path, operation| {
        let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default();
        let Some(example) = by_operation.get(id) else { return };
        add_to_parameters(operation, path, &example.sent.path);
        if !example.sent.body.is_null() {
            add_to_content(operation.get_mut("requestBody"), example.sent.r#type.as_deref(), &example.sent.body);
        }
        let answer = operation.get_mut("responses").and_then(|responses| responses.get_mut(example.status.to_string()));
        if !example.answer.is_null() {
            add_to_content(answer, example.answer_type.as_deref(), &example.answer);
        }
    });
}

fn add_to_content(part: Option<&mut Value>, media_type: Option<&str>, value: &Value) {
    let media_type = media_type.unwrap_or("application/json");
    let content = part.and_then(|part| part.get_mut("content")?.get_mut(media_type)?.as_object_mut());
    if let Some(content) = content {
        content.insert("examples".to_owned(), json!({NAME: {"summary": SUMMARY, "value": value}}));
    }
}

/// Adds the values that stand in the path and query of a request.
fn add_to_parameters(operation: &mut Map<String, Value>, template: &str, sent: &str) {
    let (path, query) = sent.split_once('?').unwrap_or((sent, ""));
    let in_path = template
        .split('/')
        .zip(path.split('/'))
        .filter_map(|(name, value)| Some((name.strip_prefix('{')?.strip_suffix('}')?.to_owned(), value.to_owned())));
    let in_query = form_urlencoded::parse(query.as_bytes()).into_owned();
    let values: HashMap<String, String> = in_path.chain(in_query).collect();
    let Some(Value::Array(parameters)) = operation.get_mut("parameters") else { return };
    for parameter in parameters.iter_mut().filter_map(Value::as_object_mut) {
        let is_header = parameter.get("in").and_then(Value::as_str) == Some("header");
        let value = parameter.get("name").and_then(Value::as_str).and_then(|name| values.get(name)).filter(|_| !is_header);
        if let Some(value) = value {
            // A number stands in a query as its digits.
            let value = value.parse::<u64>().map_or_else(|_| json!(value), |number| json!(number));
            parameter.insert("example".to_owned(), value);
        }
    }
}
