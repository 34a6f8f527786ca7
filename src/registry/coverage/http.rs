//! `/v1/coverage`: what the directory knows, by country and by network.

pub(crate) mod page;

use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use super::{CountryCoverage, NetworkCoverage, countries, networks};
use crate::http::blocking::blocking;
use crate::http::{App, Caller, DirectoryView, Json, Problem, Problems, Resolve};
use crate::node::{Holds, ValidUntil};
use vasp_routing::get;

/// What the directory knows.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DirectoryCoverage)]
pub(crate) struct CoverageAnswerView {
    /// Legal entities by country.
    countries: Vec<CountryCoverage>,
    /// Addresses by network, those with the most claims first. Networks about whose addresses nothing is known come last.
    networks: Vec<NetworkCoverage>,
    directory: DirectoryView,
    valid_until: ValidUntil,
}

/// Show what the directory knows.
///
/// It counts legal entities by country and addresses by network, and says what "not found" means on each network. Addresses are counted
/// after your own right to see them: another caller may see other numbers.
#[utoipa::path(tag = "rules", responses((status = 200, description = "Coverage", body = CoverageAnswerView), Problems))]
#[get("/v1/coverage")]
pub(crate) async fn get_coverage(caller: Caller<Resolve>, app: Data<App>) -> Result<Json<CoverageAnswerView>, Problem> {
    let reader = caller.reader();
    // All records are read, which takes too long beside other questions.
    let counted = blocking(move || {
        let now = app.clock.now();
        let generation = app.registry.pin(now);
        Ok(CoverageAnswerView {
            countries: countries(&generation, now),
            networks: networks(&generation, reader),
            directory: generation.as_ref().into(),
            valid_until: app.registry.valid_until(Holds::before(now, [now.date().next().start()])),
        })
    });
    Ok(Json(counted.await?))
}
