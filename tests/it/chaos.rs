//! Three nodes on one PostgreSQL under a steady load of writes and reads, while nodes are killed and started again and PostgreSQL is
//! restarted at random moments. Every answer is held against what the log says at the answer's own sequence, and the log against
//! what members were told: no wrong answer, no acknowledged write lost or done twice, none seen by half.
//!
//! `CHAOS_SECONDS` says for how long (10 without it), `CHAOS_SEED` moves the moments, `CHAOS_FAULTS=1` adds what is no crash: a
//! database that hangs, connections that swallow everything, full disks, read-only turns, clocks that jump. `.ci/run` has a
//! minute of it without those when it is its turn, `scripts/long chaos` a quarter of an hour with them. What is reported and not
//! asserted is timed, and the machine's as much as ours. Beside them, `embedded` damages a server on SQLite; there `CHAOS_ONLY` makes only
//! damages (0), older copies (1), starts without the time (2) or kills (3).

mod embedded;
mod faults;
mod fleet;
mod history;
mod load;

use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use rand_core::RngCore;
use vasp_clock::{Random, Stopwatch};

use crate::support::{
    Deployment, PrivatePostgres, SetAtEnd, SmallDisk, assert_audit_recomputes, assert_log_recomputes, open_store,
};
use faults::Faults;
use fleet::{Fleet, NODES};
use history::History;
use load::{Importer, Members, Prechecks, Reader, WRITERS, Writer};

/// A claim's role, by its place in the list of roles.
type Role = u8;

const ROLES: [&str; 4] = ["unknown", "deposit", "hot", "cold"];

/// Members who claim, so that two claims on one account can be in conflict.
const MEMBERS: usize = 2;

/// Accounts that are read together, and claimed together by imports.
const SET: usize = 4;

/// Sets of each writer.
const SETS_A_WRITER: usize = 3;

/// Within how many microseconds every write is answered. Source: docs/faults.md.
const ANSWERED_MICROS: u64 = 6_000_000;

const SETS: usize = SETS_A_WRITER * WRITERS;

/// The role in which each member claims an account.
type Standing = [Option<Role>; MEMBERS];

fn number_of(variable: &str, otherwise: u64) -> u64 {
    let text = std::env::var(variable).ok();
    text.map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{variable} is `{text}`, not a number")))
}

fn below(rng: &mut dyn RngCore, limit: usize) -> usize {
    usize::try_from(rng.next_u32()).unwrap() % limit
}

fn pause(rng: &mut dyn RngCore, from_ms: u64, until_ms: u64) {
    std::thread::sleep(Duration::from_millis(from_ms + u64::from(rng.next_u32()) % (until_ms - from_ms).max(1)));
}

/// The address of an account of a set.
fn address(set: usize, place: usize) -> String {
    format!("0x{:040x}", 0x00c4_a05e_0000 + set * 16 + place)
}

/// What was disturbed, how often.
#[derive(Debug, Default)]
struct Disturbances {
    kills: usize,
    fast: usize,
    immediate: usize,
    away: usize,
    faults: Faults,
    /// How long the longest took, until every node was in touch with its database again.
    longest_ms: u64,
}

/// Whether there is more than crashes.
fn has_faults() -> bool {
    number_of("CHAOS_FAULTS", 0) > 0
}

/// Kills and restarts until the time is over, and does what is no crash where that is wanted; each disturbance ends, and some calm
/// follows, before the next one.
fn disturb(fleet: &Fleet<'_>, rng: &mut dyn RngCore, watch: Stopwatch, micros: u64) -> Disturbances {
    let kinds = if has_faults() { 16 } else { 8 };
    let mut done = Disturbances::default();
    while watch.elapsed_micros() < micros {
        pause(rng, 300, 1_800);
        let began = fleet.now();
        fleet.while_disturbed(|| {
            let node = below(rng, NODES);
            match below(rng, kinds) {
                0..4 => {
                    done.kills += 1;
                    fleet.kill(node);
                    pause(rng, 0, 500);
                    fleet.start_again(node);
                }
                // PostgreSQL restarts while a node is down: it may find none when it starts.
                4 => {
                    (done.kills, done.immediate) = (done.kills + 1, done.immediate + 1);
                    fleet.kill(node);
                    fleet.postgres.restart_immediately();
                    fleet.start_again(node);
                }
                5 => {
                    done.fast += 1;
                    fleet.postgres.restart();
                }
                6 => {
                    done.immediate += 1;
                    fleet.postgres.restart_immediately();
                }
                8.. => done.faults.one(fleet, rng),
                _ => {
                    done.away += 1;
                    fleet.postgres.stop();
                    pause(rng, 500, 2_500);
                    fleet.postgres.start_again();
                }
            }
            fleet.wait_until_ready();
        });
        done.longest_ms = done.longest_ms.max((fleet.now() - began) / 1_000);
    }
    done
}

/// The value below which so many of a thousand lie.
fn permille(sorted: &[u64], share: usize) -> u64 {
    sorted.get((sorted.len() * share / 1_000).min(sorted.len().saturating_sub(1))).copied().unwrap_or(0)
}

fn report(line: &str) {
    // Past the capture of the test's output: a run without its figures is half a run.
    writeln!(std::io::stderr(), "chaos: {line}").unwrap();
}

/// Has everybody write, read, import and ask while nodes and PostgreSQL are disturbed.
fn under_load(
    fleet: &Fleet<'_>,
    members: &Members,
    importer: &Importer<'_>,
    history: &Mutex<History>,
    (seconds, seed): (u64, u64),
) -> Disturbances {
    let stop = AtomicBool::new(false);
    let rng = |number: u64| Random::seeded(seed * 1_000 + number).fork();
    std::thread::scope(|scope| {
        let end = SetAtEnd(&stop);
        let stop = &stop;
        for number in 0..WRITERS {
            let rng = rng(u64::try_from(number).unwrap());
            scope.spawn(move || Writer::new(fleet, members, number, rng).write_until(stop, history));
        }
        for number in 100..104 {
            let rng = rng(number);
            scope.spawn(move || Reader::new(fleet, members, rng).read_until(stop, history));
        }
        let its_rng = rng(200);
        scope.spawn(move || importer.import_until(stop, its_rng, history));
        let its_rng = rng(201);
        scope.spawn(move || Prechecks::new(fleet, members, its_rng).ask_until(stop, history));
        let done = disturb(fleet, &mut rng(300), fleet.watch, seconds * 1_000_000);
        drop(end);
        done
    })
}

/// Reports what was measured; returns the p99 of the microseconds until an acknowledged write was seen on every node.
fn report_figures(history: &History, changes: impl std::fmt::Display, audited: impl std::fmt::Display) -> u64 {
    let history::Counts { reads, repeated, failed } = history.counts;
    let (writes, write_attempts, rounds) = (history.writes, history.attempt_micros.len(), history.rounds.len());
    let (mut acknowledged, mut asked): (Vec<u64>, Vec<u64>) = history.visible_micros.iter().copied().unzip();
    acknowledged.sort_unstable();
    asked.sort_unstable();
    let milliseconds = |micros: u64| micros / 1_000;
    report(&format!(
        "{writes} writes acknowledged in {write_attempts} attempts, {rounds} imports, {} pre-checks",
        history.prechecks.len()
    ));
    let mut took = history.write_micros.clone();
    took.sort_unstable();
    let [half, most] = [500, 990].map(|share| permille(&took, share) / 1_000);
    report(&format!("a write took p50 {half} ms, p99 {most} ms until it was acknowledged, disturbed or not"));
    let slowest = history.attempt_micros.iter().max().map_or(0, |micros| micros / 1_000);
    report(&format!("the slowest answer to a write took {slowest} ms"));
    report(&format!(
        "{reads} reads, {repeated} asked again of the next node, {failed} failed then; {changes} changes, {audited} audit lines"
    ));
    report(&format!("{} answers were held against the log at their sequence", history.seen.len()));
    report(&format!(
        "visible on every node, {} writes in calm: p50 {} ms, p99 {} ms, most {} ms after the acknowledgement; p99 {} ms after the request",
        acknowledged.len(),
        milliseconds(permille(&acknowledged, 500)),
        milliseconds(permille(&acknowledged, 990)),
        milliseconds(acknowledged.last().copied().unwrap_or(0)),
        milliseconds(permille(&asked, 990)),
    ));
    permille(&acknowledged, 990)
}

#[test]
fn three_nodes_that_are_killed_on_a_postgresql_that_is_restarted_never_answer_wrongly() {
    let Some(postgres) = PrivatePostgres::start("three nodes and a PostgreSQL under chaos") else { return };
    let (seconds, seed) = (number_of("CHAOS_SECONDS", 10), number_of("CHAOS_SEED", 1));
    let disk = SmallDisk::new(256);
    let deployment = Deployment::new(if disk.is_mounted() { postgres.database_on(disk.path()) } else { postgres.database() });
    let members = Members::of(&deployment);
    let importer = Importer::new(&deployment);
    assert!(importer.import(0, None), "the register is imported");
    let fleet = Fleet::start(&deployment, &postgres, &disk, has_faults());
    let history = Mutex::new(History::default());

    let disturbances = under_load(&fleet, &members, &importer, &history, (seconds, seed));

    let history = history.into_inner().unwrap();
    fleet.wait_until_ready();
    let last = load::last_looks(&fleet, &members);
    history.check(&deployment, &members, &last);
    for address in fleet.addresses() {
        deployment.assert_readable(address, history.some_prechecks());
    }
    deployment.assert_kept(&history.prechecks);
    let checkpoints = fleet.checkpoints();
    let logs = fleet.stop();
    let store = open_store(&deployment.database, 1);
    let changes = assert_log_recomputes(&store);
    let audited = assert_audit_recomputes(&store);
    assert!(checkpoints.iter().all(|note| *note == checkpoints[0]), "one checkpoint on every node: {checkpoints:?}");
    assert_eq!(checkpoints[0].lines().nth(1), Some(changes.to_string().as_str()), "it is the head's");
    assert!(!logs.contains("panicked"), "{logs}");

    report(&format!("{seconds} s, seed {seed}: {disturbances:?}"));
    let visible_p99 = report_figures(&history, changes, audited);
    let (history::Counts { reads, failed, .. }, writes) = (history.counts, history.writes);
    let slowest = history.attempt_micros.iter().max().copied().unwrap_or(0);
    assert!(slowest < ANSWERED_MICROS, "a write was not answered within 6 seconds: {slowest} µs");
    assert!(failed * 1_000 <= reads, "{failed} of {reads} reads failed on two nodes");
    assert!(visible_p99 < 5_000_000, "writes are not seen on other nodes");
    assert!(writes > 2 && reads > 30, "there was load: {writes} writes, {reads} reads");
}
