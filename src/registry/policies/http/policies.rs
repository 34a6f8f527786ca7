//! `/v1/policies`: the organisation's own policies, and which of them is in force. A version never changes. Putting a looser one in
//! force takes two people.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::view::{HeldPolicyView, PolicyDifferenceView, PolicyListView, PolicySummaryView};
use crate::acts::Act;
use crate::http::permission::{PolicyEdit, PolicyRead};
use crate::http::write::{Answer, Sent, act, reply};
use crate::http::{App, Caller, Problem, ProblemCode, Problems, Query};
use crate::policies;
use crate::policies::{HeldPolicy, PolicyDecision};
use crate::proposals::http::{ProposalView, ReasonInput, proposed};
use crate::proposals::{Decided, propose};
use vasp_routing::{get, post};
use vasp_rules::policy::PolicyReference;

/// A policy's document, as `/v1/policies/schema` describes it.
#[derive(Debug, ToSchema)]
#[schema(as = PolicyDocument, value_type = Object)]
#[expect(dead_code, reason = "only its description is used")]
pub(crate) struct PolicyDocument(Box<RawValue>);

/// Selects a policy.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct PolicyPath {
    /// `name` or `name@version`; `default` is the registry's default.
    policy: String,
}

/// Selects the policy to compare with.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CompareQuery {
    /// The policy to compare with; by default, the policy in force.
    #[param(value_type = Option<String>, example = "default")]
    from: Option<PolicyReference>,
}

fn named(path: &str) -> Result<PolicyReference, Problem> {
    path.parse().map_err(|_| Problem::new(ProblemCode::NotFound, "This organisation has no such policy."))
}

/// List the registry's default policy and those of your organisation.
#[utoipa::path(tag = "policies", responses((status = 200, description = "All versions, by name.", body = PolicyListView), Problems))]
#[get("/v1/policies")]
pub(crate) async fn list_policies(who: Caller<PolicyRead>, app: Data<App>) -> Result<Answer, Problem> {
    let found = policies::list_policies(&app.registry, &who.known()?, app.clock.now())?;
    let items = found.into_iter().map(PolicySummaryView::from).collect();
    Ok(Answer(reply(StatusCode::OK, None, PolicyListView { items, next_cursor: None })))
}

/// Create a version of a policy.
///
/// Its version is the next number for its name, from 1. It has no effect until it is put in force. You can simulate it at once.
#[utoipa::path(tag = "policies", request_body = PolicyDocument, responses((status = 201, description = "The policy.", body = HeldPolicyView), Problems))]
#[post("/v1/policies")]
pub(crate) async fn create_policy(who: Caller<PolicyEdit>, sent: Sent<Box<RawValue>>, app: Data<App>) -> Result<Answer, Problem> {
    let render = |held: &HeldPolicy| reply(StatusCode::CREATED, None, HeldPolicyView::from(held));
    let body = sent.body;
    act(&app, who.known()?, sent.once, render, move |act| policies::create_policy(act, body.get())).await
}

/// Get a policy.
///
/// With `name@version`, you get that version. With `name` alone, you get the version in force, or else the newest.
#[utoipa::path(tag = "policies", params(("policy" = String, Path, description = "`name` or `name@version`.")), responses((status = 200, description = "The policy.", body = HeldPolicyView), Problems))]
#[get("/v1/policies/{policy}")]
pub(crate) async fn get_policy(who: Caller<PolicyRead>, path: Path<String>, app: Data<App>) -> Result<Answer, Problem> {
    let held = policies::read_policy(&app.registry, &who.known()?, &named(&path)?, app.clock.now())?;
    Ok(Answer(reply(StatusCode::OK, None, HeldPolicyView::from(&held))))
}

/// Compare a policy with another.
///
/// Lists where it is looser, where it is stricter, and the differences member by member.
#[utoipa::path(tag = "policies", params(("policy" = String, Path, description = "`name` or `name@version`."), CompareQuery), responses((status = 200, description = "The difference.", body = PolicyDifferenceView), Problems))]
#[get("/v1/policies/{policy}/difference")]
pub(crate) async fn compare_policy(
    who: Caller<PolicyRead>,
    path: Path<String>,
    query: Query<CompareQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let pair = (query.0.from.as_ref(), &named(&path)?);
    let found = policies::compare_policies(&app.registry, &who.known()?, pair, app.clock.now())?;
    Ok(Answer(reply(StatusCode::OK, None, PolicyDifferenceView::from(found))))
}

/// Propose to put a policy in force.
///
/// A policy that is not looser than the one in force takes effect at once: the proposal is `approved`. A looser one waits for a second
/// person, and replaces an earlier waiting proposal. `default` goes back to the registry's default.
#[utoipa::path(tag = "policies", params(PolicyPath), request_body = ReasonInput, responses((status = 201, description = "The proposal.", body = ProposalView), Problems))]
#[post("/v1/policies/{policy}/propose")]
pub(crate) async fn propose_policy(
    who: Caller<PolicyEdit>,
    path: Path<PolicyPath>,
    sent: Sent<ReasonInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let reason = sent.body.reason;
    let wanted = named(&path.policy)?;
    let service = move |act: Act<'_, Decided>| {
        let decision = PolicyDecision::of(&act, wanted);
        propose(act, &decision, |held| Ok(PolicyDecision::content(held)), &reason)
    };
    act(&app, who.known()?, sent.once, proposed, service).await
}
