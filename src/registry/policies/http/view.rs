//! Policies as their organisation sees them.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::http::listing::pages;
use crate::policies::{HeldPolicy, PolicyChange, PolicyDifference, PolicyStep};
use crate::precheck::http::replay::DifferenceView;
use crate::proposals::Proposal;
use crate::proposals::http::ProposalView;

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
    /// Whether it counts where a request names none.
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
    /// Whether it counts where a request names none.
    in_force: bool,
    /// Whether it is the registry's default.
    is_default: bool,
    /// The document, as `/v1/policies/schema` describes it.
    #[schema(value_type = Object)]
    document: Value,
}

/// How one policy differs from another.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyDifference)]
pub(crate) struct PolicyDifferenceView {
    /// The first.
    from: String,
    /// The second.
    to: String,
    /// Where the second is looser: putting it in force in the place of the first takes two people.
    looser: Vec<String>,
    /// Where the second is stricter.
    stricter: Vec<String>,
    /// Member by member.
    differences: Vec<DifferenceView>,
}

/// What became of a wish to put a policy in force.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyStep)]
pub(crate) struct PolicyStepView {
    /// The policy that counts now, `name@version`.
    in_force: String,
    /// What waits for a second person, or was decided; null where it acted at once.
    proposal: Option<PolicyProposalView>,
}

/// A looser policy that waits for a second person, or did.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyProposal)]
pub(crate) struct PolicyProposalView {
    #[serde(flatten)]
    proposal: ProposalView,
    /// The policy that is to count, `name@version`.
    policy: String,
    /// The policy in whose place, `name@version`.
    from: String,
    /// Where it is looser than that.
    looser: Vec<String>,
}

/// Policies.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyList)]
pub(crate) struct PolicyListView {
    pub(crate) items: Vec<PolicySummaryView>,
    /// Always null: the list is whole.
    pub(crate) next_cursor: Option<String>,
}

pages! {
    /// A page of proposals.
    PolicyProposalListView as PolicyProposalList of PolicyProposalView;
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
            // A policy was read from JSON: it has a form.
            document: serde_json::to_value(held.policy.as_ref()).unwrap_or_default(),
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

impl From<Proposal> for PolicyProposalView {
    fn from(proposal: Proposal) -> Self {
        let change = proposal.content::<PolicyChange>().unwrap_or_default();
        Self { proposal: (&proposal).into(), policy: change.to, from: change.from, looser: change.looser }
    }
}

impl From<&PolicyStep> for PolicyStepView {
    fn from(step: &PolicyStep) -> Self {
        Self { in_force: step.in_force.to_string(), proposal: step.proposal.clone().map(PolicyProposalView::from) }
    }
}
