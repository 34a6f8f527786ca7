//! Disputes about claims: an attestation against another party's claim, or a member's word that an address is not somebody's.

use super::backend::written;
use super::schema::{claim_batches, claim_disputes, claims};
use super::{Conn, StoreError, Transaction};
use diesel::dsl::count;
use diesel::prelude::*;
use std::collections::HashSet;
use vasp_record::attestation::DisputeKind;
use vasp_record::claim::Strength;
use vasp_words::ids::{CaseId, DisputeId, OrganisationId};
use vasp_words::time::UtcTime;

/// A dispute about a claim.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = claim_disputes, treat_none_as_default_value = false)]
pub struct ClaimDispute {
    /// Its id.
    pub id: DisputeId,
    /// The case in which it is worked on.
    pub case_id: CaseId,
    /// What began it.
    pub kind: DisputeKind,
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
    /// The organisation by whose act it began.
    pub organisation: OrganisationId,
    /// Its words.
    pub reason: Option<String>,
    /// When it began.
    pub opened_at: UtcTime,
    /// How it ended.
    pub outcome: Option<String>,
    /// When it ended.
    pub closed_at: Option<UtcTime>,
}

impl Conn {
    /// Returns a dispute.
    pub fn dispute(&mut self, id: DisputeId) -> Result<Option<ClaimDispute>, StoreError> {
        let query = claim_disputes::table.find(id).select(ClaimDispute::as_select());
        query.first(self).optional().map_err(StoreError::on("claim_disputes"))
    }

    /// Returns disputes, oldest first, those after `after` only; open ones, or those that ended.
    pub fn disputes(&mut self, open: bool, after: &str, limit: i64) -> Result<Vec<ClaimDispute>, StoreError> {
        let query = claim_disputes::table
            .filter(claim_disputes::id.gt(after))
            .order(claim_disputes::id)
            .limit(limit)
            .select(ClaimDispute::as_select())
            .into_boxed();
        let query = if open {
            query.filter(claim_disputes::closed_at.is_null())
        } else {
            query.filter(claim_disputes::closed_at.is_not_null())
        };
        query.load(self).map_err(StoreError::on("claim_disputes"))
    }

    /// Returns the open disputes in which one of some claims stands on either side, in order, each once.
    pub fn disputes_of(&mut self, claims: &[i64]) -> Result<Vec<ClaimDispute>, StoreError> {
        let mut rows = Vec::new();
        for chunk in claims.chunks(500) {
            let query = claim_disputes::table
                .filter(claim_disputes::claim.eq_any(chunk).or(claim_disputes::against.eq_any(chunk)))
                .filter(claim_disputes::closed_at.is_null())
                .select(ClaimDispute::as_select());
            rows.extend(query.load::<ClaimDispute>(self).map_err(StoreError::on("claim_disputes"))?);
        }
        rows.sort_unstable_by_key(|one: &ClaimDispute| one.id);
        rows.dedup_by(|one, other| one.id == other.id);
        Ok(rows)
    }
}

impl Conn {
    /// Returns how many unproven claims of an organisation contradict others' by disputes opened since an instant, and by open ones.
    pub fn contradicting_claims(&mut self, organisation: OrganisationId, since: UtcTime) -> Result<(i64, i64), StoreError> {
        let unproven = || {
            claim_disputes::table
                .inner_join(
                    claims::table.on(claims::network
                        .eq(claim_disputes::network)
                        .and(claims::account_key.eq(claim_disputes::account_key))
                        .and(claims::memo.eq(claim_disputes::memo))
                        .and(claims::number.eq(claim_disputes::claim))),
                )
                .inner_join(claim_batches::table.on(claim_batches::number.eq(claims::batch)))
                .filter(claim_batches::strength.eq(Strength::Attested))
                .filter(claim_disputes::organisation.eq(organisation))
                .filter(claim_disputes::kind.eq(DisputeKind::Conflict))
                // What the registry let count has words.
                .filter(claim_disputes::reason.is_null())
                .select(count(claim_disputes::claim).aggregate_distinct())
        };
        let lately = unproven().filter(claim_disputes::opened_at.gt(since)).first(self);
        let lately = lately.map_err(StoreError::on("claim_disputes"))?;
        let open = unproven().filter(claim_disputes::closed_at.is_null()).first(self);
        Ok((lately, open.map_err(StoreError::on("claim_disputes"))?))
    }

    /// Returns those of some claims that claims of other parties contradict, or did until after an instant.
    pub fn contradicted_since(&mut self, numbers: &[i64], since: UtcTime) -> Result<HashSet<i64>, StoreError> {
        let mut found = HashSet::new();
        for chunk in numbers.chunks(500) {
            let rows: Vec<(i64, Option<i64>)> = claim_disputes::table
                .filter(claim_disputes::claim.eq_any(chunk).or(claim_disputes::against.eq_any(chunk)))
                .filter(claim_disputes::kind.eq(DisputeKind::Conflict))
                .filter(claim_disputes::closed_at.is_null().or(claim_disputes::closed_at.gt(since)))
                .select((claim_disputes::claim, claim_disputes::against))
                .load(self)
                .map_err(StoreError::on("claim_disputes"))?;
            found.extend(rows.into_iter().flat_map(|(claim, against)| [Some(claim), against]).flatten());
        }
        Ok(found)
    }
}

impl Transaction<'_> {
    /// Adds disputes.
    pub fn add_disputes(&mut self, rows: &[ClaimDispute]) -> Result<(), StoreError> {
        for chunk in rows.chunks(1_000) {
            written!(self, "claim_disputes", diesel::insert_into(claim_disputes::table).values(chunk))?;
        }
        Ok(())
    }

    /// Ends the open disputes in which a claim stands on either side.
    pub fn close_disputes_of(&mut self, claim: i64, outcome: &str, at: UtcTime) -> Result<(), StoreError> {
        let open = claim_disputes::table
            .filter(claim_disputes::claim.eq(claim).or(claim_disputes::against.eq(claim)))
            .filter(claim_disputes::closed_at.is_null());
        let update = diesel::update(open).set((claim_disputes::outcome.eq(outcome), claim_disputes::closed_at.eq(at)));
        written!(self, "claim_disputes", update).map(drop)
    }

    /// Ends one dispute; false where it ended before.
    pub fn close_dispute(&mut self, id: DisputeId, outcome: &str, at: UtcTime) -> Result<bool, StoreError> {
        let open = claim_disputes::table.find(id).filter(claim_disputes::closed_at.is_null());
        let update = diesel::update(open).set((claim_disputes::outcome.eq(outcome), claim_disputes::closed_at.eq(at)));
        written!(self, "claim_disputes", update).map(|rows| rows == 1)
    }

    /// Has the open disputes about a claim be about the one that took its place.
    pub fn move_disputes(&mut self, from: i64, to: i64) -> Result<(), StoreError> {
        let open = claim_disputes::closed_at.is_null();
        let claim = diesel::update(claim_disputes::table.filter(claim_disputes::claim.eq(from)).filter(open))
            .set(claim_disputes::claim.eq(to));
        written!(self, "claim_disputes", claim)?;
        let against = diesel::update(claim_disputes::table.filter(claim_disputes::against.eq(from)).filter(open))
            .set(claim_disputes::against.eq(to));
        written!(self, "claim_disputes", against).map(drop)
    }
}
