//! The short answers to a batch: for each subject what was found, and each owner once beside them.

use serde::Serialize;
use utoipa::ToSchema;

use super::asked::Asked;
use super::batch::Shared;
use crate::http::DirectoryView;
use crate::node::{Holds, ValidUntil};
use crate::resolve::ResolveAnswer;
use crate::vasps::http::VaspSummaryView;
use vasp_pki::receipt::CanonicalText;
use vasp_record::claim::Strength;
use vasp_record::environment::Environment;
use vasp_record::resolution::ResolutionStatus;
use vasp_words::ids::VaspId;

/// What was found for one subject of a batch.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CompactResolution)]
pub(crate) struct CompactView {
    /// What was found.
    status: ResolutionStatus,
    /// Id of the owner; null unless the status is `owned`. `vasps` has its summary.
    #[schema(required, value_type = Option<String>, example = "vasp_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    owner: Option<VaspId>,
    /// How strong the owner's claim is; null if there is no owner, or if its own record or host was asked for.
    #[schema(required)]
    strength: Option<Strength>,
    /// Present, and true, if there are claims that are valid only with a memo. Then ask again in full, with the transfer's memo.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    memo_claims_exist: bool,
}

/// What follows the results.
#[derive(Serialize)]
pub(super) struct Tail {
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<Environment>,
    vasps: Vec<CanonicalText>,
    directory: DirectoryView,
    valid_until: ValidUntil,
}

impl CompactView {
    /// Renders an answer.
    pub(super) fn of(answer: &ResolveAnswer) -> Self {
        let resolution = &answer.resolution;
        let owner = resolution.owners.first().filter(|_| resolution.status == ResolutionStatus::Owned);
        Self {
            status: resolution.status,
            owner: owner.map(|owner| owner.vasp),
            strength: owner.and_then(|owner| Some(owner.claim.as_ref()?.strength)),
            memo_claims_exist: resolution.memo_claims_exist,
        }
    }

    /// Returns the owner.
    pub(super) fn owner(&self) -> Option<VaspId> {
        self.owner
    }
}

impl Tail {
    /// Renders what the results have in common.
    pub(super) fn of(asked: &Asked, all: &Shared) -> Self {
        let (generation, now) = (asked.generation(), asked.now());
        let records = all.owners.iter().filter_map(|id| generation.records().get(*id));
        Self {
            environment: asked.app().registry.environment().said(),
            vasps: records.map(|vasp| VaspSummaryView::written(vasp, generation, now)).collect(),
            directory: DirectoryView::from(generation.as_ref()),
            valid_until: asked.silence().shortens(all.holds.unwrap_or_else(|| Holds::before(now, []))),
        }
    }
}
