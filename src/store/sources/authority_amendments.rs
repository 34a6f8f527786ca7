//! Amendments of the table of authorities, which need the approval of a second person. They are not logged: the table that an approved one
//! makes becomes a reference document.

use crate::backend::{written, written_once};
use crate::edge::*;
use crate::schema::authority_amendments;
use crate::{Conn, StoreError, Transaction};
use vasp_record::proposal::ProposalState;
use vasp_words::ids::{AuthorityAmendmentId, UserId};
use vasp_words::time::UtcTime;

/// An amendment.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = authority_amendments, treat_none_as_default_value = false)]
pub struct AuthorityAmendmentRow {
    /// Public id.
    pub id: AuthorityAmendmentId,
    /// State: pending, or its outcome.
    pub state: ProposalState,
    /// File or request that it came from.
    pub source: String,
    /// SHA-256 of the amended table.
    pub digest: Vec<u8>,
    /// SHA-256 of the table that it was made from.
    pub base: Vec<u8>,
    /// The amended table.
    pub body: String,
    /// What it changes (JSON).
    pub difference: String,
    /// What people should look at (JSON).
    pub notes: String,
    /// The user who made it; `None` if it came from the command line.
    pub made_by: Option<UserId>,
    /// When it was made.
    pub made_at: UtcTime,
}

impl Conn {
    /// Returns an amendment.
    pub fn authority_amendment(&mut self, id: AuthorityAmendmentId) -> Result<Option<AuthorityAmendmentRow>, StoreError> {
        let query = authority_amendments::table.find(id).select(AuthorityAmendmentRow::as_select());
        query.first(self).optional().map_err(StoreError::on("authority_amendments"))
    }

    /// Returns the amendments after `after` in a state, or in any, oldest first.
    pub fn authority_amendments(
        &mut self,
        state: Option<ProposalState>,
        after: &str,
        limit: i64,
    ) -> Result<Vec<AuthorityAmendmentRow>, StoreError> {
        let mut query = authority_amendments::table.filter(authority_amendments::id.gt(after)).into_boxed();
        if let Some(state) = state {
            query = query.filter(authority_amendments::state.eq(state));
        }
        query
            .order(authority_amendments::id)
            .limit(limit)
            .select(AuthorityAmendmentRow::as_select())
            .load(self)
            .map_err(StoreError::on("authority_amendments"))
    }
}

impl Transaction<'_> {
    /// Adds an amendment.
    pub fn add_authority_amendment(&mut self, row: &AuthorityAmendmentRow) -> Result<(), StoreError> {
        written(self.conn(), "authority_amendments", diesel::insert_into(authority_amendments::table).values(row)).map(drop)
    }

    /// Writes the outcome of a pending amendment.
    ///
    /// # Errors
    /// `StoreError::Stale` if it is no longer pending, `StoreError::Query`.
    pub fn settle_authority_amendment(&mut self, id: AuthorityAmendmentId, state: ProposalState) -> Result<(), StoreError> {
        let place = authority_amendments::table.find(id).filter(authority_amendments::state.eq(ProposalState::Pending));
        let update = diesel::update(place).set(authority_amendments::state.eq(state));
        written_once(self.conn(), "authority_amendments", update)
    }
}
