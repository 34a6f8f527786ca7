//! The index of claims by key. Up to a limit, every claim is in memory with all its versions (`resident`). Above the limit, a filter knows
//! which keys have no claim (`filter`), and a moka cache holds what the store answered for the others (`cached`). In both cases a question
//! at sequence N gets exactly the claims as of N: entries hold all versions, and a write enters the index before a generation that shows
//! it can be pinned.
//!
//! In memory a key is identified by its keyed hash of 128 bits. Two keys with the same hash would mix up their owners. The secret of the
//! hash exists only in the process, so nobody can search for such a pair. By chance, one pair occurs among a billion keys with a
//! probability of 1.5 in 10²¹ (n²/2¹²⁹).
//!
//! *Segments.* An account key is identified by 128 bits. A claim is identified by these, the low half of its number, and the number of its
//! class. A class is the owner, batch, role, dates and end that many claims share. This makes 24 bytes per claim, in sorted segments that
//! never change. New claims enter a small ordered map; from 65,536 on they become a segment. Segments are merged in the background. A
//! claim's version is only ever replaced by the one that records the sequence of its end. So no reader depends on the order of segments.
//!
//! *Tried instead*: a `HashMap` from key to versions (269 bytes per claim); fingerprints of 64 bits with a key comparison in the database
//! (4 µs per hit); mapping the database into memory (no gain).

mod cached;
mod class;
mod fill;
mod filter;
mod keys;
mod resident;
mod segment;

use std::sync::{Arc, PoisonError, RwLock};

use super::DirectoryError;
use cached::Cached;
use keys::{Keys, key};
use resident::Resident;
use vasp_store::{ClaimRow, CoverageRow, Store, StoreError};

/// How much the index may hold.
#[derive(Clone, Debug)]
pub struct ClaimIndexOptions {
    /// Maximum number of claims in memory; above it, keys are cached over the store.
    pub memory_claims: i64,
    /// Maximum number of keys in the cache.
    pub cached_keys: u64,
    /// How many recently written claims are kept apart before they become a sorted segment.
    pub recent_claims: usize,
}

impl Default for ClaimIndexOptions {
    fn default() -> Self {
        Self { memory_claims: 50_000_000, cached_keys: 200_000, recent_claims: 65_536 }
    }
}

/// A claim in the index, with its own data only; its batch has the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredClaim {
    /// Number of the claim.
    pub number: i64,
    /// Number of its network, or of its family if the claim names only that.
    pub network: i32,
    /// The memo to which it is limited; `None` if it covers the whole account.
    pub memo: Option<Box<str>>,
    /// Number of the claimed owner.
    pub vasp: i64,
    /// Number of its batch.
    pub batch: i64,
    /// Code of the role.
    pub role: i16,
    /// Confidence from 0 to 100; `None` if not stated.
    pub confidence: Option<i16>,
    /// When it was asserted, in microseconds since the epoch; `None` if the source gives no date.
    pub asserted_at: Option<i64>,
    /// When it expires, in microseconds since the epoch; `None` if never.
    pub expires_at: Option<i64>,
    /// First sequence at which it was no longer valid; `None` if it has not ended.
    pub seq_to: Option<i64>,
    /// The class of the controller under which it is stored, if it was found by another one of its account.
    pub stored_under: Option<i32>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Memory,
    Cached,
}

pub(super) struct ClaimIndex {
    store: Store,
    options: ClaimIndexOptions,
    mode: RwLock<Mode>,
    keys: Arc<Keys>,
    resident: Arc<Resident>,
    cached: Cached,
}

/// The state of the index, for operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimIndexState {
    /// Number of claims in memory.
    pub memory_claims: u64,
    /// Number of accounts in the cache over the store.
    pub cached_keys: u64,
    /// Number of lookups that the cache answered.
    pub hits: u64,
    /// Number of lookups that asked the store.
    pub misses: u64,
    /// Number of lookups of keys for which the filter knew that they have no claim.
    pub filtered: u64,
}

fn stored(row: ClaimRow) -> StoredClaim {
    StoredClaim {
        number: row.number,
        network: row.network,
        memo: (!row.memo.is_empty()).then(|| row.memo.into()),
        vasp: row.vasp,
        batch: row.batch,
        role: row.role,
        confidence: row.confidence,
        asserted_at: row.asserted_at,
        expires_at: row.expires_at,
        seq_to: row.seq_to,
        stored_under: None,
    }
}

impl ClaimIndex {
    fn new(store: Store, options: ClaimIndexOptions) -> Self {
        let cached = Cached::new(options.cached_keys);
        let mode = RwLock::new(Mode::Memory);
        Self { store, options, mode, keys: Arc::new(Keys::new()), resident: Arc::default(), cached }
    }

    pub(super) fn state(&self) -> ClaimIndexState {
        let memory_claims = u64::try_from(self.resident.len()).unwrap_or(u64::MAX);
        ClaimIndexState { memory_claims, ..self.cached.counts() }
    }

    fn mode(&self) -> Mode {
        *self.mode.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn may_block(&self) -> bool {
        self.mode() == Mode::Cached
    }

    /// Returns whether a lookup of a controller needs the store, because neither memory, filter nor cache can answer.
    pub(super) fn may_ask_store(&self, class: i32, controller: &[u8], sequence: i64) -> bool {
        self.may_block()
            && !self.cached.filters_out(&self.keys.fingerprint(class, controller))
            && !self.cached.has(&key(class, controller), sequence)
    }

    /// Returns, per network, batch and owner, how many claims of the batches in `wanted` had not ended at `sequence`. `None` if the store
    /// must be asked.
    pub(super) fn coverage(&self, sequence: i64, wanted: impl Fn(i64) -> bool) -> Option<Vec<CoverageRow>> {
        if self.mode() == Mode::Cached {
            return self.cached.coverage(sequence, wanted);
        }
        let counted = self.resident.coverage(sequence, wanted);
        // Another thread may have emptied the index between the two checks.
        (self.mode() == Mode::Memory).then_some(counted)
    }

    /// Returns the versions of claims on a controller that had not ended at `sequence`, on all networks of its class. A version may belong
    /// to a batch that began after `sequence`: the caller leaves those out.
    pub(super) fn lookup(&self, (class, controller): (i32, &[u8]), sequence: i64) -> Result<Vec<StoredClaim>, DirectoryError> {
        let fingerprint = self.keys.fingerprint(class, controller);
        if self.mode() == Mode::Memory {
            let found = self.resident.find(&fingerprint, sequence);
            // Another thread may have emptied the index between the two checks.
            if self.mode() == Mode::Memory {
                return Ok(found);
            }
        }
        if self.cached.knows_none_of(&fingerprint) {
            return Ok(vec![]);
        }
        let fetch = || {
            let found = self.store.read_at::<_, StoreError>(sequence, |conn| {
                let own = conn.claims_stored_under(class, &[controller])?;
                Ok((own, conn.claims_by_others(class, &[controller])?))
            });
            let (own, by_others) = found?;
            let by_others = by_others.into_iter().map(|(class, row)| StoredClaim { stored_under: Some(class), ..stored(row) });
            Ok::<_, DirectoryError>(own.into_iter().map(stored).chain(by_others).collect())
        };
        let versions = self.cached.get(key(class, controller), sequence, fetch)?;
        let stands = |claim: &&StoredClaim| claim.seq_to.is_none_or(|end| end > sequence);
        Ok(versions.iter().filter(stands).cloned().collect())
    }
}
