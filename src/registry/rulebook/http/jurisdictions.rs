//! `/v1/jurisdictions` and `/v1/lists`: the rulebook, and the lists of FATF and the EU, by date. Also the comparison of jurisdictions.

use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{JurisdictionSummaryView, JurisdictionView};
use crate::http::paging::{Cursor, Limit, cursor};
use crate::http::tagged::Tagged;
use crate::http::{App, Caller, DirectoryView, Json, Problem, Problems, Query, Resolve};
use crate::node::{Holds, ValidUntil};
use crate::rulebook::{
    ComparedColumn, ComparisonAnswer, ListAnswer, compare_jurisdictions as compare, list_jurisdictions as list,
    read_jurisdiction, read_list,
};
use vasp_routing::get;
use vasp_rules::rulebook::{ComparedMember, JurisdictionId, Rulebook, TravelRuleStatus};
use vasp_words::time::Date;

/// Selects the date and a page of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListJurisdictionsQuery {
    /// Show what is valid on this date; today by default.
    date: Option<Date>,
    /// Items per page; 50 by default.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// `next_cursor` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<JurisdictionId>>,
}

/// Selects the date.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DateQuery {
    /// The date; today by default.
    date: Option<Date>,
}

/// Selects the jurisdictions to compare, and the date.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CompareQuery {
    /// Ids or aliases, separated by commas; 2 to 20.
    #[param(example = "DE,CH,SG")]
    ids: String,
    /// The date; today by default.
    date: Option<Date>,
}

/// A comparison of jurisdictions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JurisdictionComparison)]
pub(crate) struct ComparisonView {
    date: Date,
    /// One column for each jurisdiction, in the order that you asked for.
    columns: Vec<ComparedColumnView>,
    /// One row for each member of the rules, in order of the members; also for members that are the same in all rules.
    rows: Vec<ComparedRowView>,
    #[serde(flatten)]
    known: KnownView,
    /// Version of the rulebook.
    #[schema(example = "2026-11-20+1.1.0")]
    rulebook: String,
    directory: DirectoryView,
    valid_until: ValidUntil,
}

/// The jurisdiction of a column.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ComparedColumn)]
pub(crate) struct ComparedColumnView {
    #[schema(example = "DE")]
    id: String,
    /// The name; null if the rulebook has no entry.
    name: Option<String>,
    /// The version of the rule. Null if it is unknown, which does not mean "no requirement".
    rule_version: Option<String>,
    status: TravelRuleStatus,
}

/// One member of the rules.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ComparedRow)]
pub(crate) struct ComparedRowView {
    /// JSON Pointer of the member in the `rule` of a jurisdiction.
    #[schema(example = "/threshold/kind")]
    pointer: String,
    /// Whether the value is the same for all jurisdictions.
    same: bool,
    /// One value for each column; null if the rule does not have the member.
    #[schema(value_type = Vec<serde_json::Value>)]
    values: Vec<serde_json::Value>,
}

/// How far the rulebook's knowledge reaches.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RulebookKnowledge)]
pub(crate) struct KnownView {
    /// The last day up to which the rulebook includes changes of the law.
    known_through: Date,
    /// Whether the date is after that day. Rules may have changed since, and this answer does not include such changes.
    after_known_through: bool,
}

/// A page of jurisdictions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JurisdictionList)]
pub(crate) struct JurisdictionListView {
    items: Vec<JurisdictionSummaryView>,
    /// Send it as `cursor` to get the next page; null on the last page.
    next_cursor: Option<String>,
    date: Date,
    #[serde(flatten)]
    known: KnownView,
    /// Version of the rulebook.
    rulebook: String,
    directory: DirectoryView,
    valid_until: ValidUntil,
}

/// A jurisdiction with its rule on a date.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JurisdictionAnswer)]
pub(crate) struct JurisdictionAnswerView {
    #[serde(flatten)]
    jurisdiction: JurisdictionView,
    #[serde(flatten)]
    known: KnownView,
    /// Version of the rulebook.
    #[schema(example = "2026-11-20+1.1.0")]
    rulebook: String,
    directory: DirectoryView,
    valid_until: ValidUntil,
}

/// The members of a list on a date.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = List)]
pub(crate) struct ListView {
    #[schema(example = "FATF-GREY")]
    list: String,
    date: Date,
    /// The last day up to which changes of the list are known; later changes are unknown. Null if that day is unknown.
    known_through: Option<Date>,
    /// Whether the date is after that day, or that day is unknown.
    after_known_through: bool,
    /// The countries, ISO 3166-1 alpha-2.
    #[schema(example = json!(["IR", "KP"]))]
    members: Vec<String>,
}

/// List the jurisdictions of the rulebook.
///
/// Sorted by id. Each one shows whether a Travel Rule is binding there on the date.
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
    let date = query.0.date.unwrap_or(now.date());
    let (generation, page) = list(&app.registry, after.as_ref(), Limit::or_default(query.0.limit), now);
    let moves = query.0.date.is_none();
    let changes = page.items.iter().filter(|_| moves).filter_map(|entry| entry.next_change(date)).map(Date::start);
    Ok(Json(JurisdictionListView {
        valid_until: app.registry.valid_until(Holds::before(now, changes)),
        items: page.items.iter().map(|entry| JurisdictionSummaryView::on(entry, date)).collect(),
        next_cursor: page.next.as_ref().map(cursor),
        date,
        known: KnownView::on(&generation.documents().rulebook.value, date),
        rulebook: generation.documents().rulebook.value.version.clone(),
        directory: generation.as_ref().into(),
    }))
}

/// Compare the rules of several jurisdictions.
///
/// One row for each member, one column for each jurisdiction. A country without an entry has an empty column, which means unknown.
#[utoipa::path(
    tag = "rules",
    params(CompareQuery),
    responses((status = 200, description = "Side by side", body = ComparisonView), Problems)
)]
#[get("/v1/jurisdictions/compare")]
pub(crate) async fn compare_jurisdictions(
    _caller: Caller<Resolve>,
    query: Query<CompareQuery>,
    app: Data<App>,
) -> Result<Json<ComparisonView>, Problem> {
    let answer = compare(&app.registry, &query.0.ids, query.0.date, app.clock.now())?;
    Ok(Json(ComparisonView::from(&answer)))
}

/// Get a jurisdiction with its rule on a date.
///
/// An id means exactly that entry: `AE` is the federal rule, `AE-VARA` is Dubai's. Names and aliases are accepted too.
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
        known: KnownView::on(&answer.generation.documents().rulebook.value, answer.date),
        rulebook: rulebook.clone(),
        directory: answer.generation.as_ref().into(),
        valid_until: answer.valid_until,
    };
    Ok(Tagged::new(view, rulebook, caller.reader()))
}

/// Get a list of countries as it was on a date.
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

impl KnownView {
    fn on(rulebook: &Rulebook, date: Date) -> Self {
        Self { known_through: rulebook.known_through, after_known_through: date > rulebook.known_through }
    }
}

impl From<&ComparisonAnswer> for ComparisonView {
    fn from(answer: &ComparisonAnswer) -> Self {
        let rulebook = &answer.generation.documents().rulebook.value;
        let column = |column: &ComparedColumn| ComparedColumnView {
            id: column.id.to_string(),
            name: column.name.clone(),
            rule_version: column.rule.as_ref().map(|rule| rule.id.to_string()),
            status: column.rule.as_ref().map_or(TravelRuleStatus::Unknown, |rule| rule.travel_rule),
        };
        let row =
            |row: &ComparedMember| ComparedRowView { pointer: row.pointer.clone(), same: row.same, values: row.values.clone() };
        Self {
            date: answer.date,
            columns: answer.columns.iter().map(column).collect(),
            rows: answer.rows.iter().map(row).collect(),
            known: KnownView::on(rulebook, answer.date),
            rulebook: rulebook.version.clone(),
            directory: answer.generation.as_ref().into(),
            valid_until: answer.valid_until,
        }
    }
}

impl From<&ListAnswer> for ListView {
    fn from(answer: &ListAnswer) -> Self {
        Self {
            list: answer.list.to_string(),
            date: answer.date,
            known_through: answer.known_through,
            after_known_through: answer.known_through.is_none_or(|last| answer.date > last),
            members: answer.members.iter().map(ToString::to_string).collect(),
        }
    }
}
