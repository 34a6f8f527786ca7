//! `/v1/operator/rulebook`: the rulebook in force, and new ones that wait for two people.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::views::{ApprovalInput, ReasonInput};
use crate::api::blocking::blocking;
use crate::api::listing::{after, id_in_path, page, pages};
use crate::api::paging::{Cursor, Limit};
use crate::api::permission::{Approve, OperatorRead};
use crate::api::v1::views::mirrored;
use crate::api::write::{Answer, Sent, act, reply};
use crate::api::{App, Caller, Problem, Problems, Query};
use crate::service::{self, Reply, RulebookInForce, RulebookProposal, RulebookProposalState};
use vasp_rules::rulebook::Difference;
use vasp_words::ids::RulebookProposalId;
use vasp_words::time::{Date, UtcTime};

const MISSING: &str = "There is no such proposal of a rulebook.";

mirrored! { "snake_case":
    /// Where a proposed rulebook stands.
    #[schema(as = RulebookProposalState)]
    #[derive(Deserialize)]
    ProposalStateView of RulebookProposalState { Declined, Pending, Approved }
}

/// The rulebook in force.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RulebookInForce)]
pub(crate) struct RulebookView {
    #[schema(example = "2026-11-20+1.0.0")]
    version: String,
    /// Day of the facts in it.
    #[schema(value_type = String, format = Date)]
    observed_on: Date,
    /// File; `compiled in` where none was imported.
    source: String,
    /// The last day up to which it knows of changes.
    #[schema(value_type = String, format = Date)]
    known_through: Date,
    jurisdictions: usize,
    /// Dated versions of rules.
    rule_versions: usize,
}

/// A new rulebook in a few words.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RulebookProposalSummary)]
pub(crate) struct ProposalSummaryView {
    #[schema(example = "rbp_01jvv5s8e0n3w8qf0j6m2h4k7x")]
    id: String,
    state: ProposalStateView,
    /// The rulebook's own version.
    #[schema(example = "2027-02-01+1.0.0")]
    version: String,
    #[schema(value_type = String, format = Date)]
    observed_on: Date,
    /// File.
    source: String,
    /// SHA-256 of the file.
    sha256: String,
    /// Send it back to approve exactly this: the file, in place of the rulebook that it was compared with.
    proposal_digest: String,
    #[schema(value_type = String, format = DateTime)]
    proposed_at: UtcTime,
    /// The first person who approved it; null: nobody yet.
    first_approved_by: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    first_approved_at: Option<UtcTime>,
    /// The second person, or whoever declined it.
    decided_by: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    decided_at: Option<UtcTime>,
    /// Why it was declined.
    reason: Option<String>,
    /// How many members are not as they were.
    change_count: usize,
}

/// A new rulebook with what it changes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RulebookProposal)]
pub(crate) struct ProposalView {
    #[serde(flatten)]
    summary: ProposalSummaryView,
    /// The rulebook's own members first, then by jurisdiction, version and member; inheritance is applied.
    changes: Vec<RulebookChangeView>,
}

/// One member that is not as it was.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RulebookChange)]
pub(crate) struct RulebookChangeView {
    /// Null: the rulebook's own.
    #[schema(example = "SG")]
    jurisdiction: Option<String>,
    /// Of which version of its rule; null: of the entry itself.
    #[schema(example = "SG@2020-01-28")]
    version: Option<String>,
    /// JSON pointer of the member; empty: the whole, which comes or goes.
    #[schema(example = "/retention_years")]
    pointer: String,
    /// What it was; null: nothing.
    #[schema(value_type = Value)]
    from: Value,
    /// What it is to be; null: nothing.
    #[schema(value_type = Value)]
    to: Value,
}

pages! {
    /// A page of new rulebooks.
    ProposalListView as RulebookProposalList of ProposalSummaryView;
}

/// Which proposals.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ProposalQuery {
    /// In this state; without: all.
    #[param(value_type = Option<ProposalStateView>)]
    state: Option<ProposalStateView>,
    /// Items a page, 50 without.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// `next_cursor` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<String>>,
}

fn rendered(proposal: &RulebookProposal) -> Reply {
    reply(StatusCode::OK, None, ProposalView::from(proposal.clone()))
}

/// Returns the rulebook in force.
#[utoipa::path(tag = "operator", responses((status = 200, description = "The rulebook.", body = RulebookView), Problems))]
#[get("/v1/operator/rulebook")]
pub(crate) async fn get_rulebook(_who: Caller<OperatorRead>, app: Data<App>) -> Result<Answer, Problem> {
    let in_force = service::read_rulebook_in_force(&app.registry, app.clock.now());
    Ok(Answer(reply(StatusCode::OK, None, RulebookView::from(in_force))))
}

/// Lists new rulebooks, oldest first.
#[utoipa::path(tag = "operator", params(ProposalQuery), responses((status = 200, description = "A page of proposals.", body = ProposalListView), Problems))]
#[get("/v1/operator/rulebook/proposals")]
pub(crate) async fn list_rulebook_proposals(
    _who: Caller<OperatorRead>,
    query: Query<ProposalQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let ProposalQuery { state, limit, cursor } = query.0;
    let (after, limit) = (after(cursor), Limit::or_default(limit));
    let state = state.map(RulebookProposalState::from);
    let found = blocking(move || service::list_rulebook_proposals(&app.registry, state, &after, limit)).await?;
    Ok(page::<_, ProposalSummaryView>(found))
}

/// Returns a new rulebook with what it changes.
#[utoipa::path(tag = "operator", params(("id" = String, Path, description = "The proposal's id.")), responses((status = 200, description = "The proposal.", body = ProposalView), Problems))]
#[get("/v1/operator/rulebook/proposals/{id}")]
pub(crate) async fn get_rulebook_proposal(
    _who: Caller<OperatorRead>,
    path: Path<String>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let id = id_in_path::<RulebookProposalId>(&path, MISSING)?;
    let proposal = blocking(move || service::read_rulebook_proposal(&app.registry, id)).await?;
    Ok(Answer(rendered(&proposal)))
}

/// Approves exactly what is proposed: it takes two people, and comes into force with the second.
///
/// The same person twice, or somebody whose user or credential goes back to the first, gets 409 `same_person`. Where another rulebook
/// came into force since, 412: what it would change is not what was shown.
#[utoipa::path(tag = "operator", params(("id" = String, Path, description = "The proposal's id.")), request_body = ApprovalInput, responses((status = 200, description = "The proposal.", body = ProposalView), Problems))]
#[post("/v1/operator/rulebook/proposals/{id}/approve")]
pub(crate) async fn approve_rulebook(
    who: Caller<Approve>,
    path: Path<String>,
    sent: Sent<ApprovalInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<RulebookProposalId>(&path, MISSING)?);
    let digest = sent.body.proposal_digest;
    act(&app, identity, sent.once, rendered, move |act| service::approve_rulebook(act, id, &digest)).await
}

/// Declines a new rulebook that waits.
#[utoipa::path(tag = "operator", params(("id" = String, Path, description = "The proposal's id.")), request_body = ReasonInput, responses((status = 200, description = "The proposal.", body = ProposalView), Problems))]
#[post("/v1/operator/rulebook/proposals/{id}/decline")]
pub(crate) async fn decline_rulebook(
    who: Caller<Approve>,
    path: Path<String>,
    sent: Sent<ReasonInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<RulebookProposalId>(&path, MISSING)?);
    act(&app, identity, sent.once, rendered, move |act| service::decline_rulebook(act, id, &sent.body.reason)).await
}

impl From<ProposalStateView> for RulebookProposalState {
    fn from(state: ProposalStateView) -> Self {
        match state {
            ProposalStateView::Declined => Self::Declined,
            ProposalStateView::Pending => Self::Pending,
            ProposalStateView::Approved => Self::Approved,
        }
    }
}

impl From<RulebookInForce> for RulebookView {
    fn from(book: RulebookInForce) -> Self {
        let RulebookInForce { version, observed_on, source, known_through, jurisdictions, rule_versions } = book;
        Self { version, observed_on, source, known_through, jurisdictions, rule_versions }
    }
}

impl From<RulebookProposal> for ProposalSummaryView {
    fn from(proposal: RulebookProposal) -> Self {
        Self {
            id: proposal.id,
            state: proposal.state.into(),
            version: proposal.version,
            observed_on: proposal.observed_on,
            source: proposal.source,
            sha256: proposal.sha256,
            proposal_digest: proposal.proposal_digest,
            proposed_at: proposal.proposed_at,
            first_approved_by: proposal.first_approved_by,
            first_approved_at: proposal.first_approved_at,
            decided_by: proposal.decided_by,
            decided_at: proposal.decided_at,
            reason: proposal.reason,
            change_count: proposal.changes.len(),
        }
    }
}

impl From<RulebookProposal> for ProposalView {
    fn from(proposal: RulebookProposal) -> Self {
        let changes = proposal.changes.iter().map(RulebookChangeView::from).collect();
        Self { summary: proposal.into(), changes }
    }
}

impl From<&Difference> for RulebookChangeView {
    fn from(change: &Difference) -> Self {
        Self {
            jurisdiction: change.jurisdiction.as_ref().map(ToString::to_string),
            version: change.version.as_ref().map(ToString::to_string),
            pointer: change.pointer.clone(),
            from: change.from.clone(),
            to: change.to.clone(),
        }
    }
}
