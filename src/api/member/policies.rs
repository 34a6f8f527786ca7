//! `/v1/member/policies`: the organisation's own policies, and which of them counts. A version is never changed; a looser one is
//! put in force by two people.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{get, post};
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::policy_views::{HeldPolicyView, PolicyDifferenceView, PolicyListView, PolicyStepView, PolicySummaryView};
use crate::api::permission::{PolicyEdit, PolicyRead};
use crate::api::write::{Answer, Sent, act, reply};
use crate::api::{App, Caller, Problem, ProblemCode, Problems, Query};
use crate::service::policies::{self as service, HeldPolicy, PolicyStep};
use crate::service::{Fault, Reply, ServiceError};
use vasp_rules::policy::PolicyReference;

/// A policy's document, as `/v1/policies/schema` describes it.
#[derive(Debug, ToSchema)]
#[schema(as = PolicyDocument, value_type = Object)]
#[expect(dead_code, reason = "only its description is used")]
pub(crate) struct PolicyDocument(Box<RawValue>);

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Why {
    /// For the second person and the audit chain: 1 to 1,000 characters.
    pub(crate) reason: String,
}

/// With what to compare.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CompareQuery {
    /// The policy that it is compared with; what is in force without.
    #[param(value_type = Option<String>, example = "default")]
    from: Option<PolicyReference>,
}

/// Longest reason, in characters.
const REASON_MAX: usize = 1_000;

/// Reads a reason.
///
/// # Errors
/// `Problem` 422 for one that is empty or too long.
pub(crate) fn reason(text: String) -> Result<String, Problem> {
    let length = text.trim().chars().count();
    if (1..=REASON_MAX).contains(&length) && !text.contains(|c: char| c.is_control() && c != '\n') {
        return Ok(text.trim().to_owned());
    }
    let detail = format!("a reason has 1 to {REASON_MAX} printable characters");
    Err(ServiceError::Invalid(Fault { pointer: "/reason".to_owned(), code: "invalid_value", detail }).into())
}

fn named(path: &str) -> Result<PolicyReference, Problem> {
    path.parse().map_err(|_| Problem::new(ProblemCode::NotFound, "There is no such policy of this organisation."))
}

fn stepped(step: &PolicyStep) -> Reply {
    let waits = step.proposal.as_ref().is_some_and(|proposal| proposal.state == "pending");
    let status = if waits { StatusCode::ACCEPTED } else { StatusCode::OK };
    reply(status, None, PolicyStepView::from(step))
}

/// Lists the registry's default and the organisation's own policies.
#[utoipa::path(tag = "policies", responses((status = 200, description = "All versions, by name.", body = PolicyListView), Problems))]
#[get("/v1/member/policies")]
pub(crate) async fn list_policies(who: Caller<PolicyRead>, app: Data<App>) -> Result<Answer, Problem> {
    let found = service::list_policies(&app.registry, &who.known()?, app.clock.now())?;
    let items = found.into_iter().map(PolicySummaryView::from).collect();
    Ok(Answer(reply(StatusCode::OK, None, PolicyListView { items, next_cursor: None })))
}

/// Keeps a version of a policy.
///
/// Its number is the next of its name, from 1. It counts for nothing until it is put in force; it can be simulated at once.
#[utoipa::path(tag = "policies", request_body = PolicyDocument, responses((status = 201, description = "The policy.", body = HeldPolicyView), Problems))]
#[post("/v1/member/policies")]
pub(crate) async fn create_policy(who: Caller<PolicyEdit>, sent: Sent<Box<RawValue>>, app: Data<App>) -> Result<Answer, Problem> {
    let render = |held: &HeldPolicy| reply(StatusCode::CREATED, None, HeldPolicyView::from(held));
    let body = sent.body;
    act(&app, who.known()?, sent.once, render, move |act| service::create_policy(act, body.get())).await
}

/// Reads a policy.
///
/// By `name@version`; by `name` alone the version in force, else the newest.
#[utoipa::path(tag = "policies", params(("policy" = String, Path, description = "`name` or `name@version`.")), responses((status = 200, description = "The policy.", body = HeldPolicyView), Problems))]
#[get("/v1/member/policies/{policy}")]
pub(crate) async fn get_policy(who: Caller<PolicyRead>, path: Path<String>, app: Data<App>) -> Result<Answer, Problem> {
    let held = service::read_policy(&app.registry, &who.known()?, &named(&path)?, app.clock.now())?;
    Ok(Answer(reply(StatusCode::OK, None, HeldPolicyView::from(&held))))
}

/// Compares a policy with another.
///
/// Where it is looser, where stricter, and member by member.
#[utoipa::path(tag = "policies", params(("policy" = String, Path, description = "`name` or `name@version`."), CompareQuery), responses((status = 200, description = "The difference.", body = PolicyDifferenceView), Problems))]
#[get("/v1/member/policies/{policy}/difference")]
pub(crate) async fn compare_policy(
    who: Caller<PolicyRead>,
    path: Path<String>,
    query: Query<CompareQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let pair = (query.0.from.as_ref(), &named(&path)?);
    let found = service::compare_policies(&app.registry, &who.known()?, pair, app.clock.now())?;
    Ok(Answer(reply(StatusCode::OK, None, PolicyDifferenceView::from(found))))
}

/// Puts a policy in force.
///
/// One that is not looser than what is in force acts at once (200); a looser one waits for a second person (202).
#[utoipa::path(tag = "policies", params(("policy" = String, Path, description = "`name` or `name@version`.")), request_body = Why, responses((status = 200, description = "It is in force.", body = PolicyStepView), (status = 202, description = "It waits for a second person.", body = PolicyStepView), Problems))]
#[post("/v1/member/policies/{policy}/activate")]
pub(crate) async fn activate_policy(
    who: Caller<PolicyEdit>,
    path: Path<String>,
    sent: Sent<Why>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (wanted, why) = (named(&path)?, reason(sent.body.reason)?);
    act(&app, who.known()?, sent.once, stepped, move |act| service::activate_policy(act, &wanted, &why)).await
}

/// Has a policy count no more, so that the registry's default counts again.
///
/// Where the default is looser, it waits for a second person (202).
#[utoipa::path(tag = "policies", params(("policy" = String, Path, description = "`name` or `name@version`.")), request_body = Why, responses((status = 200, description = "The default is in force.", body = PolicyStepView), (status = 202, description = "It waits for a second person.", body = PolicyStepView), Problems))]
#[post("/v1/member/policies/{policy}/retire")]
pub(crate) async fn retire_policy(
    who: Caller<PolicyEdit>,
    path: Path<String>,
    sent: Sent<Why>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (wanted, why) = (named(&path)?, reason(sent.body.reason)?);
    act(&app, who.known()?, sent.once, stepped, move |act| service::retire_policy(act, &wanted, &why)).await
}
