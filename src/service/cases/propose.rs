//! A reviewer proposes a decision. What another person approves is the digest of exactly that: decision, reason, what is said,
//! which evidence stands for it, and the facts it is said on.

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::json;

use super::super::{Act, Deed, Fault, Identity, Reply, ServiceError};
use super::apply::{Ground, carry_out, check_step};
use super::check::{refuse_without_evidence, work_out};
use super::facts::Current;
use super::read::CaseRecord;
use super::work::Held;
use crate::service::member::{check_text, is_registry_kept};
use vasp_record::case::{CaseStatus, Decision, TriggerKind, due_at};
use vasp_store::{CaseTriggerRow, Conn, Transaction};
use vasp_words::ids::{CaseId, VaspId};
use vasp_words::time::UtcTime;

/// What is proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The decision.
    pub decision: Decision,
    /// Why.
    pub reason: String,
    /// Another record that it is about.
    pub target: Option<VaspId>,
}

/// Proposes a decision about a case that the caller took. Suspending and asking act at once.
///
/// # Errors
/// `ServiceError::NotFound`, `Conflict` where the caller did not take the case, `IllegalStep`, `Invalid` where evidence is missing
/// that verifying needs, `Store`.
pub fn propose(act: Act<'_, CaseRecord>, id: CaseId, proposal: &Proposal) -> Result<Reply, ServiceError> {
    check_text("/reason", &proposal.reason)?;
    let (registry, generation) = (act.registry, act.registry.pin(act.now));
    act.run("case.propose", |transaction, identity| {
        let mut held = Held::open(transaction, id)?;
        if held.case.assignee != Some(identity.user.to_string()) {
            let detail = "take the case first: who proposes has looked at it".to_owned();
            return Err(ServiceError::Conflict(Fault { pointer: String::new(), code: "case_not_taken", detail }));
        }
        let current = Current::read(transaction.conn(), held.vasp)?;
        check_step(&held, current.as_ref(), proposal.decision)?;
        if proposal.decision == Decision::Verify {
            let now = transaction.now();
            refuse_without_evidence(&work_out(transaction.conn(), &held, &generation, now)?)?;
        }
        fill_in(&mut held, identity, proposal, transaction.now());
        if proposal.decision.acts_at_once() {
            at_once(transaction, &mut held, proposal, &Ground { registry, identity, generation: &generation })?;
        } else {
            held.case.status = CaseStatus::Proposed.as_str().to_owned();
            held.case.proposal_digest = Some(proposal_digest(transaction.conn(), &held, current.as_ref())?);
        }
        let body = json!({"decision": proposal.decision, "reason": proposal.reason, "target": proposal.target,
                          "proposal_digest": held.case.proposal_digest});
        held.enter(transaction, "proposed", Some(identity.user), &body)?;
        held.write(transaction)?;
        let vasp = held.vasp;
        let record = CaseRecord::read(transaction.conn(), held.case)?;
        Ok(Deed::new(record, id, json!({"vasp": vasp, "decision": proposal.decision})))
    })
}

/// Writes a proposal into its case.
pub(super) fn fill_in(held: &mut Held, identity: &Identity, proposal: &Proposal, now: UtcTime) {
    held.case.decision = Some(proposal.decision.as_str().to_owned());
    held.case.reason = Some(proposal.reason.clone());
    held.case.target = proposal.target.map(|id| id.to_string());
    held.case.proposed_by = Some(identity.user.to_string());
    held.case.proposed_with = Some(identity.credential.to_string());
    held.case.proposed_at = Some(now.micros());
}

fn at_once(
    transaction: &mut Transaction<'_>,
    held: &mut Held,
    proposal: &Proposal,
    ground: &Ground<'_>,
) -> Result<(), ServiceError> {
    held.case.proposal_digest = None;
    if proposal.decision == Decision::RequestInformation {
        let asked = match &held.kept {
            Some(kept) => !is_registry_kept(transaction.conn(), &kept.row)?,
            None => false,
        };
        if !asked {
            return Err(ServiceError::IllegalStep("No member keeps this record, so there is nobody to ask.".to_owned()));
        }
        held.case.status = CaseStatus::Waiting.as_str().to_owned();
        let user = Some(ground.identity.user);
        held.enter(transaction, "message", user, &json!({"text": proposal.reason}))?;
        return Ok(());
    }
    carry_out(transaction, held, proposal.decision, ground)?;
    held.case.status = CaseStatus::Taken.as_str().to_owned();
    held.case.risk = held.case.risk.max(TriggerKind::Suspension.risk());
    held.case.due_at = held.case.due_at.min(due_at(TriggerKind::Suspension, transaction.now()).micros());
    let known = transaction.conn().case_triggers(std::slice::from_ref(&held.case.id))?;
    transaction.add_case_trigger(&CaseTriggerRow {
        case_id: held.case.id.clone(),
        number: i32::try_from(known.len()).unwrap_or(i32::MAX).saturating_add(1),
        kind: TriggerKind::Suspension.as_str().to_owned(),
        detail: json!({"summary": "a reviewer suspended the record"}).to_string(),
        at: transaction.now().micros(),
    })?;
    Ok(())
}

/// Returns the digest of what is proposed on what there is: SHA-256 over an RFC 8785 object, in hex.
pub(super) fn proposal_digest(conn: &mut Conn, held: &Held, current: Option<&Current>) -> Result<String, ServiceError> {
    let hash = |text: &str| hex::encode(digest(&SHA256, text.as_bytes()).as_ref());
    let evidence = conn.evidence_of(&held.case.vasp)?;
    let evidence: Vec<String> = evidence.into_iter().filter(|row| row.seq_to.is_none()).map(|row| row.id).collect();
    let what = json!({
        "case": held.case.id, "vasp": held.case.vasp, "decision": held.case.decision, "reason": held.case.reason,
        "target": held.case.target, "proposed_by": held.case.proposed_by,
        "said": held.kept.as_ref().map(|kept| hash(&kept.row.body)),
        "evidence": evidence,
        "facts": current.map(Current::numbers),
    });
    Ok(hash(&serde_json_canonicalizer::to_string(&what).unwrap_or_default()))
}
