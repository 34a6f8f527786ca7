//! `/v1/cases`: the queue of cases, and the steps of a case.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use utoipa::IntoParams;

use super::view::{CaseListView, CaseView, ChecklistView, EntryView, ProposalInput, TextInput};
use crate::acts::{Act, Reply};
use crate::cases::{CaseEntry, CaseFilter};
use crate::http::blocking::blocking;
use crate::http::extract::parsed;
use crate::http::paging::{Cursor, Limit};
use crate::http::permission::{OperatorRead, Review};
use crate::http::write::{Answer, Bare, Sent, act, reply};
use crate::http::{App, Caller, Problem, Problems, Query};
use crate::proposals::http::{ProposalView, proposed};
use crate::proposals::{Decided, propose};
use crate::review;
use crate::review::{CaseDecision, CaseProposal, CaseRecord, Held, NewEvidence};
use vasp_record::case::{CaseOrder, CaseStatus, TriggerKind};
use vasp_routing::{get, post};
use vasp_words::ids::{CaseId, UserId, VaspId};
use vasp_words::time::UtcTime;

/// One case.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct CasePath {
    /// Id of the case.
    #[param(value_type = String)]
    id: CaseId,
}

/// Filters for cases.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListCasesQuery {
    /// Only cases in this status. If you leave it out, all open cases (every status except `closed`).
    status: Option<CaseStatus>,
    /// Only cases that were opened or joined by this kind of trigger.
    kind: Option<TriggerKind>,
    /// Only cases taken by this user.
    #[serde(default, deserialize_with = "parsed")]
    assignee: Option<UserId>,
    /// Only cases due before this time.
    due_before: Option<UtcTime>,
    /// Only cases about this VASP.
    #[serde(default, deserialize_with = "parsed")]
    vasp: Option<VaspId>,
    /// The order of the cases; `risk` if you leave it out.
    #[param(inline)]
    sort: Option<CaseOrder>,
    /// Items per page; 50 if you leave it out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// `next_cursor` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<u32>>,
}

fn render(record: &CaseRecord) -> Reply {
    reply(StatusCode::OK, Some(record.case.version.to_string()), CaseView::from(record))
}

fn render_entry(entry: &CaseEntry) -> Reply {
    reply(StatusCode::CREATED, None, EntryView::from(entry))
}

/// List cases, the riskiest first.
#[utoipa::path(tag = "operator", params(ListCasesQuery), responses((status = 200, description = "A page of cases", body = CaseListView), Problems))]
#[get("/v1/cases")]
pub(crate) async fn list_cases(
    _who: Caller<OperatorRead>,
    query: Query<ListCasesQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let ListCasesQuery { status, kind, assignee, due_before, vasp, sort, limit, cursor } = query.0;
    let (filter, order) = (CaseFilter { status, kind, assignee, due_before, vasp }, sort.unwrap_or_default());
    let (registry, skip, limit) = (app.registry.clone(), cursor.map_or(0, |cursor| cursor.0), Limit::or_default(limit));
    let page = blocking(move || review::list_cases(&registry, &filter, order, skip, limit)).await?;
    Ok(Answer(reply(StatusCode::OK, None, CaseListView::from(page))))
}

/// Get a case with its whole history.
#[utoipa::path(tag = "operator", params(CasePath), responses((status = 200, description = "The case", body = CaseView), (status = 304, description = "Unchanged"), Problems))]
#[get("/v1/cases/{id}")]
pub(crate) async fn get_case(_who: Caller<OperatorRead>, path: Path<CasePath>, app: Data<App>) -> Result<Answer, Problem> {
    let registry = app.registry.clone();
    let case = blocking(move || review::read_case(&registry, path.id)).await?;
    Ok(Answer(render(&case)))
}

/// Get the checklist of a case, computed from the present record.
#[utoipa::path(tag = "operator", params(CasePath), responses((status = 200, description = "The checklist", body = ChecklistView), Problems))]
#[get("/v1/cases/{id}/checklist")]
pub(crate) async fn get_case_checklist(
    _who: Caller<OperatorRead>,
    path: Path<CasePath>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (registry, now) = (app.registry.clone(), app.clock.now());
    let list = blocking(move || review::read_checklist(&registry, path.id, now)).await?;
    Ok(Answer(reply(StatusCode::OK, None, ChecklistView::from(list))))
}

/// Take a case. Only the reviewer who took it can propose a decision.
#[utoipa::path(tag = "operator", params(CasePath), responses((status = 200, description = "The case", body = CaseView), Problems))]
#[post("/v1/cases/{id}/take")]
pub(crate) async fn take_case(who: Caller<Review>, path: Path<CasePath>, bare: Bare, app: Data<App>) -> Result<Answer, Problem> {
    act(&app, who.known()?, bare.once, render, move |act| review::take_case(act, path.id)).await
}

/// Add a note for other operators.
#[utoipa::path(tag = "operator", params(CasePath), request_body = TextInput, responses((status = 201, description = "The entry", body = EntryView), Problems))]
#[post("/v1/cases/{id}/notes")]
pub(crate) async fn create_case_note(
    who: Caller<Review>,
    path: Path<CasePath>,
    sent: Sent<TextInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    act(&app, who.known()?, sent.once, render_entry, move |act| review::note_case(act, path.id, &sent.body.text)).await
}

/// Send a message to the member. The case waits for the answer.
#[utoipa::path(tag = "operator", params(CasePath), request_body = TextInput, responses((status = 201, description = "The entry", body = EntryView), Problems))]
#[post("/v1/cases/{id}/messages")]
pub(crate) async fn create_case_message(
    who: Caller<Review>,
    path: Path<CasePath>,
    sent: Sent<TextInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    act(&app, who.known()?, sent.once, render_entry, move |act| review::ask_member(act, path.id, &sent.body.text)).await
}

/// Record evidence for one attribute of the record. The evidence becomes public once the case is decided.
#[utoipa::path(tag = "operator", params(CasePath), request_body = NewEvidence, responses((status = 201, description = "The entry", body = EntryView), Problems))]
#[post("/v1/cases/{id}/evidence")]
pub(crate) async fn create_case_evidence(
    who: Caller<Review>,
    path: Path<CasePath>,
    sent: Sent<NewEvidence>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    act(&app, who.known()?, sent.once, render_entry, move |act| review::record_evidence(act, path.id, sent.body)).await
}

/// Propose a decision about a case that you took.
///
/// `suspend`, `request_information` and `dismiss` take effect at once: the proposal is `approved`. All other decisions wait for another person.
#[utoipa::path(tag = "operator", params(CasePath), request_body = ProposalInput, responses((status = 201, description = "The proposal.", body = ProposalView), Problems))]
#[post("/v1/cases/{id}/propose")]
pub(crate) async fn propose_decision(
    who: Caller<Review>,
    path: Path<CasePath>,
    sent: Sent<ProposalInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let ProposalInput { decision, claims, reason } = sent.body;
    let wanted = move |held: &Held| Ok(CaseProposal::of(held, decision.into(), None).ending(claims));
    let service = move |act: Act<'_, Decided>| {
        let decision = CaseDecision::of(&act, path.id);
        propose(act, &decision, wanted, &reason)
    };
    act(&app, who.known()?, sent.once, proposed, service).await
}
