//! `/v1/claims`: a member's claims on its own addresses, one at a time. The answers contain addresses, so caches must not keep them.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::proof_body::ProofBody;
use super::{AttestedView, MemberClaimView, UsageView};
use crate::claims::{
    Attested, ClaimChange, ClaimState, IssuedChallenge, MemberClaim, MemberClaimQuery, NewAttestation, attest,
    change_claim as change, issue_challenge, list_member_claims, prove_claim as prove, read_member_claim, read_usage,
    withdraw_claim as withdraw,
};
use crate::http::blocking::blocking;
use crate::http::extract::parsed;
use crate::http::paging::{Cursor, Limit, cursor};
use crate::http::permission::{MemberEdit, MemberRead};
use crate::http::write::{Answer, Bare, Sent, Version, act, reply};
use crate::http::{App, Caller, Problem, Problems, Query};
use vasp_record::claim::{AddressRole, Visibility};
use vasp_routing::{delete, get, patch, post};
use vasp_words::ids::OrganisationId;
use vasp_words::time::UtcTime;

/// A claim on one of your own addresses.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewClaimBody {
    /// Network, as CAIP-2 id or another name. `eip155:*` claims the account on every EVM network with one claim.
    #[schema(example = "eip155:1")]
    network: String,
    #[schema(example = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")]
    address: String,
    /// The memo that the claim is limited to.
    #[serde(default)]
    memo: Option<String>,
    /// `unknown`, `deposit`, `hot` or `cold`.
    role: AddressRole,
    /// Who may see the claim; `gateways` if left out.
    #[serde(default)]
    visibility: Option<Visibility>,
    /// Ids of the organisations that may see the claim. Only for `named`.
    #[serde(default)]
    named: Vec<OrganisationId>,
    /// When the claim expires. If left out, it expires after the registry's usual period.
    #[serde(default)]
    expires_at: Option<UtcTime>,
}

/// Filters for the list of claims.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListClaimsQuery {
    /// Only claims on this network, as CAIP-2 id or another name.
    network: Option<String>,
    /// Only claims in this state.
    #[serde(default, deserialize_with = "parsed")]
    state: Option<ClaimState>,
    /// Only claims that have not ended and that expire before this time.
    expires_before: Option<UtcTime>,
    /// Maximum number of items on the page; 50 if left out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// The `next_cursor` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<String>>,
}

/// Path of a claim.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct ClaimPath {
    /// Id of one of your own claims.
    #[param(example = "clm_4f1d2c3b5a697887")]
    pub(crate) id: String,
}

/// A page of claims.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MemberClaimPage {
    items: Vec<MemberClaimView>,
    /// Send it as `cursor` to get the next page; null if this is the last page.
    next_cursor: Option<String>,
}

fn shown(status: StatusCode) -> impl FnOnce(&MemberClaim) -> crate::acts::Reply {
    move |claim| reply(status, Some(claim.version()), MemberClaimView::from(claim))
}

/// Claim an address for your VASP.
///
/// Only a verified VASP can claim. If another party claims the address, your claim is a conflict until a case decides; it never replaces
/// the other claim. A claim beyond your allowance is `pending_review`. It takes effect when a reviewer allows it.
#[utoipa::path(tag = "member", request_body = NewClaimBody, responses((status = 201, description = "The claim.", body = AttestedView), Problems))]
#[post("/v1/claims")]
pub(crate) async fn create_claim(who: Caller<MemberEdit>, sent: Sent<NewClaimBody>, app: Data<App>) -> Result<Answer, Problem> {
    let (identity, body, terms) = (who.known()?, sent.body, app.limits.claim_terms);
    let new = NewAttestation {
        network: body.network,
        address: body.address,
        memo: body.memo,
        role: body.role,
        visibility: body.visibility.unwrap_or(Visibility::Gateways),
        named: body.named,
        expires_at: body.expires_at,
    };
    let render = |attested: &Attested| {
        let view = AttestedView { claim: MemberClaimView::from(&attested.claim), disputed: attested.disputed };
        reply(StatusCode::CREATED, Some(attested.claim.version()), view)
    };
    act(&app, identity, sent.once, render, move |act| attest(act, &new, &terms)).await
}

/// List your VASP's claims, oldest first.
#[utoipa::path(tag = "member", params(ListClaimsQuery), responses((status = 200, description = "A page of claims.", body = MemberClaimPage), Problems))]
#[get("/v1/claims")]
pub(crate) async fn list_claims(
    who: Caller<MemberRead>,
    query: Query<ListClaimsQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, Query(query)) = (who.known()?, query);
    let asked = MemberClaimQuery {
        network: query.network,
        state: query.state,
        expires_before: query.expires_before,
        limit: Limit::or_default(query.limit),
        after: query.cursor.map(|cursor| cursor.0),
    };
    let page = blocking(move || list_member_claims(&app.registry, &identity, &asked, app.clock.now())).await?;
    let items = page.items.iter().map(MemberClaimView::from).collect();
    let next_cursor = page.next.as_ref().map(cursor);
    Ok(Answer(reply(StatusCode::OK, None, MemberClaimPage { items, next_cursor })))
}

/// Get a claim of your VASP.
///
/// You cannot get other organisations' claims.
#[utoipa::path(tag = "member", params(ClaimPath), responses((status = 200, description = "The claim.", body = MemberClaimView), Problems))]
#[get("/v1/claims/{id}")]
pub(crate) async fn get_claim(who: Caller<MemberRead>, path: Path<ClaimPath>, app: Data<App>) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let claim = blocking(move || read_member_claim(&app.registry, &identity, &path.id, app.clock.now())).await?;
    Ok(Answer(shown(StatusCode::OK)(&claim)))
}

/// Change the role, visibility or end of a claim.
///
/// The claim ends and another begins. The answer has the id of the new claim; the old claim names it as `replaced_by`. A later `expires_at`
/// renews the claim.
#[utoipa::path(tag = "member", params(ClaimPath), request_body = ClaimChange, responses((status = 200, description = "The claim that took its place.", body = MemberClaimView), Problems))]
#[patch("/v1/claims/{id}")]
pub(crate) async fn update_claim(
    who: Caller<MemberEdit>,
    path: Path<ClaimPath>,
    version: Version,
    sent: Sent<ClaimChange>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, wanted, is_known) = (who.known()?, sent.body, version.test());
    let terms = app.limits.claim_terms;
    act(&app, identity, sent.once, shown(StatusCode::OK), move |act| change(act, &path.id, &wanted, &is_known, &terms)).await
}

/// Withdraw a claim with immediate effect.
#[utoipa::path(tag = "member", params(ClaimPath), responses((status = 200, description = "The claim, withdrawn.", body = MemberClaimView), Problems))]
#[delete("/v1/claims/{id}")]
pub(crate) async fn withdraw_claim(
    who: Caller<MemberEdit>,
    path: Path<ClaimPath>,
    version: Version,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, is_known) = (who.known()?, version.test());
    act(&app, identity, sent.once, shown(StatusCode::OK), move |act| withdraw(act, &path.id, &is_known)).await
}

/// Request a challenge for the address's key to sign.
///
/// The challenge is valid for fifteen minutes and for one answer.
#[utoipa::path(tag = "member", params(ClaimPath), responses((status = 201, description = "The text to sign.", body = IssuedChallenge), Problems))]
#[post("/v1/claims/{id}/challenge")]
pub(crate) async fn challenge_claim(
    who: Caller<MemberEdit>,
    path: Path<ClaimPath>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, name) = (who.known()?, app.registry_name.clone());
    let render = |issued: &IssuedChallenge| reply(StatusCode::CREATED, None, issued);
    act(&app, identity, sent.once, render, move |act| issue_challenge(act, &path.id, name.as_ref())).await
}

/// Answer a challenge to prove the claim.
///
/// The proven claim replaces the attested one and has its own id.
#[utoipa::path(tag = "member", params(ClaimPath), request_body = ProofBody, responses((status = 200, description = "The proven claim.", body = MemberClaimView), Problems))]
#[post("/v1/claims/{id}/proof")]
pub(crate) async fn prove_claim(
    who: Caller<MemberEdit>,
    path: Path<ClaimPath>,
    sent: Sent<ProofBody>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, proof) = (who.known()?, sent.body.into());
    let (name, lifetime_secs) = (app.registry_name.clone(), app.limits.claim_terms.lifetime_secs);
    let service = move |act: crate::acts::Act<'_, _>| prove(act, &path.id, &proof, name.as_ref(), lifetime_secs);
    act(&app, identity, sent.once, shown(StatusCode::OK), service).await
}

/// Get the number of requests for a claim on each of the last 30 days.
///
/// The registry does not record who asked. A number below three is shown as "fewer than 3".
#[utoipa::path(tag = "member", params(ClaimPath), responses((status = 200, description = "Counts a day.", body = UsageView), Problems))]
#[get("/v1/claims/{id}/usage")]
pub(crate) async fn get_claim_usage(who: Caller<MemberRead>, path: Path<ClaimPath>, app: Data<App>) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let days = blocking(move || read_usage(&app.registry, &identity, &path.id, app.clock.now())).await?;
    Ok(Answer(reply(StatusCode::OK, None, UsageView::of(&days))))
}
