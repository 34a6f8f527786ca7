//! `/v1/operator/organisations`: the customers of the registry, and their users.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use utoipa::IntoParams;

use super::people::views::{InvitedView, MachineMadeView, OrganisationListView, OrganisationView, UserListView, UserView};
use super::people::{AddMachineTo, invited, machine};
use crate::acts::Reply;
use crate::http::blocking::blocking;
use crate::http::listing::{ListQuery, after, id_in_path, page};
use crate::http::paging::{Cursor, Limit};
use crate::http::permission::OperatorAdmin;
use crate::http::write::{Answer, Sent, Version, act, reply};
use crate::http::{App, Caller, Problem, Problems, Query};
use crate::organisations;
use crate::organisations::{Invitation, NewOrganisation, Organisation, OrganisationChange, Reach};
use vasp_record::role::UserKind;
use vasp_routing::{get, patch, post};
use vasp_words::ids::OrganisationId;

const MISSING: &str = "There is no such organisation.";

fn rendered(status: StatusCode) -> impl FnOnce(&Organisation) -> Reply + Send {
    move |made| reply(status, Some(made.version.to_string()), OrganisationView::from(made.clone()))
}

/// Create an organisation.
#[utoipa::path(tag = "operator", request_body = NewOrganisation, responses((status = 201, description = "The organisation.", body = OrganisationView), Problems))]
#[post("/v1/operator/organisations")]
pub(crate) async fn create_organisation(
    who: Caller<OperatorAdmin>,
    sent: Sent<NewOrganisation>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let new = sent.body;
    act(&app, who.known()?, sent.once, rendered(StatusCode::CREATED), move |act| organisations::open_organisation(act, new)).await
}

/// List the organisations, oldest first.
#[utoipa::path(tag = "operator", params(ListQuery), responses((status = 200, description = "A page of organisations.", body = OrganisationListView), Problems))]
#[get("/v1/operator/organisations")]
pub(crate) async fn list_organisations(
    _who: Caller<OperatorAdmin>,
    query: Query<ListQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (after, limit) = query.0.part();
    let found = blocking(move || organisations::list_organisations(&app.registry, &after, limit)).await?;
    Ok(page::<_, OrganisationView>(found))
}

/// Get an organisation.
#[utoipa::path(tag = "operator", params(("id" = String, Path, description = "The organisation's id.")), responses((status = 200, description = "The organisation.", body = OrganisationView), Problems))]
#[get("/v1/operator/organisations/{id}")]
pub(crate) async fn get_organisation(who: Caller<OperatorAdmin>, path: Path<String>, app: Data<App>) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<OrganisationId>(&path, MISSING)?);
    let found = blocking(move || organisations::read_organisation(&app.registry, &identity, id)).await?;
    Ok(Answer(rendered(StatusCode::OK)(&found)))
}

/// Rename an organisation, close it, or open it again.
///
/// Closing takes effect at once. A closed organisation of the registry's own people cannot be opened again.
#[utoipa::path(tag = "operator", params(("id" = String, Path, description = "The organisation's id.")), request_body = OrganisationChange, responses((status = 200, description = "The organisation.", body = OrganisationView), Problems))]
#[patch("/v1/operator/organisations/{id}")]
pub(crate) async fn update_organisation(
    who: Caller<OperatorAdmin>,
    path: Path<String>,
    version: Version,
    sent: Sent<OrganisationChange>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<OrganisationId>(&path, MISSING)?);
    let (change, is_current) = (sent.body, version.test());
    let write = move |act: crate::acts::Act<'_, Organisation>| organisations::change_organisation(act, id, change, is_current);
    act(&app, identity, sent.once, rendered(StatusCode::OK), write).await
}

/// Invite a person into an organisation.
///
/// The person gets a one-time link by mail. If the registry sends no mail, the link waits until a second admin hands it out. Roles that
/// need two people wait for the second person.
#[utoipa::path(tag = "operator", params(("id" = String, Path, description = "The organisation's id.")), request_body = Invitation, responses((status = 201, description = "The user.", body = InvitedView), Problems))]
#[post("/v1/operator/organisations/{id}/users")]
pub(crate) async fn invite_organisation_user(
    who: Caller<OperatorAdmin>,
    path: Path<String>,
    sent: Sent<Invitation>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<OrganisationId>(&path, MISSING)?);
    let new = sent.body;
    act(&app, identity, sent.once, invited, move |act| organisations::invite_user(act, Reach::Every, id, new)).await
}

/// List the users of an organisation, oldest first.
#[utoipa::path(tag = "operator", params(("id" = String, Path, description = "The organisation's id."), ListQuery), responses((status = 200, description = "A page of users.", body = UserListView), Problems))]
#[get("/v1/operator/organisations/{id}/users")]
pub(crate) async fn list_organisation_users(
    who: Caller<OperatorAdmin>,
    path: Path<String>,
    query: Query<ListQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<OrganisationId>(&path, MISSING)?);
    let (after, limit) = query.0.part();
    let users =
        move || organisations::list_users(&app.registry, (&identity, Reach::Every), (id, &UserKind::ALL), (&after, limit));
    Ok(page::<_, UserView>(blocking(users).await?))
}

/// The machine users of an organisation: which, and which page of them.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct MachineQuery {
    /// The organisation's id.
    organisation: String,
    /// Maximum number of items on the page; 50 if left out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// `next_cursor` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<String>>,
}

/// List the machine users of an organisation, oldest first.
#[utoipa::path(tag = "operator", params(MachineQuery), responses((status = 200, description = "A page of users.", body = UserListView), Problems))]
#[get("/v1/operator/machine-users")]
pub(crate) async fn list_machine_users(
    who: Caller<OperatorAdmin>,
    query: Query<MachineQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let MachineQuery { organisation, limit, cursor } = query.0;
    let (identity, id) = (who.known()?, id_in_path::<OrganisationId>(&organisation, MISSING)?);
    let (after, limit) = (after(cursor), Limit::or_default(limit));
    let of = move || {
        let machines = (id, [UserKind::Machine].as_slice());
        organisations::list_users(&app.registry, (&identity, Reach::Every), machines, (&after, limit))
    };
    Ok(page::<_, UserView>(blocking(of).await?))
}

/// Create a machine user in an organisation, with its first API key.
///
/// A program never has a role that can vouch for records of the registry. For a program of an operator, you sign in and send a fresh code.
#[utoipa::path(tag = "operator", request_body = AddMachineTo, responses((status = 201, description = "The user, its key, and the key's secret.", body = MachineMadeView), Problems))]
#[post("/v1/operator/machine-users")]
pub(crate) async fn create_machine_user(
    who: Caller<OperatorAdmin>,
    request: HttpRequest,
    sent: Sent<AddMachineTo>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let id = id_in_path::<OrganisationId>(&sent.body.organisation, MISSING)?;
    let new = (sent.body.into(), app.throttle.network_address(&request));
    act(&app, identity, sent.once, machine, move |act| organisations::add_machine(act, Reach::Every, id, new)).await
}
