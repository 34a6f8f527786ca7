//! `/v1/operator/screening`: hits that people decide, two of them each, and the lists that are searched.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{get, post};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::screening_views::{ScreeningHitListView, ScreeningHitStatusView, ScreeningHitView, ScreeningListsView};
use super::views::{ApprovalInput, ReasonInput};
use crate::api::blocking::blocking;
use crate::api::extract::parsed;
use crate::api::paging::{Cursor, Limit};
use crate::api::permission::{Approve, OperatorRead, Review};
use crate::api::write::{Answer, Sent, act, reply};
use crate::api::{App, Caller, Problem, Problems, Query};
use crate::service::Reply;
use crate::service::screening::{self, HitRecord, HitStatus, Proposal};
use vasp_rules::screening::Verdict;
use vasp_words::ids::{ScreeningHitId, VaspId};

/// One hit.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct ScreeningHitPath {
    /// Id of the hit.
    #[param(value_type = String)]
    id: ScreeningHitId,
}

/// Which hits.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListScreeningHitsQuery {
    /// In this status; all without.
    #[param(value_type = Option<ScreeningHitStatusView>)]
    #[serde(default, deserialize_with = "parsed")]
    status: Option<HitStatus>,
    /// About this VASP.
    #[param(value_type = Option<String>)]
    #[serde(default, deserialize_with = "parsed")]
    vasp: Option<VaspId>,
    /// Items a page, 50 without.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// `next_cursor` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<String>>,
}

/// What is decided about a hit.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[schema(as = ScreeningVerdict)]
#[serde(rename_all = "snake_case")]
pub(crate) enum VerdictInput {
    /// The VASP is somebody else.
    FalsePositive,
    /// The VASP is whom the list means.
    TrueMatch,
}

/// A decision and why.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = ScreeningDecisionInput)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScreeningDecisionInput {
    #[schema(inline)]
    decision: VerdictInput,
    /// 1 to 10,000 characters.
    reason: String,
}

fn render(hit: &HitRecord) -> Reply {
    reply(StatusCode::OK, Some(hit.row.version.to_string()), ScreeningHitView::from(hit))
}

/// Lists matches of VASPs with entries of screening lists, in the order in which they were found.
#[utoipa::path(tag = "operator", params(ListScreeningHitsQuery), responses((status = 200, description = "A page of hits", body = ScreeningHitListView), Problems))]
#[get("/v1/operator/screening/hits")]
pub(crate) async fn list_screening_hits(
    _who: Caller<OperatorRead>,
    query: Query<ListScreeningHitsQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let ListScreeningHitsQuery { status, vasp, limit, cursor } = query.0;
    let (registry, limit) = (app.registry.clone(), Limit::or_default(limit));
    let page =
        blocking(move || screening::list_hits(&registry, status, vasp, cursor.as_ref().map(|cursor| cursor.0.as_str()), limit))
            .await?;
    Ok(Answer(reply(StatusCode::OK, None, ScreeningHitListView::from(page))))
}

/// Returns a hit.
#[utoipa::path(tag = "operator", params(ScreeningHitPath), responses((status = 200, description = "The hit", body = ScreeningHitView), (status = 304, description = "Unchanged"), Problems))]
#[get("/v1/operator/screening/hits/{id}")]
pub(crate) async fn get_screening_hit(
    _who: Caller<OperatorRead>,
    path: Path<ScreeningHitPath>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let registry = app.registry.clone();
    let hit = blocking(move || screening::read_hit(&registry, &path.id.to_string())).await?;
    Ok(Answer(render(&hit)))
}

/// Proposes what is decided about a hit; another person approves the `proposal_digest`. It holds for this entry as it stands and
/// what of the VASP it matched.
#[utoipa::path(tag = "operator", params(ScreeningHitPath), request_body = ScreeningDecisionInput, responses((status = 200, description = "The hit", body = ScreeningHitView), Problems))]
#[post("/v1/operator/screening/hits/{id}/decide")]
pub(crate) async fn decide_screening_hit(
    who: Caller<Review>,
    path: Path<ScreeningHitPath>,
    sent: Sent<ScreeningDecisionInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let ScreeningDecisionInput { decision, reason } = sent.body;
    let verdict = match decision {
        VerdictInput::FalsePositive => Verdict::FalsePositive,
        VerdictInput::TrueMatch => Verdict::TrueMatch,
    };
    let proposal = Proposal { verdict, reason };
    act(&app, who.known()?, sent.once, render, move |act| screening::propose(act, path.id, &proposal)).await
}

/// Approves exactly what was proposed. Whoever proposed it, or made or was made by whoever did, gets 409 `same_person`; where
/// anything changed since, 412.
#[utoipa::path(tag = "operator", params(ScreeningHitPath), request_body = ApprovalInput, responses((status = 200, description = "The hit", body = ScreeningHitView), Problems))]
#[post("/v1/operator/screening/hits/{id}/decide/approve")]
pub(crate) async fn approve_screening_hit(
    who: Caller<Approve>,
    path: Path<ScreeningHitPath>,
    sent: Sent<ApprovalInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let digest = sent.body.proposal_digest;
    act(&app, who.known()?, sent.once, render, move |act| screening::approve(act, path.id, &digest)).await
}

/// Declines what was proposed.
#[utoipa::path(tag = "operator", params(ScreeningHitPath), request_body = ReasonInput, responses((status = 200, description = "The hit", body = ScreeningHitView), Problems))]
#[post("/v1/operator/screening/hits/{id}/decide/decline")]
pub(crate) async fn decline_screening_hit(
    who: Caller<Approve>,
    path: Path<ScreeningHitPath>,
    sent: Sent<ReasonInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    act(&app, who.known()?, sent.once, render, move |act| screening::decline(act, path.id, &sent.body.reason)).await
}

/// Returns the screening lists that are searched: how old, how long, and whether they are held whole.
#[utoipa::path(tag = "operator", responses((status = 200, description = "The lists", body = ScreeningListsView), Problems))]
#[get("/v1/operator/screening/lists")]
pub(crate) async fn list_screening_lists(_who: Caller<OperatorRead>, app: Data<App>) -> Result<Answer, Problem> {
    let (registry, now) = (app.registry.clone(), app.clock.now());
    let lists = blocking(move || Ok::<_, crate::service::ServiceError>(screening::list_lists(&registry.pin(now), now))).await?;
    Ok(Answer(reply(StatusCode::OK, None, ScreeningListsView::from(lists))))
}
