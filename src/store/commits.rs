//! Commits that are running, and for how long. A commit that takes seconds waits for a disk that hangs, or for a PostgreSQL replica that
//! must confirm it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use vasp_clock::Stopwatch;

use super::{Conn, Store, StoreError, backend};

/// The commits that are running.
#[derive(Debug, Default)]
pub(super) struct Commits(Mutex<(u64, BTreeMap<u64, Stopwatch>)>);

/// One running commit, until it is dropped.
#[derive(Debug)]
pub(super) struct UnderWay<'a> {
    commits: &'a Commits,
    number: u64,
}

impl Commits {
    /// Records the start of a commit.
    pub(super) fn begin(&self) -> UnderWay<'_> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.0 += 1;
        let number = held.0;
        held.1.insert(number, Stopwatch::start());
        UnderWay { commits: self, number }
    }

    /// Returns for how many microseconds the oldest commit has been running; 0 if there is none.
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
    /// Commits. [`Store::commit_micros`] shows how long it takes.
    pub(super) fn commit(&self, conn: &mut Conn) -> Result<(), StoreError> {
        let _under_way = self.commits.begin();
        // The transaction may have waited long for its lock, so check again.
        let may = self.assert_own_file().and_then(|()| self.target.damage().count(conn));
        let commits = may.inspect_err(|_| self.give_up(conn))?;
        backend::commit(conn).inspect_err(|_| self.note_met())?;
        self.target.damage().committed(commits);
        Ok(())
    }

    /// Returns for how many microseconds the slowest running commit has lasted; 0 if there is none.
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
