//! The embedded database: `VACUUM INTO` copies it as it is at one moment while others write, into one file.
//!
//! Source: SQLite, "VACUUM", section 3; "Write-Ahead Logging", section 4 (leaving the mode needs to be alone).

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{Connection, OptionalExtension, QueryableByName, SqliteConnection, sql_query};

use super::files::cannot;
use super::identity::FirstEntry;
use super::{BackupError, Occupied, assert_known, assert_ours};
use crate::StoreError;
use crate::backend::Conn;
use crate::edge::Run;
use crate::migrations::RAN;
use crate::paths::{folder_of, sync_folder_of, with_suffix};

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

fn open(path: &Path) -> Result<SqliteConnection, StoreError> {
    // A name that looks like an option or an address stays a file name.
    let path = if path.is_relative() { Path::new(".").join(path) } else { path.to_owned() };
    let target = path.display().to_string();
    let mut conn = SqliteConnection::establish(&target)
        .map_err(|error| StoreError::Connect { target: format!("sqlite://{target}"), reason: error.to_string() })?;
    conn.batch_execute("PRAGMA busy_timeout = 2000").map_err(StoreError::on("settings"))?;
    Ok(conn)
}

fn words(conn: &mut SqliteConnection, sql: &str) -> Result<Vec<String>, StoreError> {
    let rows: Vec<Word> = sql_query(sql).load(conn).map_err(StoreError::on("settings"))?;
    Ok(rows.into_iter().map(|row| row.word).collect())
}

/// Returns the first entry of a database's log; `None` if there is no database, or nothing in its log.
pub(super) fn first_entry(path: &Path) -> Result<Option<FirstEntry>, StoreError> {
    if !path.exists() {
        return Ok(None);
    }
    let sql = "SELECT recorded_at, lower(hex(payload_commitment)) AS commitment FROM changes WHERE sequence = 1";
    sql_query(sql).get_result(&mut open(path)?).optional().map_err(StoreError::on("changes"))
}

/// Copies a database into an empty file.
pub(super) fn copy(from: &Path, to: &Path) -> Result<(), BackupError> {
    if !from.exists() {
        return Err(StoreError::NoSuchFile { path: from.display().to_string() }.into());
    }
    assert_ours(&mut Conn::Sqlite(open(from)?), &from.display().to_string())?;
    let mut conn = open(from)?;
    let copied = sql_query("VACUUM INTO ?").bind::<Text, _>(to.display().to_string()).execute(&mut conn);
    copied.map(drop).map_err(|error| match StoreError::on("backup")(error) {
        // Only the copy is written.
        StoreError::DiskFull(_) => cannot("write", to)(ErrorKind::StorageFull.into()),
        other => BackupError::Store(other),
    })
}

/// Reads a copy to its end. `named` is its name in messages.
pub(super) fn check(copy: &Path, named: &Path) -> Result<(), BackupError> {
    let damaged = |reason: String| BackupError::Damaged { path: named.to_owned(), reason };
    let mut conn = open(copy)?;
    let read = words(&mut conn, "SELECT integrity_check AS word FROM pragma_integrity_check");
    match read.map_err(|error| damaged(vasp_words::error_chain::error_chain(&error)))? {
        fine if fine == ["ok"] => {}
        faults => return Err(damaged(faults.iter().take(3).cloned().collect::<Vec<_>>().join("; "))),
    }
    // An empty file passes the integrity check.
    let tables =
        words(&mut conn, "SELECT name AS word FROM sqlite_master WHERE name IN ('log_head', '__diesel_schema_migrations')")?;
    if tables.len() != 2 {
        return Err(damaged("it is an SQLite file without a log".to_owned()));
    }
    assert_known(&words(&mut conn, RAN).map_err(|error| damaged(error.to_string()))?)
}

/// Merges the log of a copy that was opened into its one file. Nobody may have the copy open.
pub(super) fn settle(copy: &Path) -> Result<(), BackupError> {
    // A dropped pool may need a moment to close its connections.
    for _ in 0..40 {
        if alone(&mut open(copy)?)? {
            return Ok(());
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    Err(BackupError::InUse(copy.display().to_string()))
}

/// Merges the log into the file and removes the log. This works only if nobody else has the file open; `false` if somebody has.
fn alone(conn: &mut SqliteConnection) -> Result<bool, StoreError> {
    match conn.batch_execute("PRAGMA journal_mode = DELETE").map_err(StoreError::on("settings")) {
        Err(StoreError::Busy { .. }) => Ok(false),
        Err(error) => Err(error),
        Ok(()) => Ok(words(conn, "SELECT journal_mode AS word FROM pragma_journal_mode")? == ["delete"]),
    }
}

/// What SQLite keeps beside a file.
///
/// Source: SQLite, "Temporary Files Used By SQLite", section 2.
const LOGS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Refuses a place that holds a database, or, if that may be put aside, one that another process uses.
pub(super) fn assert_free(to: &Path, occupied: Occupied) -> Result<(), BackupError> {
    let named = || format!("sqlite://{}", to.display());
    if !to.try_exists().map_err(cannot("look for", to))? {
        // SQLite would read an old log here as the log of the restored file, and damage it.
        let left = LOGS.iter().map(|end| with_suffix(to, end)).find(|left| left.exists());
        return match (left, occupied) {
            (Some(left), Occupied::Refuse) => Err(BackupError::NotEmpty(left.display().to_string())),
            _ => Ok(()),
        };
    }
    match occupied {
        Occupied::Refuse => Err(BackupError::NotEmpty(named())),
        Occupied::PutAside => match open(to).and_then(|mut conn| alone(&mut conn)) {
            Ok(false) => Err(BackupError::InUse(named())),
            // A database that cannot be opened may be the reason to replace it.
            Ok(true) | Err(_) => Ok(()),
        },
    }
}

/// Renames the existing database, and returns its new path; `None` if there was none.
pub(super) fn put_aside(to: &Path) -> Result<Option<PathBuf>, BackupError> {
    let is_there = to.try_exists().map_err(cannot("look for", to))?;
    if !is_there && !LOGS.iter().any(|end| with_suffix(to, end).exists()) {
        return Ok(None);
    }
    assert_free(to, Occupied::PutAside)?;
    let taken = (0u32..).map(|number| with_suffix(to, &format!(".replaced-{number}"))).find(|path| !path.exists());
    let Some(aside) = taken else { return Err(BackupError::NotEmpty(to.display().to_string())) };
    if is_there {
        std::fs::rename(to, &aside).map_err(cannot("put aside", to))?;
    }
    for suffix in LOGS.into_iter().chain(["-damaged"]) {
        // A database that could not be opened still has its log, which must keep the same name as the file.
        drop(std::fs::rename(with_suffix(to, suffix), with_suffix(&aside, suffix)));
    }
    sync_folder_of(&aside).map_err(cannot("write", folder_of(&aside)))?;
    Ok(Some(aside))
}
