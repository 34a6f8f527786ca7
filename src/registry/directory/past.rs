//! Whole directories of the past: each is as large as the present one, so only a few are alive at once, kept or in use. Who asks for
//! another one waits in a short queue, or is told to come back. One record's past takes none of them (`around.rs`), only the reference
//! documents of its time, of which one version is kept.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{DirectoryError, Documents, Generation};
use vasp_words::time::Date;

/// Most whole directories of the past that are alive at once.
const MOST: usize = 2;

/// Bytes that they may take together. Where two do not fit, there is one.
const BUDGET_BYTES: usize = 256 << 20;

/// Most questions that wait for one.
const QUEUE: usize = 8;

/// How long a question waits.
const PATIENCE: Duration = Duration::from_secs(1);

/// What is alive of the past.
#[derive(Debug, Default)]
pub(super) struct Past {
    seats: Arc<Seats>,
    /// The newest last. Each gives its seat up when somebody waits.
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

/// A seat, which is free again once the last directory that holds it is gone.
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
    /// Returns the directory of a sequence and day: one that is kept, or one that `load` makes once a seat is free. `size_bytes`: what
    /// one takes, about.
    ///
    /// # Errors
    /// `DirectoryError::PastBusy` where too many ask or none becomes free in time; what `load` returns.
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
        // One after the other; who waited for the same one finds it kept.
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

    /// Returns the documents of a sequence, without screening lists: the version that is kept, or what `load` makes, one at a time.
    ///
    /// # Errors
    /// What `load` returns.
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

    /// Returns how many are alive.
    pub(super) fn alive(&self) -> usize {
        self.seats.lock().taken
    }

    fn lock_kept(&self) -> MutexGuard<'_, Vec<(Key, Arc<Generation>)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn kept(&self, key: Key) -> Option<Arc<Generation>> {
        self.lock_kept().iter().find(|(kept, _)| *kept == key).map(|(_, generation)| Arc::clone(generation))
    }

    /// Keeps the oldest one no longer; its seat is free when nobody uses it any more.
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
            // Counted first: what is kept from now on is given up by whoever keeps it.
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
