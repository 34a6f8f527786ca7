//! Disputes about claims. With `/v1/disputes` a member reports that an address does not belong to its claimant. With
//! `/v1/claims/{id}/end/propose` two of the registry's people end a claim.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::DisputeView;
use super::claims::ClaimPath;
use crate::acts::Act;
use crate::claims::{
    EndDecision, NewDecision, NewDispute, OpenedDispute, SubAccountDecision, dismiss_dispute as dismiss, list_disputes,
    report_dispute,
};
use crate::enumeration::Spends;
use crate::enumeration::http::{self as enumeration};
use crate::http::blocking::blocking;
use crate::http::paging::{Cursor, Limit, cursor};
use crate::http::permission::{Approve, MemberEdit, OperatorRead, Review};
use crate::http::write::{Answer, Sent, act, reply};
use crate::http::{App, Caller, Problem, ProblemCode, Problems, Query};
use crate::proposals::http::{ProposalView, ReasonInput, proposed};
use crate::proposals::{Decided, propose};
use vasp_addresses::subject::Subject;
use vasp_record::proposal::Reason;
use vasp_routing::{get, post};
use vasp_words::ids::DisputeId;

/// Whether a dispute is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DisputeStatus {
    /// Undecided.
    Open,
    /// Closed.
    Closed,
}

/// Filters for the list of disputes.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListDisputesQuery {
    /// `open` if left out.
    #[param(inline)]
    status: Option<DisputeStatus>,
    /// Maximum number of items on the page; 50 if left out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// The `next_cursor` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<String>>,
}

/// A page of disputes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DisputePage {
    items: Vec<DisputeView>,
    /// Send it as `cursor` to get the next page; null if this is the last page.
    next_cursor: Option<String>,
}

/// A dismissed dispute.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DismissedView {
    dispute: String,
    outcome: &'static str,
}

/// Dispute a claim on an address.
///
/// Answers about the address do not change: a case decides.
#[utoipa::path(tag = "member", request_body = NewDispute, responses((status = 201, description = "The disputes, one a claim.", body = OpenedDispute), Problems))]
#[post("/v1/disputes")]
pub(crate) async fn create_dispute(who: Caller<MemberEdit>, sent: Sent<NewDispute>, app: Data<App>) -> Result<Answer, Problem> {
    let (asker, identity, new, now) = (who.asker, who.known()?, sent.body, app.clock.now());
    let subject = Subject::Address(new.account()?);
    enumeration::refuse_spent(&app, asker, now)?;
    let render = |opened: &OpenedDispute| reply(StatusCode::CREATED, None, opened);
    let answer = act(&app, identity, sent.once, render, move |act| report_dispute(act, &new)).await;
    // That nobody claims the address is an answer too, as with resolve.
    if answer.as_ref().is_err_and(|problem| problem.code() == ProblemCode::NotFound) {
        enumeration::note(&app, (None, asker), (&subject, Spends::NotFound), now)?;
    }
    answer
}

/// List disputes about claims, oldest first.
#[utoipa::path(tag = "operator", params(ListDisputesQuery), responses((status = 200, description = "A page of disputes.", body = DisputePage), Problems))]
#[get("/v1/disputes")]
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

/// Propose the end of a disputed claim.
#[utoipa::path(tag = "operator", params(ClaimPath), request_body = ReasonInput, responses((status = 201, description = "The proposal.", body = ProposalView), Problems))]
#[post("/v1/claims/{id}/end/propose")]
pub(crate) async fn propose_claim_end(
    who: Caller<Review>,
    path: Path<ClaimPath>,
    sent: Sent<ReasonInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let reason = sent.body.reason;
    let service = move |act: Act<'_, Decided>| {
        let decision = EndDecision::of(&act, path.into_inner().id);
        propose(act, &decision, |_| Ok(decision.claim.clone()), &reason)
    };
    act(&app, who.known()?, sent.once, proposed, service).await
}

/// A proposal about a memo.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SubAccountInput {
    /// Evidence that the memo belongs to that VASP: who said so, and where you can read it.
    #[schema(value_type = String, min_length = 1, max_length = 4000)]
    evidence: Reason,
    /// Why you do not wait for the owner of the address.
    #[schema(value_type = String, min_length = 1, max_length = 4000)]
    reason: Reason,
}

/// Propose that a memo of an address belongs to the VASP that claims it.
///
/// Use it for a claim on a memo that is in dispute with another VASP's claim on the whole address. That VASP must be no member, or must not
/// have answered within ten working days. Otherwise the answer is 409 `conflict`, with the code `owner_may_answer`. The code is
/// `owner_refused` if that VASP refused the sub-account. After approval, the sub-account has the same effect as one that that VASP named
/// itself.
#[utoipa::path(tag = "operator", params(ClaimPath), request_body = SubAccountInput, responses((status = 201, description = "The proposal.", body = ProposalView), Problems))]
#[post("/v1/claims/{id}/sub-account/propose")]
pub(crate) async fn propose_sub_account(
    who: Caller<Review>,
    path: Path<ClaimPath>,
    sent: Sent<SubAccountInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let SubAccountInput { evidence, reason } = sent.body;
    let service = move |act: Act<'_, Decided>| {
        let decision = SubAccountDecision::of(&act, path.into_inner().id);
        propose(act, &decision, |_| Ok(NewDecision { claim: decision.claim.clone(), evidence }), &reason)
    };
    act(&app, who.known()?, sent.once, proposed, service).await
}

/// Dismiss a dispute without ending a claim.
#[utoipa::path(tag = "operator", params(("id" = String, Path, description = "The dispute's id.")), request_body = ReasonInput, responses((status = 200, description = "The dispute, which is now closed.", body = DismissedView), Problems))]
#[post("/v1/disputes/{id}/dismiss")]
pub(crate) async fn dismiss_dispute(
    who: Caller<Approve>,
    path: Path<String>,
    sent: Sent<ReasonInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let render = |id: &DisputeId| reply(StatusCode::OK, None, DismissedView { dispute: id.to_string(), outcome: "dismissed" });
    act(&app, identity, sent.once, render, move |act| dismiss(act, &path, &sent.body.reason)).await
}
