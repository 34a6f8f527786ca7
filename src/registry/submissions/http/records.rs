//! `/v1/operator/vasps`: records that the registry keeps itself. Two people decide about them, as about any other record. A member
//! that adopts one keeps it from then on.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use utoipa::IntoParams;

use super::view::{LicenceInput, LicenceListView, MemberLicenceView, MemberVaspView, NewVaspInput, RecordListView};
use crate::acts::Reply;
use crate::http::blocking::blocking;
use crate::http::listing::{ListQuery, page};
use crate::http::paths::VaspIdPath;
use crate::http::permission::{OperatorRead, Review};
use crate::http::write::{Answer, Bare, Sent, Version, act, reply};
use crate::http::{App, Caller, Problem, Problems, Query};
use crate::submissions;
use crate::submissions::{Keeper, LicenceOfMember, MemberRecord, SubmissionPatch};
use vasp_routing::{delete, get, patch, post, put};
use vasp_words::ids::{LicenceId, VaspId};

/// One licence of one record.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct RecordLicencePath {
    /// Id of the record.
    id: VaspId,
    /// Id of the licence.
    licence: LicenceId,
}

fn render(status: StatusCode) -> impl Fn(&MemberRecord) -> Reply {
    move |record| reply(status, Some(record.kept.version.to_string()), MemberVaspView::from(record))
}

fn render_licence(status: StatusCode) -> impl Fn(&LicenceOfMember) -> Reply {
    move |licence| reply(status, Some(licence.version.to_string()), MemberLicenceView::from(licence))
}

/// Create a record that the registry keeps itself, as a draft.
///
/// The request is refused with 409 `possible_duplicate` if existing records may be the same VASP. Then keep the existing record, or
/// name all of them in `distinct_from`.
#[utoipa::path(tag = "operator", request_body = NewVaspInput, responses((status = 201, description = "The draft", body = MemberVaspView), Problems))]
#[post("/v1/operator/vasps")]
pub(crate) async fn create_record(who: Caller<Review>, sent: Sent<NewVaspInput>, app: Data<App>) -> Result<Answer, Problem> {
    let patch = sent.body.into();
    act(&app, who.known()?, sent.once, render(StatusCode::CREATED), move |act| submissions::create_record(act, patch)).await
}

/// List the records that the registry keeps itself, in order of their ids.
#[utoipa::path(tag = "operator", params(ListQuery), responses((status = 200, description = "A page of records.", body = RecordListView), Problems))]
#[get("/v1/operator/vasps")]
pub(crate) async fn list_records(who: Caller<OperatorRead>, query: Query<ListQuery>, app: Data<App>) -> Result<Answer, Problem> {
    who.known()?;
    let (after, limit) = query.0.part();
    let found = blocking(move || submissions::list_records(&app.registry, &after, limit)).await?;
    Ok(page::<_, MemberVaspView>(found))
}

/// Start a draft for a record that no member keeps, filled with what is known about the VASP.
#[utoipa::path(tag = "operator", params(VaspIdPath), responses((status = 201, description = "The draft", body = MemberVaspView), Problems))]
#[post("/v1/operator/vasps/{id}/draft")]
pub(crate) async fn create_record_draft(
    who: Caller<Review>,
    path: Path<VaspIdPath>,
    bare: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    act(&app, who.known()?, bare.once, render(StatusCode::CREATED), move |act| submissions::draft_record(act, path.id)).await
}

/// Get a record that the registry keeps.
#[utoipa::path(tag = "operator", params(VaspIdPath), responses((status = 200, description = "The record", body = MemberVaspView), (status = 304, description = "Unchanged"), Problems))]
#[get("/v1/operator/vasps/{id}")]
pub(crate) async fn get_record(who: Caller<OperatorRead>, path: Path<VaspIdPath>, app: Data<App>) -> Result<Answer, Problem> {
    who.known()?;
    let registry = app.registry.clone();
    let record = blocking(move || submissions::read_record(&registry, path.id)).await?;
    Ok(Answer(render(StatusCode::OK)(&record)))
}

/// Change a record that the registry keeps.
///
/// A draft changes at once. A change of a verified record waits for two people, and until then readers see what was approved before.
#[utoipa::path(tag = "operator", request_body = SubmissionPatch, params(VaspIdPath), responses((status = 200, description = "The record", body = MemberVaspView), Problems))]
#[patch("/v1/operator/vasps/{id}")]
pub(crate) async fn update_record(
    who: Caller<Review>,
    path: Path<VaspIdPath>,
    version: Version,
    sent: Sent<SubmissionPatch>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (keeper, patch, expected) = (Keeper::Registry(path.id), sent.body, version.test());
    act(&app, who.known()?, sent.once, render(StatusCode::OK), move |act| submissions::amend_vasp(act, keeper, &expected, patch))
        .await
}

/// Withdraw a record that the registry keeps, before it is verified.
#[utoipa::path(tag = "operator", params(VaspIdPath), responses((status = 200, description = "The record as it ended", body = MemberVaspView), Problems))]
#[delete("/v1/operator/vasps/{id}")]
pub(crate) async fn withdraw_record(
    who: Caller<Review>,
    path: Path<VaspIdPath>,
    version: Version,
    bare: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (keeper, expected) = (Keeper::Registry(path.id), version.test());
    act(&app, who.known()?, bare.once, render(StatusCode::OK), move |act| submissions::withdraw_vasp(act, keeper, &expected))
        .await
}

/// Submit the draft. This opens a case, which two people decide.
#[utoipa::path(tag = "operator", params(VaspIdPath), responses((status = 200, description = "The record with its case", body = MemberVaspView), Problems))]
#[post("/v1/operator/vasps/{id}/submit")]
pub(crate) async fn submit_record(
    who: Caller<Review>,
    path: Path<VaspIdPath>,
    version: Version,
    bare: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (keeper, expected) = (Keeper::Registry(path.id), version.test());
    act(&app, who.known()?, bare.once, render(StatusCode::OK), move |act| submissions::submit_vasp(act, keeper, &expected)).await
}

/// List the licences of a record that the registry keeps, as it declared them.
#[utoipa::path(tag = "operator", params(VaspIdPath), responses((status = 200, description = "The licences", body = LicenceListView), (status = 304, description = "Unchanged"), Problems))]
#[get("/v1/operator/vasps/{id}/licences")]
pub(crate) async fn list_record_licences(
    who: Caller<OperatorRead>,
    path: Path<VaspIdPath>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    who.known()?;
    let registry = app.registry.clone();
    let record = blocking(move || submissions::read_record(&registry, path.id)).await?;
    Ok(Answer(reply(StatusCode::OK, Some(record.kept.version.to_string()), LicenceListView::from(&record))))
}

/// Add a licence to a record that the registry keeps.
#[utoipa::path(tag = "operator", params(VaspIdPath), request_body = LicenceInput, responses((status = 201, description = "The licence", body = MemberLicenceView), Problems))]
#[post("/v1/operator/vasps/{id}/licences")]
pub(crate) async fn create_record_licence(
    who: Caller<Review>,
    path: Path<VaspIdPath>,
    sent: Sent<LicenceInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (keeper, said) = (Keeper::Registry(path.id), sent.body.into());
    act(&app, who.known()?, sent.once, render_licence(StatusCode::CREATED), move |act| {
        submissions::add_licence(act, keeper, said)
    })
    .await
}

/// Change a licence of a record that the registry keeps.
#[utoipa::path(tag = "operator", request_body = LicenceInput, params(RecordLicencePath), responses((status = 200, description = "The licence", body = MemberLicenceView), Problems))]
#[put("/v1/operator/vasps/{id}/licences/{licence}")]
pub(crate) async fn replace_record_licence(
    who: Caller<Review>,
    path: Path<RecordLicencePath>,
    version: Version,
    sent: Sent<LicenceInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (keeper, said, expected) = (Keeper::Registry(path.id), sent.body.into(), version.test());
    let licence = path.licence;
    let change =
        move |act: crate::acts::Act<'_, LicenceOfMember>| submissions::change_licence(act, keeper, licence, &expected, said);
    act(&app, who.known()?, sent.once, render_licence(StatusCode::OK), change).await
}

/// End a licence of a record that the registry keeps, today. It stays in the record with its last day.
#[utoipa::path(tag = "operator", params(RecordLicencePath), responses((status = 200, description = "The licence as it ends", body = MemberLicenceView), Problems))]
#[delete("/v1/operator/vasps/{id}/licences/{licence}")]
pub(crate) async fn end_record_licence(
    who: Caller<Review>,
    path: Path<RecordLicencePath>,
    version: Version,
    bare: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (keeper, licence, expected) = (Keeper::Registry(path.id), path.licence, version.test());
    let end = move |act: crate::acts::Act<'_, LicenceOfMember>| submissions::end_licence(act, keeper, licence, &expected, None);
    act(&app, who.known()?, bare.once, render_licence(StatusCode::OK), end).await
}
