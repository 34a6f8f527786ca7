//! While a SQLite database is open, the store copies its log into the database file without being asked.

use std::path::Path;
use std::time::Duration;

use rusqlite::OpenFlags;
use vasp_clock::Random;
use vasp_store::{Store, StoreError};

use crate::support::{Database, add_group, now, open_store};

/// Looks at the file alone, without the log beside it.
fn vasps_in_file(path: &Path) -> Option<i64> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let conn = rusqlite::Connection::open_with_flags(format!("file:{}?immutable=1", path.display()), flags).ok()?;
    conn.query_row("SELECT count(*) FROM vasps", [], |row| row.get(0)).ok()
}

fn write(store: &Store, name: u64) {
    let mut rng = Random::seeded(name).fork();
    store
        .write::<_, StoreError>(now(), &mut rng, |transaction| add_group(transaction, &format!("Group {name}")).map(drop))
        .unwrap();
}

/// Moves all of the log into the file, as another process.
fn move_all(file: &Path) {
    let conn = rusqlite::Connection::open(file).unwrap();
    let busy: i64 = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).unwrap();
    assert_eq!(busy, 0);
}

#[test]
fn what_is_written_reaches_the_file_while_the_database_is_open() {
    let database = Database::sqlite();
    let store = open_store(&database, 2);
    let file = database.file().unwrap().to_owned();

    for written in 1..=2 {
        write(&store, written);

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

/// The chaos test met this: a reader had kept the thread from moving everything, somebody else did it, and the older copy that was then written over
/// the file had all commits that the thread knew to be there.
#[test]
fn an_older_copy_is_told_after_somebody_else_moved_the_log() {
    let database = Database::sqlite();
    let store = open_store(&database, 2);
    let file = database.file().unwrap().to_owned();
    write(&store, 1);
    move_all(&file);
    let older = std::fs::read(&file).unwrap();
    write(&store, 2);
    let reader = rusqlite::Connection::open(&file).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM vasps").unwrap();
    write(&store, 3);
    // The thread looks once a second.
    std::thread::sleep(Duration::from_millis(2_500));
    assert_eq!(store.damage(), None);

    drop(reader);
    move_all(&file);
    std::fs::write(&file, older).unwrap();
    write(&store, 4);
    assert_older_copy_is_told(&store);
}

/// The chaos test met this with 1 of some 15 older copies: the thread looked while the copy was being written, and took over how many commits it had.
#[test]
fn an_older_copy_is_told_although_the_thread_looked_before_it_was_whole() {
    let database = Database::sqlite();
    let store = open_store(&database, 2);
    let file = database.file().unwrap().to_owned();
    write(&store, 1);
    move_all(&file);
    let older = std::fs::read(&file).unwrap();
    write(&store, 2);
    std::thread::sleep(Duration::from_millis(2_500));
    move_all(&file);

    // A page of the schema, which only a new connection reads.
    let pages = "SELECT max(pageno) FROM dbstat WHERE name = 'sqlite_schema' AND pagetype = 'leaf'";
    let page: u32 = rusqlite::Connection::open(&file).unwrap().query_row(pages, [], |row| row.get(0)).unwrap();
    let (mut partly, page) = (older.clone(), usize::try_from(page).unwrap());
    partly[(page - 1) * 4_096..page * 4_096].fill(0);
    std::fs::write(&file, partly).unwrap();
    std::thread::sleep(Duration::from_millis(2_500));
    std::fs::write(&file, older).unwrap();
    write(&store, 3);
    assert_older_copy_is_told(&store);
}

#[track_caller]
fn assert_older_copy_is_told(store: &Store) {
    let told = (0..100).find_map(|_| {
        std::thread::sleep(Duration::from_millis(100));
        store.damage()
    });
    assert!(told.as_deref().is_some_and(|told| told.contains("an older copy was written over the file")), "{told:?}");
}
