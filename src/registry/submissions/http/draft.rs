//! `/v1/vasps/{vasp}/draft`: what the keeper of a record wants it to be. Readers see it once two people have approved it. A member keeps
//! its own VASP's record; the registry keeps records that no member keeps.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};

use super::keeper;
use super::view::{DraftListView, DraftView, NewVaspInput};
use crate::acts::Reply;
use crate::http::blocking::blocking;
use crate::http::listing::{ListQuery, page};
use crate::http::paths::VaspPath;
use crate::http::permission::{DraftEdit, DraftRead, MemberEdit, OperatorRead, Review};
use crate::http::write::{Answer, Bare, Sent, Version, act, reply};
use crate::http::{App, Caller, Problem, Problems, Query};
use crate::submissions;
use crate::submissions::{MemberRecord, SubmissionPatch};
use vasp_routing::{delete, get, patch, post};

fn render(status: StatusCode) -> impl Fn(&MemberRecord) -> Reply {
    move |record| reply(status, Some(record.kept.version.to_string()), DraftView::from(record))
}

/// Create the record of a VASP, as a draft: your own, or as an operator one that the registry keeps itself.
///
/// The request is refused with 409 `possible_duplicate` if existing records may be the same VASP. Then adopt the one that is yours,
/// or name all of them in `distinct_from`.
#[utoipa::path(tag = "vasps", request_body = NewVaspInput, responses((status = 201, description = "The draft", body = DraftView), Problems))]
#[post("/v1/vasps")]
pub(crate) async fn create_vasp(who: Caller<DraftEdit>, sent: Sent<NewVaspInput>, app: Data<App>) -> Result<Answer, Problem> {
    let patch = sent.body.into();
    act(&app, who.known()?, sent.once, render(StatusCode::CREATED), move |act| submissions::create_vasp(act, patch)).await
}

/// List the drafts of records that the registry keeps itself, in order of their ids.
#[utoipa::path(tag = "vasps", params(ListQuery), responses((status = 200, description = "A page of drafts.", body = DraftListView), Problems))]
#[get("/v1/vasps/drafts")]
pub(crate) async fn list_drafts(who: Caller<OperatorRead>, query: Query<ListQuery>, app: Data<App>) -> Result<Answer, Problem> {
    who.known()?;
    let (after, limit) = query.0.part();
    let found = blocking(move || submissions::list_records(&app.registry, &after, limit)).await?;
    Ok(page::<_, DraftView>(found))
}

/// Start a draft for a record that no member keeps, filled with what is known about the VASP.
#[utoipa::path(tag = "vasps", params(VaspPath), responses((status = 201, description = "The draft", body = DraftView), Problems))]
#[post("/v1/vasps/{vasp}/draft")]
pub(crate) async fn create_draft(
    who: Caller<Review>,
    path: Path<VaspPath>,
    bare: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let vasp = path.vasp.id(&app, Some(&identity))?;
    act(&app, identity, bare.once, render(StatusCode::CREATED), move |act| submissions::draft_record(act, vasp)).await
}

/// Get the draft of a record, with what was approved last and the open case.
#[utoipa::path(tag = "vasps", params(VaspPath), responses((status = 200, description = "The draft", body = DraftView), (status = 304, description = "Unchanged"), Problems))]
#[get("/v1/vasps/{vasp}/draft")]
pub(crate) async fn get_draft(who: Caller<DraftRead>, path: Path<VaspPath>, app: Data<App>) -> Result<Answer, Problem> {
    let (registry, identity) = (app.registry.clone(), who.known()?);
    let keeper = keeper(path.vasp, &app, &identity).await?;
    let record = blocking(move || submissions::read_draft(&registry, &identity, keeper)).await?;
    Ok(Answer(render(StatusCode::OK)(&record)))
}

/// Change the draft of a record.
///
/// A draft changes at once. A change of a verified record waits for two people of the registry, and until then readers see what was
/// approved before.
#[utoipa::path(tag = "vasps", params(VaspPath), request_body = SubmissionPatch, responses((status = 200, description = "The draft", body = DraftView), Problems))]
#[patch("/v1/vasps/{vasp}/draft")]
pub(crate) async fn update_draft(
    who: Caller<DraftEdit>,
    path: Path<VaspPath>,
    version: Version,
    sent: Sent<SubmissionPatch>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, patch, expected) = (who.known()?, sent.body, version.test());
    let keeper = keeper(path.vasp, &app, &identity).await?;
    act(&app, identity, sent.once, render(StatusCode::OK), move |act| submissions::amend_vasp(act, keeper, &expected, patch))
        .await
}

/// Withdraw a record before it is verified.
#[utoipa::path(tag = "vasps", params(VaspPath), responses((status = 200, description = "The draft as it ended", body = DraftView), Problems))]
#[delete("/v1/vasps/{vasp}/draft")]
pub(crate) async fn withdraw_draft(
    who: Caller<DraftEdit>,
    path: Path<VaspPath>,
    version: Version,
    bare: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, expected) = (who.known()?, version.test());
    let keeper = keeper(path.vasp, &app, &identity).await?;
    act(&app, identity, bare.once, render(StatusCode::OK), move |act| submissions::withdraw_vasp(act, keeper, &expected)).await
}

/// Submit the draft. This opens a case, which two people of the registry decide.
#[utoipa::path(tag = "vasps", params(VaspPath), responses((status = 200, description = "The draft with its case", body = DraftView), Problems))]
#[post("/v1/vasps/{vasp}/draft/submit")]
pub(crate) async fn submit_draft(
    who: Caller<DraftEdit>,
    path: Path<VaspPath>,
    version: Version,
    bare: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, expected) = (who.known()?, version.test());
    let keeper = keeper(path.vasp, &app, &identity).await?;
    act(&app, identity, bare.once, render(StatusCode::OK), move |act| submissions::submit_vasp(act, keeper, &expected)).await
}

/// Adopt a record that an import or the registry created.
///
/// The record becomes yours once you have proven the domain of its website and two people of the registry have approved the adoption.
#[utoipa::path(tag = "vasps", params(VaspPath), responses((status = 201, description = "The draft", body = DraftView), Problems))]
#[post("/v1/vasps/{vasp}/adopt")]
pub(crate) async fn adopt_vasp(
    who: Caller<MemberEdit>,
    path: Path<VaspPath>,
    bare: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let vasp = path.vasp.id(&app, Some(&identity))?;
    act(&app, identity, bare.once, render(StatusCode::CREATED), move |act| submissions::adopt_vasp(act, vasp)).await
}
