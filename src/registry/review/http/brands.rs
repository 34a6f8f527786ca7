//! `/v1/vasps/{vasp}/brands`: the group of labels that an entity belongs to, which two people decide.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::evidence_view::CaseEvidenceView;
use crate::acts::{Act, Reply};
use crate::http::blocking::blocking;
use crate::http::paths::VaspPath;
use crate::http::permission::{OperatorRead, Review};
use crate::http::write::{Answer, Sent, act, reply};
use crate::http::{App, Caller, Problem, Problems};
use crate::proposals::http::{ProposalView, proposed};
use crate::proposals::{Decided, propose};
use crate::review::{Brand, BrandDecision, BrandEvidence, NewBrand};
use vasp_record::proposal::Reason;
use vasp_routing::{get, post};
use vasp_words::ids::VaspId;

/// The group that an entity belongs to, and the evidence for it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BrandInput {
    /// Id of the group; null to remove the entity from the group that was decided.
    group: Option<VaspId>,
    /// One to three pieces of evidence; empty if `group` is null.
    #[serde(default)]
    evidence: Vec<BrandEvidence>,
    #[schema(value_type = String, min_length = 1, max_length = 4000)]
    reason: Reason,
}

/// A group that an entity belongs to by the decision of two people.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = DecidedBrand)]
pub(crate) struct DecidedBrandView {
    /// Id of the group.
    group: VaspId,
    /// The valid evidence.
    evidence: Vec<CaseEvidenceView>,
}

/// A group that an entity may belong to.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = BrandCandidate)]
pub(crate) struct BrandCandidateView {
    group: VaspId,
    /// Its name.
    name: String,
}

/// The brand of an entity.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Brands)]
pub(crate) struct BrandsView {
    /// Id of the entity.
    vasp: VaspId,
    /// The group that two people decided, or the policy for strong finds; empty if there is none. Groups that imports link are in the record instead.
    items: Vec<DecidedBrandView>,
    /// Groups with the same name as the entity. They have no effect except that a person looks at them.
    candidates: Vec<BrandCandidateView>,
    /// The pending proposal, or the latest decision; null if there was never a proposal.
    proposal: Option<ProposalView>,
}

impl From<&Brand> for BrandsView {
    fn from(brand: &Brand) -> Self {
        let evidence = || brand.evidence.iter().cloned().map(CaseEvidenceView::from).collect();
        let candidate = |group: &std::sync::Arc<vasp_record::vasp::Vasp>| BrandCandidateView {
            group: group.id,
            name: group.legal_name.clone(),
        };
        Self {
            vasp: brand.vasp,
            items: brand.decided.map(|group| DecidedBrandView { group, evidence: evidence() }).into_iter().collect(),
            candidates: brand.candidates.iter().map(candidate).collect(),
            proposal: brand.proposal.as_ref().map(ProposalView::from),
        }
    }
}

fn shown(brand: &Brand) -> Reply {
    reply(StatusCode::OK, None, BrandsView::from(brand))
}

/// Get the group of an entity, and what is proposed about it.
#[utoipa::path(tag = "operator", params(VaspPath), responses((status = 200, description = "The brand of the entity.", body = BrandsView), Problems))]
#[get("/v1/vasps/{vasp}/brands")]
pub(crate) async fn get_brands(who: Caller<OperatorRead>, path: Path<VaspPath>, app: Data<App>) -> Result<Answer, Problem> {
    let vasp = path.vasp.id(&app, Some(&who.known()?))?;
    let brand = blocking(move || Brand::read(&app.registry, vasp, app.clock.now()));
    Ok(Answer(shown(&brand.await?)))
}

/// Propose to put an entity into a group, or to remove it from its group.
///
/// Once the entity is in a group, its claims and the labels of that group are one party. They no longer contradict each other.
#[utoipa::path(tag = "operator", params(VaspPath), request_body = BrandInput, responses((status = 201, description = "The proposal.", body = ProposalView), Problems))]
#[post("/v1/vasps/{vasp}/brands/propose")]
pub(crate) async fn propose_brand(
    who: Caller<Review>,
    path: Path<VaspPath>,
    sent: Sent<BrandInput>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, BrandInput { group, evidence, reason }) = (who.known()?, sent.body);
    let vasp = path.vasp.id(&app, Some(&identity))?;
    let new = NewBrand { group, evidence };
    let service = move |act: Act<'_, Decided>| {
        let decision = BrandDecision::of(&act, vasp);
        propose(act, &decision, |_| Ok(new.clone()), &reason)
    };
    act(&app, identity, sent.once, proposed, service).await
}
