//! Who writes next. SQLite has one writer at a time: the writers of this process get its connection in the order in which they asked.
//! Without this order, a writer with many commits would begin the next one before a waiting writer wakes up. A PostgreSQL server keeps
//! its own order. Also measures how long each writer held the lock that others wait for.

use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use diesel::r2d2::PooledConnection;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use vasp_clock::Stopwatch;

use super::backend::Manager;
use super::{Conn, Store, StoreError};

/// The writers of this process, the present one first.
#[derive(Debug)]
pub(super) struct Turns {
    queue: Mutex<Queue>,
    next: Condvar,
    held: Histogram,
}

#[derive(Debug, Default)]
struct Queue {
    last: u64,
    waiting: VecDeque<u64>,
}

impl Default for Turns {
    /// The buckets of the histogram are those of all durations: 20 µs, doubling up to 10 s.
    fn default() -> Self {
        let held = Histogram::new(exponential_buckets(0.000_02, 2.0, 20));
        Self { queue: Mutex::default(), next: Condvar::new(), held }
    }
}

/// The turn to write, until it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    turns: Arc<Turns>,
    number: u64,
}

impl Turns {
    /// Waits for the turn; `None` if it did not come in time.
    fn take(self: &Arc<Self>, patience: Duration) -> Option<Turn> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.last += 1;
        let number = queue.last;
        queue.waiting.push_back(number);
        // Dropped if the wait ends without a turn: this takes the number out of the queue again.
        let turn = Turn { turns: Arc::clone(self), number };
        let is_later = |queue: &mut Queue| queue.waiting.front() != Some(&number);
        let waited = self.next.wait_timeout_while(queue, patience, is_later);
        let came = !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out();
        came.then_some(turn)
    }

    /// Returns how many writers hold or wait for the turn.
    #[cfg(test)]
    fn len(&self) -> usize {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).waiting.len()
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turns.queue.lock().unwrap_or_else(PoisonError::into_inner).waiting.retain(|number| *number != self.number);
        self.turns.next.notify_all();
    }
}

/// The connection of a write transaction. It holds the lock until it is dropped.
pub(super) struct Writer {
    conn: PooledConnection<Manager>,
    since: Stopwatch,
    turns: Arc<Turns>,
    /// Must be dropped after the connection, so that the next writer finds it in the pool.
    _turn: Option<Turn>,
}

impl Deref for Writer {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl DerefMut for Writer {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.turns.held.observe(Duration::from_micros(self.since.elapsed_micros()).as_secs_f64());
    }
}

impl Store {
    /// Waits for the turn to write, and begins a transaction.
    #[inline(never)]
    pub(super) fn take_writer(&self) -> Result<Writer, StoreError> {
        let late = || StoreError::Pool(format!("others wrote for {} s", self.lock_timeout.as_secs()));
        let turn = self.is_sqlite().then(|| self.turns.take(self.lock_timeout).ok_or_else(late)).transpose()?;
        let mut conn = self.writers.get().map_err(StoreError::pool)?;
        self.lock_for_writing(&mut conn)?;
        Ok(Writer { conn, since: Stopwatch::start(), turns: Arc::clone(&self.turns), _turn: turn })
    }

    /// Returns the histogram of how long writers held the lock, in seconds.
    #[must_use]
    pub fn writer_held(&self) -> Histogram {
        self.turns.held.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait_for(turns: &Turns, count: usize) {
        while turns.len() < count {
            std::thread::yield_now();
        }
    }

    #[test]
    fn writers_come_in_the_order_in_which_they_asked() {
        let (turns, order) = (Arc::new(Turns::default()), Mutex::new(vec![]));
        let hour = Duration::from_secs(3_600);
        std::thread::scope(|scope| {
            let mut first = turns.take(hour);
            for number in 0..4 {
                let (turns, order) = (&turns, &order);
                scope.spawn(move || {
                    let _turn = turns.take(hour).unwrap();
                    order.lock().unwrap().push(number);
                });
                wait_for(turns, number + 2);
            }
            // It asks again at once, and comes last.
            first = {
                drop(first);
                turns.take(hour)
            };
            order.lock().unwrap().push(4);
            drop(first);
        });
        assert_eq!(order.into_inner().unwrap(), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn a_writer_that_waited_in_vain_does_not_block_the_next() {
        let turns = Arc::new(Turns::default());
        let first = turns.take(Duration::ZERO);
        assert!(first.is_some());

        assert!(turns.take(Duration::ZERO).is_none());
        drop(first);

        assert!(turns.take(Duration::ZERO).is_some());
        assert_eq!(turns.len(), 0);
    }
}
