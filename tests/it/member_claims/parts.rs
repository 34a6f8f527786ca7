//! Large imports are written in parts: others write between two parts, a kill between two parts loses and doubles nothing, and the parts
//! are one batch. The order is told by sequence numbers, never by time.

use std::collections::HashSet;
use std::num::NonZeroU32;

use serde_json::{Value, json};
use vasp_clock::{Random, Stopwatch};
use vasp_log::change::ChangeKind;
use vasp_record::vasp::VaspKind;
use vasp_registry::config::Rate;
use vasp_store::{BatchRow, StoreError};
use vasp_words::ids::VaspId;

use super::allowance::{operator, pending};
use super::world::{World, address};
use crate::support::{
    Answer, Client, Database, Deployment, Person, Server, assert_undamaged, change, fact, now, on_every_database, open_store,
};

/// Maximum number of rows in a part.
///
/// Source: docs/bulk-claims.md.
const PART: usize = 1_000;

fn csv(numbers: impl Iterator<Item = u64>) -> String {
    let rows: String = numbers.map(|number| format!("eip155:1,{},,deposit,\n", address(number))).collect();
    format!("network,address,memo,role,expires_at\n{rows}")
}

fn import(client: &Client, bearer: &str, key: &str, file: &str) -> Option<Answer> {
    let headers = [("authorization", bearer), ("content-type", "text/csv"), ("idempotency-key", key)];
    client.try_send("POST", "/v1/claims/import", &headers, file)
}

/// All claims of a member.
fn claims(client: &Client, bearer: &str) -> Vec<Value> {
    let (mut claims, mut page) = (vec![], String::new());
    loop {
        let path = format!("/v1/claims?limit=1000{page}");
        let listed = client.get_with(&path, &[("authorization", bearer)]).answered(200);
        claims.extend(listed["items"].as_array().unwrap().iter().cloned());
        match listed["next_cursor"].as_str() {
            Some(next) => page = format!("&cursor={next}"),
            None => return claims,
        }
    }
}

/// Waits until the first part of an import is stored.
fn wait_for_a_part(client: &Client, bearer: &str) -> Value {
    let watch = Stopwatch::start();
    loop {
        let listed = client.get_with("/v1/claims?limit=1", &[("authorization", bearer)]).answered(200);
        if let Some(first) = listed["items"].as_array().unwrap().first() {
            return first.clone();
        }
        assert!(watch.elapsed_micros() < 60_000_000, "nothing was stored");
        std::thread::yield_now();
    }
}

/// The batches of all claims, in the order of the log.
fn batches(world: &World) -> Vec<BatchRow> {
    world.registry.registry.store().read::<_, StoreError>(|conn| conn.claim_batches_between(0, i64::MAX)).unwrap()
}

#[on_every_database(World::start)]
fn a_small_write_comes_between_the_parts_of_a_large_import(world: World) {
    let (large, small) = (world.member("Large"), world.member("Small"));
    let file = csv(1..=8_000);

    let report = std::thread::scope(|scope| {
        let import = scope.spawn(|| import(&world.registry.client, &large.bearer, "large", &file));
        wait_for_a_part(&world.registry.client, &large.bearer);
        world.claim(&small, &address(90_000), &json!({}));
        import.join().unwrap().unwrap().answered(200)
    });

    let of = |party: &Person| -> Vec<i64> {
        let source = party.vasp().to_string();
        batches(&world).iter().filter(|batch| batch.source == source).map(|batch| batch.seq_from).collect()
    };
    let (parts, own) = (of(&large), of(&small));
    assert_eq!((parts.len(), own.len(), &report["added"]), (8_000 / PART, 1, &json!(8_000)));
    assert!(parts[0] < own[0] && own[0] < parts[parts.len() - 1], "{parts:?} {own:?}");
}

#[on_every_database(World::start)]
fn a_second_large_import_of_a_member_is_refused_with_the_progress_of_the_first(world: World) {
    let (member, other) = (world.member("Alpha"), world.member("Beta"));
    let (file, second, of_other) = (csv(1..=8_000), csv(14_001..=15_001), csv(10_001..=11_001));
    let client = &world.registry.client;

    std::thread::scope(|scope| {
        let first = scope.spawn(|| import(client, &member.bearer, "first", &file));
        wait_for_a_part(client, &member.bearer);
        // Most parts of the first are still to come.
        let same = scope.spawn(|| import(client, &member.bearer, "first", &file).unwrap());
        let refused = import(client, &member.bearer, "second", &second).unwrap();
        let same = same.join().unwrap();

        for refused in [refused, same] {
            let detail = refused.problem(409, "in_progress")["detail"].as_str().unwrap().to_owned();
            assert!(detail.contains("of its 8000 rows are stored"), "{detail}");
            assert!(refused.header("retry-after").parse::<u32>().is_ok());
        }
        assert_eq!(import(client, &other.bearer, "other", &of_other).unwrap().answered(200)["added"], 1_001);
        assert_eq!(first.join().unwrap().unwrap().answered(200)["added"], 8_000);
    });

    let again = import(client, &member.bearer, "second", &second).unwrap().answered(200);
    assert_eq!((&again["added"], &again["unchanged"]), (&json!(1_001), &json!(0)));
}

#[on_every_database(World::start)]
fn rows_of_other_parts_are_repetitions_too_and_the_whole_import_is_one_batch(world: World) {
    let member = world.member("Alpha");
    // Row 2,001 repeats row 1 with another role, which must not replace it.
    let file = csv(1..=2_000) + &format!("eip155:1,{},,cold,\n", address(1)) + &format!("eip155:1,{},,hot,\n", address(2_001));

    let report = import(&world.registry.client, &member.bearer, "one", &file).unwrap().answered(200);

    let rows = report["rows"].as_array().unwrap();
    assert_eq!((&report["added"], &report["unchanged"], rows.len()), (&json!(2_001), &json!(1), 2_002));
    assert_eq!((&rows[2_000]["code"], &rows[2_000]["claim"]), (&json!("repeated"), &rows[0]["claim"]));
    assert_eq!((&rows[2_000]["row"], &rows[2_001]["row"]), (&json!(2_002), &json!(2_003)));
    let claims = claims(&world.registry.client, &member.bearer);
    assert_eq!((&claims[0]["role"], claims.len()), (&json!("deposit"), 2_001));
    assert!(claims.iter().all(|claim| claim["batch"] == report["batch"]));
    let parts = batches(&world);
    assert!(parts.iter().all(|part| json!(part.part_of) == report["batch"]) && parts.len() == 3, "{parts:?}");
}

#[on_every_database]
fn an_import_that_was_killed_between_its_parts_continues_and_doubles_nothing(database: Database) {
    let (deployment, bearer) = with_member(database);
    let file = csv(1..=6_000);

    let stored = kill_between_parts(&deployment, &bearer, &file);

    assert!(stored > 0 && stored < 6_000 && stored.is_multiple_of(PART), "{stored}");
    let server = Server::start(deployment.serve());
    let client = Client::new(server.address);
    let report = import(&client, &bearer, "killed", &file).unwrap().answered(200);
    assert_eq!((&report["added"], &report["unchanged"]), (&json!(6_000), &json!(0)), "as if it had not been killed");
    let claims = claims(&client, &bearer);
    let addresses: HashSet<&str> = claims.iter().map(|claim| claim["address"].as_str().unwrap()).collect();
    assert_eq!((claims.len(), addresses.len()), (6_000, 6_000));
    assert!(claims.iter().all(|claim| claim["batch"] == report["batch"]));
    let again = import(&client, &bearer, "killed", &file).unwrap();
    assert_eq!((again.header("idempotency-replayed"), again.json()), ("true", report));
    server.kill();
    assert_undamaged(&deployment.database);
}

/// A deployment with the member of a verified VASP, and the member's `Authorization`.
fn with_member(database: Database) -> (Deployment, String) {
    let deployment = Deployment::new(database);
    let store = open_store(&deployment.database, 1);
    let mut rng = Random::from_system().unwrap().fork();
    let written = store.write::<_, StoreError>(now(), &mut rng, |transaction| {
        let id = VaspId::new(now(), transaction.conn_and_rng().1);
        let number = transaction.add_vasp(id, VaspKind::Entity)?.number;
        let facts = vec![fact(number, "legal_name", "Alpha"), fact(number, "status", "verified")];
        transaction.record(change(ChangeKind::VaspVerified, Some(number)), facts);
        Ok(id)
    });
    let vasp = written.unwrap().value.to_string();
    drop(store);
    let organisation = deployment.said(&["organisation", "create", "--name", "Alpha", "--kind", "member", "--vasp", &vasp]);
    let user = deployment.said(&["user", "create", "--organisation", &organisation, "--name", "Machine", "--role", "editor"]);
    let key = deployment.said(&["api-key", "create", "--user", &user, "--scope", "member"]);
    (deployment, format!("Bearer {key}"))
}

/// Kills the server after the first part of an import. Returns how many rows the next process finds.
fn kill_between_parts(deployment: &Deployment, bearer: &str, file: &str) -> usize {
    let server = Server::start(deployment.serve());
    let address = server.address;
    std::thread::scope(|scope| {
        let import = scope.spawn(move || import(&Client::new(address), bearer, "killed", file));
        wait_for_a_part(&Client::new(address), bearer);
        server.kill();
        assert!(import.join().unwrap().is_none(), "the import was not under way any more");
    });
    let server = Server::start(deployment.serve());
    let stored = claims(&Client::new(server.address), bearer).len();
    server.kill();
    stored
}

#[test]
fn two_hundred_rows_cost_one_token_and_an_empty_bucket_stores_nothing() {
    let world = World::start_with(Database::sqlite(), |settings| {
        settings.rate = Some(Rate { per_sec: NonZeroU32::MIN, burst: 1_000.try_into().unwrap() });
    });
    let member = world.member("Alpha");
    let client = &world.registry.client;

    import(client, &member.bearer, "first", &csv(1..=3_000)).unwrap().answered(200);

    let left = |answer: &Answer| answer.header("ratelimit").split(';').nth(1).unwrap().to_owned();
    assert_eq!(left(&world.get(&member, "/v1/claims?limit=1")), "r=984", "15 for the rows, 1 for the list");
    let subjects: Vec<Value> = (1..=975).map(|number| json!({"subject": address(number), "network": "eip155:1"})).collect();
    world.post(&member, "/v1/resolve", &json!({"subjects": subjects})).answered(200);
    let refused = import(client, &member.bearer, "second", &csv(20_001..=23_000)).unwrap();
    refused.problem(429, "rate_limited");
    assert!(refused.header("retry-after").parse::<u32>().is_ok_and(|secs| secs > 0));
    assert_eq!(batches(&world).len(), 3_000 / PART);
}

#[on_every_database(World::start)]
fn waiting_claims_take_effect_in_parts_and_the_answer_counts_all_of_them(world: World) {
    let (owner, member, reviewer) = (world.member("Alpha"), world.member("Beta"), operator(&world));
    let file = csv(1..=900);
    assert_eq!(import(&world.registry.client, &owner.bearer, "owned", &file).unwrap().answered(200)["added"], 900);
    let report = import(&world.registry.client, &member.bearer, "waits", &file).unwrap().answered(200);
    // Ten answers a day may be contradicted at once (docs/claims.md); the others wait.
    assert_eq!((&report["conflicts"], &report["pending"]), (&json!(10), &json!(890)), "{:?}", report["rows"][0]);
    let case = pending(&world, &reviewer)[0]["case"].as_str().unwrap().to_owned();

    let path = format!("/v1/claims/pending/{case}/count");
    let counted = world.post(&reviewer, &path, &json!({"rows": "all", "reason": "looked at all of them"})).answered(200);

    assert_eq!((&counted["counted"], &counted["waiting"]), (&json!(890), &json!(0)));
    let shown = claims(&world.registry.client, &member.bearer);
    assert_eq!(shown.len(), 900);
    assert!(shown.iter().all(|claim| claim["state"] == "live"));
    assert_eq!(shown.iter().filter(|claim| claim["batch"] == report["pending_batch"]).count(), 890);
    let source = member.vasp().to_string();
    assert!(batches(&world).iter().filter(|batch| batch.source == source).count() > 1, "in parts");
}
