//! What members want their records to be. One row a VASP and organisation, changed under its version; readers never see it. Of several
//! that ask for one VASP each has its own draft, and what is handed in by one is what is decided about.

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

impl KeptRecord {
    /// Tells whether it is handed in, and not over: no draft, and neither given up nor rejected.
    #[must_use]
    pub fn stands(&self) -> bool {
        !matches!(self.status, VaspStatus::Draft | VaspStatus::Rejected | VaspStatus::Withdrawn | VaspStatus::Retired)
    }

    /// Returns the one that is decided about: what waits for its first approval before what was approved.
    fn standing(rows: Vec<Self>) -> Option<Self> {
        rows.into_iter().filter(Self::stands).min_by_key(|row| row.approved.is_some())
    }
}

impl Conn {
    /// Returns what is handed in about a VASP: what waits for its first approval, else what was approved. Drafts are their
    /// organisations' own.
    pub fn submission(&mut self, vasp: VaspId) -> Result<Option<KeptRecord>, StoreError> {
        self.submissions_about(vasp).map(KeptRecord::standing)
    }

    /// Returns every submission about a VASP, drafts and what is over too, in order of their organisations.
    pub fn submissions_about(&mut self, vasp: VaspId) -> Result<Vec<KeptRecord>, StoreError> {
        submissions::table
            .filter(submissions::vasp.eq(vasp))
            .order(submissions::organisation)
            .select(KeptRecord::as_select())
            .load(self)
            .map_err(StoreError::on("submissions"))
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

    /// Returns the record that an organisation keeps, if it keeps one: neither rejected nor withdrawn nor retired.
    pub fn kept_record_of(&mut self, organisation: OrganisationId) -> Result<Option<KeptRecord>, StoreError> {
        Ok(self.submissions_of(organisation)?.into_iter().rfind(|row| row.status.is_live()))
    }
}

impl Transaction<'_> {
    /// Returns what is handed in about a VASP, as [`Conn::submission`] does, and keeps others from changing any submission about it until
    /// the end. SQLite's writers are alone already.
    pub fn lock_submission(&mut self, vasp: VaspId) -> Result<Option<KeptRecord>, StoreError> {
        self.lock_submissions(vasp).map(KeptRecord::standing)
    }

    /// Returns every submission about a VASP and keeps others from changing them until the end.
    pub fn lock_submissions(&mut self, vasp: VaspId) -> Result<Vec<KeptRecord>, StoreError> {
        let rows = submissions::table.filter(submissions::vasp.eq(vasp)).order(submissions::organisation);
        locked!(self.conn(), rows => KeptRecord, load).map_err(StoreError::on("submissions"))
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
        let place = submissions::table.find((row.vasp, row.organisation)).filter(submissions::version.eq(row.version - 1));
        let update = diesel::update(place).set(row);
        written_once!(self, "submissions", update)
    }
}
