//! New rulebooks that were imported and take two people, and what became of them. Not logged: one that is approved becomes a reference document.

use super::backend::{written, written_once};
use super::schema::rulebook_imports;
use super::{Conn, StoreError, Transaction};
use diesel::prelude::*;
use vasp_record::proposal::ProposalState;
use vasp_words::ids::RulebookImportId;
use vasp_words::time::{Date, UtcTime};

/// A new rulebook.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = rulebook_imports, treat_none_as_default_value = false)]
pub struct RulebookImportRow {
    /// Public id.
    pub id: RulebookImportId,
    /// Whether it waits, came into force, was declined or passed over.
    pub state: ProposalState,
    /// The rulebook's own version.
    pub version: String,
    /// Day of the facts in it.
    pub observed_on: Date,
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
    /// When it was imported.
    pub imported_at: UtcTime,
}

impl Conn {
    /// Returns a new rulebook.
    pub fn rulebook_import(&mut self, id: RulebookImportId) -> Result<Option<RulebookImportRow>, StoreError> {
        let query = rulebook_imports::table.find(id).select(RulebookImportRow::as_select());
        query.first(self).optional().map_err(StoreError::on("rulebook_imports"))
    }

    /// Returns the import of this text against this rulebook that waits, if there is one.
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

    /// Returns new rulebooks in a state, or all, oldest first, those after `after`.
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
    /// Adds a new rulebook.
    pub fn add_rulebook_import(&mut self, row: &RulebookImportRow) -> Result<(), StoreError> {
        written!(self, "rulebook_imports", diesel::insert_into(rulebook_imports::table).values(row)).map(drop)
    }

    /// Writes what became of a new rulebook that waits.
    ///
    /// # Errors
    /// `StoreError::Stale` where it waits no more, `StoreError::Query`.
    pub fn settle_rulebook_import(&mut self, id: RulebookImportId, state: ProposalState) -> Result<(), StoreError> {
        let place = rulebook_imports::table.find(id).filter(rulebook_imports::state.eq(ProposalState::Pending));
        let update = diesel::update(place).set(rulebook_imports::state.eq(state));
        written_once!(self, "rulebook_imports", update)
    }
}
