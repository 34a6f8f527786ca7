//! Parts the schemas that both requests and answers use. A request may leave members out and may have no unknown ones; an answer always has
//! its members and may get new ones. So the schema of requests gets the name with `Input` at its end, where the two differ.

use std::collections::BTreeSet;

use serde_json::Value;

use super::answers::{names_in_answers, names_in_requests, references, settle_schema};
use super::{SCHEMAS, each_object, each_operation, schemas};

/// What is put behind the name of a schema of requests.
const INPUT: &str = "Input";

/// Gives requests schemas of their own, where the schemas of answers differ.
pub(super) fn part(document: &mut Value) {
    let requests = names_in_requests(document);
    let parted = parted(document, &requests);
    let Some(schemas) = schemas(document) else { return };
    for name in &requests {
        let Some(schema) = schemas.get_mut(name) else { continue };
        if parted.contains(name) {
            let mut input = schema.clone();
            refer_to_inputs(&mut input, &parted);
            schemas.insert(format!("{name}{INPUT}"), input);
        } else if references(schema).iter().any(|inside| parted.contains(*inside)) {
            refer_to_inputs(schema, &parted);
        }
    }
    each_operation(document, |_, operation| {
        let asked = ["requestBody", "parameters"];
        operation
            .iter_mut()
            .filter(|(name, _)| asked.contains(&name.as_str()))
            .for_each(|(_, part)| refer_to_inputs(part, &parted));
    });
}

/// Returns the names of the schemas of requests that answers use in another form: those that differ, and all that refer to them.
fn parted(document: &Value, requests: &BTreeSet<String>) -> BTreeSet<String> {
    let answers = names_in_answers(document);
    let shared: Vec<(&String, &Value)> = requests
        .intersection(&answers)
        .filter_map(|name| Some((name, document.pointer("/components/schemas")?.get(name)?)))
        .collect();
    let mut parted = BTreeSet::new();
    loop {
        let known = parted.len();
        for (name, schema) in &shared {
            if differs(name, schema) || references(schema).iter().any(|inside| parted.contains(*inside)) {
                parted.insert((*name).clone());
            }
        }
        if parted.len() == known {
            return parted;
        }
    }
}

/// Returns whether answers use another form of a schema. That a list of words may grow makes no difference.
fn differs(name: &str, schema: &Value) -> bool {
    let mut settled = schema.clone();
    settle_schema(name, &mut settled);
    let mut plain = schema.clone();
    for form in [&mut settled, &mut plain] {
        each_object(form, &mut |object| {
            object.remove("x-extensible-enum");
            // The order of required members means nothing.
            if let Some(Value::Array(required)) = object.get_mut("required") {
                required.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            }
        });
    }
    settled != plain
}

fn refer_to_inputs(part: &mut Value, parted: &BTreeSet<String>) {
    each_object(part, &mut |object| {
        if let Some(Value::String(place)) = object.get_mut("$ref")
            && place.strip_prefix(SCHEMAS).is_some_and(|name| parted.contains(name))
        {
            place.push_str(INPUT);
        }
    });
}
