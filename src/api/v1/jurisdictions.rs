//! `/v1/jurisdictions` and `/v1/lists`: the rulebook and the lists of FATF and the EU, by date.

use actix_web::get;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::views::{DirectoryView, JurisdictionSummaryView, JurisdictionView};
use crate::api::paging::{Cursor, Limit, cursor};
use crate::api::tagged::Tagged;
use crate::api::{App, Caller, Json, Problem, Problems, Query, Resolve};
use crate::domain::rulebook::JurisdictionId;
use crate::domain::time::{Date, UtcTime};
use crate::service::{ANSWER_SECS, ListAnswer, list_jurisdictions as list, read_jurisdiction, read_list, valid_until};

/// Which part of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListJurisdictionsQuery {
    /// Items a page, 50 without.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// `next_cursor` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<JurisdictionId>>,
}

/// For which date.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DateQuery {
    /// The date; without: today.
    #[param(value_type = Option<String>, format = Date)]
    date: Option<Date>,
}

/// A page of jurisdictions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JurisdictionList)]
pub(crate) struct JurisdictionListView {
    items: Vec<JurisdictionSummaryView>,
    /// Send it as `cursor` for the next page; null: this is the last.
    next_cursor: Option<String>,
    /// Version of the rulebook.
    rulebook: String,
    directory: DirectoryView,
    #[schema(value_type = String, format = DateTime)]
    valid_until: UtcTime,
}

/// A jurisdiction with its rule on a date.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JurisdictionAnswer)]
pub(crate) struct JurisdictionAnswerView {
    #[serde(flatten)]
    jurisdiction: JurisdictionView,
    /// Version of the rulebook.
    #[schema(example = "2026-11-20+1.0.0")]
    rulebook: String,
    directory: DirectoryView,
    #[schema(value_type = String, format = DateTime)]
    valid_until: UtcTime,
}

/// Who is on a list on a date.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = List)]
pub(crate) struct ListView {
    #[schema(example = "FATF-GREY")]
    list: String,
    #[schema(value_type = String, format = Date)]
    date: Date,
    /// The last day up to which the list's changes are known; what happened later is not established.
    #[schema(value_type = Option<String>, format = Date)]
    known_through: Option<Date>,
    /// ISO 3166-1 alpha-2.
    #[schema(example = json!(["IR", "KP"]))]
    members: Vec<String>,
}

/// Lists the jurisdictions of the rulebook.
///
/// By id, each with whether a Travel Rule binds there today.
#[utoipa::path(
    tag = "rules",
    params(ListJurisdictionsQuery),
    responses((status = 200, description = "A page of jurisdictions", body = JurisdictionListView), Problems)
)]
#[get("/v1/jurisdictions")]
pub(crate) async fn list_jurisdictions(
    _caller: Caller<Resolve>,
    query: Query<ListJurisdictionsQuery>,
    app: Data<App>,
) -> Result<Json<JurisdictionListView>, Problem> {
    let now = app.clock.now();
    let after = query.0.cursor.map(|cursor| cursor.0);
    let (generation, page) = list(&app.registry, after.as_ref(), Limit::or_default(query.0.limit), now);
    let changes = page.items.iter().filter_map(|entry| entry.next_change(now.date())).map(Date::start);
    Ok(Json(JurisdictionListView {
        valid_until: valid_until(now, ANSWER_SECS, changes),
        items: page.items.iter().map(|entry| JurisdictionSummaryView::on(entry, now.date())).collect(),
        next_cursor: page.next.as_ref().map(cursor),
        rulebook: generation.documents().rulebook.value.version.clone(),
        directory: generation.as_ref().into(),
    }))
}

/// Returns a jurisdiction with its rule on a date.
///
/// An id means exactly that entry (`AE` is the federal rule, `AE-VARA` Dubai's); names and aliases are accepted.
#[utoipa::path(
    tag = "rules",
    params(("id" = String, Path, description = "Id or alias", example = "DE"), DateQuery),
    responses(
        (status = 200, description = "The jurisdiction", body = JurisdictionAnswerView),
        (status = 304, description = "Unchanged"),
        Problems
    )
)]
#[get("/v1/jurisdictions/{id}")]
pub(crate) async fn get_jurisdiction(
    caller: Caller<Resolve>,
    id: Path<String>,
    query: Query<DateQuery>,
    app: Data<App>,
) -> Result<Tagged<JurisdictionAnswerView>, Problem> {
    let answer = read_jurisdiction(&app.registry, &id, query.0.date, app.clock.now())?;
    let rulebook = answer.generation.documents().rulebook.value.version.clone();
    let view = JurisdictionAnswerView {
        jurisdiction: JurisdictionView::on(&answer.entry, answer.date),
        rulebook: rulebook.clone(),
        directory: answer.generation.as_ref().into(),
        valid_until: answer.valid_until,
    };
    Ok(Tagged::new(view, rulebook, caller.reader()))
}

/// Returns who is on a list on a date.
///
/// `FATF-BLACK`: call for action; `FATF-GREY`: increased monitoring; `EU-HRTC`: the EU's high-risk third countries.
#[utoipa::path(
    tag = "rules",
    params(("list" = String, Path, description = "FATF-BLACK, FATF-GREY or EU-HRTC", example = "FATF-GREY"), DateQuery),
    responses((status = 200, description = "The list", body = ListView), (status = 304, description = "Unchanged"), Problems)
)]
#[get("/v1/lists/{list}")]
pub(crate) async fn get_list(
    caller: Caller<Resolve>,
    list: Path<String>,
    query: Query<DateQuery>,
    app: Data<App>,
) -> Result<Tagged<ListView>, Problem> {
    let answer = read_list(&app.registry, &list, query.0.date, app.clock.now())?;
    Ok(Tagged::new(ListView::from(&answer), answer.list, caller.reader()))
}

impl From<&ListAnswer> for ListView {
    fn from(answer: &ListAnswer) -> Self {
        Self {
            list: answer.list.to_string(),
            date: answer.date,
            known_through: answer.known_through,
            members: answer.members.iter().map(ToString::to_string).collect(),
        }
    }
}
