//! Headers that several answers have: told once, below `components`, and named where they are sent.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::each_operation;

/// Moves each header that every answer describes alike below `components`.
pub(super) fn share_headers(document: &mut Value) {
    let mut told: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    each_header(document, |name, header| told.entry(name.to_owned()).or_default().push(header.clone()));
    let alike = told.into_iter().filter_map(|(name, all)| match all.as_slice() {
        [first, _, ..] if all.iter().all(|one| one == first) => Some((name, first.clone())),
        _ => None,
    });
    let shared: BTreeMap<String, Value> = alike.collect();
    each_header(document, |name, header| {
        if shared.contains_key(name) {
            *header = json!({"$ref": format!("#/components/headers/{name}")});
        }
    });
    if let Some(Value::Object(components)) = document.get_mut("components") {
        components.insert("headers".to_owned(), json!(shared));
    }
}

fn each_header(document: &mut Value, mut edit: impl FnMut(&str, &mut Value)) {
    each_operation(document, |_, operation| {
        let Some(Value::Object(responses)) = operation.get_mut("responses") else { return };
        for response in responses.values_mut() {
            if let Some(Value::Object(headers)) = response.get_mut("headers") {
                headers.iter_mut().for_each(|(name, header)| edit(name, header));
            }
        }
    });
}
