//! Answers to questionnaires: one draft for each organisation, and its submissions, of which one is current. The answers are sealed.

use super::backend::written;
use super::edge::*;
use super::schema::{questionnaire_drafts, questionnaire_submissions};
use super::{Conn, StoreError, Transaction};
use vasp_record::client_certificate::Sha256Hex;
use vasp_words::ids::{AnswersId, OrganisationId, UserId, VaspId};
use vasp_words::time::UtcTime;

/// The draft of an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = questionnaire_drafts, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct QuestionnaireDraft {
    /// The organisation.
    pub organisation: OrganisationId,
    /// The VASP that the answers are about.
    pub vasp: VaspId,
    /// Rises with every change.
    pub version: i64,
    /// Questionnaire, `id@version`.
    pub questionnaire: String,
    /// The answers, sealed.
    pub sealed: Vec<u8>,
    /// When it last changed.
    pub updated_at: UtcTime,
}

/// Submitted answers.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = questionnaire_submissions, treat_none_as_default_value = false)]
pub struct SubmittedAnswers {
    /// Its id.
    pub id: AnswersId,
    /// The organisation.
    pub organisation: OrganisationId,
    /// The VASP that the answers are about.
    pub vasp: VaspId,
    /// Number among the organisation's submissions, from 1.
    pub number: i64,
    /// Questionnaire, `id@version`.
    pub questionnaire: String,
    /// When they were submitted.
    pub submitted_at: UtcTime,
    /// The user who submitted them.
    pub submitted_by: UserId,
    /// SHA-256 of the signed document.
    pub document_sha256: Sha256Hex,
    /// The document with its signature, sealed.
    pub sealed: Vec<u8>,
    /// The facts that checks and screening need, sealed.
    pub sealed_facts: Vec<u8>,
    /// When they were withdrawn; `None` if they were not.
    pub withdrawn_at: Option<UtcTime>,
    /// Private revision from which they are current.
    pub revision_from: i64,
    /// Private revision from which they are no longer current; `None` if they are.
    pub revision_to: Option<i64>,
}

impl Conn {
    /// Returns the draft of an organisation.
    pub fn questionnaire_draft(&mut self, organisation: OrganisationId) -> Result<Option<QuestionnaireDraft>, StoreError> {
        let query = questionnaire_drafts::table.find(organisation).select(QuestionnaireDraft::as_select());
        query.first(self).optional().map_err(StoreError::on("questionnaire_drafts"))
    }

    /// Returns the submissions of an organisation before number `before`, newest first.
    pub fn submitted_answers(
        &mut self,
        organisation: OrganisationId,
        before: i64,
        limit: i64,
    ) -> Result<Vec<SubmittedAnswers>, StoreError> {
        questionnaire_submissions::table
            .filter(questionnaire_submissions::organisation.eq(organisation))
            .filter(questionnaire_submissions::number.lt(before))
            .order(questionnaire_submissions::number.desc())
            .limit(limit)
            .select(SubmittedAnswers::as_select())
            .load(self)
            .map_err(StoreError::on("questionnaire_submissions"))
    }

    /// Returns a submission.
    pub fn submitted_answers_by_id(&mut self, id: AnswersId) -> Result<Option<SubmittedAnswers>, StoreError> {
        let query = questionnaire_submissions::table.find(id).select(SubmittedAnswers::as_select());
        query.first(self).optional().map_err(StoreError::on("questionnaire_submissions"))
    }

    /// Returns the submission of an organisation that was current at one of its private revisions.
    pub fn standing_answers(
        &mut self,
        organisation: OrganisationId,
        revision: i64,
    ) -> Result<Option<SubmittedAnswers>, StoreError> {
        let to = questionnaire_submissions::revision_to;
        questionnaire_submissions::table
            .filter(questionnaire_submissions::organisation.eq(organisation))
            .filter(questionnaire_submissions::revision_from.le(revision))
            .filter(to.is_null().or(to.gt(revision)))
            .select(SubmittedAnswers::as_select())
            .first(self)
            .optional()
            .map_err(StoreError::on("questionnaire_submissions"))
    }
}

impl Transaction<'_> {
    /// Locks and returns the draft of an organisation until the end of the transaction. SQLite has one writer at a time and needs no lock.
    pub fn lock_questionnaire_draft(&mut self, organisation: OrganisationId) -> Result<Option<QuestionnaireDraft>, StoreError> {
        let row = questionnaire_drafts::table
            .find(organisation)
            .select(QuestionnaireDraft::as_select())
            .locking()
            .get_result(self.conn());
        row.optional().map_err(StoreError::on("questionnaire_drafts"))
    }

    /// Adds a draft at version 1, or replaces its preceding version.
    ///
    /// # Errors
    /// `StoreError::Stale` if another writer changed it in the meantime.
    pub fn put_questionnaire_draft(&mut self, row: &QuestionnaireDraft) -> Result<(), StoreError> {
        let table = questionnaire_drafts::table;
        let changed = if row.version == 1 {
            let insert = diesel::insert_into(table).values(row).unless_there();
            insert.execute(self.conn())
        } else {
            let place = table.find(row.organisation).filter(questionnaire_drafts::version.eq(row.version - 1));
            let update = diesel::update(place).set(row);
            update.execute(self.conn())
        };
        match changed.map_err(StoreError::on("questionnaire_drafts"))? {
            1 => Ok(()),
            _ => Err(StoreError::Stale { table: "questionnaire_drafts" }),
        }
    }

    /// Ends the current submission, if there is one, and returns how many it ended. With `withdrawn_at` the submission is withdrawn.
    pub fn end_standing_answers(
        &mut self,
        organisation: OrganisationId,
        revision: i64,
        withdrawn_at: Option<UtcTime>,
    ) -> Result<usize, StoreError> {
        let standing = questionnaire_submissions::table
            .filter(questionnaire_submissions::organisation.eq(organisation))
            .filter(questionnaire_submissions::revision_to.is_null());
        let update = diesel::update(standing).set((
            questionnaire_submissions::revision_to.eq(Some(revision)),
            questionnaire_submissions::withdrawn_at.eq(withdrawn_at),
        ));
        written(self.conn(), "questionnaire_submissions", update)
    }

    /// Adds a submission.
    pub fn add_submitted_answers(&mut self, row: &SubmittedAnswers) -> Result<(), StoreError> {
        let insert = diesel::insert_into(questionnaire_submissions::table).values(row);
        written(self.conn(), "questionnaire_submissions", insert).map(drop)
    }
}
