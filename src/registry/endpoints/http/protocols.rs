//! `/v1/protocols`: the known Travel Rule protocols, and what an endpoint of each protocol needs.

use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::endpoints::{list_protocols as list, read_protocol};
use crate::http::paging::{Cursor, Limit, cursor};
use crate::http::tagged::Tagged;
use crate::http::{App, Caller, DirectoryView, Json, Problem, Problems, Query, Resolve};
use crate::node::{Holds, ValidUntil};
use vasp_routing::get;
use vasp_rules::protocol::{Protocol, ProtocolId};

/// Which page of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListProtocolsQuery {
    /// Items per page; 50 if you leave it out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// `next_cursor` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<ProtocolId>>,
}

/// A page of protocols.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProtocolList)]
pub(crate) struct ProtocolListView {
    items: Vec<Protocol>,
    /// Send it as `cursor` for the next page; null on the last page.
    next_cursor: Option<String>,
    /// Version of the reference document.
    #[schema(example = "2026-11-20")]
    version: String,
    directory: DirectoryView,
    valid_until: ValidUntil,
}

/// A protocol.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProtocolAnswer)]
pub(crate) struct ProtocolAnswerView {
    #[serde(flatten)]
    protocol: Protocol,
    directory: DirectoryView,
    valid_until: ValidUntil,
}

/// List the known Travel Rule protocols, by id.
#[utoipa::path(
    tag = "protocols",
    params(ListProtocolsQuery),
    responses((status = 200, description = "A page of protocols", body = ProtocolListView), Problems)
)]
#[get("/v1/protocols")]
pub(crate) async fn list_protocols(
    _caller: Caller<Resolve>,
    query: Query<ListProtocolsQuery>,
    app: Data<App>,
) -> Result<Json<ProtocolListView>, Problem> {
    let now = app.clock.now();
    let after = query.0.cursor.map(|cursor| cursor.0);
    let (generation, page) = list(&app.registry, after.as_ref(), Limit::or_default(query.0.limit), now);
    Ok(Json(ProtocolListView {
        items: page.items,
        next_cursor: page.next.as_ref().map(cursor),
        version: generation.documents().protocols.value.version.clone(),
        directory: generation.as_ref().into(),
        valid_until: app.registry.valid_until(Holds::before(now, [])),
    }))
}

/// Get a protocol: its purpose, and what an endpoint of it needs.
#[utoipa::path(
    tag = "protocols",
    params(("id" = String, Path, description = "Id of the protocol", example = "trp")),
    responses((status = 200, description = "The protocol", body = ProtocolAnswerView), (status = 304, description = "Unchanged"), Problems)
)]
#[get("/v1/protocols/{id}")]
pub(crate) async fn get_protocol(
    caller: Caller<Resolve>,
    id: Path<String>,
    app: Data<App>,
) -> Result<Tagged<ProtocolAnswerView>, Problem> {
    let now = app.clock.now();
    let answer = read_protocol(&app.registry, &id, now)?;
    let view = ProtocolAnswerView {
        protocol: answer.protocol,
        directory: answer.generation.as_ref().into(),
        valid_until: app.registry.valid_until(Holds::before(now, [])),
    };
    let version = answer.generation.documents().protocols.value.version.clone();
    Ok(Tagged::new(view, version, caller.reader()))
}
