//! A database that hangs, and one that takes no writes: the node says so, every write is answered, and the process ends when told.

use std::time::Duration;

use vasp_clock::Stopwatch;

use crate::support::{
    Client, Database, Deployment, PrivatePostgres, Server, SmallDisk, StallingDisk, assert_busy, not_run, on_every_database,
};

const SECOND: u64 = 1_000_000;

/// Waits until `/readyz` gives a reason, or none (`ready`).
#[track_caller]
fn soon_says(deployment: &Deployment, client: &Client, reason: &str) {
    let watch = Stopwatch::start();
    loop {
        let text = deployment.get(client, "/readyz").text;
        if text.contains(&format!("\"{reason}\"")) {
            return;
        }
        assert!(watch.elapsed_micros() < 8 * SECOND, "not {reason} in 8 s: {text}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_postgresql_that_hangs_leaves_no_write_unanswered_and_is_back_at_once() {
    let Some(postgres) = PrivatePostgres::start("a PostgreSQL that hangs") else { return };
    let deployment = Deployment::new(postgres.database());
    let server = Server::start(deployment.serve());
    let client = Client::new(server.address);
    assert_eq!(deployment.ask(&client, 0).unwrap().status.as_u16(), 200);

    postgres.hang(true);
    let watch = Stopwatch::start();
    let answer = deployment.ask(&client, 0).unwrap();
    answer.problem(503, "outcome_unknown");
    assert!(watch.elapsed_micros() < 6 * SECOND, "{} µs", watch.elapsed_micros());
    soon_says(&deployment, &client, "out_of_touch");
    assert_eq!(
        deployment.get(&client, "/v1/resolve?subject=0x00000000000000000000000000000000000000aa&network=eip155:1").status,
        200
    );
    postgres.hang(false);
    let watch = Stopwatch::start();
    soon_says(&deployment, &client, "ready");
    assert!(watch.elapsed_micros() < 5 * SECOND);
    assert_eq!(deployment.ask(&client, 0).unwrap().status.as_u16(), 200);

    postgres.hang(true);
    std::thread::sleep(Duration::from_millis(500));
    let watch = Stopwatch::start();
    let (code, log) = server.stop("TERM");
    let took = watch.elapsed_micros();
    postgres.hang(false);
    assert_eq!(code, Some(1), "{log}");
    assert!(took < 4 * SECOND && log.contains("the process ends before its work is finished"), "{took} µs: {log}");
}

/// Every write is answered within 6 seconds, and the last of them well.
fn writes_go_on(deployment: &Deployment, client: &Client) {
    for last in [false, false, true] {
        let watch = Stopwatch::start();
        let answer = deployment.ask(client, 0).unwrap();
        assert!(watch.elapsed_micros() < 6 * SECOND, "{} µs: {answer:?}", watch.elapsed_micros());
        if answer.status != 200 {
            assert!(!last, "{answer:?}");
            assert_busy(&answer);
        }
    }
}

#[test]
fn connections_that_swallow_what_they_are_sent_are_closed_and_the_node_goes_on() {
    let Some(postgres) = PrivatePostgres::start("connections that swallow everything") else { return };
    let (relay, database) = postgres.behind_a_relay();
    let deployment = Deployment::new(database);
    let server = Server::start(deployment.serve());
    let client = Client::new(server.address);
    assert_eq!(deployment.ask(&client, 0).unwrap().status.as_u16(), 200);

    relay.swallow(false);
    writes_go_on(&deployment, &client);
    soon_says(&deployment, &client, "ready");

    relay.swallow(true);
    deployment.ask(&client, 0).unwrap().problem(503, "outcome_unknown");
    soon_says(&deployment, &client, "out_of_touch");
    std::thread::sleep(Duration::from_secs(8));
    relay.forward_new();
    let watch = Stopwatch::start();
    soon_says(&deployment, &client, "ready");
    assert!(watch.elapsed_micros() < 5 * SECOND, "{} µs", watch.elapsed_micros());
    writes_go_on(&deployment, &client);

    let (code, log) = server.stop("TERM");
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("the database did not answer a statement: the connection was closed"), "{log}");
}

#[test]
fn a_full_disk_is_told_before_any_client_writes_and_is_over_with_room() {
    let disk = SmallDisk::new(24);
    if !disk.is_mounted() {
        return not_run("a full disk that nobody writes to: nothing can be mounted here");
    }
    let url = format!("sqlite://{}", disk.path().join("registry.db").display());
    let deployment = Deployment::new(Database::at(url.parse().unwrap()));
    let server = Server::start(deployment.serve());
    let client = Client::new(server.address);
    soon_says(&deployment, &client, "ready");

    disk.fill(Some(server.pid()), 0);
    soon_says(&deployment, &client, "no_writes");
    disk.free(Some(server.pid()));
    soon_says(&deployment, &client, "ready");

    let (code, log) = server.stop("TERM");
    assert_eq!(code, Some(0), "{log}");
    assert_eq!(log.matches("the disk of the database is full").count(), 1, "one line: {log}");
}

#[test]
fn a_postgresql_that_may_only_be_read_is_told_before_any_client_writes() {
    let Some(postgres) = PrivatePostgres::start("a PostgreSQL that turns read-only") else { return };
    let deployment = Deployment::new(postgres.database());
    let server = Server::start(deployment.serve());
    let client = Client::new(server.address);
    soon_says(&deployment, &client, "ready");

    postgres.read_only(true);
    soon_says(&deployment, &client, "no_writes");
    postgres.read_only(false);
    soon_says(&deployment, &client, "ready");
}

#[test]
fn a_disk_that_stalls_leaves_no_write_unanswered_and_is_told() {
    let Some(disk) = StallingDisk::new(32, "a disk that stalls") else { return };
    let url = format!("sqlite://{}", disk.path().join("registry.db").display());
    let deployment = Deployment::new(Database::at(url.parse().unwrap()));
    let server = Server::start(deployment.serve());
    let client = Client::new(server.address);
    assert_eq!(deployment.ask(&client, 0).unwrap().status, 200);

    disk.stall(true);
    let watch = Stopwatch::start();
    let answer = deployment.ask(&client, 0).unwrap();
    let took = watch.elapsed_micros();
    soon_says(&deployment, &client, "no_writes");
    let found = deployment.get(&client, "/v1/resolve?subject=0x00000000000000000000000000000000000000aa&network=eip155:1");
    disk.stall(false);
    answer.problem(503, "outcome_unknown");
    assert!(took < 6 * SECOND, "{took} µs");
    assert_eq!(found.status, 200);
    soon_says(&deployment, &client, "ready");
    assert_eq!(deployment.ask(&client, 0).unwrap().status, 200);
    let (code, log) = server.stop("TERM");
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("the disk hangs"), "{log}");
}

#[test]
fn a_postgresql_whose_disk_is_full_is_told_with_the_first_write_and_is_over_with_room() {
    let Some(postgres) = PrivatePostgres::start("a full disk of PostgreSQL that is told") else { return };
    let disk = SmallDisk::new(24);
    if !disk.is_mounted() {
        return not_run("a full disk of PostgreSQL that is told: nothing can be mounted here");
    }
    let deployment = Deployment::new(postgres.database_on(disk.path()));
    let server = Server::start(deployment.serve());
    let client = Client::new(server.address);
    soon_says(&deployment, &client, "ready");

    disk.fill(None, 0);
    while deployment.ask(&client, 20).unwrap().status == 200 {}
    soon_says(&deployment, &client, "no_writes");
    std::thread::sleep(Duration::from_secs(5));
    soon_says(&deployment, &client, "no_writes");
    disk.free(None);
    soon_says(&deployment, &client, "ready");
    assert_eq!(deployment.ask(&client, 20).unwrap().status, 200);
    drop(server);
}

#[test]
fn a_failover_to_a_standby_is_told_and_is_over_with_the_primary() {
    let Some(postgres) = PrivatePostgres::start("a failover to a standby") else { return };
    let Some(standby) = postgres.replica() else { return };
    let (relay, database) = postgres.behind_a_relay();
    let deployment = Deployment::new(database);
    let server = Server::start(deployment.serve());
    let client = Client::new(server.address);
    soon_says(&deployment, &client, "ready");

    relay.lead_to(standby.port());
    soon_says(&deployment, &client, "no_writes");
    assert!(deployment.get(&client, "/readyz").text.contains("the database is a standby"));
    deployment.ask(&client, 0).unwrap().problem(503, "no_writes");
    relay.lead_to(postgres.port());
    soon_says(&deployment, &client, "ready");
    assert_eq!(deployment.ask(&client, 0).unwrap().status, 200);
    drop(server);
}

#[test]
fn a_commit_that_waits_for_a_replica_is_answered_told_and_kept() {
    let Some(postgres) = PrivatePostgres::start("a commit that waits for a replica") else { return };
    let deployment = Deployment::new(postgres.database());
    let server = Server::start(deployment.serve());
    let client = Client::new(server.address);
    assert_eq!(deployment.ask(&client, 0).unwrap().status, 200);

    postgres.await_a_replica(true);
    for _ in 0..2 {
        let watch = Stopwatch::start();
        deployment.ask(&client, 0).unwrap().problem(503, "outcome_unknown");
        assert!(watch.elapsed_micros() < 6 * SECOND, "{} µs", watch.elapsed_micros());
    }
    soon_says(&deployment, &client, "no_writes");
    assert!(deployment.get(&client, "/readyz").text.contains("a replica that commits wait for"));

    postgres.await_a_replica(false);
    soon_says(&deployment, &client, "ready");
    assert_eq!(deployment.ask(&client, 0).unwrap().status, 200);
    let (code, log) = server.stop("TERM");
    assert_eq!(code, Some(0), "{log}");
}

#[on_every_database(Deployment::new)]
fn a_write_that_waits_for_others_is_answered_in_time_and_done_once(deployment: Deployment) {
    let server = Server::start(deployment.serve());
    let client = Client::new(server.address);
    let house = deployment.said(&["organisation", "create", "--name", "House"]);
    let bearer = deployment.enrolled(&client, &house, ("Ada", "admin")).bearer;
    let headers = [("content-type", "application/json"), ("authorization", bearer.as_str()), ("idempotency-key", "once")];
    let ask = || client.send("POST", "/v1/webhooks", &headers, r#"{"url": "https://hooks.example.org/alerts"}"#);

    let held = deployment.database.hold("LOCK TABLE webhooks IN EXCLUSIVE MODE");
    let watch = Stopwatch::start();
    ask().problem(503, "outcome_unknown");
    let took = watch.elapsed_micros();
    assert!((4 * SECOND..6 * SECOND).contains(&took), "{took} µs");
    drop(held);

    let watch = Stopwatch::start();
    let made = loop {
        let answer = ask();
        if answer.status == 201 {
            break answer;
        }
        answer.problem(409, "in_progress");
        assert!(watch.elapsed_micros() < 5 * SECOND);
        std::thread::sleep(Duration::from_millis(50));
    };
    let listed = client.get_with("/v1/webhooks", &[("authorization", &bearer)]).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(listed["items"][0]["id"], made.json()["webhook"]["id"]);
    assert_eq!(server.stop("TERM").0, Some(0));
}

/// Before, while somebody held the table, nobody was answered for 30 s.
#[on_every_database(Deployment::new)]
fn a_precheck_that_waits_for_others_is_answered_in_time(deployment: Deployment) {
    let server = Server::start(deployment.serve());
    let client = Client::new(server.address);
    let bearer = deployment.bearer();
    let ask = |key| {
        let headers = [("content-type", "application/json"), ("authorization", bearer.as_str()), ("idempotency-key", key)];
        let body = r#"{"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": {"jurisdiction": "SG"}}"#;
        client.send("POST", "/v1/prechecks", &headers, body)
    };
    // The first one makes the organisation's key. Both wait.
    for key in ["first", "second"] {
        let held = deployment.database.hold("LOCK TABLE prechecks IN ACCESS EXCLUSIVE MODE");
        let watch = Stopwatch::start();

        ask(key).problem(503, "outcome_unknown");

        let took = watch.elapsed_micros();
        assert!((4 * SECOND..6 * SECOND).contains(&took), "{took} µs");
        if key == "second" {
            ask(key).problem(409, "in_progress");
        }
        drop(held);
        let watch = Stopwatch::start();
        loop {
            let answer = ask(key);
            if answer.status == 200 {
                // The row that waited is the one that is told. On SQLite the first call waits for the key, before it has a row.
                let is_replayed = answer.header("idempotency-replayed") == "true";
                assert!(is_replayed || key == "first");
                break;
            }
            assert!(watch.elapsed_micros() < 5 * SECOND, "{key}: {}", answer.text);
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    // What was stored must be read; SQLite's readers wait for nobody.
    let _held = deployment.database.hold("LOCK TABLE prechecks IN ACCESS EXCLUSIVE MODE");
    let watch = Stopwatch::start();
    let again = ask("second");
    match deployment.database.file() {
        Some(_) => assert_eq!(again.status, 200),
        None => drop(again.problem(503, "outcome_unknown")),
    }
    assert!(watch.elapsed_micros() < 6 * SECOND);
    assert_eq!(server.stop("TERM").0, Some(0));
}

/// Before, the background jobs made their last calls in turn, which took up to 20 seconds.
#[test]
fn a_server_ends_in_time_although_its_last_work_waits_for_another_process() {
    let deployment = Deployment::new(Database::sqlite());
    let server = Server::start(deployment.serve());
    assert_eq!(deployment.ask(&Client::new(server.address), 0).unwrap().status.as_u16(), 200);
    let held = deployment.database.hold("");
    let watch = Stopwatch::start();

    let (code, log) = server.stop("TERM");

    let took = watch.elapsed_micros();
    drop(held);
    assert_eq!(code, Some(0), "{log}");
    assert!(took < 4 * SECOND && log.contains("the process ends before its work is finished"), "{took} µs: {log}");
    assert_eq!(Server::start(deployment.serve()).stop("TERM").0, Some(0), "nothing is the worse for it");
}
