//! `/v1/alerts`: your organisation's alerts.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::view::{AlertListView, AlertView};
use super::{Alert, AlertFilter};
use crate::alerts;
use crate::http::blocking::blocking;
use crate::http::listing::{after, id_in_path, page};
use crate::http::paging::{Cursor, Limit};
use crate::http::permission::Alerts;
use crate::http::write::{Answer, Sent, act, reply};
use crate::http::{App, Caller, Problem, Problems, Query};
use vasp_routing::{get, post};
use vasp_rules::alert::Severity;
use vasp_words::ids::{AlertId, VaspId};
use vasp_words::time::UtcTime;

const MISSING: &str = "There is no such alert.";

/// Filters for the list of alerts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AlertParameters {
    /// True: only acknowledged alerts. False: only alerts that nobody has acknowledged.
    acknowledged: Option<bool>,
    /// Only alerts about this VASP.
    vasp: Option<VaspId>,
    /// Only alerts of this severity or higher: `critical`, `high`, `medium`, `info`.
    #[param(value_type = Option<String>)]
    min_severity: Option<Severity>,
    /// Only alerts raised at this time or later.
    since: Option<UtcTime>,
    /// Maximum number of items on the page; 50 if left out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// The `next_cursor` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<String>>,
}

/// An acknowledgement of an alert.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Acknowledge {
    /// A note, at most 2,000 characters.
    note: Option<String>,
}

fn view(alert: Alert) -> crate::acts::Reply {
    let version = alert.version.to_string();
    reply(StatusCode::OK, Some(version), AlertView::from(alert))
}

/// List alerts, newest first.
///
/// The registry raises an alert when a check of a watched VASP finds something else than before. The alert has the earlier and the present
/// finding.
#[utoipa::path(tag = "watch", params(AlertParameters), responses((status = 200, description = "A page of alerts.", body = AlertListView), Problems))]
#[get("/v1/alerts")]
pub(crate) async fn list_alerts(who: Caller<Alerts>, query: Query<AlertParameters>, app: Data<App>) -> Result<Answer, Problem> {
    let AlertParameters { acknowledged, vasp, min_severity, since, limit, cursor } = query.0;
    let (identity, filter) = (who.known()?, AlertFilter { acknowledged, vasp, min_severity, since });
    let (before, limit) = (after(cursor), Limit::or_default(limit));
    let found = blocking(move || alerts::list_alerts(&app.registry, &identity, &filter, &before, limit)).await?;
    Ok(page::<_, AlertView>(found))
}

/// Get an alert about something that you watch.
#[utoipa::path(tag = "watch", params(("id" = String, Path, description = "The alert's id.")), responses((status = 200, description = "The alert.", body = AlertView), Problems))]
#[get("/v1/alerts/{id}")]
pub(crate) async fn get_alert(who: Caller<Alerts>, path: Path<String>, app: Data<App>) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<AlertId>(&path, MISSING)?);
    let found = blocking(move || alerts::read_alert(&app.registry, &identity, id)).await?;
    Ok(Answer(view(found)))
}

/// Acknowledge an alert.
///
/// You can acknowledge an alert once. The alert keeps the user and the time.
#[utoipa::path(tag = "watch", params(("id" = String, Path, description = "The alert's id.")), request_body = Acknowledge, responses((status = 200, description = "The alert.", body = AlertView), Problems))]
#[post("/v1/alerts/{id}/acknowledge")]
pub(crate) async fn acknowledge_alert(
    who: Caller<Alerts>,
    path: Path<String>,
    sent: Sent<Acknowledge>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<AlertId>(&path, MISSING)?);
    let note = sent.body.note;
    let done = |alert: &Alert| view(alert.clone());
    act(&app, identity, sent.once, done, move |act| alerts::acknowledge_alert(act, id, note)).await
}
