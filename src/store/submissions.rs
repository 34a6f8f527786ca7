//! What members want their records to be. One row a VASP, changed under its version; readers never see it.

use super::backend::on_backend;
use super::schema::submissions;
use super::{Conn, StoreError, Transaction};
use diesel::prelude::*;

/// A submission as it stands in the table.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = submissions, treat_none_as_default_value = false)]
pub struct SubmissionRow {
    /// Public id of the VASP.
    pub vasp: String,
    /// Id of the organisation that keeps it.
    pub organisation: String,
    /// Where it stands in its life.
    pub status: String,
    /// Rises with every change.
    pub version: i64,
    /// What the record is to be, as JSON.
    pub body: String,
    /// What was approved last, as JSON; none before the first approval.
    pub approved: Option<String>,
    /// When, microseconds since the epoch.
    pub created_at: i64,
    /// When it changed last.
    pub updated_at: i64,
}

impl Conn {
    /// Returns the submission about a VASP.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn submission(&mut self, vasp: &str) -> Result<Option<SubmissionRow>, StoreError> {
        let query = submissions::table.find(vasp).select(SubmissionRow::as_select());
        query.first(self).optional().map_err(StoreError::on("submissions"))
    }

    /// Returns the submissions of an organisation, oldest first.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn submissions_of(&mut self, organisation: &str) -> Result<Vec<SubmissionRow>, StoreError> {
        submissions::table
            .filter(submissions::organisation.eq(organisation))
            .order((submissions::created_at, submissions::vasp))
            .select(SubmissionRow::as_select())
            .load(self)
            .map_err(StoreError::on("submissions"))
    }
}

impl Transaction<'_> {
    /// Returns the submission about a VASP and keeps others from changing it until the end. SQLite's writers are alone already.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn lock_submission(&mut self, vasp: &str) -> Result<Option<SubmissionRow>, StoreError> {
        let row = submissions::table.find(vasp);
        match self.conn() {
            Conn::Sqlite(c) => row.select(SubmissionRow::as_select()).first(c),
            Conn::Postgres(c) => row.select(SubmissionRow::as_select()).for_update().first(c),
        }
        .optional()
        .map_err(StoreError::on("submissions"))
    }

    /// Adds a submission.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn add_submission(&mut self, row: &SubmissionRow) -> Result<(), StoreError> {
        on_backend!(self.conn(), c => diesel::insert_into(submissions::table).values(row).execute(c))
            .map(drop)
            .map_err(StoreError::on("submissions"))
    }

    /// Puts `row` in the place of the version before it.
    ///
    /// # Errors
    /// `StoreError::Stale` where another writer changed it meanwhile.
    pub fn change_submission(&mut self, row: &SubmissionRow) -> Result<(), StoreError> {
        let place = submissions::table.find(&row.vasp).filter(submissions::version.eq(row.version - 1));
        let update = diesel::update(place).set((
            submissions::organisation.eq(&row.organisation),
            submissions::status.eq(&row.status),
            submissions::version.eq(row.version),
            submissions::body.eq(&row.body),
            submissions::approved.eq(&row.approved),
            submissions::updated_at.eq(row.updated_at),
        ));
        let changed = on_backend!(self.conn(), c => update.execute(c)).map_err(StoreError::on("submissions"))?;
        if changed == 1 { Ok(()) } else { Err(StoreError::Stale { table: "submissions" }) }
    }
}
