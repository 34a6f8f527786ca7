//! `/v1/member/role-grants`: roles in the caller's organisation that wait for a second person, such as senior management.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};

use super::people::views::{RoleGrantListView, RoleGrantView};
use crate::acts::{Act, Reply};
use crate::http::blocking::blocking;
use crate::http::listing::page;
use crate::http::permission::OwnAdmin;
use crate::http::write::{Answer, Bare, Sent, act, reply};
use crate::http::{App, Caller, Problem, Problems};
use crate::node::{Page, ServiceError};
use crate::organisations;
use crate::organisations::{GrantDecision, Reach, RoleGrant};
use crate::proposals::http::{SubjectPath, proposal_routes};
use vasp_routing::{get, post};

fn rendered(grant: &RoleGrant) -> Reply {
    reply(StatusCode::OK, None, RoleGrantView::from(grant.clone()))
}

/// List the roles of your organisation that wait for a second person, oldest first.
#[utoipa::path(tag = "member", responses((status = 200, description = "All of them.", body = RoleGrantListView), Problems))]
#[get("/v1/member/role-grants")]
pub(crate) async fn list_own_role_grants(who: Caller<OwnAdmin>, app: Data<App>) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let items = blocking(move || organisations::pending_grants(&app.registry, (&identity, Reach::Own))).await?;
    Ok(page::<_, RoleGrantView>(Page { items, next: None::<String> }))
}

fn decision(_: &mut Act<'_, RoleGrant>, path: SubjectPath) -> Result<GrantDecision, ServiceError> {
    let id = path.id.parse().map_err(|_| ServiceError::NotFound("There is no such role grant.".to_owned()))?;
    Ok(GrantDecision { reach: Reach::Own, id })
}

proposal_routes! {
    "member", SubjectPath, decision, rendered, RoleGrantView, OwnAdmin, OwnAdmin;
    approve_own_role_grant at "/v1/member/role-grants/{id}/approve",
    decline_own_role_grant at "/v1/member/role-grants/{id}/decline",
    withdraw_own_role_grant at "/v1/member/role-grants/{id}/withdraw",
}
