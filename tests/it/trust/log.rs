//! The log over HTTP: checkpoint, tiles, entries and proofs, of logs that end within a tile, at its end and just after.

use serde_json::{Value, json};
use vasp_log::change::Audience;
use vasp_log::{verify_consistency, verify_inclusion};

use super::reader::{Hash, append, checkpoint, entries, hash, jwks, keys_for, level, read_whole, root, tile};
use crate::support::{Database, Registry, on_every_database};

fn hashes(proof: &Value) -> Vec<Hash> {
    proof["hashes"].as_array().unwrap().iter().map(|text| hash(text.as_str().unwrap())).collect()
}

#[on_every_database(Registry::start)]
fn the_log_can_be_read_whole_and_checked_at_any_size(registry: Registry) {
    let (client, store) = (&registry.client, registry.registry.store());

    let (first, mut leaves) = read_whole(client);
    // The keys themselves are the first changes.
    assert_eq!(first.size, 2);
    assert_eq!(first.origin, format!("urn:vasp-registry:{}", keys_for(&jwks(client), "checkpoint")[0]["kid"].as_str().unwrap()));

    for count in [1, 252, 1, 1, 255, 1, 300] {
        append(store, count, Audience::Public);
        let (newest, more) = read_whole(client);
        assert_eq!((newest.size, &more[..leaves.len()]), (leaves.len() + count, leaves.as_slice()));
        leaves = more;
    }
}

#[on_every_database(Registry::start)]
fn every_proof_holds_and_says_what_it_proves(registry: Registry) {
    append(registry.registry.store(), 298, Audience::Public);
    let (newest, leaves) = read_whole(&registry.client);
    assert_eq!(newest.size, 300);
    let get = |path: &str| registry.client.get(path).json();

    for (sequence, size) in [(1, 1), (1, 300), (300, 300), (256, 256), (257, 257), (257, 300), (128, 299), (2, 3)] {
        let proof = get(&format!("/v1/log/proof/inclusion?sequence={sequence}&size={size}"));
        let tree = root(&leaves[..size]);
        assert_eq!(hash(proof["root_hash"].as_str().unwrap()), tree);
        assert_eq!(hash(proof["leaf_hash"].as_str().unwrap()), leaves[sequence - 1]);
        assert_eq!((&proof["leaf_index"], &proof["size"]), (&json!(sequence - 1), &json!(size)));
        assert_eq!(super::reader::leaf(proof["envelope"].to_string().as_bytes()), leaves[sequence - 1]);
        let (index, count) = (u64::try_from(sequence - 1).unwrap(), u64::try_from(size).unwrap());
        assert!(verify_inclusion(&leaves[sequence - 1], index, count, &hashes(&proof), &tree), "{proof}");
    }
    for (from, to) in [(1, 1), (1, 300), (299, 300), (256, 300), (255, 257), (300, 300), (128, 256)] {
        let proof = get(&format!("/v1/log/proof/consistency?from={from}&to={to}"));
        let (old, new) = (root(&leaves[..from]), root(&leaves[..to]));
        assert_eq!((hash(proof["from_root_hash"].as_str().unwrap()), hash(proof["to_root_hash"].as_str().unwrap())), (old, new));
        let (small, large) = (u64::try_from(from).unwrap(), u64::try_from(to).unwrap());
        assert!(verify_consistency((small, &old), (large, &new), &hashes(&proof)), "{proof}");
    }
    // Without a size, those of the newest checkpoint.
    assert_eq!(get("/v1/log/proof/inclusion?sequence=5")["size"], 300);
    assert_eq!(get("/v1/log/proof/consistency?from=5")["to"], 300);
}

#[on_every_database(Registry::start)]
fn what_is_not_covered_is_not_there(registry: Registry) {
    append(registry.registry.store(), 258, Audience::Public);
    let client = &registry.client;
    assert_eq!(checkpoint(client).size, 260);

    // Less of a tile than there is was served once, and is still.
    assert_eq!(tile(client, "0/001.p/3"), tile(client, "0/001.p/4")[..96]);
    assert_eq!(tile(client, "0/000.p/255"), tile(client, "0/000")[..255 * 32]);
    for path in [
        "0/001.p/5",
        "0/001",
        "0/002.p/1",
        "1/000",
        "1/000.p/2",
        "2/000.p/1",
        "entries/001.p/5",
        "entries/001",
        "8/000.p/1",
        "63/000.p/1",
        "0/x999/x999/x999/x999/x999/999",
        "0/0",
        "0/001.p/0",
        "0/001.p/256",
        "0/",
        "",
        "x",
        "entries",
        "-1/000",
        "0/000/",
        "entries/000.p/1/",
        "0/000.p/01",
        "0//000",
    ] {
        client.get(&format!("/v1/log/tile/{path}")).problem(404, "not_found");
    }
    for (query, status, pointer) in [
        ("inclusion?sequence=0", 422, "?sequence"),
        ("inclusion?sequence=-1", 422, "?sequence"),
        ("inclusion?sequence=261", 422, "?sequence"),
        ("inclusion?sequence=5&size=4", 422, "?sequence"),
        ("inclusion?sequence=1&size=0", 422, "?size"),
        ("inclusion?sequence=x", 422, "?sequence"),
        ("inclusion", 422, "?sequence"),
        ("inclusion?sequence=1&sequence_=1", 422, "?sequence_"),
        ("consistency?from=0", 422, "?from"),
        ("consistency?from=5&to=4", 422, "?from"),
        ("consistency?from=1&to=-1", 422, "?to"),
    ] {
        let problem = client.get(&format!("/v1/log/proof/{query}")).problem(status, "invalid_request");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{query}");
    }
    for query in ["inclusion?sequence=1&size=261", "consistency?from=1&to=261", "consistency?from=261"] {
        client.get(&format!("/v1/log/proof/{query}")).problem(404, "not_found");
    }
}

#[on_every_database(Registry::start)]
fn what_is_private_is_in_no_part_of_the_log(registry: Registry) {
    append(registry.registry.store(), 3, Audience::Operator);
    let client = &registry.client;

    let size = checkpoint(client).size;
    let shown: Vec<u8> = entries(client, size).concat();
    let proof = client.get("/v1/log/proof/inclusion?sequence=1");

    assert!(!String::from_utf8(shown).unwrap().contains("canary"));
    assert!(!proof.text.contains("canary") && proof.json()["envelope"]["audience"] == "operator");
    assert_eq!(level(client, 0, size).len(), size);
}

#[on_every_database]
fn a_registry_that_has_a_name_names_its_log_by_it(database: Database) {
    let registry = Registry::start_issued_by(database, "https://registry.example.org");

    assert_eq!(checkpoint(&registry.client).origin, "registry.example.org/v1/log");
}
