//! `/v1/vasps/{id}/cases`, `/v1/vasps/{id}/merge`: cases that operators open themselves, and merging of records.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};

use super::view::{CaseView, MergeInput};
use crate::acts::{Act, Reply};
use crate::http::paths::VaspIdPath;
use crate::http::permission::Review;
use crate::http::write::{Answer, Sent, act, reply};
use crate::http::{App, Caller, Problem, Problems};
use crate::proposals::http::{ProposalView, ReasonInput, proposed};
use crate::proposals::{Decided, propose};
use crate::review;
use crate::review::{CaseDecision, CaseProposal, CaseRecord, Held};
use vasp_record::case::Decision;
use vasp_routing::post;

fn render(case: &CaseRecord) -> Reply {
    reply(StatusCode::CREATED, Some(case.case.version.to_string()), CaseView::from(case))
}

/// Open a case about a record, or join the open one.
#[utoipa::path(tag = "operator", params(VaspIdPath), request_body = ReasonInput, responses((status = 201, description = "The case", body = CaseView), Problems))]
#[post("/v1/vasps/{id}/cases")]
pub(crate) async fn create_vasp_case(
    who: Caller<Review>,
    path: Path<VaspIdPath>,
    sent: Sent<ReasonInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    act(&app, who.known()?, sent.once, render, move |act| review::open_case(act, path.id, &sent.body.reason)).await
}

/// Propose to merge a record into another. Once another person approves, both ids lead to the record that stays.
#[utoipa::path(tag = "operator", params(VaspIdPath), request_body = MergeInput, responses((status = 201, description = "The proposal.", body = ProposalView), Problems))]
#[post("/v1/vasps/{id}/merge")]
pub(crate) async fn merge_vasp(
    who: Caller<Review>,
    path: Path<VaspIdPath>,
    sent: Sent<MergeInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let MergeInput { into, reason } = sent.body;
    let service = move |act: Act<'_, Decided>| {
        let decision = CaseDecision::merging(&act, path.id, into);
        let wanted = move |held: &Held| Ok(CaseProposal::of(held, Decision::Merge, Some(into)));
        propose(act, &decision, wanted, &reason)
    };
    act(&app, who.known()?, sent.once, proposed, service).await
}
