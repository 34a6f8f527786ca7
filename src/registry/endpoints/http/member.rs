//! `/v1/vasps/{vasp}/endpoints`: where a VASP supports Travel Rule protocols. Everybody reads; a member changes its own.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::EndpointView;
use super::input::{EndpointChangeBody, MaintenanceInput, NewEndpointBody};
use crate::acts::Reply;
use crate::endpoints;
use crate::endpoints::{SeenEndpoint, change_endpoint, publish_endpoint, read_endpoint};
use crate::http::paging::{Cursor, Limit, cursor};
use crate::http::paths::{NamedVasp, VaspPath};
use crate::http::permission::{MemberEdit, OfVasp};
use crate::http::visibility::Viewer;
use crate::http::write::{Answer, Bare, Sent, Version, act, reply};
use crate::http::{App, Caller, Problem, Problems, Query};
use vasp_routing::{delete, get, patch, post};
use vasp_words::ids::EndpointId;

/// Which page of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListEndpointsQuery {
    /// Items per page; 50 if you leave it out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// `next_cursor` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<EndpointId>>,
}

/// One endpoint of a VASP.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct EndpointPath {
    /// The id of a record, an LEI that only one live record has, or `mine`.
    #[param(value_type = String, example = "529900HNOAA1KXQJUQ27")]
    pub(crate) vasp: NamedVasp,
    /// Id of the endpoint.
    #[param(example = "end_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    pub(crate) endpoint: EndpointId,
}

/// A page of a VASP's endpoints.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EndpointList)]
pub(crate) struct EndpointListView {
    items: Vec<EndpointView>,
    /// Send it as `cursor` for the next page; null on the last page.
    next_cursor: Option<String>,
}

fn shown(status: StatusCode) -> impl FnOnce(&SeenEndpoint) -> Reply + Send + 'static {
    move |own| reply(status, Some(own.tag()), EndpointView::seen(own, Viewer::Owner))
}

/// List the endpoints of a VASP, oldest first.
///
/// Withdrawn endpoints are left out.
#[utoipa::path(tag = "vasps", params(VaspPath, ListEndpointsQuery), responses((status = 200, description = "A page of endpoints", body = EndpointListView), Problems))]
#[get("/v1/vasps/{vasp}/endpoints")]
pub(crate) async fn list_endpoints(
    who: Caller<OfVasp>,
    path: Path<VaspPath>,
    query: Query<ListEndpointsQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, now) = (who.identity.as_ref(), app.clock.now());
    let (limit, after) = (Limit::or_default(query.0.limit), query.0.cursor.map(|cursor| cursor.0));
    let (vasp, page) = endpoints::list_endpoints(&app.registry, path.vasp.name(identity)?, after, limit, now)?;
    let viewer = Viewer::of(identity, vasp);
    let list = EndpointListView {
        items: page.items.iter().map(|seen| EndpointView::seen(seen, viewer)).collect(),
        next_cursor: page.next.as_ref().map(cursor),
    };
    Ok(Answer(reply(StatusCode::OK, None, list)))
}

/// Publish an endpoint.
///
/// Your VASP must be verified, and must have proven the domain. Readers see the endpoint at once, and people of the registry look at
/// it afterwards. A second endpoint of the same protocol at the same place is refused with 409 `endpoint_exists`.
#[utoipa::path(tag = "vasps", params(VaspPath), request_body = NewEndpointBody, responses((status = 201, description = "The endpoint", body = EndpointView), Problems))]
#[post("/v1/vasps/{vasp}/endpoints")]
pub(crate) async fn create_endpoint(
    who: Caller<MemberEdit>,
    path: Path<VaspPath>,
    sent: Sent<NewEndpointBody>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, draft) = (who.known()?, sent.body.into());
    path.vasp.own(&app, &identity).await?;
    act(&app, identity, sent.once, shown(StatusCode::CREATED), move |act| publish_endpoint(act, draft)).await
}

/// Get an endpoint of a VASP, even if it was withdrawn.
#[utoipa::path(tag = "vasps", params(EndpointPath), responses((status = 200, description = "The endpoint", body = EndpointView), (status = 304, description = "Unchanged"), Problems))]
#[get("/v1/vasps/{vasp}/endpoints/{endpoint}")]
pub(crate) async fn get_endpoint(who: Caller<OfVasp>, path: Path<EndpointPath>, app: Data<App>) -> Result<Answer, Problem> {
    let (identity, now) = (who.identity.as_ref(), app.clock.now());
    let (vasp, seen) = read_endpoint(&app.registry, path.vasp.name(identity)?, path.endpoint, now)?;
    Ok(Answer(reply(StatusCode::OK, Some(seen.tag()), EndpointView::seen(&seen, Viewer::of(identity, vasp)))))
}

/// Change an endpoint.
///
/// The change takes effect at once. If the place is new, people of the registry look at it afterwards.
#[utoipa::path(tag = "vasps", request_body = EndpointChangeBody, params(EndpointPath), responses((status = 200, description = "The endpoint", body = EndpointView), Problems))]
#[patch("/v1/vasps/{vasp}/endpoints/{endpoint}")]
pub(crate) async fn update_endpoint(
    who: Caller<MemberEdit>,
    path: Path<EndpointPath>,
    version: Version,
    sent: Sent<EndpointChangeBody>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let identity = who.known()?;
    path.vasp.own(&app, &identity).await?;
    let (id, wanted, expected) = (path.endpoint, sent.body.into(), version.test_of_what_is_said());
    let service = move |act: crate::acts::Act<'_, _>| change_endpoint(act, id, wanted, &expected);
    act(&app, identity, sent.once, shown(StatusCode::OK), service).await
}

/// Withdraw an endpoint for good, at once and whatever its version.
#[utoipa::path(tag = "vasps", params(EndpointPath), responses((status = 200, description = "The endpoint, withdrawn", body = EndpointView), Problems))]
#[delete("/v1/vasps/{vasp}/endpoints/{endpoint}")]
pub(crate) async fn delete_endpoint(
    who: Caller<MemberEdit>,
    path: Path<EndpointPath>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let identity = who.known()?;
    path.vasp.own(&app, &identity).await?;
    let id = path.endpoint;
    act(&app, identity, sent.once, shown(StatusCode::OK), move |act| endpoints::withdraw_endpoint(act, id)).await
}

/// Pause an endpoint, at once and whatever its version.
#[utoipa::path(tag = "vasps", params(EndpointPath), responses((status = 200, description = "The endpoint, paused", body = EndpointView), Problems))]
#[post("/v1/vasps/{vasp}/endpoints/{endpoint}/pause")]
pub(crate) async fn pause_endpoint(
    who: Caller<MemberEdit>,
    path: Path<EndpointPath>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let identity = who.known()?;
    path.vasp.own(&app, &identity).await?;
    let id = path.endpoint;
    act(&app, identity, sent.once, shown(StatusCode::OK), move |act| endpoints::pause_endpoint(act, id)).await
}

/// Resume a paused endpoint.
#[utoipa::path(tag = "vasps", params(EndpointPath), responses((status = 200, description = "The endpoint", body = EndpointView), Problems))]
#[post("/v1/vasps/{vasp}/endpoints/{endpoint}/resume")]
pub(crate) async fn resume_endpoint(
    who: Caller<MemberEdit>,
    path: Path<EndpointPath>,
    version: Version,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let identity = who.known()?;
    path.vasp.own(&app, &identity).await?;
    let (id, expected) = (path.endpoint, version.test_of_what_is_said());
    act(&app, identity, sent.once, shown(StatusCode::OK), move |act| endpoints::resume_endpoint(act, id, &expected)).await
}

/// Announce maintenance of an endpoint.
///
/// This takes effect at once, whatever the version. Windows that overlap become one. To cancel maintenance, PATCH the endpoint with
/// the windows that stay.
#[utoipa::path(tag = "vasps", request_body = MaintenanceInput, params(EndpointPath), responses((status = 200, description = "The endpoint with all that is announced", body = EndpointView), Problems))]
#[post("/v1/vasps/{vasp}/endpoints/{endpoint}/maintenance")]
pub(crate) async fn update_endpoint_maintenance(
    who: Caller<MemberEdit>,
    path: Path<EndpointPath>,
    sent: Sent<MaintenanceInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let identity = who.known()?;
    path.vasp.own(&app, &identity).await?;
    let (id, window) = (path.endpoint, sent.body.into());
    act(&app, identity, sent.once, shown(StatusCode::OK), move |act| endpoints::announce_maintenance(act, id, window)).await
}
