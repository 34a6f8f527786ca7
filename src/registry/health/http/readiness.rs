//! `/healthz` and `/readyz`: for process supervisors and load balancers.

use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{App, Json, Problem, ProblemCode, Problems, Readiness};
use crate::node::DegradedReason;
use vasp_routing::get;

/// The process is alive.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HealthView {
    status: HealthStatus,
}

/// The only status of a process that answers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HealthStatus {
    /// The process answers.
    Ok,
}

/// Whether the server can answer correctly.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReadinessView {
    status: Readiness,
    /// The reasons why it is `degraded`, worst first; empty while it is `ready`.
    reasons: Vec<DegradedReason>,
}

/// Check that the process is alive.
///
/// It checks nothing else. A failing health check means that the process should be restarted.
#[utoipa::path(tag = "service", responses((status = 200, description = "The process is alive", body = HealthView), Problems))]
#[get("/healthz")]
pub(crate) async fn get_health() -> Json<HealthView> {
    Json(HealthView { status: HealthStatus::Ok })
}

/// Check whether this node should get requests.
///
/// A node that cannot answer correctly returns 503 `not_ready`.
#[utoipa::path(tag = "service", responses((status = 200, description = "The node answers", body = ReadinessView), Problems))]
#[get("/readyz")]
pub(crate) async fn get_readiness(app: Data<App>) -> Result<Json<ReadinessView>, Problem> {
    match (app.readiness)() {
        Readiness::NotReady => Err(Problem::new(ProblemCode::NotReady, "").retry_after_secs(1)),
        status => Ok(Json(ReadinessView { status, reasons: app.registry.condition().reasons() })),
    }
}
