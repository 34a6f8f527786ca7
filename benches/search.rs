//! Measures the search over names: how long the index takes to build, what it weighs, how long a query takes, and which part
//! of disturbed names is found among the first one and the first ten. Names are those of `seed/` and of files given as
//! arguments (one name a line), then invented ones, all by one seed: `cargo bench --bench search -- [FILE…]`.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measurement for a developer's terminal, not part of the program"
)]

use std::collections::{BTreeSet, HashSet};
use std::hint::black_box;
use std::time::{Duration, Instant};

use rand_chacha::ChaCha20Rng;
use rand_core::RngCore;
use vasp_clock::Random;
use vasp_record::register::RegisterSnapshot;
use vasp_record::search::{SearchQuery, folded};
use vasp_record::vasp::{DomainStatus, OtherName, Vasp, VaspDomain, VaspKind, VaspStatus};
use vasp_registry::directory::SearchIndex;
use vasp_words::ids::VaspId;
use vasp_words::time::UtcTime;

const SIZES: [usize; 3] = [5_000, 10_000, 50_000];
/// Queries of each kind.
const QUERIES: usize = 1_000;
/// Builds whose median counts.
const BUILDS: usize = 9;
const FORMS: [&str; 12] =
    ["GmbH", "AG", "Ltd", "Limited", "UAB", "S.A.", "B.V.", "Oy", "s.r.o.", "LLC", "Pte. Ltd.", "Sp. z o.o."];
const SYLLABLES: [&str; 40] = [
    "bit", "coin", "cryp", "to", "pay", "fin", "ex", "ban", "ka", "ro", "va", "lu", "mi", "ne", "tra", "de", "blo", "ck", "dex",
    "zen", "nor", "dic", "al", "pha", "ve", "ga", "sol", "ar", "ix", "on", "ter", "qua", "sta", "ble", "lin", "ju", "per", "ore",
    "um", "ya",
];
const WORDS: [&str; 24] = [
    "Digital",
    "Assets",
    "Capital",
    "Markets",
    "Europe",
    "Global",
    "Exchange",
    "Custody",
    "Finance",
    "Trading",
    "Technologies",
    "Payments",
    "Services",
    "Solutions",
    "Holding",
    "Bank",
    "Securities",
    "International",
    "Asia",
    "Group",
    "Crypto",
    "Ventures",
    "Labs",
    "Investments",
];

fn main() {
    let files: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let (names, real) = names(&files, SIZES[SIZES.len() - 1]);
    println!("{} names, {real} of them real\n", names.len());
    for size in SIZES {
        // Every part of the real names and of the invented ones.
        let step = names.len() / size;
        let vasps: Vec<Vasp> = names.iter().step_by(step).take(size).map(|name| vasp(name, &mut rng(name))).collect();
        measure(&vasps);
    }
}

fn measure(vasps: &[Vasp]) {
    let before = resident_bytes();
    let (index, first) = timed(|| SearchIndex::of(vasps.iter()));
    let weight = resident_bytes().saturating_sub(before) / vasps.len();
    let mut builds: Vec<Duration> = (1..BUILDS).map(|_| timed(|| SearchIndex::of(vasps.iter())).1).collect();
    builds.push(first);
    println!("{} VASPs: built in {:.1} ms, {weight} bytes a VASP (resident)", vasps.len(), millis(at(&mut builds, 50)));
    println!("{:<20}{:>10}{:>11}{:>9}{:>11}{:>9}", "query", "recall@1", "recall@10", "p50 µs", "p99 µs", "found");
    let mut all = Vec::new();
    for (kind, disturb) in DISTURBANCES {
        all.extend(measure_kind(&index, vasps, kind, disturb));
    }
    println!("{:<20}{:>30.1}{:>11.1}\n", "all", micros(at(&mut all, 50)), micros(at(&mut all, 99)));
}

fn measure_kind(index: &SearchIndex, vasps: &[Vasp], kind: &str, disturb: Disturb) -> Vec<Duration> {
    let mut rng = rng(kind);
    let (mut first, mut ten, mut asked, mut hits, mut times) = (0, 0, 0, 0, Vec::new());
    while asked < QUERIES {
        let target = &vasps[below(&mut rng, vasps.len())];
        let Some(q) = disturb(&target.legal_name, &mut rng) else { continue };
        asked += 1;
        let search = || index.find(&SearchQuery::read(&q).expect("letters remain"), |_| true);
        let (found, time) = timed(|| black_box(search()));
        times.push(time);
        hits += found.len();
        let place = found.iter().position(|hit| hit.vasp == target.id);
        first += usize::from(place == Some(0));
        ten += usize::from(place.is_some_and(|place| place < 10));
    }
    let percent = |count: usize| format!("{}.{} %", 100 * count / asked, 1_000 * count / asked % 10);
    let (median, late) = (micros(at(&mut times, 50)), micros(at(&mut times, 99)));
    println!("{kind:<20}{:>10}{:>11}{median:>9.1}{late:>11.1}{:>9}", percent(first), percent(ten), hits / asked);
    times
}

type Disturb = fn(&str, &mut ChaCha20Rng) -> Option<String>;

/// What people do to a name; none where it cannot be done to this one.
const DISTURBANCES: [(&str, Disturb); 12] = [
    ("as it is", |name, _| Some(name.to_owned())),
    ("without last word", |name, _| Some(name.rsplit_once(' ')?.0.to_owned())),
    ("another legal form", |name, rng| Some(format!("{} {}", name.rsplit_once(' ')?.0, FORMS[below(rng, FORMS.len())]))),
    ("first 60 %", |name, _| {
        Some(name.chars().take(name.chars().count() * 3 / 5).collect()).filter(|q: &String| folded(q).len() > 3)
    }),
    ("words turned round", |name, _| Some(name.split_whitespace().rev().collect::<Vec<_>>().join(" ")).filter(|q| q != name)),
    ("plain upper case", |name, _| Some(folded(name).to_uppercase())),
    ("letter inserted", |name, rng| mistyped(name, rng, [0])),
    ("letter missing", |name, rng| mistyped(name, rng, [1])),
    ("letter wrong", |name, rng| mistyped(name, rng, [2])),
    ("letters swapped", |name, rng| mistyped(name, rng, [3])),
    ("two errors", |name, rng| {
        let kinds = [below(rng, 4), below(rng, 4)];
        mistyped(name, rng, kinds)
    }),
    ("three errors", |name, rng| {
        let kinds = [below(rng, 4), below(rng, 4), below(rng, 4)];
        mistyped(name, rng, kinds)
    }),
];

/// Types a name wrong; of short names one letter in five at most.
fn mistyped<const N: usize>(name: &str, rng: &mut ChaCha20Rng, kinds: [usize; N]) -> Option<String> {
    let mut letters: Vec<char> = name.chars().collect();
    if letters.len() < 5 * N {
        return None;
    }
    for kind in kinds {
        let (place, letter) = (below(rng, letters.len() - 1), char::from(b'a' + u8::try_from(below(rng, 26)).ok()?));
        match kind {
            0 => letters.insert(place, letter),
            1 => {
                letters.remove(place);
            }
            2 => letters[place] = letter,
            _ => letters.swap(place, place + 1),
        }
    }
    Some(letters.into_iter().collect::<String>()).filter(|q| q != name)
}

/// Returns distinct names, and how many of them are real.
fn names(files: &[String], count: usize) -> (Vec<String>, usize) {
    let (mut seen, mut names) = (HashSet::new(), Vec::new());
    let mut take = |name: &str| {
        let folded = folded(name);
        if folded.len() > 3 && names.len() < count && seen.insert(folded) {
            names.push(name.to_owned());
        }
        names.len()
    };
    for name in seed_names() {
        take(&name);
    }
    let mut real = 0;
    for file in files {
        for name in std::fs::read_to_string(file).expect("a file of names, one a line").lines() {
            real = take(name.trim());
        }
    }
    real = real.max(take(""));
    let mut rng = rng("invented");
    while take(&invented(&mut rng)) < count {}
    shuffle(&mut names, &mut rng);
    (names, real)
}

fn seed_names() -> BTreeSet<String> {
    let register: RegisterSnapshot =
        serde_json::from_str(include_str!("../tests/fixtures/esma/register-2026-04-26.json")).expect("the seed reads");
    let entities =
        register.entities.into_iter().flat_map(|entity| entity.commercial_names.into_iter().chain([entity.legal_name]));
    entities.collect()
}

fn invented(rng: &mut ChaCha20Rng) -> String {
    let brand: String = (0..2 + below(rng, 2)).map(|_| SYLLABLES[below(rng, SYLLABLES.len())]).collect();
    let words: String = (0..below(rng, 3)).map(|_| format!(" {}", WORDS[below(rng, WORDS.len())])).collect();
    let brand: String = brand.chars().take(1).flat_map(char::to_uppercase).chain(brand.chars().skip(1)).collect();
    format!("{brand}{words} {}", FORMS[below(rng, FORMS.len())])
}

/// A record with a name, for half of them the brand beside it, and a domain.
fn vasp(name: &str, rng: &mut ChaCha20Rng) -> Vasp {
    let brand = name.split_whitespace().next().unwrap_or(name);
    let other = OtherName { name: brand.to_owned(), name_type: "commercial".to_owned() };
    let domain = format!("{}.com", folded(name.rsplit_once(' ').map_or(name, |(core, _)| core)).replace(' ', ""));
    Vasp {
        id: VaspId::new(UtcTime::EPOCH, rng),
        kind: VaspKind::Entity,
        status: VaspStatus::Listed,
        legal_name: name.to_owned(),
        entries: vec![],
        other_names: if below(rng, 2) == 0 { vec![other] } else { vec![] },
        country: None,
        lei: None,
        lei_status: None,
        identifiers: vec![],
        activities: vec![],
        contacts: vec![],
        website: Some(format!("https://www.{domain}/en")),
        registered_address: None,
        group: None,
        licences: vec![],
        domains: vec![VaspDomain { domain, status: DomainStatus::Unproven, covers_subdomains: false, platform: false }],
        delegations: vec![],
        endpoints: vec![],
        certificates: vec![],
        keys: vec![],
        evidence: [].into(),
    }
}

/// The same draws for the same text.
fn rng(text: &str) -> ChaCha20Rng {
    let seed = text.bytes().fold(17_u64, |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
    Random::seeded(seed).fork()
}

fn below(rng: &mut ChaCha20Rng, count: usize) -> usize {
    usize::try_from(rng.next_u64() % u64::try_from(count).expect("a count")).expect("less than a count")
}

fn shuffle(names: &mut [String], rng: &mut ChaCha20Rng) {
    for place in (1..names.len()).rev() {
        names.swap(place, below(rng, place + 1));
    }
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let done = work();
    (done, start.elapsed())
}

fn at(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times[(times.len() - 1) * percent / 100]
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// What this process holds in memory, in whole pages; 0 where the system does not tell.
fn resident_bytes() -> usize {
    let told = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    told.split_whitespace().nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * 4_096
}
