//! `/metrics`: metrics for the people who run the server, in the OpenMetrics text format that Prometheus reads.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Data;

use crate::health::read_metrics;
use crate::http::caller::Caller;
use crate::http::permission::Metrics;
use crate::http::{App, Problem, Problems};
use crate::telemetry::OPENMETRICS;
use vasp_routing::get;

/// Get the metrics of this process.
///
/// You need an API key with the scope `operator`, unless the server makes its metrics public (`--public-metrics`).
#[utoipa::path(tag = "service", responses((status = 200, description = "OpenMetrics 1.0", body = String, content_type = "application/openmetrics-text"), Problems))]
#[get("/metrics")]
pub(crate) async fn get_metrics(_who: Caller<Metrics>, app: Data<App>) -> Result<HttpResponse, Problem> {
    let certificate = app.tls.as_ref().map(|tls| (tls.not_after(), tls.is_refused()));
    let text = read_metrics(&app.registry, certificate, app.clock.now()).map_err(Problem::internal)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, OPENMETRICS))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(text))
}
