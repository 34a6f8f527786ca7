//! `/v1/brands/candidates/{id}`: whether an entity is behind a brand, as two people rule it out.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BrandLinkView;
use crate::acts::{Act, Reply};
use crate::brands::candidate::CandidateStanding;
use crate::brands::rule_out::{CandidateDecision, CandidateHeld, DecidedCandidate};
use crate::http::blocking::blocking;
use crate::http::permission::{OperatorRead, Review};
use crate::http::write::{Answer, Sent, act, reply};
use crate::http::{App, Caller, Problem, Problems};
use crate::proposals::http::{ProposalView, SubjectPath, proposed};
use crate::proposals::{Decided, propose};
use vasp_record::proposal::Reason;
use vasp_routing::{get, post};
use vasp_rules::brand_rulings::BrandRuling;
use vasp_words::country::Country;
use vasp_words::ids::VaspId;
use vasp_words::lei::Lei;
use vasp_words::time::Date;

/// Whether an entity is behind a brand.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = BrandRulingInput)]
#[serde(deny_unknown_fields)]
pub(crate) struct RulingInput {
    /// True to rule out that the entity is behind the brand; false to lift that.
    ruled_out: bool,
    #[schema(value_type = String, min_length = 1, max_length = 4000)]
    reason: Reason,
}

/// A link that two people ruled out.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = RuledOutBrandLink)]
pub(crate) struct RuledOutView {
    link: BrandLinkView,
    /// The day on which the second person approved.
    ruled_on: Date,
}

/// An entity that may be behind a brand.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OperatorBrandCandidate)]
pub(crate) struct CandidateView {
    /// Id of the brand and the entity together.
    #[schema(example = "brc_5f1d8c0a93b27e64")]
    id: String,
    /// Name of the brand's group.
    brand: String,
    /// Id of the brand's group.
    group: VaspId,
    /// Id of the entity's record; null if the directory has none.
    vasp: Option<VaspId>,
    legal_name: String,
    lei: Option<Lei>,
    country: Option<Country>,
    standing: CandidateStanding,
    /// The links that count.
    links: Vec<BrandLinkView>,
    /// The links that are ruled out. They count in no pre-check.
    ruled_out: Vec<RuledOutView>,
    /// The pending proposal, or the latest decision; null if there was never a proposal.
    proposal: Option<ProposalView>,
}

impl From<&BrandRuling> for RuledOutView {
    fn from(ruling: &BrandRuling) -> Self {
        Self { link: (&ruling.link).into(), ruled_on: ruling.ruled_on }
    }
}

impl From<&DecidedCandidate> for CandidateView {
    fn from(decided: &DecidedCandidate) -> Self {
        let one = &decided.candidate;
        Self {
            id: one.id.clone(),
            brand: one.group.legal_name.clone(),
            group: one.group.id,
            vasp: one.vasp.as_ref().map(|vasp| vasp.id),
            legal_name: one.entity_name().to_owned(),
            lei: one.named.lei.or_else(|| one.vasp.as_ref()?.lei),
            country: one.named.country.or_else(|| one.vasp.as_ref()?.country),
            standing: one.standing(),
            links: one.links.iter().map(BrandLinkView::from).collect(),
            ruled_out: one.ruled_out.iter().map(RuledOutView::from).collect(),
            proposal: decided.proposal.as_ref().map(ProposalView::from),
        }
    }
}

fn shown(decided: &DecidedCandidate) -> Reply {
    reply(StatusCode::OK, None, CandidateView::from(decided))
}

/// Get an entity that may be behind a brand, with what the sources say and what is proposed about it.
#[utoipa::path(tag = "operator", params(SubjectPath), responses((status = 200, description = "The candidate.", body = CandidateView), Problems))]
#[get("/v1/brands/candidates/{id}")]
pub(crate) async fn get_brand_candidate(
    who: Caller<OperatorRead>,
    path: Path<SubjectPath>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    who.known()?;
    let decided = blocking(move || DecidedCandidate::read(&app.registry, &path.id, app.clock.now()));
    Ok(Answer(shown(&decided.await?)))
}

/// Propose to rule out that an entity is behind a brand, or to lift that.
///
/// Links that are ruled out keep no pre-check open any more. The proposal is about the links that the candidate has now: a document that
/// nobody saw, or a find that is more alike, counts until two people rule it out, too. The answer is 409 `illegal_step` for an entity that
/// is in the brand's group.
#[utoipa::path(tag = "operator", params(SubjectPath), request_body = RulingInput, responses((status = 201, description = "The proposal.", body = ProposalView), Problems))]
#[post("/v1/brands/candidates/{id}/propose")]
pub(crate) async fn propose_brand_candidate(
    who: Caller<Review>,
    path: Path<SubjectPath>,
    sent: Sent<RulingInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let RulingInput { ruled_out, reason } = sent.body;
    let service = move |act: Act<'_, Decided>| {
        let decision = CandidateDecision::of(&act, path.id.clone());
        propose(act, &decision, |held: &CandidateHeld| Ok(held.ruling(ruled_out)), &reason)
    };
    act(&app, who.known()?, sent.once, proposed, service).await
}
