//! Lists of counterparties that organisations got from their own providers. Rows are sealed, so the store cannot read them. Only one column
//! of a row ever changes: the revision that ended it.

use crate::edge::*;
use crate::schema::vasp_lists;
use crate::{Conn, StoreError, Transaction};
use vasp_words::ids::OrganisationId;

/// One version of one list.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = vasp_lists, treat_none_as_default_value = false)]
pub struct VaspListRow {
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
    /// Returns the lists that were current at a revision of an organisation's private state, oldest first.
    pub fn vasp_lists_at(&mut self, organisation: OrganisationId, revision: i64) -> Result<Vec<VaspListRow>, StoreError> {
        vasp_lists::table
            .filter(vasp_lists::organisation.eq(organisation))
            .filter(vasp_lists::revision_from.le(revision))
            .filter(vasp_lists::revision_to.is_null().or(vasp_lists::revision_to.gt(revision)))
            .order(vasp_lists::revision_from)
            .select(VaspListRow::as_select())
            .load(self)
            .map_err(StoreError::on("vasp_lists"))
    }
}

impl Transaction<'_> {
    /// Ends a list, given by the revision that began it.
    ///
    /// # Errors
    /// `StoreError::Stale` if another writer ended it first, `StoreError::Query`.
    pub fn end_vasp_list(&mut self, organisation: OrganisationId, began: i64, revision: i64) -> Result<(), StoreError> {
        let current = vasp_lists::table.find((organisation, began)).filter(vasp_lists::revision_to.is_null());
        let closed = diesel::update(current)
            .set(vasp_lists::revision_to.eq(revision))
            .execute(self.conn())
            .map_err(StoreError::on("vasp_lists"))?;
        if closed == 1 { Ok(()) } else { Err(StoreError::Stale { table: "vasp_lists" }) }
    }

    /// Adds a list.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn add_vasp_list(&mut self, row: &VaspListRow) -> Result<(), StoreError> {
        let inserted = diesel::insert_into(vasp_lists::table).values(row).execute(self.conn());
        inserted.map(drop).map_err(StoreError::on("vasp_lists"))
    }
}
