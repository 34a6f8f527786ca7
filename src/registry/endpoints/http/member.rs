//! `/v1/member/endpoints`: the endpoints at which a member's VASP supports Travel Rule protocols. For members.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::EndpointView;
use super::input::{EndpointChangeBody, MaintenanceInput, NewEndpointBody};
use crate::acts::Reply;
use crate::endpoints::{
    MemberEndpoint, announce_maintenance, change_endpoint, list_endpoints, pause_endpoint, publish_endpoint, read_endpoint,
    resume_endpoint, withdraw_endpoint,
};
use crate::http::blocking::blocking;
use crate::http::paging::{Cursor, Limit, cursor};
use crate::http::permission::{MemberEdit, MemberRead};
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

/// One of the member's endpoints.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct EndpointPath {
    /// Id of the endpoint.
    id: EndpointId,
}

/// A page of the member's endpoints.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MemberEndpointList)]
pub(crate) struct MemberEndpointList {
    items: Vec<EndpointView>,
    /// Send it as `cursor` for the next page; null on the last page.
    next_cursor: Option<String>,
}

fn shown(status: StatusCode) -> impl FnOnce(&MemberEndpoint) -> Reply + Send + 'static {
    move |own| reply(status, Some(own.tag()), EndpointView::from(own))
}

/// List the endpoints of your VASP, oldest first.
///
/// Withdrawn endpoints are left out.
#[utoipa::path(tag = "member", params(ListEndpointsQuery), responses((status = 200, description = "A page of endpoints", body = MemberEndpointList), Problems))]
#[get("/v1/member/endpoints")]
pub(crate) async fn list_member_endpoints(
    who: Caller<MemberRead>,
    query: Query<ListEndpointsQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let (limit, after) = (Limit::or_default(query.0.limit), query.0.cursor.map(|cursor| cursor.0));
    let page = list_endpoints(&app.registry, &identity, after, limit, app.clock.now());
    let list = MemberEndpointList {
        items: page.items.iter().map(EndpointView::from).collect(),
        next_cursor: page.next.as_ref().map(cursor),
    };
    Ok(Answer(reply(StatusCode::OK, None, list)))
}

/// Publish an endpoint.
///
/// Your VASP must be verified, and must have proven the domain. Readers see the endpoint at once, and people of the registry look at
/// it afterwards. A second endpoint of the same protocol at the same place is refused with 409 `endpoint_exists`.
#[utoipa::path(tag = "member", request_body = NewEndpointBody, responses((status = 201, description = "The endpoint", body = EndpointView), Problems))]
#[post("/v1/member/endpoints")]
pub(crate) async fn create_member_endpoint(
    who: Caller<MemberEdit>,
    sent: Sent<NewEndpointBody>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let draft = sent.body.into();
    act(&app, who.known()?, sent.once, shown(StatusCode::CREATED), move |act| publish_endpoint(act, draft)).await
}

/// Get a Travel Rule endpoint of your VASP, even if you withdrew it.
#[utoipa::path(tag = "member", params(EndpointPath), responses((status = 200, description = "The endpoint", body = EndpointView), (status = 304, description = "Unchanged"), Problems))]
#[get("/v1/member/endpoints/{id}")]
pub(crate) async fn get_member_endpoint(
    who: Caller<MemberRead>,
    path: Path<EndpointPath>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, registry, now) = (who.known()?, app.registry.clone(), app.clock.now());
    let own = blocking(move || read_endpoint(&registry, &identity, path.id, now)).await?;
    Ok(Answer(shown(StatusCode::OK)(&own)))
}

/// Change an endpoint.
///
/// The change takes effect at once. If the place is new, people of the registry look at it afterwards.
#[utoipa::path(tag = "member", request_body = EndpointChangeBody, params(EndpointPath), responses((status = 200, description = "The endpoint", body = EndpointView), Problems))]
#[patch("/v1/member/endpoints/{id}")]
pub(crate) async fn update_member_endpoint(
    who: Caller<MemberEdit>,
    path: Path<EndpointPath>,
    version: Version,
    sent: Sent<EndpointChangeBody>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (id, wanted, expected) = (path.id, sent.body.into(), version.test_of_what_is_said());
    let service = move |act: crate::acts::Act<'_, _>| change_endpoint(act, id, wanted, &expected);
    act(&app, who.known()?, sent.once, shown(StatusCode::OK), service).await
}

/// Withdraw an endpoint for good, at once and whatever its version.
#[utoipa::path(tag = "member", params(EndpointPath), responses((status = 200, description = "The endpoint, withdrawn", body = EndpointView), Problems))]
#[delete("/v1/member/endpoints/{id}")]
pub(crate) async fn delete_member_endpoint(
    who: Caller<MemberEdit>,
    path: Path<EndpointPath>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let id = path.id;
    act(&app, who.known()?, sent.once, shown(StatusCode::OK), move |act| withdraw_endpoint(act, id)).await
}

/// Pause an endpoint, at once and whatever its version.
#[utoipa::path(tag = "member", params(EndpointPath), responses((status = 200, description = "The endpoint, paused", body = EndpointView), Problems))]
#[post("/v1/member/endpoints/{id}/pause")]
pub(crate) async fn pause_member_endpoint(
    who: Caller<MemberEdit>,
    path: Path<EndpointPath>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let id = path.id;
    act(&app, who.known()?, sent.once, shown(StatusCode::OK), move |act| pause_endpoint(act, id)).await
}

/// Resume a paused endpoint.
#[utoipa::path(tag = "member", params(EndpointPath), responses((status = 200, description = "The endpoint", body = EndpointView), Problems))]
#[post("/v1/member/endpoints/{id}/resume")]
pub(crate) async fn resume_member_endpoint(
    who: Caller<MemberEdit>,
    path: Path<EndpointPath>,
    version: Version,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (id, expected) = (path.id, version.test_of_what_is_said());
    act(&app, who.known()?, sent.once, shown(StatusCode::OK), move |act| resume_endpoint(act, id, &expected)).await
}

/// Announce maintenance of an endpoint.
///
/// This takes effect at once, whatever the version. Windows that overlap become one. To cancel maintenance, PATCH the endpoint with
/// the windows that stay.
#[utoipa::path(tag = "member", request_body = MaintenanceInput, params(EndpointPath), responses((status = 200, description = "The endpoint with all that is announced", body = EndpointView), Problems))]
#[post("/v1/member/endpoints/{id}/maintenance")]
pub(crate) async fn update_member_endpoint_maintenance(
    who: Caller<MemberEdit>,
    path: Path<EndpointPath>,
    sent: Sent<MaintenanceInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (id, window) = (path.id, sent.body.into());
    act(&app, who.known()?, sent.once, shown(StatusCode::OK), move |act| announce_maintenance(act, id, window)).await
}
