//! One server on SQLite whose file is damaged or replaced by an older copy, whose machine starts without the time, and which is killed under
//! load: each fault is told in time, and nothing that was acknowledged is lost.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection};
use rand_core::RngCore;
use vasp_clock::{Clock, Random, Stopwatch, SystemClock};

use super::{below, number_of, pause, report};
use crate::damage::{filled, flip, take_log_back};
use crate::support::{Client, Deployment, FakeClock, Recorded, Server, SetAtEnd, acknowledged, assert_busy};

/// Within how many microseconds a fault is told, and its end.
const TOLD_MICROS: u64 = 10_000_000;

/// What was done, how often, and how long it took at most until it was told.
#[derive(Debug, Default)]
struct Done {
    kills: usize,
    damaged: usize,
    older: usize,
    boots: usize,
    told_ms: u64,
    last: String,
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = diesel::sql_types::Text)]
    word: String,
}

/// How many commits a file says that it has.
const COUNTER: &str = "SELECT value || '' AS word FROM counters WHERE name = 'commits'";

fn asked(address: &str, sql: &str) -> diesel::QueryResult<String> {
    let mut conn = SqliteConnection::establish(address).unwrap();
    diesel::sql_query(sql).get_result::<Word>(&mut conn).map(|row| row.word)
}

struct Embedded<'a> {
    deployment: &'a Deployment,
    clock: Option<FakeClock>,
    kept: Vec<Recorded>,
    done: Done,
}

impl Embedded<'_> {
    fn start(&self) -> Server {
        let mut command = self.deployment.serve();
        self.clock.iter().for_each(|clock| clock.rule(&mut command));
        Server::start(command)
    }

    /// Has four gateways ask for a while.
    fn load(&mut self, server: &Server, rng: &mut dyn RngCore) {
        let (recorded, stop, deployment) = (Mutex::new(Vec::new()), AtomicBool::new(false), self.deployment);
        std::thread::scope(|scope| {
            let _end = SetAtEnd(&stop);
            for gateway in 0..4 {
                let (recorded, stop, address) = (&recorded, &stop, server.address);
                scope.spawn(move || deployment.keep_asking(address, gateway, recorded, stop));
            }
            pause(rng, 100, 700);
        });
        self.kept.extend(recorded.into_inner().unwrap());
    }

    /// Waits until the server says this.
    fn told(&mut self, server: &Server, reason: &str) {
        let (watch, client) = (Stopwatch::start(), Client::new(server.address));
        loop {
            let said = self.deployment.get(&client, "/readyz").text;
            if said.contains(&format!("\"{reason}\"")) {
                break;
            }
            if watch.elapsed_micros() >= TOLD_MICROS {
                // What the file says, without its log and with it, tells which look missed what.
                let file = self.deployment.database.file().unwrap().to_owned();
                let alone = "?mode=ro&immutable=1";
                let file = file.display();
                panic!(
                    "{reason} is not told in 10 s after {}: {:?}: {said}; commits: {:?} in the file, {:?} with its log; the check says {:?}",
                    self.done.last,
                    self.done,
                    asked(&format!("file:{file}{alone}"), COUNTER),
                    asked(&format!("file:{file}"), COUNTER),
                    asked(&format!("file:{file}"), "SELECT integrity_check AS word FROM pragma_integrity_check LIMIT 1"),
                );
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.done.told_ms = self.done.told_ms.max(watch.elapsed_micros() / 1_000);
    }

    /// Asserts that a write is refused, and is not counted as kept.
    fn assert_refused(&self, server: &Server) {
        assert_busy(&self.deployment.ask(&Client::new(server.address), 0).unwrap());
    }

    /// Makes a backup of the database as it is now.
    fn back_up(&self) -> PathBuf {
        let to = self.deployment.file_named(&format!("{}.backup", self.done.damaged + self.done.older));
        self.deployment.said(&["backup", "--to", to.to_str().unwrap()]);
        to
    }

    /// Asserts that damage is told and that nothing is written, and puts a backup in the place of the file.
    fn assert_told(&mut self, server: Server, backup: &Path) {
        self.told(&server, "data_damaged");
        self.assert_refused(&server);
        server.kill();
        self.deployment.said(&["restore", "--replace", "--from", backup.to_str().unwrap()]);
    }

    /// Does one fault on a server that runs, and returns one that runs again.
    fn one(&mut self, server: Server, rng: &mut dyn RngCore) -> Server {
        let file = self.deployment.database.file().unwrap().to_owned();
        match std::env::var("CHAOS_ONLY").map_or_else(|_| below(rng, 4), |one| one.parse().unwrap()) {
            0 => {
                self.done.damaged += 1;
                let backup = self.back_up();
                take_log_back(self.deployment);
                self.done.last = "flipped bytes".to_owned();
                flip(self.deployment, 60, rng);
                self.assert_told(server, &backup);
            }
            1 => {
                self.done.older += 1;
                take_log_back(self.deployment);
                let (older, name) = (std::fs::read(&file).unwrap(), format!("file:{}", file.display()));
                let (before, answer) = (asked(&name, COUNTER), self.deployment.ask(&Client::new(server.address), 8).unwrap());
                let (after, status) = (asked(&name, COUNTER), answer.status);
                self.kept.extend(acknowledged(&answer));
                let backup = self.back_up();
                // The copy is some seconds old: what was written since is in the file, and known to be there.
                std::thread::sleep(Duration::from_secs(3));
                take_log_back(self.deployment);
                std::fs::write(&file, older).unwrap();
                self.done.last = format!("an older copy: {before:?} commits, then {after:?}, {status}");
                // A write that comes before anybody has noticed does not hide it.
                if rng.next_u32().is_multiple_of(2) {
                    let answer = self.deployment.ask(&Client::new(server.address), 1).unwrap();
                    self.done.last = format!(
                        "{}, and a write that is answered with {}: {:?}",
                        self.done.last,
                        answer.status,
                        asked(&name, COUNTER)
                    );
                }
                self.assert_told(server, &backup);
            }
            2 if self.clock.is_some() => {
                self.done.boots += 1;
                assert_eq!(server.stop("TERM").0, Some(0));
                self.set_clock(100 - SystemClock.now().micros() / 1_000_000);
                let server = self.start();
                self.told(&server, "clock_behind");
                self.assert_refused(&server);
                self.set_clock(0);
                self.told(&server, "ready");
                return server;
            }
            _ => {
                self.done.kills += 1;
                server.kill();
            }
        }
        self.start()
    }

    fn set_clock(&self, secs: i64) {
        self.clock.iter().for_each(|clock| clock.set(secs));
    }
}

/// From this size on, a registry begins anew. In a file of more than some 50 MB, a look does not go through the indexes and misses one in five of
/// such damages (19 of 100 files, measured). Ours: well below, because one round may add much. Source: docs/faults.md.
const LARGEST_BYTES: u64 = 30_000_000;

#[test]
fn a_server_on_sqlite_that_is_damaged_and_starts_without_the_time_loses_nothing() {
    let (seconds, mut rng) = (number_of("CHAOS_SECONDS", 10), Random::seeded(number_of("CHAOS_SEED", 1) * 1_000 + 400).fork());
    let (watch, mut done, mut acknowledged) = (Stopwatch::start(), Done::default(), 0);
    while watch.elapsed_micros() < seconds * 1_000_000 {
        let deployment = filled();
        let clock = FakeClock::new("a machine that starts without the time");
        let mut embedded = Embedded { deployment: &deployment, clock, kept: Vec::new(), done };
        let size = || std::fs::metadata(deployment.database.file().unwrap()).unwrap().len();
        let mut server = embedded.start();

        while watch.elapsed_micros() < seconds * 1_000_000 && size() < LARGEST_BYTES {
            embedded.load(&server, &mut rng);
            server = embedded.one(server, &mut rng);
            deployment.assert_readable(server.address, &embedded.kept[embedded.kept.len().saturating_sub(20)..]);
        }

        deployment.assert_readable(server.address, &embedded.kept);
        assert_eq!(server.stop("TERM").0, Some(0));
        deployment.assert_kept(&embedded.kept);
        acknowledged += embedded.kept.len();
        done = embedded.done;
    }
    assert!(done.kills + done.damaged + done.older + done.boots > 0, "no fault was made in {seconds} s");
    report(&format!("on SQLite, {seconds} s, {acknowledged} acknowledged: {done:?}"));
}
