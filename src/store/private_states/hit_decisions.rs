//! What organisations decided for themselves about screening hits. Rows are sealed, so the store cannot read them. Only one column of a
//! row ever changes: the revision that ended it.

use crate::edge::*;
use crate::schema::hit_decisions;
use crate::{Conn, StoreError, Transaction};
use vasp_words::ids::OrganisationId;

/// A decision of an organisation about a hit.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = hit_decisions, treat_none_as_default_value = false)]
pub struct HitDecisionRow {
    /// The organisation.
    pub organisation: OrganisationId,
    /// Revision of its private state that began it.
    pub revision_from: i64,
    /// Revision that ended it; `None` if it is current.
    pub revision_to: Option<i64>,
    /// Everything else, sealed under the organisation's data key.
    pub sealed: Vec<u8>,
}

impl Conn {
    /// Returns the decisions that were current at a revision of an organisation's private state, oldest first.
    pub fn hit_decisions_at(&mut self, organisation: OrganisationId, revision: i64) -> Result<Vec<HitDecisionRow>, StoreError> {
        hit_decisions::table
            .filter(hit_decisions::organisation.eq(organisation))
            .filter(hit_decisions::revision_from.le(revision))
            .filter(hit_decisions::revision_to.is_null().or(hit_decisions::revision_to.gt(revision)))
            .order(hit_decisions::revision_from)
            .select(HitDecisionRow::as_select())
            .load(self)
            .map_err(StoreError::on("hit_decisions"))
    }
}

impl Transaction<'_> {
    /// Adds a decision, and ends those that it replaces, each given by the revision that began it.
    ///
    /// # Errors
    /// `StoreError::Stale` if another writer ended one first, `StoreError::Query`.
    pub fn add_hit_decision(&mut self, ended: &[i64], next: &HitDecisionRow) -> Result<(), StoreError> {
        for began in ended {
            let current = hit_decisions::table.find((next.organisation, began)).filter(hit_decisions::revision_to.is_null());
            let closed = diesel::update(current)
                .set(hit_decisions::revision_to.eq(next.revision_from))
                .execute(self.conn())
                .map_err(StoreError::on("hit_decisions"))?;
            if closed != 1 {
                return Err(StoreError::Stale { table: "hit_decisions" });
            }
        }
        let inserted = diesel::insert_into(hit_decisions::table).values(next).execute(self.conn());
        inserted.map(drop).map_err(StoreError::on("hit_decisions"))
    }
}
