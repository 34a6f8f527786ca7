//! Ends the claims of whole batches of any size, with statements over batches instead of single claims.

use super::backend::written;
use super::edge::*;
use super::schema::{claim_batches, claim_disputes, claims, member_claims, waiting_claims};
use super::{BatchRow, Conn, StoreError, Transaction, WaitingOf};
use diesel::dsl::{count_star, min};
use vasp_record::attestation::EndReason;
use vasp_record::claim::Strength;
use vasp_record::resolution::ENDED;
use vasp_words::ids::OrganisationId;
use vasp_words::time::UtcTime;

/// The numbers of the claims of a batch that have not ended.
#[diesel::dsl::auto_type]
fn live_of_batch(batch: i64) -> _ {
    claims::table.filter(claims::batch.eq(batch)).filter(claims::seq_to.is_null()).select(claims::number)
}

/// Ends the claims of a batch that have not ended.
pub(super) fn end_batch(conn: &mut Conn, batch: i64, sequence: i64) -> Result<(), StoreError> {
    let rows = claims::table.filter(claims::batch.eq(batch)).filter(claims::seq_to.is_null());
    let update = diesel::update(rows).set(claims::seq_to.eq(sequence));
    update.execute(conn).map(drop).map_err(StoreError::on("claims"))
}

/// An account that a member claimed, with a memo or for the whole address, and the strength of the claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaidPlace {
    /// Number of the VASP.
    pub vasp: i64,
    /// Network number.
    pub network: i32,
    /// Account key.
    pub account_key: Vec<u8>,
    /// Number of the class of networks, and what must act for the account there.
    pub controller: (i32, Vec<u8>),
    /// Memo; empty if there is none.
    pub memo: String,
    /// Strength of the claim.
    pub strength: Strength,
}

/// VASP, network, account key, controller and memo.
type Place = (i64, i32, Vec<u8>, (i32, Vec<u8>), String);

impl SaidPlace {
    fn of((vasp, network, account_key, controller, memo): Place, strength: Strength) -> Self {
        Self { vasp, network, account_key, controller, memo, strength }
    }
}

/// How many claims of a member end within some time.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct EndingClaims {
    /// The member.
    pub organisation: OrganisationId,
    /// Number of its VASP.
    pub vasp: i64,
    /// Number of claims.
    pub count: i64,
    /// Number of the first of them.
    pub first: i64,
}

impl Conn {
    /// Returns, by member, how many of its claims expire from `from` on and before `until`. Withdrawn claims are not among them.
    pub fn claims_ending(&mut self, from: UtcTime, until: UtcTime) -> Result<Vec<EndingClaims>, StoreError> {
        let rows = member_claims::table
            .inner_join(claims::table.on(claims::number.eq(member_claims::number)))
            .inner_join(claim_batches::table.on(claim_batches::number.eq(claims::batch)))
            .filter(claims::expires_at.ge(from.micros()))
            .filter(claims::expires_at.lt(until.micros()))
            .filter(claims::seq_to.is_null())
            .filter(claim_batches::method.ne(ENDED))
            .group_by(member_claims::organisation)
            .order(member_claims::organisation)
            .select((
                member_claims::organisation,
                min(claims::vasp).assume_not_null(),
                count_star(),
                min(claims::number).assume_not_null(),
            ));
        rows.load(self).map_err(StoreError::on("claims"))
    }

    /// Returns the accounts of members' claims that are valid or wait, or that ended other than by a decision of the registry.
    pub fn places_said(&mut self, of: WaitingOf<'_>) -> Result<Vec<SaidPlace>, StoreError> {
        let undecided = || member_claims::ended_because.is_null().or(member_claims::ended_because.ne(EndReason::Decided));
        let mut counting = member_claims::table
            .inner_join(claims::table.on(claims::number.eq(member_claims::number)))
            .inner_join(claim_batches::table.on(claim_batches::number.eq(claims::batch)))
            .filter(undecided())
            .select((
                (claims::vasp, claims::network, claims::account_key, (claims::class, claims::controller), claims::memo),
                claim_batches::strength,
            ))
            .into_boxed();
        let mut waiting = member_claims::table
            .inner_join(waiting_claims::table.on(waiting_claims::number.eq(member_claims::number)))
            .filter(undecided())
            .select((
                waiting_claims::vasp,
                member_claims::network,
                member_claims::account_key,
                (waiting_claims::class, waiting_claims::controller),
                member_claims::memo,
            ))
            .into_boxed();
        match of {
            WaitingOf::Vasp(vasp) => {
                counting = counting.filter(claims::vasp.eq(vasp));
                waiting = waiting.filter(waiting_claims::vasp.eq(vasp));
            }
            WaitingOf::Batch(batch) => {
                counting = counting.filter(claim_batches::part_of.eq(batch).or(claim_batches::number.eq(batch)));
                waiting = waiting.filter(waiting_claims::batch.eq(batch));
            }
            WaitingOf::Numbers(numbers) => {
                counting = counting.filter(member_claims::number.eq_any(numbers.to_vec()));
                waiting = waiting.filter(member_claims::number.eq_any(numbers.to_vec()));
            }
        }
        let counting: Vec<(Place, Strength)> = counting.load(self).map_err(StoreError::on("claims"))?;
        let waiting: Vec<Place> = waiting.load(self).map_err(StoreError::on("waiting_claims"))?;
        let waiting = waiting.into_iter().map(|place| (place, Strength::Attested));
        Ok(counting.into_iter().chain(waiting).map(|(place, strength)| SaidPlace::of(place, strength)).collect())
    }

    /// Returns the numbers of all batches of a source.
    pub fn batches_of_source(&mut self, source_key: &str) -> Result<Vec<i64>, StoreError> {
        let query = claim_batches::table.filter(claim_batches::source_key.eq(source_key)).order(claim_batches::number);
        query.select(claim_batches::number).load(self).map_err(StoreError::on("claim_batches"))
    }

    /// Returns those of some batches that have claims which have not ended, in order, each with the number of such claims.
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
        // A batch whose import is still running has claims but no row of its own, so it is left out.
        let count_of = |row: &BatchRow| counted.iter().find(|(batch, _)| *batch == row.number).map_or(0, |(_, count)| *count);
        Ok(rows.into_iter().map(|row| (count_of(&row), row)).map(|(count, row)| (row, count)).collect())
    }
}

impl Transaction<'_> {
    /// Records that a decision ends the members' claims of a batch that have not ended, and closes the disputes about them. Call this
    /// before you record the change that ends the claims.
    pub fn decide_batch_ends(&mut self, batch: i64, outcome: &str) -> Result<(), StoreError> {
        let now: UtcTime = self.now();
        let ended = (member_claims::ended_because.eq(EndReason::Decided), member_claims::ended_at.eq(now));
        let rows = member_claims::table.filter(member_claims::number.eq_any(live_of_batch(batch)));
        written(self.conn(), "member_claims", diesel::update(rows.filter(member_claims::ended_because.is_null())).set(ended))?;
        // Do this after the claims: a report about one of them waits for its row and then finds that the claim has ended.
        let closed = (claim_disputes::outcome.eq(outcome), claim_disputes::closed_at.eq(now));
        let open = claim_disputes::closed_at.is_null();
        let about = claim_disputes::table.filter(claim_disputes::claim.eq_any(live_of_batch(batch)));
        written(self.conn(), "claim_disputes", diesel::update(about.filter(open)).set(closed))?;
        let against = claim_disputes::table.filter(claim_disputes::against.eq_any(live_of_batch(batch).nullable()));
        written(self.conn(), "claim_disputes", diesel::update(against.filter(open)).set(closed)).map(drop)
    }
}
