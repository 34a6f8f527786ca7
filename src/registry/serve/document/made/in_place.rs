//! Describes a list of words, and the page of a list, in the one place that has it: only what several places share has a name there.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{SCHEMAS, each_object, schemas};

/// The members of a page. Source: API.md, "Manners".
const OF_PAGES: [&str; 4] = ["directory", "items", "next_cursor", "valid_until"];

/// Moves such schemas to their places. A body that clients send keeps its name: faults in it are looked for by that name.
pub(super) fn settle(document: &mut Value) {
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    each_object(document, &mut |object| {
        for name in object.values().filter_map(Value::as_str).filter_map(|place| place.strip_prefix(SCHEMAS)) {
            *uses.entry(name.to_owned()).or_default() += 1;
        }
        // A choice between a name and null has to keep the name.
        for choice in object.get("oneOf").and_then(Value::as_array).into_iter().flatten() {
            if let Some(name) = choice.get("$ref").and_then(Value::as_str).and_then(|place| place.strip_prefix(SCHEMAS)) {
                *uses.entry(name.to_owned()).or_default() += 1;
            }
        }
    });
    let Some(schemas) = schemas(document) else { return };
    let mut moved: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    schemas.retain(|name, schema| {
        let moves = uses.get(name) == Some(&1) && (schema.get("enum").is_some() || is_page(schema));
        match schema.as_object_mut().filter(|_| moves) {
            Some(schema) => moved.insert(name.clone(), std::mem::take(schema)).is_some(),
            None => true,
        }
    });
    each_object(document, &mut |object| {
        let name = object.get("$ref").and_then(Value::as_str).and_then(|place| place.strip_prefix(SCHEMAS));
        let Some(schema) = name.and_then(|name| moved.remove(name)) else { return };
        object.remove("$ref");
        for (member, value) in schema {
            object.entry(member).or_insert(value);
        }
    });
}

fn is_page(schema: &Value) -> bool {
    let members = schema.get("properties").and_then(Value::as_object);
    members.is_some_and(|members| {
        members.contains_key("next_cursor") && members.keys().all(|member| OF_PAGES.contains(&member.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_and_pages_that_one_place_has_stand_there() {
        let words = json!({"type": "string", "enum": ["a", "b"], "description": "What it is"});
        let named = |name: &str| json!({"$ref": format!("{SCHEMAS}{name}")});
        let page =
            json!({"type": "object", "properties": {"items": {"type": "array", "items": named("Item")}, "next_cursor": {}}});
        let item = json!({"properties": {
            "own": named("Own"), "said": {"$ref": format!("{SCHEMAS}Said"), "description": "Here"}, "one": named("Both"), "other": named("Both"),
            "perhaps": {"oneOf": [{"type": "null"}, named("Perhaps")]}}});
        let mut document = json!({"answer": named("Page"), "components": {"schemas": {
            "Page": page, "Item": item, "Own": words, "Said": words, "Both": words, "Perhaps": words}}});

        settle(&mut document);

        let schemas = document["components"]["schemas"].as_object().unwrap();
        assert_eq!(schemas.keys().collect::<Vec<_>>(), ["Both", "Item", "Perhaps"]);
        assert_eq!(document["answer"], page);
        assert_eq!(schemas["Item"]["properties"]["own"], words);
        assert_eq!(schemas["Item"]["properties"]["said"]["description"], "Here");
        assert_eq!(schemas["Item"]["properties"]["one"], named("Both"));
    }
}
