//! What would break a client that was generated from an earlier document. The documents of releases are kept in `openapi/released/`; a
//! change that breaks one of them is refused here.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use super::{document, texts};
use crate::support::contract::operations;

/// Which side a schema describes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Request,
    Answer,
}

/// Two documents, and the differences that break clients of the first.
struct Comparison<'a> {
    old: &'a Value,
    new: &'a Value,
    seen: BTreeSet<(String, String)>,
    found: Vec<String>,
}

/// Returns every difference between two documents that breaks a client of the old one.
fn breaking(old: &Value, new: &Value) -> Vec<String> {
    let mut comparison = Comparison { old, new, seen: BTreeSet::new(), found: vec![] };
    for (method, path, before) in operations(old) {
        let place = format!("{method} {path}");
        match new["paths"].get(path).and_then(|item| item.get(method)) {
            None => comparison.found.push(format!("{place} is gone")),
            Some(after) => comparison.operation(&place, before, after),
        }
    }
    comparison.found
}

impl Comparison<'_> {
    fn operation(&mut self, place: &str, before: &Value, after: &Value) {
        if before["operationId"] != after["operationId"] {
            self.found.push(format!("{place} has another operation id"));
        }
        let key = |one: &Value| (one["in"].clone(), one["name"].clone());
        let parameters = |operation: &Value| operation["parameters"].as_array().cloned().unwrap_or_default();
        let (old, new) = (parameters(before), parameters(after));
        for one in new.iter().filter(|one| one["required"] == true) {
            if !old.iter().any(|known| key(known) == key(one) && known["required"] == true) {
                self.found.push(format!("{place} needs the parameter {}", one["name"]));
            }
        }
        for one in &old {
            match new.iter().find(|known| key(known) == key(one)) {
                None => self.found.push(format!("{place} does not take the parameter {} any more", one["name"])),
                Some(known) => self.schema(&format!("{place} {}", one["name"]), &one["schema"], &known["schema"], Side::Request),
            }
        }
        if before.get("requestBody").is_none() && after["requestBody"]["required"] == true {
            self.found.push(format!("{place} needs a body"));
        }
        self.contents(place, &before["requestBody"], &after["requestBody"], Side::Request);
        for (status, answer) in
            before["responses"].as_object().into_iter().flatten().filter(|(status, _)| status.starts_with('2'))
        {
            match after["responses"].get(status) {
                None => self.found.push(format!("{place} does not answer {status} any more")),
                Some(now) => self.contents(&format!("{place} {status}"), answer, now, Side::Answer),
            }
        }
    }

    fn contents(&mut self, place: &str, before: &Value, after: &Value, side: Side) {
        for (media, content) in before["content"].as_object().into_iter().flatten() {
            match after["content"].get(media) {
                None => self.found.push(format!("{place} has no {media} any more")),
                Some(now) => self.schema(place, &content["schema"], &now["schema"], side),
            }
        }
    }

    fn schema(&mut self, place: &str, before: &Value, after: &Value, side: Side) {
        let names = [before, after].map(|schema| schema["$ref"].as_str().unwrap_or_default().to_owned());
        let [old_name, new_name] = names;
        if !old_name.is_empty() && !self.seen.insert((format!("{old_name}{}", u8::from(side == Side::Request)), new_name)) {
            return;
        }
        let (before, after) = (resolved(self.old, before).clone(), resolved(self.new, after).clone());
        let words = |schema: &Value| texts(&schema["enum"]).into_iter().map(str::to_owned).collect::<BTreeSet<_>>();
        if before.get("enum").is_some() && after.get("enum").is_some() {
            let gone: Vec<_> = words(&before).difference(&words(&after)).cloned().collect();
            self.found.extend(gone.iter().map(|word| format!("{place} has no value `{word}` any more")));
        }
        let types = |schema: &Value| match &schema["type"] {
            Value::String(one) => BTreeSet::from([one.clone()]),
            many => texts(many).into_iter().map(str::to_owned).collect(),
        };
        let (old, new): (BTreeSet<String>, BTreeSet<String>) = (types(&before), types(&after));
        let fits = if side == Side::Request { old.is_subset(&new) } else { new.is_subset(&old) };
        if !old.is_empty() && !new.is_empty() && !fits {
            self.found.push(format!("{place} has another type"));
        }
        self.members(place, &before, &after, side);
        if before.get("items").is_some() && after.get("items").is_some() {
            self.schema(&format!("{place}[]"), &before["items"], &after["items"], side);
        }
        for choice in ["oneOf", "anyOf", "allOf"] {
            let (old, new) =
                (before[choice].as_array().cloned().unwrap_or_default(), after[choice].as_array().cloned().unwrap_or_default());
            old.iter().zip(&new).for_each(|(old, new)| self.schema(place, old, new, side));
            if new.len() < old.len() && side == Side::Request {
                self.found.push(format!("{place} has fewer forms"));
            }
        }
    }

    fn members(&mut self, place: &str, before: &Value, after: &Value, side: Side) {
        let (was, is) = (texts(&before["required"]), texts(&after["required"]));
        for (name, member) in before["properties"].as_object().into_iter().flatten() {
            match after["properties"].get(name) {
                None => self.found.push(format!("{place} has no member `{name}` any more")),
                Some(_) if side == Side::Answer && was.contains(&name.as_str()) && !is.contains(&name.as_str()) => {
                    self.found.push(format!("{place} may lack the member `{name}`"));
                }
                Some(now) => self.schema(&format!("{place}.{name}"), member, now, side),
            }
        }
        if side == Side::Request {
            let new = is.iter().filter(|name| !was.contains(name));
            self.found.extend(new.map(|name| format!("{place} needs the member `{name}`")));
        }
    }
}

fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let named = schema["$ref"].as_str().and_then(|place| document.pointer(place.trim_start_matches('#')));
    named.unwrap_or(schema)
}

#[test]
fn nothing_breaks_clients_of_a_release() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi/released");
    for released in std::fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
        let old: Value = serde_json::from_str(&std::fs::read_to_string(released.path()).unwrap()).unwrap();

        assert_eq!(breaking(&old, document()), [""; 0], "{}", released.path().display());
    }
}

#[test]
fn the_present_document_breaks_no_client_of_itself() {
    assert_eq!(breaking(document(), document()), [""; 0]);
}

/// A small document, and the same after a change.
fn changed(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let old = json!({
        "paths": {"/letters": {
            "get": {"operationId": "list_letters", "responses": {"200": {"content": {"application/json": {"schema": {
                "$ref": "#/components/schemas/Letter"}}}}}},
            "post": {"operationId": "create_letter", "parameters": [{"in": "query", "name": "q", "schema": {"type": "string"}}],
                "requestBody": {"content": {"application/json": {"schema": {"type": "object", "required": ["to"], "properties": {
                    "to": {"type": "string"}, "note": {"type": ["string", "null"]}}}}}}, "responses": {}}
        }},
        "components": {"schemas": {"Letter": {"type": "object", "required": ["to", "kind"], "properties": {
            "to": {"type": "string"}, "kind": {"type": "string", "enum": ["post", "mail"]}}}}}
    });
    let mut new = old.clone();
    change(&mut new);
    breaking(&old, &new)
}

#[test]
fn what_breaks_a_client_is_found() {
    let letter = "/components/schemas/Letter";
    let body = "/paths/~1letters/post/requestBody/content/application~1json/schema";
    let at = |new: &mut Value, place: &str, value: Value| *new.pointer_mut(place).unwrap() = value;
    let one = |found: Vec<String>, expected: &str| assert_eq!(found, [expected]);

    one(changed(|new| drop(new["paths"]["/letters"].as_object_mut().unwrap().remove("get"))), "get /letters is gone");
    one(changed(|new| at(new, "/paths/~1letters/get/operationId", json!("read"))), "get /letters has another operation id");
    one(changed(|new| at(new, &format!("{letter}/required"), json!(["to"]))), "get /letters 200 may lack the member `kind`");
    one(
        changed(|new| at(new, &format!("{letter}/properties/kind/enum"), json!(["mail"]))),
        "get /letters 200.kind has no value `post` any more",
    );
    one(
        changed(|new| at(new, &format!("{letter}/properties/to/type"), json!(["string", "null"]))),
        "get /letters 200.to has another type",
    );
    one(changed(|new| at(new, &format!("{body}/required"), json!(["note", "to"]))), "post /letters needs the member `note`");
    one(changed(|new| at(new, &format!("{body}/properties/note/type"), json!("string"))), "post /letters.note has another type");
    let needed = json!({"in": "query", "name": "q", "required": true, "schema": {"type": "string"}});
    one(changed(|new| at(new, "/paths/~1letters/post/parameters/0", needed)), "post /letters needs the parameter \"q\"");
    one(
        changed(|new| at(new, "/paths/~1letters/post/parameters", json!([]))),
        "post /letters does not take the parameter \"q\" any more",
    );
}

#[test]
fn what_only_adds_is_no_break() {
    let found = changed(|new| {
        new["paths"]["/more"] = json!({"get": {"operationId": "list_more", "responses": {}}});
        let letter = &mut new["components"]["schemas"]["Letter"];
        letter["properties"]["colour"] = json!({"type": "string"});
        letter["properties"]["kind"]["enum"] = json!(["post", "mail", "pigeon"]);
        let body = new.pointer_mut("/paths/~1letters/post/requestBody/content/application~1json/schema").unwrap();
        body["properties"]["colour"] = json!({"type": "string"});
        body["properties"]["to"]["type"] = json!(["string", "null"]);
    });

    assert_eq!(found, [""; 0]);
}
