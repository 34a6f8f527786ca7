//! `/v1/claim-batches/{n}/spot-check`: the registry picks addresses of a batch, and the keys of these addresses sign challenges.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::BatchCheckView;
use super::proof_body::ProofBody;
use crate::claims::{BatchCheck, draw_spot_check as draw, prove_spot_check as prove};
use crate::http::permission::MemberEdit;
use crate::http::write::{Answer, Sent, act, reply};
use crate::http::{App, Caller, Problem, Problems};
use crate::node::{Fault, ServiceError};
use vasp_addresses::proof::Proof;
use vasp_routing::post;

/// Maximum number of proofs in one request.
const PROOFS_MAX: usize = 200;

/// Path of a batch.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct BatchPath {
    /// Number of a batch of your own claims.
    #[param(example = 7)]
    n: i64,
}

/// How many addresses to pick.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SpotCheckBody {
    /// 1 to 2,000, at most the size of the batch; 59 if left out.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 2000)]
    count: Option<u32>,
}

/// The signed challenges of picked addresses.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SpotCheckProofs {
    /// 1 to 200 proofs. The registry accepts all of them or none.
    #[schema(min_items = 1, max_items = 200)]
    proofs: Vec<ProofBody>,
}

fn shown(check: &BatchCheck) -> crate::acts::Reply {
    reply(StatusCode::OK, None, BatchCheckView::from(check))
}

/// Draw addresses of a batch for a spot check.
///
/// The registry draws the addresses of a batch once. If you ask again, you get the same picks, with new challenges for those that have not
/// signed. If a picked claim is withdrawn or cannot be signed for, the whole batch stays unchecked.
#[utoipa::path(tag = "member", params(BatchPath), request_body = SpotCheckBody, responses((status = 200, description = "The picks with their challenges.", body = BatchCheckView), Problems))]
#[post("/v1/claim-batches/{n}/spot-check")]
pub(crate) async fn start_spot_check(
    who: Caller<MemberEdit>,
    path: Path<BatchPath>,
    sent: Sent<SpotCheckBody>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, name, count) = (who.known()?, app.registry_name.clone(), sent.body.count);
    act(&app, identity, sent.once, shown, move |act| draw(act, path.n, count, name.as_ref())).await
}

/// Submit the signatures of a spot check.
///
/// After every picked address has signed, the batch's claims show the result of the check.
#[utoipa::path(tag = "member", params(BatchPath), request_body = SpotCheckProofs, responses((status = 200, description = "The check as it stands.", body = BatchCheckView), Problems))]
#[post("/v1/claim-batches/{n}/spot-check/proofs")]
pub(crate) async fn prove_spot_check(
    who: Caller<MemberEdit>,
    path: Path<BatchPath>,
    sent: Sent<SpotCheckProofs>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, name) = (who.known()?, app.registry_name.clone());
    let proofs: Vec<Proof> = sent.body.proofs.into_iter().map(Proof::from).collect();
    if proofs.is_empty() || proofs.len() > PROOFS_MAX {
        let detail = format!("send 1 to {PROOFS_MAX} proofs; these are {}", proofs.len());
        let fault = Fault { pointer: "/proofs".to_owned(), code: "invalid_value", detail };
        return Err(ServiceError::Invalid(fault).into());
    }
    act(&app, identity, sent.once, shown, move |act| prove(act, path.n, &proofs, name.as_ref())).await
}
