//! Moves the pages of SQLite's log into its file, once a second, so that no commit has to. A commit that does it moves a thousand pages and
//! waits for two more disk flushes: of 50 writes a second, more than one in a hundred took 5 ms instead of 1 ms. The moves wait for nobody
//! and nobody waits for them.

use std::fs::File;
use std::io::Read as _;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use super::edge::*;
use diesel::sql_types::Integer;

use super::backend::Target;
use super::before_writing::OpenedFiles;
use super::paths::with_suffix;
use super::schema::counters;
use super::{Conn, StoreError};

/// Time between two moves.
const EVERY: Duration = Duration::from_secs(1);

/// Pages of 4 KiB in the log from which on a commit moves them itself, because the moves do not keep up: 32 MiB.
pub(super) const LOG_PAGES_MAX: u32 = 8_000;

/// The thread that moves. Dropping it tells the thread to end and to close its connection. The last part of the store that is dropped waits
/// for that, but not for ever: the disk may hang.
#[derive(Debug)]
pub(super) struct LogMover {
    _ends: Sender<()>,
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Integer)]
    data_version: i32,
}

/// How a move went.
#[derive(QueryableByName)]
struct Moved {
    /// 1 if somebody else was moving pages.
    #[diesel(sql_type = Integer)]
    busy: i32,
    /// Pages in the log.
    #[diesel(sql_type = Integer)]
    log: i32,
    /// Pages of the log that are in the file now.
    #[diesel(sql_type = Integer)]
    checkpointed: i32,
}

impl LogMover {
    /// Starts the thread; `None` on PostgreSQL, and where nothing is written.
    ///
    /// # Errors
    /// `StoreError::Connect`; `StoreError::Files` if no thread can be started.
    pub(super) fn start(target: &Target, opened: OpenedFiles) -> Result<Option<Self>, StoreError> {
        if target.is_read_only() || !target.is_sqlite() {
            return Ok(None);
        }
        let mut counted = target.counted()?;
        let ((ends, ended), target) = (channel(), target.clone());
        let work = move || {
            let (mut moved, mut is_failing) = (Moves::default(), false);
            while ended.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                // The log may hold what the damaged file has lost. If the log was removed, another process may write to a new one.
                if target.damage().found().is_some() || opened.assert_same().is_err() {
                    continue;
                }
                match moved.go_on(&target, &mut counted).inspect_err(|_| target.note_met()) {
                    Ok(()) => is_failing = false,
                    // A disk that is full or fails is told elsewhere.
                    Err(error) if is_failing || error.refusal().is_some() => {
                        tracing::debug!(error = %error, "the log still cannot be moved")
                    }
                    Err(error) => {
                        is_failing = true;
                        tracing::warn!(error = %error, "the log cannot be moved into the database file, and grows until it can");
                    }
                }
            }
        };
        std::thread::Builder::new().name("log-mover".to_owned()).spawn(work).map_err(StoreError::Files)?;
        Ok(Some(Self { _ends: ends }))
    }
}

/// What is remembered between two moves.
#[derive(Debug, Default)]
struct Moves {
    /// The state that was moved as a whole; `None` if a reader or another process kept some pages in the log. Then the next look tries again.
    state: Option<i32>,
    /// How many commits the file has at least: since the last whole move, or since the log began anew.
    commits: i64,
    /// At how many looks in a row the file could not be read.
    unread: u32,
    /// The beginning of the log at the last look, and how many commits there were with it.
    seen: (Option<LogHead>, i64),
}

/// What is another one whenever a log begins anew: its number and two random numbers. Source: SQLite, "Database File Format", section 4.1,
/// offsets 12 to 23.
type LogHead = [u8; 12];

/// Reads the beginning of the log; `None` if there is none.
fn log_head(target: &Target) -> Option<LogHead> {
    let mut head = [0; 24];
    File::open(with_suffix(target.sqlite_path()?, "-wal")).and_then(|mut log| log.read_exact(&mut head)).ok()?;
    head.last_chunk().copied()
}

impl Moves {
    /// Moves the pages if somebody committed since the last whole move, unless the file has become older since then: a move would only mix
    /// its pages with those of later commits. Nor does it move them into a file that cannot be read, as one that is being written over.
    ///
    /// Source: SQLite, "PRAGMA data_version".
    fn go_on(&mut self, target: &Target, conn: &mut Conn) -> Result<(), StoreError> {
        let Conn::Sqlite(sqlite) = &mut *conn else { return Ok(()) };
        let version = diesel::sql_query("PRAGMA data_version").get_result::<Version>(sqlite);
        let version = version.map_err(StoreError::on("log"))?.data_version;
        let head = log_head(target);
        if head != self.seen.0 {
            // SQLite overwrites a log only after all its pages are in the file. So the file has every commit of the log before.
            self.commits = self.commits.max(self.seen.1);
        }
        if self.state == Some(version) {
            return Ok(());
        }
        let has_its_commits = target.has_its_commits(self.commits);
        self.unread = if has_its_commits.is_none() { self.unread.saturating_add(1) } else { 0 };
        if self.unread == 2 {
            tracing::warn!("the database file cannot be read, so its log is not moved into it, and grows");
        }
        if has_its_commits != Some(true) {
            return Ok(());
        }
        let commits =
            counters::table.find("commits").select(counters::value).first(sqlite).map_err(StoreError::on("counters"))?;
        if log_head(target) == head {
            self.seen = (head, commits);
        }
        self.state = move_log(conn)?.then_some(version);
        if self.state.is_some() {
            // The connection may have read them from an older copy.
            self.commits = self.commits.max(commits);
        }
        Ok(())
    }
}

/// Moves what nobody reads of the log into the file, and returns whether that was everything.
///
/// Source: SQLite, "PRAGMA wal_checkpoint".
pub(super) fn move_log(conn: &mut Conn) -> Result<bool, StoreError> {
    let Conn::Sqlite(conn) = conn else { return Ok(true) };
    let done = diesel::sql_query("PRAGMA wal_checkpoint(PASSIVE)").get_result::<Moved>(conn);
    let done = done.map_err(StoreError::on("log"))?;
    Ok(done.busy == 0 && done.log == done.checkpointed)
}
