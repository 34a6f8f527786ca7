//! Which organisation may read whose answers, and who asked for it. A grant that ended keeps its row, with the private revisions
//! between which it stood.

use super::backend::written;
use super::schema::{questionnaire_access, questionnaire_requests};
use super::{Conn, StoreError, Transaction};
use diesel::prelude::*;
use vasp_record::answers_access::{AccessRequestState, OwnershipAccess, Sections};
use vasp_words::ids::{AccessRequestId, AnswersAccessId, OrganisationId, UserId, VaspId};
use vasp_words::time::UtcTime;

/// Access of one organisation to the answers of another.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = questionnaire_access, treat_none_as_default_value = false)]
pub struct AnswersAccess {
    /// Its id.
    pub id: AnswersAccessId,
    /// Whose answers.
    pub organisation: OrganisationId,
    /// Who may read them.
    pub grantee: OrganisationId,
    /// Sections; none: all.
    pub sections: Option<Sections>,
    /// The ownership chain.
    pub ownership: OwnershipAccess,
    /// Until when.
    pub expires_at: UtcTime,
    /// Who gave it.
    pub created_by: UserId,
    /// When.
    pub created_at: UtcTime,
    /// When it was taken back, or another took its place.
    pub ended_at: Option<UtcTime>,
    /// Private revision from which it stands.
    pub revision_from: i64,
    /// Private revision from which it stands no longer.
    pub revision_to: Option<i64>,
}

/// A request for access.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = questionnaire_requests, treat_none_as_default_value = false)]
pub struct AccessRequest {
    /// Its id.
    pub id: AccessRequestId,
    /// Whose answers.
    pub organisation: OrganisationId,
    /// The VASP asked about.
    pub vasp: VaspId,
    /// Who asks.
    pub asker: OrganisationId,
    /// Sections; none: all.
    pub sections: Option<Sections>,
    /// The ownership chain.
    pub ownership: OwnershipAccess,
    /// Why.
    pub reason: String,
    /// What became of it.
    pub state: AccessRequestState,
    /// When it was made.
    pub created_at: UtcTime,
    /// When it was answered.
    pub decided_at: Option<UtcTime>,
}

impl Conn {
    /// Returns the access that an organisation had given at a private revision of its own, also such as was over by its date.
    pub fn answers_access_at(&mut self, organisation: OrganisationId, revision: i64) -> Result<Vec<AnswersAccess>, StoreError> {
        let to = questionnaire_access::revision_to;
        questionnaire_access::table
            .filter(questionnaire_access::organisation.eq(organisation))
            .filter(questionnaire_access::revision_from.le(revision))
            .filter(to.is_null().or(to.gt(revision)))
            .order(questionnaire_access::id)
            .select(AnswersAccess::as_select())
            .load(self)
            .map_err(StoreError::on("questionnaire_access"))
    }

    /// Returns all access that an organisation gave, oldest first, that after `after` only.
    pub fn answers_access_of(
        &mut self,
        organisation: OrganisationId,
        after: &str,
        limit: i64,
    ) -> Result<Vec<AnswersAccess>, StoreError> {
        questionnaire_access::table
            .filter(questionnaire_access::organisation.eq(organisation))
            .filter(questionnaire_access::id.gt(after))
            .order(questionnaire_access::id)
            .limit(limit)
            .select(AnswersAccess::as_select())
            .load(self)
            .map_err(StoreError::on("questionnaire_access"))
    }

    /// Returns the requests for access to an organisation's answers, oldest first, those after `after` only.
    pub fn access_requests_to(
        &mut self,
        organisation: OrganisationId,
        after: &str,
        limit: i64,
    ) -> Result<Vec<AccessRequest>, StoreError> {
        questionnaire_requests::table
            .filter(questionnaire_requests::organisation.eq(organisation))
            .filter(questionnaire_requests::id.gt(after))
            .order(questionnaire_requests::id)
            .limit(limit)
            .select(AccessRequest::as_select())
            .load(self)
            .map_err(StoreError::on("questionnaire_requests"))
    }

    /// Returns the requests that an organisation made about a VASP, newest first.
    pub fn access_requests_by(
        &mut self,
        asker: OrganisationId,
        vasp: VaspId,
        limit: i64,
    ) -> Result<Vec<AccessRequest>, StoreError> {
        questionnaire_requests::table
            .filter(questionnaire_requests::asker.eq(asker))
            .filter(questionnaire_requests::vasp.eq(vasp))
            .order(questionnaire_requests::id.desc())
            .limit(limit)
            .select(AccessRequest::as_select())
            .load(self)
            .map_err(StoreError::on("questionnaire_requests"))
    }

    /// Returns a request.
    pub fn access_request(&mut self, id: AccessRequestId) -> Result<Option<AccessRequest>, StoreError> {
        let query = questionnaire_requests::table.find(id).select(AccessRequest::as_select());
        query.first(self).optional().map_err(StoreError::on("questionnaire_requests"))
    }
}

impl Transaction<'_> {
    /// Adds access.
    pub fn add_answers_access(&mut self, row: &AnswersAccess) -> Result<(), StoreError> {
        let insert = diesel::insert_into(questionnaire_access::table).values(row);
        written!(self, "questionnaire_access", insert).map(drop)
    }

    /// Ends the access that an organisation gave and that stands: that of an id, or all of a grantee. Returns how many those were.
    pub fn end_answers_access(
        &mut self,
        organisation: OrganisationId,
        (id, grantee): (Option<AnswersAccessId>, Option<OrganisationId>),
        revision: i64,
        at: UtcTime,
    ) -> Result<usize, StoreError> {
        let meant = questionnaire_access::id.nullable().eq(id).or(questionnaire_access::grantee.nullable().eq(grantee));
        let standing = questionnaire_access::table
            .filter(questionnaire_access::organisation.eq(organisation))
            .filter(questionnaire_access::revision_to.is_null())
            .filter(meant);
        let ended = (questionnaire_access::revision_to.eq(revision), questionnaire_access::ended_at.eq(at));
        written!(self, "questionnaire_access", diesel::update(standing).set(ended))
    }

    /// Adds a request; tells whether none was open.
    pub fn add_access_request(&mut self, row: &AccessRequest) -> Result<bool, StoreError> {
        let insert = diesel::insert_into(questionnaire_requests::table).values(row).on_conflict_do_nothing();
        written!(self, "questionnaire_requests", insert).map(|rows| rows == 1)
    }

    /// Answers the open requests to an organisation: that of an id, or all of an asker. Returns how many those were.
    pub fn decide_access_requests(
        &mut self,
        organisation: OrganisationId,
        (id, asker): (Option<AccessRequestId>, Option<OrganisationId>),
        state: AccessRequestState,
        at: UtcTime,
    ) -> Result<usize, StoreError> {
        let meant = questionnaire_requests::id.nullable().eq(id).or(questionnaire_requests::asker.nullable().eq(asker));
        let open = questionnaire_requests::table
            .filter(questionnaire_requests::organisation.eq(organisation))
            .filter(questionnaire_requests::state.eq(AccessRequestState::Open))
            .filter(meant);
        let decided = (questionnaire_requests::state.eq(state), questionnaire_requests::decided_at.eq(at));
        written!(self, "questionnaire_requests", diesel::update(open).set(decided))
    }
}
