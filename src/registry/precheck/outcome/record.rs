//! What one caller records about the outcome of its own pre-check, and how it is read.

use rand_core::RngCore;

use super::kept::KeptOutcome;
use super::{NewOutcome, Outcome, OutcomeContent, proof};
use crate::acts::sealed_traces::PRIVATE_ACTION;
use crate::acts::{Act, Deed, Identity, Reply};
use crate::node::{ProblemCode, Refusal, Registry, ServiceError, invalid};
use vasp_rules::precheck_outcome::{Admission, TransferResult};
use vasp_words::ids::{OrganisationId, PrecheckId};
use vasp_words::time::UtcTime;

/// Adds an entry to the outcome of a pre-check of the caller's organisation.
///
/// # Errors
/// `ServiceError::NotFound` if the organisation has no such pre-check, or if it was erased; `Forbidden` if only compliance people may record it;
/// `Refused` with `two_people_needed`; `IllegalStep` if the transfer is over, the answer is too old, or the address was listed since; `Invalid` for a member; and those of [`Act::run`].
pub fn record_outcome(mut act: Act<'_, Outcome>, id: PrecheckId, new: NewOutcome) -> Result<Reply, ServiceError> {
    let (registry, organisation) = (act.registry, act.identity.organisation);
    if new.result.is_some() {
        // Another node may have taken a list that has the address.
        registry.directory().catch_up()?;
    }
    let sees = act.identity.is_compliance_person();
    let confidential = new.result.is_some_and(TransferResult::is_confidential);
    check_confidential(&new, confidential, sees)?;
    let key = act.data_key()?;
    // The line about a confidential entry names neither the pre-check nor what was done.
    let action = if confidential { PRIVATE_ACTION } else { "precheck.outcome" };
    act.run_privately(action, |transaction, identity| {
        let now = transaction.now();
        let mut kept = KeptOutcome::lock(transaction, organisation, id, &key)?;
        let generation = registry.pin(now);
        proof::check(transaction.conn(), &kept, identity, &new, &key, &generation, now)?;
        let NewOutcome { conditions, result, transaction: paid, note, .. } = new;
        let recorded_by = identity.user;
        if let Some(result) = result {
            admit(kept.admits(transaction.conn(), result, &conditions, &generation, now)?, id)?;
        }
        let content = OutcomeContent { recorded_by, conditions, result, transaction: paid, note, by_proposal: None };
        let details = kept.add(transaction, content, &key)?;
        let subject = (!confidential).then(|| id.to_string());
        Ok(Deed { value: kept.seen(sees), subject, details })
    })
}

/// Refuses a confidential entry of anybody but compliance, and one that states what others have to see.
fn check_confidential(new: &NewOutcome, confidential: bool, sees: bool) -> Result<(), ServiceError> {
    if confidential && !sees {
        let detail = "Only a signed-in person with the role compliance records what was frozen or reported.";
        return Err(ServiceError::Forbidden(detail.to_owned()));
    }
    if confidential && !new.conditions.is_empty() {
        let detail = "an entry that only compliance people see states no conditions; record them apart";
        return Err(invalid("/conditions", "not_allowed", detail));
    }
    if new.result.is_none() && new.conditions.is_empty() {
        return Err(invalid("", "missing_member", "an entry has `conditions`, a `result`, or both"));
    }
    Ok(())
}

fn admit(admission: Admission, id: PrecheckId) -> Result<(), ServiceError> {
    match admission {
        Admission::One => Ok(()),
        Admission::Nobody(why) => Err(ServiceError::IllegalStep(why)),
        Admission::TwoPeople(why) => {
            let detail = format!("Two people must decide this: {why}. Propose it with POST /v1/prechecks/{id}/outcome/propose.");
            Err(Refusal::new(ProblemCode::TwoPeopleNeeded, detail).into())
        }
    }
}

/// Returns the outcome of a pre-check of an organisation as a reader may see it; `None`: whoever has a page that may be passed on.
///
/// # Errors
/// `ServiceError::NotFound` if the organisation has no such pre-check, or if it was erased; `Store`, `Key`, `Unreadable`.
pub fn read_outcome(
    registry: &Registry,
    (organisation, precheck): (OrganisationId, PrecheckId),
    reader: Option<&Identity>,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<Outcome, ServiceError> {
    let key = registry.data_key(organisation, now, rng)?;
    let kept = registry.store().read::<_, ServiceError>(|conn| KeptOutcome::read(conn, organisation, precheck, &key))?;
    Ok(kept.seen(reader.is_some_and(Identity::is_compliance_person)))
}
