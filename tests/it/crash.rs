//! Processes killed while they write, at random moments, again and again on one database: what was acknowledged is there, what
//! was under way is there whole or not at all, the log recomputes, and the next process starts as if nothing had been.
//!
//! `TEST_KILLS` says how often on SQLite in all (50 without it); PostgreSQL gets two fifths of that. `TEST_SEED` moves the
//! moments. `scripts/long crash` kills for hours.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use rand_core::RngCore;
use serde_json::json;
use vasp_clock::{Random, Stopwatch};
use vasp_record::fact::FactValue;
use vasp_store::{Store, StoreError};

use crate::prechecks::world::lei;
use crate::support::{
    Database, Deployment, Recorded, Server, SetAtEnd, add_group, assert_undamaged, now, on_every_database, open_store,
};

fn number_of(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable} is `{text}`, not a number")))
}

/// How often to kill on this database, for a test that has so many fifths of all kills.
pub(crate) fn kills(database: &Database, fifths: u64) -> u64 {
    let of_all = number_of("TEST_KILLS").unwrap_or(50) * fifths;
    if database.file().is_some() { of_all.div_ceil(5) } else { (of_all * 2).div_ceil(25) }
}

pub(crate) fn seeded(test: u64) -> rand_chacha::ChaCha20Rng {
    Random::seeded(number_of("TEST_SEED").unwrap_or(0) * 1_000 + test).fork()
}

/// Waits for some random time below a limit: the kill may come at any moment.
pub(crate) fn wait_below(rng: &mut dyn RngCore, limit: Duration) {
    let share = f64::from(rng.next_u32()) / f64::from(u32::MAX);
    std::thread::sleep(limit.mul_f64(share));
}

fn kill(mut child: Child) {
    // Fails where it has ended already.
    drop(child.kill());
    child.wait().unwrap();
}

#[on_every_database]
fn a_killed_server_has_kept_every_precheck_that_it_acknowledged(database: Database) {
    let rounds = kills(&database, 2);
    let deployment = Deployment::new(database);
    let (mut rng, mut all) = (seeded(1), Vec::<Recorded>::new());

    for _ in 0..rounds {
        let server = Server::start(deployment.serve());
        let (address, recorded, stop) = (server.address, Mutex::new(Vec::new()), AtomicBool::new(false));
        std::thread::scope(|scope| {
            let _end = SetAtEnd(&stop);
            for gateway in 0..4 {
                let (deployment, recorded, stop) = (&deployment, &recorded, &stop);
                scope.spawn(move || deployment.keep_asking(address, gateway, recorded, stop));
            }
            let watch = Stopwatch::start();
            while recorded.lock().unwrap().is_empty() {
                assert!(watch.elapsed_micros() < 30_000_000, "nothing was acknowledged");
                std::thread::yield_now();
            }
            wait_below(&mut rng, Duration::from_millis(250));
            server.kill();
        });
        let recorded = recorded.into_inner().unwrap();

        assert_undamaged(&deployment.database);
        let again = Server::start(deployment.serve());
        deployment.assert_readable(again.address, &recorded);
        all.extend(recorded);
        again.kill();
    }

    deployment.assert_kept(&all);
    assert!(all.len() > usize::try_from(rounds).unwrap() * 4, "{} pre-checks in {rounds} rounds", all.len());
}

const ROWS: u64 = 3_000;
const FIRMS: u32 = 120;

/// Labels of accounts that no other round has.
fn labels(round: u64) -> String {
    let mut text = "network,address,entity,entity_name,label,category,source,added_date\n".to_owned();
    for row in 0..ROWS {
        text.push_str(&format!("eip155:1,0x{round:08x}{row:032x},group-{},,,exchange,test@{round}:kill.csv,\n", row % 7));
    }
    text
}

/// A register in which every firm has the name of its round.
fn register(round: u64) -> String {
    let firm = |number: u32| {
        let name = format!("Firm {number} of {round}");
        json!({"lei": lei(number), "authority": "DE-BAFIN", "name_key": name, "flags": [], "legal_name": name,
               "commercial_names": [], "country": "DE", "registered_address": null, "website": null, "domains": [],
               "licences": [], "lines": [number + 1]})
    };
    let entities: Vec<_> = (0..FIRMS).map(firm).collect();
    let day = format!("2025-{:02}-{:02}", 1 + round / 28 % 12, 1 + round % 28);
    json!({"register": "esma-casps", "observed_on": day, "source": format!("{round}.csv"), "entities": entities}).to_string()
}

/// How many claims there are, and the rounds of which firms bear names.
fn imported(store: &Store) -> (u64, BTreeMap<String, usize>) {
    let (claims, facts) = store
        .read::<_, StoreError>(|conn| {
            let head = conn.log_head()?.sequence;
            Ok((conn.coverage_at(head, None)?, conn.facts_at(head)?))
        })
        .unwrap();
    let claims = claims.iter().map(|count| u64::try_from(count.claims).unwrap()).sum();
    let mut rounds = BTreeMap::new();
    let named = facts.iter().filter(|row| row.fact.to.is_none() && matches!(row.fact.said, FactValue::LegalName(..)));
    let named: Vec<String> = named.map(|row| row.fact.said.text()).collect();
    for round in named.iter().filter_map(|name| name.split_once(" of ")) {
        *rounds.entry(round.1.to_owned()).or_default() += 1;
    }
    (claims, rounds)
}

#[on_every_database]
fn a_killed_import_is_there_whole_or_not_at_all_and_the_next_one_completes_it(database: Database) {
    let rounds = kills(&database, 1);
    let deployment = Deployment::new(database);
    let mut rng = seeded(2);
    let import = |format: &str, round: u64| {
        let text = if format == "claims-csv" { labels(round) } else { register(round) };
        let file = deployment.file(&format!("{round}.{format}"), &text);
        let mut import = deployment.command(&["import", format, file.to_str().unwrap(), "--accept-shrink"]);
        import.stdout(Stdio::null()).stderr(Stdio::null());
        import
    };
    let run = |format: &str, round: u64| {
        let watch = Stopwatch::start();
        assert_eq!(import(format, round).status().unwrap().code(), Some(0), "{format} {round}");
        Duration::from_micros(watch.elapsed_micros())
    };
    let mut expected = (ROWS, BTreeMap::from([("0".to_owned(), usize::try_from(FIRMS).unwrap())]));
    let takes = BTreeMap::from(["claims-csv", "register-json"].map(|format| (format, run(format, 0))));
    assert_eq!(imported(&open_store(&deployment.database, 1)), expected);

    for round in 1..=rounds {
        let format = if rng.next_u32().is_multiple_of(2) { "claims-csv" } else { "register-json" };
        let before = expected.clone();
        match format {
            "claims-csv" => expected.0 += ROWS,
            _ => expected.1 = BTreeMap::from([(round.to_string(), usize::try_from(FIRMS).unwrap())]),
        }

        let child = import(format, round).spawn().unwrap();
        wait_below(&mut rng, takes[format].mul_f64(1.1));
        kill(child);

        let found = imported(&open_store(&deployment.database, 1));
        assert!(found == before || found == expected, "{format} in round {round}: {found:?}");
        assert_undamaged(&deployment.database);
        run(format, round);
        assert_eq!(imported(&open_store(&deployment.database, 1)), expected, "{format} in round {round}");
    }

    assert_undamaged(&deployment.database);
}

/// How many groups a child's write makes.
fn groups_of(write: u64) -> u64 {
    1 + write % 3
}

/// The child of the next test: writes from several threads, says each write aloud once it is acknowledged, until it is killed.
#[test]
#[ignore = "a_killed_writer_has_kept_every_write_that_it_acknowledged runs it"]
fn child_that_writes_until_it_is_killed() {
    let url = std::env::var("TEST_CHILD_DATABASE").expect("run by its parent").parse().unwrap();
    let child = std::env::var("TEST_CHILD_NAME").unwrap();
    let options = vasp_store::StoreOptions::default();
    let sealer = std::sync::Arc::new(vasp_log::Sealer::default());
    let store = Store::open(&url, &options, sealer).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..3u64 {
            let (store, child) = (&store, &child);
            scope.spawn(move || {
                let mut rng = Random::seeded(thread).fork();
                for write in 0.. {
                    let name = format!("{child}-{thread}-{write}");
                    let written = store.write::<_, StoreError>(now(), &mut rng, |transaction| {
                        (0..groups_of(write)).try_for_each(|n| add_group(transaction, &format!("{name}-{n}")).map(drop))
                    });
                    let sequence = written.unwrap().sequence;
                    // One call a line, so that lines of threads do not mix; a parent that is gone ends this.
                    std::io::stdout().write_all(format!("ack {sequence} {name}\n").as_bytes()).unwrap();
                }
            });
        }
    });
}

/// Starts the child under a name that is its own, and a thread that gathers what it acknowledges: sequence and name.
fn writing_child(database: &Database, name: &str) -> (Child, std::thread::JoinHandle<Vec<(i64, String)>>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::child_that_writes_until_it_is_killed", "--ignored", "--nocapture", "--test-threads=1"])
        .env("TEST_CHILD_DATABASE", database.url.whole())
        .env("TEST_CHILD_NAME", name)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).split(b'\n');
    let acknowledged = |line: std::io::Result<Vec<u8>>| {
        let line = String::from_utf8(line.unwrap()).unwrap();
        let (sequence, name) = line.split_once("ack ")?.1.split_once(' ')?;
        Some((sequence.parse().unwrap(), name.to_owned()))
    };
    let gathering = std::thread::spawn(move || lines.filter_map(acknowledged).collect());
    (child, gathering)
}

/// Asserts that every acknowledged write stands under its sequence, and that every write stands whole.
fn assert_writes_whole(store: &Store, acknowledged: &[(i64, String)]) {
    let facts = store.read::<_, StoreError>(|conn| conn.facts_at(i64::MAX - 1)).unwrap();
    let mut groups: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
    for fact in &facts {
        let name = fact.fact.said.text();
        let (write, _) = name.rsplit_once('-').unwrap();
        groups.entry(write.to_owned()).or_default().insert(fact.seq_from);
    }
    for (name, sequences) in &groups {
        let write: u64 = name.rsplit_once('-').unwrap().1.parse().unwrap();
        let (first, last) = (*sequences.first().unwrap(), *sequences.last().unwrap());
        assert_eq!(u64::try_from(sequences.len()).unwrap(), groups_of(write), "{name} stands whole");
        assert_eq!(last - first + 1, i64::try_from(groups_of(write)).unwrap(), "{name} stands whole");
    }
    for (sequence, name) in acknowledged {
        assert_eq!(groups.get(name).and_then(BTreeSet::last), Some(sequence), "{name} was acknowledged");
    }
}

#[on_every_database]
fn a_killed_writer_has_kept_every_write_that_it_acknowledged(database: Database) {
    let rounds = kills(&database, 2);
    drop(open_store(&database, 1));
    let (mut rng, mut all) = (seeded(3), Vec::new());

    for round in 0..rounds {
        // Two processes: the one that is killed first leaves the other waiting for its lock.
        let children = ["a", "b"].map(|side| writing_child(&database, &format!("{round}{side}")));
        let wait = Duration::from_millis(500);
        for (child, gathering) in children {
            wait_below(&mut rng, wait);
            kill(child);
            all.extend(gathering.join().unwrap());
        }

        assert_undamaged(&database);
        assert_writes_whole(&open_store(&database, 1), &all);
    }

    // A busy machine kills some before they wrote anything.
    assert!(2 * all.len() > usize::try_from(rounds).unwrap(), "{} writes in {rounds} rounds", all.len());
}
