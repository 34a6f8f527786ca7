//! The routes of proposals, the same for every kind.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use utoipa::IntoParams;

use super::kinds::Kind;
use crate::acts::{Identity, Once, Reply};
use crate::authorities::settle_waiting_rows;
use crate::http::blocking::blocking;
use crate::http::listing::{after, id_in_path, page};
use crate::http::paging::{Cursor, Limit};
use crate::http::permission::Known;
use crate::http::write::{Answer, Bare, Sent, act, act_at_length, reply};
use crate::http::{App, Caller, Problem, ProblemCode, Problems, Query};
use crate::proposals::http::{
    ApprovalInput, ApprovedView, ProposalListView, ProposalView, ReasonInput, SubjectPath, approved, settled,
};
use crate::proposals::{Decided, Proposal, ProposalFilter, Settling, list_proposals as list, read_proposal};
use vasp_record::proposal::{ProposalKind, ProposalState};
use vasp_routing::{get, post};
use vasp_words::error_chain::error_chain;
use vasp_words::ids::ProposalId;

const MISSING: &str = "There is no such proposal.";

/// Whom a proposal waits for.
#[derive(Clone, Copy, Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WaitsFor {
    /// The caller.
    Me,
}

/// Selects proposals.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ProposalQuery {
    /// Only those in this state.
    state: Option<ProposalState>,
    /// Only those of this kind.
    kind: Option<ProposalKind>,
    /// Only those about the thing with this id.
    subject: Option<String>,
    /// `me`: only those that wait, that another person made, and that your role may approve. Leave out `state` then.
    #[param(inline)]
    waits_for: Option<WaitsFor>,
    /// Maximum number of items on the page; 50 if left out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// `next_cursor` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<String>>,
}

/// Returns the filter for what concerns a caller.
fn filter(identity: &Identity, query: &ProposalQuery) -> Result<ProposalFilter, Problem> {
    let waits = query.waits_for.is_some();
    if waits && query.state.is_some() {
        return Err(Problem::invalid_value("?state", "`waits_for` lists only those that wait; leave out `state`".to_owned()));
    }
    let kinds = ProposalKind::ALL.into_iter().filter(|kind| query.kind.is_none_or(|wanted| wanted == *kind));
    let readable: Vec<ProposalKind> = kinds.filter(|kind| (Kind::of(*kind).reads)(identity).is_ok()).collect();
    if readable.is_empty() {
        return Err(Problem::new(ProblemCode::Forbidden, "Your role and credentials read no proposals of this kind."));
    }
    let listed = readable.into_iter().filter(|kind| !waits || (Kind::of(*kind).decides)(identity).is_ok());
    let (everywhere, own): (Vec<_>, Vec<_>) = listed.partition(|kind| (Kind::of(*kind).reaches_all)(identity));
    Ok(ProposalFilter {
        own,
        everywhere,
        state: if waits { Some(ProposalState::Pending) } else { query.state },
        subject: query.subject.clone(),
        not_by: waits.then_some(identity.user),
    })
}

/// Returns a proposal that the caller may read. Any other is reported as missing.
async fn read(app: &Data<App>, identity: &Identity, id: &str) -> Result<Proposal, Problem> {
    let id = id_in_path::<ProposalId>(id, MISSING)?;
    let (app, identity) = (app.clone(), identity.clone());
    blocking(move || {
        read_proposal(&app.registry, &identity, id, |kind, organisation| {
            let kind = Kind::of(kind);
            (kind.reads)(&identity).is_ok() && (organisation == identity.organisation || (kind.reaches_all)(&identity))
        })
    })
    .await
}

/// List proposals, waiting and decided, oldest first.
#[utoipa::path(tag = "proposals", params(ProposalQuery), responses((status = 200, description = "A page of proposals.", body = ProposalListView), Problems))]
#[get("/v1/proposals")]
pub(crate) async fn list_proposals(who: Caller<Known>, query: Query<ProposalQuery>, app: Data<App>) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let filter = filter(&identity, &query.0)?;
    let (after, limit) = (after(query.0.cursor), Limit::or_default(query.0.limit));
    Ok(page::<_, ProposalView>(blocking(move || list(&app.registry, &identity, &filter, &after, limit)).await?))
}

/// Get a proposal.
#[utoipa::path(tag = "proposals", params(SubjectPath), responses((status = 200, description = "The proposal.", body = ProposalView), Problems))]
#[get("/v1/proposals/{id}")]
pub(crate) async fn get_proposal(who: Caller<Known>, path: Path<SubjectPath>, app: Data<App>) -> Result<Answer, Problem> {
    let found = read(&app, &who.known()?, &path.id).await?;
    Ok(Answer(reply(StatusCode::OK, None, ProposalView::from(&found))))
}

/// Settles a proposal on behalf of a caller.
async fn settle(
    app: &Data<App>,
    identity: Identity,
    id: &str,
    settling: Settling,
    once: Option<Once>,
) -> Result<Answer, Problem> {
    let proposal = read(app, &identity, id).await?;
    let kind = Kind::of(proposal.kind);
    let (may, render): (_, fn(&Decided) -> Reply) = match settling {
        Settling::Approve(_) => (kind.decides, approved),
        Settling::Decline(_) => (kind.decides, settled),
        Settling::Withdraw => (kind.proposes, settled),
    };
    may(&identity)?;
    let is_approval = matches!(settling, Settling::Approve(_));
    let mut rng = app.random.fork();
    let service = move |act: crate::acts::Act<'_, _>| {
        let (registry, now) = (act.registry, act.now);
        let answer = (kind.settle)(act, &proposal, &settling, &|proposer| kind.proposer_may(proposer))?;
        if proposal.kind == ProposalKind::Authorities && is_approval {
            // The amendment is in force. If this fails, a job tries again.
            if let Err(error) = settle_waiting_rows(registry, now, &mut rng) {
                tracing::error!(error.chain = error_chain(&error), "rows that waited for an authority are not imported yet");
            }
        }
        Ok(answer)
    };
    // One approval may end 100,000 claims, which takes long.
    if is_approval {
        act_at_length(app, identity, once, render, service).await
    } else {
        act(app, identity, once, render, service).await
    }
}

/// Approve exactly what another person proposed.
///
/// The answer is 409 `illegal_step` if the proposer was disabled since, lost the role for it, or belongs to a closed organisation, and 409 `same_person` for the proposer, for a person who created the proposer's user or credential, and for a person whose user
/// or credential the proposer created. It is 412 if the content or its basis changed after the proposal, and 409 `illegal_step` if the
/// proposal waits no more. Of a proposal that the registry itself made (`approval_rule`), nobody signed the first half: who approves it first
/// proposes it, and the answer is the proposal that now waits for another person. Rows of registers that waited for an amended authority are imported before the answer.
#[utoipa::path(tag = "proposals", params(SubjectPath), request_body = ApprovalInput, responses((status = 200, description = "The proposal.", body = ApprovedView), Problems))]
#[post("/v1/proposals/{id}/approve")]
pub(crate) async fn approve_proposal(
    who: Caller<Known>,
    path: Path<SubjectPath>,
    sent: Sent<ApprovalInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    settle(&app, who.known()?, &path.id, Settling::Approve(sent.body.digest), sent.once).await
}

/// Decline what another person proposed.
///
/// Every person who may approve the proposal may decline it. The proposer withdraws it instead.
#[utoipa::path(tag = "proposals", params(SubjectPath), request_body = ReasonInput, responses((status = 200, description = "The proposal.", body = ProposalView), Problems))]
#[post("/v1/proposals/{id}/decline")]
pub(crate) async fn decline_proposal(
    who: Caller<Known>,
    path: Path<SubjectPath>,
    sent: Sent<ReasonInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    settle(&app, who.known()?, &path.id, Settling::Decline(sent.body.reason), sent.once).await
}

/// Withdraw what you proposed.
///
/// You can also withdraw the proposal of a user who may no longer act.
#[utoipa::path(tag = "proposals", params(SubjectPath), responses((status = 200, description = "The proposal.", body = ProposalView), Problems))]
#[post("/v1/proposals/{id}/withdraw")]
pub(crate) async fn withdraw_proposal(
    who: Caller<Known>,
    path: Path<SubjectPath>,
    bare: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    settle(&app, who.known()?, &path.id, Settling::Withdraw, bare.once).await
}
