//! What organisations keep for themselves in versions: decisions about counterparties, rules that approve many, decisions about screening
//! hits, and lists from own providers. Rows are sealed, so the store cannot read them. Only one column of a row ever changes: the revision
//! that ended it.

use super::backend::{written, written_once};
use super::edge::*;
use super::private_states::current_at;
use super::schema::{approval_rules, hit_decisions, relationships, vasp_lists};
use super::{Conn, StoreError, Transaction};
use vasp_words::ids::{ApprovalRuleId, OrganisationId, RelationshipId};

/// A sealed row, which is current from one revision of an organisation's private state to another.
pub trait SealedRow: Sized {
    /// What identifies it beside the revision that began it.
    type Key;

    /// Returns what identifies it beside the revision that began it.
    fn key(&self) -> Self::Key;

    /// Returns the revision that began it.
    fn revision_from(&self) -> i64;

    /// Returns the content, sealed under the organisation's data key.
    fn sealed(&self) -> &[u8];

    /// Returns the rows that were current at a revision of an organisation's private state, in order of id, or else oldest first.
    fn current_at(conn: &mut Conn, organisation: OrganisationId, revision: i64) -> Result<Vec<Self>, StoreError>;

    /// Adds the row.
    fn add(&self, transaction: &mut Transaction<'_>) -> Result<(), StoreError>;

    /// Ends the row that a revision began.
    ///
    /// # Errors
    /// `StoreError::Stale` if another writer ended it first, `StoreError::Query`.
    fn end(transaction: &mut Transaction<'_>, key: Self::Key, began: i64, ended: i64) -> Result<(), StoreError>;

    /// Adds the row in place of those that some revisions began.
    ///
    /// # Errors
    /// As [`Self::end`].
    fn replace(&self, transaction: &mut Transaction<'_>, began: &[i64]) -> Result<(), StoreError> {
        began.iter().try_for_each(|began| Self::end(transaction, self.key(), *began, self.revision_from()))?;
        self.add(transaction)
    }
}

macro_rules! sealed_rows {
    ($($(#[$about:meta])* $row:ident of $table:ident { $($id:ident: $id_type:ty)? }, key $key:ident: $key_type:ty, order $order:ident;)*) => {$(
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
        #[diesel(table_name = $table, treat_none_as_default_value = false)]
        pub struct $row {
            $(
                /// Public id.
                pub $id: $id_type,
            )?
            /// The organisation that owns it.
            pub organisation: OrganisationId,
            /// Revision of its private state that began it.
            pub revision_from: i64,
            /// Revision that ended it; `None` if it is current.
            pub revision_to: Option<i64>,
            /// Everything else, sealed under the organisation's data key.
            pub sealed: Vec<u8>,
        }

        impl SealedRow for $row {
            type Key = $key_type;

            fn key(&self) -> $key_type {
                self.$key
            }

            fn revision_from(&self) -> i64 {
                self.revision_from
            }

            fn sealed(&self) -> &[u8] {
                &self.sealed
            }

            fn current_at(conn: &mut Conn, organisation: OrganisationId, revision: i64) -> Result<Vec<Self>, StoreError> {
                let current = current_at!($table, organisation, revision).order($table::$order);
                current.select(Self::as_select()).load(conn).map_err(StoreError::on(stringify!($table)))
            }

            fn add(&self, transaction: &mut Transaction<'_>) -> Result<(), StoreError> {
                written(transaction.conn(), stringify!($table), diesel::insert_into($table::table).values(self)).map(drop)
            }

            fn end(transaction: &mut Transaction<'_>, key: $key_type, began: i64, ended: i64) -> Result<(), StoreError> {
                let current = $table::table.find((key, began)).filter($table::revision_to.is_null());
                written_once(transaction.conn(), stringify!($table), diesel::update(current).set($table::revision_to.eq(ended)))
            }
        }
    )*};
}

sealed_rows! {
    /// One version of a decision about a counterparty.
    RelationshipRow of relationships { id: RelationshipId }, key id: RelationshipId, order id;
    /// One version of a rule that approves many counterparties.
    ApprovalRuleRow of approval_rules { id: ApprovalRuleId }, key id: ApprovalRuleId, order id;
    /// A decision about a screening hit.
    HitDecisionRow of hit_decisions {}, key organisation: OrganisationId, order revision_from;
    /// One version of a list of counterparties from an own provider.
    VaspListRow of vasp_lists {}, key organisation: OrganisationId, order revision_from;
}

impl Conn {
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
