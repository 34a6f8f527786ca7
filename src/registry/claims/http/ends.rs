//! `/v1/claims/ends/propose`: two people end all claims of a VASP, all claims of a batch, or a selection of claims.

use actix_web::web::Data;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::acts::Act;
use crate::claims::{EndsDecision, Which};
use crate::http::permission::Review;
use crate::http::write::{Answer, Sent, act_at_length};
use crate::http::{App, Caller, Problem, Problems};
use crate::node::invalid_value;
use crate::proposals::http::{ProposalView, proposed};
use crate::proposals::{Decided, propose};
use vasp_record::proposal::Reason;
use vasp_routing::post;
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

/// Propose the end of many claims.
///
/// After another person approved the proposal, all named claims that are still in force end together. The log has one change for each
/// batch of claims.
#[utoipa::path(tag = "operator", request_body = ClaimEndsInput, responses((status = 201, description = "The proposal.", body = ProposalView), Problems))]
#[post("/v1/claims/ends/propose")]
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
    let service = move |act: Act<'_, Decided>| {
        let decision = EndsDecision::new(&act, which.clone())?;
        propose(act, &decision, |held| Ok(held.which().clone()), &reason)
    };
    act_at_length(&app, who.known()?, sent.once, proposed, service).await
}
