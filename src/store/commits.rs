//! Commits that are under way, and for how long: one that takes seconds stands before a disk that hangs, or before a replica that
//! PostgreSQL waits for.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use vasp_clock::Stopwatch;

use super::{Conn, Store, StoreError, backend};

/// The commits that are under way.
#[derive(Debug, Default)]
pub(super) struct Commits(Mutex<(u64, BTreeMap<u64, Stopwatch>)>);

/// One of them, until it is dropped.
#[derive(Debug)]
pub(super) struct UnderWay<'a> {
    commits: &'a Commits,
    number: u64,
}

impl Commits {
    /// Begins one.
    pub(super) fn begin(&self) -> UnderWay<'_> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.0 += 1;
        let number = held.0;
        held.1.insert(number, Stopwatch::start());
        UnderWay { commits: self, number }
    }

    /// Returns for how many microseconds the oldest has been under way; 0 where none is.
    pub(super) fn longest_micros(&self) -> u64 {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.1.values().next().map_or(0, |since| since.elapsed_micros())
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.commits.0.lock().unwrap_or_else(PoisonError::into_inner).1.remove(&self.number);
    }
}

impl Store {
    /// Commits; the time it takes is seen by [`Store::commit_micros`].
    pub(super) fn commit(&self, conn: &mut Conn) -> Result<(), StoreError> {
        let _under_way = self.commits.begin();
        // The wait for the lock alone may have been long.
        self.assert_own_file().inspect_err(|_| backend::rollback(conn))?;
        backend::commit(conn)
    }

    /// Returns for how long, in microseconds, the slowest of the commits under way has lasted; 0 where none is.
    #[must_use]
    pub fn commit_micros(&self) -> u64 {
        self.commits.longest_micros()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_commit_under_way_is_timed_until_it_is_over() {
        let commits = Commits::default();
        assert_eq!(commits.longest_micros(), 0);
        let (first, second) = (commits.begin(), commits.begin());
        std::thread::sleep(std::time::Duration::from_millis(2));
        drop(first);
        assert!(commits.longest_micros() >= 2_000);
        drop(second);
        assert_eq!(commits.longest_micros(), 0);
    }
}
