//! Records a failed exchange, and how far the organisation went because of it.

use serde_json::json;

use super::decide::told;
use super::file::{File, counterparty};
use super::read::add_proposals;
use super::{Ground, KeptRelationship};
use crate::acts::{Act, Deed, Reply};
use crate::node::{ServiceError, invalid};
use crate::submissions::check_text;
use vasp_record::vasp_name::VaspName;
use vasp_rules::relationship::{Event, Incident, Made};

/// Records a failed exchange.
///
/// # Errors
/// `ServiceError::NotFound`, `Invalid` for an invalid note or a time in the future, `IllegalStep` for a step back.
pub fn note_incident(act: Act<'_, KeptRelationship>, name: VaspName, incident: Incident) -> Result<Reply, ServiceError> {
    if let Some(note) = &incident.note {
        check_text("/note", note)?;
    }
    if incident.occurred_at > act.now {
        let detail = "the time of the incident is in the future".to_owned();
        return Err(invalid("/occurred_at", "in_the_future", detail));
    }
    let key = act.registry.data_key(act.identity.organisation, act.now, act.rng)?;
    let ground = Ground::of(act.registry, act.registry.pin(act.now), act.identity.organisation)?;
    let vasp = counterparty(ground.records(), act.identity, name)?;
    act.run_privately("relationship.note_incident", |transaction, identity| {
        let mut file = File::open(transaction, identity, &key, &ground, vasp.id)?;
        if incident.step.is_some() && incident.step < file.kept.step {
            return Err(ServiceError::IllegalStep("The organisation has already taken a later step than this one.".to_owned()));
        }
        let now = transaction.now();
        let made = Made { event: Event::IncidentNoted, at: now, by: identity.user, reason: incident.note.clone() };
        let mut next = file.kept.next(made);
        let told_of = json!({"incident": incident});
        next.step = incident.step.or(next.step);
        next.incidents.push(incident);
        next.incidents.sort_by_key(|incident| incident.occurred_at);
        let too_many = next.incidents.len().saturating_sub(Incident::MOST);
        next.incidents.drain(..too_many);
        file.write(transaction, &key, next)?;
        let told = told(&file, told_of);
        let mut shown = vec![file.shown(&ground, now)?];
        add_proposals(transaction.conn(), &key, &mut shown)?;
        let shown = shown.pop().ok_or_else(|| ServiceError::NotFound("There is no such relationship.".to_owned()))?;
        Ok(Deed::new(shown, file.kept.id, told))
    })
}
