//! Sentences that a tired compliance officer can read: whole, and at most 200 characters.

use serde_json::{Value, json};
use vasp_registry::imports::ImportFormat;

use super::world::{ADVICE, ALSTER, BINDING_LIST, DISPUTED, GONE, LAGOON, LISTED_AND_OWNED, NIGHTFALL, UNKNOWN, World, lei};
use crate::support::on_every_database;

#[track_caller]
fn assert_readable(answer: &Value) {
    for list in ["checks", "reasons", "conditions", "next_steps", "notes"] {
        for told in answer[list].as_array().unwrap() {
            let detail = told["detail"].as_str().unwrap();
            assert!(detail.chars().count() <= 200, "{list}: {} characters: {detail}", detail.chars().count());
            assert!(detail.ends_with('.'), "{list}: {detail}");
        }
    }
}

/// Everything that an answer of a firm, an address or a place may tell, with old registers and lists and without them.
#[on_every_database(World::start)]
fn every_sentence_of_an_answer_is_short(world: World) {
    let at = |address: &str| json!({"address": address, "network": "eip155:1"});
    let firms = [ALSTER, GONE, ADVICE, NIGHTFALL].map(|number| json!({"vasp": lei(number)}));
    let addresses = [LAGOON, DISPUTED, LISTED_AND_OWNED, UNKNOWN].map(at);
    let places = ["IR", "KP", "US", "AE"].map(|place| json!({"jurisdiction": place}));
    let asked: Vec<Value> = firms.into_iter().chain(addresses).chain(places).collect();
    let ask_all = || {
        for (from, beneficiary) in ["DE", "CA", "BR"].iter().flat_map(|from| asked.iter().map(move |to| (*from, to))) {
            assert_readable(&world.ask_untold(from, beneficiary.clone(), json!({"date": "2026-06-01", "correspondent": true})));
        }
    };

    ask_all();
    world.set_clock("2027-06-01T12:00:00Z");
    ask_all();
}

/// A name from a list is as long as its publisher likes.
#[on_every_database(World::start)]
fn a_long_name_is_cut_where_it_is_told(world: World) {
    let name = "NIGHTFALL EXCHANGE ".repeat(20);
    let list = json!({"id": BINDING_LIST, "as_of": "2026-05-29", "source": "invented", "entries": [
        {"uid": "9", "name": name.trim(), "aliases": ["NIGHTFALL EXCHANGE"], "programs": ["A".repeat(80)], "addresses": []}]});
    world.import(ImportFormat::SanctionsJson, "list.json", &list.to_string());

    let answer = world.ask(json!({"vasp": lei(NIGHTFALL)}));

    assert_eq!(answer["reasons"][0]["check"], "sanctions", "{}", answer["reasons"]);
    assert_readable(&answer);
}
