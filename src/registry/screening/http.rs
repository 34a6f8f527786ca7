//! `/v1/screening`: hits, each of which two people decide, and the lists that are searched.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::view::{ScreeningHitListView, ScreeningHitView, ScreeningListsView};
use super::{HitDecision, HitRecord, ScreeningHitFilter};
use crate::acts::Reply;
use crate::http::blocking::blocking;
use crate::http::extract::parsed;
use crate::http::paging::{Cursor, Limit};
use crate::http::permission::{OperatorRead, Review};
use crate::http::write::{Answer, Sent, act, reply};
use crate::http::{App, Caller, Problem, Problems, Query};
use crate::proposals::http::{ProposalView, proposed};
use crate::proposals::propose;
use crate::screening;
use vasp_record::proposal::Reason;
use vasp_record::screening_decision::HitStatus;
use vasp_routing::{get, post};
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

/// Filters for hits.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListScreeningHitsQuery {
    /// Only hits in this status; all hits if you leave it out.
    #[serde(default, deserialize_with = "parsed")]
    status: Option<HitStatus>,
    /// Only hits about this VASP.
    #[serde(default, deserialize_with = "parsed")]
    vasp: Option<VaspId>,
    /// Items per page; 50 if you leave it out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// `next_cursor` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<String>>,
}

/// A decision and the reason for it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = ScreeningDecisionInput)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScreeningDecisionInput {
    /// `true_match` if the VASP is the party that the list means; `false_positive` if it is another party.
    #[schema(value_type = String, example = "false_positive")]
    decision: Verdict,
    /// The reason for the decision.
    #[schema(value_type = String, min_length = 1, max_length = 4000)]
    reason: Reason,
}

fn render(record: &HitRecord) -> Reply {
    reply(StatusCode::OK, Some(record.hit.version.to_string()), ScreeningHitView::from(record))
}

/// List matches of VASPs with entries of screening lists, in the order in which they were found.
#[utoipa::path(tag = "operator", params(ListScreeningHitsQuery), responses((status = 200, description = "A page of hits", body = ScreeningHitListView), Problems))]
#[get("/v1/screening/hits")]
pub(crate) async fn list_screening_hits(
    _who: Caller<OperatorRead>,
    query: Query<ListScreeningHitsQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let ListScreeningHitsQuery { status, vasp, limit, cursor } = query.0;
    let (registry, limit, filter) = (app.registry.clone(), Limit::or_default(limit), ScreeningHitFilter { status, vasp });
    let page = blocking(move || screening::list_hits(&registry, &filter, cursor.as_ref().map(|cursor| cursor.0.as_str()), limit))
        .await?;
    Ok(Answer(reply(StatusCode::OK, None, ScreeningHitListView::from(page))))
}

/// Get a screening match.
#[utoipa::path(tag = "operator", params(ScreeningHitPath), responses((status = 200, description = "The hit", body = ScreeningHitView), (status = 304, description = "Unchanged"), Problems))]
#[get("/v1/screening/hits/{id}")]
pub(crate) async fn get_screening_hit(
    _who: Caller<OperatorRead>,
    path: Path<ScreeningHitPath>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let registry = app.registry.clone();
    let hit = blocking(move || screening::read_hit(&registry, path.id)).await?;
    Ok(Answer(render(&hit)))
}

/// Propose a decision about a screening match.
///
/// The decision is valid for the entry's present version and for the value of the VASP that matched.
#[utoipa::path(tag = "operator", params(ScreeningHitPath), request_body = ScreeningDecisionInput, responses((status = 201, description = "The proposal.", body = ProposalView), Problems))]
#[post("/v1/screening/hits/{id}/propose")]
pub(crate) async fn propose_screening_hit(
    who: Caller<Review>,
    path: Path<ScreeningHitPath>,
    sent: Sent<ScreeningDecisionInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let ScreeningDecisionInput { decision, reason } = sent.body;
    act(&app, who.known()?, sent.once, proposed, move |act| propose(act, &HitDecision(path.id), |_| Ok(decision), &reason)).await
}

/// List the sanctions lists that VASPs are screened against, with their age and length, and whether they were read completely.
#[utoipa::path(tag = "operator", responses((status = 200, description = "The lists", body = ScreeningListsView), Problems))]
#[get("/v1/screening/lists")]
pub(crate) async fn list_screening_lists(_who: Caller<OperatorRead>, app: Data<App>) -> Result<Answer, Problem> {
    let (registry, now) = (app.registry.clone(), app.clock.now());
    let lists = blocking(move || Ok::<_, crate::node::ServiceError>(screening::list_lists(&registry.pin(now), now))).await?;
    Ok(Answer(reply(StatusCode::OK, None, ScreeningListsView { items: lists })))
}
