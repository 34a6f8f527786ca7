//! Policies as the API shows them to their organisation.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use crate::policies::{HeldPolicy, PolicyDifference};
use crate::precheck::http::replay::DifferenceView;
use vasp_rules::policy::Policy;

/// A policy, without its document.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicySummary)]
pub(crate) struct PolicySummaryView {
    /// `name@version`.
    #[schema(example = "strict@2")]
    policy: String,
    name: String,
    version: u32,
    about: String,
    /// Whether it applies if a request names no policy.
    in_force: bool,
    /// Whether it is the registry's default.
    is_default: bool,
}

/// A policy.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HeldPolicy)]
pub(crate) struct HeldPolicyView {
    /// `name@version`.
    #[schema(example = "strict@2")]
    policy: String,
    /// Whether it applies if a request names no policy.
    in_force: bool,
    /// Whether it is the registry's default.
    is_default: bool,
    /// The document, as `/v1/policies/schema` describes it.
    #[schema(value_type = Object)]
    document: Arc<Policy>,
}

/// How one policy differs from another.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyDifference)]
pub(crate) struct PolicyDifferenceView {
    /// The first policy, `name@version`.
    from: String,
    /// The second policy, `name@version`.
    to: String,
    /// The points in which the second is looser. If there are any, replacing the first by the second takes two people.
    looser: Vec<String>,
    /// The points in which the second is stricter.
    stricter: Vec<String>,
    /// The differences member by member.
    differences: Vec<DifferenceView>,
}

/// A list of policies.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyList)]
pub(crate) struct PolicyListView {
    pub(crate) items: Vec<PolicySummaryView>,
    /// Always null: the list is complete.
    pub(crate) next_cursor: Option<String>,
}

impl From<HeldPolicy> for PolicySummaryView {
    fn from(held: HeldPolicy) -> Self {
        let HeldPolicy { policy, in_force, is_default } = held;
        Self {
            policy: policy.to_string(),
            name: policy.name().to_owned(),
            version: policy.version(),
            about: policy.about().to_owned(),
            in_force,
            is_default,
        }
    }
}

impl From<&HeldPolicy> for HeldPolicyView {
    fn from(held: &HeldPolicy) -> Self {
        Self {
            policy: held.policy.to_string(),
            in_force: held.in_force,
            is_default: held.is_default,
            document: Arc::clone(&held.policy),
        }
    }
}

impl From<PolicyDifference> for PolicyDifferenceView {
    fn from(found: PolicyDifference) -> Self {
        Self {
            from: found.from.to_string(),
            to: found.to.to_string(),
            looser: found.looser,
            stricter: found.stricter,
            differences: found.differences.into_iter().map(DifferenceView::from).collect(),
        }
    }
}
