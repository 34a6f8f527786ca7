//! Ending the claims of whole batches, at any size: with statements over batches, not over claims.

use super::backend::{on_backend, written};
use super::schema::{claim_batches, claim_disputes, claims, member_claims, waiting_claims};
use super::{BatchRow, Conn, StoreError, Transaction, WaitingOf};
use diesel::dsl::count_star;
use diesel::prelude::*;
use vasp_record::attestation::EndReason;
use vasp_record::claim::Strength;
use vasp_words::time::UtcTime;

/// The numbers of the claims of a batch that have not ended.
macro_rules! live_of_batch {
    ($batch:expr) => {
        claims::table.filter(claims::batch.eq($batch)).filter(claims::seq_to.is_null()).select(claims::number)
    };
}

/// Ends the claims of a batch that have not ended.
pub(super) fn end_batch(conn: &mut Conn, batch: i64, sequence: i64) -> Result<(), StoreError> {
    let rows = claims::table.filter(claims::batch.eq(batch)).filter(claims::seq_to.is_null());
    let update = diesel::update(rows).set(claims::seq_to.eq(sequence));
    on_backend!(conn, c => update.execute(c)).map(drop).map_err(StoreError::on("claims"))
}

/// What a member said of an account, with a memo or for the whole address, and how strong that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaidPlace {
    /// Number of the VASP.
    pub vasp: i64,
    /// Network number.
    pub network: i32,
    /// Account key.
    pub account_key: Vec<u8>,
    /// Memo; empty for none.
    pub memo: String,
    /// How strong.
    pub strength: Strength,
}

impl Conn {
    /// Returns of what members' claims are that count, wait, or ended otherwise than by a decision of the registry.
    pub fn places_said(&mut self, of: WaitingOf<'_>) -> Result<Vec<SaidPlace>, StoreError> {
        let undecided = || member_claims::ended_because.is_null().or(member_claims::ended_because.ne(EndReason::Decided));
        let on_key = claims::network
            .eq(member_claims::network)
            .and(claims::account_key.eq(member_claims::account_key))
            .and(claims::memo.eq(member_claims::memo))
            .and(claims::number.eq(member_claims::number));
        let mut counting = member_claims::table
            .inner_join(claims::table.on(on_key))
            .inner_join(claim_batches::table.on(claim_batches::number.eq(claims::batch)))
            .filter(undecided())
            .select((claims::vasp, claims::network, claims::account_key, claims::memo, claim_batches::strength))
            .into_boxed();
        let mut waiting = member_claims::table
            .inner_join(waiting_claims::table.on(waiting_claims::number.eq(member_claims::number)))
            .filter(undecided())
            .select((waiting_claims::vasp, member_claims::network, member_claims::account_key, member_claims::memo))
            .into_boxed();
        match of {
            WaitingOf::Vasp(vasp) => {
                counting = counting.filter(claims::vasp.eq(vasp));
                waiting = waiting.filter(waiting_claims::vasp.eq(vasp));
            }
            WaitingOf::Batch(batch) => {
                counting = counting.filter(claims::batch.eq(batch));
                waiting = waiting.filter(waiting_claims::batch.eq(batch));
            }
            WaitingOf::Numbers(numbers) => {
                counting = counting.filter(member_claims::number.eq_any(numbers.to_vec()));
                waiting = waiting.filter(member_claims::number.eq_any(numbers.to_vec()));
            }
        }
        let counting: Vec<(i64, i32, Vec<u8>, String, Strength)> = counting.load(self).map_err(StoreError::on("claims"))?;
        let waiting: Vec<(i64, i32, Vec<u8>, String)> = waiting.load(self).map_err(StoreError::on("waiting_claims"))?;
        let waiting = waiting.into_iter().map(|(vasp, network, key, memo)| (vasp, network, key, memo, Strength::Attested));
        let place = |(vasp, network, account_key, memo, strength)| SaidPlace { vasp, network, account_key, memo, strength };
        Ok(counting.into_iter().chain(waiting).map(place).collect())
    }

    /// Returns the numbers of all batches of a source.
    pub fn batches_of_source(&mut self, source_key: &str) -> Result<Vec<i64>, StoreError> {
        let query = claim_batches::table.filter(claim_batches::source_key.eq(source_key)).order(claim_batches::number);
        query.select(claim_batches::number).load(self).map_err(StoreError::on("claim_batches"))
    }

    /// Returns those of some batches that have claims which have not ended, in order, and how many each.
    pub fn live_batches(&mut self, numbers: &[i64]) -> Result<Vec<(BatchRow, i64)>, StoreError> {
        let mut counted: Vec<(i64, i64)> = Vec::new();
        for chunk in numbers.chunks(500) {
            let query = claims::table
                .filter(claims::batch.eq_any(chunk))
                .filter(claims::seq_to.is_null())
                .group_by(claims::batch)
                .order(claims::batch)
                .select((claims::batch, count_star()));
            counted.extend(query.load::<(i64, i64)>(self).map_err(StoreError::on("claims"))?);
        }
        let live: Vec<i64> = counted.iter().map(|(batch, _)| *batch).collect();
        let mut rows = self.claim_batches(&live)?;
        rows.sort_unstable_by_key(|row| row.number);
        // A batch whose import is under way has rows and does not count.
        let count_of = |row: &BatchRow| counted.iter().find(|(batch, _)| *batch == row.number).map_or(0, |(_, count)| *count);
        Ok(rows.into_iter().map(|row| (count_of(&row), row)).map(|(count, row)| (row, count)).collect())
    }
}

impl Transaction<'_> {
    /// Notes why the members' claims of a batch that have not ended end now, and closes the disputes about them. To be called before
    /// the change is recorded that ends them.
    pub fn decide_batch_ends(&mut self, batch: i64, outcome: &str) -> Result<(), StoreError> {
        let now: UtcTime = self.now();
        let ended = (member_claims::ended_because.eq(EndReason::Decided), member_claims::ended_at.eq(now));
        let rows = member_claims::table.filter(member_claims::number.eq_any(live_of_batch!(batch)));
        written!(self, "member_claims", diesel::update(rows.filter(member_claims::ended_because.is_null())).set(ended))?;
        // After the claims: a report of one of them waits for its row, then finds the claim ended.
        let closed = (claim_disputes::outcome.eq(outcome), claim_disputes::closed_at.eq(now));
        let open = claim_disputes::closed_at.is_null();
        let about = claim_disputes::table.filter(claim_disputes::claim.eq_any(live_of_batch!(batch)));
        written!(self, "claim_disputes", diesel::update(about.filter(open)).set(closed))?;
        let against = claim_disputes::table.filter(claim_disputes::against.eq_any(live_of_batch!(batch).nullable()));
        written!(self, "claim_disputes", diesel::update(against.filter(open)).set(closed)).map(drop)
    }
}
