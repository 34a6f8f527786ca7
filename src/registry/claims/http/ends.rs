//! `/v1/operator/claim-ends`: two people end all claims of a VASP, all claims of a batch, or a selection of claims.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::acts::{Act, Reply};
use crate::claims::{ClaimEnds, EndsDecision, Which};
use crate::http::blocking::blocking;
use crate::http::permission::{Approve, OperatorRead, Review};
use crate::http::write::{Answer, Bare, Sent, act, act_at_length, reply};
use crate::http::{App, Caller, Problem, Problems};
use crate::node::{ServiceError, invalid_value};
use crate::proposals::http::{ProposalView, proposal_routes};
use crate::proposals::propose;
use vasp_record::proposal::Reason;
use vasp_routing::{get, post};
use vasp_words::ids::VaspId;

/// Which claims to end, and why. Give exactly one of `vasp`, `batch` and `claims`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClaimEndsInput {
    /// Id of a VASP, to end all its claims on addresses.
    vasp: Option<VaspId>,
    /// Number of a batch, to end all its claims.
    batch: Option<i64>,
    /// Ids of members' claims, at most 1,000.
    claims: Option<Vec<String>>,
    #[schema(value_type = String, min_length = 1, max_length = 4000)]
    reason: Reason,
}

/// Path of a proposal to end claims.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct EndsPath {
    /// The `id` of the proposal's answer.
    #[param(example = "batch-7")]
    id: String,
}

/// A proposed or decided end of many claims.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClaimEnds)]
pub(crate) struct ClaimEndsView {
    /// The id to use in paths: the VASP's id, `batch-7`, or `claims-` and the first characters of a digest.
    id: String,
    claims: Which,
    /// How many of the claims were in force before this step.
    count: i64,
    proposal: Option<ProposalView>,
}

fn shown(ends: &ClaimEnds) -> Reply {
    let (id, claims, count) = (ends.id.clone(), ends.which.clone(), ends.count);
    reply(StatusCode::OK, None, ClaimEndsView { id, claims, count, proposal: ends.proposal.as_ref().map(ProposalView::from) })
}

/// Propose the end of many claims.
///
/// After another person approved the proposal, all named claims that are still in force end together. The log has one change for each
/// batch of claims.
#[utoipa::path(tag = "operator", request_body = ClaimEndsInput, responses((status = 200, description = "What is proposed.", body = ClaimEndsView), Problems))]
#[post("/v1/operator/claim-ends/propose")]
pub(crate) async fn propose_claim_ends(
    who: Caller<Review>,
    sent: Sent<ClaimEndsInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let ClaimEndsInput { vasp, batch, claims, reason } = sent.body;
    let which = match (vasp, batch, claims) {
        (Some(vasp), None, None) => Which::Vasp(vasp),
        (None, Some(batch), None) => Which::Batch(batch),
        (None, None, Some(claims)) => Which::Claims(claims),
        _ => {
            let detail = "name exactly one of vasp, batch and claims".to_owned();
            return Err(invalid_value("", detail).into());
        }
    };
    let service = move |act: Act<'_, ClaimEnds>| {
        let decision = EndsDecision::new(&act, which.clone())?;
        propose(act, &decision, |held| Ok(held.which().clone()), &reason)
    };
    act_at_length(&app, who.known()?, sent.once, shown, service).await
}

/// Get a proposal to end many claims, with the number of them in force now.
#[utoipa::path(tag = "operator", params(EndsPath), responses((status = 200, description = "What is proposed or was decided.", body = ClaimEndsView), Problems))]
#[get("/v1/operator/claim-ends/{id}")]
pub(crate) async fn get_claim_ends(who: Caller<OperatorRead>, path: Path<EndsPath>, app: Data<App>) -> Result<Answer, Problem> {
    let (_, id) = (who.known()?, path.into_inner().id);
    let ends = blocking(move || {
        let decision = EndsDecision::at(&app.registry, id, app.clock.now());
        app.registry.store().read(|conn| decision.read(conn))
    });
    Ok(Answer(shown(&ends.await?)))
}

fn decision<'a>(act: &mut Act<'a, ClaimEnds>, path: EndsPath) -> Result<EndsDecision<'a>, ServiceError> {
    Ok(EndsDecision::of(act, path.id))
}

proposal_routes! {
    "operator", EndsPath, decision, shown, ClaimEndsView, Approve, Review;
    approve_claim_ends at "/v1/operator/claim-ends/{id}/approve",
    decline_claim_ends at "/v1/operator/claim-ends/{id}/decline",
    withdraw_claim_ends at "/v1/operator/claim-ends/{id}/withdraw",
}
