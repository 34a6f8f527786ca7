//! SQLite files that are made once in a process and copied by each test: to make the tables takes longer than many a test.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use diesel::connection::SimpleConnection;
use vasp_log::Sealer;
use vasp_store::{Store, StoreOptions};

use super::connect_to_file;

/// Writes a file that only its owner may read.
pub(super) fn write_private(path: &Path, bytes: &[u8]) {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).unwrap().write_all(bytes).unwrap();
}

/// Returns the bytes of a file with the tables and nothing in them.
pub(super) fn file() -> &'static [u8] {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let made = folder.path().join("made.db");
        let options = StoreOptions { create: true, migrate: true, ..StoreOptions::default() };
        let url = format!("sqlite://{}", made.display()).parse().unwrap();
        drop(Store::open(&url, &options, Arc::new(Sealer::default())).unwrap());
        bytes(&made)
    })
}

/// Returns the bytes of a database that nobody uses any more, with what stood in its write-ahead log.
pub(super) fn bytes(database: &Path) -> Vec<u8> {
    connect_to_file(database).batch_execute("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let log = format!("{}-wal", database.display());
    assert!(std::fs::metadata(log).map_or(true, |log| log.len() == 0));
    std::fs::read(database).unwrap()
}
