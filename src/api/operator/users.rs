//! `/v1/operator/users`: users of all organisations: their roles, and whether they may act.

use actix_web::web::{Data, Path};
use actix_web::{get, post};

use crate::api::blocking::blocking;
use crate::api::listing::id_in_path;
use crate::api::people::views::{InvitedView, UserView};
use crate::api::people::{NO_USER, UserRoles, handed_out, invited, user};
use crate::api::permission::OperatorAdmin;
use crate::api::proposals::{SubjectPath, proposal_routes};
use crate::api::write::{Answer, Bare, Sent, Version, act};
use crate::api::{App, Caller, Problem, Problems};
use crate::service::organisations::{self as service, Invited, LinkDecision, Reach, User};
use crate::service::{Act, ServiceError};
use vasp_words::ids::UserId;

/// Returns a user.
#[utoipa::path(tag = "operator", params(("id" = String, Path, description = "The user's id.")), responses((status = 200, description = "The user.", body = UserView), Problems))]
#[get("/v1/operator/users/{id}")]
pub(crate) async fn get_user(who: Caller<OperatorAdmin>, path: Path<String>, app: Data<App>) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<UserId>(&path, NO_USER)?);
    let found = blocking(move || service::read_user(&app.registry, (&identity, Reach::Every), id)).await?;
    Ok(Answer(user(&found)))
}

/// Changes the roles of a user.
///
/// Roles left out end at once. New ones that take two people wait for the second.
#[utoipa::path(tag = "operator", params(("id" = String, Path, description = "The user's id.")), request_body = UserRoles, responses((status = 200, description = "The user.", body = UserView), Problems))]
#[post("/v1/operator/users/{id}/roles")]
pub(crate) async fn change_user_roles(
    who: Caller<OperatorAdmin>,
    path: Path<String>,
    version: Version,
    sent: Sent<UserRoles>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<UserId>(&path, NO_USER)?);
    let (change, is_current) = (sent.body.into(), version.test());
    let write = move |act: Act<'_, User>| service::change_user(act, Reach::Every, id, change, is_current);
    act(&app, identity, sent.once, user, write).await
}

/// Makes another one-time link for an invited person.
///
/// Only the person who sent the invitation can ask. The earlier link stops working; the new link goes the same way as the first.
#[utoipa::path(tag = "operator", params(("id" = String, Path, description = "The user's id.")), responses((status = 201, description = "The user.", body = InvitedView), Problems))]
#[post("/v1/operator/users/{id}/invite")]
pub(crate) async fn invite_user_again(
    who: Caller<OperatorAdmin>,
    path: Path<String>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<UserId>(&path, NO_USER)?);
    act(&app, identity, sent.once, invited, move |act| service::invite_again(act, Reach::Every, id)).await
}

/// Has a user act no longer.
///
/// At once: its keys and sessions stop working here, and within a second on other nodes. Roles that wait are declined.
#[utoipa::path(tag = "operator", params(("id" = String, Path, description = "The user's id.")), responses((status = 200, description = "The user.", body = UserView), Problems))]
#[post("/v1/operator/users/{id}/disable")]
pub(crate) async fn disable_user(
    who: Caller<OperatorAdmin>,
    path: Path<String>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<UserId>(&path, NO_USER)?);
    act(&app, identity, sent.once, user, move |act| service::disable_user(act, Reach::Every, id)).await
}

/// Has a user act again.
///
/// Where it has roles with which the registry's word is given, they wait for a second person, and so does it.
#[utoipa::path(tag = "operator", params(("id" = String, Path, description = "The user's id.")), responses((status = 200, description = "The user.", body = UserView), Problems))]
#[post("/v1/operator/users/{id}/enable")]
pub(crate) async fn enable_user(
    who: Caller<OperatorAdmin>,
    path: Path<String>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<UserId>(&path, NO_USER)?);
    act(&app, identity, sent.once, user, move |act| service::enable_user(act, Reach::Every, id)).await
}

fn decision(_: &mut Act<'_, Invited>, path: SubjectPath) -> Result<LinkDecision, ServiceError> {
    let user = path.id.parse().map_err(|_| ServiceError::NotFound(NO_USER.to_owned()))?;
    Ok(LinkDecision { reach: Reach::Every, user })
}

proposal_routes! {
    "operator", SubjectPath, decision, handed_out, InvitedView, OperatorAdmin, OperatorAdmin;
    approve_enrolment at "/v1/operator/users/{id}/enrolment/approve",
    decline_enrolment at "/v1/operator/users/{id}/enrolment/decline",
    withdraw_enrolment at "/v1/operator/users/{id}/enrolment/withdraw",
}
