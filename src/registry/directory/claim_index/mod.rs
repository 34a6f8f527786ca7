//! The index of claims by key. Up to a limit, every claim is in memory with all its versions (`resident`). Above the limit, a filter knows
//! which keys have no claim (`filter`), and a moka cache holds what the store answered for the others (`cached`). In both cases a question
//! at sequence N gets exactly the claims as of N: entries hold all versions, and a write enters the index before a generation that shows
//! it can be pinned.
//!
//! In memory a key is identified by its keyed hash of 128 bits. Two keys with the same hash would mix up their owners. The secret of the
//! hash exists only in the process and its file, so nobody can search for such a pair. By chance, one pair occurs among a billion keys
//! with a probability of 1.5 in 10²¹ (n²/2¹²⁹).
//!
//! *The file.* At the start, reading every claim takes about 3 s for ten million; reading the file takes 0.3 s (`keep`, `file`, `blocks`).
//! A process that follows the log writes the file in the background, from 100,000 claims on, whenever one in thirty-two of them has
//! changed. The database notes the file's SHA-256 before the file gets its name; a start accepts no other file.
//!
//! *Segments.* An account key is identified by 128 bits. A claim is identified by these, the low half of its number, and the number of its
//! class. A class is the owner, batch, role, dates and end that many claims share. This makes 24 bytes per claim, in sorted segments that
//! never change. New claims enter a small ordered map; from 65,536 on they become a segment. Segments are merged in the background. A
//! claim's version is only ever replaced by the one that records the sequence of its end. So no reader depends on the order of segments.
//!
//! *Tried instead*: a `HashMap` from key to versions (269 bytes per claim); fingerprints of 64 bits with a key comparison in the database
//! (4 µs per hit); mapping the database into memory (no gain).

mod blocks;
mod cached;
mod class;
mod file;
mod fill;
mod filter;
mod keep;
mod keys;
mod resident;
mod segment;

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use super::DirectoryError;
use cached::Cached;
use file::{FORMAT, Head};
use keep::{Kept, Picture};
use keys::{Keys, key};
use resident::Resident;
use vasp_store::{ClaimRow, Conn, CoverageRow, Store, StoreError};

/// How much the index may hold, and where its file is.
#[derive(Clone, Debug)]
pub struct ClaimIndexOptions {
    /// Maximum number of claims in memory; above it, keys are cached over the store.
    pub memory_claims: i64,
    /// Maximum number of keys in the cache.
    pub cached_keys: u64,
    /// How many recently written claims are kept apart before they become a sorted segment.
    pub recent_claims: usize,
    /// The file that keeps the index for the next start, for processes that follow the log; `None` for no file.
    pub file: Option<PathBuf>,
    /// Number of claims in memory from which the file is written.
    pub kept_claims: usize,
}

impl Default for ClaimIndexOptions {
    fn default() -> Self {
        Self { memory_claims: 50_000_000, cached_keys: 200_000, recent_claims: 65_536, file: None, kept_claims: 100_000 }
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
    /// Whether it was found by another controller of its account than the one under which it is stored.
    pub is_by_other: bool,
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
    kept: Option<Arc<Kept>>,
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
    /// The sequence of the claims in the index file; `None` if there is no file, or not yet, or no longer.
    pub kept_sequence: Option<i64>,
    /// The sequence of a file that was ahead of the database at the start; `None` if there was none.
    pub found_ahead: Option<i64>,
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
        is_by_other: false,
    }
}

impl ClaimIndex {
    fn new(store: Store, options: ClaimIndexOptions) -> Self {
        let (keys, cached) = (Keys::new(), Cached::new(options.cached_keys));
        // Another version of the program or the schema may identify keys and claims differently.
        let stamp = || format!("{FORMAT} {} {}", env!("CARGO_PKG_VERSION"), vasp_store::schema_version());
        let kept = options.file.clone().map(|path| Arc::new(Kept::new(path, options.kept_claims, stamp())));
        let mode = RwLock::new(Mode::Memory);
        Self { store, options, mode, keys: Arc::new(keys), resident: Arc::default(), cached, kept }
    }

    /// Writes the index to its file if enough has changed since the last time. Only the caller that brought the index to `sequence` may
    /// call this, and nobody else at the same time.
    pub(super) fn keep(&self, conn: &mut Conn, sequence: i64) -> Result<(), DirectoryError> {
        let Some(kept) = self.kept.as_ref().filter(|kept| !self.may_block() && kept.is_due(self.resident.len())) else {
            return Ok(());
        };
        let (segments, classes) = (self.resident.all(), self.resident.all_classes());
        let entries = segments.iter().map(|segment| segment.len()).sum();
        let head = Head { stamp: kept.stamp(), sequence, added: conn.claim_count()?, entries, secret: self.keys.secret() };
        kept.write(self.store.clone(), Picture { segments, classes, head });
        Ok(())
    }

    pub(super) fn state(&self) -> ClaimIndexState {
        let memory_claims = u64::try_from(self.resident.len()).unwrap_or(u64::MAX);
        let kept_sequence = self.kept.as_ref().filter(|_| !self.may_block()).and_then(|kept| kept.sequence());
        let found_ahead = self.kept.as_ref().and_then(|kept| kept.found_ahead());
        ClaimIndexState { memory_claims, kept_sequence, found_ahead, ..self.cached.counts() }
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
            let by_others = by_others.into_iter().map(|row| StoredClaim { is_by_other: true, ..stored(row) });
            Ok::<_, DirectoryError>(own.into_iter().map(stored).chain(by_others).collect())
        };
        let versions = self.cached.get(key(class, controller), sequence, fetch)?;
        let stands = |claim: &&StoredClaim| claim.seq_to.is_none_or(|end| end > sequence);
        Ok(versions.iter().filter(stands).cloned().collect())
    }
}
