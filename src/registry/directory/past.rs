//! Whole past directories. Each is as large as the current one, so only a few are in memory at the same time, cached or in use. A request
//! for another one waits in a short queue, or is told to retry later. One record's past (`around.rs`) needs no whole directory, only the
//! reference documents of its time; one version of those is cached.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{DirectoryError, Documents, Generation};
use vasp_words::time::Date;

/// Maximum number of whole past directories in memory.
const MOST: usize = 2;

/// Their total size limit in bytes. If two do not fit, only one is allowed.
const BUDGET_BYTES: usize = 256 << 20;

/// Maximum number of requests that wait for one.
const QUEUE: usize = 8;

/// How long a request waits.
const PATIENCE: Duration = Duration::from_secs(1);

/// The past directories in memory.
#[derive(Debug, Default)]
pub(super) struct Past {
    seats: Arc<Seats>,
    /// Cached directories, newest last. The oldest is dropped if somebody waits for a seat.
    kept: Mutex<Vec<(Key, Arc<Generation>)>>,
    loading: Mutex<()>,
    documents: Mutex<Option<(i64, Arc<Documents>)>>,
}

type Key = (i64, Date);

#[derive(Debug, Default)]
struct Seats {
    count: Mutex<Count>,
    freed: Condvar,
}

#[derive(Debug, Default)]
struct Count {
    taken: usize,
    waiting: usize,
}

/// A seat; it becomes free when the last reference to its directory is dropped.
#[derive(Debug)]
pub(super) struct Seat(Arc<Seats>);

impl Drop for Seat {
    fn drop(&mut self) {
        let mut count = self.0.lock();
        count.taken = count.taken.saturating_sub(1);
        self.0.freed.notify_all();
    }
}

impl Seats {
    fn lock(&self) -> MutexGuard<'_, Count> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Past {
    /// Returns the directory of a sequence and day: a cached one, or one that `load` makes once a seat is free. `size_bytes` is the
    /// approximate size of one.
    ///
    /// # Errors
    /// `DirectoryError::PastBusy` if too many ask, or if no seat becomes free in time; the error of `load`.
    pub(super) fn get(
        &self,
        key: Key,
        size_bytes: usize,
        load: impl FnOnce() -> Result<Generation, DirectoryError>,
    ) -> Result<Arc<Generation>, DirectoryError> {
        if let Some(found) = self.kept(key) {
            return Ok(found);
        }
        let most = (BUDGET_BYTES / size_bytes.max(1)).clamp(1, MOST);
        let seat = self.sit(most).ok_or(DirectoryError::PastBusy)?;
        // One load at a time; a request that waited for the same directory then finds it cached.
        let _loading = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = self.kept(key) {
            return Ok(found);
        }
        let loaded = Arc::new(Generation { _seat: Some(Arc::new(seat)), ..load()? });
        self.lock_kept().push((key, Arc::clone(&loaded)));
        if self.seats.lock().waiting > 0 {
            self.give_up();
        }
        Ok(loaded)
    }

    /// Returns the documents of a sequence, without screening lists: the cached version, or the result of `load`. One load at a time.
    pub(super) fn documents(
        &self,
        sequence: i64,
        load: impl FnOnce() -> Result<Arc<Documents>, DirectoryError>,
    ) -> Result<Arc<Documents>, DirectoryError> {
        let mut kept = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, documents)) = kept.as_ref().filter(|(of, _)| *of == sequence) {
            return Ok(Arc::clone(documents));
        }
        *kept = None;
        let documents = load()?;
        *kept = Some((sequence, Arc::clone(&documents)));
        Ok(documents)
    }

    /// Returns how many are in memory.
    pub(super) fn alive(&self) -> usize {
        self.seats.lock().taken
    }

    fn lock_kept(&self) -> MutexGuard<'_, Vec<(Key, Arc<Generation>)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn kept(&self, key: Key) -> Option<Arc<Generation>> {
        self.lock_kept().iter().find(|(kept, _)| *kept == key).map(|(_, generation)| Arc::clone(generation))
    }

    /// Drops the oldest cached directory; its seat becomes free when nobody uses it any more.
    fn give_up(&self) {
        let mut kept = self.lock_kept();
        let oldest = (!kept.is_empty()).then(|| kept.remove(0));
        drop(kept);
        drop(oldest);
    }

    fn sit(&self, most: usize) -> Option<Seat> {
        let mut count = self.seats.lock();
        if count.taken >= most {
            if count.waiting >= QUEUE {
                return None;
            }
            // Counted first: a thread that caches a directory from now on sees the waiter and drops one.
            count.waiting += 1;
            drop(count);
            self.give_up();
            let waited = self.seats.freed.wait_timeout_while(self.seats.lock(), PATIENCE, |count| count.taken >= most);
            count = waited.unwrap_or_else(PoisonError::into_inner).0;
            count.waiting -= 1;
            if count.taken >= most {
                return None;
            }
        }
        count.taken += 1;
        Some(Seat(Arc::clone(&self.seats)))
    }
}
