//! `/v1/claims/pending`: members' claims that contradict other parties' claims beyond the member's allowance, and wait for a
//! reviewer.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::MemberClaimView;
use crate::claims::{CountedClaims, CountedRows, PendingClaim, PendingClaims, count_waiting, list_pending, read_pending};
use crate::http::blocking::blocking;
use crate::http::paging::{Cursor, Limit, cursor};
use crate::http::permission::{OperatorRead, Review};
use crate::http::write::{Answer, Sent, act_at_length, reply};
use crate::http::{App, Caller, Problem, Problems, Query};
use vasp_record::proposal::Reason;
use vasp_routing::{get, post};
use vasp_words::ids::CaseId;

/// Path of the case of a VASP whose claims wait.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct PendingPath {
    /// Id of the case.
    #[param(value_type = String)]
    case: CaseId,
}

/// The VASPs whose claims wait.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PendingVasps {
    items: Vec<PendingClaims>,
}

/// A claim that a waiting claim contradicts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OpposedClaim {
    /// Id of the claim.
    claim: String,
    /// Id of the VASP that the claim assigns the address to.
    vasp: Option<String>,
}

/// A claim that waits.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PendingClaimView {
    claim: MemberClaimView,
    /// The claims that it contradicts now, at most 20.
    against: Vec<OpposedClaim>,
}

/// A page of claims that wait.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PendingPage {
    items: Vec<PendingClaimView>,
    /// Send it as `cursor` to get the next page; null if this is the last page.
    next_cursor: Option<String>,
}

/// Which of the waiting claims take effect, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CountInput {
    /// Ids of claims, at most 1,000, or `all`.
    rows: CountedRows,
    /// Id of the last claim that you looked at. With `all`, later claims keep waiting.
    #[serde(default)]
    until: Option<String>,
    #[schema(value_type = String, min_length = 1, max_length = 4000)]
    reason: Reason,
}

/// The page to return.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PendingQuery {
    /// Maximum number of items on the page; 50 if left out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// The `next_cursor` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<String>>,
}

impl From<&PendingClaim> for PendingClaimView {
    fn from(pending: &PendingClaim) -> Self {
        let against = pending.against.iter();
        let against = against.map(|(claim, vasp)| OpposedClaim { claim: claim.clone(), vasp: vasp.map(|id| id.to_string()) });
        Self { claim: MemberClaimView::from(&pending.claim), against: against.collect() }
    }
}

/// List the VASPs whose claims wait for a reviewer.
///
/// These claims contradict other parties' claims beyond the member's allowance. They change no answer until a reviewer lets them take
/// effect.
#[utoipa::path(tag = "operator", responses((status = 200, description = "The VASPs.", body = PendingVasps), Problems))]
#[get("/v1/claims/pending")]
pub(crate) async fn list_pending_claims(who: Caller<OperatorRead>, app: Data<App>) -> Result<Answer, Problem> {
    who.known()?;
    let items = blocking(move || list_pending(&app.registry, app.clock.now())).await?;
    Ok(Answer(reply(StatusCode::OK, None, PendingVasps { items })))
}

/// List the waiting claims of a case, oldest first, with the claims that they contradict.
#[utoipa::path(tag = "operator", params(PendingPath, PendingQuery), responses((status = 200, description = "A page of claims.", body = PendingPage), Problems))]
#[get("/v1/claims/pending/{case}/rows")]
pub(crate) async fn get_pending_claims(
    who: Caller<OperatorRead>,
    path: Path<PendingPath>,
    query: Query<PendingQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (_, Query(query)) = (who.known()?, query);
    let (limit, after) = (Limit::or_default(query.limit), query.cursor.map(|cursor| cursor.0));
    let read = move || read_pending(&app.registry, path.case, after.as_deref(), limit, app.clock.now());
    let page = blocking(read).await?;
    let items = page.items.iter().map(PendingClaimView::from).collect();
    let next_cursor = page.next.as_ref().map(cursor);
    Ok(Answer(reply(StatusCode::OK, None, PendingPage { items, next_cursor })))
}

/// Let waiting claims take effect. From then on they contradict the other claims, but take no address from anybody.
///
/// To end them instead, two people decide with `/v1/claims/ends/propose`.
#[utoipa::path(tag = "operator", params(PendingPath), request_body = CountInput, responses((status = 200, description = "How many count now.", body = CountedClaims), Problems))]
#[post("/v1/claims/pending/{case}/count")]
pub(crate) async fn count_pending_claims(
    who: Caller<Review>,
    path: Path<PendingPath>,
    sent: Sent<CountInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, CountInput { rows, until, reason }) = (who.known()?, sent.body);
    let render = |counted: &CountedClaims| reply(StatusCode::OK, None, counted);
    act_at_length(&app, identity, sent.once, render, move |act| count_waiting(act, path.case, &rows, until.as_deref(), &reason))
        .await
}
