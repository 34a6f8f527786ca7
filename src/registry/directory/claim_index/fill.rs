//! Brings the index to a sequence. At the start it reads every claim. At every write it adds what was written since. If there are more
//! claims than memory may hold, it moves from memory to the cache.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};

use super::class::{Class, Classes};
use super::filter::Filter;
use super::keys::{Keys, key};
use super::resident::Batch;
use super::{ClaimIndex, ClaimIndexOptions, DirectoryError, Mode};
use vasp_addresses::address::Controller;
use vasp_addresses::class::ClassNumber;
use vasp_addresses::network::{NetworkNumber, NetworkTable};
use vasp_record::claim::Strength;
use vasp_store::{ClaimRow, Conn, ScannedClaim, Store};

/// Number of rows per read when catching up.
const PAGE: i64 = 20_000;
/// Number of threads that read the claims at the start; more would only wait for the disk.
const LOADERS: usize = 4;

fn loaders() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(LOADERS)
}

impl ClaimIndex {
    /// Makes an index as of `sequence`, by reading every claim. Claims that arrive during the read are included.
    pub(in crate::directory) fn open(
        store: Store,
        options: ClaimIndexOptions,
        conn: &mut Conn,
        sequence: i64,
    ) -> Result<Self, DirectoryError> {
        let index = Self::new(store, options);
        index.load(conn.claim_count()?, sequence)?;
        let proven = conn.proven_claims()?;
        index.take_shown(conn, &proven, sequence)?;
        Ok(index)
    }

    /// Fills the index as of `sequence`. `count` is the number of claims ever added.
    fn load(&self, count: i64, sequence: i64) -> Result<(), DirectoryError> {
        if count > self.options.memory_claims {
            let filter = self.leave_memory(sequence, count);
            return self.count(sequence, &filter);
        }
        let threads = loaders();
        // Threads take sections of work as they become free, so that one may read a little more than another.
        let share = usize::try_from(count).unwrap_or(0) / threads;
        let part = || Batch::expecting(share + share / 4);
        let push = |batch: &mut Batch, claim: &ScannedClaim<'_>| self.push(batch, claim);
        // Each thread sorts what it read.
        let published = self.store.scan_claims(threads, part, push, |batch| self.resident.publish(batch))?;
        published.into_iter().collect()
    }

    /// Adds a claim to a batch, under each controller of its account.
    fn push(&self, batch: &mut Batch, claim: &ScannedClaim<'_>) {
        for claim in under_each(claim, &others_of(claim)) {
            batch.push(self.keys.fingerprint(claim.class, claim.controller), &claim);
        }
    }

    /// Brings the index from one sequence to another. Readers of earlier sequences are not affected, because rows carry the sequences
    /// between which they are valid. Rows that are already in the index change nothing.
    pub(in crate::directory) fn apply(&self, conn: &mut Conn, after: i64, until: i64) -> Result<(), DirectoryError> {
        if !self.may_block() {
            let count = conn.claim_count()?;
            if count > self.options.memory_claims {
                let filter = self.leave_memory(until, count);
                let proven = conn.proven_claims()?;
                self.take_shown(conn, &proven, until)?;
                self.fill_in_background(filter);
            }
        }
        let mut changed = vec![];
        for batch in conn.claim_batches_between(after, until)? {
            self.take_batch(conn, batch.number, until)?;
            self.tidy();
            // A proven claim has a batch of its own.
            if batch.strength == Strength::Proven {
                changed.extend(conn.claims_of_batch(batch.number, -1, PAGE)?.into_iter().map(|(_, row)| row.number));
            }
        }
        for row in conn.claims_ended(after, until)? {
            self.take(&row, until)?;
            changed.push(row.number);
        }
        self.take_shown(conn, &changed, until)?;
        self.tidy();
        Ok(())
    }

    /// Enters claims under what follows from the key that their proofs showed.
    fn take_shown(&self, conn: &mut Conn, numbers: &[i64], until: i64) -> Result<(), DirectoryError> {
        for (class, row) in conn.under_others(numbers)? {
            self.enter(&ScannedClaim { stored_under: Some(class), ..scanned(&row) }, until)?;
        }
        Ok(())
    }

    fn tidy(&self) {
        if !self.may_block() {
            self.resident.tidy(self.options.recent_claims);
        }
    }

    fn take_batch(&self, conn: &mut Conn, number: i64, until: i64) -> Result<(), DirectoryError> {
        let mut last = -1;
        let mut many: Option<Batch> = None;
        loop {
            let rows = conn.claims_of_batch(number, last, PAGE)?;
            let Some((position, _)) = rows.last() else { break };
            let is_first = last == -1;
            last = *position;
            // A large batch becomes a segment of its own, unless parts of it are already in the index.
            if is_first && i64::try_from(rows.len()) == Ok(PAGE) && !self.may_block() && !self.resident.has_batch(number) {
                many = Some(Batch::default());
            }
            for (_, row) in &rows {
                match &mut many {
                    Some(batch) => self.push(batch, &scanned(row)),
                    None => self.take(row, until)?,
                }
            }
        }
        many.map_or(Ok(()), |batch| self.resident.publish(batch))
    }

    fn take(&self, row: &ClaimRow, until: i64) -> Result<(), DirectoryError> {
        let row = scanned(row);
        under_each(&row, &others_of(&row)).try_for_each(|claim| self.enter(&claim, until))
    }

    fn enter(&self, claim: &ScannedClaim<'_>, until: i64) -> Result<(), DirectoryError> {
        let fingerprint = self.keys.fingerprint(claim.class, claim.controller);
        match self.mode() {
            Mode::Cached => {
                self.cached.note(&fingerprint);
                self.cached.touch(key(claim.class, claim.controller), until);
            }
            Mode::Memory => self.resident.put(fingerprint, claim)?,
        }
        Ok(())
    }

    /// Frees the memory: from now on lookups use the cache and the store.
    fn leave_memory(&self, floor: i64, claims: i64) -> Arc<Filter> {
        tracing::info!(
            limit = self.options.memory_claims,
            "more claims than the memory limit: the index reads them from the store and caches them"
        );
        let filter = Arc::new(Filter::for_claims(u64::try_from(claims).unwrap_or(0)));
        self.cached.begin(floor, Arc::clone(&filter));
        *self.mode.write().unwrap_or_else(PoisonError::into_inner) = Mode::Cached;
        self.resident.clear();
        filter
    }

    /// Adds every key of the store to the filter and counts every claim. It reads each claim once, with several threads; a grouping in the
    /// database would run in one.
    fn count(&self, sequence: i64, filter: &Filter) -> Result<(), DirectoryError> {
        let (mut counted, complete) = (Classes::default(), AtomicBool::new(true));
        let count = |classes: &mut Classes, claim: &ScannedClaim<'_>| {
            note(filter, &self.keys, claim);
            let key = Class::of(claim).and_then(|class| classes.key_of(class));
            if key.and_then(|key| classes.number_of(key, 1)).is_none() {
                complete.store(false, Ordering::Relaxed);
            }
        };
        let parts = self.store.scan_claims(loaders(), Classes::default, count, |classes| classes)?;
        filter.filled();
        if parts.iter().all(|part| counted.add(part)) && complete.load(Ordering::Relaxed) {
            self.cached.keep_counted(sequence, counted);
        }
        Ok(())
    }

    /// Adds every key of the store to the filter. Keys written in the meantime are added as their changes are applied. Until the filter is
    /// complete, the store is asked.
    fn fill_in_background(&self, filter: Arc<Filter>) {
        let (store, keys) = (self.store.clone(), Arc::clone(&self.keys));
        let fill = move || match store.scan_claims(1, || (), |(), claim| note(&filter, &keys, claim), |()| ()) {
            Ok(_) => filter.filled(),
            Err(error) => {
                tracing::warn!(%error, "the filter of claimed accounts could not be filled: every lookup reads the store")
            }
        };
        if let Err(error) = std::thread::Builder::new().name("claim-filter".to_owned()).spawn(fill) {
            tracing::warn!(%error, "no thread to fill the filter of claimed accounts: every lookup reads the store");
        }
    }
}

/// Adds a claim's keys to the filter.
fn note(filter: &Filter, keys: &Keys, claim: &ScannedClaim<'_>) {
    under_each(claim, &others_of(claim)).for_each(|claim| filter.note(&keys.fingerprint(claim.class, claim.controller)));
}

/// Returns the controllers of a claim's account besides its own. They are computed, because that takes less than reading them.
fn others_of(claim: &ScannedClaim<'_>) -> Vec<Controller> {
    let stored = (ClassNumber(claim.class), claim.controller);
    NetworkTable::embedded().other_controllers(NetworkNumber(claim.network), claim.account_key, stored)
}

/// Iterates over a claim under its controller, and under the other ones of its account.
fn under_each<'a>(claim: &ScannedClaim<'a>, others: &'a [Controller]) -> impl Iterator<Item = ScannedClaim<'a>> {
    let claim = *claim;
    let under = move |other: &'a Controller| ScannedClaim {
        class: other.class.0,
        controller: other.bytes.as_bytes(),
        stored_under: Some(claim.class),
        ..claim
    };
    std::iter::once(claim).chain(others.iter().map(under))
}

fn scanned(row: &ClaimRow) -> ScannedClaim<'_> {
    ScannedClaim {
        class: row.class,
        controller: &row.controller,
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
        stored_under: None,
    }
}
