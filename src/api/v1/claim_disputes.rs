//! Disputes about claims: `/v1/member/disputes` for a member who says that an address is not somebody's, `/v1/operator/claims` for
//! the registry's people, of whom two end a claim.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::member_claims::ClaimPath;
use super::views::{DisputeView, EndingView, OpenedDisputeView};
use crate::api::blocking::blocking;
use crate::api::paging::{Cursor, Limit, cursor};
use crate::api::permission::{Approve, MemberEdit, OperatorRead, Review};
use crate::api::write::{Answer, Sent, act, reply};
use crate::api::{App, Caller, Problem, Problems, Query};
use crate::service::member_claims::{
    Ending, NewDispute, OpenedDispute, approve_end, dismiss_dispute as dismiss, list_disputes, propose_end, report_dispute,
};

/// What a member says is wrong.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDisputeBody {
    /// CAIP-2 or an alias.
    network: String,
    address: String,
    /// Memo that the claim is limited to.
    #[serde(default)]
    memo: Option<String>,
    /// Id of the claim, where the account has several; all of them without.
    #[serde(default)]
    claim: Option<String>,
    /// Why it is wrong.
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
}

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReasonBody {
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
}

/// An approval.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApproveEndBody {
    /// Digest of exactly what is approved.
    proposal_digest: String,
}

/// Where disputes stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DisputeStatus {
    /// Undecided.
    Open,
    /// Over.
    Closed,
}

/// Which disputes.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListDisputesQuery {
    /// `open` without.
    #[param(inline)]
    status: Option<DisputeStatus>,
    /// Items a page, 50 without.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// `next_cursor` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<String>>,
}

/// A page of disputes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DisputePage {
    items: Vec<DisputeView>,
    /// Where the next page begins; null on the last one.
    next_cursor: Option<String>,
}

/// A dispute that is over.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DismissedView {
    dispute: String,
    outcome: &'static str,
}

fn ended(ending: &Ending) -> crate::service::Reply {
    reply(StatusCode::OK, None, EndingView::from(ending))
}

/// Says that an address is not whose it is claimed to be.
///
/// Answers about the address do not change by it: a case decides.
#[utoipa::path(tag = "member", request_body = NewDisputeBody, responses((status = 201, description = "The disputes, one a claim.", body = OpenedDisputeView), Problems))]
#[post("/v1/member/disputes")]
pub(crate) async fn create_dispute(
    who: Caller<MemberEdit>,
    sent: Sent<NewDisputeBody>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, NewDisputeBody { network, address, memo, claim, reason }) = (who.known()?, sent.body);
    let new = NewDispute { network, address, memo, claim, reason };
    let render = |opened: &OpenedDispute| reply(StatusCode::CREATED, None, OpenedDisputeView::from(opened));
    act(&app, identity, sent.once, render, move |act| report_dispute(act, &new)).await
}

/// Lists disputes about claims, oldest first.
#[utoipa::path(tag = "operator", params(ListDisputesQuery), responses((status = 200, description = "A page of disputes.", body = DisputePage), Problems))]
#[get("/v1/operator/claims")]
pub(crate) async fn list_claim_disputes(
    who: Caller<OperatorRead>,
    query: Query<ListDisputesQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (_, Query(query)) = (who.known()?, query);
    let open = query.status != Some(DisputeStatus::Closed);
    let (limit, after) = (Limit::or_default(query.limit), query.cursor.map(|cursor| cursor.0));
    let page = blocking(move || list_disputes(&app.registry, open, after.as_deref(), limit, app.clock.now())).await?;
    let items = page.items.iter().map(DisputeView::from).collect();
    let next_cursor = page.next.as_ref().map(cursor);
    Ok(Answer(reply(StatusCode::OK, None, DisputePage { items, next_cursor })))
}

/// Proposes the end of a disputed claim.
///
/// Another person approves it by its digest.
#[utoipa::path(tag = "operator", params(ClaimPath), request_body = ReasonBody, responses((status = 200, description = "What is proposed.", body = EndingView), Problems))]
#[post("/v1/operator/claims/{id}/end")]
pub(crate) async fn propose_claim_end(
    who: Caller<Review>,
    path: Path<ClaimPath>,
    sent: Sent<ReasonBody>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let identity = who.known()?;
    act(&app, identity, sent.once, ended, move |act| propose_end(act, &path.id, &sent.body.reason)).await
}

/// Ends a disputed claim, as another person proposed it.
#[utoipa::path(tag = "operator", params(ClaimPath), request_body = ApproveEndBody, responses((status = 200, description = "What was decided.", body = EndingView), Problems))]
#[post("/v1/operator/claims/{id}/end/approve")]
pub(crate) async fn approve_claim_end(
    who: Caller<Approve>,
    path: Path<ClaimPath>,
    sent: Sent<ApproveEndBody>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let identity = who.known()?;
    act(&app, identity, sent.once, ended, move |act| approve_end(act, &path.id, &sent.body.proposal_digest)).await
}

/// Dismisses a dispute: no claim ends by it.
#[utoipa::path(tag = "operator", params(("id" = String, Path, description = "The dispute's id.")), request_body = ReasonBody, responses((status = 200, description = "The dispute is over.", body = DismissedView), Problems))]
#[post("/v1/operator/disputes/{id}/dismiss")]
pub(crate) async fn dismiss_dispute(
    who: Caller<Approve>,
    path: Path<String>,
    sent: Sent<ReasonBody>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let render = |id: &String| reply(StatusCode::OK, None, DismissedView { dispute: id.clone(), outcome: "dismissed" });
    act(&app, identity, sent.once, render, move |act| dismiss(act, &path, &sent.body.reason)).await
}
