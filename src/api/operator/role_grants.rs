//! `/v1/operator/role-grants`: roles that wait for a second person.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{get, post};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::blocking::blocking;
use crate::api::listing::{id_in_path, page};
use crate::api::people::views::{RoleGrantListView, RoleGrantView};
use crate::api::permission::OperatorAdmin;
use crate::api::write::{Answer, Bare, act, reply};
use crate::api::{App, Caller, Problem, Problems, Query};
use crate::service::organisations::{self as service, PendingGrant, Reach};
use crate::service::{Page, Reply};
use vasp_words::ids::GrantId;

const MISSING: &str = "There is no such role grant.";

/// Which grants.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct GrantQuery {
    /// Those that wait are the only ones listed.
    #[param(value_type = Option<String>, example = "pending")]
    #[expect(dead_code, reason = "the one value that it can have is the list's own")]
    state: Option<WaitingState>,
}

/// The one state that is listed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WaitingState {
    Pending,
}

fn rendered(grant: &PendingGrant) -> Reply {
    reply(StatusCode::OK, None, RoleGrantView::from(grant.clone()))
}

/// Lists the roles that wait for a second person, oldest first.
#[utoipa::path(tag = "operator", params(GrantQuery), responses((status = 200, description = "All of them.", body = RoleGrantListView), Problems))]
#[get("/v1/operator/role-grants")]
pub(crate) async fn list_role_grants(
    who: Caller<OperatorAdmin>,
    _query: Query<GrantQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let items = blocking(move || service::pending_grants(&app.registry, (&identity, Reach::Every))).await?;
    Ok(page::<_, RoleGrantView>(Page { items, next: None::<String> }))
}

/// Approves a role that another person proposed.
///
/// Refused (`same_person`) for whoever proposed it, whose user or credential the proposer made, or who made the proposer's, and
/// for whom the role is.
#[utoipa::path(tag = "operator", params(("id" = String, Path, description = "The grant's id.")), responses((status = 200, description = "The grant.", body = RoleGrantView), Problems))]
#[post("/v1/operator/role-grants/{id}/approve")]
pub(crate) async fn approve_role_grant(
    who: Caller<OperatorAdmin>,
    path: Path<String>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<GrantId>(&path, MISSING)?.to_string());
    act(&app, identity, sent.once, rendered, move |act| service::approve_grant(act, Reach::Every, &id)).await
}

/// Declines a role that waits.
#[utoipa::path(tag = "operator", params(("id" = String, Path, description = "The grant's id.")), responses((status = 200, description = "The grant.", body = RoleGrantView), Problems))]
#[post("/v1/operator/role-grants/{id}/decline")]
pub(crate) async fn decline_role_grant(
    who: Caller<OperatorAdmin>,
    path: Path<String>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<GrantId>(&path, MISSING)?.to_string());
    act(&app, identity, sent.once, rendered, move |act| service::decline_grant(act, Reach::Every, &id)).await
}
