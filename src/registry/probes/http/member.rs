//! `/v1/vasps/{vasp}/endpoints/{endpoint}/probe`: a member requests a probe of one of its endpoints. For members.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Serialize;
use utoipa::ToSchema;

use super::EndpointHealthView;
use crate::acts::Reply;
use crate::endpoints::http::member::EndpointPath;
use crate::http::permission::MemberEdit;
use crate::http::visibility::Viewer;
use crate::http::write::{Answer, Bare, act, reply};
use crate::http::{App, Caller, Problem, Problems};
use crate::probes::{OwnHealth, ask_for_probe};
use vasp_routing::post;
use vasp_words::ids::EndpointId;

/// A requested probe.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AskedProbe)]
pub(crate) struct AskedProbeView {
    /// Id of the endpoint.
    endpoint: EndpointId,
    /// The health before this probe. Get the health again in a few seconds.
    health: EndpointHealthView,
}

fn accepted(own: &OwnHealth) -> Reply {
    let health = EndpointHealthView::of(&own.health, Viewer::Owner);
    reply(StatusCode::ACCEPTED, None, AskedProbeView { endpoint: own.endpoint, health })
}

/// Probe an endpoint of your VASP now.
///
/// The probe follows within seconds, and the answer is the health before it. More than one request in 30 seconds is refused with 409
/// `probed_just_now`.
#[utoipa::path(
    tag = "vasps",
    params(EndpointPath),
    responses((status = 202, description = "The probe will be made", body = AskedProbeView), Problems)
)]
#[post("/v1/vasps/{vasp}/endpoints/{endpoint}/probe")]
pub(crate) async fn probe_endpoint(
    who: Caller<MemberEdit>,
    path: Path<EndpointPath>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, endpoint) = (who.known()?, path.endpoint);
    path.vasp.own(&app, &identity).await?;
    act(&app, identity, sent.once, accepted, move |act| ask_for_probe(act, endpoint)).await
}
