//! Records as members want them to be. There is one row for each VASP and organisation, changed under its version. Readers never see it. If
//! several organisations ask for one VASP, each has its own draft; the reviewers decide about the one that is submitted.

use super::backend::{written, written_once};
use super::edge::*;
use super::schema::{organisations, submissions};
use super::{Conn, StoreError, Transaction};
use vasp_record::role::OrganisationKind;
use vasp_record::submission::Submission;
use vasp_record::vasp::VaspStatus;
use vasp_words::ids::{OrganisationId, VaspId};
use vasp_words::sql::Json;
use vasp_words::time::UtcTime;

/// An organisation's submission about a VASP.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = submissions, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct KeptRecord {
    /// The VASP.
    pub vasp: VaspId,
    /// The organisation that maintains it.
    pub organisation: OrganisationId,
    /// Its status.
    pub status: VaspStatus,
    /// Rises with every change.
    pub version: i64,
    /// The record as the organisation wants it.
    #[diesel(column_name = body)]
    pub said: Json<Submission>,
    /// The record that was last approved; `None` before the first approval.
    pub approved: Option<Json<Submission>>,
    /// When it was created.
    pub created_at: UtcTime,
    /// When it last changed.
    pub updated_at: UtcTime,
}

impl KeptRecord {
    /// Tells whether it is submitted and has not ended: it is not a draft, rejected, withdrawn or retired.
    #[must_use]
    pub fn stands(&self) -> bool {
        !matches!(self.status, VaspStatus::Draft | VaspStatus::Rejected | VaspStatus::Withdrawn | VaspStatus::Retired)
    }

    /// Returns the one to decide about: one that waits for its first approval, before one that was approved.
    fn standing(rows: Vec<Self>) -> Option<Self> {
        rows.into_iter().filter(Self::stands).min_by_key(|row| row.approved.is_some())
    }
}

impl Conn {
    /// Returns the submission about a VASP: the one that waits for its first approval, otherwise the one that was approved. Drafts are
    /// private to their organisations.
    pub fn submission(&mut self, vasp: VaspId) -> Result<Option<KeptRecord>, StoreError> {
        self.submissions_about(vasp).map(KeptRecord::standing)
    }

    /// Returns every submission about a VASP, including drafts and ended ones, in order of organisation.
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

    /// Returns the submissions of the registry's own organisations about VASPs after `after`, in order of the VASP.
    pub fn submissions_of_registry(&mut self, after: &str, limit: i64) -> Result<Vec<KeptRecord>, StoreError> {
        let own = organisations::table.filter(organisations::kind.eq(OrganisationKind::Operator)).select(organisations::id);
        let own: Vec<OrganisationId> = own.load(self).map_err(StoreError::on("organisations"))?;
        submissions::table
            .filter(submissions::organisation.eq_any(own))
            .filter(submissions::vasp.gt(after))
            .order((submissions::vasp, submissions::organisation))
            .limit(limit)
            .select(KeptRecord::as_select())
            .load(self)
            .map_err(StoreError::on("submissions"))
    }

    /// Returns the record that an organisation maintains, if there is one that is not rejected, withdrawn or retired.
    pub fn kept_record_of(&mut self, organisation: OrganisationId) -> Result<Option<KeptRecord>, StoreError> {
        Ok(self.submissions_of(organisation)?.into_iter().rfind(|row| row.status.is_live()))
    }
}

impl Transaction<'_> {
    /// Returns the submission about a VASP as [`Conn::submission`] does, and locks every submission about it until the end of the
    /// transaction. SQLite has one writer at a time and needs no lock.
    pub fn lock_submission(&mut self, vasp: VaspId) -> Result<Option<KeptRecord>, StoreError> {
        self.lock_submissions(vasp).map(KeptRecord::standing)
    }

    /// Locks and returns every submission about a VASP until the end of the transaction.
    pub fn lock_submissions(&mut self, vasp: VaspId) -> Result<Vec<KeptRecord>, StoreError> {
        let rows = submissions::table.filter(submissions::vasp.eq(vasp)).order(submissions::organisation);
        rows.select(KeptRecord::as_select()).locking().load(self.conn()).map_err(StoreError::on("submissions"))
    }

    /// Adds a submission.
    pub fn add_submission(&mut self, row: &KeptRecord) -> Result<(), StoreError> {
        written(self.conn(), "submissions", diesel::insert_into(submissions::table).values(row)).map(drop)
    }

    /// Replaces the preceding version of a submission by `row`.
    ///
    /// # Errors
    /// `StoreError::Stale` if another writer changed it in the meantime.
    pub fn change_submission(&mut self, row: &KeptRecord) -> Result<(), StoreError> {
        let place = submissions::table.find((row.vasp, row.organisation)).filter(submissions::version.eq(row.version - 1));
        let update = diesel::update(place).set(row);
        written_once(self.conn(), "submissions", update)
    }
}
