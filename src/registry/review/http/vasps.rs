//! `/v1/vasps/{vasp}/cases`, `/v1/vasps/{vasp}/merge`: cases that operators open themselves, and merging of records.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};

use super::view::{CaseView, MergeInput};
use crate::acts::{Act, Reply};
use crate::http::paths::VaspPath;
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
#[utoipa::path(tag = "operator", params(VaspPath), request_body = ReasonInput, responses((status = 201, description = "The case", body = CaseView), Problems))]
#[post("/v1/vasps/{vasp}/cases")]
pub(crate) async fn create_vasp_case(
    who: Caller<Review>,
    path: Path<VaspPath>,
    sent: Sent<ReasonInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let vasp = path.vasp.id(&app, Some(&identity))?;
    act(&app, identity, sent.once, render, move |act| review::open_case(act, vasp, &sent.body.reason)).await
}

/// Propose to merge a record into another. Once another person approves, both ids lead to the record that stays.
#[utoipa::path(tag = "operator", params(VaspPath), request_body = MergeInput, responses((status = 201, description = "The proposal.", body = ProposalView), Problems))]
#[post("/v1/vasps/{vasp}/merge")]
pub(crate) async fn merge_vasp(
    who: Caller<Review>,
    path: Path<VaspPath>,
    sent: Sent<MergeInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, MergeInput { into, reason }) = (who.known()?, sent.body);
    let vasp = path.vasp.id(&app, Some(&identity))?;
    let service = move |act: Act<'_, Decided>| {
        let decision = CaseDecision::merging(&act, vasp, into);
        let wanted = move |held: &Held| Ok(CaseProposal::of(held, Decision::Merge, Some(into)));
        propose(act, &decision, wanted, &reason)
    };
    act(&app, identity, sent.once, proposed, service).await
}
