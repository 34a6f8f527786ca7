//! A database that hangs, and one that takes no writes: the node says so, every write is answered, and the process ends when told.

use std::time::Duration;

use vasp_clock::Stopwatch;

use crate::support::{Client, Database, Deployment, PrivatePostgres, Server, SmallDisk, not_run};

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
    assert!(took < 4 * SECOND && log.contains("the process ends although work is not done"), "{took} µs: {log}");
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
