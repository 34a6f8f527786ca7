//! Answers to questionnaires: one draft an organisation, and its submissions, of which one stands. What was answered is sealed.

use super::backend::{locked, on_backend, written};
use super::schema::{questionnaire_drafts, questionnaire_submissions};
use super::{Conn, StoreError, Transaction};
use diesel::prelude::*;
use vasp_record::client_certificate::Sha256Hex;
use vasp_words::ids::{AnswersId, OrganisationId, UserId, VaspId};
use vasp_words::time::UtcTime;

/// The draft of an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = questionnaire_drafts, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct QuestionnaireDraft {
    /// Whose.
    pub organisation: OrganisationId,
    /// The VASP that it answers for.
    pub vasp: VaspId,
    /// Rises with every change.
    pub version: i64,
    /// Questionnaire, `id@version`.
    pub questionnaire: String,
    /// The answers, sealed.
    pub sealed: Vec<u8>,
    /// When it changed last.
    pub updated_at: UtcTime,
}

/// Answers that were handed in.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = questionnaire_submissions, treat_none_as_default_value = false)]
pub struct SubmittedAnswers {
    /// Its id.
    pub id: AnswersId,
    /// Whose.
    pub organisation: OrganisationId,
    /// The VASP that it answers for.
    pub vasp: VaspId,
    /// Number among the organisation's, from 1.
    pub number: i64,
    /// Questionnaire, `id@version`.
    pub questionnaire: String,
    /// When it was handed in.
    pub submitted_at: UtcTime,
    /// Who handed it in.
    pub submitted_by: UserId,
    /// SHA-256 of the document that was signed.
    pub document_sha256: Sha256Hex,
    /// The document with its signature, sealed.
    pub sealed: Vec<u8>,
    /// What checks and screening need, sealed.
    pub sealed_facts: Vec<u8>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<UtcTime>,
    /// Private revision from which it stands.
    pub revision_from: i64,
    /// Private revision from which it stands no longer.
    pub revision_to: Option<i64>,
}

impl Conn {
    /// Returns the draft of an organisation.
    pub fn questionnaire_draft(&mut self, organisation: OrganisationId) -> Result<Option<QuestionnaireDraft>, StoreError> {
        let query = questionnaire_drafts::table.find(organisation).select(QuestionnaireDraft::as_select());
        query.first(self).optional().map_err(StoreError::on("questionnaire_drafts"))
    }

    /// Returns the submissions of an organisation, newest first, those before number `before` only.
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

    /// Returns the submission of an organisation that stood at a private revision of its own.
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
    /// Returns the draft of an organisation and keeps others from changing it until the end. SQLite's writers are alone already.
    pub fn lock_questionnaire_draft(&mut self, organisation: OrganisationId) -> Result<Option<QuestionnaireDraft>, StoreError> {
        let row = locked!(self.conn(), questionnaire_drafts::table.find(organisation) => QuestionnaireDraft, first);
        row.optional().map_err(StoreError::on("questionnaire_drafts"))
    }

    /// Adds a draft at version 1, or puts it in the place of the version before.
    ///
    /// # Errors
    /// `StoreError::Stale` where another writer changed it meanwhile.
    pub fn put_questionnaire_draft(&mut self, row: &QuestionnaireDraft) -> Result<(), StoreError> {
        let table = questionnaire_drafts::table;
        let changed = if row.version == 1 {
            let insert = diesel::insert_into(table).values(row).on_conflict_do_nothing();
            on_backend!(self.conn(), c => insert.execute(c))
        } else {
            let place = table.find(row.organisation).filter(questionnaire_drafts::version.eq(row.version - 1));
            let update = diesel::update(place).set(row);
            on_backend!(self.conn(), c => update.execute(c))
        };
        match changed.map_err(StoreError::on("questionnaire_drafts"))? {
            1 => Ok(()),
            _ => Err(StoreError::Stale { table: "questionnaire_drafts" }),
        }
    }

    /// Ends the submission that stands, if one does, and returns how many those were. With `withdrawn_at` it was taken back.
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
        written!(self, "questionnaire_submissions", update)
    }

    /// Adds a submission.
    pub fn add_submitted_answers(&mut self, row: &SubmittedAnswers) -> Result<(), StoreError> {
        let insert = diesel::insert_into(questionnaire_submissions::table).values(row);
        written!(self, "questionnaire_submissions", insert).map(drop)
    }
}
