//! Counts the open connections, so that a process that drops a store can wait until the last one is closed. At that moment SQLite writes
//! its log back into the one file and removes the log. A pool closes its connections in its own threads.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::Conn;

/// How many times a store checks, one millisecond apart, whether its connections are closed. After that, another thread holds the
/// connection, and the system closes it.
const LOOKS: u32 = 2_000;

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

/// Waits, when it is dropped, until no connection is open.
#[derive(Debug)]
pub(super) struct Closing(pub(super) Open);

impl Open {
    pub(super) fn one_more(&self) -> Counted {
        self.0.fetch_add(1, Ordering::SeqCst);
        Counted(Arc::clone(&self.0))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        for _ in 0..LOOKS {
            if self.0.0.load(Ordering::SeqCst) == 0 {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
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
