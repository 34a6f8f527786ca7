//! Disputes about claims: an attestation against another party's claim, or a member's report that an address is not somebody's.

use super::backend::{written, written_rows};
use super::edge::*;
use super::schema::{claim_batches, claim_disputes, claims};
use super::{Conn, StoreError, Transaction};
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
    /// The case in which an operator works on it.
    pub case_id: CaseId,
    /// What caused it.
    pub kind: DisputeKind,
    /// Network number of the account.
    pub network: i32,
    /// Account key.
    pub account_key: Vec<u8>,
    /// Memo; empty if there is none.
    pub memo: String,
    /// Number of the claim in dispute.
    pub claim: i64,
    /// Number of the earlier claim that it contradicts; `None` if a member only reports that `claim` is wrong.
    pub against: Option<i64>,
    /// The organisation whose act caused it.
    pub organisation: OrganisationId,
    /// The organisation's explanation.
    pub reason: Option<String>,
    /// When it began.
    pub opened_at: UtcTime,
    /// The outcome; `None` if it is open.
    pub outcome: Option<String>,
    /// When it ended; `None` if it is open.
    pub closed_at: Option<UtcTime>,
}

impl Conn {
    /// Returns a dispute.
    pub fn dispute(&mut self, id: DisputeId) -> Result<Option<ClaimDispute>, StoreError> {
        let query = claim_disputes::table.find(id).select(ClaimDispute::as_select());
        query.first(self).optional().map_err(StoreError::on("claim_disputes"))
    }

    /// Returns disputes after `after`, oldest first: the open ones, or the closed ones.
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

    /// Returns the open disputes in which one of some claims is on either side, in order, each once.
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

/// An answer about another party, and how it is contradicted: memo of the contradicting claim; class of networks, controller, owner and memo
/// of the other party's claim. It is one on all networks of the class.
pub type ContradictedAnswer = (String, i32, Vec<u8>, i64, String);

impl Conn {
    /// Returns the conflicts that an organisation's claims caused, oldest first: the open ones, or those with the outcome `ended`.
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

    /// Returns which answers the unproven claims of an organisation contradict. It reads the disputes opened after `since`, or, without
    /// `since`, the open ones. Each entry comes once: number of the claim, and the answer that it contradicts.
    pub fn contradicted_answers(
        &mut self,
        organisation: OrganisationId,
        since: Option<UtcTime>,
    ) -> Result<Vec<(i64, ContradictedAnswer)>, StoreError> {
        let unproven = claim_disputes::table
            .inner_join(claims::table.on(claims::number.eq(claim_disputes::claim)))
            .inner_join(claim_batches::table.on(claim_batches::number.eq(claims::batch)))
            .inner_join(opposed.on(opposed.field(claims::number).nullable().eq(claim_disputes::against)))
            .filter(claim_batches::strength.eq(Strength::Attested))
            .filter(claim_disputes::organisation.eq(organisation))
            .filter(claim_disputes::kind.eq(DisputeKind::Conflict))
            // A dispute with a reason is about a claim that the registry accepted.
            .filter(claim_disputes::reason.is_null())
            .select((
                claim_disputes::claim,
                (
                    claims::memo,
                    opposed.field(claims::class),
                    opposed.field(claims::controller),
                    opposed.field(claims::vasp),
                    opposed.field(claims::memo),
                ),
            ))
            .distinct()
            .into_boxed();
        let unproven = match since {
            Some(since) => unproven.filter(claim_disputes::opened_at.gt(since)),
            None => unproven.filter(claim_disputes::closed_at.is_null()),
        };
        unproven.load(self).map_err(StoreError::on("claim_disputes"))
    }

    /// Returns those of some claims that are in a conflict with another party's claim. The conflict is open or ended after `since`.
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
            written_rows(self.conn(), "claim_disputes", diesel::insert_into(claim_disputes::table).values(chunk))?;
        }
        Ok(())
    }

    /// Closes the open disputes in which one of some claims is on either side.
    pub fn close_disputes_of(&mut self, claims: &[i64], outcome: &str, at: UtcTime) -> Result<(), StoreError> {
        for chunk in claims.chunks(500) {
            let open = claim_disputes::table
                .filter(claim_disputes::claim.eq_any(chunk).or(claim_disputes::against.eq_any(chunk)))
                .filter(claim_disputes::closed_at.is_null());
            let update = diesel::update(open).set((claim_disputes::outcome.eq(outcome), claim_disputes::closed_at.eq(at)));
            written(self.conn(), "claim_disputes", update)?;
        }
        Ok(())
    }

    /// Closes one dispute; `false` if it was closed before.
    pub fn close_dispute(&mut self, id: DisputeId, outcome: &str, at: UtcTime) -> Result<bool, StoreError> {
        let open = claim_disputes::table.find(id).filter(claim_disputes::closed_at.is_null());
        let update = diesel::update(open).set((claim_disputes::outcome.eq(outcome), claim_disputes::closed_at.eq(at)));
        written(self.conn(), "claim_disputes", update).map(|rows| rows == 1)
    }

    /// Reopens a closed dispute, with the present claims and the case that `row` names.
    pub fn reopen_dispute(&mut self, row: &ClaimDispute) -> Result<(), StoreError> {
        let update = diesel::update(claim_disputes::table.find(row.id)).set((
            claim_disputes::case_id.eq(row.case_id),
            claim_disputes::claim.eq(row.claim),
            claim_disputes::against.eq(row.against),
            claim_disputes::outcome.eq(None::<String>),
            claim_disputes::closed_at.eq(None::<UtcTime>),
        ));
        written(self.conn(), "claim_disputes", update).map(drop)
    }

    /// Moves the open disputes about a claim to the claim that replaced it.
    pub fn move_disputes(&mut self, from: i64, to: i64) -> Result<(), StoreError> {
        let open = claim_disputes::closed_at.is_null();
        let claim = diesel::update(claim_disputes::table.filter(claim_disputes::claim.eq(from)).filter(open))
            .set(claim_disputes::claim.eq(to));
        written(self.conn(), "claim_disputes", claim)?;
        let against = diesel::update(claim_disputes::table.filter(claim_disputes::against.eq(from)).filter(open))
            .set(claim_disputes::against.eq(to));
        written(self.conn(), "claim_disputes", against).map(drop)
    }
}
