//! `/v1/relationships`: the decisions of the caller's organisation about counterparties. They are for its compliance people; nobody
//! else can read them.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use aws_lc_rs::digest::{SHA256, digest};
use serde::Deserialize;
use utoipa::IntoParams;

use super::input::RelationshipChangeInput;
use super::view::{RelationshipListView, RelationshipView};
use crate::acts::{Act, Reply};
use crate::http::blocking::blocking;
use crate::http::listing::{after, page};
use crate::http::paging::{Cursor, Limit};
use crate::http::paths::VaspPath;
use crate::http::permission::{RelationshipWork, Relationships};
use crate::http::write::{Answer, Sent, Version, act, reply};
use crate::http::{App, Caller, Problem, Problems, Query};
use crate::proposals::http::{ProposalView, proposed};
use crate::proposals::{Decided, propose};
use crate::relationships;
use crate::relationships::{KeptRelationship, RelationshipDecision, RelationshipFilter};
use vasp_routing::{get, post};
use vasp_rules::due_diligence::DueDiligenceStatus;
use vasp_rules::relationship::Incident;
use vasp_rules::relationship::Track;
use vasp_words::time::Date;

/// Selects relationships.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RelationshipQuery {
    /// The status today: `refused`, `terminated`, `suspended`, `expired`, `not_started`, `in_progress`, `approved_with_conditions` or
    /// `approved`.
    #[param(value_type = Option<String>, example = "approved")]
    status: Option<DueDiligenceStatus>,
    /// Only relationships with a review due before this day.
    review_due_before: Option<Date>,
    /// The track to which the filters apply, `travel_rule` or `correspondent`; either track by default.
    #[param(value_type = Option<String>, example = "travel_rule")]
    track: Option<Track>,
    /// Maximum number of items on the page; 50 if left out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// The `next_cursor` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<String>>,
}

/// Renders a relationship. The entity tag is the version, a dot, and a digest of the answer, which also changes with the time and with the
/// group's relationship.
fn shown(kept: &KeptRelationship) -> Reply {
    let mut answer = reply(StatusCode::OK, None, RelationshipView::from(kept.clone()));
    // An answer without a text is not sent.
    let digest = digest(&SHA256, answer.body.text().unwrap_or_default().as_bytes());
    let short = digest.as_ref().first_chunk::<8>().map(hex::encode).unwrap_or_default();
    answer.version = Some(format!("{}.{short}", kept.version()));
    answer
}

/// List your relationships with counterparties.
#[utoipa::path(tag = "member", params(RelationshipQuery), responses((status = 200, description = "A page of relationships, in order of id.", body = RelationshipListView), Problems))]
#[get("/v1/relationships")]
pub(crate) async fn list_relationships(
    who: Caller<Relationships>,
    query: Query<RelationshipQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, RelationshipQuery { status, review_due_before, track, limit, cursor }) = (who.known()?, query.0);
    let filter = RelationshipFilter { track, status, review_due_before };
    let part = (after(cursor), Limit::or_default(limit));
    let now = app.clock.now();
    let list = move || relationships::list(&app.registry, &identity, &filter, &part.0, part.1, now);
    Ok(page::<_, RelationshipView>(blocking(list).await?))
}

/// Get your relationship with a counterparty, with its versions.
///
/// A counterparty without any decision has the status `not_started` on both tracks and the version 0.
#[utoipa::path(tag = "member", params(VaspPath), responses((status = 200, description = "The relationship.", body = RelationshipView), (status = 304, description = "Unchanged"), Problems))]
#[get("/v1/relationships/{vasp}")]
pub(crate) async fn get_relationship(
    who: Caller<Relationships>,
    path: Path<VaspPath>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, now) = (who.known()?, app.clock.now());
    let name = path.vasp.name(Some(&identity))?;
    let kept = blocking(move || relationships::read(&app.registry, &identity, name, now)).await?;
    Ok(Answer(shown(&kept)))
}

/// Propose a decision about a counterparty.
///
/// Another person of your organisation decides. If your policy allows single control, it takes effect at once: the proposal is `approved`.
#[utoipa::path(tag = "member", request_body = RelationshipChangeInput, params(VaspPath), responses((status = 201, description = "The proposal.", body = ProposalView), Problems))]
#[post("/v1/relationships/{vasp}/propose")]
pub(crate) async fn propose_relationship(
    who: Caller<RelationshipWork>,
    path: Path<VaspPath>,
    version: Version,
    sent: Sent<RelationshipChangeInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let (name, reason, expected) = (path.vasp.name(Some(&identity))?, sent.body.reason.clone(), version.test_of_what_is_said());
    let change = sent.body.into();
    let service = move |mut act: Act<'_, Decided>| {
        let decision = RelationshipDecision::of(&mut act, name, expected)?;
        propose(act, &decision, |_| Ok(change), &reason)
    };
    act(&app, identity, sent.once, proposed, service).await
}

/// Restrict a relationship: suspend, end or refuse it, lower limits, add conditions.
///
/// It takes effect at once, with one person and for any version. A change that allows anything more is refused (409): propose it instead.
#[utoipa::path(tag = "member", request_body = RelationshipChangeInput, params(VaspPath), responses((status = 200, description = "The relationship.", body = RelationshipView), Problems))]
#[post("/v1/relationships/{vasp}/restrict")]
pub(crate) async fn restrict_relationship(
    who: Caller<RelationshipWork>,
    path: Path<VaspPath>,
    sent: Sent<RelationshipChangeInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let (name, change) = (path.vasp.name(Some(&identity))?, sent.body.into());
    act(&app, identity, sent.once, shown, move |act| relationships::restrict(act, name, &change)).await
}

/// Record a failed exchange with a counterparty.
///
/// Pre-checks warn when the number of failures reaches the number in the policy (Regulation (EU) 2023/1113 Art. 17(2)).
#[utoipa::path(tag = "member", request_body = Incident, params(VaspPath), responses((status = 200, description = "The relationship.", body = RelationshipView), Problems))]
#[post("/v1/relationships/{vasp}/incidents")]
pub(crate) async fn record_relationship_incident(
    who: Caller<RelationshipWork>,
    path: Path<VaspPath>,
    sent: Sent<Incident>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let (name, incident) = (path.vasp.name(Some(&identity))?, sent.body);
    act(&app, identity, sent.once, shown, move |act| relationships::note_incident(act, name, incident)).await
}
