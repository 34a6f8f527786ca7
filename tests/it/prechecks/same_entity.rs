//! The same legal entity on both sides.
//!
//! Source: docs/prechecks.md, "The same legal entity on both sides".

use serde_json::{Value, json};
use vasp_registry::imports::ImportFormat;

use super::expect::{check, finding};
use super::world::{ALSTER, LIFFEY, OWN, UNKNOWN, VALLETTA, World, lei};
use crate::support::on_every_database;

const ITSELF: [&str; 4] = ["protocol", "data_protection", "travel_rule_due_diligence", "correspondent_due_diligence"];

fn from(vasp: u32, beneficiary: Value) -> Value {
    json!({"direction": "outgoing", "originator": {"vasp": lei(vasp)}, "beneficiary": beneficiary})
}

#[track_caller]
fn is_itself(answer: &Value) {
    for name in ITSELF {
        assert_eq!(finding(answer, name), format!("not_applicable {name}.same_entity"));
    }
    assert!(answer["notes"].as_array().unwrap().iter().any(|note| note["code"] == "attribution.same_entity"), "{answer}");
    assert_eq!(finding(answer, "attribution"), "pass attribution.same_entity");
    let asks: Vec<&str> = answer["conditions"].as_array().unwrap().iter().map(|c| c["code"].as_str().unwrap()).collect();
    assert_eq!((answer["recommendation"].as_str(), asks), (Some("proceed"), vec![]), "{answer}");
}

#[on_every_database(World::start)]
fn nothing_is_sent_to_oneself_and_the_data_are_held_all_the_same(world: World) {
    world.claim(OWN, UNKNOWN);

    let named = world.post("/v1/prechecks", &from(OWN, json!({"vasp": lei(OWN)}))).json();
    is_itself(&named);
    let by_address = from(OWN, json!({"address": UNKNOWN, "network": "eip155:1"}));
    let by_address = world.post("/v1/prechecks", &by_address).json();
    is_itself(&by_address);
    assert!(!by_address["obligations"]["originator"]["required_fields"].as_array().unwrap().is_empty());
    assert_eq!(by_address["due_diligence"]["travel_rule"]["missing"], json!([]));

    // Data that are known to be missing are missing from what is held.
    let mut lacking = from(OWN, json!({"vasp": lei(OWN)}));
    lacking["provided_fields"] = json!([]);
    let lacking = world.post("/v1/prechecks", &lacking).json();
    assert_eq!(lacking["reasons"][0]["code"], "transfer.data_missing");
}

#[on_every_database(World::start)]
fn other_entities_of_ones_group_and_a_mere_declaration_keep_what_is_asked(world: World) {
    let own = world.vasp_id(LIFFEY).parse().unwrap();
    let liffeys = world.organisation("Liffey", Some(own), &["precheck"]).1;

    let sibling = world.post_as(&liffeys, "/v1/prechecks", &from(LIFFEY, json!({"vasp": lei(VALLETTA)}))).json();
    assert_eq!(finding(&sibling, "attribution"), "not_applicable attribution.vasp_named");
    assert_eq!(check(&sibling, "travel_rule_due_diligence")["outcome"], "unknown");
    let other = world.post("/v1/prechecks", &from(OWN, json!({"vasp": lei(ALSTER)}))).json();
    assert_eq!(check(&other, "protocol")["outcome"], "unknown");
    let declared = json!({"address": UNKNOWN, "network": "eip155:1", "declared": {"kind": "vasp", "vasp": lei(OWN)}});
    let unowned = world.post("/v1/prechecks", &from(OWN, declared.clone())).json();
    assert_eq!(finding(&unowned, "attribution"), "warn attribution.declared_unconfirmed");
    assert_eq!(check(&unowned, "travel_rule_due_diligence")["outcome"], "unknown");
    let asks =
        |answer: &Value| answer["conditions"].as_array().unwrap().iter().map(|c| c["code"].to_string()).collect::<Vec<_>>();
    assert!(asks(&unowned).contains(&json!("confirm_address_with_counterparty").to_string()), "{unowned}");

    // A brand's address may be that of any of its legal entities, also of one that is not on record.
    let label = format!(
        "network,address,entity,entity_name,label,category,source,added_date\neip155:1,{UNKNOWN},own,own,,exchange,labels@1:own.csv,\n"
    );
    world.import(ImportFormat::ClaimsCsv, "own.csv", &label);
    let link = format!("group_key,lei,source,as_of\nown,{},read by hand,2026-05-20\n", lei(OWN));
    world.import(ImportFormat::GroupLinks, "own_links.csv", &link);
    let settled = json!({"address": UNKNOWN, "network": "eip155:1", "customer_country": "DE"});
    for of_brand in [declared, settled] {
        let answer = world.post("/v1/prechecks", &from(OWN, of_brand)).json();
        assert_eq!(finding(&answer, "attribution"), "pass attribution.attributed");
        assert_eq!(check(&answer, "travel_rule_due_diligence")["outcome"], "unknown");
    }
}
