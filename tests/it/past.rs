//! Questions about the past: one record's takes no directory of its own, whole ones are few at once, and all cost what they take.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::{Value, json};
use vasp_clock::{Clock, Stopwatch};
use vasp_registry::config::Rate;
use vasp_registry::directory::Generation;
use vasp_registry::node::{AsOf, pin_at};
use vasp_rules::elsewhere::JudgedVasp;
use vasp_words::time::Date;

use crate::filled::{Filled, LEIS, entity};
use crate::prechecks::world::World;
use crate::support::{Database, Registry, on_every_database};
use crate::write_races::at_once;

const FIRST: &str = LEIS[0];
const SECOND: &str = LEIS[1];

/// A registry with a record that changed often, and the last sequence of each change.
fn changed(mut filled: Filled, times: u32) -> (Filled, Vec<i64>) {
    let days = (1..=times).map(|day| {
        let (on, at) = (format!("2026-01-{day:02}"), format!("2026-01-{day:02}T08:00:00Z"));
        filled.read_at(&at, &on, vec![entity(FIRST, &format!("Name {day} GmbH")), entity(SECOND, "Other GmbH")])
    });
    let sequences = days.collect();
    (filled, sequences)
}

fn alive(registry: &Registry) -> usize {
    registry.registry.directory().pasts_alive()
}

#[on_every_database]
fn callers_without_credentials_read_a_record_of_another_day_and_no_other_past(database: Database) {
    let (filled, sequences) = changed(Filled::start_public(database), 2);
    let (client, past) = (&filled.registry.client, format!("seq:{}", sequences[0]));

    let record = client.get(&format!("/v1/vasps/{FIRST}?valid_on=2026-01-01"));
    assert_eq!((record.status.as_u16(), &record.json()["legal_name"]), (200, &json!("Name 1 GmbH")), "{record:?}");
    for path in [
        "/v1/vasps/{}?as_of=",
        "/v1/vasps/{}?valid_on=2026-01-01&as_of=",
        "/v1/vasps/{}/keys?as_of=",
        "/v1/resolve?subject={}&as_of=",
    ] {
        client.get(&format!("{}{past}", path.replace("{}", FIRST))).problem(403, "forbidden");
    }
    let body =
        json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": {"vasp": FIRST}, "as_of": past});
    client.post("/v1/prechecks", &body).problem(403, "forbidden");
    let batch = client.post("/v1/prechecks/batch", &json!({"prechecks": [body]})).json();
    assert_eq!(batch["results"][0]["problem"]["code"], "forbidden", "{batch}");
}

#[test]
fn a_question_about_the_past_costs_as_many_as_it_takes() {
    let rate = Rate { per_sec: NonZeroU32::MIN, burst: 2_000.try_into().unwrap() };
    let registry = Registry::start_with(Database::sqlite(), |settings| {
        (settings.public_read, settings.rate, settings.public_rate) = (true, Some(rate), Some(rate));
    });
    let (key, path) = (registry.api_key("resolve", None).1, format!("/v1/vasps/{FIRST}"));
    let left = |path: &str, headers: &[(&str, &str)]| {
        let told = registry.client.get_with(path, headers).header("ratelimit").to_owned();
        told.split(['=', ';']).nth(2).unwrap().parse::<u32>().unwrap()
    };
    let with_key: &[(&str, &str)] = &[("authorization", &key)];

    assert_eq!(left(&path, &[]), 1_999);
    assert_eq!(left(&format!("{path}?valid_on=2026-01-01"), &[]), 1_949);
    assert_eq!(left(&format!("{path}/history"), &[]), 1_946, "50 items");
    assert_eq!(left(&format!("{path}/history?limit=20"), &[]), 1_945);
    assert_eq!(
        left(&format!("{path}/history?limit=1000"), &[]),
        1_876,
        "50, as much as another day of the record, and 20 for the page"
    );
    assert_eq!(left(&format!("{path}?as_of=seq:0"), with_key), 1_950);
    assert_eq!(left("/v1/resolve?subject=example.com&as_of=seq:0", with_key), 950);
    let refused = registry.client.get_with("/v1/resolve?subject=example.com&as_of=seq:0", with_key);
    refused.problem(429, "rate_limited");
}

/// Whoever asks about many points of the past at once has two of them loaded at a time, whatever the order.
#[on_every_database]
fn two_whole_directories_of_the_past_are_alive_at_most(database: Database) {
    let (filled, sequences) = changed(Filled::start(database), 9);
    let (done, most) = (AtomicBool::new(false), AtomicUsize::new(0));
    let ask = |sequence: &i64| filled.get(&format!("/v1/resolve?subject={FIRST}&as_of=seq:{sequence}"));

    let answers = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::SeqCst) {
                most.fetch_max(alive(&filled.registry), Ordering::SeqCst);
                std::thread::yield_now();
            }
        });
        let asked: Vec<_> = sequences[..8].iter().map(|sequence| scope.spawn(move || ask(sequence))).collect();
        let answers: Vec<_> = asked.into_iter().map(|thread| thread.join().unwrap()).collect();
        done.store(true, Ordering::SeqCst);
        answers
    });

    for (answer, (sequence, day)) in answers.iter().zip(sequences.iter().zip(1..)) {
        assert_eq!(answer.status.as_u16(), 200, "{answer:?}");
        let told = answer.json();
        assert_eq!(told["directory"]["sequence"], *sequence);
        assert_eq!(told["owners"][0]["vasp"]["legal_name"], format!("Name {day} GmbH"));
    }
    assert!((1..=2).contains(&most.load(Ordering::SeqCst)), "{most:?}");
}

#[on_every_database]
fn whoever_comes_when_all_are_in_use_is_told_when_to_come_back_and_one_record_is_answered_all_the_same(database: Database) {
    let (filled, sequences) = changed(Filled::start(database), 4);
    let registry = &filled.registry;
    let hold = |sequence: i64| pin_at(&registry.registry, AsOf::Sequence(sequence), registry.clock.now()).unwrap();
    let in_use = [hold(sequences[0]), hold(sequences[1])];
    let third = format!("/v1/resolve?subject={FIRST}&as_of=seq:{}", sequences[2]);

    let refused = filled.get(&third);
    refused.problem(503, "past_busy");
    assert_eq!(refused.header("retry-after"), "3");
    let record = filled.read(&format!("/v1/vasps/{FIRST}?as_of=seq:{}", sequences[2]));
    assert_eq!(record["legal_name"], "Name 3 GmbH");
    assert_eq!(filled.read(&format!("/v1/vasps/{FIRST}?valid_on=2026-01-02"))["legal_name"], "Name 2 GmbH");
    assert_eq!(alive(registry), 2);

    // Fourteen at once, of which two have their turn and eight wait: the others need not.
    let answers = at_once(14, |_| {
        let start = Stopwatch::start();
        filled.get(&third).problem(503, "past_busy");
        start.elapsed_micros()
    });
    assert!(answers.iter().filter(|micros| **micros < 900_000).count() >= 4, "{answers:?}");
    drop(in_use);
    assert_eq!(filled.read(&third)["status"], "owned");
}

/// What is worked out for one record alone is what the whole directory says of it: with groups, entities, lists and merges.
#[on_every_database(World::start)]
fn one_records_past_is_what_the_whole_directory_shows(world: World) {
    let registry = &world.registry.registry;
    let now = registry.pin(world.now());
    assert!(now.records().iter().any(|record| record.group.is_some()));
    for record in now.records().iter() {
        let read = |query: &str| -> Value {
            let answer = world.get_as(&world.key, &format!("/v1/vasps/{}{query}", record.id)).with(200);
            let mut told = answer.json();
            told["valid_until"] = Value::Null;
            told
        };
        assert_eq!(read(&format!("?as_of=seq:{}", now.sequence())), read(""));
    }
    assert_eq!(Arc::strong_count(&now), 2, "the directory's and this one");
    assert_eq!(alive(&world.registry), 0);
}

/// A directory of the past shares with the present one what is the same; it is what stood then, for every kind of change since.
#[on_every_database(Filled::start)]
fn a_past_directory_that_shares_with_the_present_is_the_one_that_stood_then(mut filled: Filled) {
    let mut stood = vec![];
    for (day, entities) in [
        (1, vec![entity(FIRST, "Name 1 GmbH")]),
        (2, vec![entity(FIRST, "Name 2 GmbH"), entity(SECOND, "Other GmbH")]),
        (3, vec![entity(FIRST, "Name 2 GmbH"), entity(LEIS[2], "Third GmbH")]),
        (4, vec![entity(FIRST, "Name 1 GmbH"), entity(SECOND, "Other GmbH"), entity(LEIS[2], "Third GmbH")]),
    ] {
        let (on, at) = (format!("2026-01-{day:02}"), format!("2026-01-{day:02}T08:00:00Z"));
        filled.read_at(&at, &on, entities);
        let registry = &filled.registry.registry;
        stood.push(registry.directory().pin(at.parse().unwrap()));
    }
    let (directory, day) = (filled.registry.registry.directory(), "2026-03-01".parse::<Date>().unwrap());
    for then in &stood[..3] {
        let past = directory.at(then.sequence(), then.day()).unwrap();
        let told = |generation: &Arc<Generation>| -> Vec<JudgedVasp> { generation.records().iter_judged().cloned().collect() };
        assert_eq!(told(&past), told(then));
        assert_eq!(told(&directory.at(then.sequence(), day).unwrap()), told(&Arc::new(then.on_day(day))));
    }
    let later = stood[3].on_day(day);
    let both: Vec<_> = later.records().iter().zip(stood[3].records().iter()).collect();
    assert!(!both.is_empty() && both.iter().all(|(one, other)| Arc::ptr_eq(one, other)), "the same on both days");
}
