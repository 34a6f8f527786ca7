//! `/v1/member/settings/precheck-retention`: how long the organisation keeps what was asked and answered in its pre-checks.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{get, put};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::acts::Reply;
use crate::http::blocking::blocking;
use crate::http::permission::{PolicyEdit, PolicyRead};
use crate::http::write::{Answer, Sent, Version, act, reply};
use crate::http::{App, Caller, Problem, Problems};
use crate::precheck::RetentionSetting;
use vasp_rules::precheck_retention::PrecheckRetention;

/// How long.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetPrecheckRetention {
    /// 30 to 5,479 (15 years).
    #[schema(value_type = u32, minimum = 30, maximum = 5479, example = 1827)]
    days: PrecheckRetention,
}

/// How long it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PrecheckRetention)]
pub(crate) struct PrecheckRetentionView {
    /// Days after which what was asked and answered is erased; digests, references and codes stay.
    #[schema(example = 1827)]
    days: u32,
    /// Whether the organisation set nothing: the period is then what the law of its VASP's country asks for, by the rulebook; 5,479
    /// without a VASP, and if that law states none.
    is_default: bool,
}

fn rendered(setting: &RetentionSetting) -> Reply {
    let view = PrecheckRetentionView { days: setting.retention.days(), is_default: !setting.is_own };
    reply(StatusCode::OK, Some(setting.version.to_string()), view)
}

/// Get how long recorded pre-checks are kept.
#[utoipa::path(tag = "prechecks", responses((status = 200, description = "The period.", body = PrecheckRetentionView), Problems))]
#[get("/v1/member/settings/precheck-retention")]
pub(crate) async fn get_precheck_retention(who: Caller<PolicyRead>, app: Data<App>) -> Result<Answer, Problem> {
    let (identity, now) = (who.known()?, app.clock.now());
    let setting = blocking(move || crate::precheck::read_retention(&app.registry, &identity, now)).await?;
    Ok(Answer(rendered(&setting)))
}

/// Set how long recorded pre-checks are kept.
///
/// What is over by it is erased within the hour, and cannot be brought back.
#[utoipa::path(tag = "prechecks", request_body = SetPrecheckRetention, responses((status = 200, description = "The period.", body = PrecheckRetentionView), Problems))]
#[put("/v1/member/settings/precheck-retention")]
pub(crate) async fn put_precheck_retention(
    who: Caller<PolicyEdit>,
    version: Version,
    sent: Sent<SetPrecheckRetention>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, days) = (who.known()?, sent.body.days);
    act(&app, identity, sent.once, rendered, move |act| crate::precheck::set_retention(act, days, version.test())).await
}
