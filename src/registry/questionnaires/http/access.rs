//! `/v1/questionnaires/access`: which organisations may read the member's answers, and which have asked for access.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::AccessRequestView;
use crate::acts::Reply;
use crate::http::blocking::blocking;
use crate::http::listing::{ListQuery, id_in_path, page, pages};
use crate::http::permission::{MemberRead, MemberShare};
use crate::http::write::{Answer, Bare, Sent, act, reply};
use crate::http::{App, Caller, Problem, Problems, Query};
use crate::questionnaires::{
    AccessRequest, AnswersAccess, NewAccess, decline_request, give_access, list_access, list_requests, withdraw_access,
};
use vasp_routing::{delete, get, post};
use vasp_words::ids::{AccessRequestId, AnswersAccessId, OrganisationId};
use vasp_words::time::UtcTime;

/// The access to give.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewQuestionnaireAccess)]
pub(crate) struct AccessBody {
    /// Id of the organisation that may read.
    organisation: OrganisationId,
    /// The sections that it may read. If you leave them out, it may read all, including those of later versions.
    #[serde(default)]
    #[schema(example = json!(["aml", "data_protection"]))]
    sections: Option<BTreeSet<String>>,
    /// Whether it may read the chain of owners; false by default.
    #[serde(default)]
    ownership: bool,
    /// When the access expires; at most two years from now.
    expires_at: UtcTime,
}

/// The access that an organisation has to your answers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuestionnaireAccess)]
pub(crate) struct AccessView {
    id: String,
    /// Id of the organisation that may read.
    organisation: String,
    /// The sections that it may read; null means all.
    sections: Option<BTreeSet<String>>,
    /// Whether it may read the chain of owners.
    ownership: bool,
    expires_at: UtcTime,
    created_by: String,
    created_at: UtcTime,
    /// When it was withdrawn or replaced by another access; null if it was not.
    ended_at: Option<UtcTime>,
}

pages! {
    /// A page of the access that you gave, oldest first.
    AccessListView as QuestionnaireAccessList of AccessView;
    /// A page of requests for access, oldest first.
    AccessRequestListView as QuestionnaireAccessRequestList of AccessRequestView;
}

impl From<AnswersAccess> for AccessView {
    fn from(given: AnswersAccess) -> Self {
        Self {
            id: given.id.to_string(),
            organisation: given.grantee.to_string(),
            sections: given.sections.map(|sections| sections.0),
            ownership: given.ownership.is_granted(),
            expires_at: given.expires_at,
            created_by: given.created_by.to_string(),
            created_at: given.created_at,
            ended_at: given.ended_at,
        }
    }
}

fn rendered(status: StatusCode) -> impl FnOnce(&AnswersAccess) -> Reply + Send {
    move |given| reply(status, None, AccessView::from(given.clone()))
}

/// List who has access to your answers, oldest first.
#[utoipa::path(tag = "member", params(ListQuery), responses((status = 200, description = "A page of access.", body = AccessListView), Problems))]
#[get("/v1/questionnaires/access")]
pub(crate) async fn list_questionnaire_access(
    who: Caller<MemberRead>,
    query: Query<ListQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, (after, limit)) = (who.known()?, query.0.part());
    let found = blocking(move || list_access(&app.registry, &identity, &after, limit)).await?;
    Ok(page::<_, AccessView>(found))
}

/// Give an organisation access to your answers.
///
/// It replaces the access that the organisation had, and grants its open request. The organisation's pre-checks also use the answers.
#[utoipa::path(tag = "member", request_body = AccessBody, responses((status = 201, description = "The access.", body = AccessView), Problems))]
#[post("/v1/questionnaires/access")]
pub(crate) async fn create_questionnaire_access(
    who: Caller<MemberShare>,
    sent: Sent<AccessBody>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let AccessBody { organisation, sections, ownership, expires_at } = sent.body;
    let new = NewAccess { organisation, sections, ownership: ownership.into(), expires_at };
    act(&app, who.known()?, sent.once, rendered(StatusCode::CREATED), move |act| give_access(act, &new)).await
}

/// Withdraw access to your answers.
///
/// This takes effect at once: every node refuses the next reading. Pre-checks on other nodes know of it within a second.
#[utoipa::path(tag = "member", params(("id" = String, Path, description = "The access's id.")), responses((status = 200, description = "The access, with its end.", body = AccessView), Problems))]
#[delete("/v1/questionnaires/access/{id}")]
pub(crate) async fn delete_questionnaire_access(
    who: Caller<MemberShare>,
    path: Path<String>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let id = id_in_path::<AnswersAccessId>(&path, "There is no such access, or it is no longer in force.")?;
    act(&app, identity, sent.once, rendered(StatusCode::OK), move |act| withdraw_access(act, id)).await
}

/// List requests for access to your answers, oldest first.
#[utoipa::path(tag = "member", params(ListQuery), responses((status = 200, description = "A page of requests.", body = AccessRequestListView), Problems))]
#[get("/v1/questionnaires/access-requests")]
pub(crate) async fn list_questionnaire_requests(
    who: Caller<MemberRead>,
    query: Query<ListQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, (after, limit)) = (who.known()?, query.0.part());
    let found = blocking(move || list_requests(&app.registry, &identity, &after, limit)).await?;
    Ok(page::<_, AccessRequestView>(found))
}

/// Decline a request for access to your answers. To grant it, give access.
#[utoipa::path(tag = "member", params(("id" = String, Path, description = "The request's id.")), responses((status = 200, description = "The request, declined.", body = AccessRequestView), Problems))]
#[post("/v1/questionnaires/access-requests/{id}/decline")]
pub(crate) async fn decline_questionnaire_request(
    who: Caller<MemberShare>,
    path: Path<String>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let id = id_in_path::<AccessRequestId>(&path, "There is no such open request.")?;
    let render = |request: &AccessRequest| reply(StatusCode::OK, None, AccessRequestView::from(request.clone()));
    act(&app, identity, sent.once, render, move |act| decline_request(act, id)).await
}
