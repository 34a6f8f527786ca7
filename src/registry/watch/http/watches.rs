//! `/v1/watches`: the counterparties that your organisation watches.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::{WatchListView, WatchView};
use crate::acts::Reply;
use crate::http::blocking::blocking;
use crate::http::listing::{ListQuery, page};
use crate::http::paths::VaspPath;
use crate::http::write::{Answer, Bare, Sent, act, reply};
use crate::http::{App, Caller, Problem, Problems, Query, permission};
use crate::watch;
use crate::watch::WatchRow;
use vasp_routing::{delete, get, put};
use vasp_rules::rulebook::JurisdictionId;

/// A request to watch a VASP.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WatchRequest {
    /// The jurisdiction of your side, which decides which lists bind you and which data you send. Null for your own VASP's jurisdiction.
    jurisdiction: Option<JurisdictionId>,
}

fn view(watch: &WatchRow) -> Reply {
    reply(StatusCode::OK, None, WatchView::from(watch.clone()))
}

/// List the VASPs that your organisation watches, by id.
///
/// The list has the VASPs that you asked for, the VASPs in recorded pre-checks of the last year, and a member's own VASP.
#[utoipa::path(tag = "watch", params(ListQuery), responses((status = 200, description = "A page of watches.", body = WatchListView), Problems))]
#[get("/v1/watches")]
pub(crate) async fn list_watches(
    who: Caller<permission::Watch>,
    query: Query<ListQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, (after, limit)) = (who.known()?, query.0.part());
    let found = blocking(move || watch::list_watches(&app.registry, &identity, &after, limit)).await?;
    Ok(page::<_, WatchView>(found))
}

/// Watch a VASP.
#[utoipa::path(tag = "watch", params(VaspPath), request_body = WatchRequest, responses((status = 200, description = "The watch.", body = WatchView), Problems))]
#[put("/v1/watches/{vasp}")]
pub(crate) async fn replace_watch(
    who: Caller<permission::Watch>,
    path: Path<VaspPath>,
    sent: Sent<WatchRequest>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let vasp = path.vasp.id(&app, Some(&identity))?;
    let jurisdiction = sent.body.jurisdiction;
    act(&app, identity, sent.once, view, move |act| watch::add_watch(act, vasp, jurisdiction)).await
}

/// Stop watching a VASP.
///
/// Recorded pre-checks with the VASP still keep the watch for a year after the last one.
#[utoipa::path(tag = "watch", params(VaspPath), responses((status = 200, description = "The watch, as it goes on or ended.", body = WatchView), Problems))]
#[delete("/v1/watches/{vasp}")]
pub(crate) async fn delete_watch(
    who: Caller<permission::Watch>,
    path: Path<VaspPath>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let vasp = path.vasp.id(&app, Some(&identity))?;
    act(&app, identity, sent.once, view, move |act| watch::remove_watch(act, vasp)).await
}
