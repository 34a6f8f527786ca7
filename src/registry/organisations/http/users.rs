//! `/v1/operator/users`: users of all organisations, their roles, and whether they may act.

use actix_web::web::{Data, Path};

use super::people::views::{InvitedView, UserView, WaitingLinkListView};
use super::people::{NO_USER, UserRoles, handed_out, invited, user};
use crate::acts::Act;
use crate::http::blocking::blocking;
use crate::http::listing::{ListQuery, id_in_path, page};
use crate::http::permission::OperatorAdmin;
use crate::http::write::{Answer, Bare, Sent, Version, act};
use crate::http::{App, Caller, Problem, Problems, Query};
use crate::node::ServiceError;
use crate::organisations;
use crate::organisations::{Invited, LinkDecision, Reach, User, WaitingLink};
use crate::proposals::http::{SubjectPath, proposal_routes};
use vasp_routing::{get, post};
use vasp_words::ids::UserId;

/// Get a user.
#[utoipa::path(tag = "operator", params(("id" = String, Path, description = "The user's id.")), responses((status = 200, description = "The user.", body = UserView), Problems))]
#[get("/v1/operator/users/{id}")]
pub(crate) async fn get_user(who: Caller<OperatorAdmin>, path: Path<String>, app: Data<App>) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<UserId>(&path, NO_USER)?);
    let found = blocking(move || organisations::read_user(&app.registry, (&identity, Reach::Every), id)).await?;
    Ok(Answer(user(&found)))
}

/// Change the roles of a user.
///
/// Roles left out end at once. New roles that need two people wait for the second person.
#[utoipa::path(tag = "operator", params(("id" = String, Path, description = "The user's id.")), request_body = UserRoles, responses((status = 200, description = "The user.", body = UserView), Problems))]
#[post("/v1/operator/users/{id}/roles")]
pub(crate) async fn update_user_roles(
    who: Caller<OperatorAdmin>,
    path: Path<String>,
    version: Version,
    sent: Sent<UserRoles>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<UserId>(&path, NO_USER)?);
    let (change, is_current) = (sent.body.into(), version.test());
    let write = move |act: Act<'_, User>| organisations::change_user(act, Reach::Every, id, change, is_current);
    act(&app, identity, sent.once, user, write).await
}

/// Create another one-time link for an invited person.
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
    act(&app, identity, sent.once, invited, move |act| organisations::invite_again(act, Reach::Every, id)).await
}

/// Disable a user.
///
/// Its keys and sessions stop working at once on this node, and within a second on other nodes. Waiting roles are declined.
#[utoipa::path(tag = "operator", params(("id" = String, Path, description = "The user's id.")), responses((status = 200, description = "The user.", body = UserView), Problems))]
#[post("/v1/operator/users/{id}/disable")]
pub(crate) async fn disable_user(
    who: Caller<OperatorAdmin>,
    path: Path<String>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<UserId>(&path, NO_USER)?);
    act(&app, identity, sent.once, user, move |act| organisations::disable_user(act, Reach::Every, id)).await
}

/// Enable a user who was disabled.
///
/// If the user has a role that needs two people, a second person has to approve first. Until then the user stays disabled.
#[utoipa::path(tag = "operator", params(("id" = String, Path, description = "The user's id.")), responses((status = 200, description = "The user.", body = UserView), Problems))]
#[post("/v1/operator/users/{id}/enable")]
pub(crate) async fn enable_user(
    who: Caller<OperatorAdmin>,
    path: Path<String>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<UserId>(&path, NO_USER)?);
    act(&app, identity, sent.once, user, move |act| organisations::enable_user(act, Reach::Every, id)).await
}

/// List the enrolment links that wait to be redeemed.
///
/// Whoever redeems a link gets access. The list never shows the link itself. It shows the person, who asked for the link, how it reaches
/// the person, and when it stops working.
#[utoipa::path(tag = "operator", params(ListQuery), responses((status = 200, description = "A page of links.", body = WaitingLinkListView), Problems))]
#[get("/v1/operator/links")]
pub(crate) async fn list_links(_who: Caller<OperatorAdmin>, query: Query<ListQuery>, app: Data<App>) -> Result<Answer, Problem> {
    let (after, limit) = query.0.part();
    let found = blocking(move || organisations::list_links(&app.registry, (&after, limit), app.clock.now())).await?;
    Ok(page::<_, WaitingLink>(found))
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
