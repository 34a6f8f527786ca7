//! `/v1/users`, `/v1/machine-users`: people and programs, managed by the admins of their organisation and by those of the registry.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};

use super::people::views::{InvitedView, MachineMadeView, UserListView, UserView, WaitingLinkListView};
use super::people::{NO_USER, invited, machine, user};
use crate::acts::{Act, Identity};
use crate::http::blocking::blocking;
use crate::http::listing::{ForQuery, ListOfQuery, ListQuery, Whose, id_in_path, page};
use crate::http::permission::{OperatorAdmin, OwnAdmin};
use crate::http::write::{Answer, Bare, Sent, Version, act};
use crate::http::{App, Caller, Problem, Problems, Query};
use crate::organisations;
use crate::organisations::{Invitation, NewMachine, User, UserChange, WaitingLink};
use vasp_record::role::UserKind;
use vasp_routing::{get, patch, post};
use vasp_words::ids::{OrganisationId, UserId};

/// List the users of an organisation, oldest first.
#[utoipa::path(tag = "people", params(ListOfQuery), responses((status = 200, description = "A page of users.", body = UserListView), Problems))]
#[get("/v1/users")]
pub(crate) async fn list_users(who: Caller<OwnAdmin>, query: Query<ListOfQuery>, app: Data<App>) -> Result<Answer, Problem> {
    list_of(&who.known()?, &UserKind::ALL, query.0, app).await
}

async fn list_of(identity: &Identity, kinds: &'static [UserKind], query: ListOfQuery, app: Data<App>) -> Result<Answer, Problem> {
    let (identity, of) = (identity.clone(), Whose::of(query.organisation, identity)?);
    let (after, limit) = query.part();
    let users = move || organisations::list_users(&app.registry, &identity, of, kinds, &after, limit);
    Ok(page::<_, UserView>(blocking(users).await?))
}

/// Get a user.
#[utoipa::path(tag = "people", params(("id" = String, Path, description = "The user's id.")), responses((status = 200, description = "The user.", body = UserView), Problems))]
#[get("/v1/users/{id}")]
pub(crate) async fn get_user(who: Caller<OwnAdmin>, path: Path<String>, app: Data<App>) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<UserId>(&path, NO_USER)?);
    let found = blocking(move || organisations::read_user(&app.registry, &identity, id)).await?;
    Ok(Answer(user(&found)))
}

/// Invite a person into an organisation.
///
/// The person gets a one-time link by mail. If the registry sends no mail, the link waits until a second admin hands it out. Roles that
/// need two people wait for the second person.
#[utoipa::path(tag = "people", params(ForQuery), request_body = Invitation, responses((status = 201, description = "The user.", body = InvitedView), Problems))]
#[post("/v1/users")]
pub(crate) async fn invite_user(
    who: Caller<OwnAdmin>,
    query: Query<ForQuery>,
    sent: Sent<Invitation>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, new) = (who.known()?, sent.body);
    let to = added_to(&identity, query.0)?;
    act(&app, identity, sent.once, invited, move |act| organisations::invite_user(act, to, new)).await
}

/// Returns the organisation to which a caller adds somebody.
fn added_to(identity: &Identity, query: ForQuery) -> Result<OrganisationId, Problem> {
    let of = Whose::of(query.organisation.map(Whose::One), identity)?;
    Ok(of.unwrap_or(identity.organisation))
}

/// Create another one-time link for an invited person.
///
/// Only the person who sent the invitation can ask. The earlier link stops working; the new link goes the same way as the first.
#[utoipa::path(tag = "people", params(("id" = String, Path, description = "The user's id.")), responses((status = 201, description = "The user.", body = InvitedView), Problems))]
#[post("/v1/users/{id}/invite")]
pub(crate) async fn invite_user_again(
    who: Caller<OwnAdmin>,
    path: Path<String>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<UserId>(&path, NO_USER)?);
    act(&app, identity, sent.once, invited, move |act| organisations::invite_again(act, id)).await
}

/// Change the name or roles of a user.
///
/// Roles that you leave out end at once. New roles that need two people wait for the second person.
#[utoipa::path(tag = "people", params(("id" = String, Path, description = "The user's id.")), request_body = UserChange, responses((status = 200, description = "The user.", body = UserView), Problems))]
#[patch("/v1/users/{id}")]
pub(crate) async fn update_user(
    who: Caller<OwnAdmin>,
    path: Path<String>,
    version: Version,
    sent: Sent<UserChange>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<UserId>(&path, NO_USER)?);
    let (change, is_current) = (sent.body, version.test());
    let write = move |act: Act<'_, User>| organisations::change_user(act, id, change, is_current);
    act(&app, identity, sent.once, user, write).await
}

/// Disable a user.
///
/// Its keys and sessions stop working at once on this node, and within a second on other nodes. Waiting roles are declined.
#[utoipa::path(tag = "people", params(("id" = String, Path, description = "The user's id.")), responses((status = 200, description = "The user.", body = UserView), Problems))]
#[post("/v1/users/{id}/disable")]
pub(crate) async fn disable_user(
    who: Caller<OwnAdmin>,
    path: Path<String>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<UserId>(&path, NO_USER)?);
    act(&app, identity, sent.once, user, move |act| organisations::disable_user(act, id)).await
}

/// Enable a user who was disabled.
///
/// If the user has a role that needs two people, a second person has to approve first. Until then the user stays disabled.
#[utoipa::path(tag = "people", params(("id" = String, Path, description = "The user's id.")), responses((status = 200, description = "The user.", body = UserView), Problems))]
#[post("/v1/users/{id}/enable")]
pub(crate) async fn enable_user(
    who: Caller<OwnAdmin>,
    path: Path<String>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<UserId>(&path, NO_USER)?);
    act(&app, identity, sent.once, user, move |act| organisations::enable_user(act, id)).await
}

/// List the machine users of an organisation, oldest first.
#[utoipa::path(tag = "people", params(ListOfQuery), responses((status = 200, description = "A page of users.", body = UserListView), Problems))]
#[get("/v1/machine-users")]
pub(crate) async fn list_machine_users(
    who: Caller<OwnAdmin>,
    query: Query<ListOfQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    list_of(&who.known()?, &[UserKind::Machine], query.0, app).await
}

/// Create a machine user, with its first API key.
///
/// A key with more permissions than your own credential, or with a later end, is refused. The secret is shown only in this answer. A program
/// never has a role that can vouch for records of the registry. For a program of an operator, you sign in and send a fresh code.
#[utoipa::path(tag = "people", params(ForQuery), request_body = NewMachine, responses((status = 201, description = "The user, its key, and the key's secret.", body = MachineMadeView), Problems))]
#[post("/v1/machine-users")]
pub(crate) async fn create_machine_user(
    who: Caller<OwnAdmin>,
    request: HttpRequest,
    query: Query<ForQuery>,
    sent: Sent<NewMachine>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, new) = (who.known()?, (sent.body, app.throttle.caller_network(&request)));
    let to = added_to(&identity, query.0)?;
    act(&app, identity, sent.once, machine, move |act| organisations::add_machine(act, to, new)).await
}

/// List the enrolment links that wait to be redeemed.
///
/// Whoever redeems a link gets access. The list never shows the link itself. It shows the person, who asked for the link, how it reaches
/// the person, and when it stops working.
#[utoipa::path(tag = "people", params(ListQuery), responses((status = 200, description = "A page of links.", body = WaitingLinkListView), Problems))]
#[get("/v1/links")]
pub(crate) async fn list_links(_who: Caller<OperatorAdmin>, query: Query<ListQuery>, app: Data<App>) -> Result<Answer, Problem> {
    let (after, limit) = query.0.part();
    let found = blocking(move || organisations::list_links(&app.registry, &after, limit, app.clock.now())).await?;
    Ok(page::<_, WaitingLink>(found))
}
