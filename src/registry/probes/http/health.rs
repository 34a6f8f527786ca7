//! `/v1/vasps/{vasp}/health`: the health of a VASP's endpoints. For gateways, and for the public if the server allows public reading.

use actix_web::web::{Data, Path};
use serde::Serialize;
use utoipa::ToSchema;

use super::EndpointHealthView;
use crate::http::paths::VaspPath;
use crate::http::visibility::Viewer;
use crate::http::{App, Caller, DirectoryView, Json, Problem, Problems, Resolve};
use crate::node::ValidUntil;
use crate::probes::{EndpointReading, read_health};
use vasp_routing::get;
use vasp_words::ids::{EndpointId, VaspId};

/// The health of one endpoint.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VaspEndpointHealth)]
pub(crate) struct VaspEndpointHealthView {
    /// Id of the endpoint.
    endpoint: EndpointId,
    /// Its protocol.
    #[schema(example = "trp")]
    protocol: String,
    /// Its health.
    health: EndpointHealthView,
}

/// The health of a VASP's endpoints.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VaspHealth)]
pub(crate) struct VaspHealthView {
    /// Id of the VASP.
    vasp: VaspId,
    /// The endpoints in order of id, without withdrawn ones.
    items: Vec<VaspEndpointHealthView>,
    directory: DirectoryView,
    valid_until: ValidUntil,
}

/// Get the health of a VASP's endpoints.
///
/// The registry probes each endpoint in use every few minutes. A probe makes a TLS handshake, compares the certificate with the
/// published ones, and reads what the protocol offers about the server. An endpoint that is not on the Internet is never probed, and
/// its state is `unknown`.
#[utoipa::path(
    tag = "vasps",
    params(VaspPath),
    responses((status = 200, description = "The health of each endpoint", body = VaspHealthView), Problems)
)]
#[get("/v1/vasps/{vasp}/health")]
pub(crate) async fn get_vasp_health(
    caller: Caller<Resolve>,
    path: Path<VaspPath>,
    app: Data<App>,
) -> Result<Json<VaspHealthView>, Problem> {
    let answer = read_health(&app.registry, path.vasp.name(caller.identity.as_ref())?, app.clock.now())?;
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
