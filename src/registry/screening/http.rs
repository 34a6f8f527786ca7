//! `/v1/screening`: hits, each of which two people of an organisation decide for it, and the lists that are searched.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::view::{ScreeningHitListView, ScreeningHitView, ScreeningListsView};
use super::{GivenGround, HitDecision, HitFilter, OwnHitDecision};
use crate::acts::Act;
use crate::http::blocking::blocking;
use crate::http::extract::parsed;
use crate::http::listing::page;
use crate::http::paging::{Cursor, Limit};
use crate::http::permission::{HitWork, Hits, OperatorRead};
use crate::http::write::{Answer, Sent, act, reply};
use crate::http::{App, Caller, Problem, Problems, Query};
use crate::proposals::http::{ProposalView, proposed};
use crate::proposals::{Decided, propose};
use crate::screening;
use vasp_record::proposal::Reason;
use vasp_record::role::OrganisationKind;
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
    /// Only hits in this status of yours; all hits if you leave it out.
    #[serde(default, deserialize_with = "parsed")]
    status: Option<HitStatus>,
    /// Only hits about this VASP or its group.
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
    /// What shows that the two are not the same. Required to clear a match with a score of 95 or more.
    ground: Option<GivenGround>,
    /// The reason for the decision.
    #[schema(value_type = String, min_length = 1, max_length = 4000)]
    reason: Reason,
}

/// List matches of VASPs with entries of screening lists, in the order in which they were found.
///
/// Status and proposal are your organisation's own. For operators they are the registry's.
#[utoipa::path(tag = "member", params(ListScreeningHitsQuery), responses((status = 200, description = "A page of hits", body = ScreeningHitListView), Problems))]
#[get("/v1/screening/hits")]
pub(crate) async fn list_screening_hits(
    who: Caller<Hits>,
    query: Query<ListScreeningHitsQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let ListScreeningHitsQuery { status, vasp, limit, cursor } = query.0;
    let (identity, filter, now) = (who.known()?, HitFilter { status, vasp }, app.clock.now());
    let found = blocking(move || {
        let after = cursor.as_ref().map(|cursor| cursor.0.as_str());
        screening::list_hits(&app.registry, &identity, &filter, after, Limit::or_default(limit), now)
    });
    Ok(page::<_, ScreeningHitView>(found.await?))
}

/// Get a screening match, with both sides whole.
#[utoipa::path(tag = "member", params(ScreeningHitPath), responses((status = 200, description = "The hit", body = ScreeningHitView), (status = 304, description = "Unchanged"), Problems))]
#[get("/v1/screening/hits/{id}")]
pub(crate) async fn get_screening_hit(
    who: Caller<Hits>,
    path: Path<ScreeningHitPath>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, now) = (who.known()?, app.clock.now());
    let hit = blocking(move || screening::read_hit(&app.registry, &identity, path.id, now)).await?;
    Ok(Answer(reply(StatusCode::OK, Some(format!("{}.{}", hit.version, hit.status)), hit)))
}

/// Propose a decision about a screening match, for your organisation alone.
///
/// The decision is valid for the present forms of the entry and of the record, and for the value of the VASP that matched. To clear a match
/// with a score of 95 or more takes a `ground`. An operator's decision is evidence for all organisations, and clears nothing for them.
#[utoipa::path(tag = "member", params(ScreeningHitPath), request_body = ScreeningDecisionInput, responses((status = 201, description = "The proposal.", body = ProposalView), Problems))]
#[post("/v1/screening/hits/{id}/propose")]
pub(crate) async fn propose_screening_hit(
    who: Caller<HitWork>,
    path: Path<ScreeningHitPath>,
    sent: Sent<ScreeningDecisionInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, path.id);
    let ScreeningDecisionInput { decision: verdict, ground, reason } = sent.body;
    let is_operator = identity.kind == OrganisationKind::Operator;
    let service = move |mut act: Act<'_, Decided>| {
        if is_operator {
            let decision = HitDecision::of(&act, id);
            return propose(act, &decision, |both| both.content(verdict, ground), &reason);
        }
        let decision = OwnHitDecision::of(&mut act, id)?;
        propose(act, &decision, |held| held.both.content(verdict, ground), &reason)
    };
    act(&app, identity, sent.once, proposed, service).await
}

/// List the sanctions lists that VASPs are screened against, with their age and length, and whether they were read completely.
#[utoipa::path(tag = "operator", responses((status = 200, description = "The lists", body = ScreeningListsView), Problems))]
#[get("/v1/screening/lists")]
pub(crate) async fn list_screening_lists(_who: Caller<OperatorRead>, app: Data<App>) -> Result<Answer, Problem> {
    let (registry, now) = (app.registry.clone(), app.clock.now());
    let items = blocking(move || Ok::<_, crate::node::ServiceError>(screening::list_lists(&registry.pin(now), now))).await?;
    Ok(Answer(reply(StatusCode::OK, None, ScreeningListsView { items })))
}
