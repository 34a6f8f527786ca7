//! The list of recorded pre-checks, what stays of one, and what is erased when.

use serde_json::{Value, json};
use vasp_record::role::OrganisationKind::{Gateway, Member};
use vasp_record::role::{Role, Scope};

use super::world::{ALSTER, LAGOON, UNLICENSED, World, lei};
use crate::policies::Office;
use crate::support::on_every_database;

fn ids(list: &Value) -> Vec<String> {
    list["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

/// What the list says of one pre-check.
fn record(office: &Office, world: &World, id: &str) -> Value {
    let list = office.ada.read(&world.registry, "/v1/prechecks?limit=1000");
    list["items"].as_array().unwrap().iter().find(|item| item["id"] == id).unwrap().clone()
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

#[on_every_database(World::start)]
fn what_was_asked_and_answered_can_be_erased_and_the_rest_stays(world: World) {
    let office = Office::new(&world, Member, None);
    let stranger = Office::new(&world, Member, None);
    let answer = office.ask(&world, json!({"address": LAGOON, "network": "eip155:1"}));
    let path = format!("/v1/prechecks/{}", answer["id"].as_str().unwrap());
    let before = record(&office, &world, answer["id"].as_str().unwrap());
    let erase = |who: &crate::support::Person, reason: &str| {
        who.send(&world.registry, "DELETE", &format!("{path}/payload"), &[], &json!({"reason": reason}))
    };

    erase(&stranger.ada, "because").problem(404, "not_found");
    erase(&office.ada, " ").problem(422, "invalid_request");
    assert_eq!(office.ada.get(&world.registry, &path).status.as_u16(), 200);
    let erased = erase(&office.ada, "the customer asked for it");
    assert_eq!((erased.status.as_u16(), &erased.json()["payload_erased_at"]), (200, &json!("2026-06-01T12:00:00Z")));

    for rest in ["", "/evidence", "/report"] {
        office.ada.get(&world.registry, &format!("{path}{rest}")).problem(404, "not_found");
    }
    erase(&office.ada, "again").problem(409, "illegal_step");
    let mut after = record(&office, &world, answer["id"].as_str().unwrap());
    assert_eq!(after["payload_erased_at"], "2026-06-01T12:00:00Z");
    after["payload_erased_at"] = Value::Null;
    assert_eq!(after, before);
    let admin = world.registry.person_with(office.organisation, &[Role::Admin], &[Scope::Admin]);
    let lines = admin.read(&world.registry, "/v1/audit");
    let line = lines["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|line| line["action"] == "precheck.erase_payload" && line["outcome"] == "done");
    assert_eq!(line.unwrap()["details"], json!({"reason": "the customer asked for it"}));
    // Review 7, L4: which pre-check it was, and why, is the organisation's own business.
    let seen = read_by_operators(&world);
    for word in ["the customer asked for it", "precheck.erase_payload", answer["id"].as_str().unwrap()] {
        assert!(!seen.contains(word), "{word} is in {seen}");
    }
}

/// The whole audit chain, as operators read it.
fn read_by_operators(world: &World) -> String {
    let (operator, _) = world.registry.two_admins();
    operator.get(&world.registry, "/v1/audit?organisation=all&limit=1000").text
        + &operator.get(&world.registry, "/v1/audit/export").text
}

/// Source: seed records 004#22 (Germany, five years) and 004#63 (Switzerland, ten).
#[on_every_database(World::start)]
fn a_period_that_nobody_set_is_that_of_the_organisations_own_law(world: World) {
    let (german, nowhere) = (Office::new(&world, Member, Some(ALSTER)), Office::new(&world, Gateway, None));
    let setting = |office: &Office| office.ada.read(&world.registry, "/v1/settings/precheck-retention");
    assert_eq!(setting(&german), json!({"days": 1_827, "is_default": true}));
    assert_eq!(setting(&nowhere), json!({"days": 5_479, "is_default": true}));
    let ask = |office: &Office| office.ask(&world, json!({"vasp": lei(UNLICENSED)}))["id"].as_str().unwrap().to_owned();
    let (theirs, others) = (ask(&german), ask(&nowhere));
    let record = record(&german, &world, &theirs);
    assert_eq!(record["payload_until"], "2031-06-02T12:00:00Z");

    let sweep = || {
        vasp_registry::precheck::erase_due_prechecks(&world.registry.registry, world.now(), &mut world.registry.random.fork())
            .unwrap()
    };
    world.set_clock("2031-06-02T12:00:00Z");
    assert_eq!(sweep(), 0);
    world.set_clock("2031-06-02T12:00:00.001Z");
    assert_eq!(sweep(), 1);

    let service_reads = |id: &str, organisation| {
        world.registry.registry.store().read(|conn| conn.precheck_record(id.parse().unwrap(), organisation)).unwrap().unwrap()
    };
    assert!(service_reads(&theirs, german.organisation).erased_at.is_some());
    assert!(service_reads(&others, nowhere.organisation).erased_at.is_none());
}

#[on_every_database(World::start)]
fn the_organisation_sets_its_period_and_the_sweep_goes_by_it(world: World) {
    let (short, long) = (Office::new(&world, Member, None), Office::new(&world, Gateway, None));
    let setting = "/v1/settings/precheck-retention";
    let put = |who: &Office, version: &str, days: u32| {
        who.ada.send(&world.registry, "PUT", setting, &[("if-match", version)], &json!({"days": days}))
    };
    let default = short.ada.get(&world.registry, setting);
    assert_eq!(default.json(), json!({"days": 5_479, "is_default": true}));
    let old: Vec<String> =
        (0..3).map(|_| short.ask(&world, json!({"vasp": lei(ALSTER)}))["id"].as_str().unwrap().to_owned()).collect();
    let kept = long.ask(&world, json!({"vasp": lei(ALSTER)}))["id"].as_str().unwrap().to_owned();
    world.set_clock("2026-06-20T12:00:00Z");
    let young = short.ask(&world, json!({"vasp": lei(ALSTER)}))["id"].as_str().unwrap().to_owned();

    put(&short, default.header("etag"), 29).problem(422, "invalid_request");
    let set = put(&short, default.header("etag"), 30);
    assert_eq!((set.status.as_u16(), set.json()), (200, json!({"days": 30, "is_default": false})));
    put(&short, default.header("etag"), 31).problem(412, "stale_version");
    let sweep = || {
        vasp_registry::precheck::erase_due_prechecks(&world.registry.registry, world.now(), &mut world.registry.random.fork())
            .unwrap()
    };

    assert_eq!(sweep(), 0);
    world.set_clock("2026-07-01T12:00:00.001Z");
    assert_eq!(sweep(), 3);
    assert_eq!(sweep(), 0, "what was erased is not looked at again");
    let admin = world.registry.person_with(short.organisation, &[Role::Admin], &[Scope::Admin]);
    let lines = admin.read(&world.registry, "/v1/audit");
    let expired = lines["items"].as_array().unwrap().iter().find(|line| line["action"] == "precheck.expire").unwrap();
    assert_eq!((&expired["details"]["erased"], &expired["actor"]), (&json!(3), &Value::Null));
    let seen = read_by_operators(&world);
    assert!(!seen.contains("precheck.expire") && !old.iter().any(|id| seen.contains(id)), "{seen}");
    let status = |who: &Office, id: &str| who.ada.get(&world.registry, &format!("/v1/prechecks/{id}")).status.as_u16();
    assert_eq!(old.iter().map(|id| status(&short, id)).collect::<Vec<_>>(), [404; 3]);
    assert_eq!((status(&short, &young), status(&long, &kept)), (200, 200));
    let record = record(&short, &world, &young);
    assert_eq!(record["payload_until"], "2026-07-20T12:00:00Z");
    // A longer period from now on brings nothing back, and keeps the rest.
    assert_eq!(put(&short, "*", 365).status.as_u16(), 200);
    world.set_clock("2026-08-01T12:00:00Z");
    assert_eq!(sweep(), 0);
}
