//! `/v1/legal-holds`: pre-checks that must not be erased, even after their retention period.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::acts::{Act, Reply};
use crate::http::blocking::blocking;
use crate::http::listing::{id_in_path, page, pages};
use crate::http::permission::PrecheckErase;
use crate::http::write::{Answer, Sent, act, reply};
use crate::http::{App, Caller, Problem, Problems};
use crate::node::Page;
use crate::precheck::{HoldScope, LegalHold, LiftDecision};
use crate::proposals::http::{ProposalView, ReasonInput, SubjectPath, proposed};
use crate::proposals::{Decided, NoContent, propose};
use vasp_record::proposal::Reason;
use vasp_routing::{get, post};
use vasp_words::ids::LegalHoldId;

/// A hold to place.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = LegalHoldInput)]
#[serde(deny_unknown_fields)]
pub(crate) struct LegalHoldInput {
    scope: HoldScope,
    /// The reason, for the audit chain. It is sealed.
    #[schema(value_type = String, min_length = 1, max_length = 4000)]
    reason: Reason,
}

pages! {
    /// A page of legal holds.
    LegalHoldListView as LegalHoldList of LegalHold;
}

/// List your legal holds, oldest first, also those that were lifted.
///
/// They are for your compliance people; nobody else can read them.
#[utoipa::path(tag = "prechecks", responses((status = 200, description = "All legal holds.", body = LegalHoldListView), Problems))]
#[get("/v1/legal-holds")]
pub(crate) async fn list_legal_holds(who: Caller<PrecheckErase>, app: Data<App>) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let list = move || crate::precheck::list_holds(&app.registry, &identity, app.clock.now(), &mut app.random.fork());
    let holds = blocking(list).await?;
    let all = holds.len();
    Ok(page::<_, LegalHold>(Page::of(holds.into_iter(), all, |hold| hold.id)))
}

/// Place a legal hold.
///
/// It counts at once. Nothing that it covers is erased until two people lifted it.
#[utoipa::path(tag = "prechecks", request_body = LegalHoldInput, responses((status = 201, description = "The hold.", body = LegalHold), Problems))]
#[post("/v1/legal-holds")]
pub(crate) async fn create_legal_hold(
    who: Caller<PrecheckErase>,
    sent: Sent<LegalHoldInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let LegalHoldInput { scope, reason } = sent.body;
    let placed = |hold: &LegalHold| -> Reply { reply(StatusCode::CREATED, None, hold) };
    act(&app, identity, sent.once, placed, move |act| crate::precheck::place_hold(act, scope, reason)).await
}

/// Propose to lift a legal hold.
///
/// Another person approves it; then what it covered can be erased again.
#[utoipa::path(tag = "prechecks", params(SubjectPath), request_body = ReasonInput, responses((status = 201, description = "The proposal.", body = ProposalView), Problems))]
#[post("/v1/legal-holds/{id}/propose")]
pub(crate) async fn propose_legal_hold(
    who: Caller<PrecheckErase>,
    path: Path<SubjectPath>,
    sent: Sent<ReasonInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<LegalHoldId>(&path.id, "There is no such legal hold.")?);
    let reason = sent.body.reason;
    let service = move |mut act: Act<'_, Decided>| {
        let decision = LiftDecision { id, key: act.data_key()? };
        propose(act, &decision, |_| Ok(NoContent {}), &reason)
    };
    act(&app, identity, sent.once, proposed, service).await
}
