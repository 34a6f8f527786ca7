//! `/v1/member/policy-proposals`: looser policies that wait for a second person.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{get, post};
use serde::Deserialize;
use utoipa::ToSchema;

use super::policies::{Why, reason};
use super::policy_views::{PolicyProposalListView, PolicyProposalView, PolicyStepView};
use crate::api::blocking::blocking;
use crate::api::listing::{ListQuery, id_in_path, page};
use crate::api::permission::{PolicyEdit, PolicyRead};
use crate::api::write::{Answer, Sent, act, reply};
use crate::api::{App, Caller, Problem, Problems, Query};
use crate::service::policies::{self as service, PolicyStep};
use vasp_words::ids::PolicyProposalId;

/// What is approved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApprovePolicy {
    /// The proposal's own digest.
    proposal_digest: String,
}

const MISSING: &str = "There is no such proposal.";

fn stepped(step: &PolicyStep) -> crate::service::Reply {
    reply(StatusCode::OK, None, PolicyStepView::from(step))
}

/// Lists what was proposed, oldest first.
#[utoipa::path(tag = "policies", params(ListQuery), responses((status = 200, description = "A page of proposals.", body = PolicyProposalListView), Problems))]
#[get("/v1/member/policy-proposals")]
pub(crate) async fn list_policy_proposals(
    who: Caller<PolicyRead>,
    query: Query<ListQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, (after, limit)) = (who.known()?, query.0.part());
    let found = blocking(move || service::list_policy_proposals(&app.registry, &identity, (&after, limit))).await?;
    Ok(page::<_, PolicyProposalView>(found))
}

/// Approves what another person proposed.
#[utoipa::path(tag = "policies", params(("id" = String, Path, description = "The proposal's id.")), request_body = ApprovePolicy, responses((status = 200, description = "It is in force.", body = PolicyStepView), Problems))]
#[post("/v1/member/policy-proposals/{id}/approve")]
pub(crate) async fn approve_policy(
    who: Caller<PolicyEdit>,
    path: Path<String>,
    sent: Sent<ApprovePolicy>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let (id, digest) = (id_in_path::<PolicyProposalId>(&path, MISSING)?.to_string(), sent.body.proposal_digest);
    act(&app, identity, sent.once, stepped, move |act| service::approve_policy(act, &id, &digest)).await
}

/// Declines what was proposed.
///
/// Whoever proposed it may also think again.
#[utoipa::path(tag = "policies", params(("id" = String, Path, description = "The proposal's id.")), request_body = Why, responses((status = 200, description = "It is declined.", body = PolicyStepView), Problems))]
#[post("/v1/member/policy-proposals/{id}/decline")]
pub(crate) async fn decline_policy(
    who: Caller<PolicyEdit>,
    path: Path<String>,
    sent: Sent<Why>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let (id, why) = (id_in_path::<PolicyProposalId>(&path, MISSING)?.to_string(), reason(sent.body.reason)?);
    act(&app, identity, sent.once, stepped, move |act| service::decline_policy(act, &id, &why)).await
}
