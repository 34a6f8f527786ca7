//! Changes that only restrict take effect at once, with one person: suspending, ending, refusing, lowering a limit, adding a condition.

use serde_json::json;

use super::decide::told;
use super::file::{File, counterparty};
use super::{Ground, KeptRelationship};
use crate::acts::{Act, Deed, Reply};
use crate::node::ServiceError;
use vasp_record::proposal::ProposalKind;
use vasp_record::vasp_name::VaspName;
use vasp_rules::relationship::{Change, Event, Made};

/// Restricts a relationship, whatever its version. It supersedes a waiting proposal.
///
/// # Errors
/// `ServiceError::NotFound`, `Invalid`, `IllegalStep` for a change that loosens anything: that takes two people.
pub fn restrict(act: Act<'_, KeptRelationship>, name: VaspName, change: &Change) -> Result<Reply, ServiceError> {
    let key = act.registry.data_key(act.identity.organisation, act.now, act.rng)?;
    let ground = Ground::of(act.registry, act.registry.pin(act.now), act.identity.organisation)?;
    let vasp = counterparty(ground.records(), act.identity, name)?;
    act.run_privately("relationship.restrict", |transaction, identity| {
        let mut file = File::open(transaction, identity, &key, &ground, vasp.id)?;
        let now = transaction.now();
        change.check(&file.kept, ground.rules(), now.date())?;
        if change.loosens(&file.kept, now.date()) {
            let detail =
                "This change allows something that is not allowed now, so another person must approve it; propose the change.";
            return Err(ServiceError::IllegalStep(detail.to_owned()));
        }
        let made = Made { event: Event::Restricted, at: now, by: identity.user, reason: Some(change.reason.clone()) };
        let mut next = change.carried_out(&file.kept, (vec![identity.user], false), made);
        for (track, _) in change.tracks().filter(|(_, changed)| changed.status.is_approval()) {
            // A narrowed approval still names the people who gave it, and still ends with the rule that gave it.
            let (before, track) = (file.kept.track(track), next.track_mut(track));
            track.by_senior_management = before.by_senior_management;
            track.by_rule = before.by_rule;
            track.decided_by = before.decided_by.iter().copied().chain([identity.user]).collect();
            track.decided_by.dedup();
        }
        transaction.supersede_proposal(ProposalKind::Relationship, &file.kept.id.to_string())?;
        file.write(transaction, &key, next)?;
        let told = told(&file, json!({"change": change}));
        Ok(Deed::new(file.shown(&ground, now)?, file.kept.id, told))
    })
}
