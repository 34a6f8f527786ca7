//! An id or LEI that the directory does not know: a hold that is recorded, never a refusal.
//!
//! Source: docs/prechecks.md, "A VASP that the directory does not know".

use serde_json::{Value, json};

use super::expect::{finding, reasons};
use super::world::{ALSTER, HARBOUR, LAGOON, LISTED, UNKNOWN, World, lei};
use crate::support::on_every_database;
use vasp_registry::imports::ImportFormat;

const NOBODY: &str = "vasp_00000000000000000000000000";

fn steps(answer: &Value) -> Vec<&str> {
    answer["next_steps"].as_array().unwrap().iter().map(|step| step["code"].as_str().unwrap()).collect()
}

fn asking(named: &str) -> Value {
    json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": {"vasp": named}})
}

#[on_every_database(World::start)]
fn an_unknown_vasp_is_a_recorded_hold_that_says_what_was_asked(world: World) {
    for (body, named) in [
        (asking(&lei(99)), lei(99)),
        (asking(NOBODY), NOBODY.to_owned()),
        (json!({"direction": "incoming", "originator": {"vasp": lei(99)}}), lei(99)),
    ] {
        let asked = world.post("/v1/prechecks", &body).with(200);
        let answer = asked.json();
        assert_eq!((&answer["recommendation"], &answer["counterparty"]), (&json!("hold"), &Value::Null));
        let reason = answer["reasons"][0].clone();
        assert_eq!(reason["code"], "identity.unknown_vasp");
        assert!(reason["detail"].as_str().unwrap().contains(&named), "{reason}");
        assert_eq!(
            reason["silenced"],
            json!([
                "licence",
                "lei",
                "jurisdiction",
                "sanctions",
                "shell_vasp",
                "certificate",
                "protocol",
                "data_protection",
                "travel_rule_due_diligence",
                "correspondent_due_diligence"
            ])
        );
        assert_eq!(steps(&answer), ["name_entity", "ask_counterparty", "wait_for_review"]);
        assert_eq!(finding(&answer, "attribution"), "not_applicable attribution.vasp_named");
        let kept = world.kept(&answer["id"]);
        assert_eq!(kept, answer);
    }
    let batch = world.post("/v1/prechecks/batch", &json!({"prechecks": [asking(&lei(99)), asking(&lei(ALSTER))]})).json();
    assert_eq!(batch["results"][0]["reasons"][0]["code"], "identity.unknown_vasp");
    assert_eq!(batch["results"][1]["counterparty"]["legal_name"], "Alster Krypto AG");
}

#[on_every_database(World::start)]
fn a_declared_vasp_that_is_unknown_holds_and_what_is_known_of_the_address_counts(world: World) {
    let declared = |address: &str, network: &str| {
        world.ask(json!({"address": address, "network": network, "customer_country": "IR", "declared": {"kind": "vasp", "vasp": lei(99)}}))
    };

    let unowned = declared(UNKNOWN, "eip155:1");
    assert_eq!(unowned["recommendation"], "reject", "the customer's country is judged all the same");
    assert_eq!(reasons(&unowned)[..2], ["jurisdiction.countermeasures", "identity.unknown_vasp"]);
    assert_eq!(finding(&unowned, "attribution"), "warn attribution.declared_unconfirmed");
    let listed = declared(LISTED, "eip155:137");
    assert!(reasons(&listed).contains(&"sanctions.address_listed"), "{listed}");
    for owned in [LAGOON, HARBOUR] {
        let contradicted = declared(owned, "eip155:1");
        assert_eq!(finding(&contradicted, "attribution"), "fail attribution.declared_mismatch");
    }
}

/// The LEI is all that is known of it, and it can be on a list.
#[on_every_database(World::start)]
fn an_unknown_lei_that_a_binding_list_names_is_rejected(world: World) {
    let list = json!({"id": "EU-SANCTIONS", "as_of": "2026-05-29", "source": "invented", "entries": [
        {"uid": "7", "name": "SOMEBODY ELSE", "aliases": [], "programs": ["CYBER2"], "addresses": [], "leis": [lei(99)]}]});
    world.import(ImportFormat::SanctionsJson, "sanctions.json", &list.to_string());

    let answer = world.post("/v1/prechecks", &asking(&lei(99))).json();

    assert_eq!((&answer["recommendation"], reasons(&answer)[0]), (&json!("reject"), "sanctions.name_listed"));
    assert_eq!(reasons(&answer)[1], "identity.unknown_vasp");
    let incoming = world.post("/v1/prechecks", &json!({"direction": "incoming", "originator": {"vasp": lei(99)}})).json();
    assert_eq!(steps(&incoming)[..2], ["freeze_and_report", "consider_report"]);
}
