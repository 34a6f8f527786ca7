//! `/v1/vasps/{vasp}/licences`: the licences that the keeper of a record declares. They count once they are approved, next to what the
//! authority's own register says.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use utoipa::IntoParams;

use super::keeper;
use super::view::{LicenceInput, LicenceListView, MemberLicenceView};
use crate::acts::{Act, Reply};
use crate::http::blocking::blocking;
use crate::http::paths::{NamedVasp, VaspPath};
use crate::http::permission::{DraftEdit, DraftRead};
use crate::http::write::{Answer, Bare, Sent, Version, act, reply};
use crate::http::{App, Caller, Problem, Problems};
use crate::submissions;
use crate::submissions::LicenceOfMember;
use vasp_routing::{delete, get, post, put};
use vasp_words::ids::LicenceId;

/// One licence.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct LicencePath {
    /// The id of a record, an LEI that only one live record has, or `mine`.
    #[param(value_type = String, example = "529900HNOAA1KXQJUQ27")]
    vasp: NamedVasp,
    /// Id of the licence.
    licence: LicenceId,
}

fn render(status: StatusCode) -> impl Fn(&LicenceOfMember) -> Reply {
    move |licence| reply(status, Some(licence.version.to_string()), MemberLicenceView::from(licence))
}

/// List the licences that the keeper of a record declared. `GET /v1/vasps/{vasp}` shows those that readers see.
#[utoipa::path(tag = "vasps", params(VaspPath), responses((status = 200, description = "The licences", body = LicenceListView), (status = 304, description = "Unchanged"), Problems))]
#[get("/v1/vasps/{vasp}/licences")]
pub(crate) async fn list_licences(who: Caller<DraftRead>, path: Path<VaspPath>, app: Data<App>) -> Result<Answer, Problem> {
    let (registry, identity) = (app.registry.clone(), who.known()?);
    let keeper = keeper(path.vasp, &app, &identity).await?;
    let record = blocking(move || submissions::read_draft(&registry, &identity, keeper)).await?;
    Ok(Answer(reply(StatusCode::OK, Some(record.kept.version.to_string()), LicenceListView::from(&record))))
}

/// Add a licence to a record.
#[utoipa::path(tag = "vasps", params(VaspPath), request_body = LicenceInput, responses((status = 201, description = "The licence", body = MemberLicenceView), Problems))]
#[post("/v1/vasps/{vasp}/licences")]
pub(crate) async fn create_licence(
    who: Caller<DraftEdit>,
    path: Path<VaspPath>,
    sent: Sent<LicenceInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, said) = (who.known()?, sent.body.into());
    let keeper = keeper(path.vasp, &app, &identity).await?;
    act(&app, identity, sent.once, render(StatusCode::CREATED), move |act| submissions::add_licence(act, keeper, said)).await
}

/// Change a licence of a record.
#[utoipa::path(tag = "vasps", params(LicencePath), request_body = LicenceInput, responses((status = 200, description = "The licence", body = MemberLicenceView), Problems))]
#[put("/v1/vasps/{vasp}/licences/{licence}")]
pub(crate) async fn replace_licence(
    who: Caller<DraftEdit>,
    path: Path<LicencePath>,
    version: Version,
    sent: Sent<LicenceInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, licence, said, expected) = (who.known()?, path.licence, sent.body.into(), version.test());
    let keeper = keeper(path.vasp, &app, &identity).await?;
    let change = move |act: Act<'_, LicenceOfMember>| submissions::change_licence(act, keeper, licence, &expected, said);
    act(&app, identity, sent.once, render(StatusCode::OK), change).await
}

/// End a licence today. It stays in the record with its last day.
#[utoipa::path(tag = "vasps", params(LicencePath), responses((status = 200, description = "The licence as it ends", body = MemberLicenceView), Problems))]
#[delete("/v1/vasps/{vasp}/licences/{licence}")]
pub(crate) async fn end_licence(
    who: Caller<DraftEdit>,
    path: Path<LicencePath>,
    version: Version,
    bare: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, licence, expected) = (who.known()?, path.licence, version.test());
    let keeper = keeper(path.vasp, &app, &identity).await?;
    let end = move |act: Act<'_, LicenceOfMember>| submissions::end_licence(act, keeper, licence, &expected, None);
    act(&app, identity, bare.once, render(StatusCode::OK), end).await
}
