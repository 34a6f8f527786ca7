//! `/v1/vasps/{vasp}/path-delegations`: which paths of a shared host belong to a VASP. The VASP and the owner of the host both confirm it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::acts::Reply;
use crate::domains::paths::{NamedPath, PathDelegation, end_path, list_paths, say_path};
use crate::http::blocking::blocking;
use crate::http::listing::{page, pages};
use crate::http::paging::{Cursor, Limit};
use crate::http::paths::VaspPath;
use crate::http::permission::{MemberEdit, MemberRead};
use crate::http::write::{Answer, Sent, act, reply};
use crate::http::{App, Caller, Problem, Problems, Query};
use crate::node::ServiceError;
use vasp_routing::{get, post};

pages! {
    /// A page of path delegations, in order of host and path.
    PathDelegationListView as PathDelegationList of PathDelegation;
}

/// Which page of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PathsQuery {
    /// Items per page; 50 if you leave it out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// `next_cursor` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<String>>,
}

fn shown(path: &PathDelegation) -> Reply {
    reply(StatusCode::OK, None, path.clone())
}

/// List the paths of your VASP, and those on hosts that it proved.
#[utoipa::path(tag = "vasps", params(VaspPath, PathsQuery), responses((status = 200, description = "A page of path delegations.", body = PathDelegationListView), Problems))]
#[get("/v1/vasps/{vasp}/path-delegations")]
pub(crate) async fn list_path_delegations(
    who: Caller<MemberRead>,
    path: Path<VaspPath>,
    query: Query<PathsQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, after) = (who.known()?, query.0.cursor.map(|cursor| cursor.0).unwrap_or_default());
    let limit = Limit::or_default(query.0.limit);
    path.vasp.own(&app, &identity).await?;
    let found = blocking(move || Ok::<_, ServiceError>(list_paths(&app.registry, &identity, &after, limit, app.clock.now())));
    Ok(page::<_, PathDelegation>(found.await?))
}

/// Delegate paths of a host to a VASP.
///
/// The VASP and the owner of the host can each request this. Once both have done so, the paths belong to the VASP.
#[utoipa::path(tag = "vasps", params(VaspPath), request_body = NamedPath, responses((status = 200, description = "The delegation, with how far it is confirmed.", body = PathDelegation), Problems))]
#[post("/v1/vasps/{vasp}/path-delegations")]
pub(crate) async fn confirm_path_delegation(
    who: Caller<MemberEdit>,
    path: Path<VaspPath>,
    sent: Sent<NamedPath>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, named) = (who.known()?, sent.body);
    path.vasp.own(&app, &identity).await?;
    act(&app, identity, sent.once, shown, move |act| say_path(act, &named)).await
}

/// End a path delegation.
///
/// The delegation ends at once, and the paths then belong to no VASP.
#[utoipa::path(tag = "vasps", params(VaspPath), request_body = NamedPath, responses((status = 200, description = "The delegation as it ended.", body = PathDelegation), Problems))]
#[post("/v1/vasps/{vasp}/path-delegations/end")]
pub(crate) async fn end_path_delegation(
    who: Caller<MemberEdit>,
    path: Path<VaspPath>,
    sent: Sent<NamedPath>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, named) = (who.known()?, sent.body);
    path.vasp.own(&app, &identity).await?;
    act(&app, identity, sent.once, shown, move |act| end_path(act, &named)).await
}
