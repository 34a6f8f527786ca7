//! Imported rulebooks that need the approval of a second person, and their outcome. They are not logged: an approved one becomes a
//! reference document.

use crate::backend::{written, written_once};
use crate::edge::*;
use crate::schema::rulebook_imports;
use crate::{Conn, StoreError, Transaction};
use vasp_record::proposal::ProposalState;
use vasp_words::ids::RulebookImportId;
use vasp_words::time::{Date, UtcTime};

/// An imported rulebook.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = rulebook_imports, treat_none_as_default_value = false)]
pub struct RulebookImportRow {
    /// Public id.
    pub id: RulebookImportId,
    /// State: pending, or its outcome.
    pub state: ProposalState,
    /// The rulebook's own version.
    pub version: String,
    /// Day of the facts in it.
    pub observed_on: Date,
    /// File that it came from.
    pub source: String,
    /// SHA-256 of the text.
    pub digest: Vec<u8>,
    /// SHA-256 of the rulebook that it was compared with.
    pub base: Vec<u8>,
    /// The text.
    pub body: String,
    /// The changes that it makes (JSON).
    pub difference: String,
    /// When it was imported.
    pub imported_at: UtcTime,
}

impl Conn {
    /// Returns an imported rulebook.
    pub fn rulebook_import(&mut self, id: RulebookImportId) -> Result<Option<RulebookImportRow>, StoreError> {
        let query = rulebook_imports::table.find(id).select(RulebookImportRow::as_select());
        query.first(self).optional().map_err(StoreError::on("rulebook_imports"))
    }

    /// Returns the pending import of this text against this base rulebook, if there is one.
    pub fn waiting_rulebook(&mut self, digest: &[u8], base: &[u8]) -> Result<Option<RulebookImportRow>, StoreError> {
        rulebook_imports::table
            .filter(rulebook_imports::state.eq(ProposalState::Pending))
            .filter(rulebook_imports::digest.eq(digest))
            .filter(rulebook_imports::base.eq(base))
            .select(RulebookImportRow::as_select())
            .first(self)
            .optional()
            .map_err(StoreError::on("rulebook_imports"))
    }

    /// Returns the imported rulebooks after `after` in a state, or in any, oldest first.
    pub fn rulebook_imports(
        &mut self,
        state: Option<ProposalState>,
        after: &str,
        limit: i64,
    ) -> Result<Vec<RulebookImportRow>, StoreError> {
        let mut query = rulebook_imports::table.filter(rulebook_imports::id.gt(after)).into_boxed();
        if let Some(state) = state {
            query = query.filter(rulebook_imports::state.eq(state));
        }
        query
            .order(rulebook_imports::id)
            .limit(limit)
            .select(RulebookImportRow::as_select())
            .load(self)
            .map_err(StoreError::on("rulebook_imports"))
    }
}

impl Transaction<'_> {
    /// Adds an imported rulebook.
    pub fn add_rulebook_import(&mut self, row: &RulebookImportRow) -> Result<(), StoreError> {
        written(self.conn(), "rulebook_imports", diesel::insert_into(rulebook_imports::table).values(row)).map(drop)
    }

    /// Writes the outcome of a pending import.
    ///
    /// # Errors
    /// `StoreError::Stale` if it is no longer pending, `StoreError::Query`.
    pub fn settle_rulebook_import(&mut self, id: RulebookImportId, state: ProposalState) -> Result<(), StoreError> {
        let place = rulebook_imports::table.find(id).filter(rulebook_imports::state.eq(ProposalState::Pending));
        let update = diesel::update(place).set(rulebook_imports::state.eq(state));
        written_once(self.conn(), "rulebook_imports", update)
    }
}
