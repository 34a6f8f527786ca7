//! The index of claims by key. Up to a limit every claim stands in memory with all its versions (`resident`); above it a filter
//! tells which keys have none (`filter`), and of the others moka keeps what the store said (`cached`). Either way a question at
//! sequence N gets exactly what stood at N: entries hold all versions, and a write enters the index before the generation that
//! shows it is pinned.
//!
//! A key in memory is told by its keyed hash of 128 bits. Two keys with the same one would mix up their owners; with a secret
//! key, made anew by every process, nobody can look for such a pair, and among a billion keys one comes about by chance with a
//! probability of 1.5 in 10²¹ (n²/2¹²⁹).

mod cached;
mod class;
mod filter;
mod keys;
mod resident;
mod segment;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::DirectoryError;
use crate::store::{ClaimRow, Conn, CoverageRow, ScannedClaim, Store};
use cached::Cached;
use class::{Class, Classes};
use filter::Filter;
use keys::Keys;
use resident::{Batch, Resident};

/// How much the index may hold.
#[derive(Clone, Copy, Debug)]
pub struct ClaimIndexLimits {
    /// Claims in memory; beyond, keys are cached over the store.
    pub memory_claims: i64,
    /// Keys in the cache.
    pub cached_keys: u64,
    /// Claims written lately that are kept apart before they are sorted in.
    pub recent_claims: usize,
}

impl Default for ClaimIndexLimits {
    fn default() -> Self {
        Self { memory_claims: 50_000_000, cached_keys: 200_000, recent_claims: 65_536 }
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

/// Rows read at once when catching up.
const PAGE: i64 = 20_000;
/// Threads that read the claims at the start; more would wait for the disk.
const LOADERS: usize = 4;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Memory,
    Cached,
}

pub(super) struct ClaimIndex {
    store: Store,
    limits: ClaimIndexLimits,
    mode: RwLock<Mode>,
    keys: Arc<Keys>,
    resident: Arc<Resident>,
    cached: Cached,
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
}

fn loaders() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(LOADERS)
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
            keys: Arc::new(Keys::new()),
            resident: Arc::default(),
            cached: Cached::new(limits.cached_keys),
        }
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

    /// Tells whether a look at an account asks the store: neither memory, the filter nor the cache may answer.
    pub(super) fn may_ask_store(&self, network: i32, account_key: &[u8], sequence: i64) -> bool {
        self.may_block()
            && !self.cached.filters_out(&self.keys.fingerprint(network, account_key))
            && !self.cached.has(&self.keys.key(network, account_key), sequence)
    }

    /// Fills the index with what stands at `sequence`, and with what came while it was reading.
    pub(super) fn load(&self, conn: &mut Conn, sequence: i64) -> Result<(), DirectoryError> {
        let count = conn.claim_count()?;
        if count > self.limits.memory_claims {
            let filter = self.leave_memory(sequence, count);
            return self.count(sequence, &filter);
        }
        let threads = loaders();
        // Threads take stretches as they come, so that one reads a little more than another.
        let share = usize::try_from(count).unwrap_or(0) / threads;
        let part = || Batch::expecting(share + share / 4);
        let push = |batch: &mut Batch, claim: &ScannedClaim<'_>| {
            batch.push(self.keys.fingerprint(claim.network, claim.account_key), claim);
        };
        // Each thread sorts what it read.
        let published = self.store.scan_claims(threads, part, push, |batch| self.resident.publish(batch))?;
        published.into_iter().collect()
    }

    /// Brings the index from one sequence to another. Readers of earlier sequences are not disturbed: rows carry the
    /// sequences between which they count. What was taken up already changes nothing.
    pub(super) fn apply(&self, conn: &mut Conn, after: i64, until: i64) -> Result<(), DirectoryError> {
        if !self.may_block() {
            let count = conn.claim_count()?;
            if count > self.limits.memory_claims {
                let filter = self.leave_memory(until, count);
                self.fill_in_background(filter);
            }
        }
        for batch in conn.claim_batches_between(after, until)? {
            self.take_batch(conn, batch.number, until)?;
        }
        for row in conn.claims_ended(after, until)? {
            self.take(&row, until)?;
        }
        if !self.may_block() {
            self.resident.tidy(self.limits.recent_claims);
        }
        Ok(())
    }

    fn take_batch(&self, conn: &mut Conn, number: i64, until: i64) -> Result<(), DirectoryError> {
        let mut last = -1;
        let mut many: Option<Batch> = None;
        loop {
            let rows = conn.claims_of_batch(number, last, PAGE)?;
            let Some((position, _)) = rows.last() else { break };
            let is_first = last == -1;
            last = *position;
            // A batch of many goes into a segment of its own, unless some of it is here already.
            if is_first && i64::try_from(rows.len()) == Ok(PAGE) && !self.may_block() && !self.resident.has_batch(number) {
                many = Some(Batch::default());
            }
            for (_, row) in &rows {
                match &mut many {
                    Some(batch) => batch.push(self.keys.fingerprint(row.network, &row.account_key), &scanned(row)),
                    None => self.take(row, until)?,
                }
            }
        }
        many.map_or(Ok(()), |batch| self.resident.publish(batch))
    }

    fn take(&self, row: &ClaimRow, until: i64) -> Result<(), DirectoryError> {
        match self.mode() {
            Mode::Cached => {
                self.cached.note(&self.keys.fingerprint(row.network, &row.account_key));
                self.cached.touch(self.keys.key(row.network, &row.account_key), until);
            }
            Mode::Memory => self.resident.put(self.keys.fingerprint(row.network, &row.account_key), &scanned(row))?,
        }
        Ok(())
    }

    /// Gives the memory back: from now on the store is asked.
    fn leave_memory(&self, floor: i64, claims: i64) -> Arc<Filter> {
        tracing::info!(limit = self.limits.memory_claims, "more claims than are kept in memory: caching over the store");
        let filter = Arc::new(Filter::for_claims(u64::try_from(claims).unwrap_or(0)));
        self.cached.begin(floor, Arc::clone(&filter));
        *self.mode.write().unwrap_or_else(PoisonError::into_inner) = Mode::Cached;
        self.resident.clear();
        filter
    }

    /// Has every key of the store noted and every claim counted: one look at each, by several threads, where the database would
    /// group them all by itself.
    fn count(&self, sequence: i64, filter: &Filter) -> Result<(), DirectoryError> {
        let (mut counted, complete) = (Classes::default(), AtomicBool::new(true));
        let note = |classes: &mut Classes, claim: &ScannedClaim<'_>| {
            filter.note(&self.keys.fingerprint(claim.network, claim.account_key));
            let key = Class::of(claim).and_then(|class| classes.key_of(class));
            if key.and_then(|key| classes.number_of(key, 1)).is_none() {
                complete.store(false, Ordering::Relaxed);
            }
        };
        let parts = self.store.scan_claims(loaders(), Classes::default, note, |classes| classes)?;
        filter.filled();
        if parts.iter().all(|part| counted.add(part)) && complete.load(Ordering::Relaxed) {
            self.cached.keep_counted(sequence, counted);
        }
        Ok(())
    }

    /// Has every key of the store noted. What is written meanwhile is noted as it is taken up; until all is, the store is asked.
    fn fill_in_background(&self, filter: Arc<Filter>) {
        let (store, keys) = (self.store.clone(), Arc::clone(&self.keys));
        let fill = move || {
            let note = |(): &mut (), claim: &ScannedClaim<'_>| filter.note(&keys.fingerprint(claim.network, claim.account_key));
            match store.scan_claims(1, || (), note, |()| ()) {
                Ok(_) => filter.filled(),
                Err(error) => {
                    tracing::warn!(%error, "the filter of claimed accounts is not filled: the store is asked every time")
                }
            }
        };
        if let Err(error) = std::thread::Builder::new().name("claim-filter".to_owned()).spawn(fill) {
            tracing::warn!(%error, "no thread to fill the filter of claimed accounts: the store is asked every time");
        }
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

fn scanned(row: &ClaimRow) -> ScannedClaim<'_> {
    ScannedClaim {
        network: row.network,
        account_key: &row.account_key,
        memo: &row.memo,
        number: row.number,
        vasp: row.vasp,
        batch: row.batch,
        role: row.role,
        confidence: row.confidence,
        asserted_at: row.asserted_at,
        expires_at: row.expires_at,
        seq_to: row.seq_to,
    }
}
