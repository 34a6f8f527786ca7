//! The list of recorded pre-checks.

use serde_json::{Value, json};
use vasp_record::role::OrganisationKind::{Gateway, Member};

use super::world::{ALSTER, LAGOON, UNLICENSED, World, lei};
use crate::policies::Office;
use crate::support::on_every_database;

fn ids(list: &Value) -> Vec<String> {
    list["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[on_every_database(World::start)]
fn the_list_tells_digests_references_and_codes_and_nothing_else(world: World) {
    let office = Office::new(&world, Member, None);
    let stranger = Office::new(&world, Gateway, None);
    let alster = office.ask(&world, json!({"vasp": lei(ALSTER)}));
    world.set_clock("2026-06-01T12:00:01Z");
    let unlicensed = office.ask(&world, json!({"vasp": lei(UNLICENSED)}));
    let address = office.ask(&world, json!({"address": LAGOON, "network": "eip155:1"}));
    let id = |answer: &Value| answer["id"].as_str().unwrap().to_owned();
    let list = |query: &str| office.ada.read(&world.registry, &format!("/v1/prechecks{query}"));

    let all = list("");
    assert_eq!(ids(&all)[0], id(&alster));
    assert_eq!(all["items"].as_array().unwrap().len(), 3);
    assert!(!all.to_string().contains(LAGOON.trim_start_matches("0x")), "{all}");
    let first = &all["items"][0];
    assert_eq!((&first["recommendation"], &first["policy"]), (&alster["recommendation"], &alster["policy"]));
    assert_eq!(first["counterparty"], world.vasp_id(ALSTER));
    let codes: Vec<&Value> = alster["reasons"].as_array().unwrap().iter().map(|reason| &reason["code"]).collect();
    assert_eq!(first["codes"].as_array().unwrap().iter().collect::<Vec<_>>(), codes);
    for digest in ["request_digest", "verdict_digest", "evidence_digest"] {
        assert_eq!(first[digest].as_str().unwrap().len(), "sha256:".len() + 64);
    }

    assert_eq!(ids(&list("?recommendation=hold")).len(), 2);
    assert_eq!(ids(&list("?code=licence.transitional_possible")), [id(&unlicensed)]);
    assert_eq!(ids(&list("?code=licence.withdrawn")), [""; 0]);
    assert_eq!(ids(&list(&format!("?counterparty={}", world.vasp_id(ALSTER)))), [id(&alster)]);
    assert_eq!(ids(&list("?since=2026-06-01T12:00:01Z")).len(), 2);
    let page = list("?limit=1");
    let next = list(&format!("?limit=2&cursor={}", page["next_cursor"].as_str().unwrap()));
    assert_eq!([ids(&page), ids(&next)].concat().len(), 3);
    assert_eq!(next["next_cursor"], Value::Null);
    assert!(ids(&next).contains(&id(&address)));
    assert_eq!(ids(&stranger.ada.read(&world.registry, "/v1/prechecks")), [""; 0]);
    for (query, pointer) in [("?code=licence", "?code"), ("?recommendation=maybe", "?recommendation"), ("?since=now", "?since")] {
        let problem = office.ada.get(&world.registry, &format!("/v1/prechecks{query}")).problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["pointer"], pointer);
    }
}
