//! `/v1/operator/role-grants`: roles that wait for a second person.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use utoipa::IntoParams;

use super::people::views::{RoleGrantListView, RoleGrantView};
use crate::acts::{Act, Reply};
use crate::http::blocking::blocking;
use crate::http::listing::page;
use crate::http::permission::OperatorAdmin;
use crate::http::write::{Answer, Bare, Sent, act, reply};
use crate::http::{App, Caller, Problem, Problems, Query};
use crate::node::{Page, ServiceError};
use crate::organisations;
use crate::organisations::{GrantDecision, Reach, RoleGrant};
use crate::proposals::http::{SubjectPath, proposal_routes};
use vasp_routing::{get, post};

/// Selects which grants are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct GrantQuery {
    /// Only waiting grants are listed.
    #[param(value_type = Option<String>, example = "pending")]
    #[expect(dead_code, reason = "the one value that it can have is the list's own")]
    state: Option<WaitingState>,
}

/// The only state that is listed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WaitingState {
    Pending,
}

fn rendered(grant: &RoleGrant) -> Reply {
    reply(StatusCode::OK, None, RoleGrantView::from(grant.clone()))
}

/// List the roles that wait for a second person, oldest first.
#[utoipa::path(tag = "operator", params(GrantQuery), responses((status = 200, description = "All of them.", body = RoleGrantListView), Problems))]
#[get("/v1/operator/role-grants")]
pub(crate) async fn list_role_grants(
    who: Caller<OperatorAdmin>,
    _query: Query<GrantQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let items = blocking(move || organisations::pending_grants(&app.registry, (&identity, Reach::Every))).await?;
    Ok(page::<_, RoleGrantView>(Page { items, next: None::<String> }))
}

fn decision(_: &mut Act<'_, RoleGrant>, path: SubjectPath) -> Result<GrantDecision, ServiceError> {
    let id = path.id.parse().map_err(|_| ServiceError::NotFound("There is no such role grant.".to_owned()))?;
    Ok(GrantDecision { reach: Reach::Every, id })
}

proposal_routes! {
    "operator", SubjectPath, decision, rendered, RoleGrantView, OperatorAdmin, OperatorAdmin;
    approve_role_grant at "/v1/operator/role-grants/{id}/approve",
    decline_role_grant at "/v1/operator/role-grants/{id}/decline",
    withdraw_role_grant at "/v1/operator/role-grants/{id}/withdraw",
}
