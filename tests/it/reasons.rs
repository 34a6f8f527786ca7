//! Every code of a pre-check is in a closed list of the OpenAPI document and has its entry on the served page of reasons, and no entry is
//! without a code.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::contract::document;
use crate::support::{Database, Registry};

/// The values of the closed list that the code at a place of an answer refers to.
fn values(schemas: &Value, of: &str) -> Vec<String> {
    let code = schemas.pointer(&format!("{of}/properties/code/$ref")).and_then(Value::as_str);
    let list = code.unwrap_or_else(|| panic!("{of} has no code of a closed list"));
    let name = list.rsplit('/').next().unwrap();
    schemas[name]["enum"].as_array().unwrap().iter().map(|value| value.as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_code_has_its_entry_and_no_entry_is_without_a_code() {
    let schemas = &document()["components"]["schemas"];
    let codes: BTreeSet<String> =
        ["/Reason", "/Condition", "/Precheck/properties/next_steps/items"].iter().flat_map(|of| values(schemas, of)).collect();
    for others in ["notes", "checks"] {
        assert_eq!(values(schemas, "/Reason"), values(schemas, &format!("/PrecheckEvidence/properties/{others}/items")));
    }

    let registry = Registry::start(Database::sqlite());
    for address in ["/docs/reasons", "/docs/reasons.md"] {
        let page = registry.client.get(address).with(200).text;
        let entries: Vec<&str> = page.split("<a id=\"").skip(1).map(|rest| rest.split_once('"').unwrap().0).collect();
        let told: BTreeSet<String> = entries.iter().map(|one| (*one).to_owned()).collect();
        assert_eq!(told.len(), entries.len(), "an entry stands twice");
        assert_eq!(told, codes, "{address}");
    }
}
