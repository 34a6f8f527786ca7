//! `/v1/member/role-grants`: roles of one's own organisation that wait for a second person, such as senior management.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{get, post};

use crate::api::blocking::blocking;
use crate::api::listing::{id_in_path, page};
use crate::api::people::views::{RoleGrantListView, RoleGrantView};
use crate::api::permission::OwnAdmin;
use crate::api::write::{Answer, Bare, act, reply};
use crate::api::{App, Caller, Problem, Problems};
use crate::service::organisations::{self as service, PendingGrant, Reach};
use crate::service::{Page, Reply};
use vasp_words::ids::GrantId;

const MISSING: &str = "There is no such role grant.";

fn rendered(grant: &PendingGrant) -> Reply {
    reply(StatusCode::OK, None, RoleGrantView::from(grant.clone()))
}

/// Lists the roles of your organisation that wait for a second person, oldest first.
#[utoipa::path(tag = "member", responses((status = 200, description = "All of them.", body = RoleGrantListView), Problems))]
#[get("/v1/member/role-grants")]
pub(crate) async fn list_own_role_grants(who: Caller<OwnAdmin>, app: Data<App>) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let items = blocking(move || service::pending_grants(&app.registry, (&identity, Reach::Own))).await?;
    Ok(page::<_, RoleGrantView>(Page { items, next: None::<String> }))
}

/// Approves a role that another admin of your organisation proposed.
///
/// Refused (`same_person`) for whoever proposed it, whose user or credential the proposer made, or who made the proposer's, and
/// for whom the role is. An organisation with one admin asks the registry's people.
#[utoipa::path(tag = "member", params(("id" = String, Path, description = "The grant's id.")), responses((status = 200, description = "The grant.", body = RoleGrantView), Problems))]
#[post("/v1/member/role-grants/{id}/approve")]
pub(crate) async fn approve_own_role_grant(
    who: Caller<OwnAdmin>,
    path: Path<String>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<GrantId>(&path, MISSING)?.to_string());
    act(&app, identity, sent.once, rendered, move |act| service::approve_grant(act, Reach::Own, &id)).await
}

/// Declines a role of your organisation that waits.
#[utoipa::path(tag = "member", params(("id" = String, Path, description = "The grant's id.")), responses((status = 200, description = "The grant.", body = RoleGrantView), Problems))]
#[post("/v1/member/role-grants/{id}/decline")]
pub(crate) async fn decline_own_role_grant(
    who: Caller<OwnAdmin>,
    path: Path<String>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<GrantId>(&path, MISSING)?.to_string());
    act(&app, identity, sent.once, rendered, move |act| service::decline_grant(act, Reach::Own, &id)).await
}
