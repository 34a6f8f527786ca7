//! Moves the pages of SQLite's log into its file, once a second, so that no commit has to. A commit that does it moves a thousand pages and
//! waits for two more disk flushes: of 50 writes a second, more than one in a hundred took 5 ms instead of 1 ms. The moves wait for nobody
//! and nobody waits for them.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Integer;

use super::backend::Target;
use super::{Conn, StoreError};

/// Time between two moves.
const EVERY: Duration = Duration::from_secs(1);

/// Pages of 4 KiB in the log from which on a commit moves them itself, because the moves do not keep up: 32 MiB.
pub(super) const LOG_PAGES_MAX: u32 = 8_000;

/// The thread that moves. Dropping it ends the thread and closes its connection.
#[derive(Debug)]
pub(super) struct LogMover {
    ends: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Integer)]
    data_version: i32,
}

impl LogMover {
    /// Starts the thread; `None` on PostgreSQL, and where nothing is written.
    ///
    /// # Errors
    /// `StoreError::Connect`; `StoreError::Files` if no thread can be started.
    pub(super) fn start(target: &Target) -> Result<Option<Self>, StoreError> {
        if target.is_read_only() || !target.is_sqlite() {
            return Ok(None);
        }
        let mut conn = target.establish()?;
        let (ends, ended) = channel();
        let work = move || {
            let mut moved = None;
            while ended.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                moved = move_pages(&mut conn, moved);
            }
        };
        let thread = std::thread::Builder::new().name("log-mover".to_owned()).spawn(work);
        Ok(Some(Self { ends: Some(ends), thread: Some(thread.map_err(StoreError::Files)?) }))
    }
}

impl Drop for LogMover {
    fn drop(&mut self) {
        drop(self.ends.take());
        // A thread that panicked has closed its connection as well.
        drop(self.thread.take().map(JoinHandle::join));
    }
}

/// Moves the pages if somebody committed since the last move. Returns the state that was moved, or that of before if the move failed: then
/// the next look tries again, and a full or failing disk shows at the next commit.
///
/// Source: SQLite, "PRAGMA data_version" and "PRAGMA wal_checkpoint".
fn move_pages(conn: &mut Conn, moved: Option<i32>) -> Option<i32> {
    let Conn::Sqlite(conn) = conn else { return moved };
    let version = diesel::sql_query("PRAGMA data_version").get_result::<Version>(conn).ok()?.data_version;
    if moved == Some(version) {
        return moved;
    }
    conn.batch_execute("PRAGMA wal_checkpoint(PASSIVE)").ok().map(|()| version).or(moved)
}
