//! Which organisation may read whose answers, and who asked for it. A grant that ended keeps its row, with the private revisions
//! between which it stood.

use super::backend::on_backend;
use super::schema::{questionnaire_access, questionnaire_requests};
use super::{Conn, StoreError, Transaction};
use diesel::prelude::*;

/// Access of one organisation to the answers of another.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = questionnaire_access, treat_none_as_default_value = false)]
pub struct AnswersAccessRow {
    /// Public id.
    pub id: String,
    /// Whose answers.
    pub organisation: String,
    /// Who may read them.
    pub grantee: String,
    /// Sections, separated by blanks; none: all.
    pub sections: Option<String>,
    /// 1: with the ownership chain.
    pub ownership: i16,
    /// Until when, microseconds since the epoch.
    pub expires_at: i64,
    /// Who gave it.
    pub created_by: String,
    /// When.
    pub created_at: i64,
    /// When it was taken back, or another took its place.
    pub ended_at: Option<i64>,
    /// Private revision from which it stands.
    pub revision_from: i64,
    /// Private revision from which it stands no longer.
    pub revision_to: Option<i64>,
}

/// A request for access.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = questionnaire_requests, treat_none_as_default_value = false)]
pub struct AccessRequestRow {
    /// Public id.
    pub id: String,
    /// Whose answers.
    pub organisation: String,
    /// The VASP asked about.
    pub vasp: String,
    /// Who asks.
    pub asker: String,
    /// Sections, separated by blanks; none: all.
    pub sections: Option<String>,
    /// 1: with the ownership chain.
    pub ownership: i16,
    /// Why.
    pub reason: String,
    /// `open`, `granted` or `declined`.
    pub state: String,
    /// When, microseconds since the epoch.
    pub created_at: i64,
    /// When it was answered.
    pub decided_at: Option<i64>,
}

impl Conn {
    /// Returns the access that an organisation had given at a private revision of its own, also such as was over by its date.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn answers_access_at(&mut self, organisation: &str, revision: i64) -> Result<Vec<AnswersAccessRow>, StoreError> {
        let to = questionnaire_access::revision_to;
        questionnaire_access::table
            .filter(questionnaire_access::organisation.eq(organisation))
            .filter(questionnaire_access::revision_from.le(revision))
            .filter(to.is_null().or(to.gt(revision)))
            .order(questionnaire_access::id)
            .select(AnswersAccessRow::as_select())
            .load(self)
            .map_err(StoreError::on("questionnaire_access"))
    }

    /// Returns all access that an organisation gave, oldest first, that after `after` only.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn answers_access_of(
        &mut self,
        organisation: &str,
        after: &str,
        limit: i64,
    ) -> Result<Vec<AnswersAccessRow>, StoreError> {
        questionnaire_access::table
            .filter(questionnaire_access::organisation.eq(organisation))
            .filter(questionnaire_access::id.gt(after))
            .order(questionnaire_access::id)
            .limit(limit)
            .select(AnswersAccessRow::as_select())
            .load(self)
            .map_err(StoreError::on("questionnaire_access"))
    }

    /// Returns the requests for access to an organisation's answers, oldest first, those after `after` only.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn access_requests_to(
        &mut self,
        organisation: &str,
        after: &str,
        limit: i64,
    ) -> Result<Vec<AccessRequestRow>, StoreError> {
        questionnaire_requests::table
            .filter(questionnaire_requests::organisation.eq(organisation))
            .filter(questionnaire_requests::id.gt(after))
            .order(questionnaire_requests::id)
            .limit(limit)
            .select(AccessRequestRow::as_select())
            .load(self)
            .map_err(StoreError::on("questionnaire_requests"))
    }

    /// Returns the requests that an organisation made about a VASP, newest first.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn access_requests_by(&mut self, asker: &str, vasp: &str, limit: i64) -> Result<Vec<AccessRequestRow>, StoreError> {
        questionnaire_requests::table
            .filter(questionnaire_requests::asker.eq(asker))
            .filter(questionnaire_requests::vasp.eq(vasp))
            .order(questionnaire_requests::id.desc())
            .limit(limit)
            .select(AccessRequestRow::as_select())
            .load(self)
            .map_err(StoreError::on("questionnaire_requests"))
    }

    /// Returns a request.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn access_request(&mut self, id: &str) -> Result<Option<AccessRequestRow>, StoreError> {
        let query = questionnaire_requests::table.find(id).select(AccessRequestRow::as_select());
        query.first(self).optional().map_err(StoreError::on("questionnaire_requests"))
    }
}

impl Transaction<'_> {
    /// Adds access.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn add_answers_access(&mut self, row: &AnswersAccessRow) -> Result<(), StoreError> {
        let insert = diesel::insert_into(questionnaire_access::table).values(row);
        on_backend!(self.conn(), c => insert.execute(c)).map(drop).map_err(StoreError::on("questionnaire_access"))
    }

    /// Ends the access that stands: that of an id, or all of a grantee. Returns how many those were.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn end_answers_access(
        &mut self,
        (organisation, id, grantee): (&str, Option<&str>, Option<&str>),
        revision: i64,
        at: i64,
    ) -> Result<usize, StoreError> {
        let standing = questionnaire_access::table
            .filter(questionnaire_access::organisation.eq(organisation))
            .filter(questionnaire_access::revision_to.is_null());
        let ended = (questionnaire_access::revision_to.eq(Some(revision)), questionnaire_access::ended_at.eq(Some(at)));
        let done = match (id, grantee) {
            (Some(id), _) => {
                let update = diesel::update(standing.filter(questionnaire_access::id.eq(id))).set(ended);
                on_backend!(self.conn(), c => update.execute(c))
            }
            (None, Some(grantee)) => {
                let update = diesel::update(standing.filter(questionnaire_access::grantee.eq(grantee))).set(ended);
                on_backend!(self.conn(), c => update.execute(c))
            }
            (None, None) => Ok(0),
        };
        done.map_err(StoreError::on("questionnaire_access"))
    }

    /// Adds a request; tells whether none was open.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn add_access_request(&mut self, row: &AccessRequestRow) -> Result<bool, StoreError> {
        let insert = diesel::insert_into(questionnaire_requests::table).values(row).on_conflict_do_nothing();
        let added = on_backend!(self.conn(), c => insert.execute(c)).map_err(StoreError::on("questionnaire_requests"))?;
        Ok(added == 1)
    }

    /// Answers the open requests of an asker to an organisation: that of an id, or all. Returns how many those were.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn decide_access_requests(
        &mut self,
        (organisation, id, asker): (&str, Option<&str>, Option<&str>),
        state: &str,
        at: i64,
    ) -> Result<usize, StoreError> {
        let open = questionnaire_requests::table
            .filter(questionnaire_requests::organisation.eq(organisation))
            .filter(questionnaire_requests::state.eq("open"));
        let decided = (questionnaire_requests::state.eq(state), questionnaire_requests::decided_at.eq(Some(at)));
        let done = match (id, asker) {
            (Some(id), _) => {
                let update = diesel::update(open.filter(questionnaire_requests::id.eq(id))).set(decided);
                on_backend!(self.conn(), c => update.execute(c))
            }
            (None, Some(asker)) => {
                let update = diesel::update(open.filter(questionnaire_requests::asker.eq(asker))).set(decided);
                on_backend!(self.conn(), c => update.execute(c))
            }
            (None, None) => Ok(0),
        };
        done.map_err(StoreError::on("questionnaire_requests"))
    }
}
