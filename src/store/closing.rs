//! Counts the open connections, so that a process that drops a store can wait until the last one is closed. At that moment SQLite writes
//! its log back into the one file and removes the log. A pool closes its connections in its own threads. If two of them close at the same
//! moment, each sees the other still open, and the log stays; one more connection, closed alone, then takes it back.

use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::Conn;
use super::backend::Target;
use super::paths::with_suffix;

/// How many times a store checks, one millisecond apart, whether its connections are closed. After that, another thread holds the
/// connection, and the system closes it. A process that ends looks as often whether its stores are closed.
const LOOKS: u32 = 2_000;

/// The number of open stores of this process that have files.
static STORES: AtomicUsize = AtomicUsize::new(0);

/// Waits until the stores of this process are closed, for two seconds at most, and returns whether they are. The last owner of a store may
/// be another thread. The end of a process would cut it short before SQLite's log is back in the file; and while it has a file open, nobody
/// may put another in its place.
pub fn wait_until_closed() -> bool {
    wait(|| STORES.load(Ordering::SeqCst) == 0)
}

fn wait(is_over: impl Fn() -> bool) -> bool {
    for _ in 0..LOOKS {
        if is_over() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    false
}

/// The number of open connections.
#[derive(Clone, Debug, Default)]
pub(super) struct Open(Arc<AtomicUsize>);

/// One counted connection, until it is dropped.
#[derive(Debug)]
pub(super) struct Counted(Arc<AtomicUsize>);

/// A connection of a pool. It is counted until after it is closed.
pub(super) struct Pooled {
    pub(super) conn: Conn,
    pub(super) _counted: Counted,
}

/// Waits, when it is dropped, until no connection to this SQLite file is open and its log is back in the file.
#[derive(Debug)]
pub(super) struct Closing(Target);

impl Open {
    pub(super) fn one_more(&self) -> Counted {
        self.0.fetch_add(1, Ordering::SeqCst);
        Counted(Arc::clone(&self.0))
    }

    fn none(&self) -> bool {
        self.0.load(Ordering::SeqCst) == 0
    }
}

impl Closing {
    pub(super) fn of(target: Target) -> Self {
        STORES.fetch_add(1, Ordering::SeqCst);
        Self(target)
    }

    /// Whether a file that may be written has its log beside it.
    fn leaves_a_log(&self) -> bool {
        let log_of = |path: &Path| path.exists() && with_suffix(path, "-wal").exists();
        !self.0.is_read_only() && self.0.sqlite_path().is_some_and(log_of)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        wait(|| self.0.open.none());
        if self.leaves_a_log() {
            // If this fails, the log stays beside the file. The next process that opens the file reads the log, so nothing is lost.
            drop(self.0.establish());
        }
        STORES.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Deref for Pooled {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl DerefMut for Pooled {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::config::DbConfig;

    use super::*;
    use crate::{DatabaseUrl, StoreOptions};

    /// Source: SQLite, "Write-Ahead Logging", section 2.2: the last connection's close takes the log back.
    #[test]
    fn a_log_that_the_last_close_left_is_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("registry.db");
        let writer = rusqlite::Connection::open(&path).unwrap();
        writer.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
        writer.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE kept (answer INTEGER)").unwrap();
        writer.close().unwrap();
        let log = folder.path().join("registry.db-wal");
        assert!(log.exists(), "as two connections leave it that close at once");

        drop(Closing::of(Target::new(&DatabaseUrl::Sqlite(path.clone()), &StoreOptions::default()).unwrap()));

        assert!(!log.exists());
        let tables = "SELECT count(*) FROM sqlite_schema WHERE name = 'kept'";
        let kept: i64 = rusqlite::Connection::open(path).unwrap().query_row(tables, [], |row| row.get(0)).unwrap();
        assert_eq!(kept, 1);
    }
}
