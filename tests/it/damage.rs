//! Damage under a running server on SQLite: it is told within seconds, nothing more is written, questions are answered from memory, and
//! only a restart after a check of the file that it passes ends it.
//!
//! Source: docs/faults.md.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use rand_core::RngCore;
use vasp_clock::Stopwatch;

use crate::crash::seeded;
use crate::support::{Client, Database, Deployment, Server, acknowledged, assert_refused, connect_to_file};

/// Within how many microseconds a fault is told. Source: docs/faults.md.
const TOLD_MICROS: u64 = 10_000_000;

const QUESTION: &str = "/v1/resolve?subject=0x0000000000000000000000000000000000000007&network=eip155:1";

/// A registry with some megabytes in its file.
pub(crate) fn filled() -> Deployment {
    let deployment = Deployment::new(Database::sqlite());
    let mut labels = "network,address,entity,entity_name,label,category,source,added_date\n".to_owned();
    for row in 0..20_000 {
        labels.push_str(&format!("eip155:1,0x{row:040x},group-{},,,exchange,test@0:full.csv,\n", row % 7));
    }
    let file = deployment.file("labels.csv", &labels);
    deployment.said(&["import", "claims-csv", file.to_str().unwrap()]);
    deployment
}

fn serve(deployment: &Deployment) -> Server {
    let mut command = deployment.serve();
    command.arg("--public-metrics");
    Server::start(command)
}

/// Has all of the log moved into the file, so that what is written over it is what the next reader sees.
pub(crate) fn take_log_back(deployment: &Deployment) {
    let file = deployment.database.file().unwrap();
    let watch = Stopwatch::start();
    loop {
        connect_to_file(file).batch_execute("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        if std::fs::metadata(vasp_store::with_suffix(file, "-wal")).map_or(0, |log| log.len()) == 0 {
            return;
        }
        assert!(watch.elapsed_micros() < TOLD_MICROS, "somebody always reads or writes the log");
    }
}

/// Changes bytes of the open file behind SQLite's back.
pub(crate) fn flip(deployment: &Deployment, count: u32, rng: &mut dyn RngCore) {
    let path = deployment.database.file().unwrap();
    let file = File::options().read(true).write(true).open(path).unwrap();
    let length = file.metadata().unwrap().len();
    for _ in 0..count {
        let (place, mut byte) = (100 + rng.next_u64() % (length - 100), [0]);
        file.read_exact_at(&mut byte, place).unwrap();
        file.write_all_at(&[byte[0] ^ 0xff], place).unwrap();
    }
    file.sync_all().unwrap();
}

/// Waits until the node says that its file is damaged, and asserts all that follows.
#[track_caller]
fn assert_damage_is_told(deployment: &Deployment, client: &Client, answer: &str) {
    let watch = Stopwatch::start();
    let told = loop {
        let text = deployment.get(client, "/readyz").text;
        if text.contains("\"data_damaged\"") {
            break text;
        }
        assert!(watch.elapsed_micros() < TOLD_MICROS, "not told in 10 s: {text}");
        std::thread::sleep(Duration::from_millis(50));
    };
    assert!(told.contains("\"degraded\"") && told.contains("`restore` a backup"), "{told}");
    let refused = || {
        let metrics = client.get("/metrics").text;
        let count =
            metrics.lines().find_map(|line| line.strip_prefix("vasp_registry_writes_refused_total{cause=\"data_damaged\"} "));
        count.map_or(0, |count| count.parse::<u32>().unwrap())
    };
    let before = refused();
    for _ in 0..20 {
        deployment.ask(client, 0).unwrap().problem(503, "no_writes");
    }
    assert_eq!(refused(), before + 20);
    let resolved = deployment.get(client, QUESTION).with(200).json();
    assert_eq!(resolved["status"].as_str().unwrap(), answer, "questions are answered as before");
    let metrics = client.get("/metrics").text;
    assert!(metrics.contains("vasp_registry_degraded{cause=\"data_damaged\"} 1"), "{metrics}");
}

fn outcome(deployment: &Deployment, client: &Client) -> String {
    deployment.get(client, QUESTION).with(200).json()["status"].as_str().unwrap().to_owned()
}

fn note(deployment: &Deployment) -> PathBuf {
    vasp_store::with_suffix(deployment.database.file().unwrap(), "-damaged")
}

/// Before, a server without a free descriptor refused every write until a restart.
#[test]
fn a_note_that_cannot_be_opened_now_says_nothing_about_damage() {
    let deployment = filled();
    let server = serve(&deployment);
    let client = Client::new(server.address);
    std::fs::create_dir(note(&deployment)).unwrap();

    // The file is looked at every two seconds.
    std::thread::sleep(Duration::from_secs(5));

    deployment.ask(&client, 0).unwrap().with(200);
    assert!(!deployment.get(&client, "/readyz").text.contains("data_damaged"));
}

#[test]
fn flipped_bytes_under_a_running_server_are_told_and_nothing_more_is_written() {
    let deployment = filled();
    let backup = deployment.file_named("kept.backup");
    let server = serve(&deployment);
    let client = Client::new(server.address);
    deployment.ask(&client, 0).unwrap().with(200);
    deployment.said(&["backup", "--to", backup.to_str().unwrap()]);
    let before = outcome(&deployment, &client);
    take_log_back(&deployment);

    flip(&deployment, 60, &mut seeded(71));
    assert_damage_is_told(&deployment, &client, &before);
    // Another process on the file writes nothing either.
    assert_refused(&deployment.command(&["organisation", "create", "--name", "Other"]).output().unwrap(), "is damaged");
    let (_, log) = server.stop("TERM");
    assert_eq!(log.matches("the node is degraded").count(), 1, "one line: {log}");
    assert!(log.matches("a request failed").count() <= 1, "refused writes are counted, not logged one by one: {log}");

    let serve_again = ["serve", "--listen", "127.0.0.1:0"];
    assert_refused(&deployment.command(&serve_again).output().unwrap(), "`restore` a backup");
    assert!(note(&deployment).exists(), "a restart alone changes nothing");
    deployment.said(&["restore", "--replace", "--from", backup.to_str().unwrap()]);
    assert!(!note(&deployment).exists());
    let server = serve(&deployment);
    deployment.ask(&Client::new(server.address), 0).unwrap().with(200);
    assert_eq!(server.stop("TERM").0, Some(0));
}

#[test]
fn an_older_copy_that_is_written_over_the_open_file_is_told_and_nothing_more_is_written() {
    let deployment = filled();
    let server = serve(&deployment);
    let client = Client::new(server.address);
    deployment.ask(&client, 0).unwrap().with(200);
    take_log_back(&deployment);
    let file = deployment.database.file().unwrap();
    let older = std::fs::read(file).unwrap();
    let kept: Vec<_> = (0..3).flat_map(|_| acknowledged(&deployment.ask(&client, 0).unwrap().with(200))).collect();
    let before = outcome(&deployment, &client);
    take_log_back(&deployment);
    let newer = std::fs::read(file).unwrap();

    std::fs::write(file, older).unwrap();
    assert_damage_is_told(&deployment, &client, &before);
    server.kill();

    let serve_again = ["serve", "--listen", "127.0.0.1:0"];
    assert_refused(&deployment.command(&serve_again).output().unwrap(), "the file is an older state: it lacks the last");
    // The right file is put back: it passes.
    for suffix in ["-wal", "-shm"] {
        drop(std::fs::remove_file(vasp_store::with_suffix(file, suffix)));
    }
    std::fs::write(file, newer).unwrap();
    let server = serve(&deployment);
    assert!(!note(&deployment).exists());
    deployment.assert_readable(server.address, &kept);
    deployment.ask(&Client::new(server.address), 0).unwrap().with(200);
    assert_eq!(server.stop("TERM").0, Some(0));
}

/// Source: `scripts/long chaos` beside other load. The server's own pages were still in its memory, so its next write left a log whose
/// counter of commits was whole.
#[test]
fn an_older_copy_that_is_written_over_the_open_file_is_told_though_a_write_followed() {
    let deployment = filled();
    let server = serve(&deployment);
    let client = Client::new(server.address);
    take_log_back(&deployment);
    let file = deployment.database.file().unwrap();
    let older = std::fs::read(file).unwrap();
    deployment.ask(&client, 0).unwrap().with(200);
    // Longer than the second after which the log is moved: what the file has is known then.
    std::thread::sleep(Duration::from_secs(3));
    take_log_back(&deployment);
    let before = outcome(&deployment, &client);

    std::fs::write(file, older).unwrap();
    // Acknowledged, unless the file was looked at in this very moment.
    deployment.ask(&client, 1).unwrap();

    assert_damage_is_told(&deployment, &client, &before);
    server.kill();
}

#[test]
fn damage_that_a_statement_meets_is_told_before_any_look_at_the_file() {
    let deployment = filled();
    let server = serve(&deployment);
    let client = Client::new(server.address);
    let asked = acknowledged(&deployment.ask(&client, 0).unwrap().with(200));
    assert_eq!(server.stop("TERM").0, Some(0));
    // The first page of the table: every question for a recorded pre-check reads it.
    let file = deployment.database.file().unwrap();
    let root = "SELECT rootpage FROM sqlite_schema WHERE name = 'prechecks'";
    let page: i64 = rusqlite::Connection::open(file).unwrap().query_row(root, [], |row| row.get(0)).unwrap();
    let place = (u64::try_from(page).unwrap() - 1) * 4_096;
    let server = serve(&deployment);
    let client = Client::new(server.address);
    File::options().write(true).open(file).unwrap().write_all_at(&[0xff; 64], place).unwrap();

    deployment.get(&client, &format!("/v1/prechecks/{}", asked[0].id)).problem(503, "not_ready");

    let told = deployment.get(&client, "/readyz").text;
    assert!(told.contains("\"data_damaged\""), "{told}");
    deployment.ask(&client, 0).unwrap().problem(503, "no_writes");
    server.kill();
}

#[test]
fn a_note_of_damage_goes_with_a_start_whose_check_the_file_passes() {
    let deployment = filled();
    let note = note(&deployment);
    std::fs::write(&note, r#"{"found": "by an earlier process", "commits": 1}"#).unwrap();

    assert_refused(
        &deployment.command(&["organisation", "create", "--name", "Other"]).output().unwrap(),
        "`serve` checks the file",
    );
    let server = serve(&deployment);
    deployment.ask(&Client::new(server.address), 0).unwrap().with(200);
    assert_eq!(server.stop("TERM").0, Some(0));

    assert!(!note.exists());
    deployment.said(&["organisation", "create", "--name", "Other"]);
}

/// Source: docs/faults.md.
#[test]
fn a_trigger_that_somebody_added_is_told_and_nothing_more_is_written() {
    let deployment = filled();
    let server = serve(&deployment);
    let client = Client::new(server.address);
    let before = outcome(&deployment, &client);
    let file = deployment.database.file().unwrap();
    let undo = "CREATE TRIGGER quiet AFTER INSERT ON prechecks BEGIN DELETE FROM prechecks; END";
    connect_to_file(file).batch_execute(undo).unwrap();

    assert_damage_is_told(&deployment, &client, &before);
    server.kill();

    let serve_again = ["serve", "--listen", "127.0.0.1:0"];
    let refused = deployment.command(&serve_again).output().unwrap();
    assert_refused(&refused, "the trigger quiet is not the registry's");
    connect_to_file(file).batch_execute("DROP TRIGGER quiet").unwrap();
    let server = Server::start(deployment.serve());
    deployment.ask(&Client::new(server.address), 0).unwrap().with(200);
    server.kill();

    // Before, a trigger that came while nothing ran undid a write before it was told.
    connect_to_file(file).batch_execute(undo).unwrap();
    assert_refused(&deployment.command(&serve_again).output().unwrap(), "the trigger quiet is not the registry's");
}
