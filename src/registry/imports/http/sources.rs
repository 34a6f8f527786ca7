//! `/v1/sources`: the sources of the registry's answers, and up to which day each is known.

use actix_web::get;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{App, Caller, DirectoryView, Json, Problem, Problems, Resolve};
use crate::imports::{SourceAge, list_sources as list};
use crate::node::{Holds, ValidUntil};

/// Every source.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SourceList)]
pub(crate) struct SourceListView {
    items: Vec<SourceAge>,
    directory: DirectoryView,
    valid_until: ValidUntil,
}

/// List the sources and their age.
///
/// The age counts from the day up to which a source is known, not from the day on which its file was made or imported. The limits are those
/// of the registry's policy; your own policy may have other limits.
#[utoipa::path(tag = "rules", responses((status = 200, description = "All sources", body = SourceListView), Problems))]
#[get("/v1/sources")]
pub(crate) async fn list_sources(_caller: Caller<Resolve>, app: Data<App>) -> Result<Json<SourceListView>, Problem> {
    let now = app.clock.now();
    let generation = app.registry.pin(now);
    Ok(Json(SourceListView {
        items: list(&generation, now.date()),
        directory: generation.as_ref().into(),
        valid_until: app.registry.valid_until(Holds::before(now, [now.date().next().start()])),
    }))
}
