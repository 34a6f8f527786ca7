//! Access of organisations to the answers of others, and requests for it. A grant that ended keeps its row, with the private revisions
//! between which it was in force.

use super::backend::written;
use super::edge::*;
use super::private_states::current_at;
use super::schema::{questionnaire_access, questionnaire_requests};
use super::{Conn, StoreError, Transaction};
use vasp_record::answers_access::{AccessRequestState, OwnershipAccess, Sections};
use vasp_words::ids::{AccessRequestId, AnswersAccessId, OrganisationId, UserId, VaspId};
use vasp_words::time::UtcTime;

/// Access of one organisation to the answers of another.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = questionnaire_access, treat_none_as_default_value = false)]
pub struct AnswersAccess {
    /// Its id.
    pub id: AnswersAccessId,
    /// The organisation that gave the answers.
    pub organisation: OrganisationId,
    /// The organisation that may read them.
    pub grantee: OrganisationId,
    /// Sections; `None` for all.
    pub sections: Option<Sections>,
    /// Access to the ownership chain.
    pub ownership: OwnershipAccess,
    /// When it expires.
    pub expires_at: UtcTime,
    /// The user who granted it.
    pub created_by: UserId,
    /// When it was granted.
    pub created_at: UtcTime,
    /// When it was revoked or replaced; `None` if it was not.
    pub ended_at: Option<UtcTime>,
    /// Private revision from which it is in force.
    pub revision_from: i64,
    /// Private revision from which it is no longer in force; `None` if it is in force.
    pub revision_to: Option<i64>,
}

/// A request for access.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = questionnaire_requests, treat_none_as_default_value = false)]
pub struct AccessRequest {
    /// Its id.
    pub id: AccessRequestId,
    /// The organisation that gave the answers.
    pub organisation: OrganisationId,
    /// The VASP that the answers are about.
    pub vasp: VaspId,
    /// The organisation that requests access.
    pub asker: OrganisationId,
    /// Sections; `None` for all.
    pub sections: Option<Sections>,
    /// Access to the ownership chain.
    pub ownership: OwnershipAccess,
    /// The reason for the request.
    pub reason: String,
    /// State: open, or its outcome.
    pub state: AccessRequestState,
    /// When it was made.
    pub created_at: UtcTime,
    /// When it was decided; `None` if it is open.
    pub decided_at: Option<UtcTime>,
}

impl Conn {
    /// Returns the access that an organisation had granted at one of its private revisions. Expired access is included.
    pub fn answers_access_at(&mut self, organisation: OrganisationId, revision: i64) -> Result<Vec<AnswersAccess>, StoreError> {
        current_at!(questionnaire_access, organisation, revision)
            .order(questionnaire_access::id)
            .select(AnswersAccess::as_select())
            .load(self)
            .map_err(StoreError::on("questionnaire_access"))
    }

    /// Returns all access that an organisation granted, after `after`, oldest first.
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

    /// Returns the requests for access to an organisation's answers after `after`, oldest first.
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
        written(self.conn(), "questionnaire_access", insert).map(drop)
    }

    /// Ends access that an organisation granted and that is in force: that with an id, or all of a grantee. Returns how many it ended.
    pub fn end_answers_access(
        &mut self,
        organisation: OrganisationId,
        id: Option<AnswersAccessId>,
        grantee: Option<OrganisationId>,
        revision: i64,
        at: UtcTime,
    ) -> Result<usize, StoreError> {
        let meant = questionnaire_access::id.nullable().eq(id).or(questionnaire_access::grantee.nullable().eq(grantee));
        let standing = questionnaire_access::table
            .filter(questionnaire_access::organisation.eq(organisation))
            .filter(questionnaire_access::revision_to.is_null())
            .filter(meant);
        let ended = (questionnaire_access::revision_to.eq(revision), questionnaire_access::ended_at.eq(at));
        written(self.conn(), "questionnaire_access", diesel::update(standing).set(ended))
    }

    /// Adds a request; `false` if one is open already.
    pub fn add_access_request(&mut self, row: &AccessRequest) -> Result<bool, StoreError> {
        let insert = diesel::insert_into(questionnaire_requests::table).values(row).unless_there();
        written(self.conn(), "questionnaire_requests", insert).map(|rows| rows == 1)
    }

    /// Decides open requests to an organisation: that with an id, or all of one asker. Returns how many it decided.
    pub fn decide_access_requests(
        &mut self,
        organisation: OrganisationId,
        id: Option<AccessRequestId>,
        asker: Option<OrganisationId>,
        state: AccessRequestState,
        at: UtcTime,
    ) -> Result<usize, StoreError> {
        let meant = questionnaire_requests::id.nullable().eq(id).or(questionnaire_requests::asker.nullable().eq(asker));
        let open = questionnaire_requests::table
            .filter(questionnaire_requests::organisation.eq(organisation))
            .filter(questionnaire_requests::state.eq(AccessRequestState::Open))
            .filter(meant);
        let decided = (questionnaire_requests::state.eq(state), questionnaire_requests::decided_at.eq(at));
        written(self.conn(), "questionnaire_requests", diesel::update(open).set(decided))
    }
}
