//! A clock that is set while the server runs: nothing is written by the wrong time, and whoever may says when it is right.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use vasp_clock::{Clock, Stopwatch, SystemClock};
use vasp_words::time::UtcTime;

use crate::support::{Client, Database, Deployment, FakeClock, Server, on_every_database};

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

    for (secs, way) in [(86_400, "forward"), (-86_400, "back"), (61, "forward")] {
        clock.set(secs);
        deployment.ask(&client, 0).unwrap().problem(503, "no_writes");
        let said = soon_says(&deployment, &client, "clock_jumped");
        assert!(said.contains(&format!("the clock was set {way} by")), "{said}");
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
    assert_eq!(log.matches("the clock was set forward by 86400 seconds").count(), 1, "one line: {log}");
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
    assert_eq!(server.stop("TERM").0, Some(0));

    let server = Server::start(serve(&deployment, &clock, &["--accept-clock"]));
    let client = Client::new(server.address);
    assert_eq!(writes(&deployment, &client), 200);
    assert!(note(&deployment).is_none_or(|note| !note.exists()));
    assert_eq!(server.stop("TERM").0, Some(0));
}

#[on_every_database]
fn a_log_that_is_ahead_of_the_clock_is_told_and_written_on(database: Database) {
    let Some(clock) = FakeClock::new("a log ahead of the clock") else { return };
    let deployment = Deployment::new(database);
    let row = "network,address,entity,entity_name,label,category,source,added_date\n\
                   eip155:1,0x00000000000000000000000000000000000000aa,group-1,,,exchange,test@0:full.csv,\n";
    let labels = deployment.file("labels.csv", row);
    clock.set(3_600);
    let mut import = deployment.command(&["import", "claims-csv", labels.to_str().unwrap()]);
    clock.rule(&mut import);
    let done = import.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));

    let mut serve = deployment.serve();
    serve.arg("--public-metrics");
    let server = Server::start(serve);
    let client = Client::new(server.address);
    let said = soon_says(&deployment, &client, "log_ahead");
    assert!(said.contains("seconds after now"), "{said}");
    assert_eq!(writes(&deployment, &client), 200);
    let metrics = client.get("/metrics").text;
    let ahead = metrics.lines().find_map(|line| line.strip_prefix("vasp_registry_clock_ahead_seconds "));
    let ahead: u32 = ahead.unwrap_or_else(|| panic!("{metrics}")).parse().unwrap();
    assert!((3_500..=3_600).contains(&ahead), "{ahead}");
    assert_eq!(server.stop("TERM").0, Some(0));
}
