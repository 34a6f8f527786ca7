//! A clock that is set while the server runs: nothing is written by the wrong time, and whoever may says when it is right.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use vasp_clock::{Clock, Stopwatch, SystemClock};
use vasp_words::time::UtcTime;

use crate::support::{Client, Database, Deployment, FakeClock, Server, assert_refused, on_every_database};

const SECOND: u64 = 1_000_000;

#[track_caller]
fn soon_says(deployment: &Deployment, client: &Client, reason: &str) -> String {
    let watch = Stopwatch::start();
    loop {
        let text = deployment.get(client, "/readyz").text;
        if text.contains(&format!("\"{reason}\"")) {
            return text;
        }
        assert!(watch.elapsed_micros() < 8 * SECOND, "not {reason} in 8 s: {text}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The command that serves by a clock that the test sets.
fn serve(deployment: &Deployment, clock: &FakeClock, more: &[&str]) -> Command {
    let mut command = deployment.serve();
    command.args(more);
    clock.rule(&mut command);
    command
}

fn writes(deployment: &Deployment, client: &Client) -> u16 {
    deployment.ask(client, 0).unwrap().status.as_u16()
}

/// A command that writes by a wrong clock is refused for a reason, unless an operator accepts the time.
#[track_caller]
fn creates(deployment: &Deployment, clock: &FakeClock, why: &str) {
    let create = |more: &[&str]| {
        let mut create = deployment.command(&["organisation", "create", "--name", "Other"]);
        create.args(more);
        clock.rule(&mut create);
        create.output().unwrap()
    };
    assert_refused(&create(&[]), why);
    if why.contains("dated") {
        assert!(create(&["--accept-clock"]).status.success());
    }
}

fn note(deployment: &Deployment) -> Option<PathBuf> {
    let file = deployment.database.file()?;
    Some(vasp_store::with_suffix(file, "-clock-jumped"))
}

#[on_every_database]
fn nothing_is_written_while_the_clock_is_a_day_ahead_or_behind(database: Database) {
    let Some(clock) = FakeClock::new("a clock that jumps") else { return };
    let deployment = Deployment::new(database);
    let server = Server::start(serve(&deployment, &clock, &[]));
    let client = Client::new(server.address);
    assert_eq!(writes(&deployment, &client), 200);

    for (secs, way) in [(86_400, "it is ahead"), (-86_400, "it is behind"), (61, "from the clock that this process started with")]
    {
        clock.set(secs);
        deployment.ask(&client, 0).unwrap().problem(503, "no_writes");
        let said = soon_says(&deployment, &client, "clock_jumped");
        let by = if deployment.database.file().is_some() { way } else { "from the database's" };
        assert!(said.contains("the clock differs by ") && said.contains(by), "{said}");
        let path = "/v1/resolve?subject=0x00000000000000000000000000000000000000aa&network=eip155:1";
        let until: UtcTime = deployment.get(&client, path).json()["valid_until"].as_str().unwrap().parse().unwrap();
        let left = until.micros() - SystemClock.now().micros();
        assert!((0..600_000_000).contains(&left), "an answer is valid for minutes by the right time: {left} µs");
        clock.set(0);
        soon_says(&deployment, &client, "ready");
        assert_eq!(writes(&deployment, &client), 200);
    }
    clock.set(50);
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(writes(&deployment, &client), 200, "less than a minute is no jump");
    let (code, log) = server.stop("TERM");
    assert_eq!(code, Some(0), "{log}");
    assert_eq!(log.matches("degraded.cause=clock_jumped").count(), 3, "one line for each time: {log}");
}

#[on_every_database]
fn a_write_that_is_under_way_when_the_clock_jumps_is_dated_by_the_right_time(database: Database) {
    let Some(clock) = FakeClock::new("a write under way at a jump") else { return };
    let deployment = Deployment::new(database);
    let server = Server::start(serve(&deployment, &clock, &[]));
    let client = Client::new(server.address);

    let held = deployment.database.hold("SELECT 1 FROM log_head FOR UPDATE");
    std::thread::scope(|scope| {
        // The first pre-check has the signing keys made, which the log tells.
        let asking = scope.spawn(|| writes(&deployment, &Client::new(server.address)));
        std::thread::sleep(Duration::from_secs(1));
        clock.set(86_400);
        drop(held);
        asking.join().unwrap();
    });
    clock.set(0);
    soon_says(&deployment, &client, "ready");
    assert_eq!(writes(&deployment, &client), 200);
    let changes = deployment.get(&client, "/v1/changes").json();
    let now = SystemClock.now().to_string();
    let dates: Vec<_> = changes["items"].as_array().unwrap().iter().map(|item| item["recorded_at"].as_str().unwrap()).collect();
    assert!(dates.len() >= 2 && dates.iter().all(|date| **date < *now), "{dates:?} at {now}");
    assert_eq!(server.stop("TERM").0, Some(0));
}

#[on_every_database]
fn a_restart_alone_does_not_take_the_wrong_time_and_an_operator_may(database: Database) {
    let Some(clock) = FakeClock::new("a restart after a jump") else { return };
    let deployment = Deployment::new(database);
    let server = Server::start(serve(&deployment, &clock, &[]));
    clock.set(86_400);
    soon_says(&deployment, &Client::new(server.address), "clock_jumped");
    assert_eq!(server.stop("TERM").0, Some(0));

    let server = Server::start(serve(&deployment, &clock, &[]));
    let client = Client::new(server.address);
    deployment.ask(&client, 0).unwrap().problem(503, "no_writes");
    soon_says(&deployment, &client, "clock_jumped");
    // Before, a command wrote by the wrong time, and that ended the alarm.
    creates(&deployment, &clock, "by 86");
    assert!(deployment.command(&["organisation", "create", "--name", "Right"]).output().unwrap().status.success());
    assert_eq!(server.stop("TERM").0, Some(0));

    let server = Server::start(serve(&deployment, &clock, &["--accept-clock"]));
    let client = Client::new(server.address);
    assert_eq!(writes(&deployment, &client), 200);
    assert!(note(&deployment).is_none_or(|note| !note.exists()));
    assert_eq!(server.stop("TERM").0, Some(0));
}

/// Waits until the server has looked at a source, and returns what is known of it.
#[track_caller]
fn tried(deployment: &Deployment, id: &str) -> Value {
    let watch = Stopwatch::start();
    loop {
        let listed = deployment.command(&["sources", "list", "--json"]).output().unwrap();
        let all: Vec<Value> = serde_json::from_slice(&listed.stdout).unwrap();
        let known = all.into_iter().find(|one| one["id"] == id).unwrap();
        if known["file"].is_string() {
            return known;
        }
        assert!(watch.elapsed_micros() < 30 * SECOND, "not in 30 s: {known}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Source: docs/faults.md.
#[on_every_database]
fn nothing_is_written_while_the_log_is_ahead_of_the_clock_unless_an_operator_accepts_it(database: Database) {
    let Some(clock) = FakeClock::new("a log ahead of the clock") else { return };
    let deployment = Deployment::new(database);
    let row = "network,address,entity,entity_name,label,category,source,added_date\n\
                   eip155:1,0x00000000000000000000000000000000000000aa,group-1,,,exchange,test@0:full.csv,\n";
    let labels = deployment.file("labels.csv", row);
    clock.set(3_600);
    let mut import = deployment.command(&["import", "claims-csv", labels.to_str().unwrap(), "--accept-clock"]);
    clock.rule(&mut import);
    let done = import.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    clock.set(0);
    creates(&deployment, &clock, "is dated 3");

    let server = Server::start(serve(&deployment, &clock, &["--public-metrics"]));
    let client = Client::new(server.address);
    deployment.ask(&client, 0).unwrap().problem(503, "no_writes");
    let said = soon_says(&deployment, &client, "log_ahead");
    assert!(said.contains("seconds after now"), "{said}");
    let metrics = client.get("/metrics").text;
    let ahead = metrics.lines().find_map(|line| line.strip_prefix("vasp_registry_clock_ahead_seconds "));
    let ahead: u32 = ahead.unwrap_or_else(|| panic!("{metrics}")).parse().unwrap();
    assert!((3_500..=3_600).contains(&ahead), "{ahead}");
    assert!(metrics.contains("vasp_registry_writes_refused_total{cause=\"log_ahead\"} 1"), "{metrics}");
    // The clock was wrong, and somebody sets it: that step is followed.
    clock.set(3_700);
    soon_says(&deployment, &client, "ready");
    assert_eq!(writes(&deployment, &client), 200);
    assert_eq!(server.stop("TERM").0, Some(0));

    clock.set(0);
    let mirror = tempfile::tempdir().unwrap();
    let published = mirror.path().join("CASPS_20260426.csv");
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/esma/CASPS_20260426.csv"), &published).unwrap();
    // A file that came just now could be half copied, and would have to wait.
    let settled = std::time::UNIX_EPOCH + Duration::from_secs(1_777_190_400);
    std::fs::File::options().write(true).open(&published).unwrap().set_modified(settled).unwrap();
    let folder = mirror.path().to_str().unwrap();
    let server = Server::start(serve(&deployment, &clock, &["--accept-clock", "--sources-from", folder]));
    let client = Client::new(server.address);
    assert_eq!(writes(&deployment, &client), 200);
    soon_says(&deployment, &client, "log_ahead");
    assert_eq!(tried(&deployment, "esma-casps")["failure"], Value::Null, "its imports write by the accepted time, too");
    assert_eq!(server.stop("TERM").0, Some(0));
}

/// Source: docs/faults.md.
#[on_every_database]
fn a_clock_that_is_set_after_the_start_of_the_machine_is_followed_and_nothing_is_dated_before(database: Database) {
    let Some(clock) = FakeClock::new("a clock that is set after the start") else { return };
    if database.file().is_none() {
        return; // The database's own clock is right, which a node learns at its start.
    }
    let deployment = Deployment::new(database);
    let since_1970 = SystemClock.now().micros() / 1_000_000;
    clock.set(100 - since_1970);
    let mut import = deployment.command(&["organisation", "create", "--name", "Other"]);
    clock.rule(&mut import);
    assert_refused(&import.output().unwrap(), "a time before this program was made: set the clock");

    let mut command = serve(&deployment, &clock, &[]);
    command.env("VASP_REGISTRY_LOG_LEVEL", "info");
    let server = Server::start(command);
    let client = Client::new(server.address);
    deployment.ask(&client, 0).unwrap().problem(503, "no_writes");
    let said = soon_says(&deployment, &client, "clock_behind");
    assert!(said.contains("before this program was made"), "{said}");
    let path = "/v1/resolve?subject=0x00000000000000000000000000000000000000aa&network=eip155:1";
    let until: UtcTime = deployment.get(&client, path).json()["valid_until"].as_str().unwrap().parse().unwrap();
    assert!(until > vasp_store::program_day(), "no answer is dated before the program: {until}");

    clock.set(0);
    soon_says(&deployment, &client, "ready");
    let asked = deployment.ask(&client, 0).unwrap().with(200).json();
    assert!(asked["valid_until"].as_str().unwrap() > "2026", "{asked}");
    let (code, log) = server.stop("TERM");
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("the new time is taken as right: the time before it could not be right"), "{log}");
}
