//! Claims that do not fit into memory: a cache over the store. An entry holds all versions of its key as of one sequence. It is not used
//! if its key was written later.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::class::Classes;
use super::filter::Filter;
use super::segment::Fingerprint;
use super::{ClaimIndexState, StoredClaim};
use vasp_store::CoverageRow;

/// Bucket and account key.
pub(super) type Key = Box<[u8]>;

/// How many changed account keys are remembered, to tell whether cached entries are current. If more keys change, every entry that was
/// cached before is read from the store again.
const TOUCHED_KEYS: usize = 100_000;

/// A cached key: all versions of its claims as of one sequence.
#[derive(Clone)]
struct Entry {
    loaded_at: i64,
    claims: Arc<Vec<StoredClaim>>,
}

/// The keys written since `floor`, and when each was last written.
#[derive(Default)]
struct Touched {
    floor: i64,
    keys: HashMap<Key, i64>,
}

/// The cache.
pub(super) struct Cached {
    entries: moka::sync::Cache<Key, Entry>,
    touched: RwLock<Touched>,
    filter: RwLock<Option<Arc<Filter>>>,
    /// The classes of all claims up to a sequence.
    counted: RwLock<Option<(i64, Classes)>>,
    hits: AtomicU64,
    misses: AtomicU64,
    filtered: AtomicU64,
}

impl Cached {
    pub(super) fn new(keys: u64) -> Self {
        Self {
            entries: moka::sync::Cache::new(keys),
            touched: RwLock::default(),
            filter: RwLock::default(),
            counted: RwLock::default(),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            filtered: AtomicU64::new(0),
        }
    }

    /// Returns how many keys are cached, and the outcomes of the lookups.
    pub(super) fn counts(&self) -> ClaimIndexState {
        ClaimIndexState {
            memory_claims: 0,
            cached_keys: self.entries.entry_count(),
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            filtered: self.filtered.load(Ordering::Relaxed),
        }
    }

    /// Notes that a key has a claim.
    pub(super) fn note(&self, fingerprint: &Fingerprint) {
        if let Some(filter) = &*self.filter.read().unwrap_or_else(PoisonError::into_inner) {
            filter.note(fingerprint);
        }
    }

    /// Returns whether a key certainly has no claim.
    pub(super) fn filters_out(&self, fingerprint: &Fingerprint) -> bool {
        let filter = self.filter.read().unwrap_or_else(PoisonError::into_inner);
        filter.as_ref().is_some_and(|filter| filter.knows_none_of(fingerprint))
    }

    /// Like `filters_out`, and counts the lookup if the filter answers it.
    pub(super) fn knows_none_of(&self, fingerprint: &Fingerprint) -> bool {
        let none = self.filters_out(fingerprint);
        self.filtered.fetch_add(u64::from(none), Ordering::Relaxed);
        none
    }

    /// Returns whether a key's claims as of a sequence are cached.
    pub(super) fn has(&self, key: &Key, sequence: i64) -> bool {
        self.entries.get(key).is_some_and(|entry| self.is_fresh(&entry, key, sequence))
    }

    /// Stores the classes of all claims up to a sequence, with the number of claims in each.
    pub(super) fn keep_counted(&self, until: i64, classes: Classes) {
        *self.counted.write().unwrap_or_else(PoisonError::into_inner) = Some((until, classes));
    }

    /// Counts as [`Classes::coverage`] does, for a sequence up to which all claims were counted. A claim that ended later was still valid
    /// then.
    pub(super) fn coverage(&self, sequence: i64, wanted: impl Fn(i64) -> bool) -> Option<Vec<CoverageRow>> {
        let counted = self.counted.read().unwrap_or_else(PoisonError::into_inner);
        let (_, classes) = counted.as_ref().filter(|(until, _)| sequence <= *until)?;
        Some(classes.coverage(sequence, wanted))
    }

    /// Starts the cache: entries older than `floor` must not be used. The filter may still be filling.
    pub(super) fn begin(&self, floor: i64, filter: Arc<Filter>) {
        *self.filter.write().unwrap_or_else(PoisonError::into_inner) = Some(filter);
        *self.touched.write().unwrap_or_else(PoisonError::into_inner) = Touched { floor, keys: HashMap::new() };
    }

    /// Records that a key was written.
    pub(super) fn touch(&self, key: Key, sequence: i64) {
        let mut touched = self.touched.write().unwrap_or_else(PoisonError::into_inner);
        if touched.keys.len() >= TOUCHED_KEYS {
            *touched = Touched { floor: sequence, keys: HashMap::new() };
        }
        touched.keys.insert(key, sequence);
    }

    /// Returns all versions on a key as of a sequence; `fetch` reads them if they are not cached.
    pub(super) fn get<E>(
        &self,
        key: Key,
        sequence: i64,
        fetch: impl FnOnce() -> Result<Vec<StoredClaim>, E>,
    ) -> Result<Arc<Vec<StoredClaim>>, E> {
        if let Some(entry) = self.entries.get(&key).filter(|entry| self.is_fresh(entry, &key, sequence)) {
            self.hits.fetch_add(1, Ordering::Relaxed);
            return Ok(entry.claims);
        }
        self.misses.fetch_add(1, Ordering::Relaxed);
        let claims = Arc::new(fetch()?);
        self.entries.insert(key, Entry { loaded_at: sequence, claims: Arc::clone(&claims) });
        Ok(claims)
    }

    fn is_fresh(&self, entry: &Entry, key: &[u8], sequence: i64) -> bool {
        if entry.loaded_at >= sequence {
            return true;
        }
        let touched = self.touched.read().unwrap_or_else(PoisonError::into_inner);
        entry.loaded_at >= touched.floor && touched.keys.get(key).is_none_or(|at| *at <= entry.loaded_at)
    }
}
