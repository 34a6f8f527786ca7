//! While a SQLite database is open, the store copies its log into the database file without being asked.

use std::time::Duration;

use rusqlite::OpenFlags;
use vasp_clock::Random;
use vasp_store::StoreError;

use crate::support::{Database, add_group, now, open_store};

/// Looks at the file alone, without the log beside it.
fn vasps_in_file(path: &std::path::Path) -> Option<i64> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let conn = rusqlite::Connection::open_with_flags(format!("file:{}?immutable=1", path.display()), flags).ok()?;
    conn.query_row("SELECT count(*) FROM vasps", [], |row| row.get(0)).ok()
}

#[test]
fn what_is_written_reaches_the_file_while_the_database_is_open() {
    let database = Database::sqlite();
    let store = open_store(&database, 2);
    let file = database.file().unwrap().to_owned();

    for written in 1..=2 {
        let mut rng = Random::seeded(written).fork();
        store
            .write::<_, StoreError>(now(), &mut rng, |transaction| add_group(transaction, &format!("Group {written}")).map(drop))
            .unwrap();

        let looks = 0..300;
        let found = looks.map(|_| {
            std::thread::sleep(Duration::from_millis(100));
            vasps_in_file(&file)
        });
        assert_eq!(found.flatten().find(|count| *count == i64::try_from(written).unwrap()), i64::try_from(written).ok());
    }
    drop(store);

    let log = std::path::PathBuf::from(format!("{}-wal", file.display()));
    assert!(!log.exists(), "the last connection removes the log");
}

/// Source: issue 47, chaos of 29 November 2026: a reader had kept the thread from moving everything, somebody else did it, and the older copy
/// that was then written over the file had all commits that the thread knew to be there.
#[test]
fn an_older_copy_is_told_after_somebody_else_moved_the_log() {
    let database = Database::sqlite();
    let store = open_store(&database, 2);
    let file = database.file().unwrap().to_owned();
    let write = |name: u64| {
        let mut rng = Random::seeded(name).fork();
        store
            .write::<_, StoreError>(now(), &mut rng, |transaction| add_group(transaction, &format!("Group {name}")).map(drop))
            .unwrap();
    };
    let other = || rusqlite::Connection::open(&file).unwrap();
    let move_all = || {
        let busy: i64 = other().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).unwrap();
        assert_eq!(busy, 0);
    };
    write(1);
    move_all();
    let older = std::fs::read(&file).unwrap();
    write(2);
    let reader = other();
    reader.execute_batch("BEGIN; SELECT count(*) FROM vasps").unwrap();
    write(3);
    // The thread looks once a second.
    std::thread::sleep(Duration::from_millis(2_500));
    assert_eq!(store.damage(), None);

    drop(reader);
    move_all();
    std::fs::write(&file, older).unwrap();
    write(4);

    let told = (0..100).find_map(|_| {
        std::thread::sleep(Duration::from_millis(100));
        store.damage()
    });
    assert!(told.as_deref().is_some_and(|told| told.contains("an older copy was written over the file")), "{told:?}");
}
