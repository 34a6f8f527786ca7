//! `/v1/rulebook`: the rulebook in force, and new rulebooks that wait for the approval of two people.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::acts::{Act, Reply};
use crate::directory::Dated;
use crate::http::blocking::blocking;
use crate::http::listing::{after, id_in_path, page, pages};
use crate::http::paging::{Cursor, Limit};
use crate::http::permission::{Approve, OperatorRead};
use crate::http::write::{Answer, Sent, act, reply};
use crate::http::{App, Caller, Problem, Problems, Query};
use crate::proposals::http::{ProposalView, ReasonInput, SubjectPath, proposed};
use crate::proposals::{Decided, propose};
use crate::rulebook::imports;
use crate::rulebook::imports::{ImportedRulebook, RulebookDecision};
use vasp_record::proposal::ProposalState;
use vasp_routing::{get, post};
use vasp_rules::rulebook::{Difference, Rulebook};
use vasp_words::ids::RulebookImportId;
use vasp_words::time::{Date, UtcTime};

const MISSING: &str = "There is no such imported rulebook.";

/// The rulebook in force.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RulebookInForce)]
pub(crate) struct RulebookView {
    #[schema(example = "2026-11-20+1.1.0")]
    version: String,
    /// The day that the rulebook's facts are from.
    observed_on: Date,
    /// The file that it was imported from; `compiled in` if none was imported.
    source: String,
    /// The last day up to which the rulebook includes changes of the law.
    known_through: Date,
    jurisdictions: usize,
    /// Number of dated versions of rules.
    rule_versions: usize,
}

/// A summary of a new rulebook.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportedRulebookSummary)]
pub(crate) struct ImportSummaryView {
    id: RulebookImportId,
    /// `pending`, `approved` or `declined`.
    state: ProposalState,
    /// The version in the rulebook's file.
    #[schema(example = "2027-02-01+1.0.0")]
    version: String,
    observed_on: Date,
    /// The file that it was imported from.
    source: String,
    /// SHA-256 of the file.
    sha256: String,
    imported_at: UtcTime,
    /// The latest proposal about it; null if there is none.
    proposal: Option<ProposalView>,
    /// Number of members that change.
    change_count: usize,
}

/// A new rulebook with its changes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportedRulebook)]
pub(crate) struct ImportView {
    #[serde(flatten)]
    summary: ImportSummaryView,
    /// The changes: first the rulebook's own members, then by jurisdiction, version and member. Inheritance is applied.
    #[schema(value_type = Vec<RulebookChangeView>)]
    changes: Vec<Difference>,
}

/// One member that changes.
#[derive(ToSchema)]
#[schema(as = RulebookChange)]
#[expect(dead_code, reason = "only its description is used")]
pub(crate) struct RulebookChangeView {
    /// The jurisdiction; null for a member of the rulebook itself.
    #[schema(example = "SG")]
    jurisdiction: Option<String>,
    /// The version of the jurisdiction's rule; null for a member of the entry itself.
    #[schema(example = "SG@2020-01-28")]
    version: Option<String>,
    /// JSON Pointer of the member; empty if the whole entry or version is added or removed.
    #[schema(example = "/retention_years")]
    pointer: String,
    /// The old value; null if there is none.
    #[schema(value_type = Value)]
    from: Value,
    /// The new value; null if there is none.
    #[schema(value_type = Value)]
    to: Value,
}

pages! {
    /// A page of new rulebooks.
    ImportListView as ImportedRulebookList of ImportSummaryView;
}

/// Selects the new rulebooks to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ImportQuery {
    /// Only those in this state; all if you leave it out.
    state: Option<ProposalState>,
    /// Items per page; 50 by default.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// `next_cursor` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<String>>,
}

fn rendered(imported: &ImportedRulebook) -> Reply {
    reply(StatusCode::OK, None, ImportView::from(imported.clone()))
}

/// Get the rulebook in force.
#[utoipa::path(tag = "operator", responses((status = 200, description = "The rulebook.", body = RulebookView), Problems))]
#[get("/v1/rulebook")]
pub(crate) async fn get_rulebook(_who: Caller<OperatorRead>, app: Data<App>) -> Result<Answer, Problem> {
    let generation = app.registry.pin(app.clock.now());
    Ok(Answer(reply(StatusCode::OK, None, RulebookView::from(&generation.documents().rulebook))))
}

/// List new rulebooks, oldest first.
#[utoipa::path(tag = "operator", params(ImportQuery), responses((status = 200, description = "A page of new rulebooks.", body = ImportListView), Problems))]
#[get("/v1/rulebook/imports")]
pub(crate) async fn list_rulebook_imports(
    _who: Caller<OperatorRead>,
    query: Query<ImportQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let ImportQuery { state, limit, cursor } = query.0;
    let (after, limit) = (after(cursor), Limit::or_default(limit));
    let found = blocking(move || imports::list_rulebook_imports(&app.registry, state, &after, limit)).await?;
    Ok(page::<_, ImportSummaryView>(found))
}

/// Get a new rulebook with its changes.
#[utoipa::path(tag = "operator", params(("id" = String, Path, description = "Id of the new rulebook.")), responses((status = 200, description = "The new rulebook.", body = ImportView), Problems))]
#[get("/v1/rulebook/imports/{id}")]
pub(crate) async fn get_rulebook_import(
    _who: Caller<OperatorRead>,
    path: Path<String>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let id = id_in_path::<RulebookImportId>(&path, MISSING)?;
    let imported = blocking(move || imports::read_rulebook_import(&app.registry, id)).await?;
    Ok(Answer(rendered(&imported)))
}

/// Propose to put a new rulebook in force.
///
/// Returns 412 if another rulebook came into force since the import. The displayed changes would then no longer be the real ones.
#[utoipa::path(tag = "operator", params(SubjectPath), request_body = ReasonInput, responses((status = 201, description = "The proposal.", body = ProposalView), Problems))]
#[post("/v1/rulebook/imports/{id}/propose")]
pub(crate) async fn propose_rulebook(
    who: Caller<Approve>,
    path: Path<SubjectPath>,
    sent: Sent<ReasonInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let reason = sent.body.reason;
    let id = id_in_path(&path.id, MISSING)?;
    let service =
        move |act: Act<'_, Decided>| propose(act, &RulebookDecision(id), |row| Ok(RulebookDecision::content(row)), &reason);
    act(&app, who.known()?, sent.once, proposed, service).await
}

impl From<&Dated<Arc<Rulebook>>> for RulebookView {
    fn from(Dated { value: book, observed_on, source }: &Dated<Arc<Rulebook>>) -> Self {
        Self {
            version: book.version.clone(),
            observed_on: *observed_on,
            source: source.clone(),
            known_through: book.known_through,
            jurisdictions: book.jurisdictions().count(),
            rule_versions: book.jurisdictions().map(|entry| entry.rules.len()).sum(),
        }
    }
}

impl From<ImportedRulebook> for ImportSummaryView {
    fn from(of: ImportedRulebook) -> Self {
        Self {
            id: of.row.id,
            state: of.row.state,
            version: of.row.version,
            observed_on: of.row.observed_on,
            source: of.row.source,
            sha256: hex::encode(&of.row.digest),
            imported_at: of.row.imported_at,
            proposal: of.proposal.as_ref().map(ProposalView::from),
            change_count: of.changes.len(),
        }
    }
}

impl From<ImportedRulebook> for ImportView {
    fn from(of: ImportedRulebook) -> Self {
        Self { changes: of.changes.clone(), summary: of.into() }
    }
}
