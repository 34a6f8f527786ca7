//! Countries under an embargo by the law of the asker's jurisdiction, whichever way the country is known.
//!
//! Source: 31 CFR parts 515 (Cuba), 560 (Iran), 510 (North Korea); Executive Order 14312 (Syria, until 30 June 2025);
//! Regulation (EU) 2017/1509 Art. 21 (North Korea).

use serde_json::{Value, json};
use vasp_registry::imports::ImportFormat;

use super::expect::{check, finding, reasons};
use super::world::{ALSTER, GONE, LAGOON, UNKNOWN, World, all_fields, lei, register};
use crate::support::{Database, on_every_database};

/// A firm of Cuba; the brand `lagoon` has it besides its entities of Ireland and Malta.
const HABANA: u32 = 14;

fn world(database: Database) -> World {
    let world = World::start(database);
    let mut newer = register("2026-05-21", &[GONE]);
    let mut firm = newer["entities"][0].clone();
    firm["lei"] = json!(lei(HABANA));
    firm["legal_name"] = json!("Habana Custodia S.A.");
    firm["name_key"] = json!("Habana Custodia S.A.");
    firm["country"] = json!("CU");
    newer["entities"].as_array_mut().unwrap().push(firm);
    world.import(ImportFormat::RegisterJson, "register.json", &newer.to_string());
    let link = format!("group_key,lei,source,as_of\nlagoon,{},read by hand,2026-05-21\n", lei(HABANA));
    world.import(ImportFormat::GroupLinks, "links.csv", &link);
    world
}

/// Recommendation, and what the check `jurisdiction` found.
fn told(answer: &Value) -> (String, String) {
    (answer["recommendation"].as_str().unwrap().to_owned(), finding(answer, "jurisdiction"))
}

#[on_every_database(world)]
fn a_country_under_the_askers_embargo_is_rejected_whichever_way_it_is_known(world: World) {
    let self_hosted = |country: Value| {
        json!({"address": UNKNOWN, "network": "eip155:1", "customer_country": country,
               "declared": {"kind": "self_hosted", "own_wallet": true}})
    };
    let ways = [
        json!({"jurisdiction": "CU"}),
        json!({"vasp": lei(HABANA)}),
        json!({"address": LAGOON, "network": "eip155:1"}),
        json!({"vasp": lei(ALSTER), "customer_country": "CU"}),
        self_hosted(json!("CU")),
    ];

    for way in ways {
        let (american, german) = (world.ask_from("US", way.clone(), json!({})), world.ask(way.clone()));

        assert_eq!(told(&american), ("reject".into(), "fail jurisdiction.embargoed".into()), "{way}");
        assert_eq!(reasons(&american)[0], "jurisdiction.embargoed");
        assert_eq!(american["next_steps"][0]["code"], "do_not_transact", "{way}");
        assert!(!reasons(&german).contains(&"jurisdiction.embargoed") && german["recommendation"] != "reject", "{way}");
    }
    let clean = world.ask_from("US", self_hosted(Value::Null), json!({}));
    assert_ne!(clean["recommendation"], "reject");
    let answer = world.ask_from("US", json!({"jurisdiction": "CU"}), json!({}));
    let jurisdiction = check(&answer, "jurisdiction");
    let evidence = &jurisdiction["evidence"][0];
    assert_eq!((&evidence["kind"], &evidence["id"]), (&json!("embargo"), &json!("CU")));
    for text in [evidence["source"].as_str().unwrap(), jurisdiction["detail"].as_str().unwrap()] {
        assert!(text.contains("31 CFR part 515") && text.contains("515.201"), "{text}");
    }
    assert!(jurisdiction["detail"].as_str().unwrap().contains("since 1963-07-08"), "{jurisdiction}");
}

#[on_every_database(world)]
fn an_embargo_binds_on_its_days_and_those_of_its_law_only(world: World) {
    let embargoed = |from: &str, towards: &str, day: &str| {
        let answer = world.ask_from(from, json!({"jurisdiction": towards}), json!({"date": day}));
        check(&answer, "jurisdiction")["code"] == "jurisdiction.embargoed"
    };

    assert!(embargoed("US", "SY", "2025-06-30") && !embargoed("US", "SY", "2025-07-01"));
    assert!(embargoed("US", "IR", "2026-06-01") && embargoed("US", "KP", "2026-06-01"));
    assert!(embargoed("DE", "KP", "2026-06-01") && !embargoed("DE", "IR", "2026-06-01"));
    for (from, towards) in [("DE", "RU"), ("US", "RU"), ("GB", "CU"), ("CH", "CU"), ("CU", "US")] {
        assert!(!embargoed(from, towards, "2026-06-01"), "{from} {towards}");
    }
}

#[on_every_database(world)]
fn what_comes_in_from_under_an_embargo_is_frozen_and_never_sent_back(world: World) {
    let body = json!({"direction": "incoming", "originator": {"vasp": lei(HABANA)}, "beneficiary": {"jurisdiction": "US"},
                      "provided_fields": all_fields()});

    let answer = world.post("/v1/prechecks", &body).json();

    assert_eq!(told(&answer), ("reject".into(), "fail jurisdiction.embargoed".into()), "{answer}");
    let steps: Vec<&str> = answer["next_steps"].as_array().unwrap().iter().map(|s| s["code"].as_str().unwrap()).collect();
    assert_eq!(steps[0], "freeze_and_report", "{steps:?}");
    assert!(!steps.contains(&"do_not_transact"), "{steps:?}");
}
