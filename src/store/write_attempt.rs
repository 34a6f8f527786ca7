//! Finds out whether anything can be written now, without waiting for a client's write, and how much space the database uses. It has its
//! own connection, so it waits for no pool.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::edge::*;
use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Bool};

use super::backend::Purpose;
use super::paths::with_suffix;
use super::{Conn, Store, StoreError};

/// Number of bytes to write as a test for free space: some pages of SQLite's log.
const ATTEMPT_BYTES: usize = 32 << 10;

/// A table that takes some pages of the server's disk until the rollback. Its content cannot be compressed.
const GROWTH: &str = "CREATE TABLE whether_there_is_room AS \
     SELECT string_agg(sha256(n::text::bytea), '') AS bytes FROM generate_series(1, 2048) n;";

/// When SQLite's log was last written, and how long it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastWritten {
    at: (i64, i64),
    bytes: u64,
    inode: u64,
}

#[derive(QueryableByName)]
struct Recovery {
    #[diesel(sql_type = Bool)]
    is_standby: bool,
}

#[derive(QueryableByName)]
struct Size {
    #[diesel(sql_type = BigInt)]
    bytes: i64,
}

impl Store {
    /// Tries the smallest write that leaves nothing behind. The disk of a PostgreSQL server cannot be seen from here. It is tried only if
    /// `grows` is set, because that costs the server some work.
    ///
    /// # Errors
    /// `StoreError::Exchanged`, `ReadOnly`, `Standby`, `DiskFull`, `Disk`. `StoreError::Busy` while another writer
    /// holds the file. `StoreError::Connect` if the database is not reachable.
    pub fn attempt_write(&self, grows: bool) -> Result<(), StoreError> {
        if let Some(path) = self.target.sqlite_path() {
            // Opening would create a new file.
            self.assert_own_file()?;
            // SQLite writes to its disk only when it commits, so test for free space with a file beside it.
            let _under_way = self.commits.begin();
            write_beside(path)?;
        }
        let conn = if self.is_sqlite() { self.target.establish_for(Purpose::Asking) } else { self.target.connect() };
        match conn.inspect_err(|_| self.note_met())? {
            Conn::Sqlite(mut conn) => self.target.try_to_write(&mut conn).inspect_err(|_| self.note_met()),
            Conn::Postgres(mut conn) => {
                // A standby and a read-only setting refuse this UPDATE although it changes no row.
                let mut attempt = |growth: &str| {
                    let sql = format!("BEGIN; UPDATE counters SET value = value WHERE false; {growth} ROLLBACK");
                    conn.batch_execute(&sql)
                        .map_err(StoreError::on("counters"))
                        .inspect_err(|_| drop(conn.batch_execute("ROLLBACK")))
                };
                let tried = match attempt(if grows { GROWTH } else { "" }) {
                    // For example, a missing right to create tables, which says nothing about the disk.
                    Err(error) if grows && error.refusal().is_none() => attempt(""),
                    tried => tried,
                };
                tried.map_err(|error| if is_standby(&error, &mut conn) { StoreError::Standby } else { error })
            }
        }
    }

    /// Returns the size of the database in bytes: that of SQLite's files, or the one that PostgreSQL reports.
    ///
    /// # Errors
    /// `StoreError::Connect`, `StoreError::Query`; `StoreError::Files` if a file's size cannot be read.
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

    /// Returns the time of the database's clock, in microseconds since 1970; `None` on SQLite, which has no clock.
    pub fn database_micros(&self) -> Result<Option<i64>, StoreError> {
        if self.is_sqlite() {
            return Ok(None);
        }
        let now = diesel::sql_query("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint) AS bytes");
        let now = now.get_result::<Size>(&mut self.target.connect()?).map_err(StoreError::on("clock_timestamp"))?;
        Ok(Some(now.bytes))
    }

    /// Returns when SQLite's log was last written, by whichever process, and how long it is. `None` on PostgreSQL and without a log. Two writes
    /// within one tick of the system's clock (some milliseconds) may look like one.
    #[must_use]
    pub fn last_written(&self) -> Option<LastWritten> {
        let log = with_suffix(self.target.sqlite_path()?, "-wal").metadata().ok()?;
        Some(LastWritten { at: (log.mtime(), log.mtime_nsec()), bytes: log.len(), inode: log.ino() })
    }

    /// Returns the file of the embedded database; `None` on PostgreSQL.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.target.sqlite_path()
    }
}

/// Source: PostgreSQL 15 manual, table 9.92, `pg_is_in_recovery`.
fn is_standby(error: &StoreError, conn: &mut diesel::PgConnection) -> bool {
    let StoreError::ReadOnly(_) = error else { return false };
    let asked = diesel::sql_query("SELECT pg_is_in_recovery() AS is_standby").get_result::<Recovery>(conn);
    asked.is_ok_and(|found| found.is_standby)
}

fn write_beside(database: &Path) -> Result<(), StoreError> {
    // One name for all processes: the next process removes what a killed one left.
    let attempt = with_suffix(database, "-write-attempt");
    // Flushed, because some disks fail only then.
    let write = |mut file: File| file.write_all(&[0; ATTEMPT_BYTES]).and_then(|()| file.sync_all());
    let written = File::create(&attempt).and_then(write);
    // If the file could not be created, there is nothing to remove.
    drop(std::fs::remove_file(&attempt));
    written.map_err(|error| match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => StoreError::DiskFull(error.into()),
        std::io::ErrorKind::ReadOnlyFilesystem | std::io::ErrorKind::PermissionDenied => StoreError::ReadOnly(error.into()),
        _ => StoreError::Disk(error.into()),
    })
}
