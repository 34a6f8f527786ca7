//! Organisations' decisions about counterparties: versions that are sealed, so the store cannot read them. Only one column of a row ever
//! changes: the revision that ended it.

use super::edge::*;
use super::schema::relationships;
use super::{Conn, StoreError, Transaction};
use vasp_words::ids::{OrganisationId, RelationshipId};

/// A row of the table of relationships: one version.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = relationships, treat_none_as_default_value = false)]
pub struct RelationshipRow {
    /// Public id of the relationship.
    pub id: RelationshipId,
    /// The organisation that owns it.
    pub organisation: OrganisationId,
    /// Revision of its private state that began this version.
    pub revision_from: i64,
    /// Revision that ended it; `None` if it is current.
    pub revision_to: Option<i64>,
    /// Everything else, sealed under the organisation's data key.
    pub sealed: Vec<u8>,
}

impl Conn {
    /// Returns the versions that were current at a revision of an organisation's private state.
    pub fn relationships_at(&mut self, organisation: OrganisationId, revision: i64) -> Result<Vec<RelationshipRow>, StoreError> {
        relationships::table
            .filter(relationships::organisation.eq(organisation))
            .filter(relationships::revision_from.le(revision))
            .filter(relationships::revision_to.is_null().or(relationships::revision_to.gt(revision)))
            .order(relationships::id)
            .select(RelationshipRow::as_select())
            .load(self)
            .map_err(StoreError::on("relationships"))
    }

    /// Returns the versions of some of an organisation's relationships, newest first, at most `limit`.
    pub fn relationship_versions(
        &mut self,
        organisation: OrganisationId,
        ids: &[RelationshipId],
        limit: i64,
    ) -> Result<Vec<RelationshipRow>, StoreError> {
        relationships::table
            .filter(relationships::organisation.eq(organisation))
            .filter(relationships::id.eq_any(ids))
            .order(relationships::revision_from.desc())
            .limit(limit)
            .select(RelationshipRow::as_select())
            .load(self)
            .map_err(StoreError::on("relationships"))
    }
}

impl Transaction<'_> {
    /// Adds a version, and ends the current one.
    ///
    /// # Errors
    /// `StoreError::Stale` if another writer ended it first, `StoreError::Query`.
    pub fn move_relationship(&mut self, ended: Option<i64>, next: &RelationshipRow) -> Result<(), StoreError> {
        if let Some(ended) = ended {
            self.end_relationship(next.id, ended, next.revision_from)?;
        }
        let inserted = diesel::insert_into(relationships::table).values(next).execute(self.conn());
        inserted.map(drop).map_err(StoreError::on("relationships"))
    }

    /// Ends the version that a revision began.
    pub fn end_relationship(&mut self, id: RelationshipId, began: i64, ended: i64) -> Result<(), StoreError> {
        let standing = relationships::table.find((id, began)).filter(relationships::revision_to.is_null());
        let closed = diesel::update(standing)
            .set(relationships::revision_to.eq(ended))
            .execute(self.conn())
            .map_err(StoreError::on("relationships"))?;
        if closed == 1 { Ok(()) } else { Err(StoreError::Stale { table: "relationships" }) }
    }
}
