//! A database that goes away, starves of its lock, is read-only or freezes, under a running server: what is in memory is
//! answered, what needs the database is refused with "try again", and everything resumes by itself.

use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use vasp_clock::{Clock, Random, Stopwatch, SystemClock};
use vasp_log::Sealer;
use vasp_store::{Store, StoreError, StoreOptions};
use vasp_words::time::UtcTime;

use crate::support::{
    Answer, Client, Database, Deployment, PrivatePostgres, Server, SetAtEnd, add_group, assert_busy, assert_log_recomputes, now,
    on_every_database, open_store,
};

const SECOND: u64 = 1_000_000;

/// Waits until something holds, for so long at most.
#[track_caller]
fn soon(within_secs: u64, what: &str, mut holds: impl FnMut() -> bool) {
    let watch = Stopwatch::start();
    while !holds() {
        assert!(watch.elapsed_micros() < within_secs * SECOND, "not within {within_secs} s: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// How long an answer holds, by the clock that answers are dated by.
fn holds_micros(answer: &Answer) -> i64 {
    let until: UtcTime = answer.json()["valid_until"].as_str().unwrap().parse().unwrap();
    until.micros() - SystemClock.now().micros()
}

#[test]
fn a_server_whose_database_goes_away_answers_from_memory_and_resumes_by_itself() {
    let Some(postgres) = PrivatePostgres::start("a database that goes away and comes back") else { return };
    let deployment = Deployment::new(postgres.database());
    let server = Server::start(deployment.serve());
    let client = Client::new(server.address);
    let status = |path: &str| deployment.get(&client, path).json()["status"].as_str().unwrap_or_default().to_owned();
    let question = "/v1/resolve?subject=0x00000000000000000000000000000000000000aa&network=eip155:1";
    let before = deployment.ask(&client, 0).unwrap();
    assert_eq!((before.status.as_u16(), status("/readyz")), (200, "ready".to_owned()));

    for _ in 0..2 {
        postgres.stop();
        assert_eq!(status(question), "not_found", "memory still answers");
        let watch = Stopwatch::start();
        assert_busy(&deployment.ask(&client, 0).unwrap());
        assert_busy(&deployment.get(&client, "/v1/prechecks/pre_00000000000000000000000000"));
        assert!(watch.elapsed_micros() < 20 * SECOND, "refused at once, not after the client gave up");
        soon(10, "the server says that it is out of touch", || status("/readyz") == "degraded");
        let answer = deployment.get(&client, question);
        assert_eq!(answer.json()["status"], "not_found");
        // Nobody known owns it: ten seconds, of which five have passed already.
        let holds = holds_micros(&answer);
        assert!((900_000..=5_000_000).contains(&holds), "it holds for {holds} µs: {answer:?}");

        postgres.start_again();
        soon(10, "pre-checks are recorded again", || deployment.ask(&client, 0).unwrap().status.as_u16() == 200);
        soon(10, "the server is in touch again", || status("/readyz") == "ready");
        let holds = holds_micros(&deployment.get(&client, question));
        assert!(holds > 8_900_000, "an answer holds as long as ever: {holds} µs");
        // No dead connection is left: every one of many questions at once finds a living one.
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| assert_eq!(deployment.ask(&Client::new(server.address), 0).unwrap().status.as_u16(), 200));
            }
        });
    }

    let id = before.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(deployment.get(&client, &format!("/v1/prechecks/{id}")).text, before.text);
    let (code, log) = server.stop("TERM");
    assert_eq!(code, Some(0), "{log}");
}

#[test]
fn a_postgresql_that_crashes_under_load_has_kept_what_was_acknowledged() {
    let Some(postgres) = PrivatePostgres::start("pg_ctl restart -m immediate under load") else { return };
    let deployment = Deployment::new(postgres.database());
    let server = Server::start(deployment.serve());
    let store = open_store(&deployment.database, 4);
    let (recorded, stop) = (Mutex::new(Vec::new()), AtomicBool::new(false));
    let (written, writes) = (Mutex::new(Vec::new()), AtomicUsize::new(0));

    std::thread::scope(|scope| {
        let end = SetAtEnd(&stop);
        for gateway in 0..4 {
            let (deployment, recorded, stop, address) = (&deployment, &recorded, &stop, server.address);
            scope.spawn(move || deployment.keep_asking(address, gateway, recorded, stop));
        }
        for thread in 0..3u64 {
            let (store, stop, written, writes) = (&store, &stop, &written, &writes);
            scope.spawn(move || {
                let mut rng = Random::seeded(thread).fork();
                while !stop.load(Ordering::SeqCst) {
                    let name = format!("{}", writes.fetch_add(1, Ordering::SeqCst));
                    match store.write::<_, StoreError>(now(), &mut rng, |transaction| add_group(transaction, &name)) {
                        Ok(done) => written.lock().unwrap().push((done.sequence, name)),
                        Err(error) => assert!(error.is_unavailable(), "{error:?}"),
                    }
                }
            });
        }
        for _ in 0..3 {
            let (asked, wrote) = (recorded.lock().unwrap().len(), written.lock().unwrap().len());
            soon(30, "both are acknowledged", || {
                recorded.lock().unwrap().len() > asked + 50 && written.lock().unwrap().len() > wrote + 50
            });
            postgres.restart_immediately();
        }
        let (asked, wrote) = (recorded.lock().unwrap().len(), written.lock().unwrap().len());
        soon(30, "both go on", || recorded.lock().unwrap().len() > asked + 50 && written.lock().unwrap().len() > wrote + 50);
        drop(end);
    });

    assert_log_recomputes(&store);
    let recorded = recorded.into_inner().unwrap();
    deployment.assert_kept(&recorded);
    deployment.assert_readable(server.address, &recorded[..200]);
    let facts = store.read::<_, StoreError>(|conn| conn.facts_at(i64::MAX - 1)).unwrap();
    for (sequence, name) in written.into_inner().unwrap() {
        assert!(facts.iter().any(|fact| fact.fact.said.text() == name && fact.seq_from == sequence), "{name} was acknowledged");
    }
}

#[test]
fn while_another_process_holds_the_write_lock_prechecks_wait_and_reads_go_on() {
    let deployment = Deployment::new(Database::sqlite());
    let server = Server::start(deployment.serve());
    let client = Client::new(server.address);
    assert_eq!(deployment.ask(&client, 0).unwrap().status.as_u16(), 200);

    let other = deployment.database.hold("");
    let answered = AtomicBool::new(false);
    let answer = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let answer = deployment.ask(&Client::new(server.address), 0).unwrap();
            answered.store(true, Ordering::SeqCst);
            answer
        });
        for _ in 0..50 {
            assert_eq!(deployment.get(&client, "/v1/vasps").status.as_u16(), 200, "reads go on");
        }
        assert!(!answered.load(Ordering::SeqCst), "it waits for its record");
        drop(other);
        waiting.join().unwrap()
    });

    assert_eq!(answer.status.as_u16(), 200, "{answer:?}");
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(deployment.get(&client, &format!("/v1/prechecks/{id}")).text, answer.text);
}

#[on_every_database]
fn a_lock_that_is_held_too_long_is_said_to_be_that_and_nothing_is_written(database: Database) {
    let store = open_store(&database, 2);
    let patience = StoreOptions { lock_timeout: Duration::from_secs(1), ..StoreOptions::default() };
    let impatient = Store::open(&database.url, &patience, Arc::new(Sealer::default())).unwrap();
    let mut rng = Random::seeded(1).fork();
    let head = "SELECT 1 FROM log_head FOR UPDATE";

    let refused = store.write::<_, StoreError>(now(), &mut Random::seeded(2).fork(), |transaction| {
        if !store.is_sqlite() {
            transaction.conn().batch_execute(head).unwrap();
        }
        Ok(impatient.write(now(), &mut rng, |transaction| add_group(transaction, "late")))
    });

    let error = refused.unwrap().value.unwrap_err();
    assert!(error.is_unavailable(), "{error:?}");
    assert!(matches!(error, StoreError::Locked { waited_secs: 1, .. }), "{error:?}");
    assert_eq!(assert_log_recomputes(&store), 0);
    impatient.write(now(), &mut rng, |transaction| add_group(transaction, "now")).unwrap();
}

/// Has connections to come to a PostgreSQL database begin with another setting; those that are there end.
fn change_setting(database: &Database, setting: &str) {
    let set = format!("ALTER DATABASE %I SET {setting}");
    let format = format!("DO $$ BEGIN EXECUTE format('{set}', current_database()); END $$");
    database.run(&format);
    let end =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    database.run(end);
}

#[on_every_database]
fn a_postgresql_that_comes_back_and_could_lose_a_commit_is_not_written_to(database: Database) {
    if database.file().is_some() {
        return;
    }
    let store = open_store(&database, 1);
    let mut rng = Random::seeded(1).fork();
    store.write(now(), &mut rng, |transaction| add_group(transaction, "kept")).unwrap();

    change_setting(&database, "synchronous_commit TO off");

    // A session that is about to end may still take one, durably; none that begins anew does.
    soon(20, "writes are refused for that reason", || {
        match store.write(now(), &mut rng, |transaction| add_group(transaction, "could be lost")) {
            Ok(_) => false,
            Err(error) => {
                assert!(error.is_unavailable(), "{error:?}");
                error.to_string().contains("synchronous_commit")
            }
        }
    });
}

#[on_every_database]
fn a_postgresql_that_is_read_only_is_said_to_be_that(database: Database) {
    if database.file().is_some() {
        return; // Read-only files: disk.rs.
    }
    let deployment = Deployment::new(database);
    let server = Server::start(deployment.serve());
    let client = Client::new(server.address);
    change_setting(&deployment.database, "default_transaction_read_only TO on");

    soon(10, "pre-checks are refused", || deployment.ask(&client, 0).unwrap().status.as_u16() != 200);
    let refused = deployment.ask(&client, 0).unwrap();
    let file = deployment.file("x.csv", "network,address,entity,entity_name,label,category,source,added_date\n");
    let import = deployment.command(&["import", "claims-csv", file.to_str().unwrap()]).output().unwrap();

    assert_busy(&refused);
    assert_eq!(deployment.get(&client, "/v1/vasps").status.as_u16(), 200);
    assert_eq!(import.status.code(), Some(2));
    let said = String::from_utf8(import.stderr).unwrap();
    assert!(said.contains("the database is read-only") && said.lines().count() == 1, "{said}");
    let (_, log) = server.stop("TERM");
    assert!(log.contains("the database is read-only"), "{log}");
}

#[test]
fn a_server_that_accepts_and_never_speaks_is_given_up() {
    let frozen = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://test@127.0.0.1:{}/none", frozen.local_addr().unwrap().port()).parse().unwrap();
    let watch = Stopwatch::start();

    let (done, opened) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let refused = Store::open(&url, &StoreOptions::default(), Arc::new(Sealer::default())).map(drop);
        drop(done.send(refused.unwrap_err()));
    });

    let error = opened.recv_timeout(Duration::from_secs(20)).expect("it is given up");
    assert!(matches!(error, StoreError::Connect { .. }), "{error:?}");
    assert!(watch.elapsed_micros() > SECOND);
    drop(frozen);
}

/// Before, one line of the log was all that told of a setting under which a commit may be lost.
#[on_every_database]
fn a_server_that_could_lose_a_commit_from_now_on_is_told_until_it_cannot(database: Database) {
    if database.file().is_some() {
        return;
    }
    let deployment = Deployment::new(database);
    let server = Server::start(deployment.serve());
    let client = Client::new(server.address);
    let alter = |to: &str| {
        let statement = format!("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I {to}', current_database()); END $$");
        deployment.database.run(&statement);
    };
    let told = || client.get("/readyz").text.contains("could lose");

    alter("SET synchronous_commit TO off");
    soon(10, "it is told", told);
    alter("RESET synchronous_commit");
    soon(10, "it is over", || !told());
}
