//! Describes a list of words, the page of a list, and a small object in the one place that has it: only what several places share, or what
//! does not fit on a few lines, has a name.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::answers::MAY_BE_ABSENT;
use super::{SCHEMAS, each_object, schemas};

/// The members of a page.
const OF_PAGES: [&str; 4] = ["directory", "items", "next_cursor", "valid_until"];

/// An object with at most so many members is described where it is used, if it is used once.
const FEW: usize = 5;

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
        let or_null = is_or_null(choices);
        for name in choices.iter().filter_map(|choice| choice["$ref"].as_str()?.strip_prefix(SCHEMAS)) {
            let of = uses.entry(name.to_owned()).or_default();
            (of.may_be_null, of.is_variant) = (of.may_be_null || or_null, of.is_variant || !or_null);
        }
    });
    uses
}

/// Moves such schemas to their places. What clients send keeps its name: they make it by that name, and faults in it are looked for by it.
/// So does what operations answer, and what has members that may be absent.
pub(super) fn settle(document: &mut Value) {
    let (uses, kept) = (uses(document), named(document));
    let Some(schemas) = schemas(document) else { return };
    let mut moved: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    schemas.retain(|name, schema| {
        let moves = uses.get(name).is_some_and(|of| {
            let is_short = schema.get("enum").is_some() && !of.may_be_null || is_page(schema);
            of.times == 1 && !of.is_variant && (is_short || is_small(schema) && !kept.contains(name))
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
            let or_null = object.get("oneOf").and_then(Value::as_array).is_some_and(|choices| is_or_null(choices));
            let member = if or_null { "oneOf" } else { "$ref" };
            let name = object.get(member).and_then(referred).map(str::to_owned);
            let Some(mut schema) = name
                .filter(|name| or_null || uses.get(name).is_none_or(|of| !of.may_be_null))
                .and_then(|name| moved.remove(&name))
            else {
                return;
            };
            if or_null {
                schema.insert("type".to_owned(), json!(["object", "null"]));
            }
            let said = object.remove(member).unwrap_or_default();
            let said = said.as_array().and_then(|choices| choices.iter().find_map(|choice| choice.get("description"))).cloned();
            for (member, value) in said.map(|said| ("description".to_owned(), said)).into_iter().chain(schema) {
                object.entry(member).or_insert(value);
            }
        });
    }
}

/// Returns the name that a reference, or a choice between one and null, refers to.
fn referred(value: &Value) -> Option<&str> {
    let of_choices = || value.as_array()?.iter().find_map(|choice| choice["$ref"].as_str());
    value.as_str().or_else(of_choices)?.strip_prefix(SCHEMAS)
}

/// Returns whether the choices are a reference and null.
fn is_or_null(choices: &[Value]) -> bool {
    choices.len() == 2
        && choices.iter().any(|choice| choice["type"] == "null")
        && choices.iter().any(|choice| choice["$ref"].is_string())
}

/// Returns the names that every object stays under: all that clients send, what operations answer, and what has members that may be absent.
fn named(document: &mut Value) -> BTreeSet<String> {
    let mut kept: BTreeSet<String> = MAY_BE_ABSENT.iter().map(|(schema, _)| (*schema).to_owned()).collect();
    let mut bodies = Vec::new();
    if let Some(paths) = document.get_mut("paths") {
        kept.extend(names(paths));
        each_object(paths, &mut |object| bodies.extend(object.get_mut("requestBody").map(names).into_iter().flatten()));
    }
    let mut sent = BTreeSet::new();
    while let Some(name) = bodies.pop() {
        if sent.insert(name.clone())
            && let Some(schema) = schemas(document).and_then(|schemas| schemas.get_mut(&name))
        {
            bodies.extend(names(schema));
        }
    }
    kept.extend(sent);
    kept
}

/// Returns the names that a part of the document refers to.
fn names(part: &mut Value) -> Vec<String> {
    let mut names = Vec::new();
    each_object(part, &mut |object| names.extend(object.get("$ref").and_then(referred).map(str::to_owned)));
    names
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
    use super::*;

    #[test]
    fn what_is_short_and_one_place_has_stands_there() {
        let words = json!({"type": "string", "enum": ["a", "b"], "description": "What it is"});
        let named = |name: &str| json!({"$ref": format!("{SCHEMAS}{name}")});
        let page =
            json!({"type": "object", "properties": {"items": {"type": "array", "items": named("Item")}, "next_cursor": {}}});
        let item = json!({"properties": {
            "own": named("Own"), "said": {"$ref": format!("{SCHEMAS}Said"), "description": "Here"}, "one": named("Both"), "other": named("Both"),
            "perhaps": {"oneOf": [{"type": "null"}, named("Perhaps")]}, "small": {"oneOf": [{"$ref": format!("{SCHEMAS}Outer"), "description": "Perhaps"}, {"type": "null"}]},
            "place": {"oneOf": [named("Here"), named("There")]}}});
        let object = |member: &str, is: Value| json!({"type": "object", "properties": {member: is}});
        let (inner, wide) = (
            object("a", json!({})),
            json!({"type": "object", "properties": {"a": {}, "b": {}, "c": {}, "d": {}, "e": {}, "f": {}}}),
        );
        let mut document = json!({"answer": named("Page"), "paths": {"/a": {"post": {"requestBody": named("Body"), "200": named("Answer")}}}, "components": {"schemas": {
            "Page": page, "Item": item, "Own": words, "Said": words, "Both": words, "Perhaps": words,
            "Outer": object("inner", named("Inner")), "Inner": inner, "Here": inner, "There": object("wide", named("Wide")),
            "Wide": wide, "Body": object("b", named("Sent")), "Sent": object("c", json!({})), "Answer": object("d", json!({}))}}});

        settle(&mut document);

        let schemas = document["components"]["schemas"].as_object().unwrap();
        assert_eq!(
            schemas.keys().collect::<Vec<_>>(),
            ["Answer", "Body", "Both", "Here", "Item", "Perhaps", "Sent", "There", "Wide"]
        );
        assert_eq!(document["answer"], page);
        assert_eq!(schemas["Item"]["properties"]["own"], words);
        assert_eq!(schemas["Item"]["properties"]["said"]["description"], "Here");
        assert_eq!(schemas["Item"]["properties"]["one"], named("Both"));
        let small = json!({"type": ["object", "null"], "properties": {"inner": inner}, "description": "Perhaps"});
        assert_eq!(schemas["Item"]["properties"]["small"], small);
    }
}
