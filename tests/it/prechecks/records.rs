//! What is recorded, for whom, and that nobody else can read it.

use std::collections::BTreeSet;
use std::sync::Arc;

use diesel::QueryableByName;
use diesel::sql_types::Binary;
use serde_json::{Value, json};
use vasp_clock::Random;
use vasp_log::Sealer;
use vasp_pki::MasterKeys;
use vasp_registry::directory::ClaimIndexOptions;
use vasp_store::{Store, StoreError, StoreOptions};

use super::world::{LAGOON, World};
use crate::support::{Database, on_every_database};
use crate::write_races::at_once;

fn request() -> Value {
    json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"},
           "beneficiary": {"address": LAGOON, "network": "eip155:1"}})
}

fn recorded(record: Value) -> Value {
    let mut body = request();
    body["record"] = record;
    body
}

#[on_every_database]
fn a_recorded_precheck_reads_back_byte_by_byte_for_its_organisation_only(database: Database) {
    let world = World::start_with(database, |settings| settings.public_read = true);
    let colleague = world.key_of(world.organisation, &["precheck"]);
    let stranger = world.organisation("Stranger", None, &["precheck"]).1;
    let other_scope = world.key_of(world.organisation, &["resolve"]);

    let answer = world.post("/v1/prechecks?view=verdict", &request());
    let path = format!("/v1/prechecks/{}", answer.json()["id"].as_str().unwrap());
    world.set_clock("2026-06-02T00:00:00Z");

    assert!(path.starts_with("/v1/prechecks/pre_"));
    assert_eq!(answer.header("cache-control"), "private, no-store");
    for key in [&world.key, &colleague] {
        let read = world.get_as(key, &path);
        assert_eq!((read.status.as_u16(), &read.text), (200, &answer.text));
        assert_eq!(read.header("cache-control"), "private, no-store");
    }
    world.get_as(&stranger, &path).problem(404, "not_found");
    world.get_as(&other_scope, &path).problem(403, "forbidden");
    world.get_as("vr_nonsense", &path).problem(401, "unauthenticated");
    world.registry.client.get(&path).problem(401, "unauthenticated");
    world.get_as(&world.key, "/v1/prechecks/nonsense").problem(404, "not_found");
}

#[on_every_database]
fn recording_follows_the_credentials_unless_the_request_says_otherwise(database: Database) {
    let world = World::start_with(database, |settings| settings.public_read = true);
    let id = |key: &str, body: &Value| world.post_as(key, "/v1/prechecks", body).json()["id"].clone();

    assert!(id(&world.key, &request()).is_string());
    assert!(id(&world.key, &recorded(json!(true))).is_string());
    assert!(id(&world.key, &recorded(Value::Null)).is_string());
    assert_eq!(id(&world.key, &recorded(json!(false))), Value::Null);
    assert_eq!(id("", &request()), Value::Null);
    assert_eq!(id("", &recorded(json!(false))), Value::Null);
    world.post_as("", "/v1/prechecks", &recorded(json!(true))).problem(401, "unauthenticated");
    let batch = json!({"prechecks": [request(), recorded(json!(true))]});
    let results = world.post_as("", "/v1/prechecks/batch", &batch).json()["results"].clone();
    assert_eq!((&results[0]["id"], &results[1]["problem"]["status"]), (&Value::Null, &json!(401)));
}

#[on_every_database(World::start)]
fn an_answer_says_which_directory_it_rests_on(world: World) {
    // The first answer that is signed has the keys made, which are changes.
    world.ask(json!({"jurisdiction": "SG"}));
    let directory =
        world.get_as(&world.key, &format!("/v1/resolve?subject={LAGOON}&network=eip155:1")).json()["directory"].clone();

    let before = world.ask(json!({"jurisdiction": "SG"}))["directory"].clone();
    world.import_sanctions("2026-05-29");
    let after = world.ask(json!({"jurisdiction": "SG"}))["directory"].clone();

    assert_eq!(before, directory);
    // Four lists, one change each.
    assert_eq!(after["sequence"], before["sequence"].as_i64().unwrap() + 4);
}

#[on_every_database(World::start)]
fn prechecks_asked_at_once_are_all_there_afterwards(world: World) {
    let bearer = format!("Bearer {}", world.key);
    let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
    let (client, body) = (&world.registry.client, request().to_string());

    let answers = at_once(200, |_| client.send("POST", "/v1/prechecks?view=verdict", &headers, &body));

    let ids: BTreeSet<String> = answers.iter().map(|answer| answer.json()["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids.len(), 200);
    for answer in &answers {
        let path = format!("/v1/prechecks/{}", answer.json()["id"].as_str().unwrap());
        assert_eq!(world.get_as(&world.key, &path).text, answer.text);
    }
}

#[derive(QueryableByName)]
struct Sealed {
    #[diesel(sql_type = Binary)]
    sealed: Vec<u8>,
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn a_recorded_precheck_is_not_readable_in_the_database() {
    let world = World::start(Database::sqlite());
    let answer = world.post("/v1/prechecks", &request()).json();

    let rows: Vec<Sealed> = world.registry.database.rows("SELECT sealed FROM prechecks");

    assert_eq!(rows.len(), 1);
    assert!(rows[0].sealed.len() > 1_000);
    for text in
        [LAGOON, LAGOON.trim_start_matches("0x"), "beneficiary", "recommendation", "proceed", answer["id"].as_str().unwrap()]
    {
        assert!(!contains(&rows[0].sealed, text), "{text}");
    }
}

/// Before, nothing told that pre-checks had been removed.
#[on_every_database(World::start)]
fn each_recorded_precheck_is_counted_once_on_its_organisations_day(world: World) {
    let (other, other_key) = world.organisation("Stranger", None, &["precheck"]);
    let bearer = format!("Bearer {}", world.key);
    let once = [("authorization", bearer.as_str()), ("content-type", "application/json"), ("idempotency-key", "k-1")];
    let counted = || world.registry.registry.store().read::<_, StoreError>(|conn| conn.counted_prechecks()).unwrap();
    let [first, second] = ["2026-06-02", "2026-06-03"].map(|day| day.parse().unwrap());

    world.set_clock("2026-06-02T23:59:59.999Z");
    world.post("/v1/prechecks", &request()).with(200);
    world.set_clock("2026-06-03T00:00:00Z");
    let batch = json!({"prechecks": [request(), request(), recorded(json!(false))]});
    world.post("/v1/prechecks/batch", &batch).with(200);
    for _ in 0..2 {
        world.registry.client.send("POST", "/v1/prechecks", &once, &request().to_string()).with(200);
    }
    at_once(4, |_| world.post_as(&other_key, "/v1/prechecks", &request()).with(200));

    let mut right = [((world.organisation, first), 1), ((world.organisation, second), 3), ((other, second), 4)];
    right.sort_unstable();
    assert_eq!(counted(), right);
    for (day, count) in right {
        let found = world.registry.registry.store().read::<_, StoreError>(|conn| conn.prechecks_of_day(day)).unwrap();
        assert_eq!(found, (count, count));
    }
}

#[test]
fn an_altered_record_is_an_internal_error_without_a_word_about_it() {
    let world = World::start(Database::sqlite());
    let asked = || world.post("/v1/prechecks", &request()).json()["id"].as_str().unwrap().to_owned();
    let (altered, other) = (asked(), asked());

    // Another of the same organisation's records in its place: sealed with the same key, for another id.
    let swap =
        format!("UPDATE prechecks SET sealed = (SELECT sealed FROM prechecks WHERE id = '{other}') WHERE id = '{altered}'");
    world.registry.database.change_row(&swap);

    let answer = world.get_as(&world.key, &format!("/v1/prechecks/{altered}"));
    answer.problem(500, "internal_error");
    assert!(!answer.text.contains("pre_") && !answer.text.contains("sealed"), "{}", answer.text);
    assert_eq!(world.get_as(&world.key, &format!("/v1/prechecks/{other}")).status.as_u16(), 200);
}

#[test]
fn a_registry_does_not_open_with_another_master_key() {
    let world = World::start(Database::sqlite());
    world.post("/v1/prechecks", &request());
    let store = Store::open(&world.registry.database.url, &StoreOptions::default(), Arc::new(Sealer::default())).unwrap();
    let mut rng = Random::seeded(99).fork();
    let keys = MasterKeys::generate(&mut rng);

    let refused = vasp_registry::node::Registry::open(store, keys, ClaimIndexOptions::default(), world.now(), &mut rng);

    let error = refused.err().expect("the key does not fit").to_string();
    assert!(error.contains("wrong master key file"), "{error}");
}
