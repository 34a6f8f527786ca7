//! Putting a policy in force, or going back to the registry's default. What is not looser than what counts acts at once; a looser
//! one waits for a second person, and what it says of an earlier proposal is that it waits no more.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::json;

use super::{PolicyProposal, missing};
use crate::directory::PrivateState;
use crate::service::precheck::policy_choice::find;
use crate::service::{Act, Deed, Identity, Reply, ServiceError};
use vasp_rules::policy::{Policy, PolicyReference};
use vasp_store::{PENDING_PROPOSAL, PolicyActivationRow, PolicyProposalRow, Transaction};
use vasp_words::ids::{OrganisationId, PolicyProposalId};

/// What became of a wish to put a policy in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyStep {
    /// The policy that counts now.
    pub in_force: Arc<Policy>,
    /// What waits for a second person; none where it acted at once.
    pub proposal: Option<PolicyProposal>,
}

/// Has a policy of the caller's organisation count where a request names none.
///
/// # Errors
/// `ServiceError::NotFound`, `IllegalStep` where it counts already; what [`Act::run`] returns.
pub fn activate_policy(act: Act<'_, PolicyStep>, wanted: &PolicyReference, reason: &str) -> Result<Reply, ServiceError> {
    switch(
        act,
        "policy.activate",
        |ground| {
            let shipped = wanted.name.as_str() == ground.shipped.name();
            let found = find(&ground.shipped, &ground.state.policies, wanted).ok_or_else(|| missing(wanted))?;
            Ok((!shipped).then(|| Arc::clone(found)))
        },
        reason,
    )
}

/// Has a policy count no more, so that the registry's default counts again.
///
/// # Errors
/// `ServiceError::NotFound`, `IllegalStep` where it does not count; what [`Act::run`] returns.
pub fn retire_policy(act: Act<'_, PolicyStep>, wanted: &PolicyReference, reason: &str) -> Result<Reply, ServiceError> {
    switch(
        act,
        "policy.retire",
        |ground| {
            let found = find(&ground.shipped, &ground.state.policies, wanted).ok_or_else(|| missing(wanted))?;
            if ground.state.policies.active() != Some(found) {
                return Err(ServiceError::IllegalStep(format!("{found} is not in force.")));
            }
            Ok(None)
        },
        reason,
    )
}

/// What a switch is decided on; the counter of revisions is locked.
pub(super) struct Ground {
    pub organisation: OrganisationId,
    pub revision: i64,
    pub shipped: Arc<Policy>,
    pub state: PrivateState,
}

impl Ground {
    pub(super) fn lock(
        transaction: &mut Transaction<'_>,
        identity: &Identity,
        shipped: &Arc<Policy>,
    ) -> Result<Self, ServiceError> {
        let organisation = identity.organisation;
        let revision = transaction.next_private_revision(&organisation.to_string())?;
        let state = PrivateState::load(transaction.conn(), organisation, revision)?;
        Ok(Self { organisation, revision, shipped: Arc::clone(shipped), state })
    }

    pub(super) fn in_force(&self) -> &Arc<Policy> {
        self.state.policies.active().unwrap_or(&self.shipped)
    }

    /// Has a policy count; none: the registry's default.
    pub(super) fn put_in_force(&self, transaction: &mut Transaction<'_>, target: Option<&Policy>) -> Result<(), ServiceError> {
        let organisation = self.organisation.to_string();
        let row = target.map(|policy| PolicyActivationRow {
            organisation: organisation.clone(),
            revision_from: self.revision,
            revision_to: None,
            name: policy.name().to_owned(),
            version: i32::try_from(policy.version()).unwrap_or(i32::MAX),
        });
        transaction.switch_policy(&organisation, self.revision, row.as_ref()).map_err(ServiceError::Store)
    }

    /// The digest of exactly what is proposed: what is to count, in place of what.
    pub(super) fn digest(&self, target: &Policy) -> String {
        let what = json!({"organisation": self.organisation, "from": self.in_force().as_ref(), "to": target});
        hex::encode(digest(&SHA256, &serde_json_canonicalizer::to_vec(&what).unwrap_or_default()))
    }
}

type Choose<'a> = &'a dyn Fn(&Ground) -> Result<Option<Arc<Policy>>, ServiceError>;

fn switch(
    act: Act<'_, PolicyStep>,
    action: &'static str,
    choose: impl Fn(&Ground) -> Result<Option<Arc<Policy>>, ServiceError>,
    reason: &str,
) -> Result<Reply, ServiceError> {
    let shipped = Arc::clone(&act.registry.pin(act.now).documents().policy.value);
    act.run_privately(action, |transaction, identity| {
        let ground = Ground::lock(transaction, identity, &shipped)?;
        decide(transaction, identity, &ground, &choose, reason)
    })
}

fn decide(
    transaction: &mut Transaction<'_>,
    identity: &Identity,
    ground: &Ground,
    choose: Choose<'_>,
    reason: &str,
) -> Result<Deed<PolicyStep>, ServiceError> {
    let own = choose(ground)?;
    let target = own.as_ref().unwrap_or(&ground.shipped);
    let before = ground.in_force();
    if target == before {
        return Err(ServiceError::IllegalStep(format!("{target} is in force already.")));
    }
    // Whatever waited was proposed on other grounds.
    if let Some(waiting) = transaction.conn().pending_policy_proposal(&ground.organisation.to_string())? {
        let now = Some(transaction.now().micros());
        let settled = PolicyProposalRow {
            state: "superseded".to_owned(),
            decided_by: Some(identity.user.to_string()),
            decided_at: now,
            ..waiting
        };
        transaction.settle_policy_proposal(&settled)?;
    }
    let looser = target.looser_than(before);
    let details = json!({"from": before.to_string(), "to": target.to_string(), "looser": looser, "reason": reason});
    let subject = target.to_string();
    if looser.is_empty() {
        ground.put_in_force(transaction, own.as_deref())?;
        return Ok(Deed::new(PolicyStep { in_force: Arc::clone(target), proposal: None }, subject, details));
    }
    let now = transaction.now();
    let row = PolicyProposalRow {
        id: PolicyProposalId::new(now, transaction.conn_and_rng().1).to_string(),
        organisation: ground.organisation.to_string(),
        name: own.as_ref().map(|policy| policy.name().to_owned()),
        version: own.as_ref().and_then(|policy| i32::try_from(policy.version()).ok()),
        looser: json!(looser).to_string(),
        digest: ground.digest(target),
        reason: reason.to_owned(),
        state: PENDING_PROPOSAL.to_owned(),
        proposed_by: identity.user.to_string(),
        proposed_with: identity.credential.to_string(),
        proposed_at: now.micros(),
        decided_by: None,
        decided_at: None,
    };
    transaction.add_policy_proposal(&row)?;
    let step = PolicyStep { in_force: Arc::clone(before), proposal: Some(PolicyProposal::try_from(row)?) };
    Ok(Deed::new(step, subject, details))
}
