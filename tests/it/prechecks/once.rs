//! A pre-check that is sent again under its key is answered as before and recorded once.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::world::{HARBOUR, LAGOON, OWN, World};
use crate::support::{Answer, Database, on_every_database};
use crate::write_races::at_once;

fn request(address: &str) -> Value {
    let beneficiary = json!({"address": address, "network": "eip155:1"});
    json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": beneficiary})
}

fn send(world: &World, key: &str, once: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json"), ("idempotency-key", once)];
    world.registry.client.send("POST", "/v1/prechecks", &headers, &body.to_string())
}

fn recorded(world: &World) -> usize {
    world.get_as(&world.key, "/v1/prechecks").json()["items"].as_array().unwrap().len()
}

#[on_every_database(World::start)]
fn precheck_sent_again_under_its_key_is_answered_as_before_and_recorded_once(world: World) {
    let before = recorded(&world);
    let first = send(&world, &world.key, "k-1", &request(LAGOON)).with(200);

    world.set_clock("2026-06-01T12:30:00Z");
    let again = send(&world, &world.key, "k-1", &request(LAGOON));

    assert_eq!((again.status.as_u16(), &again.text), (200, &first.text));
    assert_eq!(recorded(&world), before + 1);
    send(&world, &world.key, "k-1", &request(HARBOUR)).problem(422, "idempotency_key_reused");
    send(&world, &world.key, "", &request(LAGOON)).problem(400, "malformed_request");
    // Another key, another caller of the same organisation, and the day after: another pre-check.
    let colleague = world.key_of(world.organisation, &["precheck"]);
    for other in [send(&world, &world.key, "k-2", &request(LAGOON)), send(&world, &colleague, "k-1", &request(LAGOON))] {
        assert_ne!(other.json()["id"], first.json()["id"]);
    }
    world.set_clock("2026-06-02T12:00:01Z");
    assert_ne!(send(&world, &world.key, "k-1", &request(LAGOON)).json()["id"], first.json()["id"]);
    assert_eq!(recorded(&world), before + 4);
}

#[on_every_database]
fn precheck_that_is_not_recorded_or_refused_takes_no_key(database: Database) {
    let world = World::start_with(database, |settings| settings.public_read = true);
    let mut unrecorded = request(LAGOON);
    unrecorded["record"] = json!(false);

    for _ in 0..2 {
        assert_eq!(send(&world, &world.key, "k-1", &unrecorded).json()["id"], Value::Null);
        send(&world, &world.key, "k-1", &request("0x1")).problem(422, "invalid_subject");
    }
    let first = send(&world, &world.key, "k-1", &request(LAGOON)).json();
    assert!(first["id"].is_string());
    let anonymous = [("content-type", "application/json"), ("idempotency-key", "k-1")];
    let body = request(LAGOON).to_string();
    assert_eq!(world.registry.client.send("POST", "/v1/prechecks", &anonymous, &body).json()["id"], Value::Null);
    let mut keyed = request(LAGOON);
    keyed["key"] = json!("k-1");
    let problem = world.post("/v1/prechecks", &keyed).problem(422, "invalid_request");
    assert_eq!(problem["errors"][0]["pointer"], "/key");
}

#[on_every_database(World::start)]
fn each_precheck_of_a_batch_has_a_key_of_its_own(world: World) {
    let keyed = |address: &str, key: &str| {
        let mut request = request(address);
        request["key"] = json!(key);
        request
    };
    let ask = |prechecks: Value| world.post("/v1/prechecks/batch", &json!({"prechecks": prechecks})).json()["results"].clone();
    let before = recorded(&world);

    let first = ask(json!([keyed(LAGOON, "a"), keyed(HARBOUR, "b"), request(LAGOON)]));
    let again = ask(json!([keyed(HARBOUR, "b"), keyed(LAGOON, "a"), request(LAGOON)]));

    assert_eq!((&again[0], &again[1]), (&first[1], &first[0]));
    assert_ne!(again[2]["id"], first[2]["id"]);
    assert_eq!(recorded(&world), before + 4);
    let wrong = ask(json!([keyed(HARBOUR, "a"), keyed(LAGOON, "c"), keyed(LAGOON, "c"), keyed(LAGOON, "")]));
    assert_eq!(wrong[0]["problem"]["code"], "idempotency_key_reused");
    assert!(wrong[1]["id"].is_string(), "{wrong}");
    for place in [2, 3] {
        let pointer = format!("/prechecks/{place}/key");
        assert_eq!(wrong[place]["problem"]["errors"][0]["pointer"], pointer, "{wrong}");
    }
    // A single one under the same key is another request.
    assert_ne!(send(&world, &world.key, "a", &request(LAGOON)).json()["id"], first[0]["id"]);
}

#[on_every_database]
fn precheck_sent_many_times_at_once_is_recorded_once(database: Database) {
    let world = World::start_with(database, |settings| settings.workers = std::num::NonZeroU16::new(4).unwrap());
    let before = recorded(&world);
    let body =
        json!({"direction": "outgoing", "originator": {"vasp": world.vasp_id(OWN)}, "beneficiary": {"jurisdiction": "SG"}});

    let sent = at_once(12, |_| send(&world, &world.key, "once", &body));

    let done: BTreeSet<String> = sent.iter().filter(|answer| answer.status == 200).map(|answer| answer.text.clone()).collect();
    assert_eq!(done.len(), 1, "{sent:?}");
    for refused in sent.iter().filter(|answer| answer.status != 200) {
        refused.problem(409, "in_progress");
    }
    assert_eq!(recorded(&world), before + 1);
}
