//! The index of claims by key. Up to a limit every claim stands in memory with all its versions; above it, moka over the
//! store. Either way a question at sequence N gets exactly what stood at N: entries hold all versions, a write enters
//! the index before the generation that shows it is pinned, and a cached entry older than a write to its key is not used.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::DirectoryError;
use crate::domain::network::NetworkTable;
use crate::store::{ClaimRow, Conn, Store};

/// How much the index may hold.
#[derive(Clone, Copy, Debug)]
pub struct ClaimIndexLimits {
    /// Claims in memory; beyond, keys are cached over the store.
    pub memory_claims: i64,
    /// Keys in the cache.
    pub cached_keys: u64,
}

impl Default for ClaimIndexLimits {
    fn default() -> Self {
        Self { memory_claims: 1_000_000, cached_keys: 200_000 }
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

type Key = Box<[u8]>;

const SHARDS: usize = 64;
/// Rows read at once when loading.
const PAGE: i64 = 20_000;
/// Changed keys remembered for judging cached entries; beyond, all older entries are read again.
const TOUCHED_KEYS: usize = 100_000;

/// A cached key: all versions of its claims as of one sequence.
#[derive(Clone)]
struct Entry {
    loaded_at: i64,
    claims: Arc<Vec<StoredClaim>>,
}

/// Which keys were written since `floor`, and when last.
#[derive(Default)]
struct Touched {
    floor: i64,
    keys: HashMap<Key, i64>,
}

enum Mode {
    Memory,
    Cached,
}

pub(super) struct ClaimIndex {
    store: Store,
    limits: ClaimIndexLimits,
    mode: RwLock<Mode>,
    hasher: RandomState,
    /// The family's number of each network that belongs to one: a family's claims on one account stand together.
    families: HashMap<i32, i32>,
    shards: Vec<RwLock<HashMap<Key, Vec<StoredClaim>>>>,
    cache: moka::sync::Cache<Key, Entry>,
    touched: RwLock<Touched>,
    hits: AtomicU64,
    misses: AtomicU64,
}

/// What an operator watches of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimIndexState {
    /// Accounts held in memory.
    pub memory_keys: u64,
    /// Accounts held in the cache over the store.
    pub cached_keys: u64,
    /// Looks that the cache answered.
    pub hits: u64,
    /// Looks that asked the store.
    pub misses: u64,
}

fn families() -> HashMap<i32, i32> {
    let table = NetworkTable::embedded().iter();
    table.filter_map(|network| network.family.map(|family| (network.number.0, family.number().0))).collect()
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
    pub(super) fn new(store: Store, limits: ClaimIndexLimits) -> Self {
        Self {
            store,
            limits,
            mode: RwLock::new(Mode::Memory),
            hasher: RandomState::new(),
            families: families(),
            shards: (0..SHARDS).map(|_| RwLock::default()).collect(),
            cache: moka::sync::Cache::new(limits.cached_keys),
            touched: RwLock::default(),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }
    }

    pub(super) fn state(&self) -> ClaimIndexState {
        let held = |shard: &RwLock<HashMap<Key, _>>| shard.read().unwrap_or_else(PoisonError::into_inner).len();
        ClaimIndexState {
            memory_keys: self.shards.iter().map(|shard| u64::try_from(held(shard)).unwrap_or(0)).sum(),
            cached_keys: self.cache.entry_count(),
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
        }
    }

    /// The number under which a network's claims stand: its family's, or its own.
    fn bucket(&self, network: i32) -> i32 {
        self.families.get(&network).copied().unwrap_or(network)
    }

    fn key(&self, network: i32, account_key: &[u8]) -> Key {
        [self.bucket(network).to_be_bytes().as_slice(), account_key].concat().into()
    }

    pub(super) fn may_block(&self) -> bool {
        matches!(*self.mode.read().unwrap_or_else(PoisonError::into_inner), Mode::Cached)
    }

    /// Fills the index with what stands at `sequence`.
    pub(super) fn load(&self, conn: &mut Conn, sequence: i64) -> Result<(), DirectoryError> {
        self.apply(conn, 0, sequence)
    }

    /// Brings the index from one sequence to another. Readers of earlier sequences are not disturbed: rows carry the
    /// sequences between which they count.
    pub(super) fn apply(&self, conn: &mut Conn, after: i64, until: i64) -> Result<(), DirectoryError> {
        if !self.may_block() && conn.claim_count()? > self.limits.memory_claims {
            self.leave_memory(until);
        }
        let cached = self.may_block();
        if cached && after == 0 {
            // Nothing is cached yet, so nothing can be out of date.
            return Ok(());
        }
        for batch in conn.claim_batches_between(after, until)? {
            let mut last = -1;
            loop {
                let rows = conn.claims_of_batch(batch.number, last, PAGE)?;
                let Some((position, _)) = rows.last() else { break };
                last = *position;
                for (_, row) in rows {
                    if cached { self.touch(self.key(row.network, &row.account_key), until) } else { self.insert(row) }
                }
            }
        }
        // A first load reads the ends with the rows.
        let ended = if after == 0 { vec![] } else { conn.claims_ended(after, until)? };
        for row in ended {
            if cached { self.touch(self.key(row.network, &row.account_key), until) } else { self.insert(row) }
        }
        Ok(())
    }

    /// Gives the memory back: from now on the store is asked.
    fn leave_memory(&self, floor: i64) {
        tracing::info!(limit = self.limits.memory_claims, "more claims than are kept in memory: caching over the store");
        *self.mode.write().unwrap_or_else(PoisonError::into_inner) = Mode::Cached;
        self.touched.write().unwrap_or_else(PoisonError::into_inner).floor = floor;
        for shard in &self.shards {
            *shard.write().unwrap_or_else(PoisonError::into_inner) = HashMap::new();
        }
    }

    fn touch(&self, key: Key, sequence: i64) {
        let mut touched = self.touched.write().unwrap_or_else(PoisonError::into_inner);
        if touched.keys.len() >= TOUCHED_KEYS {
            *touched = Touched { floor: sequence, keys: HashMap::new() };
        }
        touched.keys.insert(key, sequence);
    }

    fn shard(&self, key: &[u8]) -> Option<&RwLock<HashMap<Key, Vec<StoredClaim>>>> {
        let shards = u64::try_from(SHARDS).unwrap_or(1);
        self.shards.get(usize::try_from(self.hasher.hash_one(key) % shards).unwrap_or(0))
    }

    /// Adds a version, or replaces the version of the same number.
    fn insert(&self, row: ClaimRow) {
        let key = self.key(row.network, &row.account_key);
        let claim = stored(row);
        if let Some(shard) = self.shard(&key) {
            let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
            let claims = shard.entry(key).or_default();
            match claims.iter_mut().find(|known| known.number == claim.number) {
                Some(known) => *known = claim,
                None => claims.push(claim),
            }
            // Most keys have one claim; growth by doubling would waste a third of the index.
            claims.shrink_to_fit();
        }
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
        let key = self.key(network, account_key);
        let stands = |claim: &&StoredClaim| claim.seq_to.is_none_or(|end| end > sequence);
        if !self.may_block() {
            let Some(shard) = self.shard(&key) else { return Ok(vec![]) };
            let shard = shard.read().unwrap_or_else(PoisonError::into_inner);
            let found: Vec<StoredClaim> = shard.get(&key).into_iter().flatten().filter(stands).cloned().collect();
            drop(shard);
            // The index may have been emptied between the two looks.
            if !self.may_block() {
                return Ok(found);
            }
        }
        let entry = match self.cache.get(&key).filter(|entry| self.is_fresh(entry, &key, sequence)) {
            Some(entry) => {
                self.hits.fetch_add(1, Ordering::Relaxed);
                entry
            }
            None => {
                self.misses.fetch_add(1, Ordering::Relaxed);
                self.fetch(network, account_key, key, (sequence, &claimed()))?
            }
        };
        Ok(entry.claims.iter().filter(stands).cloned().collect())
    }

    fn is_fresh(&self, entry: &Entry, key: &[u8], sequence: i64) -> bool {
        if entry.loaded_at >= sequence {
            return true;
        }
        let touched = self.touched.read().unwrap_or_else(PoisonError::into_inner);
        entry.loaded_at >= touched.floor && touched.keys.get(key).is_none_or(|at| *at <= entry.loaded_at)
    }

    /// Reads a key for a generation. `claimed` is what the generation knows of networks, so the entry is no newer than it,
    /// however far the store is ahead.
    fn fetch(
        &self,
        network: i32,
        account_key: &[u8],
        key: Key,
        (sequence, claimed): (i64, &[i32]),
    ) -> Result<Entry, DirectoryError> {
        let bucket = self.bucket(network);
        let networks: Vec<i32> = claimed.iter().copied().filter(|number| self.bucket(*number) == bucket).collect();
        let rows = self.store.read(|conn| conn.claims_of_key(&networks, account_key))?;
        let entry = Entry { loaded_at: sequence, claims: Arc::new(rows.into_iter().map(stored).collect()) };
        self.cache.insert(key, entry.clone());
        Ok(entry)
    }
}
