//! Disputes about claims: an attestation against another party's claim, or a member's word that an address is not somebody's.

use super::backend::written;
use super::schema::{claim_batches, claim_disputes, claims};
use super::{Conn, StoreError, Transaction};
use diesel::prelude::*;
use std::collections::HashSet;
use vasp_record::attestation::DisputeKind;
use vasp_record::claim::Strength;
use vasp_words::ids::{CaseId, DisputeId, OrganisationId};
use vasp_words::time::UtcTime;

diesel::alias!(claims as opposed: Opposed);

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
    /// Returns the conflicts that an organisation's claims began, oldest first: open ones, or those that ended with an outcome.
    pub fn conflicts_of(&mut self, organisation: OrganisationId, ended: Option<&str>) -> Result<Vec<ClaimDispute>, StoreError> {
        let query = claim_disputes::table
            .filter(claim_disputes::organisation.eq(organisation))
            .filter(claim_disputes::kind.eq(DisputeKind::Conflict))
            .order(claim_disputes::id)
            .select(ClaimDispute::as_select())
            .into_boxed();
        let query = match ended {
            None => query.filter(claim_disputes::closed_at.is_null()),
            Some(outcome) => query.filter(claim_disputes::outcome.eq(outcome)),
        };
        query.load(self).map_err(StoreError::on("claim_disputes"))
    }

    /// Returns which answers unproven claims of an organisation contradict, by disputes opened since an instant, or without one by open
    /// disputes: number of the claim, and owner and memo of what it contradicts, each once. `families` are the numbers of families of
    /// networks.
    pub fn contradicted_answers(
        &mut self,
        organisation: OrganisationId,
        families: &[i32],
        since: Option<UtcTime>,
    ) -> Result<Vec<(i64, i64, String)>, StoreError> {
        let of_network = opposed.field(claims::network).eq(claim_disputes::network);
        let unproven = claim_disputes::table
            .inner_join(
                claims::table.on(claims::network
                    .eq(claim_disputes::network)
                    .and(claims::account_key.eq(claim_disputes::account_key))
                    .and(claims::memo.eq(claim_disputes::memo))
                    .and(claims::number.eq(claim_disputes::claim))),
            )
            .inner_join(claim_batches::table.on(claim_batches::number.eq(claims::batch)))
            .inner_join(
                opposed.on((opposed.field(claims::number).nullable().eq(claim_disputes::against))
                    .and(opposed.field(claims::account_key).eq(claim_disputes::account_key))
                    .and(of_network.or(opposed.field(claims::network).eq_any(families)))),
            )
            .filter(claim_batches::strength.eq(Strength::Attested))
            .filter(claim_disputes::organisation.eq(organisation))
            .filter(claim_disputes::kind.eq(DisputeKind::Conflict))
            // What the registry let count has words.
            .filter(claim_disputes::reason.is_null())
            .select((claim_disputes::claim, opposed.field(claims::vasp), opposed.field(claims::memo)))
            .distinct()
            .into_boxed();
        let unproven = match since {
            Some(since) => unproven.filter(claim_disputes::opened_at.gt(since)),
            None => unproven.filter(claim_disputes::closed_at.is_null()),
        };
        unproven.load(self).map_err(StoreError::on("claim_disputes"))
    }

    /// Returns those of some claims that waited until the registry let them count.
    pub fn let_count(&mut self, numbers: &[i64]) -> Result<HashSet<i64>, StoreError> {
        let mut found = HashSet::new();
        for chunk in numbers.chunks(500) {
            let rows = claim_disputes::table
                .filter(claim_disputes::claim.eq_any(chunk))
                .filter(claim_disputes::kind.eq(DisputeKind::Conflict))
                .filter(claim_disputes::reason.is_not_null())
                .select(claim_disputes::claim);
            found.extend(rows.load::<i64>(self).map_err(StoreError::on("claim_disputes"))?);
        }
        Ok(found)
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

    /// Ends the open disputes in which one of some claims stands on either side.
    pub fn close_disputes_of(&mut self, claims: &[i64], outcome: &str, at: UtcTime) -> Result<(), StoreError> {
        for chunk in claims.chunks(500) {
            let open = claim_disputes::table
                .filter(claim_disputes::claim.eq_any(chunk).or(claim_disputes::against.eq_any(chunk)))
                .filter(claim_disputes::closed_at.is_null());
            let update = diesel::update(open).set((claim_disputes::outcome.eq(outcome), claim_disputes::closed_at.eq(at)));
            written!(self, "claim_disputes", update)?;
        }
        Ok(())
    }

    /// Ends one dispute; false where it ended before.
    pub fn close_dispute(&mut self, id: DisputeId, outcome: &str, at: UtcTime) -> Result<bool, StoreError> {
        let open = claim_disputes::table.find(id).filter(claim_disputes::closed_at.is_null());
        let update = diesel::update(open).set((claim_disputes::outcome.eq(outcome), claim_disputes::closed_at.eq(at)));
        written!(self, "claim_disputes", update).map(|rows| rows == 1)
    }

    /// Opens a dispute that ended again, about the claims that stand now, in the case that it names now.
    pub fn reopen_dispute(&mut self, row: &ClaimDispute) -> Result<(), StoreError> {
        let update = diesel::update(claim_disputes::table.find(row.id)).set((
            claim_disputes::case_id.eq(row.case_id),
            claim_disputes::claim.eq(row.claim),
            claim_disputes::against.eq(row.against),
            claim_disputes::outcome.eq(None::<String>),
            claim_disputes::closed_at.eq(None::<UtcTime>),
        ));
        written!(self, "claim_disputes", update).map(drop)
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
