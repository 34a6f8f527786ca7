//! New rulebooks that wait for two people, and what became of them. Not logged: one that is approved becomes a reference document.

use super::backend::on_backend;
use super::schema::rulebook_proposals;
use super::{Conn, StoreError, Transaction};
use diesel::prelude::*;

/// A proposal.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = rulebook_proposals, treat_none_as_default_value = false)]
pub struct RulebookProposalRow {
    /// Public id.
    pub id: String,
    /// `pending`, `approved` or `declined`.
    pub state: String,
    /// The rulebook's own version.
    pub version: String,
    /// Day of the facts in it (ISO 8601).
    pub observed_on: String,
    /// File.
    pub source: String,
    /// SHA-256 of the text.
    pub digest: Vec<u8>,
    /// SHA-256 of the rulebook that it was compared with.
    pub base: Vec<u8>,
    /// The text.
    pub body: String,
    /// What it changes, JSON.
    pub difference: String,
    /// When, microseconds since the epoch.
    pub proposed_at: i64,
    /// The first person who approved it.
    pub first_by: Option<String>,
    /// With which credential.
    pub first_with: Option<String>,
    /// When.
    pub first_at: Option<i64>,
    /// The second, or whoever declined it.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<i64>,
    /// Why it was declined.
    pub reason: Option<String>,
}

impl Conn {
    /// Returns a proposal.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn rulebook_proposal(&mut self, id: &str) -> Result<Option<RulebookProposalRow>, StoreError> {
        let query = rulebook_proposals::table.find(id).select(RulebookProposalRow::as_select());
        query.first(self).optional().map_err(StoreError::on("rulebook_proposals"))
    }

    /// Returns the proposal of this text against this rulebook that waits, if there is one.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn waiting_rulebook(&mut self, digest: &[u8], base: &[u8]) -> Result<Option<RulebookProposalRow>, StoreError> {
        rulebook_proposals::table
            .filter(rulebook_proposals::state.eq("pending"))
            .filter(rulebook_proposals::digest.eq(digest))
            .filter(rulebook_proposals::base.eq(base))
            .select(RulebookProposalRow::as_select())
            .first(self)
            .optional()
            .map_err(StoreError::on("rulebook_proposals"))
    }

    /// Returns proposals in a state, or all, oldest first, those after `after`.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn rulebook_proposals(
        &mut self,
        state: Option<&str>,
        after: &str,
        limit: i64,
    ) -> Result<Vec<RulebookProposalRow>, StoreError> {
        let mut query = rulebook_proposals::table.filter(rulebook_proposals::id.gt(after)).into_boxed();
        if let Some(state) = state {
            query = query.filter(rulebook_proposals::state.eq(state));
        }
        query
            .order(rulebook_proposals::id)
            .limit(limit)
            .select(RulebookProposalRow::as_select())
            .load(self)
            .map_err(StoreError::on("rulebook_proposals"))
    }
}

impl Transaction<'_> {
    /// Adds a proposal.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn add_rulebook_proposal(&mut self, row: &RulebookProposalRow) -> Result<(), StoreError> {
        on_backend!(self.conn(), c => diesel::insert_into(rulebook_proposals::table).values(row).execute(c))
            .map(drop)
            .map_err(StoreError::on("rulebook_proposals"))
    }

    /// Writes who approved or declined a proposal that waits; false where it waits no more. Whoever decides holds the lock on
    /// credentials since it read the proposal, so that no first approval is lost.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn move_rulebook_proposal(&mut self, row: &RulebookProposalRow) -> Result<bool, StoreError> {
        self.lock_credentials()?;
        let place = rulebook_proposals::table.find(&row.id).filter(rulebook_proposals::state.eq("pending"));
        let update = diesel::update(place).set((
            rulebook_proposals::state.eq(&row.state),
            rulebook_proposals::first_by.eq(&row.first_by),
            rulebook_proposals::first_with.eq(&row.first_with),
            rulebook_proposals::first_at.eq(row.first_at),
            rulebook_proposals::decided_by.eq(&row.decided_by),
            rulebook_proposals::decided_at.eq(row.decided_at),
            rulebook_proposals::reason.eq(&row.reason),
        ));
        let moved = on_backend!(self.conn(), c => update.execute(c)).map_err(StoreError::on("rulebook_proposals"))?;
        Ok(moved == 1)
    }
}
