//! Measures what a write costs the directory, by the number of VASPs: start, memory, one written claim, one changed VASP, 500 changed
//! VASPs of a register, a search by a misspelt name, and midnight. Times are processor times of the whole process, medians of seven turns.
//!
//! `cargo bench --bench directory -- [COUNT…]`; without counts 189, 5,000 and 50,000 VASPs. With `writes COUNT`: how long 50 writes a second
//! take until they are acknowledged, beside a lone commit and a reader that never rests.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a measurement for a developer's terminal, not part of the program"
)]

#[path = "firms.rs"]
mod firms;

use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use firms::{name, register};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use vasp_ingest::source;
use vasp_log::Sealer;
use vasp_log::change::{Audience, NewChange, Payload, RecordChange};
use vasp_pki::MasterKeys;
use vasp_record::fact::{Attribute, Fact, FactValue};
use vasp_record::search::SearchQuery;
use vasp_registry::directory::{ClaimIndexOptions, Directory};
use vasp_registry::imports::{ImportFormat, ImportJob, import_file};
use vasp_registry::node::Registry;
use vasp_store::{Edit, Store, StoreError, StoreOptions, WriteMode};
use vasp_words::ids::VaspId;
use vasp_words::time::UtcTime;

/// The allocator of the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TURNS: usize = 7;
const COUNTS: [usize; 3] = [189, 5_000, 50_000];
fn main() {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some("open") => return open(&arguments.next().expect("a file")),
        Some("find") => {
            return find(&arguments.next().expect("a file"), arguments.next().and_then(|n| n.parse().ok()).expect("a count"));
        }
        Some("writes") => {
            return writes(arguments.next().and_then(|n| n.parse().ok()).expect("a count"));
        }
        Some("make") => {
            return make(&arguments.next().expect("a file"), arguments.next().and_then(|n| n.parse().ok()).expect("a count"));
        }
        _ => {}
    }
    let given: Vec<usize> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    println!(
        "| VASPs | start (wall) | resident a VASP | one written claim | one changed VASP | 500 changed | misspelt name \
         | next day prepared | first read of a day |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for count in if given.is_empty() { COUNTS.to_vec() } else { given } {
        measure(count);
    }
}

fn now(turn: usize) -> UtcTime {
    "2026-11-20T12:00:00Z".parse::<UtcTime>().expect("a time").plus_secs(i64::try_from(turn).expect("small"))
}

struct Bench {
    registry: Arc<Registry>,
    keys: MasterKeys,
    rng: ChaCha20Rng,
}

impl Bench {
    fn import(&mut self, format: ImportFormat, file: &str, bytes: Vec<u8>, at: UtcTime) {
        let job = ImportJob {
            store: self.registry.store(),
            keys: &self.keys,
            format,
            observed_on: None,
            mode: WriteMode::Keep,
            accept_shrink: true,
            progress: &mut |_| (),
        };
        let input = source::from_reader(Cursor::new(bytes), file, source::LIMIT_BYTES).expect("a source");
        import_file(job, input, at, &mut self.rng).expect("imported");
    }

    /// Returns some VASPs.
    fn some(&self, count: usize) -> Vec<VaspId> {
        let generation = self.registry.directory().pin(now(0));
        generation.records().iter().step_by(11).take(count).map(|record| record.id).collect()
    }

    /// Gives a VASP another name.
    fn rename(&mut self, vasp: VaspId, turn: usize) {
        let number = self.registry.directory().pin(now(0)).number_of(vasp).expect("a number");
        let name = FactValue::read(Attribute::LegalName, "", &format!("Renamed{turn} Digital GmbH")).expect("a name");
        let fact = Fact { licence: None, origin: "bench".into(), said: name, from: None, to: None, source: "bench".into() };
        let record = RecordChange {
            vasp,
            origin: "bench".into(),
            source: "bench".into(),
            observed_on: now(0).date(),
            changes: vec![],
            evidence: None,
        };
        let change = NewChange { audience: Audience::Public, subject: Some(number), payload: Payload::VaspChanged(record) };
        let write = |transaction: &mut vasp_store::Transaction<'_>| {
            transaction.record(change, vec![Edit::OpenFact { vasp: number, fact }]);
            Ok(())
        };
        self.registry.store().write::<_, StoreError>(now(100 + turn), &mut self.rng, write).expect("written");
    }

    /// Has the directory take up what was written, and returns the processor time and the wall time of that.
    fn take_up(&self) -> (Duration, Duration) {
        timed(|| self.registry.directory().catch_up().expect("taken up")).1
    }
}

/// Returns a registry with so many VASPs in a new database.
fn filled(path: &str, count: usize) -> Bench {
    let mut rng = ChaCha20Rng::seed_from_u64(7);
    let keys = MasterKeys::generate(&mut rng);
    let registry = Registry::open(store(path), keys.clone(), ClaimIndexOptions::default(), now(0), &mut rng).expect("opened");
    let mut bench = Bench { registry: Arc::new(registry), keys, rng };
    bench.import(ImportFormat::RegisterJson, "r.json", register(count, "2026-06-01", |_| false), now(1));
    bench
}

fn measure(count: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("registry.db");
    let mut bench = filled(&path.display().to_string(), count);
    bench.take_up();

    let mut claims = Vec::new();
    for turn in 0..TURNS {
        let rows = format!(
            "network,address,entity,entity_name,label,category,source,added_date\neip155:1,0x{turn:040x},owner,Owner,,exchange,s,2024-01-01\n"
        );
        bench.import(ImportFormat::ClaimsCsv, "c.csv", rows.into_bytes(), now(10 + turn));
        claims.push(bench.take_up());
    }
    let mut one = Vec::new();
    for (turn, vasp) in bench.some(TURNS).into_iter().enumerate() {
        bench.rename(vasp, turn);
        one.push(bench.take_up());
    }
    let mut many = Vec::new();
    for turn in 0..3 {
        let day = format!("2026-06-{:02}", 2 + turn);
        bench.import(ImportFormat::RegisterJson, "r.json", register(count, &day, |n| n < 500), now(1_000 + turn));
        many.push(bench.take_up());
    }
    let mut asked = misspelt(bench.registry.directory(), count, 100);
    let (prepared, first_read) = midnight(bench.registry.directory());
    drop(bench);
    let child =
        std::process::Command::new(std::env::current_exe().expect("itself")).args(["open".as_ref(), path.as_os_str()]).output();
    let opened = String::from_utf8(child.expect("opened").stdout).expect("text");
    let (start, bytes) = opened.trim().split_once(' ').expect("two figures");
    let resident = bytes.parse::<usize>().expect("bytes") / count;
    println!(
        "| {count} | {start} s | {resident} B | {} | {} | {} | {} | {} | {} |",
        shown(&mut claims),
        shown(&mut one),
        shown(&mut many),
        shown(&mut asked),
        shown(&mut [prepared]),
        shown(&mut [first_read])
    );
}

/// Prepares the next day and lets it begin. Returns how long the preparation took, and the first read of the day.
fn midnight(directory: &Directory) -> ((Duration, Duration), (Duration, Duration)) {
    let (evening, morning) = (now(43_100), now(43_200));
    let ((), prepared) = timed(|| directory.prepare_day(evening, 600));
    (prepared, timed(|| directory.pin(morning)).1)
}

/// Searches `times` misspelt names, and returns how long each took.
fn misspelt(directory: &Directory, count: usize, times: usize) -> Vec<(Duration, Duration)> {
    let generation = directory.pin(now(2_000));
    let of = |n: usize| {
        let mut wrong = name(n).into_bytes();
        wrong.swap(3, 4);
        let query = SearchQuery::read(&String::from_utf8(wrong).expect("letters")).expect("a query");
        timed(|| generation.records().search().find(&query, |_| true).len()).1
    };
    (0..count).step_by(count / times + 1).map(of).collect()
}

/// Searches in a database that `make` made, to look at the search with other tools.
fn find(path: &str, count: usize) {
    let mut asked = misspelt(&opened(path), count, 10_000);
    println!("{}", shown(&mut asked));
}

fn opened(path: &str) -> Directory {
    let ids = vasp_pki::ClaimIdKey::new(&vasp_pki::DataKey::generate(&mut ChaCha20Rng::seed_from_u64(9)));
    Directory::open(store(path), ids, ClaimIndexOptions::default(), now(3_000)).expect("opened")
}

/// Makes a database with so many VASPs, to look at it with other tools.
fn make(path: &str, count: usize) {
    drop(filled(path, count));
}

/// Number of writes, and the time from one to the next.
const WRITES: usize = 1_000;
const WRITE_EVERY: Duration = Duration::from_millis(20);

/// Renames VASPs at a steady rate while a thread reads without pause.
fn writes(count: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut bench = filled(&folder.path().join("registry.db").display().to_string(), count);
    bench.take_up();
    let mut alone = commits(&folder.path().join("plain.db"));
    let vasps: Vec<VaspId> = bench.some(WRITES.min(count / 11));
    let (registry, over) = (Arc::clone(&bench.registry), AtomicBool::new(false));
    let (mut stored, mut written, mut read) = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut took = Vec::new();
            while !over.load(Ordering::Relaxed) {
                let vasp = vasps[took.len() % vasps.len()];
                took.push(timed(|| registry.directory().pin(now(0)).records().get(vasp).is_some()).1.1);
            }
            took
        });
        let (mut stored, mut took) = (Vec::new(), Vec::new());
        let mut lasts = Duration::ZERO;
        for turn in 0..WRITES {
            std::thread::sleep(WRITE_EVERY.saturating_sub(lasts));
            let vasp = vasps[turn % vasps.len()];
            let (_, commit) = timed(|| bench.rename(vasp, turn)).1;
            lasts = commit + bench.take_up().1;
            stored.push(commit);
            took.push(lasts);
        }
        over.store(true, Ordering::Relaxed);
        (stored, took, reader.join().expect("read"))
    });
    println!("| {count} VASPs | p50 | p99 | most |");
    println!("|---|---|---|---|");
    for (what, times) in [
        ("a lone commit", &mut alone),
        ("a write, stored", &mut stored),
        ("a write, stored and taken up", &mut written),
        ("a read beside", &mut read),
    ] {
        times.sort();
        let at = |permille: usize| times[(times.len() * permille / 1_000).min(times.len() - 1)].as_secs_f64() * 1e3;
        println!("| {what} | {:.3} ms | {:.3} ms | {:.3} ms |", at(500), at(990), at(1_000));
    }
}

/// Returns how long commits of one small row take, one after the other, with the settings of the store.
fn commits(path: &std::path::Path) -> Vec<Duration> {
    let conn = rusqlite::Connection::open(path).expect("opened");
    conn.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE rows (text TEXT)").expect("made");
    let commit = || {
        timed(|| conn.execute("INSERT INTO rows VALUES ('a row of some sixty letters, as a change of the log may have it')", []))
            .1
            .1
    };
    (0..WRITES / 5).map(|_| commit()).collect()
}

/// Opens a directory in a fresh process, and prints the seconds that it took and the bytes that it made resident.
fn open(path: &str) {
    let before = resident();
    let (directory, (_, start)) = timed(|| opened(path));
    println!("{:.2} {}", start.as_secs_f64(), resident().saturating_sub(before));
    drop(directory);
}

fn store(path: &str) -> Store {
    let options = StoreOptions { create: true, migrate: true, readers: 2, ..StoreOptions::default() };
    Store::open(&format!("sqlite://{path}").parse().expect("a path"), &options, Arc::new(Sealer::default())).expect("a store")
}

/// Processor time and wall time, medians.
fn shown(times: &mut [(Duration, Duration)]) -> String {
    times.sort();
    let (cpu, _) = times[times.len() / 2];
    times.sort_by_key(|(_, wall)| *wall);
    let (_, wall) = times[times.len() / 2];
    format!("{:.3} ms cpu, {:.3} ms wall", cpu.as_secs_f64() * 1e3, wall.as_secs_f64() * 1e3)
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, (Duration, Duration)) {
    let (cpu, wall) = (cpu(), Instant::now());
    let done = work();
    (done, (cpu_since(cpu), wall.elapsed()))
}

fn cpu_since(before: Duration) -> Duration {
    cpu().saturating_sub(before)
}

/// Processor time of all threads of this process.
fn cpu() -> Duration {
    let times = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(u64::try_from(times.tv_sec).unwrap_or(0), u32::try_from(times.tv_nsec).unwrap_or(0))
}

fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    pages.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).expect("pages") * 4_096
}
