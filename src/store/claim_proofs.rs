//! Challenges that wait for a signature with an address's key, each for one use. Also checks of batches: which addresses the registry
//! picked, which of them signed, and from which sequence the outcome is valid.

use super::backend::{written, written_rows};
use super::edge::*;
use super::schema::{batch_check_picks, batch_checks, claim_batches, claim_challenges};
use super::{Conn, StoreError, Transaction};
use vasp_record::client_certificate::Sha256Hex;
use vasp_words::ids::OrganisationId;
use vasp_words::time::UtcTime;

/// A row of the table of challenges.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = claim_challenges, treat_none_as_default_value = false)]
pub struct ChallengeRow {
    /// 16 bytes.
    pub nonce: Vec<u8>,
    /// The organisation that requested it.
    pub organisation: OrganisationId,
    /// Number of the claim it is about.
    pub claim: i64,
    /// SHA-256 of the challenge's text.
    pub text_sha256: Sha256Hex,
    /// Last instant at which it may be answered.
    pub expires_at: UtcTime,
    /// When it was answered; `None` if it was not.
    pub used_at: Option<UtcTime>,
}

/// A row of the table of batch checks.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = batch_checks, treat_none_as_default_value = false)]
pub struct BatchCheckRow {
    /// Number of the batch.
    pub batch: i64,
    /// The organisation whose batch it is.
    pub organisation: OrganisationId,
    /// Digest of the batch's accounts.
    pub digest: Sha256Hex,
    /// Number of accounts in the batch.
    pub size: i64,
    /// The random seed that was drawn.
    pub seed: Sha256Hex,
    /// Number of accounts that were picked.
    pub picked: i64,
    /// Lower bound of the accounts that the member controls; `None` until every picked account has signed.
    pub controlled_at_least: Option<i64>,
    /// First sequence at which that result is valid; `None` until then.
    pub seq_from: Option<i64>,
}

/// An account that was picked.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = batch_check_picks, treat_none_as_default_value = false)]
pub struct BatchPickRow {
    /// Number of the batch.
    pub batch: i64,
    /// Number among the picks, from 0.
    pub rank: i32,
    /// Position among the batch's accounts, from 0.
    pub place: i64,
    /// Number of a claim on this account.
    pub claim: i64,
    /// When its key signed; `None` if it has not.
    pub signed_at: Option<UtcTime>,
}

/// Records the outcome of a check, which is valid from `sequence` on.
pub(super) fn conclude(conn: &mut Conn, batch: i64, controlled_at_least: i64, sequence: i64) -> Result<(), StoreError> {
    let update = diesel::update(batch_checks::table.find(batch).filter(batch_checks::seq_from.is_null()))
        .set((batch_checks::controlled_at_least.eq(controlled_at_least), batch_checks::seq_from.eq(sequence)));
    match update.execute(conn).map_err(StoreError::on("batch_checks"))? {
        1 => Ok(()),
        _ => Err(StoreError::Stale { table: "batch_checks" }),
    }
}

impl Conn {
    /// Returns the challenge with a nonce.
    pub fn challenge(&mut self, nonce: &[u8]) -> Result<Option<ChallengeRow>, StoreError> {
        let query = claim_challenges::table.find(nonce).select(ChallengeRow::as_select());
        query.first(self).optional().map_err(StoreError::on("claim_challenges"))
    }

    /// Returns the check of a batch.
    pub fn batch_check(&mut self, batch: i64) -> Result<Option<BatchCheckRow>, StoreError> {
        let query = batch_checks::table.find(batch).select(BatchCheckRow::as_select());
        query.first(self).optional().map_err(StoreError::on("batch_checks"))
    }

    /// Returns the checks of some batches, and of the imports that they are parts of.
    pub fn checks_of_batches(&mut self, batches: &[i64]) -> Result<Vec<BatchCheckRow>, StoreError> {
        let mut rows = Vec::new();
        for chunk in batches.chunks(500) {
            let wholes = claim_batches::table.filter(claim_batches::number.eq_any(chunk)).select(claim_batches::part_of);
            let is_meant = batch_checks::batch.eq_any(chunk).or(batch_checks::batch.eq_any(wholes));
            let query = batch_checks::table.filter(is_meant).select(BatchCheckRow::as_select());
            rows.extend(query.load::<BatchCheckRow>(self).map_err(StoreError::on("batch_checks"))?);
        }
        Ok(rows)
    }

    /// Returns the checks whose outcome became valid after `after` and at or before `until`.
    pub fn batch_checks_between(&mut self, after: i64, until: i64) -> Result<Vec<BatchCheckRow>, StoreError> {
        batch_checks::table
            .filter(batch_checks::seq_from.gt(after))
            .filter(batch_checks::seq_from.le(until))
            .order(batch_checks::seq_from)
            .select(BatchCheckRow::as_select())
            .load(self)
            .map_err(StoreError::on("batch_checks"))
    }

    /// Returns the accounts that were picked from a batch, in the order of picking.
    pub fn batch_picks(&mut self, batch: i64) -> Result<Vec<BatchPickRow>, StoreError> {
        batch_check_picks::table
            .filter(batch_check_picks::batch.eq(batch))
            .order(batch_check_picks::rank)
            .select(BatchPickRow::as_select())
            .load(self)
            .map_err(StoreError::on("batch_check_picks"))
    }
}

impl Transaction<'_> {
    /// Stores challenges, and deletes those that expired before `since`.
    pub fn add_challenges(&mut self, rows: &[ChallengeRow], since: UtcTime) -> Result<(), StoreError> {
        let old = diesel::delete(claim_challenges::table.filter(claim_challenges::expires_at.lt(since)));
        written(self.conn(), "claim_challenges", old)?;
        for chunk in rows.chunks(1_000) {
            written_rows(self.conn(), "claim_challenges", diesel::insert_into(claim_challenges::table).values(chunk))?;
        }
        Ok(())
    }

    /// Marks a challenge as used; `false` if it was used before.
    pub fn use_challenge(&mut self, nonce: &[u8], at: UtcTime) -> Result<bool, StoreError> {
        let update = diesel::update(claim_challenges::table.find(nonce).filter(claim_challenges::used_at.is_null()))
            .set(claim_challenges::used_at.eq(at));
        written(self.conn(), "claim_challenges", update).map(|rows| rows == 1)
    }

    /// Stores the check of a batch with its picks.
    pub fn add_batch_check(&mut self, check: &BatchCheckRow, picks: &[BatchPickRow]) -> Result<(), StoreError> {
        written(self.conn(), "batch_checks", diesel::insert_into(batch_checks::table).values(check))?;
        for chunk in picks.chunks(1_000) {
            written_rows(self.conn(), "batch_check_picks", diesel::insert_into(batch_check_picks::table).values(chunk))?;
        }
        Ok(())
    }

    /// Records that the key of a picked account signed.
    pub fn sign_pick(&mut self, batch: i64, rank: i32, at: UtcTime) -> Result<(), StoreError> {
        let update = diesel::update(batch_check_picks::table.find((batch, rank))).set(batch_check_picks::signed_at.eq(at));
        written(self.conn(), "batch_check_picks", update).map(drop)
    }
}
