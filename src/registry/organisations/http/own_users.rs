//! `/v1/member/users`, `/v1/member/machine-users`: the users of the caller's organisation, managed by its admins.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};

use super::people::views::{InvitedView, MachineMadeView, UserListView, UserView};
use super::people::{NO_USER, handed_out, invited, machine, user};
use crate::acts::Act;
use crate::http::blocking::blocking;
use crate::http::listing::{ListQuery, id_in_path, page};
use crate::http::permission::OwnAdmin;
use crate::http::write::{Answer, Bare, Sent, Version, act};
use crate::http::{App, Caller, Problem, Problems, Query};
use crate::node::ServiceError;
use crate::organisations;
use crate::organisations::{Invitation, Invited, LinkDecision, NewMachine, Reach, User, UserChange};
use crate::proposals::http::{SubjectPath, proposal_routes};
use vasp_record::role::UserKind;
use vasp_routing::{get, patch, post};
use vasp_words::ids::UserId;

/// List the users of your organisation, oldest first.
#[utoipa::path(tag = "member", params(ListQuery), responses((status = 200, description = "A page of users.", body = UserListView), Problems))]
#[get("/v1/member/users")]
pub(crate) async fn list_own_users(who: Caller<OwnAdmin>, query: Query<ListQuery>, app: Data<App>) -> Result<Answer, Problem> {
    let (identity, (after, limit)) = (who.known()?, query.0.part());
    let own = identity.organisation;
    let users = move || organisations::list_users(&app.registry, (&identity, Reach::Own), (own, &UserKind::ALL), (&after, limit));
    Ok(page::<_, UserView>(blocking(users).await?))
}

/// Get a user of your organisation.
#[utoipa::path(tag = "member", params(("id" = String, Path, description = "The user's id.")), responses((status = 200, description = "The user.", body = UserView), Problems))]
#[get("/v1/member/users/{id}")]
pub(crate) async fn get_own_user(who: Caller<OwnAdmin>, path: Path<String>, app: Data<App>) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<UserId>(&path, NO_USER)?);
    let found = blocking(move || organisations::read_user(&app.registry, (&identity, Reach::Own), id)).await?;
    Ok(Answer(user(&found)))
}

/// Invite a person into your organisation.
///
/// The person gets a one-time link by mail. If the registry sends no mail, the link waits until a second admin hands it out.
#[utoipa::path(tag = "member", request_body = Invitation, responses((status = 201, description = "The user.", body = InvitedView), Problems))]
#[post("/v1/member/users")]
pub(crate) async fn invite_own_user(who: Caller<OwnAdmin>, sent: Sent<Invitation>, app: Data<App>) -> Result<Answer, Problem> {
    let (identity, new) = (who.known()?, sent.body);
    let own = identity.organisation;
    act(&app, identity, sent.once, invited, move |act| organisations::invite_user(act, Reach::Own, own, new)).await
}

/// Create another one-time link for an invited person.
///
/// Only the person who sent the invitation can ask. The earlier link stops working; the new link goes the same way as the first.
#[utoipa::path(tag = "member", params(("id" = String, Path, description = "The user's id.")), responses((status = 201, description = "The user.", body = InvitedView), Problems))]
#[post("/v1/member/users/{id}/invite")]
pub(crate) async fn invite_own_user_again(
    who: Caller<OwnAdmin>,
    path: Path<String>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<UserId>(&path, NO_USER)?);
    act(&app, identity, sent.once, invited, move |act| organisations::invite_again(act, Reach::Own, id)).await
}

/// Change the name or roles of a user of your organisation.
///
/// Roles that you leave out end at once.
#[utoipa::path(tag = "member", params(("id" = String, Path, description = "The user's id.")), request_body = UserChange, responses((status = 200, description = "The user.", body = UserView), Problems))]
#[patch("/v1/member/users/{id}")]
pub(crate) async fn update_own_user(
    who: Caller<OwnAdmin>,
    path: Path<String>,
    version: Version,
    sent: Sent<UserChange>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<UserId>(&path, NO_USER)?);
    let (change, is_current) = (sent.body, version.test());
    let write = move |act: Act<'_, User>| organisations::change_user(act, Reach::Own, id, change, is_current);
    act(&app, identity, sent.once, user, write).await
}

/// Disable a user of your organisation.
///
/// Its keys and sessions stop working at once on this node, and within a second on other nodes.
#[utoipa::path(tag = "member", params(("id" = String, Path, description = "The user's id.")), responses((status = 200, description = "The user.", body = UserView), Problems))]
#[post("/v1/member/users/{id}/disable")]
pub(crate) async fn disable_own_user(
    who: Caller<OwnAdmin>,
    path: Path<String>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<UserId>(&path, NO_USER)?);
    act(&app, identity, sent.once, user, move |act| organisations::disable_user(act, Reach::Own, id)).await
}

/// Enable a user of your organisation again.
#[utoipa::path(tag = "member", params(("id" = String, Path, description = "The user's id.")), responses((status = 200, description = "The user.", body = UserView), Problems))]
#[post("/v1/member/users/{id}/enable")]
pub(crate) async fn enable_own_user(
    who: Caller<OwnAdmin>,
    path: Path<String>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<UserId>(&path, NO_USER)?);
    act(&app, identity, sent.once, user, move |act| organisations::enable_user(act, Reach::Own, id)).await
}

/// List the machine users of your organisation, oldest first.
#[utoipa::path(tag = "member", params(ListQuery), responses((status = 200, description = "A page of users.", body = UserListView), Problems))]
#[get("/v1/member/machine-users")]
pub(crate) async fn list_own_machine_users(
    who: Caller<OwnAdmin>,
    query: Query<ListQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, (after, limit)) = (who.known()?, query.0.part());
    let own = (identity.organisation, [UserKind::Machine]);
    let users = move || organisations::list_users(&app.registry, (&identity, Reach::Own), (own.0, &own.1), (&after, limit));
    Ok(page::<_, UserView>(blocking(users).await?))
}

/// Create a machine user in your organisation, with its first API key.
///
/// A key with more permissions than your own credential, or with a later end, is refused. The secret is shown only in this answer.
#[utoipa::path(tag = "member", request_body = NewMachine, responses((status = 201, description = "The user, its key, and the key's secret.", body = MachineMadeView), Problems))]
#[post("/v1/member/machine-users")]
pub(crate) async fn create_own_machine_user(
    who: Caller<OwnAdmin>,
    request: HttpRequest,
    sent: Sent<NewMachine>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, new) = (who.known()?, (sent.body, app.throttle.network_address(&request)));
    let own = identity.organisation;
    act(&app, identity, sent.once, machine, move |act| organisations::add_machine(act, Reach::Own, own, new)).await
}

fn decision(_: &mut Act<'_, Invited>, path: SubjectPath) -> Result<LinkDecision, ServiceError> {
    let user = path.id.parse().map_err(|_| ServiceError::NotFound(NO_USER.to_owned()))?;
    Ok(LinkDecision { reach: Reach::Own, user })
}

proposal_routes! {
    "member", SubjectPath, decision, handed_out, InvitedView, OwnAdmin, OwnAdmin;
    approve_own_enrolment at "/v1/member/users/{id}/enrolment/approve",
    decline_own_enrolment at "/v1/member/users/{id}/enrolment/decline",
    withdraw_own_enrolment at "/v1/member/users/{id}/enrolment/withdraw",
}
