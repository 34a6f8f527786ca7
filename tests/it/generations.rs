//! A generation that was made from the one before shares most of it: it must be the one that is loaded from nothing, whatever changed.

use std::collections::BTreeSet;
use std::sync::Arc;

use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use vasp_addresses::network::{Family, NetworkNumber, NetworkTable};
use vasp_clock::Random;
use vasp_log::change::ChangeKind;
use vasp_pki::{ClaimIdKey, DataKey};
use vasp_record::claim::{Reader, Visibility};
use vasp_record::fact::Fact;
use vasp_record::search::SearchQuery;
use vasp_record::vasp::VaspKind;
use vasp_registry::directory::{ClaimIndexOptions, Directory, Generation};
use vasp_store::{Edit, Store, StoreError};
use vasp_words::host::Host;
use vasp_words::ids::VaspId;
use vasp_words::lei::Lei;
use vasp_words::time::{Date, UtcTime};

use crate::support::{Database, Label, add_batch, change, now, on_every_database, open_store, said};

const LEIS: [&str; 2] = ["529900HNOAA1KXQJUQ27", "5493001KJTIIGC8Y1R12"];
const NAMES: [&str; 6] =
    ["Harbour Exchange", "Harbour Custody", "Lagoon Markets", "Alpine Coin", "Meridian Pay", "Nordic Digital"];
const HOSTS: [&str; 5] = ["harbour.example", "lagoon.example", "shop.lagoon.example", "alpine.example", "xn--hrbour-cua.example"];
const SCHEMES: [&str; 2] = ["commercial_register:DE", "trisa"];
/// Keys of labels: a mixer is worse than an exchange, and its entities inherit that.
const KEYS: [&str; 3] = ["tornado cash", "binance", "chipmixer"];
/// Ethereum and Polygon, which are of one family, and Bitcoin.
const NETWORKS: [i32; 3] = [104, 107, 101];
const GROUPS: usize = 3;
const ALL: usize = 11;
const QUERIES: [&str; 8] =
    ["harbour", "harbuor", "lagoon markets", "alpine", "meridan", "529900HNOAA1KXQJUQ27", "nordic", "lagoon.example"];

/// How many days before and after the first day facts begin and end.
const DAYS: usize = 5;

struct Writer {
    store: Store,
    vasps: Vec<(i64, VaspId)>,
    rng: ChaCha20Rng,
    /// Whether facts begin and end on days.
    is_dated: bool,
}

impl Writer {
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.rng.next_u64() % u64::try_from(end).unwrap()).unwrap()
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn begin(store: Store, seed: u64) -> Self {
        let mut rng = Random::seeded(seed).fork();
        let made = store.write::<_, StoreError>(now(), &mut rng, |transaction| {
            let mut vasps = Vec::new();
            for place in 0..ALL {
                let id = VaspId::new(transaction.now(), transaction.conn_and_rng().1);
                let kind = if place < GROUPS { VaspKind::Group } else { VaspKind::Entity };
                let number = transaction.add_vasp(id, kind)?.number;
                let name = said("test", number, ("legal_name", "", NAMES[place % NAMES.len()]));
                transaction.record(change(ChangeKind::VaspListed, Some(number)), vec![name]);
                vasps.push((number, id));
            }
            Ok(vasps)
        });
        Self { store, vasps: made.unwrap().value, rng: ChaCha20Rng::seed_from_u64(seed), is_dated: false }
    }

    /// Attribute, item and value of a random fact; a value that is none ends what is said.
    fn fact(&mut self, is_group: bool) -> (&'static str, String, Option<String>) {
        let groups: Vec<VaspId> = self.vasps[..GROUPS].iter().map(|(_, id)| *id).collect();
        let text = |text: &str| Some(text.to_owned());
        let none = String::new();
        let (attribute, item, value) = match self.below(11) {
            0 | 1 => ("legal_name", none, text(self.pick(&NAMES))),
            2 => ("other_name", self.pick(&NAMES).to_owned(), text("commercial")),
            3 => ("lei", none, text(self.pick(&LEIS))),
            4 => ("website", none, text(self.pick(&HOSTS))),
            5 | 6 => ("domain", self.pick(&HOSTS).to_owned(), text(self.pick(&["proven", "unproven"]))),
            7 => ("identifier", self.pick(&SCHEMES).to_owned(), text(self.pick(&["A-1", "B-2"]))),
            8 if is_group => ("entity_key", none, text(self.pick(&KEYS))),
            8 | 9 if !is_group => ("group", none, Some(self.pick(&groups).to_string())),
            10 if self.below(3) == 0 => {
                // Only into one of the first of its kind, which are never merged themselves.
                let into = if is_group { groups[0] } else { self.vasps[GROUPS].1 };
                ("merged_into", none, Some(into.to_string()))
            }
            _ => ("status", none, text(self.pick(&["verified", "suspended", "listed"]))),
        };
        let ends = attribute != "legal_name" && self.below(3) == 0;
        (attribute, item, value.filter(|_| !ends))
    }

    /// The days of a random fact.
    fn days(&mut self) -> (Option<Date>, Option<Date>) {
        if !self.is_dated {
            return (None, None);
        }
        let (from, length) = (self.below(2 * DAYS), self.below(2 * DAYS) + 1);
        let day = |place: usize| now().plus_secs(86_400 * (i64::try_from(place).unwrap() - i64::try_from(DAYS).unwrap())).date();
        (Some(day(from)).filter(|_| from > 2), Some(day(from + length)).filter(|_| length < 6))
    }

    /// Changes some facts of one or several VASPs, or adds a batch of claims.
    fn step(&mut self) {
        if self.below(4) == 0 {
            return self.claim();
        }
        let mut rng = Random::seeded(self.rng.next_u64()).fork();
        let said_of: Vec<_> = (0..=self.below(3))
            .map(|_| {
                let place = self.below(ALL);
                (place, self.fact(place < GROUPS), self.days())
            })
            .filter(|(place, (attribute, ..), _)| *attribute != "merged_into" || (*place != 0 && *place != GROUPS))
            .collect();
        let vasps = self.vasps.clone();
        let write = self.store.write::<_, StoreError>(now(), &mut rng, |transaction| {
            let mut seen = BTreeSet::new();
            for (place, (attribute, item, value), days) in &said_of {
                let (number, _) = vasps[*place];
                if !seen.insert((number, *attribute, item.clone())) {
                    continue;
                }
                let known = transaction.conn().facts_of(&[number], i64::MAX - 1)?;
                let same =
                    known.iter().filter(|row| row.fact.said.attribute().as_str() == *attribute && row.fact.said.item() == *item);
                let ended: Vec<Edit> = same.map(|row| Edit::CloseFact(row.number)).collect();
                let begun = value.as_ref().map(|value| dated(said("test", number, (attribute, item, value)), *days));
                transaction.record(change(ChangeKind::VaspChanged, Some(number)), ended.into_iter().chain(begun).collect());
            }
            Ok(())
        });
        write.unwrap();
    }

    fn claim(&mut self) {
        let mut rng = Random::seeded(self.rng.next_u64()).fork();
        let family = Family::ALL[0].number().0;
        let (network, owner) = (self.pick(&[NETWORKS[0], NETWORKS[1], NETWORKS[2], family]), self.below(ALL));
        let visibility = self.pick(&[Visibility::Public, Visibility::Gateways]);
        let account = vec![u8::try_from(self.below(200)).unwrap(); 20];
        let label = Label { network, account_key: account, owner: self.vasps[owner].0, expires_at: None };
        let write =
            |transaction: &mut vasp_store::Transaction<'_>| add_batch(transaction, std::slice::from_ref(&label), visibility);
        self.store.write::<_, StoreError>(now(), &mut rng, |transaction| write(transaction).map(|_| ())).unwrap();
    }
}

/// The same fact, valid from a day until before another.
fn dated(edit: Edit, (from, to): (Option<Date>, Option<Date>)) -> Edit {
    match edit {
        Edit::OpenFact { vasp, fact } => Edit::OpenFact { vasp, fact: Fact { from, to, ..fact } },
        other => other,
    }
}

fn open(store: &Store) -> Directory {
    open_at(store, now())
}

fn open_at(store: &Store, now: UtcTime) -> Directory {
    let ids = ClaimIdKey::new(&DataKey::generate(&mut ChaCha20Rng::seed_from_u64(1)));
    Directory::open(store.clone(), ids, ClaimIndexOptions::default(), now).unwrap()
}

/// Everything that a generation answers about records, as text.
fn told(generation: &Generation, vasps: &[(i64, VaspId)]) -> String {
    let records = generation.records();
    let mut told: Vec<String> = records.iter_judged().map(|judged| format!("{judged:?}")).collect();
    for (number, id) in vasps {
        let entities: Vec<VaspId> = records.entities_of(*id).map(|record| record.id).collect();
        let known = generation.known(*id).map(|known| (known.number, known.version, known.updated_at));
        told.push(format!("{number} {id} {:?} {entities:?} {known:?}", records.get(*id).map(|record| record.id)));
        told.push(format!("{:?} {:?} {:?}", records.canonical(*id), records.absorbed_by(*id), records.next_change(*id)));
    }
    for lei in LEIS {
        let lei: Lei = lei.parse().unwrap();
        told.push(format!("{lei} {:?}", records.with_lei(lei).map(|record| record.id).collect::<Vec<_>>()));
    }
    for host in HOSTS.iter().chain(&["harbоur.example", "lag00n.example"]) {
        let Ok(host) = host.parse::<Host>() else { continue };
        let naming: Vec<_> = records.with_domain(&host).map(|(record, domain)| (record.id, domain.clone())).collect();
        told.push(format!("{host} {naming:?} {:?}", records.host_warnings(&host)));
    }
    for scheme in SCHEMES {
        told.push(format!("{scheme} {}", records.knows_scheme(scheme)));
    }
    for query in QUERIES {
        let hits = records.search().find(&SearchQuery::read(query).unwrap(), |_| true);
        told.push(format!("{query} {hits:?}"));
    }
    for network in NETWORKS.map(|number| NetworkTable::embedded().by_number(NetworkNumber(number)).unwrap()) {
        for reader in Reader::ALL {
            told.push(format!("{} {reader:?} {:?}", network.caip2, generation.coverage(network, reader)));
            told.push(format!("{:?} {}", generation.owners(network, reader), generation.has_claims(network, reader)));
        }
    }
    told.join("\n")
}

#[on_every_database]
fn a_generation_made_from_the_one_before_is_the_one_that_is_loaded_from_nothing(database: Database) {
    let rounds = if database.file().is_some() { 40 } else { 12 };
    let store = open_store(&database, 2);
    let mut writer = Writer::begin(store.clone(), 11);
    let stepped = open(&store);
    for round in 0..rounds {
        let before = stepped.pin(now());
        let told_before = told(&before, &writer.vasps);
        for _ in 0..=writer.below(2) {
            writer.step();
        }
        stepped.catch_up().unwrap();

        let (made, loaded) = (stepped.pin(now()), open(&store).pin(now()));

        let (made, loaded) = (told(&made, &writer.vasps), told(&loaded, &writer.vasps));
        for (line, expected) in made.lines().zip(loaded.lines()) {
            assert_eq!(line, expected, "round {round}");
        }
        assert_eq!(made, loaded, "round {round}");
        assert_eq!(told(&before, &writer.vasps), told_before, "round {round}: a pinned generation never changes");
        let past = stepped.at(before.sequence(), now().date()).unwrap();
        assert_eq!(told(&past, &writer.vasps), told_before, "round {round}: the past is what it was");
    }
}

#[on_every_database]
fn records_prepared_before_midnight_are_those_that_are_loaded_after_it(database: Database) {
    let store = open_store(&database, 2);
    let mut writer = Writer::begin(store.clone(), 12);
    writer.is_dated = true;
    (0..30).for_each(|_| writer.step());
    let stepped = open(&store);
    let mut changed = 0;
    for day in 0..2 * DAYS {
        let evening = now().plus_secs(86_400 * i64::try_from(day).unwrap() + 43_000);
        let morning = evening.plus_secs(400);
        assert!(evening.date() < morning.date());
        stepped.prepare_day(evening, 100);
        assert!(stepped.pin(evening).prepared_for(morning.date()).is_none(), "day {day}: it is too early");

        stepped.prepare_day(evening, 400);
        (0..=writer.below(2)).for_each(|_| writer.step());
        stepped.catch_up().unwrap();
        stepped.prepare_day(evening, 400);

        let last = stepped.pin(evening);
        let prepared = Arc::clone(last.prepared_for(morning.date()).unwrap());
        let told_before = told(&last, &writer.vasps);
        let made = stepped.pin(morning);
        assert!(std::ptr::eq(made.records(), prepared.as_ref()), "day {day}: nothing is built at midnight");
        let (told_made, loaded) = (told(&made, &writer.vasps), told(&open_at(&store, morning).pin(morning), &writer.vasps));
        for (line, expected) in told_made.lines().zip(loaded.lines()) {
            assert_eq!(line, expected, "day {day}");
        }
        assert_eq!(told_made, loaded, "day {day}");
        assert_eq!(told(&last, &writer.vasps), told_before, "day {day}: a pinned generation never changes");
        changed += usize::from(told_before != told_made);
    }
    assert!(changed > DAYS, "records differed on {changed} days only");
}

#[on_every_database]
fn a_day_that_nobody_prepared_is_built_when_it_is_asked_for(database: Database) {
    let store = open_store(&database, 2);
    let mut writer = Writer::begin(store.clone(), 13);
    writer.is_dated = true;
    (0..30).for_each(|_| writer.step());
    let stepped = open(&store);
    for day in 1..2 * DAYS {
        let then = now().plus_secs(86_400 * i64::try_from(day).unwrap());

        let (made, loaded) = (stepped.pin(then), open_at(&store, then).pin(then));

        assert_eq!(told(&made, &writer.vasps), told(&loaded, &writer.vasps), "day {day}");
        assert_eq!(stepped.pin(then).day(), then.date());
    }
}
