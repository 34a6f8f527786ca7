//! Several processes on one database, and what they leave behind when they die: never two roots for one size, and every head is
//! signed in the end. A log that is not what it was is never signed again.

use std::collections::BTreeMap;
use std::sync::Mutex;

use vasp_clock::Random;
use vasp_log::change::Audience;
use vasp_record::signing_key::SigningPurpose;
use vasp_registry::directory::ClaimIndexOptions;
use vasp_registry::node::{Registry as Service, ServiceError};
use vasp_registry::transparency::{prepare_signing, read_checkpoint, rotate_signing_key};
use vasp_store::{Conn, StoreError};

use super::reader::{append, checkpoint, read_whole};
use crate::ca::world::{Openssl, World};
use crate::support::{Client, Database, Deployment, Registry, Server, now, on_every_database, open_store};

/// Another node on the same database.
fn node(database: &Database, registry: &Registry) -> Service {
    let (store, mut rng) = (open_store(database, 2), Random::seeded(11).fork());
    Service::open(store, registry.keys.clone(), ClaimIndexOptions::default(), now(), &mut rng).unwrap()
}

fn newest(node: &Service) -> Result<String, ServiceError> {
    read_checkpoint(node, now(), &mut Random::seeded(3).fork()).map(|row| row.note)
}

#[on_every_database(Registry::start)]
fn several_nodes_sign_one_log_and_never_two_roots_for_one_size(registry: Registry) {
    let nodes = [(); 3].map(|()| node(&registry.database, &registry));
    let notes = Mutex::new(BTreeMap::<usize, String>::new());

    std::thread::scope(|scope| {
        for (number, node) in nodes.iter().enumerate() {
            let notes = &notes;
            scope.spawn(move || {
                for round in 0..12 {
                    append(node.store(), 1 + number, Audience::Public);
                    node.let_others_know();
                    if number == 0 && round == 6 {
                        rotate_signing_key(node, SigningPurpose::Checkpoint, now(), &mut Random::seeded(5).fork()).unwrap();
                    }
                    let note = newest(node).unwrap();
                    let size = note.lines().nth(1).unwrap().parse().unwrap();
                    let mut seen = notes.lock().unwrap();
                    let first = seen.entry(size).or_insert_with(|| note.clone());
                    assert_eq!(*first, note, "one size, one note");
                }
            });
        }
    });

    let (last, _) = read_whole(&registry.client);
    assert_eq!(last.size, 2 + 2 + 12 * 6);
    for (size, note) in notes.into_inner().unwrap() {
        let proof = registry.client.get(&format!("/v1/log/proof/consistency?from={size}")).json();
        assert_eq!(proof["from_root_hash"], note.lines().nth(2).unwrap(), "{note}");
    }
}

#[on_every_database(Registry::start)]
fn nodes_that_start_together_make_one_pair_of_keys(registry: Registry) {
    let nodes = [(); 3].map(|()| node(&registry.database, &registry));

    std::thread::scope(|scope| {
        for (seed, node) in (20u64..).zip(&nodes) {
            scope.spawn(move || prepare_signing(node, 0, now(), &mut Random::seeded(seed).fork()).map(drop).unwrap());
        }
    });

    let keys = registry.client.get("/.well-known/jwks.json").json();
    assert_eq!(keys["keys"].as_array().unwrap().len(), 2);
    assert_eq!(read_whole(&registry.client).0.size, 2);
}

/// As a process does that dies between its commit and the signature, and as a database from before there were tiles.
#[on_every_database(Registry::start)]
fn a_head_that_was_left_unsigned_is_signed_by_whoever_looks_next(registry: Registry) {
    let before = checkpoint(&registry.client).size;
    // More than is added to the tiles at once, so that it goes on where it was left.
    append(registry.registry.store(), 17_000, Audience::Public);
    let signed = registry.registry.store().read::<_, StoreError>(Conn::newest_checkpoint).unwrap().unwrap();
    assert_eq!(signed.size, i64::try_from(before).unwrap());

    let next = node(&registry.database, &registry);
    next.let_others_know();

    let signed = next.store().read::<_, StoreError>(Conn::newest_checkpoint).unwrap().unwrap();
    assert_eq!(signed.size, i64::try_from(before + 17_000).unwrap());
    assert_eq!(read_whole(&registry.client).0.size, before + 17_000);
}

#[on_every_database(Registry::start)]
fn a_log_that_is_not_what_was_signed_is_not_signed_again(registry: Registry) {
    append(registry.registry.store(), 10, Audience::Public);
    let before = checkpoint(&registry.client);
    let refused = |what: &str| {
        append(registry.registry.store(), 1, Audience::Public);
        let error = newest(&node(&registry.database, &registry)).unwrap_err();
        let ServiceError::Store(StoreError::Impossible { table, .. }) = error else { panic!("{what}: {error:?}") };
        registry.client.get("/v1/log/checkpoint").problem(500, "internal_error");
        table
    };

    // An entry that is not in the tiles yet, one that is, and the tiles themselves.
    append(registry.registry.store(), 1, Audience::Public);
    registry.database.run("UPDATE changes SET kind = 'vasp_listed' WHERE sequence = 13");
    assert_eq!(refused("an entry"), "log_tiles");
    registry.database.run("UPDATE changes SET kind = 'document' WHERE sequence = 13");
    assert_eq!(checkpoint(&registry.client).size, before.size + 2);

    registry.database.run("UPDATE checkpoints SET root = (SELECT root FROM checkpoints ORDER BY size LIMIT 1) WHERE size = 14");
    assert_eq!(refused("what was signed"), "checkpoints");
}

#[on_every_database(Registry::start)]
fn a_database_that_was_put_back_to_before_what_was_signed_is_not_signed(registry: Registry) {
    append(registry.registry.store(), 3, Audience::Public);
    let before = checkpoint(&registry.client);

    registry.database.run("INSERT INTO checkpoints SELECT size + 5, root, note FROM checkpoints WHERE size = 5");
    append(registry.registry.store(), 1, Audience::Public);

    let error = newest(&node(&registry.database, &registry)).unwrap_err();
    assert!(matches!(error, ServiceError::Store(StoreError::Impossible { table: "checkpoints", .. })), "{error:?}");
    assert_eq!(before.size, 5);
}

#[on_every_database(Deployment::new)]
fn a_server_signs_when_it_starts_and_what_others_write_beside_it(deployment: Deployment) {
    let server = Server::start(deployment.serve());
    let client = Client::new(server.address);
    let first = checkpoint(&client);
    assert_eq!(first.size, 2, "the keys");
    server.kill();

    // Without a server: as a process leaves it that is killed right after its commit.
    append(&open_store(&deployment.database, 1), 7, Audience::Public);
    let server = Server::start(deployment.serve());
    let client = Client::new(server.address);
    assert_eq!(read_whole(&client).0.size, 9);

    // Beside it: within a second, without anybody asking for the checkpoint.
    append(&open_store(&deployment.database, 1), 1, Audience::Public);
    let watch = vasp_clock::Stopwatch::start();
    let signed = || open_store(&deployment.database, 1).read::<_, StoreError>(Conn::newest_checkpoint).unwrap().unwrap().size;
    while signed() < 10 {
        assert!(watch.elapsed_micros() < 10_000_000, "it is not signed");
        std::thread::yield_now();
    }
    server.kill();
}

/// Issuing looks at the directory within its own transaction: it must not wait for a signature that waits for that.
#[on_every_database(World::new)]
fn a_certificate_is_issued_while_the_head_is_not_signed_yet(world: World) {
    let Some(openssl) = Openssl::here() else { return };
    let member = world.member("Muster AG", &[("one.example.com", false)]);
    checkpoint(&world.registry.client);
    let store = world.registry.registry.store();
    append(store, 1, Audience::Public);
    let watch = vasp_clock::Stopwatch::start();

    world.issued(&member, &openssl.ec_csr(), &["tls_client"]);

    assert!(watch.elapsed_micros() < 15_000_000, "it waited for itself");
    let (head, signed) = store.read::<_, StoreError>(|conn| Ok((conn.log_head()?, conn.newest_checkpoint()?))).unwrap();
    assert_eq!(Some(head.sequence), signed.map(|row| row.size), "signed before it was acknowledged");
}
