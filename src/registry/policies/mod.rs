//! Policies of an organisation: versions that never change, which of them is in force, and what another one would have recommended. One
//! person can put a policy in force that is not looser than the current one. A looser one takes two people.
//!
//! `vasp_rules::policy` reads a policy and indexes its table by code, once. `keep` stores versions, and `decide` has the rule of two
//! people. A policy that a request names can only be stricter than the one in force.

mod decide;
pub(crate) mod http;
mod keep;
mod simulate;

use std::sync::Arc;

use crate::acts::Identity;
use crate::directory::OwnPolicies;
use crate::node::{Registry, ServiceError};
use crate::precheck::policy_choice::find;
use vasp_rules::policy::{Policy, PolicyReference};
use vasp_words::difference::{Difference, differences};
use vasp_words::ids::OrganisationId;
use vasp_words::time::UtcTime;

pub use decide::{PolicyChange, PolicyDecision, PolicyGround, Shelved};
pub use keep::create_policy;
pub use simulate::{SimulatedChange, Simulation, SimulationAsked, simulate};

/// One version of a policy, as its organisation sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldPolicy {
    /// The policy.
    pub policy: Arc<Policy>,
    /// Whether it applies if a request names no policy.
    pub in_force: bool,
    /// Whether it is the registry's default.
    pub is_default: bool,
}

/// How one version differs from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyDifference {
    /// The first policy.
    pub from: Arc<Policy>,
    /// The second policy.
    pub to: Arc<Policy>,
    /// The points in which the second is looser.
    pub looser: Vec<String>,
    /// The points in which the second is stricter.
    pub stricter: Vec<String>,
    /// The differences member by member.
    pub differences: Vec<Difference>,
}

/// The policies that an organisation can name now.
struct Shelf {
    shipped: Arc<Policy>,
    own: OwnPolicies,
}

impl Shelf {
    fn of(registry: &Registry, organisation: OrganisationId, now: UtcTime) -> Result<Self, ServiceError> {
        let shipped = Arc::clone(&registry.pin(now).documents().policy.value);
        Ok(Self { shipped, own: registry.directory().private(organisation)?.policies.clone() })
    }

    fn in_force(&self) -> &Arc<Policy> {
        self.own.active().unwrap_or(&self.shipped)
    }

    fn held(&self, policy: &Arc<Policy>) -> HeldPolicy {
        HeldPolicy {
            policy: Arc::clone(policy),
            in_force: Arc::ptr_eq(policy, self.in_force()),
            is_default: Arc::ptr_eq(policy, &self.shipped),
        }
    }

    fn find(&self, wanted: &PolicyReference) -> Result<&Arc<Policy>, ServiceError> {
        find(&self.shipped, &self.own, wanted).ok_or_else(|| missing(wanted))
    }
}

fn missing(wanted: &PolicyReference) -> ServiceError {
    ServiceError::NotFound(format!("This organisation has no policy {wanted}."))
}

/// Lists the registry's default and the policies of the caller's organisation, by name and version.
///
/// # Errors
/// `ServiceError::Directory` if one of them cannot be read.
pub fn list_policies(registry: &Registry, identity: &Identity, now: UtcTime) -> Result<Vec<HeldPolicy>, ServiceError> {
    let shelf = Shelf::of(registry, identity.organisation, now)?;
    Ok(std::iter::once(&shelf.shipped).chain(shelf.own.iter()).map(|policy| shelf.held(policy)).collect())
}

/// Returns a policy of the caller's organisation, or the registry's default.
pub fn read_policy(
    registry: &Registry,
    identity: &Identity,
    wanted: &PolicyReference,
    now: UtcTime,
) -> Result<HeldPolicy, ServiceError> {
    let shelf = Shelf::of(registry, identity.organisation, now)?;
    shelf.find(wanted).map(|policy| shelf.held(policy))
}

/// Compares a policy with another one; by default, with the policy in force.
pub fn compare_policies(
    registry: &Registry,
    identity: &Identity,
    (from, to): (Option<&PolicyReference>, &PolicyReference),
    now: UtcTime,
) -> Result<PolicyDifference, ServiceError> {
    let shelf = Shelf::of(registry, identity.organisation, now)?;
    let to = Arc::clone(shelf.find(to)?);
    let from = Arc::clone(from.map_or(Ok(shelf.in_force()), |from| shelf.find(from))?);
    Ok(PolicyDifference {
        looser: to.looser_than(&from),
        // The sentences are about the policy that is looser.
        stricter: from.looser_than(&to).into_iter().map(|point| format!("{from} is looser: {point}")).collect(),
        differences: differences(&serde_json::to_value(&from)?, &serde_json::to_value(&to)?),
        from,
        to,
    })
}

/// Returns the registry's default, with its source and the date of reading.
#[must_use]
pub fn default_policy(registry: &Registry, now: UtcTime) -> crate::directory::Dated<Arc<Policy>> {
    registry.pin(now).documents().policy.clone()
}
