//! What members want their records to be. One row a VASP, changed under its version; readers never see it.

use super::backend::{locked, written, written_once};
use super::schema::submissions;
use super::{Conn, StoreError, Transaction};
use diesel::prelude::*;
use vasp_record::submission::Submission;
use vasp_record::vasp::VaspStatus;
use vasp_words::ids::{OrganisationId, VaspId};
use vasp_words::sql::Json;
use vasp_words::time::UtcTime;

/// What is handed in about a VASP.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = submissions, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct KeptRecord {
    /// The VASP.
    pub vasp: VaspId,
    /// The organisation that keeps it.
    pub organisation: OrganisationId,
    /// Where it stands in its life.
    pub status: VaspStatus,
    /// Rises with every change.
    pub version: i64,
    /// What the record is to be.
    #[diesel(column_name = body)]
    pub said: Json<Submission>,
    /// What was approved last; none before the first approval.
    pub approved: Option<Json<Submission>>,
    /// When it was begun.
    pub created_at: UtcTime,
    /// When it changed last.
    pub updated_at: UtcTime,
}

impl Conn {
    /// Returns the submission about a VASP.
    pub fn submission(&mut self, vasp: VaspId) -> Result<Option<KeptRecord>, StoreError> {
        let query = submissions::table.find(vasp).select(KeptRecord::as_select());
        query.first(self).optional().map_err(StoreError::on("submissions"))
    }

    /// Returns the submissions of an organisation, oldest first.
    pub fn submissions_of(&mut self, organisation: OrganisationId) -> Result<Vec<KeptRecord>, StoreError> {
        submissions::table
            .filter(submissions::organisation.eq(organisation))
            .order((submissions::created_at, submissions::vasp))
            .select(KeptRecord::as_select())
            .load(self)
            .map_err(StoreError::on("submissions"))
    }
}

impl Transaction<'_> {
    /// Returns the submission about a VASP and keeps others from changing it until the end. SQLite's writers are alone already.
    pub fn lock_submission(&mut self, vasp: VaspId) -> Result<Option<KeptRecord>, StoreError> {
        let row = locked!(self.conn(), submissions::table.find(vasp) => KeptRecord, first);
        row.optional().map_err(StoreError::on("submissions"))
    }

    /// Adds a submission.
    pub fn add_submission(&mut self, row: &KeptRecord) -> Result<(), StoreError> {
        written!(self, "submissions", diesel::insert_into(submissions::table).values(row)).map(drop)
    }

    /// Puts `row` in the place of the version before it.
    ///
    /// # Errors
    /// `StoreError::Stale` where another writer changed it meanwhile.
    pub fn change_submission(&mut self, row: &KeptRecord) -> Result<(), StoreError> {
        let place = submissions::table.find(row.vasp).filter(submissions::version.eq(row.version - 1));
        let update = diesel::update(place).set(row);
        written_once!(self, "submissions", update)
    }
}
