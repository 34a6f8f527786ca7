//! Tells whether anybody has written to a SQLite file since the last look, without reading a row of it.
//!
//! Source: SQLite, "PRAGMA data_version".

use super::Store;

/// A connection that notices commits of all others, of this process and of others.
#[derive(Debug)]
pub struct FileWatch {
    conn: rusqlite::Connection,
    seen: i64,
}

impl FileWatch {
    /// Returns whether something may have been committed since the last call.
    pub fn may_have_changed(&mut self) -> bool {
        let version = self.conn.query_row("PRAGMA data_version", [], |row| row.get(0));
        match version {
            Ok(version) => std::mem::replace(&mut self.seen, version) != version,
            Err(_) => true,
        }
    }
}

impl Store {
    /// Begins to watch the SQLite file; `None` on PostgreSQL, or if the file cannot be opened now.
    #[must_use]
    pub fn watch_file(&self) -> Option<FileWatch> {
        Some(FileWatch { conn: self.target.open_rows()?.ok()?, seen: -1 })
    }
}
