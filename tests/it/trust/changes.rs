//! The public changes, as a mirror follows them.

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Value, json};
use vasp_log::change::Audience;

use super::reader::{append, checkpoint, entries};
use crate::prechecks::world::World;
use crate::support::{Database, Registry, on_every_database};

/// Follows from a sequence to the end, so many at a time.
fn follow(registry: &Registry, mut since: i64, limit: usize) -> (Vec<Value>, i64) {
    let mut all = Vec::new();
    loop {
        let page = registry.client.get(&format!("/v1/changes?since={since}&limit={limit}")).json();
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= limit);
        all.extend(items.iter().cloned());
        since = page["next"].as_i64().unwrap();
        if page["more"] == false {
            return (all, since);
        }
        assert_eq!(items.len(), limit);
    }
}

#[on_every_database]
fn every_public_change_fits_its_envelope_in_the_log(database: Database) {
    let world = World::start_with(database, |settings| settings.public_read = true);
    let registry = &world.registry;
    let size = checkpoint(&registry.client).size;
    let envelopes: Vec<Value> =
        entries(&registry.client, size).iter().map(|entry| serde_json::from_slice(entry).unwrap()).collect();

    let (all, next) = follow(registry, 0, 1_000);

    assert_eq!(next, i64::try_from(size).unwrap());
    assert!(all.iter().any(|change| change["kind"] == "vasp_listed") && all.iter().any(|change| change["kind"] == "claim_batch"));
    for change in &all {
        let place = usize::try_from(change["sequence"].as_i64().unwrap()).unwrap();
        let salted =
            [hex::decode(change["salt"].as_str().unwrap()).unwrap(), change["payload"].to_string().into_bytes()].concat();
        assert_eq!(change["payload_commitment"], hex::encode(digest(&SHA256, &salted)));
        let mut envelope = change.clone();
        for name in ["salt", "payload", "erased"] {
            envelope.as_object_mut().unwrap().remove(name);
        }
        assert_eq!(envelope, envelopes[place - 1]);
    }
    let begun = all.iter().filter(|change| change["kind"] == "signing_key_changed").count();
    assert_eq!(begun, 2);
    assert_eq!(follow(registry, 0, 7), (all.clone(), next));
    assert_eq!(follow(registry, 5, 3).0, all[5..]);
    assert_eq!(follow(registry, next, 3), (vec![], next));
    // Before, after a rollback a mirror was told that there is nothing new.
    registry.client.get(&format!("/v1/changes?since={}", next + 1)).problem(422, "invalid_request");
}

#[on_every_database]
fn what_is_not_public_is_skipped_and_what_was_erased_says_so(database: Database) {
    let registry = Registry::start_with(database, |settings| settings.public_read = true);
    let store = registry.registry.store();
    append(store, 2, Audience::Public);
    append(store, 5, Audience::Operator);
    append(store, 1, Audience::Public);
    append(store, 3, Audience::Operator);
    let (before, _) = follow(&registry, 0, 10);

    registry.database.run("DELETE FROM change_payloads WHERE sequence = 2");

    let (all, next) = follow(&registry, 0, 2);
    let seen: Vec<i64> = all.iter().map(|change| change["sequence"].as_i64().unwrap()).collect();
    assert_eq!((seen, next), (vec![1, 2, 8], 11));
    assert!(all.iter().all(|change| change["audience"] == "public"));
    assert_eq!((&all[1]["salt"], &all[1]["payload"], &all[1]["erased"]), (&Value::Null, &Value::Null, &json!(true)));
    assert_eq!(all[1]["payload_commitment"], before[1]["payload_commitment"]);
    assert_eq!(before[1]["erased"], false);
    // A page that ends among hidden ones goes on after what it showed.
    let page = registry.client.get("/v1/changes?since=0&limit=2").json();
    assert_eq!((&page["next"], &page["more"]), (&json!(2), &json!(true)));
}

#[on_every_database(World::start)]
fn a_closed_registry_shows_its_changes_to_those_who_may_resolve(world: World) {
    world.registry.client.get("/v1/changes").problem(401, "unauthenticated");
    assert_eq!(world.get_as(&world.key, "/v1/changes?limit=1").json()["items"][0]["sequence"], 1);
    for (query, pointer) in [
        ("since=-1", "?since"),
        ("since=x", "?since"),
        ("since=99999", "?since"),
        ("limit=0", "?limit"),
        ("limit=1001", "?limit"),
        ("at=1", "?at"),
    ] {
        let problem = world.get_as(&world.key, &format!("/v1/changes?{query}")).problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["pointer"], pointer);
    }
}
