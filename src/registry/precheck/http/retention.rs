//! `/v1/settings/precheck-retention`: how long the organisation keeps the requests and answers of its pre-checks.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::acts::Reply;
use crate::http::blocking::blocking;
use crate::http::permission::{PolicyEdit, PolicyRead};
use crate::http::write::{Answer, Sent, Version, act, reply};
use crate::http::{App, Caller, Problem, Problems};
use crate::precheck::RetentionSetting;
use vasp_routing::{get, put};
use vasp_rules::precheck_retention::PrecheckRetention;

/// The retention period to set.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetPrecheckRetention {
    /// Days, from 30 to 5,479 (15 years).
    #[schema(value_type = u32, minimum = 30, maximum = 5479, example = 1827)]
    days: PrecheckRetention,
}

/// The retention period.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PrecheckRetention)]
pub(crate) struct PrecheckRetentionView {
    /// Days after which the request and answer are erased. Digests, references and codes stay.
    #[schema(example = 1827)]
    days: u32,
    /// Whether your organisation did not set the period. It is then the one that the rulebook names for the law of your VASP's country.
    /// It is 5,479 days if you have no VASP, or if that law states no period.
    is_default: bool,
}

fn rendered(setting: &RetentionSetting) -> Reply {
    let view = PrecheckRetentionView { days: setting.retention.days(), is_default: !setting.is_own };
    reply(StatusCode::OK, Some(setting.version.to_string()), view)
}

/// Get how long recorded pre-checks are kept.
#[utoipa::path(tag = "prechecks", responses((status = 200, description = "The period.", body = PrecheckRetentionView), Problems))]
#[get("/v1/settings/precheck-retention")]
pub(crate) async fn get_precheck_retention(who: Caller<PolicyRead>, app: Data<App>) -> Result<Answer, Problem> {
    let (identity, now) = (who.known()?, app.clock.now());
    let setting = blocking(move || crate::precheck::read_retention(&app.registry, &identity, now)).await?;
    Ok(Answer(rendered(&setting)))
}

/// Set how long recorded pre-checks are kept.
///
/// Requests and answers that are older than the period are erased within the hour. You cannot restore them.
#[utoipa::path(tag = "prechecks", request_body = SetPrecheckRetention, responses((status = 200, description = "The period.", body = PrecheckRetentionView), Problems))]
#[put("/v1/settings/precheck-retention")]
pub(crate) async fn replace_precheck_retention(
    who: Caller<PolicyEdit>,
    version: Version,
    sent: Sent<SetPrecheckRetention>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, days) = (who.known()?, sent.body.days);
    act(&app, identity, sent.once, rendered, move |act| crate::precheck::set_retention(act, days, version.test())).await
}
