//! `/v1/organisations`: the customers of the registry.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};

use super::people::views::{OrganisationListView, OrganisationView};
use crate::acts::Reply;
use crate::http::blocking::blocking;
use crate::http::listing::{ListQuery, id_in_path, page};
use crate::http::permission::OperatorAdmin;
use crate::http::write::{Answer, Sent, Version, act, reply};
use crate::http::{App, Caller, Problem, Problems, Query};
use crate::organisations;
use crate::organisations::{NewOrganisation, Organisation, OrganisationChange};
use vasp_routing::{get, patch, post};
use vasp_words::ids::OrganisationId;

const MISSING: &str = "There is no such organisation.";

fn rendered(status: StatusCode) -> impl FnOnce(&Organisation) -> Reply + Send {
    move |made| reply(status, Some(made.version.to_string()), OrganisationView::from(made.clone()))
}

/// Create an organisation.
#[utoipa::path(tag = "operator", request_body = NewOrganisation, responses((status = 201, description = "The organisation.", body = OrganisationView), Problems))]
#[post("/v1/organisations")]
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
#[get("/v1/organisations")]
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
#[get("/v1/organisations/{id}")]
pub(crate) async fn get_organisation(who: Caller<OperatorAdmin>, path: Path<String>, app: Data<App>) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<OrganisationId>(&path, MISSING)?);
    let found = blocking(move || organisations::read_organisation(&app.registry, &identity, id)).await?;
    Ok(Answer(rendered(StatusCode::OK)(&found)))
}

/// Rename an organisation, close it, or open it again.
///
/// Closing takes effect at once. A closed organisation of the registry's own people cannot be opened again.
#[utoipa::path(tag = "operator", params(("id" = String, Path, description = "The organisation's id.")), request_body = OrganisationChange, responses((status = 200, description = "The organisation.", body = OrganisationView), Problems))]
#[patch("/v1/organisations/{id}")]
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
