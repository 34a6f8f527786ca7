//! `/v1/member/licences`: the licences that a member declares. They count once they are approved, next to what the authority's own
//! register says.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use utoipa::IntoParams;

use super::view::{LicenceInput, LicenceListView, MemberLicenceView};
use crate::acts::Reply;
use crate::http::blocking::blocking;
use crate::http::permission::{MemberEdit, MemberRead};
use crate::http::write::{Answer, Bare, Sent, Version, act, reply};
use crate::http::{App, Caller, Problem, Problems};
use crate::submissions;
use crate::submissions::{Keeper, LicenceOfMember};
use vasp_routing::{delete, get, post, put};
use vasp_words::ids::LicenceId;

/// One licence.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct LicencePath {
    /// Id of the licence.
    id: LicenceId,
}

fn render(status: StatusCode) -> impl Fn(&LicenceOfMember) -> Reply {
    move |licence| reply(status, Some(licence.version.to_string()), MemberLicenceView::from(licence))
}

/// List the licences of your VASP's record, as you declared them.
#[utoipa::path(tag = "member", responses((status = 200, description = "The licences", body = LicenceListView), (status = 304, description = "Unchanged"), Problems))]
#[get("/v1/member/licences")]
pub(crate) async fn list_member_licences(who: Caller<MemberRead>, app: Data<App>) -> Result<Answer, Problem> {
    let (registry, identity) = (app.registry.clone(), who.known()?);
    let record = blocking(move || submissions::read_own_vasp(&registry, &identity)).await?;
    let version = Some(record.kept.version.to_string());
    Ok(Answer(reply(StatusCode::OK, version, LicenceListView::from(&record))))
}

/// Add a licence to your VASP's record.
#[utoipa::path(tag = "member", request_body = LicenceInput, responses((status = 201, description = "The licence", body = MemberLicenceView), Problems))]
#[post("/v1/member/licences")]
pub(crate) async fn create_member_licence(
    who: Caller<MemberEdit>,
    sent: Sent<LicenceInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let said = sent.body.into();
    act(&app, who.known()?, sent.once, render(StatusCode::CREATED), move |act| {
        submissions::add_licence(act, Keeper::Member, said)
    })
    .await
}

/// Change a licence of your VASP's record.
#[utoipa::path(tag = "member", request_body = LicenceInput, params(LicencePath), responses((status = 200, description = "The licence", body = MemberLicenceView), Problems))]
#[put("/v1/member/licences/{id}")]
pub(crate) async fn replace_member_licence(
    who: Caller<MemberEdit>,
    path: Path<LicencePath>,
    version: Version,
    sent: Sent<LicenceInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (id, said, expected) = (path.id, sent.body.into(), version.test());
    act(&app, who.known()?, sent.once, render(StatusCode::OK), move |act| {
        submissions::change_licence(act, Keeper::Member, id, &expected, said)
    })
    .await
}

/// End a licence today. It stays in the record with its last day.
#[utoipa::path(tag = "member", params(LicencePath), responses((status = 200, description = "The licence as it ends", body = MemberLicenceView), Problems))]
#[delete("/v1/member/licences/{id}")]
pub(crate) async fn end_member_licence(
    who: Caller<MemberEdit>,
    path: Path<LicencePath>,
    version: Version,
    bare: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (id, expected) = (path.id, version.test());
    act(&app, who.known()?, bare.once, render(StatusCode::OK), move |act| {
        submissions::end_licence(act, Keeper::Member, id, &expected, None)
    })
    .await
}
