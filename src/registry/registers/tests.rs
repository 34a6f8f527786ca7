//! Imports small snapshots into a real store and checks what the directory then says.

use super::*;
use crate::config::DatabaseUrl;
use crate::directory::{ClaimIndexOptions, Directory};
use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;
use std::sync::Arc;
use vasp_log::Sealer;
use vasp_pki::{ClaimIdKey, DataKey};
use vasp_record::licence::{LicenceStatus, PublishedStanding};
use vasp_record::register::{Extent, RegisterEntity, RegisterLicence, RegisterService, RowReport};
use vasp_record::vasp::Vasp;
use vasp_store::StoreOptions;
use vasp_words::name::NameKey;

const LEI: &str = "5299005V5GBSN2A4C303";
const NOW: &str = "2026-11-20T10:00:00Z";

struct World {
    _folder: tempfile::TempDir,
    store: Store,
    rng: ChaCha8Rng,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("registry.db"));
        let options = StoreOptions { create: true, migrate: true, ..StoreOptions::default() };
        let store = Store::open(&url, &options, Arc::new(Sealer::default())).unwrap();
        Self { _folder: folder, store, rng: ChaCha8Rng::seed_from_u64(1) }
    }

    fn read(&mut self, snapshot: &RegisterSnapshot) -> Result<ImportReport, ImportError> {
        let options = RegisterOptions { mode: WriteMode::Keep, accept_shrink: true, not_before: None };
        let bytes = serde_json::to_vec(snapshot).unwrap();
        import_register(&self.store, snapshot, &bytes, options, NOW.parse().unwrap(), &mut self.rng)
    }

    fn directory(&mut self) -> Directory {
        let key = ClaimIdKey::new(&DataKey::generate(&mut self.rng));
        Directory::open(self.store.clone(), key, ClaimIndexOptions::default(), NOW.parse().unwrap()).unwrap()
    }

    fn record(&mut self, as_of: i64, valid_on: &str) -> Option<Arc<Vasp>> {
        let generation = self.directory().at(as_of, valid_on.parse().unwrap()).unwrap();
        generation.records().with_lei(LEI.parse().unwrap()).next().cloned()
    }
}

fn entity(name: &str) -> RegisterEntity {
    RegisterEntity {
        lei: Some(LEI.parse().unwrap()),
        authority: "AT-FMA".into(),
        name_key: NameKey::of(name).unwrap(),
        flags: [].into(),
        legal_name: name.into(),
        commercial_names: vec!["Bybit".into()],
        country: Some("AT".parse().unwrap()),
        registered_address: None,
        website: Some("https://www.bybit.eu".into()),
        domains: ["bybit.eu".to_owned()].into(),
        licences: vec![RegisterLicence {
            authority: "AT-FMA".into(),
            regime: "MiCA".into(),
            number: None,
            services: [RegisterService {
                activity: "custody".parse().unwrap(),
                valid_from: Some("2025-05-28".parse().unwrap()),
                valid_to: None,
            }]
            .into(),
            territories: ["AT".parse().unwrap()].into(),
            valid_from: Some("2025-05-28".parse().unwrap()),
            valid_to: None,
            last_update: None,
            standing: PublishedStanding::Granted,
        }],
        entry_number: None,
        lines: vec![2],
    }
}

fn snapshot(day: &str, entities: Vec<RegisterEntity>) -> RegisterSnapshot {
    let rows = RowReport { read: u64::try_from(entities.len()).unwrap(), ..RowReport::default() };
    RegisterSnapshot {
        register: "test-register".into(),
        observed_on: day.parse().unwrap(),
        extent: Extent::Whole,
        source: format!("{day}.csv"),
        entities,
        held: vec![],
        rows,
    }
}

#[test]
fn the_same_file_twice_changes_nothing_and_a_confirming_one_is_one_change() {
    let mut world = World::new();
    let first = world.read(&snapshot("2026-01-01", vec![entity("Bybit EU GmbH")])).unwrap();

    let again = world.read(&snapshot("2026-01-01", vec![entity("Bybit EU GmbH")])).unwrap();
    let confirming = world.read(&snapshot("2026-02-01", vec![entity("Bybit EU GmbH")])).unwrap();

    assert_eq!((first.new, first.taken, first.log_changes, first.sequence), (1, 1, 2, 2));
    assert_eq!((again.unchanged, again.log_changes, again.sequence), (1, 0, 2));
    assert_eq!((confirming.unchanged, confirming.log_changes, confirming.sequence), (1, 1, 3));
    let licence = world.record(3, "2026-11-20").unwrap().licences[0].clone();
    assert_eq!(licence.first_seen.unwrap().to_string(), "2026-01-01");
    assert_eq!(licence.last_seen.unwrap().to_string(), "2026-02-01");
    assert_eq!(world.record(2, "2026-11-20").unwrap().licences[0].last_seen.unwrap().to_string(), "2026-01-01");
}

#[test]
fn a_missing_entity_is_not_listed_from_that_day_and_never_ended() {
    let mut world = World::new();
    world.read(&snapshot("2026-01-01", vec![entity("Bybit EU GmbH")])).unwrap();
    let report = world.read(&snapshot("2026-02-01", vec![])).unwrap();

    assert_eq!(report.vanished, 1);
    let status = |record: &Vasp, day: &str| record.licences[0].status_on(day.parse().unwrap());
    assert_eq!(status(&world.record(4, "2026-01-31").unwrap(), "2026-01-31"), LicenceStatus::InForce);
    assert_eq!(status(&world.record(4, "2026-02-01").unwrap(), "2026-02-01"), LicenceStatus::NotListed);
    assert_eq!(status(&world.record(2, "2026-02-01").unwrap(), "2026-02-01"), LicenceStatus::InForce);
}

/// A register suspends or withdraws a licence from the day of the snapshot that says so, until a snapshot no longer says so.
#[test]
fn a_withdrawal_and_a_suspension_count_as_long_as_the_register_says_so() {
    let mut world = World::new();
    let said = |standing| {
        let mut said = entity("Bybit EU GmbH");
        said.licences[0].standing = standing;
        vec![said]
    };
    world.read(&snapshot("2026-01-01", said(PublishedStanding::Granted))).unwrap();
    world.read(&snapshot("2026-02-01", said(PublishedStanding::Suspended))).unwrap();
    world.read(&snapshot("2026-03-01", said(PublishedStanding::Granted))).unwrap();
    let last = world.read(&snapshot("2026-04-01", said(PublishedStanding::Withdrawn))).unwrap().sequence;

    let mut status = |day: &str| world.record(last, day).unwrap().licences[0].status_on(day.parse().unwrap());

    assert_eq!(status("2026-01-31"), LicenceStatus::InForce);
    assert_eq!(status("2026-02-01"), LicenceStatus::Suspended);
    assert_eq!(status("2026-03-01"), LicenceStatus::InForce);
    assert_eq!(status("2026-04-01"), LicenceStatus::Withdrawn);
}

/// A withdrawal that became known in February and is valid from January has different answers in all four combinations.
#[test]
fn a_published_end_counts_from_its_own_day_once_it_is_known() {
    let mut world = World::new();
    world.read(&snapshot("2025-12-15", vec![entity("Bybit EU GmbH")])).unwrap();
    let mut ended = entity("Bybit EU GmbH");
    ended.licences[0].valid_to = Some("2026-01-10".parse().unwrap());
    world.read(&snapshot("2026-02-01", vec![ended])).unwrap();

    let mut status = |as_of: i64, day: &str| {
        let record = world.record(as_of, day).unwrap();
        record.licences[0].status_on(day.parse().unwrap())
    };

    assert_eq!(status(2, "2026-01-05"), LicenceStatus::InForce);
    assert_eq!(status(2, "2026-01-15"), LicenceStatus::InForce);
    assert_eq!(status(4, "2026-01-05"), LicenceStatus::InForce);
    assert_eq!(status(4, "2026-01-15"), LicenceStatus::Ended);
}

#[test]
fn an_older_snapshot_read_later_fills_history_and_undoes_nothing() {
    let mut world = World::new();
    world.read(&snapshot("2026-02-01", vec![entity("New Name GmbH")])).unwrap();
    world.read(&snapshot("2026-01-01", vec![entity("Old Name GmbH")])).unwrap();

    assert_eq!(world.record(4, "2026-01-15").unwrap().legal_name, "Old Name GmbH");
    assert_eq!(world.record(4, "2026-02-15").unwrap().legal_name, "New Name GmbH");
    assert_eq!(world.record(2, "2026-01-15").unwrap().legal_name, "New Name GmbH");
}

#[test]
fn an_entity_without_an_lei_is_joined_when_one_appears() {
    let mut world = World::new();
    let mut nameless = entity("Bybit EU GmbH");
    nameless.lei = None;
    world.read(&snapshot("2026-01-01", vec![nameless])).unwrap();
    let report = world.read(&snapshot("2026-02-01", vec![entity("Bybit EU GmbH")])).unwrap();

    assert_eq!((report.new, report.changed), (0, 1));
    assert_eq!(world.record(4, "2026-11-20").unwrap().licences.len(), 1);
}

#[test]
fn a_snapshot_that_drops_too_many_is_refused_and_writes_nothing() {
    let mut world = World::new();
    world.read(&snapshot("2026-01-01", vec![entity("Bybit EU GmbH")])).unwrap();
    let options = RegisterOptions { mode: WriteMode::Keep, accept_shrink: false, not_before: None };

    let refused = import_register(
        &world.store,
        &snapshot("2026-02-01", vec![RegisterEntity { lei: None, ..entity("Another Ltd") }]),
        b"x",
        options,
        NOW.parse().unwrap(),
        &mut world.rng,
    );

    assert!(matches!(refused, Err(ImportError::Shrink { missing: 1, listed: 1, .. })));
    assert_eq!(world.store.read::<_, StoreError>(|c| Ok(c.log_head()?.sequence)).unwrap(), 2);
}

/// The only earlier reading may be of the same day.
#[test]
fn a_second_file_of_the_same_day_that_drops_too_many_is_refused() {
    let mut world = World::new();
    world.read(&snapshot("2026-01-01", vec![entity("Bybit EU GmbH")])).unwrap();
    let options = RegisterOptions { mode: WriteMode::Keep, accept_shrink: false, not_before: None };

    let refused = import_register(
        &world.store,
        &snapshot("2026-01-01", vec![RegisterEntity { lei: None, ..entity("Another Ltd") }]),
        b"x",
        options,
        NOW.parse().unwrap(),
        &mut world.rng,
    );

    assert!(matches!(refused, Err(ImportError::Shrink { missing: 1, listed: 1, .. })), "{refused:?}");
    assert!(world.read(&snapshot("2026-01-01", vec![])).is_ok(), "it is accepted on request");
}

#[test]
fn a_snapshot_of_a_later_day_is_refused_even_where_shrinking_is_accepted() {
    let mut world = World::new();

    assert!(world.read(&snapshot("2026-11-28", vec![entity("Bybit EU GmbH")])).is_ok());
    let refused = world.read(&snapshot("2026-11-29", vec![entity("Bybit EU GmbH")]));

    assert!(matches!(refused, Err(ImportError::Document { .. })), "{refused:?}");
}

#[test]
fn a_rehearsal_reports_and_keeps_nothing() {
    let mut world = World::new();
    let options = RegisterOptions { mode: WriteMode::Rehearse, accept_shrink: false, not_before: None };
    let first = snapshot("2026-01-01", vec![entity("Bybit EU GmbH")]);

    let report = import_register(&world.store, &first, b"x", options, NOW.parse().unwrap(), &mut world.rng).unwrap();

    assert!(report.dry_run && report.new == 1);
    assert_eq!(world.store.read::<_, StoreError>(|c| Ok(c.log_head()?.sequence)).unwrap(), 0);
    assert!(world.record(0, "2026-11-20").is_none());
}

#[test]
fn a_running_directory_sees_what_was_imported_after_it_was_opened() {
    let mut world = World::new();
    let now = NOW.parse().unwrap();
    let directory = world.directory();
    assert_eq!(directory.pin(now).sequence(), 0);

    world.read(&snapshot("2026-01-01", vec![entity("Bybit EU GmbH")])).unwrap();
    let reached = directory.catch_up().unwrap();

    let generation = directory.pin(now);
    assert_eq!((reached, generation.sequence()), (2, 2));
    let found = generation.records().with_lei(LEI.parse().unwrap()).next().unwrap();
    assert_eq!(found.legal_name, "Bybit EU GmbH");
    assert_eq!(generation.known(found.id).unwrap().version, 1);
    let read: Vec<_> = generation.registers().map(|(register, one)| (register, one.day.to_string(), &*one.source)).collect();
    assert_eq!(read, [("test-register", "2026-01-01".to_owned(), "2026-01-01.csv")]);
}

fn part(day: &str, entities: Vec<RegisterEntity>) -> RegisterSnapshot {
    RegisterSnapshot { extent: Extent::Part, source: format!("{day} part.csv"), ..snapshot(day, entities) }
}

/// Source: docs/registers.md, "A register that is a page or a PDF": a part ends nothing.
#[test]
fn a_part_of_a_register_ends_nothing_that_it_does_not_name() {
    let mut world = World::new();
    world.read(&snapshot("2026-01-01", vec![entity("Bybit EU GmbH")])).unwrap();
    let other = RegisterEntity { lei: None, ..entity("Another Firm AG") };
    let options = RegisterOptions { mode: WriteMode::Keep, accept_shrink: false, not_before: None };

    let read =
        import_register(&world.store, &part("2026-02-01", vec![other]), b"p", options, NOW.parse().unwrap(), &mut world.rng);

    let report = read.unwrap();
    assert_eq!((report.new, report.vanished), (1, 0));
    let licence = world.record(report.sequence, "2026-02-15").unwrap().licences[0].clone();
    assert_eq!(licence.status_on("2026-02-15".parse().unwrap()), LicenceStatus::InForce);
    assert_eq!((licence.last_seen.unwrap().to_string(), &*licence.source), ("2026-01-01".to_owned(), "2026-01-01.csv"));
}

#[test]
fn a_part_that_names_a_record_has_seen_it_and_the_next_whole_register_decides() {
    let mut world = World::new();
    world.read(&snapshot("2026-01-01", vec![entity("Bybit EU GmbH")])).unwrap();
    let named = world.read(&part("2026-02-01", vec![entity("Bybit Europe GmbH")])).unwrap();
    let gone = world.read(&snapshot("2026-03-01", vec![])).unwrap();

    let february = world.record(named.sequence, "2026-02-15").unwrap();
    assert_eq!(february.legal_name, "Bybit Europe GmbH");
    assert_eq!(february.licences[0].last_seen.unwrap().to_string(), "2026-02-01");
    let mut status = |day: &str| world.record(gone.sequence, day).unwrap().licences[0].status_on(day.parse().unwrap());
    assert_eq!((status("2026-02-15"), status("2026-03-01")), (LicenceStatus::InForce, LicenceStatus::NotListed));
    assert_eq!(gone.vanished, 1);
    let directory = world.directory();
    let generation = directory.pin(NOW.parse().unwrap());
    let (_, newest) = generation.registers().next().unwrap();
    assert_eq!((newest.day.to_string(), newest.extent), ("2026-03-01".to_owned(), Extent::Whole));
}

/// A wrong date in one row must not remove an entity from the register.
#[test]
fn an_entity_whose_row_cannot_be_read_is_not_missing() {
    let mut world = World::new();
    world.read(&snapshot("2026-01-01", vec![entity("Bybit EU GmbH")])).unwrap();
    let mut unread = snapshot("2026-02-01", vec![]);
    unread.rows.unread.add(LEI);
    let report = world.read(&unread).unwrap();

    assert_eq!((report.vanished, report.log_changes), (0, 1));
    let record = world.record(3, "2026-02-02").unwrap();
    assert_eq!(record.licences[0].status_on("2026-02-02".parse().unwrap()), LicenceStatus::InForce);
}

/// A row of an unknown authority is set aside; an entity without an LEI is then known by its name alone.
#[test]
fn an_entity_without_an_lei_whose_row_is_set_aside_is_not_missing() {
    let mut world = World::new();
    world.read(&snapshot("2026-01-01", vec![RegisterEntity { lei: None, ..entity("Nobody's LEI AG") }])).unwrap();
    let mut unread = snapshot("2026-02-01", vec![]);
    ["Somebody's office", " NOBODY'S  LEI ag"].iter().for_each(|cell| unread.rows.unread.add(cell));
    let report = world.read(&unread).unwrap();

    assert_eq!((report.vanished, report.log_changes), (0, 1));
    let mut another = snapshot("2026-03-01", vec![]);
    another.rows.unread.add("Nobody's other LEI AG");
    assert_eq!(world.read(&another).unwrap().vanished, 1, "another name is another firm");
}

#[test]
fn what_stood_in_a_row_that_cannot_be_read_does_not_end() {
    let mut world = World::new();
    let mut both = entity("Bybit EU GmbH");
    let transfer = RegisterService { activity: "transfer".parse().unwrap(), valid_from: None, valid_to: None };
    both.licences[0].services.insert(transfer);
    world.read(&snapshot("2026-01-01", vec![both])).unwrap();
    let mut half = snapshot("2026-02-01", vec![entity("Bybit EU GmbH")]);
    half.rows.unread.add(LEI);
    world.read(&half).unwrap();

    let activities = |record: &Vasp| record.licences[0].activities.len();
    assert_eq!(activities(&world.record(3, "2026-02-02").unwrap()), 2);
    world.read(&snapshot("2026-03-01", vec![entity("Bybit EU GmbH")])).unwrap();
    assert_eq!(activities(&world.record(5, "2026-03-02").unwrap()), 1);
}
