//! How the embedded database's file is opened: to write, or only to read.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::paths::with_suffix;

/// What a process may do with the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Read and write.
    Write,
    /// Read, while others may write.
    Read,
    /// Read a file that has no log and whose folder takes none. Nobody is asked for a lock, so what others write meanwhile is not
    /// noticed.
    ReadStill,
}

impl Access {
    /// Returns how a file can be opened for reading. SQLite needs two files beside a database with a log and makes them if they are
    /// missing, as they are after the last process has closed the database. A process that may not make them can still read the file as
    /// one that does not change.
    ///
    /// Source: SQLite, "Write-Ahead Logging", section 5, "Read-Only Databases".
    pub(super) fn to_read(path: &Path) -> Self {
        let has_log = match std::fs::metadata(with_suffix(path, "-wal")) {
            Ok(log) => log.len() > 0,
            Err(error) => error.kind() != ErrorKind::NotFound,
        };
        let read = || Self::Read.open_rows(path)?.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
        let needs_a_log =
            |error: rusqlite::Error| matches!(error.sqlite_error_code(), Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen));
        if !has_log && read().is_err_and(needs_a_log) { Self::ReadStill } else { Self::Read }
    }

    /// Returns how a file can be opened for a first look that leaves nothing beside it. If it is to have a log and has none, nobody has it
    /// open, so it can be read as one that does not change.
    pub(super) fn to_look(path: &Path) -> Self {
        if is_to_have_a_log(path) && !with_suffix(path, "-wal").exists() { Self::ReadStill } else { Self::Read }
    }

    /// Returns the name or address by which SQLite opens a file.
    ///
    /// Source: SQLite, "Uniform Resource Identifiers", sections 3.1 and 3.3.
    pub(super) fn address(self, path: &Path) -> String {
        // A relative name that looks like an option or an address stays a file name.
        let path = if path.is_relative() { PathBuf::from(".").join(path) } else { path.to_owned() };
        let name = path.display().to_string();
        let escaped = || name.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
        match self {
            // Not as a new file: one that was removed does not come back empty.
            Self::Write => format!("file:{}?mode=rw", escaped()),
            Self::Read => format!("file:{}?mode=ro", escaped()),
            Self::ReadStill => format!("file:{}?mode=ro&immutable=1", escaped()),
        }
    }

    /// Opens a file for reading by rusqlite.
    pub(super) fn open_rows(self, path: &Path) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        match self {
            Self::ReadStill => Connection::open_with_flags(self.address(path), flags | OpenFlags::SQLITE_OPEN_URI),
            // Not by an address: a file may have any name.
            Self::Write | Self::Read => Connection::open_with_flags(path, flags),
        }
    }
}

/// Tells whether the header asks for a write-ahead log.
///
/// Source: SQLite, "Database File Format", section 1.3, offset 18: 2 for a file with a log.
pub(super) fn is_to_have_a_log(path: &Path) -> bool {
    let mut head = [0; 19];
    File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_ok() && head.last() == Some(&2)
}
