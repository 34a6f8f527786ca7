//! Many writers at once, with somebody who follows the log: nobody ever sees a gap, half a write or a time that falls, and
//! the follower ends where a fresh start begins.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rand_core::RngCore;
use vasp_addresses::network::{NetworkNumber, NetworkTable};
use vasp_clock::{Random, SetClock};
use vasp_log::Sealer;
use vasp_pki::{ClaimIdKey, DataKey};
use vasp_record::claim::{Reader, Visibility};
use vasp_registry::directory::{ClaimIndexOptions, Directory, Generation};
use vasp_store::{EnvelopeRow, Store, StoreError, StoreOptions};
use vasp_words::time::UtcTime;

use crate::support::{
    Database, Label, SetAtEnd, add_batch, add_group, assert_log_recomputes, controllers, now, on_every_database, open_store,
    rename,
};

/// Ethereum.
const NETWORK: NetworkNumber = NetworkNumber(104);
/// Accounts that writers claim again and again.
const ACCOUNTS: u8 = 16;

fn account(number: u8) -> Vec<u8> {
    vec![number; 20]
}

fn directory(store: &Store) -> Directory {
    let ids = ClaimIdKey::new(&DataKey::generate(&mut Random::seeded(9).fork()));
    Directory::open(store.clone(), ids, ClaimIndexOptions::default(), now()).unwrap()
}

/// Everything that a generation says, in a form that compares.
fn told(directory: &Directory, generation: &Generation) -> BTreeMap<String, String> {
    let records = generation.records().iter().map(|record| {
        let known = generation.known(record.id).unwrap();
        (record.id.to_string(), format!("{record:?} {} {}", known.version, known.updated_at))
    });
    let claims = (0..ACCOUNTS).map(|number| {
        let mut found = directory.claims_at(&controllers(NETWORK.0, &account(number)), generation).unwrap();
        found.sort_by_key(|(_, claim)| claim.number);
        (format!("account {number}"), format!("{found:?}"))
    });
    let network = NetworkTable::embedded().by_number(NETWORK).unwrap();
    let coverage = format!("{:?}", generation.coverage(network, Reader::Public));
    records.chain(claims).chain([("coverage".to_owned(), coverage)]).collect()
}

/// One writer's transactions: one to three changes each, of every kind that takes locks elsewhere. Returns how many changes.
fn write_much(store: &Store, (seed, writes): (u64, u64), shared: i64) -> usize {
    let mut rng = Random::seeded(seed).fork();
    let (mut last, mut changes) = (0, 0);
    for write in 0..writes {
        let kind = rng.next_u32() % 4;
        let written = store.write::<_, StoreError>(now(), &mut rng, |transaction| match kind {
            0 => (0..3).try_for_each(|n| add_group(transaction, &format!("{seed} {write} {n}")).map(drop)).map(|()| 3),
            1 => {
                let owner = add_group(transaction, &format!("{seed} {write}"))?.0;
                let account_key = account(u8::try_from((seed + write) % u64::from(ACCOUNTS)).unwrap());
                let labels = [Label { network: NETWORK.0, account_key, owner, expires_at: None }];
                add_batch(transaction, &labels, Visibility::Public).map(|_| 2)
            }
            2 => add_group(transaction, &format!("{seed} {write}")).map(|_| 1),
            // The one row that all writers change, without any other lock before the head's.
            _ => rename(transaction, shared, &format!("{seed} {write}")).map(|()| 1),
        });
        match written {
            Ok(written) => {
                assert!(written.sequence > last, "each write is told a later sequence than the one before");
                (last, changes) = (written.sequence, changes + written.value);
            }
            Err(StoreError::Stale { table: "facts" }) if kind == 3 => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    changes
}

/// Follows the log by asking for what comes after the last entry seen. Returns how far it came.
fn follow_log(store: &Store, done: &AtomicBool) -> i64 {
    let (mut seen, mut time) = (0, UtcTime::EPOCH);
    loop {
        let last_look = done.load(Ordering::SeqCst);
        let (head, entries, whole) = store
            .read::<_, StoreError>(|conn| {
                let head = conn.log_head()?;
                Ok((head.clone(), conn.log_entries(seen, 100_000)?, conn.pinnable_sequence(head.sequence)?.0))
            })
            .unwrap();
        for entry in entries {
            let EnvelopeRow { sequence, recorded_at, .. } = entry.envelope;
            assert_eq!(sequence, seen + 1, "the log has no gap");
            assert!(recorded_at > time, "times rise, at {sequence}");
            (seen, time) = (sequence, recorded_at);
        }
        assert_eq!(seen, head.sequence, "the head is the last entry");
        assert_eq!(time, UtcTime::from_micros(head.recorded_at_micros).unwrap(), "the head is the last entry");
        assert_eq!(whole, seen, "the head ends a write");
        if last_look {
            return seen;
        }
    }
}

/// Follows the log with a directory, as the tailer does. Returns how often it moved.
fn follow_with(directory: &Directory, done: &AtomicBool) -> usize {
    let (mut reached, mut moves) = (0, 0);
    loop {
        let last_look = done.load(Ordering::SeqCst);
        let now_at = directory.catch_up().unwrap();
        assert!(now_at >= reached);
        moves += usize::from(now_at > reached);
        reached = now_at;
        if last_look {
            return moves;
        }
    }
}

fn writers_and_followers(database: &Database, nodes: u32, threads_a_node: u32, writes: u64) {
    let stores: Vec<Store> = (0..nodes).map(|_| open_store(database, threads_a_node)).collect();
    let mut rng = Random::seeded(0).fork();
    let shared = stores[0].write(now(), &mut rng, |transaction| add_group(transaction, "shared")).unwrap().value.0;
    let tailing = directory(&stores[0]);
    let (done, changes) = (AtomicBool::new(false), AtomicUsize::new(1));

    std::thread::scope(|scope| {
        let end = SetAtEnd(&done);
        let moves = scope.spawn(|| follow_with(&tailing, &done));
        let seen = scope.spawn(|| follow_log(&stores[0], &done));
        std::thread::scope(|writers| {
            for thread in 0..nodes * threads_a_node {
                let store = &stores[usize::try_from(thread % nodes).unwrap()];
                let changes = &changes;
                writers.spawn(move || {
                    changes.fetch_add(write_much(store, (u64::from(thread) + 1, writes), shared), Ordering::SeqCst)
                });
            }
        });
        drop(end);
        assert!(moves.join().unwrap() > 1, "the directory followed while others wrote");
        assert_eq!(usize::try_from(seen.join().unwrap()).unwrap(), changes.load(Ordering::SeqCst));
    });

    assert_eq!(assert_log_recomputes(&stores[0]), changes.load(Ordering::SeqCst));
    let (followed, fresh) = (tailing.pin(now()), directory(&stores[0]));
    assert_eq!(told(&tailing, &followed), told(&fresh, &fresh.pin(now())));
}

#[on_every_database]
fn thirty_two_writers_and_a_tailer_that_never_sees_a_gap(database: Database) {
    // Several nodes on PostgreSQL; an SQLite file has one writer at a time, here in two processes' worth of stores.
    if database.file().is_some() {
        writers_and_followers(&database, 2, 8, 20);
    } else {
        writers_and_followers(&database, 4, 8, 25);
    }
}

#[on_every_database]
fn recorded_times_rise_while_the_clock_jumps_under_the_writers(database: Database) {
    let clock = Arc::new(SetClock::at(now()));
    let options = StoreOptions { create: true, migrate: true, ..StoreOptions::default() };
    let store = Store::open(&database.url, &options, Arc::new(Sealer::dated_by(clock.clone()))).unwrap();
    let tailing = directory(&store);
    let day = |number: u32| UtcTime::from_micros(now().micros() + (i64::from(number % 9) - 4) * 86_400_000_000).unwrap();
    let done = AtomicBool::new(false);

    std::thread::scope(|scope| {
        let end = SetAtEnd(&done);
        let seen = scope.spawn(|| follow_log(&store, &done));
        scope.spawn(|| {
            let mut rng = Random::seeded(5).fork();
            while !done.load(Ordering::SeqCst) {
                clock.set(day(rng.next_u32()));
                tailing.catch_up().unwrap();
                let today = day(rng.next_u32());
                assert_eq!(tailing.pin(today).day(), today.date(), "records stand for the day that is asked");
            }
        });
        std::thread::scope(|writers| {
            for seed in 1..5u64 {
                let (store, day) = (&store, &day);
                writers.spawn(move || {
                    let mut rng = Random::seeded(seed).fork();
                    for write in 0..25 {
                        // The writer's own idea of the time jumps too.
                        let began = day(rng.next_u32());
                        let name = format!("{seed} {write}");
                        store.write(began, &mut rng, |transaction| add_group(transaction, &name)).unwrap();
                    }
                });
            }
        });
        drop(end);
        assert_eq!(seen.join().unwrap(), 100);
    });

    assert_eq!(assert_log_recomputes(&store), 100);
}
