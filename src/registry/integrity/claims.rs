//! Verifies claims: the rows of each batch, salted from its seed, must give the root in the log. If a row is changed, added, moved or
//! removed, the root differs.

use std::collections::HashMap;

use vasp_log::change::{ClaimBatchAdded, Payload};
use vasp_log::{BatchSeed, BatchTree, RowCommitment};
use vasp_store::{BatchRow, ScannedClaim};

use super::tables::is_batch;
use super::{Place, Sample, Verification};
use crate::node::ServiceError;

/// Number of batches read at once.
const PAGE: i64 = 256;
/// Number of claims between two progress reports.
const TELL_EVERY: u64 = 100_000;

/// A batch whose rows are being read.
struct Reading {
    row: BatchRow,
    said: Option<ClaimBatchAdded>,
    tree: Option<BatchTree>,
    rows: i64,
    /// The first row that is not at its place.
    misplaced: Option<i64>,
}

impl Reading {
    fn take(&mut self, claim: &ScannedClaim<'_>, position: i64) {
        if position != self.rows {
            self.misplaced.get_or_insert(claim.number);
        }
        self.rows += 1;
        if let Some(tree) = &mut self.tree {
            tree.push(&RowCommitment {
                number: claim.number,
                network: claim.network,
                account_key: claim.account_key,
                memo: claim.memo,
                vasp: claim.vasp,
                role: claim.role,
                confidence: claim.confidence,
                asserted_at: claim.asserted_at,
                expires_at: claim.expires_at,
            });
        }
    }

    /// Returns what is wrong with the batch; `None` if nothing is.
    fn fault(&self) -> Option<String> {
        let Some(said) = &self.said else { return Some("the log has no entry for the batch".to_owned()) };
        if !is_batch(&self.row, said) {
            return Some("its source, method, strength or visibility is not the same as in the log".to_owned());
        }
        if let Some(claim) = self.misplaced {
            return Some(format!("rows are missing or were added before claim {claim}"));
        }
        if self.rows != said.claims {
            return Some(format!("it has {} claims, but the log says {}", self.rows, said.claims));
        }
        let fits = self.tree.as_ref().is_none_or(|tree| tree.root().as_slice() == said.root.0);
        (!fits).then(|| "a claim of the batch was changed: its rows do not match the root in the log".to_owned())
    }
}

impl Verification<'_> {
    /// Reads every batch from a number on.
    pub(super) fn claims(&mut self, from: i64) -> Result<(), ServiceError> {
        let mut from = from;
        loop {
            let until = self.head.sequence;
            let page = self.read(|conn| conn.claim_batches_from(from, PAGE))?;
            let Some(last) = page.last().map(|(row, _)| row.number) else { return Ok(()) };
            let page: Vec<_> = page.into_iter().filter(|(row, _)| row.seq_from <= until).collect();
            self.batches(from, last, page)?;
            from = last.saturating_add(1);
            if !self.goes_on(Place::Claims { from }) {
                return Ok(());
            }
        }
    }

    /// Reads the batches of a sample.
    pub(super) fn some_claims(&mut self, sample: &Sample) -> Result<(), ServiceError> {
        let until = self.head.sequence;
        let batches = self.read(|conn| conn.claim_batch_numbers(until))?;
        for (place, number) in sample.order(batches, &sample.always.batches).into_iter().enumerate() {
            if self.report.claims >= sample.rows && place >= sample.always.batches.len() {
                return Ok(());
            }
            let page = self.read(|conn| conn.claim_batches_from(number, 1))?;
            self.batches(number, number, page)?;
            if !self.goes_on(Place::Claims { from: number }) {
                return Ok(());
            }
        }
        Ok(())
    }

    fn batches(&mut self, first: i64, last: i64, page: Vec<(BatchRow, Vec<u8>)>) -> Result<(), ServiceError> {
        let mut waiting = self.readings(page)?;
        let (store, report, progress) = (self.of.store, &mut self.report, &mut *self.progress);
        let (mut open, mut done): (Option<Reading>, Vec<Reading>) = (None, Vec::new());
        let walked = store.walk_batches(first, last, |claim, position| {
            if open.as_ref().is_none_or(|open| open.row.number != claim.batch) {
                done.extend(open.take());
                // An import that is still running has rows, but these are not valid yet.
                open = waiting.remove(&claim.batch);
            }
            let Some(open) = &mut open else { return true };
            open.take(claim, position);
            report.claims += 1;
            if report.claims.is_multiple_of(TELL_EVERY) && !progress(&Place::Claims { from: open.row.number }, report) {
                report.is_stopped = true;
            }
            !report.is_stopped
        });
        walked.map_err(ServiceError::Store)?;
        if self.report.is_stopped {
            return Ok(());
        }
        done.extend(open);
        done.extend(waiting.into_values());
        done.sort_unstable_by_key(|reading| reading.row.number);
        for reading in done {
            self.report.batches += 1;
            if let Some(fault) = reading.fault() {
                self.report.suspects.batches.push(reading.row.number);
                self.altered("claims", format!("batch {}", reading.row.number), &fault);
            }
        }
        Ok(())
    }

    fn readings(&mut self, page: Vec<(BatchRow, Vec<u8>)>) -> Result<HashMap<i64, Reading>, ServiceError> {
        let sequences: Vec<i64> = page.iter().map(|(row, _)| row.seq_from).collect();
        let changes = self.read(|conn| conn.logged_changes_at(&sequences))?;
        let said = changes.into_iter().filter_map(|row| {
            match Payload::read(&row.change.envelope.kind, row.change.payload.as_deref()?) {
                Ok(Payload::ClaimBatch(said)) => Some((row.change.envelope.sequence, said)),
                _ => None,
            }
        });
        let mut said: HashMap<i64, ClaimBatchAdded> = said.collect();
        if self.keys.seeds.is_none() && !page.is_empty() {
            self.report.not_cover("claims: their salts cannot be computed without the master key");
        }
        let mut readings = HashMap::new();
        for (row, sealed) in page {
            let seed = self.keys.seeds.as_ref().map(|key| key.open(&format!("batch:{}", row.number), &sealed));
            let tree = match seed.map(|seed| seed.ok().and_then(|seed| <[u8; 32]>::try_from(seed).ok())) {
                None => None,
                Some(Some(seed)) => Some(BatchTree::new(&BatchSeed(seed))),
                Some(None) => {
                    self.altered("claim_batches", row.number, "its seed cannot be decrypted");
                    continue;
                }
            };
            let said = said.remove(&row.seq_from);
            readings.insert(row.number, Reading { row, said, tree, rows: 0, misplaced: None });
        }
        Ok(readings)
    }
}
