//! `/v1/settings/precheck-retention`: how long the organisation keeps the requests and answers of the pre-checks that it records from now on.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::records::FloorView;
use crate::acts::Act;
use crate::http::blocking::blocking;
use crate::http::permission::{PolicyEdit, PolicyRead};
use crate::http::write::{Answer, Sent, act, reply};
use crate::http::{App, Caller, Problem, Problems};
use crate::precheck::{RetentionChange, RetentionDecision};
use crate::proposals::http::{ProposalView, proposed};
use crate::proposals::{Decided, propose};
use vasp_record::proposal::Reason;
use vasp_routing::{get, post};
use vasp_rules::precheck_retention::PrecheckRetention;

/// The setting that is proposed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetPrecheckRetention {
    /// Days, from 30 to 5,479 (15 years); null: the law alone decides.
    #[schema(value_type = Option<u32>, minimum = 30, maximum = 5479, example = 3653)]
    days: Option<PrecheckRetention>,
    /// The reason, for the other person and the audit chain.
    #[schema(value_type = String, min_length = 1, max_length = 4000)]
    reason: Reason,
}

/// How long pre-checks that are recorded from now on are kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PrecheckRetention)]
pub(crate) struct PrecheckRetentionView {
    /// Days after which the request and answer are erased at the earliest, as your organisation set it. Null: as soon as the law allows it,
    /// which is the default.
    #[schema(example = 3653)]
    days: Option<u32>,
    /// What the law of your VASP's country demands today; null if you have no VASP with a known country. Each record has the floor of the law
    /// that its own pre-check applied.
    floor: Option<FloorView>,
}

/// Get how long recorded pre-checks are kept.
#[utoipa::path(tag = "prechecks", responses((status = 200, description = "The setting, and what the law demands.", body = PrecheckRetentionView), Problems))]
#[get("/v1/settings/precheck-retention")]
pub(crate) async fn get_precheck_retention(who: Caller<PolicyRead>, app: Data<App>) -> Result<Answer, Problem> {
    let (identity, now) = (who.known()?, app.clock.now());
    let setting = blocking(move || crate::precheck::read_retention(&app.registry, &identity, now)).await?;
    let view = PrecheckRetentionView {
        days: setting.setting.map(PrecheckRetention::days),
        floor: setting.floor.map(|floor| FloorView::of(floor.period.days(), floor.by)),
    };
    Ok(Answer(reply(StatusCode::OK, None, view)))
}

/// Propose how long pre-checks are kept that are recorded from now on.
///
/// A longer time is in force at once: the proposal is `approved`. A shorter one waits for another person. Records that are there stay as they
/// are, and none is kept shorter than the law demands.
#[utoipa::path(tag = "prechecks", request_body = SetPrecheckRetention, responses((status = 201, description = "The proposal.", body = ProposalView), Problems))]
#[post("/v1/settings/precheck-retention/propose")]
pub(crate) async fn propose_precheck_retention(
    who: Caller<PolicyEdit>,
    sent: Sent<SetPrecheckRetention>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let SetPrecheckRetention { days, reason } = sent.body;
    let service = move |mut act: Act<'_, Decided>| {
        let decision = RetentionDecision { key: act.data_key()? };
        propose(act, &decision, |held| Ok(RetentionChange { from: held.current, to: days }), &reason)
    };
    act(&app, identity, sent.once, proposed, service).await
}
