//! Decides which policy of an organisation is in force. One person can put a policy in force that is not looser than the current one. A
//! looser one waits for a second person. Going back follows the same rule: the registry's default is a policy like the others.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::missing;
use crate::acts::Act;
use crate::directory::PrivateState;
use crate::node::ServiceError;
use crate::precheck::policy_choice::find;
use crate::proposals::{Decision, Proposal, Scene, Step, Taken, Wish};
use vasp_record::proposal::ProposalKind;
use vasp_rules::policy::{Policy, PolicyReference};
use vasp_store::{PolicyActivationRow, Transaction};
use vasp_words::ids::OrganisationId;

/// The content of a proposal: one policy replaces another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyChange {
    /// The policy in force before, `name@version`.
    pub from: String,
    /// The policy to put in force, `name@version`.
    pub to: String,
    /// The points in which the new policy is looser.
    pub looser: Vec<String>,
}

/// What the digest also covers: the full text of both policies.
#[derive(Debug, Serialize)]
pub struct PolicyGround {
    from: Value,
    to: Value,
}

/// The data for deciding a switch, read while the counter of revisions is locked.
pub struct Shelved {
    organisation: OrganisationId,
    revision: i64,
    in_force: Arc<Policy>,
    target: Arc<Policy>,
}

/// A decision about which policy is in force.
#[derive(Debug)]
pub struct PolicyDecision {
    shipped: Arc<Policy>,
    wanted: PolicyReference,
}

impl PolicyDecision {
    /// Makes a decision about a policy of the caller's organisation, or about the registry's default.
    #[must_use]
    pub fn of<T>(act: &Act<'_, T>, wanted: PolicyReference) -> Self {
        Self { shipped: Arc::clone(&act.registry.pin(act.now).documents().policy.value), wanted }
    }

    /// Makes the decision behind a proposal.
    ///
    /// # Errors
    /// `ServiceError::Unreadable` if its content cannot be read.
    pub fn about<T>(act: &Act<'_, T>, proposal: &Proposal) -> Result<Self, ServiceError> {
        let (to, shipped) = (proposal.content::<PolicyChange>()?.to, act.registry.pin(act.now).documents().policy.value.clone());
        // The registry's default has one version at a time: a proposal for an older one can still be declined.
        let is_default = to.split('@').next() == Some(shipped.name());
        let wanted = if is_default { shipped.name() } else { to.as_str() };
        Ok(Self { wanted: wanted.parse().map_err(ServiceError::unreadable("proposal"))?, shipped })
    }

    /// Returns the content of the proposal.
    #[must_use]
    pub fn content(held: &Shelved) -> PolicyChange {
        let looser = held.target.looser_than(&held.in_force);
        PolicyChange { from: held.in_force.to_string(), to: held.target.to_string(), looser }
    }

    /// Puts the target in force.
    fn put_in_force(&self, transaction: &mut Transaction<'_>, held: &mut Shelved) -> Result<(), ServiceError> {
        let own = (!Arc::ptr_eq(&held.target, &self.shipped)).then_some(&held.target);
        let row = own.map(|policy| PolicyActivationRow {
            organisation: held.organisation,
            revision_from: held.revision,
            revision_to: None,
            name: policy.name().to_owned(),
            version: i32::try_from(policy.version()).unwrap_or(i32::MAX),
        });
        transaction.switch_policy(held.organisation, held.revision, row.as_ref())?;
        held.in_force = Arc::clone(&held.target);
        Ok(())
    }
}

impl Decision for PolicyDecision {
    const KIND: ProposalKind = ProposalKind::Policy;
    const IS_PRIVATE: bool = true;
    type Content = PolicyChange;
    type Ground = PolicyGround;
    type Held = Shelved;

    fn hold(&self, scene: &mut Scene<'_, '_>, _: Step) -> Result<Shelved, ServiceError> {
        let Scene { transaction, identity } = scene;
        let organisation = identity.organisation;
        let revision = transaction.next_private_revision(organisation)?;
        let state = PrivateState::load(transaction.conn(), identity.organisation, revision)?;
        let in_force = Arc::clone(state.policies.active().unwrap_or(&self.shipped));
        let found = find(&self.shipped, &state.policies, &self.wanted).ok_or_else(|| missing(&self.wanted))?;
        let target = Arc::clone(found);
        Ok(Shelved { organisation, revision, in_force, target })
    }

    fn subject(&self, held: &Shelved) -> String {
        held.organisation.to_string()
    }

    fn says(&self, _: &Shelved, PolicyChange { from, to, looser }: &PolicyChange) -> String {
        let how =
            if looser.is_empty() { "It is not looser.".to_owned() } else { format!("It is looser: {}.", looser.join("; ")) };
        format!("Put {to} in force in place of {from}. {how}")
    }

    fn ground(&self, _: &mut Scene<'_, '_>, held: &Shelved, _: &PolicyChange) -> Result<PolicyGround, ServiceError> {
        Ok(PolicyGround { from: serde_json::to_value(&held.in_force)?, to: serde_json::to_value(&held.target)? })
    }

    fn consider(
        &self,
        scene: &mut Scene<'_, '_>,
        held: &mut Shelved,
        wanted: &Taken<'_, PolicyChange>,
    ) -> Result<Wish, ServiceError> {
        if held.target == held.in_force {
            return Err(ServiceError::IllegalStep(format!("{} is already in force.", held.target)));
        }
        if !wanted.content.looser.is_empty() {
            return Ok(Wish::Waits);
        }
        self.put_in_force(scene.transaction, held)?;
        Ok(Wish::Acted)
    }

    fn take(&self, scene: &mut Scene<'_, '_>, held: &mut Shelved, taken: &Taken<'_, PolicyChange>) -> Result<(), ServiceError> {
        if taken.step == Step::Approve { self.put_in_force(scene.transaction, held) } else { Ok(()) }
    }
}
