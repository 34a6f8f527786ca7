//! `/v1/sub-accounts`: memos of one VASP's address that belong to another VASP, as both VASPs say. The answers contain addresses.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};

use crate::acts::Reply;
use crate::claims::{
    NewSubAccount, ShownSubAccount, confirm_sub_account as confirm, end_sub_account, list_sub_accounts as list, name_sub_account,
    refuse_sub_account as refuse,
};
use crate::http::blocking::blocking;
use crate::http::listing::{ListQuery, id_in_path, page, pages};
use crate::http::permission::{MemberEdit, MemberRead};
use crate::http::write::{Answer, Bare, Sent, act, reply};
use crate::http::{App, Caller, Problem, Problems, Query};
use vasp_routing::{delete, get, post};
use vasp_words::ids::SubAccountId;

const MISSING: &str = "There is no such sub-account of your VASP.";

pages! {
    /// A page of sub-accounts, oldest first.
    SubAccountListView as SubAccountList of ShownSubAccount;
}

fn shown(status: StatusCode) -> impl FnOnce(&ShownSubAccount) -> Reply {
    move |row| reply(status, None, row.clone())
}

/// List the sub-accounts that your VASP assigned or received, oldest first.
#[utoipa::path(tag = "member", params(ListQuery), responses((status = 200, description = "A page of sub-accounts.", body = SubAccountListView), Problems))]
#[get("/v1/sub-accounts")]
pub(crate) async fn list_sub_accounts(
    who: Caller<MemberRead>,
    query: Query<ListQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, (after, limit)) = (who.known()?, query.0.part());
    let found = blocking(move || list(&app.registry, &identity, &after, limit)).await?;
    Ok(page::<_, ShownSubAccount>(found))
}

/// Assign a memo of your address to another VASP.
///
/// The sub-account is valid after that VASP confirms it. From then on, that VASP's claims on the memo do not contradict your own claim on
/// the address.
#[utoipa::path(tag = "member", request_body = NewSubAccount, responses((status = 201, description = "The sub-account, not confirmed yet.", body = ShownSubAccount), Problems))]
#[post("/v1/sub-accounts")]
pub(crate) async fn create_sub_account(
    who: Caller<MemberEdit>,
    sent: Sent<NewSubAccount>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let new = sent.body;
    act(&app, who.known()?, sent.once, shown(StatusCode::CREATED), move |act| name_sub_account(act, &new)).await
}

/// Refuse a sub-account on your address.
///
/// After a refusal, two people of the registry cannot decide that the sub-account exists. The dispute between the claims stays open until
/// they decide which claim ends. The registry notifies the other VASP. If you refuse again, the refusal stays as it is. To take the refusal
/// back, end it or name the sub-account. The answer is 409 `illegal_step` if the sub-account is already valid: end it instead.
#[utoipa::path(tag = "member", request_body = NewSubAccount, responses((status = 200, description = "The refusal.", body = ShownSubAccount), Problems))]
#[post("/v1/sub-accounts/refuse")]
pub(crate) async fn refuse_sub_account(
    who: Caller<MemberEdit>,
    sent: Sent<NewSubAccount>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let new = sent.body;
    act(&app, who.known()?, sent.once, shown(StatusCode::OK), move |act| refuse(act, &new)).await
}

/// Confirm a sub-account that another VASP assigned to yours.
#[utoipa::path(tag = "member", params(("id" = String, Path, description = "The sub-account's id.")), responses((status = 200, description = "The sub-account, which counts now.", body = ShownSubAccount), Problems))]
#[post("/v1/sub-accounts/{id}/confirm")]
pub(crate) async fn confirm_sub_account(
    who: Caller<MemberEdit>,
    path: Path<String>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<SubAccountId>(&path, MISSING)?);
    act(&app, identity, sent.once, shown(StatusCode::OK), move |act| confirm(act, id)).await
}

/// End a sub-account, or withdraw your refusal.
///
/// The sub-account stops being valid immediately: the two VASPs' claims on the memo contradict each other again. These contradictions use
/// the holder's allowance, oldest claims first; claims beyond it wait for a reviewer. The answer is 409 `illegal_step` if the sub-account
/// ended before, or if it is the other VASP's refusal.
#[utoipa::path(tag = "member", params(("id" = String, Path, description = "The sub-account's id.")), responses((status = 200, description = "The sub-account, with its end.", body = ShownSubAccount), Problems))]
#[delete("/v1/sub-accounts/{id}")]
pub(crate) async fn delete_sub_account(
    who: Caller<MemberEdit>,
    path: Path<String>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<SubAccountId>(&path, MISSING)?);
    act(&app, identity, sent.once, shown(StatusCode::OK), move |act| end_sub_account(act, id)).await
}
