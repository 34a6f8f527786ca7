//! Every code of a pre-check is in a closed list of the OpenAPI document and has its entry on the served page of reasons, and no entry is
//! without a code.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::contract::document;
use crate::support::{Database, Registry};

/// The values of the closed list that a member of an answer refers to.
fn values(schemas: &Value, of: &str) -> Vec<String> {
    let list = schemas[of]["properties"]["code"]["$ref"].as_str().unwrap_or_else(|| panic!("{of}.code is no closed list"));
    let name = list.rsplit('/').next().unwrap();
    schemas[name]["enum"].as_array().unwrap().iter().map(|value| value.as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_code_has_its_entry_and_no_entry_is_without_a_code() {
    let schemas = &document()["components"]["schemas"];
    let codes: BTreeSet<String> = ["Reason", "Condition", "NextStep"].iter().flat_map(|of| values(schemas, of)).collect();
    assert_eq!(values(schemas, "Reason"), values(schemas, "Note"));
    assert_eq!(values(schemas, "Reason"), values(schemas, "Check"));

    let registry = Registry::start(Database::sqlite());
    for address in ["/docs/reasons", "/docs/reasons.md"] {
        let page = registry.client.get(address).with(200).text;
        let entries: Vec<&str> = page.split("<a id=\"").skip(1).map(|rest| rest.split_once('"').unwrap().0).collect();
        let told: BTreeSet<String> = entries.iter().map(|one| (*one).to_owned()).collect();
        assert_eq!(told.len(), entries.len(), "an entry stands twice");
        assert_eq!(told, codes, "{address}");
    }
}
