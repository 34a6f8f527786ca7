//! `/v1/vasps/{id}/health`: how the endpoints of a VASP fare. For gateways, and for the public where the server reads publicly.

use actix_web::get;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::EndpointHealthView;
use crate::http::visibility::Viewer;
use crate::http::{App, Caller, DirectoryView, Json, Problem, Problems, Resolve};
use crate::node::ValidUntil;
use crate::probes::{EndpointReading, read_health};
use vasp_record::vasp_name::VaspName;
use vasp_words::ids::{EndpointId, VaspId};

/// One VASP.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct VaspHealthPath {
    /// The id of a record, or an LEI that stands on one live record.
    #[param(value_type = String, example = "529900HNOAA1KXQJUQ27")]
    id: VaspName,
}

/// How one endpoint fares.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VaspEndpointHealth)]
pub(crate) struct VaspEndpointHealthView {
    /// The endpoint.
    endpoint: EndpointId,
    /// Its protocol.
    #[schema(example = "trp")]
    protocol: String,
    /// How it fares.
    health: EndpointHealthView,
}

/// How the endpoints of a VASP fare.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VaspHealth)]
pub(crate) struct VaspHealthView {
    /// Whose.
    vasp: VaspId,
    /// Endpoints that were not taken back, in order of id.
    items: Vec<VaspEndpointHealthView>,
    directory: DirectoryView,
    valid_until: ValidUntil,
}

/// Get the health of a VASP's endpoints.
///
/// The registry probes each endpoint in use every few minutes: TLS handshake, the certificate against those that are published,
/// and what the protocol says of itself. An endpoint that is no place on the Internet is never probed: `unknown`.
#[utoipa::path(
    tag = "vasps",
    params(VaspHealthPath),
    responses((status = 200, description = "The health of each endpoint", body = VaspHealthView), Problems)
)]
#[get("/v1/vasps/{id}/health")]
pub(crate) async fn get_vasp_health(
    caller: Caller<Resolve>,
    path: Path<VaspHealthPath>,
    app: Data<App>,
) -> Result<Json<VaspHealthView>, Problem> {
    let answer = read_health(&app.registry, path.id, app.clock.now())?;
    let viewer = Viewer::of(caller.identity.as_ref(), answer.vasp);
    let item = |reading: &EndpointReading| VaspEndpointHealthView {
        endpoint: reading.endpoint,
        protocol: reading.protocol.to_string(),
        health: EndpointHealthView::of(&reading.health, viewer),
    };
    Ok(Json(VaspHealthView {
        vasp: answer.vasp,
        items: answer.endpoints.iter().map(item).collect(),
        directory: answer.generation.as_ref().into(),
        valid_until: answer.valid_until,
    }))
}
