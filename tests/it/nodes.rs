//! Several processes on one database: they start at once on an empty one, tell each other of writes, and work beside a version of
//! the program that is newer than theirs, as far as they may.

use std::collections::BTreeSet;
use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use vasp_clock::Random;
use vasp_log::Sealer;
use vasp_record::role::OrganisationKind;
use vasp_store::{Listener, Organisation, Store, StoreError, StoreOptions, Transaction, WriteMode};
use vasp_words::ids::OrganisationId;

use crate::support::{
    Client, Database, Deployment, PrivatePostgres, Server, add_group, assert_refused, assert_undamaged, now, on_every_database,
    open_store,
};
use crate::write_races::at_once;

#[on_every_database(Deployment::empty)]
fn nodes_that_start_at_once_on_an_empty_database_make_it_once(deployment: Deployment) {
    let started = at_once(4, |_| {
        let mut serve = deployment.serve();
        serve.arg("--migrate");
        Server::try_start(serve)
    });

    let nodes: Vec<Server> = started.into_iter().map(|node| node.unwrap_or_else(|said| panic!("{said}"))).collect();
    let keys: BTreeSet<String> = nodes.iter().map(|node| Client::new(node.address).get("/.well-known/jwks.json").text).collect();
    assert_eq!(keys.len(), 1, "one registry, one set of keys: {keys:?}");
    let folders = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/postgres")).unwrap().count();
    let ran = deployment.database.number("COUNT(*)", "__diesel_schema_migrations");
    assert_eq!(usize::try_from(ran).unwrap(), folders, "every migration ran once");
    for node in nodes {
        let (code, log) = node.stop("TERM");
        assert_eq!(code, Some(0), "{log}");
    }
    assert_undamaged(&deployment.database);
}

#[on_every_database]
fn a_node_that_may_not_migrate_says_so_or_waits_for_the_one_that_does(database: Database) {
    if database.file().is_some() {
        return; // SQLite is brought up to date by whoever opens it to serve.
    }
    let deployment = Deployment::empty(database);

    let refused = deployment.serve().env_remove("VASP_REGISTRY_CREATE").arg("--migrate").output().unwrap();

    assert_refused(&refused, "is empty: give the right database");
    let mut other = PgConnection::establish(&deployment.database.url.whole()).unwrap();
    // The number that all versions lock: "vaspmigr".
    other.batch_execute("SELECT pg_advisory_lock(8530226095925585778)").unwrap();
    let waiting = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| deployment.serve().arg("--migrate").spawn().unwrap().wait_with_output());
        let waits = "pg_locks WHERE locktype = 'advisory' AND NOT granted";
        while deployment.database.number("COUNT(*)", waits) == 0 {
            std::thread::yield_now();
        }
        assert!(!waiting.is_finished());
        let pid = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
        other.batch_execute(pid).unwrap();
        waiting.join().unwrap().unwrap()
    });
    assert_eq!(waiting.status.code(), Some(2), "its session was ended while it waited");
    let made = "pg_tables WHERE schemaname = ANY (current_schemas(false))";
    assert_eq!(deployment.database.number("COUNT(*)", made), 0, "nothing was written");
}

#[on_every_database(Deployment::new)]
fn an_older_version_goes_on_after_a_newer_one_added_to_the_schema_and_not_after_it_ended_something(deployment: Deployment) {
    deployment.database.run(
        "CREATE TABLE of_a_newer_version (id BIGINT NOT NULL PRIMARY KEY);
             ALTER TABLE prechecks ADD COLUMN of_a_newer_version BIGINT NOT NULL DEFAULT 0;
             ALTER TABLE facts ADD COLUMN of_a_newer_version BIGINT;
             INSERT INTO __diesel_schema_migrations (version, run_on) VALUES ('20991231000001', CURRENT_TIMESTAMP);",
    );

    let server = Server::start(deployment.serve());
    let client = Client::new(server.address);
    let answer = deployment.ask(&client, 0).unwrap();
    let written = {
        let store = open_store(&deployment.database, 1);
        store.write(now(), &mut Random::seeded(1).fork(), |transaction| add_group(transaction, "beside")).unwrap().value.1
    };

    assert_eq!(answer.status.as_u16(), 200, "{answer:?}");
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(deployment.get(&client, &format!("/v1/prechecks/{id}")).text, answer.text);
    let began = vasp_clock::Stopwatch::start();
    while deployment.get(&client, &format!("/v1/vasps/{written}")).status.as_u16() != 200 {
        assert!(began.elapsed_micros() < 10_000_000, "what another process writes is seen");
    }
    let (_, log) = server.stop("TERM");
    assert!(log.contains("20991231000001"), "it says so: {log}");
    deployment.said(&["migrate"]);

    let ended = "INSERT INTO __diesel_schema_migrations (version, run_on) VALUES ('20991231900002', CURRENT_TIMESTAMP);";
    deployment.database.run(ended);

    for refused in
        [deployment.serve(), deployment.command(&["migrate"]), deployment.command(&["organisation", "create", "--name", "x"])]
    {
        let mut refused = refused;
        assert_refused(&refused.output().unwrap(), "(migration 20991231900002), and this version must not use it");
    }
}

/// Opens a store with a connection of its own for each use.
fn another(database: &Database) -> Store {
    Store::open(&database.url, &StoreOptions::default(), Arc::new(Sealer::default())).unwrap()
}

/// Whether something is heard within five seconds.
fn hears(listener: &mut Listener, known: i64) -> bool {
    let began = vasp_clock::Stopwatch::start();
    while began.elapsed_micros() < 5_000_000 {
        if listener.heard_beyond(known).unwrap() {
            return true;
        }
        std::thread::yield_now();
    }
    false
}

#[on_every_database]
fn a_listener_hears_of_what_others_committed_and_of_nothing_else(database: Database) {
    let store = open_store(&database, 1);
    let Some(mut listener) = store.listen().unwrap() else {
        assert!(store.is_sqlite(), "PostgreSQL tells of writes");
        return;
    };
    let other = another(&database);
    let mut rng = Random::seeded(1).fork();
    let mut write = |mode, name: &str| {
        other.write_as::<_, StoreError>(mode, now(), &mut rng, |transaction| add_group(transaction, name)).unwrap().sequence
    };

    write(WriteMode::Rehearse, "nobody");
    let first = write(WriteMode::Keep, "first");
    assert!(hears(&mut listener, first - 1));
    let second = write(WriteMode::Keep, "second");
    let third = write(WriteMode::Keep, "third");
    assert!(hears(&mut listener, second), "what is known is no reason to look, what comes after it is");
    assert!(!listener.heard_beyond(0).unwrap(), "it was told of each write once, and of no rehearsal");

    let mut rng = Random::seeded(2).fork();
    let credentials = |transaction: &mut Transaction<'_>| transaction.lock_credentials();
    other.write::<_, StoreError>(now(), &mut rng, credentials).unwrap();
    assert!(hears(&mut listener, third), "credentials are not in the log");
    let id = OrganisationId::new(now(), &mut rng);
    let (kind, created_at) = (OrganisationKind::Gateway, now());
    let row = Organisation {
        id,
        name: "Gateway".to_owned(),
        kind,
        vasp: None,
        created_at,
        version: 1,
        closed_at: None,
        own_address_budget: None,
    };
    let add = |transaction: &mut Transaction<'_>| transaction.add_organisation(&row);
    other.write::<_, StoreError>(now(), &mut rng, add).unwrap();
    assert!(hears(&mut listener, third), "neither are organisations");
    let private = |transaction: &mut Transaction<'_>| transaction.next_private_revision(row.id);
    other.write::<_, StoreError>(now(), &mut rng, private).unwrap();
    assert!(hears(&mut listener, third), "what an organisation keeps for itself is not in the log");

    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE datname = current_database() AND query LIKE 'LISTEN %' AND pid <> pg_backend_pid()";
    database.run(end);
    let began = vasp_clock::Stopwatch::start();
    while listener.heard_beyond(third).is_ok() {
        assert!(began.elapsed_micros() < 5_000_000, "a listener whose connection ended says so");
    }
    let mut again = store.listen().unwrap().unwrap();
    write_one(&other);
    assert!(hears(&mut again, third));
}

#[test]
fn a_replica_answers_about_the_past_that_it_has_and_never_with_less_than_this_node_knows() {
    let Some(primary) = PrivatePostgres::start("a replica that lags") else { return };
    let database = primary.database();
    let store = open_store(&database, 1);
    let mut rng = Random::seeded(1).fork();
    let mut write = |name: &str| store.write(now(), &mut rng, |transaction| add_group(transaction, name)).unwrap();
    write("first");
    let Some(replica) = primary.replica() else { return };
    let name = database.url.whole().rsplit_once('/').unwrap().1.to_owned();
    let [there, admin] = [replica.url(&name), replica.url("postgres")].map(|url| Database::at(url.parse().unwrap()));
    let reading = another(&database).with_replica(&there.url, 1).unwrap();
    let names = |sequence: i64| -> BTreeSet<String> {
        let facts = reading.read_at::<_, StoreError>(sequence, |conn| conn.facts_at(sequence)).unwrap();
        facts.into_iter().map(|row| row.fact.said.text()).collect()
    };
    let used = || reading.replica_use().map(|used| (used.answered, used.passed_on)).unwrap();
    let caught_up = |sequence: i64| {
        let began = vasp_clock::Stopwatch::start();
        while there.number("sequence", "log_head") < sequence {
            assert!(began.elapsed_micros() < 20_000_000, "the replica follows");
        }
    };
    let expected = |names: &[&str]| names.iter().map(ToString::to_string).collect::<BTreeSet<_>>();

    let second = write("second").sequence;
    caught_up(second);
    let began = vasp_clock::Stopwatch::start();
    while used().0 == 0 {
        assert_eq!(names(second), expected(&["first", "second"]));
        assert!(began.elapsed_micros() < 20_000_000, "the replica is asked once it is connected");
    }
    // What was asked before it was connected was passed on; from now on nothing is.
    let before = used();
    assert_eq!((names(1), used()), (expected(&["first"]), (before.0 + 1, before.1)));

    // It stands still: what came after is asked of the primary.
    admin.run("SELECT pg_wal_replay_pause()");
    let third = write("third").sequence;
    let before = used();
    assert_eq!(names(third), expected(&["first", "second", "third"]));
    assert_eq!(used(), (before.0, before.1 + 1));
    assert_eq!(names(second), expected(&["first", "second"]));
    assert_eq!(used(), (before.0 + 1, before.1 + 1));

    // It is away: nobody waits for it.
    replica.stop();
    let began = vasp_clock::Stopwatch::start();
    assert_eq!(names(second), expected(&["first", "second"]));
    assert!(began.elapsed_micros() < 2_000_000);
    replica.start_again();
    caught_up(third);
    let before = used();
    while used().0 == before.0 {
        assert_eq!(names(third), expected(&["first", "second", "third"]));
        assert!(began.elapsed_micros() < 60_000_000, "it is asked again once it is there");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

#[test]
fn another_registrys_database_is_no_replica() {
    let Some(primary) = PrivatePostgres::start("a replica of another registry") else { return };
    let (database, other) = (primary.database(), primary.database());
    for (number, database) in [&database, &other].into_iter().enumerate() {
        let mut rng = Random::seeded(u64::try_from(number).unwrap()).fork();
        open_store(database, 1).write(now(), &mut rng, |t| add_group(t, "of a registry")).unwrap();
    }
    let refused = another(&database).with_replica(&other.url, 1).map(drop);
    assert!(matches!(refused, Err(StoreError::NotAReplica { .. })), "{refused:?}");
    let none = Database::sqlite();
    let refused = open_store(&none, 1).with_replica(&database.url, 1).map(drop);
    assert!(matches!(refused, Err(StoreError::Connect { .. })), "{refused:?}");
}

/// Before, a promoted standby to which others wrote answered for the registry.
#[test]
fn a_copy_that_others_write_to_answers_nothing_that_this_database_says_otherwise() {
    let Some(primary) = PrivatePostgres::start("a replica that forked") else { return };
    let database = primary.database();
    let write = |database: &Database, name: &str, seed: u64| {
        let mut rng = Random::seeded(seed).fork();
        another(database).write(now(), &mut rng, |transaction| add_group(transaction, name)).unwrap().sequence
    };
    drop(open_store(&database, 1));
    let first = write(&database, "first", 1);
    let url = database.url.whole().to_owned();
    let (base, name) = url.rsplit_once('/').unwrap();
    Database::at(format!("{base}/postgres").parse().unwrap()).run(&format!("CREATE DATABASE forked TEMPLATE {name}"));
    let copy = Database::at(format!("{base}/forked").parse().unwrap());
    let second = write(&database, "ours", 2);
    assert_eq!(write(&copy, "theirs", 3), second);
    let reading = another(&database).with_replica(&copy.url, 1).unwrap();
    let names = |sequence: i64| -> BTreeSet<String> {
        let facts = reading.read_at::<_, StoreError>(sequence, |conn| conn.facts_at(sequence)).unwrap();
        facts.into_iter().map(|row| row.fact.said.text()).collect()
    };
    let answered = || reading.replica_use().map(|used| used.answered).unwrap();

    let began = vasp_clock::Stopwatch::start();
    while answered() == 0 {
        assert_eq!(names(first), ["first".to_owned()].into());
        assert!(began.elapsed_micros() < 20_000_000, "it has this change, too");
    }

    let before = answered();
    assert_eq!(names(second), ["first".to_owned(), "ours".to_owned()].into());
    assert_eq!(answered(), before);
}

#[test]
fn a_node_with_a_replica_answers_about_the_past_from_it() {
    let Some(primary) = PrivatePostgres::start("a node with a replica") else { return };
    let deployment = Deployment::new(primary.database());
    let Some(replica) = primary.replica() else { return };
    let name = deployment.database.url.whole().rsplit_once('/').unwrap().1.to_owned();
    let mut serve = deployment.serve();
    serve.args(["--database-replica", &replica.url(&name), "--public-metrics"]);
    let server = Server::start(serve);
    let client = Client::new(server.address);
    let store = open_store(&deployment.database, 1);
    let mut rng = Random::seeded(1).fork();
    let written: Vec<_> = ["first", "second", "third"]
        .map(|name| store.write(now(), &mut rng, |transaction| add_group(transaction, name)).unwrap())
        .into();
    let began = vasp_clock::Stopwatch::start();
    let soon = |holds: &dyn Fn() -> bool| {
        while !holds() {
            assert!(began.elapsed_micros() < 30_000_000);
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    };
    let get = |vasp: usize, sequence: i64| {
        deployment.get(&client, &format!("/v1/vasps/{}?as_of=seq:{sequence}", written[vasp].value.1))
    };
    soon(&|| deployment.get(&client, &format!("/v1/vasps/{}", written[2].value.1)).status.as_u16() == 200);

    soon(&|| {
        let (there, not_yet) = (get(0, written[0].sequence), get(1, written[0].sequence));
        assert_eq!((there.status.as_u16(), not_yet.status.as_u16()), (200, 404), "{there:?} {not_yet:?}");
        client.get("/metrics").text.lines().any(|line| {
            line.strip_prefix("vasp_registry_replica_reads_total{kind=\"answered\"} ").is_some_and(|count| count != "0")
        })
    });
    let (code, log) = server.stop("TERM");
    assert_eq!(code, Some(0), "{log}");
}

fn write_one(store: &Store) {
    store.write(now(), &mut Random::seeded(3).fork(), |transaction| add_group(transaction, "again")).unwrap();
}
