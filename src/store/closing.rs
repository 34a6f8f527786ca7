//! Counts the connections that are open, so that whoever lets a store go can wait until the last of them is closed: SQLite writes its
//! log back into the one file, and takes the log away, when that happens. A pool closes connections in threads of its own.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::Conn;

/// How often a store looks whether its connections are closed, a millisecond apart. What takes longer is in the hands of another thread,
/// and is closed by the system.
const LOOKS: u32 = 2_000;

/// How many connections are open.
#[derive(Clone, Debug, Default)]
pub(super) struct Open(Arc<AtomicUsize>);

/// One of them, until it is dropped.
#[derive(Debug)]
pub(super) struct Counted(Arc<AtomicUsize>);

/// A connection of a pool, which is counted until after it was closed.
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
