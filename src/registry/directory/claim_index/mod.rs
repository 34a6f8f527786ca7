//! The index of claims by key. Up to a limit every claim stands in memory with all its versions (`resident`); above it a filter
//! tells which keys have none (`filter`), and of the others moka keeps what the store said (`cached`). Either way a question at
//! sequence N gets exactly what stood at N: entries hold all versions, and a write enters the index before the generation that
//! shows it is pinned.
//!
//! A key in memory is told by its keyed hash of 128 bits. Two keys with the same one would mix up their owners; with a secret
//! key, which stands in no place but the process and its file, nobody can look for such a pair, and among a billion keys one comes
//! about by chance with a probability of 1.5 in 10²¹ (n²/2¹²⁹).
//!
//! *The file.* Reading every claim at the start takes some 3 s at ten million; reading the file takes 0.3 (`keep`, `file`, `blocks`). A
//! process that follows the log writes it in the background, from 250,000 claims on, whenever a thirty-second of them changed. Before the
//! file gets its name the database notes its SHA-256, and a start believes no other file.
//!
//! *Segments.* An account key is told by 128 bits, a claim by that, the low half of its number and the number of its class (owner, batch,
//! role, dates, end), which many claims share: 24 bytes a claim in sorted segments that never change. New claims enter a small ordered map,
//! from 65,536 on a segment; segments are joined in the background. A version of a claim is only ever replaced by the one that says at
//! which sequence it ended, so no reader depends on the order of segments.
//!
//! *Tried instead*: a `HashMap` from key to versions (269 bytes a claim); fingerprints of 64 bits with the key compared in the database (4
//! µs a hit); mapping the database into memory (no gain).

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
use keys::Keys;
use resident::Resident;
use vasp_store::{ClaimRow, Conn, CoverageRow, Store};

/// How much the index may hold, and where it is kept.
#[derive(Clone, Debug)]
pub struct ClaimIndexOptions {
    /// Claims in memory; beyond, keys are cached over the store.
    pub memory_claims: i64,
    /// Keys in the cache.
    pub cached_keys: u64,
    /// Claims written lately that are kept apart before they are sorted in.
    pub recent_claims: usize,
    /// The file in which it is kept for the next start, by processes that follow the log.
    pub file: Option<PathBuf>,
    /// Claims in memory from which on it is kept.
    pub kept_claims: usize,
}

impl Default for ClaimIndexOptions {
    fn default() -> Self {
        Self { memory_claims: 50_000_000, cached_keys: 200_000, recent_claims: 65_536, file: None, kept_claims: 250_000 }
    }
}

/// A claim in the index: what is its own; the rest stands on its batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredClaim {
    /// Number.
    pub number: i64,
    /// Network number, of the family where it names only that.
    pub network: i32,
    /// Memo it is limited to.
    pub memo: Option<Box<str>>,
    /// Number of the claimed owner.
    pub vasp: i64,
    /// Number of its batch.
    pub batch: i64,
    /// Role code.
    pub role: i16,
    /// 0 to 100.
    pub confidence: Option<i16>,
    /// When asserted, microseconds since the epoch; none where the source gives no date.
    pub asserted_at: Option<i64>,
    /// When it stops counting.
    pub expires_at: Option<i64>,
    /// First sequence at which it no longer counted.
    pub seq_to: Option<i64>,
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

/// What an operator watches of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimIndexState {
    /// Claims held in memory.
    pub memory_claims: u64,
    /// Accounts held in the cache over the store.
    pub cached_keys: u64,
    /// Looks that the cache answered.
    pub hits: u64,
    /// Looks that asked the store.
    pub misses: u64,
    /// Looks at keys of which the filter knew that they have no claim.
    pub filtered: u64,
    /// The sequence at which the file of the index shows the claims; none where it is kept in none, not yet, or no longer.
    pub kept_sequence: Option<i64>,
    /// The sequence of a file that was found ahead of the database at the start, if it was.
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
    }
}

impl ClaimIndex {
    fn new(store: Store, options: ClaimIndexOptions) -> Self {
        let (keys, cached) = (Keys::new(), Cached::new(options.cached_keys));
        // Another version of the program, or of the schema, may tell keys and claims otherwise.
        let stamp = || format!("{FORMAT} {} {} {}", env!("CARGO_PKG_VERSION"), vasp_store::schema_version(), keys.stamp());
        let kept = options.file.clone().map(|path| Arc::new(Kept::new(path, options.kept_claims, stamp())));
        let mode = RwLock::new(Mode::Memory);
        Self { store, options, mode, keys: Arc::new(keys), resident: Arc::default(), cached, kept }
    }

    /// Has the index written into its file where enough changed since that was done. Called by whoever brought it to `sequence`, and
    /// by nobody else meanwhile.
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

    /// Tells whether a look at an account asks the store: neither memory, the filter nor the cache may answer.
    pub(super) fn may_ask_store(&self, network: i32, account_key: &[u8], sequence: i64) -> bool {
        self.may_block()
            && !self.cached.filters_out(&self.keys.fingerprint(network, account_key))
            && !self.cached.has(&self.keys.key(network, account_key), sequence)
    }

    /// Returns, per network, batch and owner, how many claims of the batches that are `wanted` had not ended at `sequence`. None
    /// where the store has to be asked.
    pub(super) fn coverage(&self, sequence: i64, wanted: impl Fn(i64) -> bool) -> Option<Vec<CoverageRow>> {
        if self.mode() == Mode::Cached {
            return self.cached.coverage(sequence, wanted);
        }
        let counted = self.resident.coverage(sequence, wanted);
        // The index may have been emptied between the two looks.
        (self.mode() == Mode::Memory).then_some(counted)
    }

    /// Returns the versions on an account that had not ended at `sequence`, on the network and on all others of its family;
    /// whether their batch counts yet is the generation's to say. `claimed` are the networks that have any claims.
    pub(super) fn lookup(
        &self,
        network: i32,
        account_key: &[u8],
        sequence: i64,
        claimed: impl FnOnce() -> Vec<i32>,
    ) -> Result<Vec<StoredClaim>, DirectoryError> {
        if self.mode() == Mode::Memory {
            let found = self.resident.find(&self.keys.fingerprint(network, account_key), sequence);
            // The index may have been emptied between the two looks.
            if self.mode() == Mode::Memory {
                return Ok(found);
            }
        }
        if self.cached.knows_none_of(&self.keys.fingerprint(network, account_key)) {
            return Ok(vec![]);
        }
        // What the generation knows of networks is no newer than it, however far the store is ahead.
        let fetch = || {
            let bucket = self.keys.bucket(network);
            let networks: Vec<i32> = claimed().into_iter().filter(|number| self.keys.bucket(*number) == bucket).collect();
            let rows = self.store.read_at(sequence, |conn| conn.claims_of_key(&networks, account_key))?;
            Ok::<_, DirectoryError>(rows.into_iter().map(stored).collect())
        };
        let versions = self.cached.get(self.keys.key(network, account_key), sequence, fetch)?;
        let stands = |claim: &&StoredClaim| claim.seq_to.is_none_or(|end| end > sequence);
        Ok(versions.iter().filter(stands).cloned().collect())
    }
}
