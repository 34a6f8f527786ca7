//! `/v1/networks`: the networks whose addresses the server reads, and what the directory knows about each.

use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::NetworkView;
use crate::http::paging::{Cursor, Limit, cursor};
use crate::http::tagged::Tagged;
use crate::http::{App, Caller, DirectoryView, Json, Problem, Problems, Query, Resolve};
use crate::node::{Holds, ValidUntil};
use crate::resolve::{list_networks as list, read_network};
use vasp_routing::get;
use vasp_words::caip::Caip2;

/// Selects a page of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListNetworksQuery {
    /// Items per page; 50 by default.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// `next_cursor` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<Caip2>>,
}

/// A page of networks.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NetworkList)]
pub(crate) struct NetworkListView {
    items: Vec<NetworkView>,
    /// Send it as `cursor` to get the next page; null on the last page.
    next_cursor: Option<String>,
    directory: DirectoryView,
    valid_until: ValidUntil,
}

/// A network.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NetworkAnswer)]
pub(crate) struct NetworkAnswerView {
    #[serde(flatten)]
    network: NetworkView,
    directory: DirectoryView,
    valid_until: ValidUntil,
}

/// List networks.
///
/// The order never changes; new networks come last.
#[utoipa::path(
    tag = "networks",
    params(ListNetworksQuery),
    responses((status = 200, description = "A page of networks", body = NetworkListView), Problems)
)]
#[get("/v1/networks")]
pub(crate) async fn list_networks(
    caller: Caller<Resolve>,
    query: Query<ListNetworksQuery>,
    app: Data<App>,
) -> Result<Json<NetworkListView>, Problem> {
    let now = app.clock.now();
    let page = list(query.0.cursor.map(|cursor| cursor.0).as_ref(), Limit::or_default(query.0.limit))?;
    let generation = app.registry.pin(now);
    Ok(Json(NetworkListView {
        items: page.items.iter().map(|network| NetworkView::of(network, &generation, caller.reader())).collect(),
        next_cursor: page.next.as_ref().map(cursor),
        directory: generation.as_ref().into(),
        valid_until: app.registry.valid_until(Holds::before(now, [])),
    }))
}

/// Get a network.
#[utoipa::path(
    tag = "networks",
    params(("caip2" = String, Path, description = "CAIP-2 id or another name", example = "eip155:1")),
    responses((status = 200, description = "The network", body = NetworkAnswerView), (status = 304, description = "Unchanged"), Problems)
)]
#[get("/v1/networks/{caip2}")]
pub(crate) async fn get_network(
    caller: Caller<Resolve>,
    caip2: Path<String>,
    app: Data<App>,
) -> Result<Tagged<NetworkAnswerView>, Problem> {
    let now = app.clock.now();
    let network = read_network(&caip2)?;
    let generation = app.registry.pin(now);
    let view = NetworkAnswerView {
        network: NetworkView::of(network, &generation, caller.reader()),
        directory: generation.as_ref().into(),
        valid_until: app.registry.valid_until(Holds::before(now, [])),
    };
    Ok(Tagged::new(view, network.number.0, caller.reader()))
}
