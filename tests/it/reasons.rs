//! Every code of a pre-check is in a closed list of the OpenAPI document and has its entry in docs/reasons.md, and no entry is without a code.

use std::collections::BTreeSet;

use serde_json::Value;

const DOCUMENT: &str = include_str!("../../docs/reasons.md");

fn anchors() -> Vec<&'static str> {
    DOCUMENT.split("<a id=\"").skip(1).map(|rest| rest.split_once('"').unwrap().0).collect()
}

/// The values of the closed list that a member of an answer refers to.
fn values(schemas: &Value, of: &str) -> Vec<String> {
    let list = schemas[of]["properties"]["code"]["$ref"].as_str().unwrap_or_else(|| panic!("{of}.code is no closed list"));
    let name = list.rsplit('/').next().unwrap();
    schemas[name]["enum"].as_array().unwrap().iter().map(|value| value.as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_code_has_its_entry_and_no_entry_is_without_a_code() {
    let document: Value = serde_json::from_str(include_str!("../../openapi/openapi.json")).unwrap();
    let schemas = &document["components"]["schemas"];
    let codes: BTreeSet<String> = ["Reason", "Condition", "NextStep"].iter().flat_map(|of| values(schemas, of)).collect();
    assert_eq!(values(schemas, "Reason"), values(schemas, "Note"));
    assert_eq!(values(schemas, "Reason"), values(schemas, "Check"));

    let told: BTreeSet<String> = anchors().into_iter().map(str::to_owned).collect();

    assert_eq!(told.len(), anchors().len(), "an entry stands twice");
    let without: Vec<&String> = codes.difference(&told).collect();
    assert!(without.is_empty(), "codes without an entry: {without:?}");
    let more: Vec<&String> = told.difference(&codes).collect();
    assert!(more.is_empty(), "entries without a code: {more:?}");
}

/// An entry says what was found and what to do, in sentences.
#[test]
fn every_entry_says_what_to_do() {
    for line in DOCUMENT.lines().filter(|line| line.contains("<a id=")) {
        let cells: Vec<&str> = line.split(" | ").collect();
        let [_, found, act] = cells.as_slice() else { panic!("three cells: {line}") };
        let act = act.trim_end_matches(" |");
        assert!(!found.is_empty() && act.ends_with(['.', ')']) && act.len() > 10, "{line}");
    }
}
