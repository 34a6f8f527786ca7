//! Describes a list of words, the page of a list, and a small object in the one place that has it: only what several places share, or what
//! does not fit on a few lines, has a name.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{SCHEMAS, each_object, schemas};

/// The members of a page. Source: API.md, "Manners".
const OF_PAGES: [&str; 4] = ["directory", "items", "next_cursor", "valid_until"];

/// How many members an object has at most that one place has and that stands there.
const FEW: usize = 4;

/// How often a schema is referred to, and whether a choice between schemas does so.
#[derive(Default)]
struct Uses {
    times: usize,
    is_variant: bool,
    may_be_null: bool,
}

/// Counts the references to each schema.
fn uses(document: &mut Value) -> BTreeMap<String, Uses> {
    let mut uses: BTreeMap<String, Uses> = BTreeMap::new();
    each_object(document, &mut |object| {
        for name in object.values().filter_map(Value::as_str).filter_map(|place| place.strip_prefix(SCHEMAS)) {
            uses.entry(name.to_owned()).or_default().times += 1;
        }
        let choices = object.get("oneOf").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let or_null = choices.len() == 2 && choices.iter().any(|choice| choice["type"] == "null");
        for name in choices.iter().filter_map(|choice| choice["$ref"].as_str()?.strip_prefix(SCHEMAS)) {
            let of = uses.entry(name.to_owned()).or_default();
            (of.may_be_null, of.is_variant) = (of.may_be_null || or_null, of.is_variant || !or_null);
        }
    });
    uses
}

/// Moves such schemas to their places. A body that clients send keeps its name: faults in it are looked for by that name.
pub(super) fn settle(document: &mut Value) {
    let uses = uses(document);
    let roots: BTreeSet<String> = roots(document);
    let Some(schemas) = schemas(document) else { return };
    let mut moved: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    schemas.retain(|name, schema| {
        let moves = uses.get(name).is_some_and(|of| {
            let is_short = schema.get("enum").is_some() && !of.may_be_null || is_page(schema);
            of.times == 1 && !of.is_variant && (is_short || is_small(schema) && !roots.contains(name))
        });
        match schema.as_object_mut().filter(|_| moves) {
            Some(schema) => moved.insert(name.clone(), std::mem::take(schema)).is_some(),
            None => true,
        }
    });
    // What is moved may have a place for another one.
    let mut left = usize::MAX;
    while moved.len() < left {
        left = moved.len();
        each_object(document, &mut |object| {
            let name = object.get("$ref").and_then(Value::as_str).and_then(|place| place.strip_prefix(SCHEMAS));
            let Some(schema) = name.and_then(|name| moved.remove(name)) else { return };
            object.remove("$ref");
            for (member, value) in schema {
                object.entry(member).or_insert(value);
            }
        });
    }
}

/// Returns the names of what operations take and answer.
fn roots(document: &mut Value) -> BTreeSet<String> {
    let mut roots = BTreeSet::new();
    each_object(document.get_mut("paths").unwrap_or(&mut Value::Null), &mut |object| {
        let names = object.get("$ref").and_then(Value::as_str).and_then(|place| place.strip_prefix(SCHEMAS));
        roots.extend(names.map(str::to_owned));
    });
    roots
}

/// Returns whether a schema is an object of few members.
fn is_small(schema: &Value) -> bool {
    schema["type"] == "object" && schema["properties"].as_object().is_some_and(|members| members.len() <= FEW)
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
    fn what_is_short_and_one_place_has_stands_there() {
        let words = json!({"type": "string", "enum": ["a", "b"], "description": "What it is"});
        let named = |name: &str| json!({"$ref": format!("{SCHEMAS}{name}")});
        let page =
            json!({"type": "object", "properties": {"items": {"type": "array", "items": named("Item")}, "next_cursor": {}}});
        let item = json!({"properties": {
            "own": named("Own"), "said": {"$ref": format!("{SCHEMAS}Said"), "description": "Here"}, "one": named("Both"), "other": named("Both"),
            "perhaps": {"oneOf": [{"type": "null"}, named("Perhaps")]}, "small": {"oneOf": [named("Outer"), {"type": "null"}]},
            "place": {"oneOf": [named("Here"), named("There")]}}});
        let object = |member: &str, is: Value| json!({"type": "object", "properties": {member: is}});
        let (inner, wide) =
            (object("a", json!({})), json!({"type": "object", "properties": {"a": {}, "b": {}, "c": {}, "d": {}, "e": {}}}));
        let mut document = json!({"answer": named("Page"), "paths": {"/a": {"post": {"body": named("Body")}}}, "components": {"schemas": {
            "Page": page, "Item": item, "Own": words, "Said": words, "Both": words, "Perhaps": words,
            "Outer": object("inner", named("Inner")), "Inner": inner, "Here": inner, "There": object("wide", named("Wide")),
            "Wide": wide, "Body": object("b", json!({}))}}});

        settle(&mut document);

        let schemas = document["components"]["schemas"].as_object().unwrap();
        assert_eq!(schemas.keys().collect::<Vec<_>>(), ["Body", "Both", "Here", "Item", "Perhaps", "There", "Wide"]);
        assert_eq!(document["answer"], page);
        assert_eq!(schemas["Item"]["properties"]["own"], words);
        assert_eq!(schemas["Item"]["properties"]["said"]["description"], "Here");
        assert_eq!(schemas["Item"]["properties"]["one"], named("Both"));
        let small = json!({"oneOf": [object("inner", inner), {"type": "null"}]});
        assert_eq!(schemas["Item"]["properties"]["small"], small);
    }
}
