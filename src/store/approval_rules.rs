//! Rules by which organisations approve many counterparties: versions that are sealed, so the store cannot read them. Only one column of a
//! row ever changes: the revision that ended it.

use super::edge::*;
use super::schema::approval_rules;
use super::{Conn, StoreError, Transaction};
use vasp_words::ids::{ApprovalRuleId, OrganisationId};

/// A row of the table of approval rules: one version.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = approval_rules, treat_none_as_default_value = false)]
pub struct ApprovalRuleRow {
    /// Public id of the rule.
    pub id: ApprovalRuleId,
    /// Revision of the organisation's private state that began this version.
    pub revision_from: i64,
    /// The organisation that owns it.
    pub organisation: OrganisationId,
    /// Revision that ended it; `None` if it is current.
    pub revision_to: Option<i64>,
    /// Everything else, sealed under the organisation's data key.
    pub sealed: Vec<u8>,
}

impl Conn {
    /// Returns the versions that were current at a revision of an organisation's private state, in order of id.
    pub fn approval_rules_at(&mut self, organisation: OrganisationId, revision: i64) -> Result<Vec<ApprovalRuleRow>, StoreError> {
        approval_rules::table
            .filter(approval_rules::organisation.eq(organisation))
            .filter(approval_rules::revision_from.le(revision))
            .filter(approval_rules::revision_to.is_null().or(approval_rules::revision_to.gt(revision)))
            .order(approval_rules::id)
            .select(ApprovalRuleRow::as_select())
            .load(self)
            .map_err(StoreError::on("approval_rules"))
    }
}

impl Transaction<'_> {
    /// Adds a version, and ends the current one, which the revision `ended` began.
    ///
    /// # Errors
    /// `StoreError::Stale` if another writer ended it first, `StoreError::Query`.
    pub fn move_approval_rule(&mut self, ended: Option<i64>, next: &ApprovalRuleRow) -> Result<(), StoreError> {
        if let Some(began) = ended {
            let current = approval_rules::table.find((next.id, began)).filter(approval_rules::revision_to.is_null());
            let closed = diesel::update(current)
                .set(approval_rules::revision_to.eq(next.revision_from))
                .execute(self.conn())
                .map_err(StoreError::on("approval_rules"))?;
            if closed != 1 {
                return Err(StoreError::Stale { table: "approval_rules" });
            }
        }
        let inserted = diesel::insert_into(approval_rules::table).values(next).execute(self.conn());
        inserted.map(drop).map_err(StoreError::on("approval_rules"))
    }
}
