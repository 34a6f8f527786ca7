//! `/v1/member/vasp`: a member's own record, from its draft to what readers see.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::{MemberVaspView, NewVaspInput};
use crate::acts::Reply;
use crate::http::blocking::blocking;
use crate::http::permission::{MemberEdit, MemberRead};
use crate::http::write::{Answer, Bare, Sent, Version, act, reply};
use crate::http::{App, Caller, Problem, Problems};
use crate::submissions;
use crate::submissions::{Keeper, MemberRecord, SubmissionPatch};
use vasp_routing::{delete, get, patch, post};
use vasp_words::ids::VaspId;

/// The record to adopt.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = Adoption)]
#[serde(deny_unknown_fields)]
pub(crate) struct AdoptInput {
    /// Id of a listed record.
    vasp: VaspId,
}

fn render(status: StatusCode) -> impl Fn(&MemberRecord) -> Reply {
    move |record| reply(status, Some(record.kept.version.to_string()), MemberVaspView::from(record))
}

/// Create your VASP's record, as a draft.
///
/// The request is refused with 409 `possible_duplicate` if existing records may be the same VASP. Then adopt the one that is yours,
/// or name all of them in `distinct_from`.
#[utoipa::path(tag = "member", request_body = NewVaspInput, responses((status = 201, description = "The draft", body = MemberVaspView), Problems))]
#[post("/v1/member/vasp")]
pub(crate) async fn create_member_vasp(
    who: Caller<MemberEdit>,
    sent: Sent<NewVaspInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let patch = sent.body.into();
    act(&app, who.known()?, sent.once, render(StatusCode::CREATED), move |act| submissions::create_vasp(act, patch)).await
}

/// Get your VASP's record.
#[utoipa::path(tag = "member", responses((status = 200, description = "The record", body = MemberVaspView), (status = 304, description = "Unchanged"), Problems))]
#[get("/v1/member/vasp")]
pub(crate) async fn get_member_vasp(who: Caller<MemberRead>, app: Data<App>) -> Result<Answer, Problem> {
    let (registry, identity) = (app.registry.clone(), who.known()?);
    let record = blocking(move || submissions::read_own_vasp(&registry, &identity)).await?;
    Ok(Answer(render(StatusCode::OK)(&record)))
}

/// Change your VASP's record.
///
/// A draft changes at once. A change of a verified record waits for the registry, and until then readers see what was approved
/// before.
#[utoipa::path(tag = "member", request_body = SubmissionPatch, responses((status = 200, description = "The record", body = MemberVaspView), Problems))]
#[patch("/v1/member/vasp")]
pub(crate) async fn update_member_vasp(
    who: Caller<MemberEdit>,
    version: Version,
    sent: Sent<SubmissionPatch>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (patch, expected) = (sent.body, version.test());
    act(&app, who.known()?, sent.once, render(StatusCode::OK), move |act| {
        submissions::amend_vasp(act, Keeper::Member, &expected, patch)
    })
    .await
}

/// Withdraw your VASP's record before it is verified.
#[utoipa::path(tag = "member", responses((status = 200, description = "The record as it ended", body = MemberVaspView), Problems))]
#[delete("/v1/member/vasp")]
pub(crate) async fn withdraw_member_vasp(
    who: Caller<MemberEdit>,
    version: Version,
    bare: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let expected = version.test();
    act(&app, who.known()?, bare.once, render(StatusCode::OK), move |act| {
        submissions::withdraw_vasp(act, Keeper::Member, &expected)
    })
    .await
}

/// Submit the draft. This opens a case.
#[utoipa::path(tag = "member", responses((status = 200, description = "The record with its case", body = MemberVaspView), Problems))]
#[post("/v1/member/vasp/submit")]
pub(crate) async fn submit_member_vasp(
    who: Caller<MemberEdit>,
    version: Version,
    bare: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let expected = version.test();
    act(&app, who.known()?, bare.once, render(StatusCode::OK), move |act| {
        submissions::submit_vasp(act, Keeper::Member, &expected)
    })
    .await
}

/// Adopt a record that an import or the registry created.
///
/// The record becomes yours once you have proven the domain of its website and two people of the registry have approved the adoption.
#[utoipa::path(tag = "member", request_body = AdoptInput, responses((status = 201, description = "The draft", body = MemberVaspView), Problems))]
#[post("/v1/member/vasp/adopt")]
pub(crate) async fn adopt_member_vasp(
    who: Caller<MemberEdit>,
    sent: Sent<AdoptInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let wanted = sent.body.vasp;
    act(&app, who.known()?, sent.once, render(StatusCode::CREATED), move |act| submissions::adopt_vasp(act, wanted)).await
}
