//! Disputes about claims: an attestation against another party's claim, or a member's word that an address is not somebody's;
//! and the ends of disputed claims, which take two people.

use super::backend::on_backend;
use super::schema::{claim_disputes, claim_endings};
use super::{Conn, StoreError, Transaction};
use diesel::prelude::*;

/// A dispute as it stands in the table.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = claim_disputes, treat_none_as_default_value = false)]
pub struct DisputeRow {
    /// Public id.
    pub id: String,
    /// Id of the case in which it is worked on.
    pub case_id: String,
    /// `conflict` or `report`.
    pub kind: String,
    /// Network number of the account.
    pub network: i32,
    /// Account key.
    pub account_key: Vec<u8>,
    /// Memo; empty for none.
    pub memo: String,
    /// Number of the claim in dispute.
    pub claim: i64,
    /// Number of the claim that stood before; none where a member only says that it is wrong.
    pub against: Option<i64>,
    /// Id of the organisation by whose act it began.
    pub organisation: String,
    /// Its words.
    pub reason: Option<String>,
    /// When, microseconds since the epoch.
    pub opened_at: i64,
    /// How it ended.
    pub outcome: Option<String>,
    /// When it ended.
    pub closed_at: Option<i64>,
}

/// The end of a disputed claim, proposed or decided.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = claim_endings, treat_none_as_default_value = false)]
pub struct EndingRow {
    /// Number of the claim.
    pub claim: i64,
    /// Why it is to end.
    pub reason: String,
    /// Id of the user who proposed it.
    pub proposed_by: String,
    /// With which credential.
    pub proposed_with: String,
    /// When, microseconds since the epoch.
    pub proposed_at: i64,
    /// Digest of exactly what is proposed, in hex.
    pub digest: String,
    /// Rises with every change.
    pub version: i64,
    /// Id of the user who approved it.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<i64>,
}

impl Conn {
    /// Returns a dispute.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn dispute(&mut self, id: &str) -> Result<Option<DisputeRow>, StoreError> {
        let query = claim_disputes::table.find(id).select(DisputeRow::as_select());
        query.first(self).optional().map_err(StoreError::on("claim_disputes"))
    }

    /// Returns disputes, oldest first, those after `after` only; open ones, or those that ended.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn disputes(&mut self, open: bool, after: &str, limit: i64) -> Result<Vec<DisputeRow>, StoreError> {
        let query = claim_disputes::table
            .filter(claim_disputes::id.gt(after))
            .order(claim_disputes::id)
            .limit(limit)
            .select(DisputeRow::as_select())
            .into_boxed();
        let query = if open {
            query.filter(claim_disputes::closed_at.is_null())
        } else {
            query.filter(claim_disputes::closed_at.is_not_null())
        };
        query.load(self).map_err(StoreError::on("claim_disputes"))
    }

    /// Returns the open disputes in which one of some claims stands on either side, in order, each once.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn disputes_of(&mut self, claims: &[i64]) -> Result<Vec<DisputeRow>, StoreError> {
        let mut rows = Vec::new();
        for chunk in claims.chunks(500) {
            let query = claim_disputes::table
                .filter(claim_disputes::claim.eq_any(chunk).or(claim_disputes::against.eq_any(chunk)))
                .filter(claim_disputes::closed_at.is_null())
                .select(DisputeRow::as_select());
            rows.extend(query.load::<DisputeRow>(self).map_err(StoreError::on("claim_disputes"))?);
        }
        rows.sort_unstable_by(|one: &DisputeRow, other| one.id.cmp(&other.id));
        rows.dedup_by(|one, other| one.id == other.id);
        Ok(rows)
    }

    /// Returns what was proposed about a claim's end.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn ending(&mut self, claim: i64) -> Result<Option<EndingRow>, StoreError> {
        let query = claim_endings::table.find(claim).select(EndingRow::as_select());
        query.first(self).optional().map_err(StoreError::on("claim_endings"))
    }

    /// Returns what was proposed about some claims' ends.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn endings(&mut self, claims: &[i64]) -> Result<Vec<EndingRow>, StoreError> {
        let mut rows = Vec::new();
        for chunk in claims.chunks(500) {
            let query = claim_endings::table.filter(claim_endings::claim.eq_any(chunk)).select(EndingRow::as_select());
            rows.extend(query.load::<EndingRow>(self).map_err(StoreError::on("claim_endings"))?);
        }
        Ok(rows)
    }
}

impl Transaction<'_> {
    /// Adds disputes.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn add_disputes(&mut self, rows: &[DisputeRow]) -> Result<(), StoreError> {
        for chunk in rows.chunks(1_000) {
            on_backend!(self.conn(), c => diesel::insert_into(claim_disputes::table).values(chunk).execute(c))
                .map_err(StoreError::on("claim_disputes"))?;
        }
        Ok(())
    }

    /// Ends the open disputes in which a claim stands on either side.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn close_disputes_of(&mut self, claim: i64, outcome: &str, at_micros: i64) -> Result<(), StoreError> {
        let open = claim_disputes::table
            .filter(claim_disputes::claim.eq(claim).or(claim_disputes::against.eq(claim)))
            .filter(claim_disputes::closed_at.is_null());
        let update = diesel::update(open).set((claim_disputes::outcome.eq(outcome), claim_disputes::closed_at.eq(at_micros)));
        on_backend!(self.conn(), c => update.execute(c)).map(drop).map_err(StoreError::on("claim_disputes"))
    }

    /// Ends one dispute; false where it ended before.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn close_dispute(&mut self, id: &str, outcome: &str, at_micros: i64) -> Result<bool, StoreError> {
        let open = claim_disputes::table.find(id).filter(claim_disputes::closed_at.is_null());
        let update = diesel::update(open).set((claim_disputes::outcome.eq(outcome), claim_disputes::closed_at.eq(at_micros)));
        let closed = on_backend!(self.conn(), c => update.execute(c)).map_err(StoreError::on("claim_disputes"))?;
        Ok(closed == 1)
    }

    /// Has the open disputes about a claim be about the one that took its place.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn move_disputes(&mut self, from: i64, to: i64) -> Result<(), StoreError> {
        let open = claim_disputes::closed_at.is_null();
        let claim = diesel::update(claim_disputes::table.filter(claim_disputes::claim.eq(from)).filter(open))
            .set(claim_disputes::claim.eq(to));
        on_backend!(self.conn(), c => claim.execute(c)).map_err(StoreError::on("claim_disputes"))?;
        let against = diesel::update(claim_disputes::table.filter(claim_disputes::against.eq(from)).filter(open))
            .set(claim_disputes::against.eq(to));
        on_backend!(self.conn(), c => against.execute(c)).map(drop).map_err(StoreError::on("claim_disputes"))
    }

    /// Keeps what is proposed about a claim's end; in place of the version before it, if there is one.
    ///
    /// # Errors
    /// `StoreError::Stale` where another writer changed it meanwhile.
    pub fn keep_ending(&mut self, row: &EndingRow) -> Result<(), StoreError> {
        let changed = if row.version == 1 {
            let insert = diesel::insert_into(claim_endings::table).values(row);
            on_backend!(self.conn(), c => insert.on_conflict_do_nothing().execute(c))
        } else {
            let place = claim_endings::table.find(row.claim).filter(claim_endings::version.eq(row.version - 1));
            let update = diesel::update(place).set((
                claim_endings::reason.eq(&row.reason),
                claim_endings::proposed_by.eq(&row.proposed_by),
                claim_endings::proposed_with.eq(&row.proposed_with),
                claim_endings::proposed_at.eq(row.proposed_at),
                claim_endings::digest.eq(&row.digest),
                claim_endings::version.eq(row.version),
                claim_endings::decided_by.eq(&row.decided_by),
                claim_endings::decided_at.eq(row.decided_at),
            ));
            on_backend!(self.conn(), c => update.execute(c))
        };
        if changed.map_err(StoreError::on("claim_endings"))? == 1 {
            Ok(())
        } else {
            Err(StoreError::Stale { table: "claim_endings" })
        }
    }
}
