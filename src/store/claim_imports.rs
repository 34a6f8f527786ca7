//! Running imports of claims: how far each one is, and the state that its next part needs. A process that continues an import names the
//! position that it continues from. So two processes never continue the same import, and none continues one that is being removed.

use super::edge::*;
use super::schema::{claim_batches, claim_imports, claims};
use super::{Conn, StoreError, Transaction};
use vasp_record::client_certificate::Sha256Hex;
use vasp_words::time::UtcTime;

/// Value of `rows_read` while the rows of an import are being removed.
const BEING_REMOVED: i64 = -1;

/// An import that has not finished.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = claim_imports, treat_none_as_default_value = false)]
pub struct ClaimImport {
    /// SHA-256 of the file.
    pub digest: Sha256Hex,
    /// When it began.
    pub started_at: UtcTime,
    /// When `rows_read` was last updated.
    pub updated_at: UtcTime,
    /// Number of rows of the file that are done.
    pub rows_read: i64,
    /// State of the import (JSON).
    pub state: String,
}

impl ClaimImport {
    /// Tells whether its rows are being removed. If so, nobody can continue it.
    #[must_use]
    pub fn is_being_removed(&self) -> bool {
        self.rows_read == BEING_REMOVED
    }
}

impl Transaction<'_> {
    /// Records the progress of an import that was at row `before`. If `before` is 0, the import begins.
    ///
    /// # Errors
    /// `StoreError::Stale` if the import is at another row, `StoreError::Query`.
    pub fn note_claim_import(&mut self, row: &ClaimImport, before: i64) -> Result<(), StoreError> {
        if before == 0 {
            let insert = diesel::insert_into(claim_imports::table).values(row);
            let written = insert.unless_there().execute(self.conn());
            return one(written);
        }
        let stood = claim_imports::table.find(row.digest).filter(claim_imports::rows_read.eq(before));
        let update = diesel::update(stood).set((
            claim_imports::updated_at.eq(row.updated_at),
            claim_imports::rows_read.eq(row.rows_read),
            claim_imports::state.eq(&row.state),
        ));
        one(update.execute(self.conn()))
    }

    /// Removes the record of a complete import that was at row `before`. If `before` is 0, there is no record.
    ///
    /// # Errors
    /// `StoreError::Stale` if the import is at another row, `StoreError::Query`.
    pub fn end_claim_import(&mut self, digest: Sha256Hex, before: i64) -> Result<(), StoreError> {
        if before == 0 {
            return Ok(());
        }
        let stood = claim_imports::table.find(digest).filter(claim_imports::rows_read.eq(before));
        one(diesel::delete(stood).execute(self.conn()))
    }
}

fn one(written: QueryResult<usize>) -> Result<(), StoreError> {
    match written.map_err(StoreError::on("claim_imports"))? {
        1 => Ok(()),
        _ => Err(StoreError::Stale { table: "claim_imports" }),
    }
}

impl Conn {
    /// Returns the imports that are running, or whose process ended before they finished.
    pub fn claim_imports(&mut self) -> Result<Vec<ClaimImport>, StoreError> {
        claim_imports::table
            .order(claim_imports::started_at)
            .select(ClaimImport::as_select())
            .load(self)
            .map_err(StoreError::on("claim_imports"))
    }

    /// Marks an import whose rows are to be removed. From then on nobody can continue it.
    pub fn stop_claim_import(&mut self, digest: Sha256Hex) -> Result<(), StoreError> {
        let update = diesel::update(claim_imports::table.find(digest)).set(claim_imports::rows_read.eq(BEING_REMOVED));
        update.execute(self).map(drop).map_err(StoreError::on("claim_imports"))
    }

    /// Removes rows of a batch that was never sealed, those of its last `most` positions, and returns how many.
    pub fn remove_unsealed(&mut self, batch: i64, most: i32) -> Result<usize, StoreError> {
        let last: Option<i32> = claims::table
            .filter(claims::batch.eq(batch))
            .select(diesel::dsl::max(claims::position))
            .first(self)
            .map_err(StoreError::on("claims"))?;
        let sealed = claim_batches::table.find(batch).select(claim_batches::number).first::<i64>(self).optional();
        let (Some(last), None) = (last, sealed.map_err(StoreError::on("claim_batches"))?) else { return Ok(0) };
        let after = last.saturating_sub(most);
        self.remove_other_controllers(batch, after)?;
        let rows = claims::table.filter(claims::batch.eq(batch)).filter(claims::position.gt(after));
        diesel::delete(rows).execute(self).map_err(StoreError::on("claims"))
    }

    /// Removes the record of an import whose rows are removed.
    pub fn forget_claim_import(&mut self, digest: Sha256Hex) -> Result<(), StoreError> {
        let row = claim_imports::table.find(digest).filter(claim_imports::rows_read.eq(BEING_REMOVED));
        diesel::delete(row).execute(self).map(drop).map_err(StoreError::on("claim_imports"))
    }

    /// Sets the page cache of a SQLite file's writing connection, in kibibytes, for a load that touches the same pages many times. A server
    /// has its own cache.
    pub fn expect_many_rows(&mut self, cache_kib: u32) -> Result<(), StoreError> {
        use diesel::connection::SimpleConnection;
        match self {
            Conn::Sqlite(c) => c.batch_execute(&format!("PRAGMA cache_size = -{cache_kib}")).map_err(StoreError::on("settings")),
            Conn::Postgres(_) => Ok(()),
        }
    }
}
