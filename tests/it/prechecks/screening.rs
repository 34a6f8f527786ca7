//! Screening lists as they are: several, not whole, and asked about without an address.

use serde_json::{Value, json};
use vasp_registry::imports::ImportFormat;

use super::expect::{check, finding};
use super::world::{ALSTER, HARBOUR, LATER, LISTED, SCREENED, World, lei};
use crate::support::on_every_database;

fn list(id: &str, name: &str, coverage: &str) -> Value {
    json!({"id": id, "as_of": SCREENED, "source": "seven of nine rows", "coverage": coverage, "entries": [
        {"uid": "7", "name": name, "aliases": [], "programs": ["TEST"], "addresses": []}]})
}

#[on_every_database(World::start)]
fn a_list_of_another_id_stands_beside_the_first(world: World) {
    let other = list("XX-OTHER", "ALSTER KRYPTO AG", "complete");
    world.import(ImportFormat::SanctionsJson, "other.json", &other.to_string());

    let by_the_first = world.ask(json!({"address": LISTED, "network": "eip155:1"}));
    let by_the_other = world.ask(json!({"vasp": lei(ALSTER)}));

    assert_eq!(finding(&by_the_first, "sanctions"), "fail sanctions.address_listed");
    assert_eq!(finding(&by_the_other, "sanctions"), "fail sanctions.name_listed");
    let lists = check(&by_the_other, "sanctions")["evidence"].as_array().unwrap().clone();
    assert_eq!(lists.iter().filter(|one| one["kind"] == "screening_list").count(), 5);
}

#[on_every_database(World::start)]
fn no_match_on_a_list_that_is_not_whole_is_a_warning_that_names_it(world: World) {
    world.import(ImportFormat::SanctionsJson, "half.json", &list("XX-HALF", "NOBODY", "partial").to_string());

    let answer = world.ask(json!({"address": HARBOUR, "network": "eip155:1"}));

    assert_eq!(finding(&answer, "sanctions"), "warn sanctions.no_match_on_partial_list");
    let detail = check(&answer, "sanctions")["detail"].as_str().unwrap();
    assert!(detail.contains("Loaded only in part: XX-HALF."), "{detail}");
}

#[on_every_database(World::start)]
fn a_self_hosted_travel_address_without_an_address_was_not_screened(world: World) {
    let travel_address = "ta2W2HPKfHxgSgrzY178knqXHg1H3jfeQrwQ9JrKBs9wv";

    let answer = world.ask(json!({"travel_address": travel_address, "declared": {"kind": "self_hosted"}}));

    assert_eq!(finding(&answer, "sanctions"), "unknown sanctions.no_counterparty");
    assert_eq!(answer["recommendation"], "hold");
}

/// Source: wire contract, "Default policy", `sanctions`, note: "one letter in a short name without a second identifier".
#[on_every_database(World::start)]
fn one_letter_in_a_short_name_is_told_as_a_note_and_changes_nothing(world: World) {
    let before = world.ask(json!({"vasp": lei(LATER)}));
    world.import(ImportFormat::SanctionsJson, "other.json", &list("XX-OTHER", "LATOR B.V.", "complete").to_string());

    let answer = world.ask(json!({"vasp": lei(LATER)}));

    let noted = |answer: &Value| answer["notes"].as_array().unwrap().iter().any(|n| n["code"] == "sanctions.faint_likeness");
    assert!(noted(&answer) && !noted(&before), "{answer}");
    assert_eq!(finding(&answer, "sanctions"), "pass sanctions.no_match");
    assert_eq!((&answer["recommendation"], &answer["reasons"]), (&before["recommendation"], &before["reasons"]));
    assert!(check(&answer, "sanctions")["detail"].as_str().unwrap().contains("score 84"), "{answer}");
}
