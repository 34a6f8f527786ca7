//! Another person approves exactly what was proposed, or declines it.

use serde_json::json;

use super::super::{Act, Deed, Identity, Reply, ServiceError, check_two_people, read_actor};
use super::apply::{Ground, carry_out, close};
use super::facts::Current;
use super::propose::proposal_digest;
use super::read::CaseRecord;
use super::work::Held;
use crate::service::member::check_text;
use vasp_record::case::{CaseStatus, Decision};
use vasp_store::{StoreError, Transaction};
use vasp_words::ids::CaseId;

/// Approves a proposal by its digest.
///
/// # Errors
/// `ServiceError::NotFound`, `SamePerson`, `IllegalStep` where nothing is proposed, `Changed` where something changed since, `Store`.
pub fn approve_case(act: Act<'_, CaseRecord>, id: CaseId, approved: &str) -> Result<Reply, ServiceError> {
    let (registry, generation) = (act.registry, act.registry.pin(act.now));
    act.run("case.approve", |transaction, identity| {
        // An import holds this while it opens cases; waiting for it after locking a case would be a deadlock.
        transaction.lock_vasps()?;
        let (mut held, decision) = proposed(transaction, identity, id)?;
        let current = Current::read(transaction.conn(), held.vasp)?;
        let now = proposal_digest(transaction.conn(), &held, current.as_ref())?;
        if held.case.proposal_digest.as_deref() != Some(approved) || now != approved {
            let detail = "What is proposed, or what it is about, is not what this digest stands for; read the case again.";
            return Err(ServiceError::Changed(detail.to_owned()));
        }
        carry_out(transaction, &mut held, decision, &Ground { registry, identity, generation: &generation })?;
        held.case.decided_by = Some(identity.user.to_string());
        let body = json!({"decision": decision, "proposal_digest": approved});
        held.enter(transaction, "approved", Some(identity.user), &body)?;
        close(transaction, &mut held, decision)?;
        let vasp = held.vasp;
        let record = CaseRecord::read(transaction.conn(), held.case)?;
        Ok(Deed::new(record, id, json!({"vasp": vasp, "decision": decision, "proposal_digest": approved})))
    })
}

/// Declines a proposal: the case goes back to its reviewer.
///
/// # Errors
/// As [`approve_case`].
pub fn decline_case(act: Act<'_, CaseRecord>, id: CaseId, reason: &str) -> Result<Reply, ServiceError> {
    check_text("/reason", reason)?;
    act.run("case.decline", |transaction, identity| {
        let (mut held, decision) = proposed(transaction, identity, id)?;
        held.case.status = CaseStatus::Taken.as_str().to_owned();
        held.case.proposal_digest = None;
        held.case.decided_by = Some(identity.user.to_string());
        held.enter(transaction, "declined", Some(identity.user), &json!({"reason": reason}))?;
        held.write(transaction)?;
        let record = CaseRecord::read(transaction.conn(), held.case)?;
        Ok(Deed::new(record, id, json!({"decision": decision})))
    })
}

/// Returns a case whose proposal waits for somebody else than its proposer.
fn proposed(transaction: &mut Transaction<'_>, identity: &Identity, id: CaseId) -> Result<(Held, Decision), ServiceError> {
    let held = Held::open(transaction, id)?;
    let wrong = |column| StoreError::Inconsistent { table: "cases", column, id: held.case.id.clone() };
    let Some(proposed_by) = &held.case.proposed_by else {
        return Err(ServiceError::IllegalStep("Nothing is proposed in this case.".to_owned()));
    };
    let proposer = read_actor(proposed_by, held.case.proposed_with.as_deref())?;
    check_two_people(transaction.conn(), proposer, identity)?;
    if held.case.status != CaseStatus::Proposed.as_str() {
        let detail = "What was proposed is taken back: it was declined, or something came since; read the case again.";
        return Err(ServiceError::Changed(detail.to_owned()));
    }
    let decision = held.case.decision.as_deref().and_then(Decision::from_text).ok_or_else(|| wrong("decision"))?;
    Ok((held, decision))
}
