//! Whether anything can be written just now, found out without waiting for a client's write, and how much room the database takes
//! and has. Uses a connection of its own, so that it waits for no pool.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::paths::{folder_of, with_suffix};
use super::{Conn, Store, StoreError};

/// How much is written to find out whether the disk has room: some pages of SQLite's log.
const ATTEMPT_BYTES: usize = 32 << 10;

#[derive(QueryableByName)]
struct Size {
    #[diesel(sql_type = BigInt)]
    bytes: i64,
}

impl Store {
    /// Tries the smallest write that leaves nothing behind.
    ///
    /// # Errors
    /// `StoreError::ReadOnly`, `StoreError::DiskFull`, `StoreError::Disk`, `StoreError::Busy` while another writer has the file;
    /// `StoreError::Connect` where the database is away.
    pub fn attempt_write(&self) -> Result<(), StoreError> {
        if let Some(path) = self.target.sqlite_path() {
            // Opening would begin a new one.
            if !path.exists() {
                return Err(StoreError::NoSuchFile { path: path.display().to_string() });
            }
            // SQLite writes to its disk only when it commits: room is found out beside it.
            write_beside(path)?;
        }
        match self.target.connect()? {
            Conn::Sqlite(mut conn) => self.target.try_to_write(&mut conn),
            // A standby and a read-only setting refuse it although no row changes.
            Conn::Postgres(mut conn) => conn
                .batch_execute("BEGIN; UPDATE counters SET value = value WHERE false; ROLLBACK")
                .map_err(StoreError::on("counters")),
        }
    }

    /// Returns the size of the database, bytes: of SQLite's files, or as PostgreSQL tells.
    ///
    /// # Errors
    /// `StoreError::Connect`, `StoreError::Query`; `StoreError::Files` where a file cannot be looked at.
    pub fn database_bytes(&self) -> Result<i64, StoreError> {
        if let Some(path) = self.target.sqlite_path() {
            let log = with_suffix(path, "-wal").metadata().map_or(0, |file| file.len());
            let bytes = path.metadata().map_err(StoreError::Files)?.len().saturating_add(log);
            return Ok(i64::try_from(bytes).unwrap_or(i64::MAX));
        }
        let mut conn = self.target.connect()?;
        let size = diesel::sql_query("SELECT pg_database_size(current_database()) AS bytes");
        size.get_result::<Size>(&mut conn).map(|size| size.bytes).map_err(StoreError::on("pg_database"))
    }

    /// Returns the file of the embedded database; `None` on PostgreSQL.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.target.sqlite_path()
    }
}

fn write_beside(database: &Path) -> Result<(), StoreError> {
    let attempt = folder_of(database).join(format!(".write-attempt-{}", std::process::id()));
    let written = File::create(&attempt).and_then(|mut file| file.write_all(&[0; ATTEMPT_BYTES]));
    // Where nothing could be made there is nothing to take away.
    drop(std::fs::remove_file(&attempt));
    written.map_err(|error| match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => StoreError::DiskFull(error.into()),
        std::io::ErrorKind::ReadOnlyFilesystem | std::io::ErrorKind::PermissionDenied => StoreError::ReadOnly(error.into()),
        _ => StoreError::Disk(error.into()),
    })
}
