//! What a client can rely on in answers. A member that may be null is always there, so it is required; only a member that is never null
//! may be absent. Answers may get new members, and most lists of words may get new words.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{METHODS, SCHEMAS, each_object, each_operation, schemas};

/// Adapts all schemas of answers.
pub(super) fn settle(document: &mut Value) {
    let answered = names_in_answers(document);
    if let Some(schemas) = schemas(document) {
        for schema in schemas.iter_mut().filter(|(name, _)| answered.contains(*name)).map(|(_, schema)| schema) {
            settle_schema(schema);
        }
    }
    each_operation(document, |_, operation| operation.get_mut("responses").into_iter().for_each(settle_schema));
}

/// Adapts one schema of answers, with everything inside it.
pub(super) fn settle_schema(schema: &mut Value) {
    each_object(schema, &mut |object| {
        require_what_may_be_null(object);
        if object.get("additionalProperties") == Some(&json!(false)) {
            object.remove("additionalProperties");
        }
        if object.get("enum").and_then(Value::as_array).is_some_and(|words| words.len() > 1) {
            object.insert("x-extensible-enum".to_owned(), json!(true));
        }
    });
}

/// Returns the names of the schemas that answers, or messages to webhooks, refer to.
pub(super) fn names_in_answers(document: &Value) -> BTreeSet<String> {
    let parts = operations_of(document).filter_map(|operation| operation.get("responses"));
    let shared = document.pointer("/components/responses").into_iter().chain(document.get("webhooks"));
    names_in(document, parts.chain(shared))
}

/// Returns the names of the schemas that requests refer to.
pub(super) fn names_in_requests(document: &Value) -> BTreeSet<String> {
    let parts = operations_of(document).flat_map(|operation| [operation.get("requestBody"), operation.get("parameters")]);
    names_in(document, parts.flatten())
}

fn operations_of(document: &Value) -> impl Iterator<Item = &Value> {
    let paths = document.get("paths").and_then(Value::as_object).into_iter().flat_map(Map::values);
    paths.flat_map(|item| METHODS.iter().filter_map(|method| item.get(*method)))
}

/// Returns the names of the schemas to which parts of a document refer, directly or indirectly.
fn names_in<'a>(document: &'a Value, parts: impl Iterator<Item = &'a Value>) -> BTreeSet<String> {
    let schemas = document.pointer("/components/schemas");
    let (mut names, mut open): (BTreeSet<String>, Vec<&Value>) = (BTreeSet::new(), parts.collect());
    while let Some(part) = open.pop() {
        for name in references(part) {
            if names.insert(name.to_owned()) {
                open.extend(schemas.and_then(|schemas| schemas.get(name)));
            }
        }
    }
    names
}

/// Returns the names of the schemas to which a part refers directly.
pub(super) fn references(part: &Value) -> Vec<&str> {
    match part {
        Value::Object(members) => {
            let own = members.get("$ref").and_then(Value::as_str).and_then(|place| place.strip_prefix(SCHEMAS));
            own.into_iter().chain(members.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => vec![],
    }
}

/// Returns whether a member of this schema may be null.
pub(super) fn may_be_null(schema: &Value) -> bool {
    let is_null = |schema: &Value| schema.get("type") == Some(&json!("null"));
    let types = schema.get("type").and_then(Value::as_array);
    let choices = ["oneOf", "anyOf"].iter().filter_map(|name| schema.get(*name)?.as_array());
    types.is_some_and(|types| types.contains(&json!("null"))) || choices.flatten().any(is_null)
}

fn require_what_may_be_null(object: &mut Map<String, Value>) {
    let Some(Value::Object(members)) = object.get("properties") else { return };
    let before: Vec<&str> = object.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let required: Vec<&String> =
        members.iter().filter(|(name, schema)| before.contains(&name.as_str()) || may_be_null(schema)).map(|(name, _)| name).collect();
    if required.len() > before.len() {
        let required = json!(required);
        object.insert("required".to_owned(), required);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_null_is_required_and_what_may_be_absent_is_not() {
        let mut schema = json!({"type": "object", "additionalProperties": false, "required": ["a"], "properties": {
            "a": {"type": "string"}, "b": {"type": ["string", "null"]}, "c": {"type": "string"},
            "d": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/D"}]},
            "e": {"type": "object", "properties": {"f": {"type": ["integer", "null"]}}}
        }});

        settle_schema(&mut schema);

        assert_eq!(schema["required"], json!(["a", "b", "d"]));
        assert_eq!(schema["properties"]["e"]["required"], json!(["f"]));
        assert_eq!(schema.get("additionalProperties"), None);
    }

    #[test]
    fn lists_of_several_words_may_grow_and_tags_do_not() {
        let mut schema = json!([{"type": "string", "enum": ["a", "b"]}, {"type": "string", "enum": ["kind"]}]);

        settle_schema(&mut schema);

        assert_eq!((&schema[0]["x-extensible-enum"], schema[1].get("x-extensible-enum")), (&json!(true), None));
    }
}
