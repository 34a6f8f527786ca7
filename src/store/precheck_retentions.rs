//! How long an organisation keeps the pre-checks that it records from one private revision to another, and its legal holds on records.

use super::backend::{written, written_once};
use super::edge::*;
use super::private_states::current_at;
use super::schema::{legal_holds, precheck_retentions};
use super::{Conn, StoreError, Transaction};
use vasp_words::ids::{LegalHoldId, OrganisationId};
use vasp_words::time::UtcTime;

/// How long an organisation keeps pre-checks, from one revision to another.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = precheck_retentions, treat_none_as_default_value = false)]
pub struct RetentionRow {
    /// The organisation.
    pub organisation: OrganisationId,
    /// Revision from which it counts.
    pub revision_from: i64,
    /// Revision from which it counts no longer; `None` if it counts.
    pub revision_to: Option<i64>,
    /// Number of days; `None` if the law alone decides.
    pub days: Option<i32>,
}

/// A legal hold.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = legal_holds, treat_none_as_default_value = false)]
pub struct LegalHoldRow {
    /// The organisation.
    pub organisation: OrganisationId,
    /// Public id.
    pub id: LegalHoldId,
    /// When it was placed.
    pub placed_at: UtcTime,
    /// When it was lifted; `None` if it was not.
    pub lifted_at: Option<UtcTime>,
    /// What it covers and why, sealed.
    pub sealed: Vec<u8>,
}

impl Conn {
    /// Returns how long an organisation keeps pre-checks at a revision; `None` if it has set nothing.
    pub fn retention_at(&mut self, organisation: OrganisationId, revision: i64) -> Result<Option<RetentionRow>, StoreError> {
        let row = current_at!(precheck_retentions, organisation, revision).select(RetentionRow::as_select()).first(self);
        row.optional().map_err(StoreError::on("precheck_retentions"))
    }

    /// Returns an organisation's legal holds, oldest first, also those that were lifted.
    pub fn legal_holds(&mut self, organisation: OrganisationId) -> Result<Vec<LegalHoldRow>, StoreError> {
        let all = legal_holds::table.filter(legal_holds::organisation.eq(organisation)).order(legal_holds::id);
        all.select(LegalHoldRow::as_select()).load(self).map_err(StoreError::on("legal_holds"))
    }
}

impl Transaction<'_> {
    /// Writes how long an organisation keeps pre-checks from a revision on.
    pub fn set_retention(&mut self, row: &RetentionRow) -> Result<(), StoreError> {
        let current = precheck_retentions::table
            .filter(precheck_retentions::organisation.eq(row.organisation))
            .filter(precheck_retentions::revision_to.is_null());
        let update = diesel::update(current).set(precheck_retentions::revision_to.eq(row.revision_from));
        written(self.conn(), "precheck_retentions", update)?;
        written(self.conn(), "precheck_retentions", diesel::insert_into(precheck_retentions::table).values(row)).map(drop)
    }

    /// Adds a legal hold.
    pub fn add_legal_hold(&mut self, row: &LegalHoldRow) -> Result<(), StoreError> {
        written(self.conn(), "legal_holds", diesel::insert_into(legal_holds::table).values(row)).map(drop)
    }

    /// Locks and returns a legal hold of an organisation until the end of the transaction.
    pub fn lock_legal_hold(&mut self, organisation: OrganisationId, id: LegalHoldId) -> Result<Option<LegalHoldRow>, StoreError> {
        let row = legal_holds::table.find((organisation, id)).select(LegalHoldRow::as_select()).locking().get_result(self.conn());
        row.optional().map_err(StoreError::on("legal_holds"))
    }

    /// Lifts a legal hold.
    ///
    /// # Errors
    /// `StoreError::Stale` if it was lifted.
    pub fn lift_legal_hold(&mut self, organisation: OrganisationId, id: LegalHoldId) -> Result<(), StoreError> {
        let at = self.now();
        let standing = legal_holds::table.find((organisation, id)).filter(legal_holds::lifted_at.is_null());
        written_once(self.conn(), "legal_holds", diesel::update(standing).set(legal_holds::lifted_at.eq(at)))
    }
}
