//! Pre-checks of incoming transfers from an address or a self-hosted wallet.
//!
//! Source: docs/prechecks.md, "Incoming transfers"; Regulation (EU) 2023/1113 Art. 16(2).

use serde_json::{Value, json};

use crate::prechecks::expect::{finding, reasons};
use crate::prechecks::world::{
    DISPUTED, HARBOUR, LAGOON, LIFFEY, LISTED, LISTED_AND_OWNED, OWN, UNKNOWN, World, all_fields, lei,
};
use crate::support::on_every_database;

fn from(originator: Value, euros: &str) -> Value {
    json!({"direction": "incoming", "originator": originator, "provided_fields": all_fields(),
           "transfer": {"fiat": {"amount": euros, "currency": "EUR"}}})
}

fn at(address: &str) -> Value {
    json!({"address": address, "network": "eip155:1"})
}

fn self_hosted(own_wallet: Value) -> Value {
    json!({"address": UNKNOWN, "network": "eip155:1", "declared": {"kind": "self_hosted", "own_wallet": own_wallet}})
}

fn answer(world: &World, body: &Value) -> Value {
    world.post("/v1/prechecks", body).answered(200)
}

fn conditions(answer: &Value) -> Vec<(&str, &str, &str)> {
    let text = |value: &'_ Value, name: &str| value[name].as_str().map(str::to_owned).unwrap();
    let found = answer["conditions"].as_array().unwrap();
    assert!(found.iter().all(|condition| text(condition, "before") == "credit"), "{found:?}");
    found
        .iter()
        .map(|one| {
            (one["code"].as_str().unwrap(), one["fulfilled_by"].as_str().unwrap(), one["asked_by"]["kind"].as_str().unwrap())
        })
        .collect()
}

#[on_every_database(World::start)]
fn the_address_that_it_comes_from_is_attributed(world: World) {
    let brand = answer(&world, &from(at(LAGOON), "500"));
    assert_eq!((finding(&brand, "identity").as_str(), &brand["scope"]), ("unknown identity.group_only", &json!("transfer")));
    assert_eq!(brand["resolution"]["subject"]["address"], LAGOON);
    let mut declared = at(LAGOON);
    declared["declared"] = json!({"kind": "vasp", "vasp": lei(LIFFEY)});
    let settled = answer(&world, &from(declared.clone(), "500"));
    assert_eq!(settled["counterparty"]["legal_name"], "Liffey Custody Limited");
    assert_eq!(finding(&settled, "attribution"), "pass attribution.attributed");
    let sides = ["originator", "beneficiary"].map(|side| settled["obligations"][side]["jurisdiction"].clone());
    assert_eq!(sides, [json!("IE"), json!("DE")]);
    conditions(&settled);
    assert_eq!(finding(&answer(&world, &from(at(DISPUTED), "500")), "attribution"), "fail attribution.conflicted");
    let unknown = answer(&world, &from(at(UNKNOWN), "500"));
    assert_eq!((&unknown["recommendation"], reasons(&unknown)[0]), (&json!("hold"), "attribution.not_found"));
    // The place that it came to is the caller's own beside it.
    let mut both = from(declared, "500");
    both["beneficiary"] = json!({"vasp": lei(OWN), "address": HARBOUR, "network": "eip155:1"});
    assert_eq!(finding(&answer(&world, &both), "attribution"), "fail attribution.beneficiary_mismatch");
    let batch = world.post("/v1/prechecks/batch", &json!({"prechecks": [from(at(LAGOON), "500")]})).json();
    assert_eq!(batch["results"][0]["resolution"]["subject"]["address"], LAGOON);
}

/// Source: Regulation (EU) 2023/1113 Art. 16(2): above EUR 1,000 the beneficiary's CASP verifies that its customer owns or controls a
/// self-hosted address; of somebody else's the name is obtained.
#[on_every_database(World::start)]
fn a_self_hosted_wallet_is_verified_before_the_credit(world: World) {
    let of = |own_wallet: Value, euros: &str| answer(&world, &from(self_hosted(own_wallet), euros));

    let own = of(json!(true), "1500");
    assert_eq!(finding(&own, "attribution"), "warn attribution.self_hosted_unconfirmed");
    assert_eq!(own["recommendation"], "proceed_with_conditions");
    assert_eq!(conditions(&own), [("proof_of_control", "customer", "rule")]);
    assert_eq!(conditions(&of(json!(true), "900")), []);
    for own_wallet in [json!(false), Value::Null] {
        let others = of(own_wallet, "1500");
        assert_eq!(conditions(&others)[0].0, "identify_third_party");
    }
    assert_eq!(own["counterparty"], Value::Null);
}

#[on_every_database(World::start)]
fn assets_that_come_from_a_listed_address_are_frozen_and_never_sent_back(world: World) {
    let mut listed = self_hosted(json!(true));
    (listed["address"], listed["network"]) = (json!(LISTED), json!("eip155:137"));

    for originator in [listed, at(LISTED_AND_OWNED)] {
        let answer = answer(&world, &from(originator, "10"));
        let reason = &answer["reasons"][0];
        assert_eq!((&answer["recommendation"], &reason["confidential"]), (&json!("reject"), &json!(true)));
        assert_eq!(reason["code"], "sanctions.address_listed");
        let steps: Vec<&str> =
            answer["next_steps"].as_array().unwrap().iter().map(|step| step["code"].as_str().unwrap()).collect();
        assert_eq!(steps[..2], ["freeze_and_report", "consider_report"]);
        assert!(!steps.contains(&"do_not_transact"), "{steps:?}");
    }
}

#[on_every_database(World::start)]
fn members_that_do_not_stand_together_are_refused_with_their_place(world: World) {
    let incoming = |originator: Value| json!({"direction": "incoming", "originator": originator});
    let declared = json!({"kind": "self_hosted"});
    let mut asset = from(at(LAGOON), "10");
    asset["transfer"]["asset"] = json!("eip155:137/slip44:966");
    let mut came_to = from(json!({"vasp": lei(LIFFEY)}), "10");
    came_to["beneficiary"] = at(UNKNOWN);
    came_to["transfer"]["asset"] = json!("eip155:137/slip44:966");
    let outgoing = json!({"direction": "outgoing", "originator": {"address": LAGOON}, "beneficiary": {"vasp": lei(LIFFEY)}});

    for (body, code, pointer) in [
        (incoming(json!({"vasp": lei(LIFFEY), "address": LAGOON})), "invalid_request", "/originator/vasp"),
        (incoming(json!({"address": LAGOON, "common_name": "a.example"})), "invalid_request", "/originator/common_name"),
        (
            incoming(json!({"declared": declared, "certificate_sha256": "0f".repeat(32)})),
            "invalid_request",
            "/originator/certificate_sha256",
        ),
        (incoming(json!({"vasp": lei(LIFFEY), "network": "eip155:1"})), "invalid_request", "/originator/network"),
        (incoming(json!({"jurisdiction": "SG", "memo": "1"})), "invalid_request", "/originator/memo"),
        (incoming(json!({"vasp": lei(LIFFEY), "declared": declared})), "invalid_request", "/originator/declared"),
        (
            incoming(json!({"address": UNKNOWN, "declared": {"kind": "vasp", "vasp": "x"}})),
            "invalid_request",
            "/originator/declared/vasp",
        ),
        (incoming(json!({"address": "0x1", "network": "eip155:1"})), "invalid_subject", "/originator/address"),
        (incoming(json!({"travel_address": "ta1"})), "invalid_subject", "/originator/travel_address"),
        (outgoing, "invalid_request", "/originator/address"),
        (asset, "asset_network_mismatch", "/transfer/asset"),
        (came_to, "asset_network_mismatch", "/transfer/asset"),
    ] {
        let problem = world.post("/v1/prechecks", &body).problem(422, code);
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{body}");
    }
}
