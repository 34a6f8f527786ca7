//! What the asker screened itself counts: in the question and in its relationship, until it is out of date. A hit holds.
//!
//! Source: docs/screening.md, "What you screened yourself".

use serde_json::{Value, json};

use crate::prechecks::expect::{check, finding};
use crate::prechecks::world::{ALSTER, NEWEST, World, all_fields, lei};
use crate::relationships::desk::{Desk, approved};
use crate::support::{Database, on_every_database};

fn screened(list: &str, at: &str, outcome: &str) -> Value {
    json!({"list": list, "provider": "Acme", "at": at, "reference": "S-1", "outcome": outcome})
}

/// The body of a question from Japan, whose own list is not held here.
fn question(screened: &Value) -> Value {
    json!({"direction": "outgoing", "originator": {"jurisdiction": "JP"}, "beneficiary": {"vasp": lei(ALSTER)},
           "provided_fields": all_fields(), "screened": screened})
}

fn ask(desk: &Desk, screened: &Value) -> Value {
    desk.ada.post(&desk.world.registry, "/v1/prechecks", &question(screened)).answered(200)
}

/// The lists that the answer still asks to be searched.
fn asked(answer: &Value) -> Vec<String> {
    let of = |one: &Value| one["sources"].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect();
    let all = answer["conditions"].as_array().unwrap();
    all.iter().find(|one| one["code"] == "screen_yourself").map(of).unwrap_or_default()
}

#[on_every_database(Desk::new)]
fn a_list_that_was_searched_is_not_asked_for_again_and_is_recorded(desk: Desk) {
    let before = ask(&desk, &json!([]));
    assert_eq!(asked(&before), ["JP-MOF"], "{before}");
    let condition = before["conditions"].as_array().unwrap().iter().find(|one| one["code"] == "screen_yourself").unwrap().clone();
    assert_eq!(condition["met_by"], "request");

    let after = ask(&desk, &json!([screened("JP-MOF", "2026-05-30T08:00:00Z", "no_match")]));

    assert_eq!((asked(&after), finding(&after, "sanctions")), (vec![], "pass sanctions.no_match".to_owned()));
    let shown = check(&after, "sanctions")["evidence"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        shown,
        json!({"kind": "asker_screening", "id": "JP-MOF", "source": "Acme, reference S-1: no_match",
               "observed_at": "2026-05-30T08:00:00Z", "valid_until": "2026-06-29T08:00:00Z"})
    );
    let id = after["id"].as_str().unwrap();
    let report = desk.ada.get(&desk.world.registry, &format!("/v1/prechecks/{id}/report")).with(200);
    assert!(report.text.contains("Acme, reference S-1"), "the report prints it");
    let replayed = desk.ada.post(&desk.world.registry, &format!("/v1/prechecks/{id}/replay"), &Value::Null).answered(200);
    assert_eq!(replayed["same"], true, "{replayed}");

    let old = ask(&desk, &json!([screened("JP-MOF", "2026-05-01T08:00:00Z", "no_match")]));
    assert_eq!(asked(&old), ["JP-MOF"], "as old as no list may be");
    let held = ask(&desk, &json!([screened("JP-MOF", "2026-05-30T08:00:00Z", "hit")]));
    assert_eq!((finding(&held, "sanctions"), &held["recommendation"]), ("unknown sanctions.asker_hit".into(), &json!("hold")));
    // Also a hit on a list that is held here.
    let held = ask(&desk, &json!([screened("UN-SANCTIONS", "2026-05-30T08:00:00Z", "hit")]));
    assert_eq!(held["recommendation"], "hold");
    for (item, pointer) in [
        (screened("JP-MOF", "2026-06-02T00:00:00Z", "no_match"), "/screened/0/at"),
        (screened("", "2026-05-30T08:00:00Z", "no_match"), "/screened/0/list"),
    ] {
        let refused = desk.ada.post(&desk.world.registry, "/v1/prechecks", &question(&json!([item])));
        assert_eq!(refused.problem(422, "invalid_request")["errors"][0]["pointer"], pointer);
    }
}

#[on_every_database(Desk::new)]
fn what_a_relationship_says_was_searched_counts_until_it_is_out_of_date(desk: Desk) {
    let alster = lei(ALSTER);
    let mut wanted = approved();
    wanted["terms"]["screened"] = json!([screened("JP-MOF", "2026-05-30T08:00:00Z", "no_match")]);
    desk.decide(&alster, &wanted);

    assert_eq!(asked(&ask(&desk, &json!([]))), Vec::<String>::new());
    // A hit in the question counts against it.
    assert_eq!(ask(&desk, &json!([screened("JP-MOF", "2026-05-31T08:00:00Z", "hit")]))["recommendation"], "hold");
    // One person reports a hit, and does not take it back.
    let mut terms = wanted["terms"].clone();
    terms["screened"][0]["outcome"] = json!("hit");
    desk.restrict(&alster, &json!({"terms": terms, "reason": "The provider reports a hit."}));
    assert_eq!(ask(&desk, &json!([]))["recommendation"], "hold");
    // Nor does a program that asks later.
    for outcome in ["no_match", "cleared"] {
        let later = ask(&desk, &json!([screened("JP-MOF", "2026-05-31T08:00:00Z", outcome)]));
        assert_eq!(
            (finding(&later, "sanctions"), &later["recommendation"]),
            ("unknown sanctions.asker_hit".into(), &json!("hold"))
        );
    }
    desk.post(&desk.ada, &alster, "restrict", &json!({"terms": wanted["terms"], "reason": "x"})).problem(409, "illegal_step");
    desk.decide(&alster, &json!({"terms": wanted["terms"], "reason": "It was somebody else."}));
    assert_eq!(asked(&ask(&desk, &json!([]))), Vec::<String>::new());

    desk.world.set_clock("2026-06-29T08:00:00Z");
    assert!(asked(&ask(&desk, &json!([]))).contains(&"JP-MOF".to_owned()));
}

/// A registry without any sanctions list.
fn without_lists(database: Database) -> Desk {
    let world = World::start_empty(database, |_| ());
    world.import_register(NEWEST, &[]);
    Desk::of(world)
}

#[on_every_database(without_lists)]
fn without_any_list_the_asker_searches_for_the_address_too(desk: Desk) {
    let (alster, address) = (lei(ALSTER), "0x2000000000000000000000000000000000002001");
    desk.world.claim(ALSTER, address);
    let ask = |beneficiary: Value, screened: &Value| {
        let body = json!({"direction": "outgoing", "originator": {"jurisdiction": "US"}, "beneficiary": beneficiary,
                          "provided_fields": all_fields(), "screened": screened});
        asked(&desk.ada.post(&desk.world.registry, "/v1/prechecks", &body).answered(200))
    };
    let (name, account) = (json!({"vasp": alster}), json!({"address": address, "network": "eip155:1"}));
    let all = ask(name.clone(), &json!([]));
    assert!(all.contains(&"US-OFAC-SDN".to_owned()), "{all:?}");
    let done: Vec<Value> = all.iter().map(|list| screened(list, "2026-05-30T08:00:00Z", "no_match")).collect();
    let mut wanted = approved();
    wanted["terms"]["screened"] = json!(done);
    desk.decide(&alster, &wanted);

    assert_eq!(ask(name, &json!([])), Vec::<String>::new());
    assert_eq!(ask(account.clone(), &json!([])), ["US-OFAC-SDN"], "OFAC lists addresses, and a relationship knows none");
    assert_eq!(ask(account, &json!(done)), Vec::<String>::new());
}
