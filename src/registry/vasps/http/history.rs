//! `/v1/vasps/{vasp}/history` and `…/endpoints/history`: the history of a record, and that of its endpoints.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::http::blocking::blocking;
use crate::http::paging::{Cursor, Limit, cursor};
use crate::http::paths::VaspPath;
use crate::http::{App, Caller, DirectoryView, Json, Problem, Problems, Query, Resolve};
use crate::node::{Holds, ValidUntil};
use crate::vasps::{HistoryItem, HistoryPart, HistoryPosition, vasp_history};
use vasp_record::vasp_name::VaspName;
use vasp_routing::get;

/// Number of history items that cost one question. The largest page then costs as much as a record on another day, and takes about as
/// long.
const HISTORY_ITEMS_A_QUESTION: usize = 20;

/// Selects a page of a history.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryQuery {
    /// Items per page; 50 by default.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// `next_cursor` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<HistoryPosition>>,
}

/// A page of a VASP's history, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VaspHistory)]
pub(crate) struct VaspHistoryView {
    items: Vec<HistoryItem>,
    /// Send it as `cursor` to get the next page; null on the last page.
    next_cursor: Option<String>,
    directory: DirectoryView,
    valid_until: ValidUntil,
}

/// List the history of a VASP's record, newest first.
///
/// One item for each change of the log and each day from which it is valid. A page costs one question of your rate limit for each 20
/// items that you ask for.
#[utoipa::path(
    tag = "vasps",
    params(VaspPath, HistoryQuery),
    responses((status = 200, description = "A page of the history", body = VaspHistoryView), Problems)
)]
#[get("/v1/vasps/{vasp}/history")]
pub(crate) async fn list_vasp_history(
    caller: Caller<Resolve>,
    path: Path<VaspPath>,
    query: Query<HistoryQuery>,
    request: HttpRequest,
    app: Data<App>,
) -> Result<Json<VaspHistoryView>, Problem> {
    page_of_history(&caller, path.vasp.name(caller.identity.as_ref())?, HistoryPart::Whole, query.0, &request, &app).await
}

/// List the history of a VASP's endpoints, newest first.
///
/// Like the history of the record, but only with changes of endpoints. In a long history, a page may have few items or none and still
/// have a `next_cursor`. A change whose payload was erased is listed, because nobody can know whether it was about an endpoint.
#[utoipa::path(
    tag = "vasps",
    params(VaspPath, HistoryQuery),
    responses((status = 200, description = "A page of the history", body = VaspHistoryView), Problems)
)]
#[get("/v1/vasps/{vasp}/endpoints/history")]
pub(crate) async fn list_vasp_endpoint_history(
    caller: Caller<Resolve>,
    path: Path<VaspPath>,
    query: Query<HistoryQuery>,
    request: HttpRequest,
    app: Data<App>,
) -> Result<Json<VaspHistoryView>, Problem> {
    page_of_history(&caller, path.vasp.name(caller.identity.as_ref())?, HistoryPart::Endpoints, query.0, &request, &app).await
}

async fn page_of_history(
    caller: &Caller<Resolve>,
    name: VaspName,
    part: HistoryPart,
    query: HistoryQuery,
    request: &HttpRequest,
    app: &App,
) -> Result<Json<VaspHistoryView>, Problem> {
    let (limit, after) = (Limit::or_default(query.limit), query.cursor.map(|cursor| cursor.0));
    caller.charge_batch(app, request, limit.div_ceil(HISTORY_ITEMS_A_QUESTION))?;
    let (registry, now) = (app.registry.clone(), app.clock.now());
    let (generation, page) = blocking(move || vasp_history(&registry, name, part, after, limit, now)).await?;
    Ok(Json(VaspHistoryView {
        items: page.items,
        next_cursor: page.next.as_ref().map(cursor),
        directory: generation.as_ref().into(),
        valid_until: app.registry.valid_until(Holds::before(now, [])),
    }))
}
