//! `/v1/vasps/{vasp}/due-diligence`: the file on a counterparty, as far as the caller may read it, and requests for more access.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::DueDiligenceFileView;
use super::file::read_due_diligence;
use crate::http::blocking::blocking;
use crate::http::paths::VaspPath;
use crate::http::permission::AskForAnswers;
use crate::http::tagged::Tagged;
use crate::http::write::{Answer, Sent, act, reply};
use crate::http::{App, Caller, Problem, Problems, Resolve};
use crate::questionnaires::http::AccessRequestView;
use crate::questionnaires::{AccessRequest, NewRequest, list_own_requests, request_access};
use vasp_routing::{get, post};

/// The access that you request.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAccessRequest)]
pub(crate) struct AccessRequestBody {
    /// Sections of the questionnaire; all by default.
    #[serde(default)]
    #[schema(example = json!(["data_protection", "travel_rule"]))]
    sections: Option<BTreeSet<String>>,
    /// Whether you request the chain of owners; false by default.
    #[serde(default)]
    ownership: bool,
    /// The reason, for the people who decide; at most 500 characters.
    reason: String,
}

/// Your own requests about a VASP, newest first; at most 50.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OwnAccessRequestList)]
pub(crate) struct OwnAccessRequestsView {
    items: Vec<AccessRequestView>,
    /// Always null.
    next_cursor: Option<String>,
}

/// Get the due-diligence file of a VASP.
///
/// Level A is computed from dated public evidence, with the checks of a pre-check. Level B is what the VASP answered, as far as it gave
/// your organisation access. To read it you need the scope and role `compliance`. Each reading adds an event to the audit chains of
/// both sides. Without access, you see that answers exist, their date, and whether they are complete. Without credentials, you do not
/// see even that. What is unknown is `not_established`, never "not required".
#[utoipa::path(
    tag = "vasps",
    params(VaspPath),
    responses((status = 200, description = "The file.", body = DueDiligenceFileView), (status = 304, description = "Unchanged"), Problems)
)]
#[get("/v1/vasps/{vasp}/due-diligence")]
pub(crate) async fn get_due_diligence(
    caller: Caller<Resolve>,
    path: Path<VaspPath>,
    app: Data<App>,
) -> Result<Tagged<DueDiligenceFileView>, Problem> {
    let vasp = path.vasp.name(caller.identity.as_ref())?;
    let (reader, identity, now) = (caller.reader(), caller.identity, app.clock.now());
    let (file, view) = blocking(move || {
        let mut rng = app.random.fork();
        let file = read_due_diligence(&app.registry, identity.as_ref(), vasp, now, &mut rng)?;
        let view = DueDiligenceFileView::of(&file, app.registry.directory().claim_ids());
        Ok((file, view))
    })
    .await?;
    let version = file.generation.known(file.record.id).map_or(0, |known| known.version);
    Ok(Tagged::new(view, version, reader))
}

/// Request access to a VASP's answers from the member that keeps it.
#[utoipa::path(tag = "vasps", request_body = AccessRequestBody, params(VaspPath), responses((status = 201, description = "The request.", body = AccessRequestView), Problems))]
#[post("/v1/vasps/{vasp}/access-requests")]
pub(crate) async fn create_access_request(
    who: Caller<AskForAnswers>,
    path: Path<VaspPath>,
    sent: Sent<AccessRequestBody>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let AccessRequestBody { sections, ownership, reason } = sent.body;
    let identity = who.known()?;
    let (vasp, new) = (path.vasp.name(Some(&identity))?, NewRequest { sections, ownership: ownership.into(), reason });
    let render = |request: &AccessRequest| reply(StatusCode::CREATED, None, AccessRequestView::from(request.clone()));
    act(&app, identity, sent.once, render, move |act| request_access(act, vasp, &new)).await
}

/// List your organisation's requests for access to a VASP's answers, newest first.
#[utoipa::path(tag = "vasps", params(VaspPath), responses((status = 200, description = "The requests.", body = OwnAccessRequestsView), Problems))]
#[get("/v1/vasps/{vasp}/access-requests")]
pub(crate) async fn list_access_requests(
    who: Caller<AskForAnswers>,
    path: Path<VaspPath>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let vasp = path.vasp.name(Some(&identity))?;
    let found = blocking(move || list_own_requests(&app.registry, &identity, vasp, app.clock.now())).await?;
    let items = found.into_iter().map(AccessRequestView::from).collect();
    Ok(Answer(reply(StatusCode::OK, None, OwnAccessRequestsView { items, next_cursor: None })))
}
