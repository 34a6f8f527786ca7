//! Carries out a decision: it changes the facts that readers see, the valid evidence, the member's record and the case, in one
//! transaction.

use super::check::{places, refuse_undecided, refuse_unverifiable};
use super::decision::CaseProposal;
use super::facts::{Current, Rewrite};
use super::work::{Held, value_digest};
use crate::ca::revoke_all_of;
use crate::cases::vasp_of;
use crate::claims::{RevokedClaims, end_with_record};
use crate::directory::Generation;
use crate::domains::{give_up_domains, take_up_domains};
use crate::ledger::VaspChanges;
use crate::node::{Registry, ServiceError};
use crate::submissions::{is_registry_kept, step, tell_others, write_kept};
use vasp_log::change::{Payload, RecordKind};
use vasp_record::ca::RevocationReason;
use vasp_record::case::{CaseStatus, Decision};
use vasp_record::fact::REGISTRY;
use vasp_record::lifecycle::{Step, follow};
use vasp_record::submission::Submission;
use vasp_record::vasp::{VaspKind, VaspStatus};
use vasp_store::{Evidence, LicenceRow, Transaction};
use vasp_words::ids::{EvidenceId, VaspId};
use vasp_words::time::UtcTime;

/// The registry and the directory for which a decision is carried out.
pub(crate) struct Ground<'a> {
    pub registry: &'a Registry,
    pub generation: &'a Generation,
}

/// Returns the kind and status of a record that count for a decision. To verify or reject, the submission's status counts, if there
/// is one; for other decisions, the status that readers see.
pub(crate) fn standing(
    held: &Held,
    current: Option<&Current>,
    decision: Decision,
) -> Result<(VaspKind, VaspStatus), ServiceError> {
    let judged = matches!(decision, Decision::Verify | Decision::Reject);
    match (&held.kept, current) {
        (Some(kept), current) if judged => Ok((current.map_or(VaspKind::Entity, |c| c.kind), kept.status)),
        (_, Some(current)) => Ok((current.kind, current.status())),
        (Some(kept), None) => Ok((VaspKind::Entity, kept.status)),
        (None, None) => Err(ServiceError::IllegalStep("The record is not in the directory yet.".to_owned())),
    }
}

/// Refuses a decision that the record's status does not allow.
pub(crate) fn check_step(held: &Held, current: Option<&Current>, decision: Decision) -> Result<(), ServiceError> {
    let step = match decision {
        Decision::Verify => Step::Verify,
        Decision::Reject => Step::Reject,
        Decision::Suspend => Step::Suspend,
        Decision::Revoke => Step::Revoke,
        Decision::Reinstate => Step::Reinstate,
        Decision::Merge => Step::Merge,
        Decision::Keep | Decision::Dismiss | Decision::RequestInformation => return Ok(()),
    };
    let (kind, status) = standing(held, current, decision)?;
    if step == Step::Verify && kind == VaspKind::Entity && held.kept.is_none() {
        let detail = "No member keeps this record, so it cannot be verified. Its owner must adopt it first.".to_owned();
        return Err(ServiceError::IllegalStep(detail));
    }
    // Verifying a submission does not lift a suspension, revocation or retirement. Two people must lift it in a decision of its own.
    let held_back = |c: &Current| matches!(c.status(), VaspStatus::Suspended | VaspStatus::Revoked | VaspStatus::Retired);
    if step == Step::Verify
        && let Some(current) = current.filter(|current| held_back(current))
    {
        let detail =
            format!("The record is {}. This status must be lifted first, in a separate decision.", current.status().as_str());
        return Err(ServiceError::IllegalStep(detail));
    }
    follow(step, kind, status).map(drop).map_err(|refused| ServiceError::IllegalStep(refused.to_string()))
}

/// Carries a decision out.
pub(crate) fn carry_out(
    transaction: &mut Transaction<'_>,
    held: &mut Held,
    CaseProposal { decision, target, claims, vasp }: &CaseProposal,
    ground: &Ground<'_>,
) -> Result<(), ServiceError> {
    let current = match *vasp {
        Some(vasp) => Current::read(transaction.conn(), vasp)?,
        None => None,
    };
    let (decision, target) = (*decision, *target);
    check_step(held, current.as_ref(), decision)?;
    refuse_undecided(transaction.conn(), held, decision)?;
    // The registry no longer vouches for the record, so its certificates are revoked at the same moment.
    match decision {
        Decision::Suspend | Decision::Revoke => {
            revoke_all_of(transaction, ground.registry, vasp_of(&held.case)?, RevocationReason::PrivilegeWithdrawn)?;
        }
        Decision::Merge => {
            revoke_all_of(transaction, ground.registry, vasp_of(&held.case)?, RevocationReason::CessationOfOperation)?;
        }
        _ => {}
    }
    if decision.rests_on_others_alone() {
        // Waiting claims end with a merge too, because the member then speaks for neither record.
        end_with_record(transaction, ground.registry, vasp_of(&held.case)?, claims.as_ref().unwrap_or(&RevokedClaims::None))?;
    }
    match decision {
        Decision::Verify => verify(transaction, held, current.as_ref(), ground)?,
        Decision::Reject => reject(transaction, held)?,
        Decision::Suspend => set_status(transaction, held, current.as_ref(), Some(VaspStatus::Suspended))?,
        Decision::Revoke => set_status(transaction, held, current.as_ref(), Some(VaspStatus::Revoked))?,
        Decision::Reinstate => {
            let verified = held.kept.as_ref().is_some_and(|kept| kept.approved.is_some());
            set_status(transaction, held, current.as_ref(), verified.then_some(VaspStatus::Verified))?;
        }
        Decision::Merge => merge(transaction, held, current.as_ref(), target)?,
        Decision::Keep | Decision::Dismiss | Decision::RequestInformation => {}
    }
    Ok(())
}

/// Closes the case with this decision as its outcome.
pub(crate) fn close(held: &mut Held, decision: Decision, now: UtcTime) {
    held.case.status = CaseStatus::Closed;
    held.case.closed_at = Some(now);
    held.case.outcome = Some(decision.as_str().to_owned());
}

fn verify(
    transaction: &mut Transaction<'_>,
    held: &mut Held,
    current: Option<&Current>,
    ground: &Ground<'_>,
) -> Result<(), ServiceError> {
    // Checked again now: since the proposal, evidence may have expired or a domain may have been lost.
    let now = transaction.now();
    refuse_unverifiable(transaction.conn(), held, ground.generation, now)?;
    let said = held.kept.as_ref().map(|kept| kept.said.clone());
    let first = held.kept.as_ref().is_none_or(|kept| kept.approved.is_none());
    let number = match current {
        Some(current) => current.number,
        None => transaction.add_vasp(vasp_of(&held.case)?, VaspKind::Entity)?.number,
    };
    let mut rewrite = Rewrite::new(current, transaction.now().date());
    if let Some(said) = &said {
        anchor_licences(transaction, said, number, current)?;
        rewrite.submission(said);
    }
    rewrite.status(Some(VaspStatus::Verified));
    let (counts, ended) = evidence(transaction, held, ground.generation)?;
    let kind: RecordKind = if first { Payload::VaspVerified } else { Payload::VaspChanged };
    rewrite.finish(counts, ended).record(transaction, vasp_of(&held.case)?, number, kind);
    let Some(kept) = held.kept.as_mut() else { return Ok(()) };
    step(kept, Step::Verify)?;
    kept.approved = Some(kept.said.clone());
    write_kept(transaction, kept)?;
    if is_registry_kept(transaction.conn(), kept)? {
        return Ok(());
    }
    if first {
        tell_others(transaction, ground.registry, kept)?;
    }
    transaction.give_vasp(kept.organisation, kept.vasp)?;
    take_up_domains(transaction, kept.vasp, kept.organisation, number)
}

/// Rejects a submission. A record that was approved before gets its approved content back. A record that was never approved is
/// rejected for good.
fn reject(transaction: &mut Transaction<'_>, held: &mut Held) -> Result<(), ServiceError> {
    let Some(kept) = held.kept.as_mut() else {
        return Err(ServiceError::IllegalStep("No member keeps this record, so there is no submission to reject.".to_owned()));
    };
    step(kept, Step::Reject)?;
    match &kept.approved {
        Some(approved) => kept.said = approved.clone(),
        None => give_up_domains(transaction, kept.vasp, kept.organisation)?,
    }
    write_kept(transaction, kept)
}

fn set_status(
    transaction: &mut Transaction<'_>,
    held: &mut Held,
    current: Option<&Current>,
    status: Option<VaspStatus>,
) -> Result<(), ServiceError> {
    let Some(current) = current else {
        return Err(ServiceError::IllegalStep("The record is not in the directory yet.".to_owned()));
    };
    let mut rewrite = Rewrite::new(Some(current), transaction.now().date());
    rewrite.status(status);
    rewrite.finish(vec![], vec![]).record(transaction, vasp_of(&held.case)?, current.number, Payload::VaspStatusChanged);
    match held.kept.as_mut().filter(|kept| kept.approved.is_some()) {
        None => Ok(()),
        Some(kept) => {
            kept.status = status.unwrap_or(VaspStatus::Listed);
            write_kept(transaction, kept)
        }
    }
}

fn merge(
    transaction: &mut Transaction<'_>,
    held: &mut Held,
    current: Option<&Current>,
    target: Option<VaspId>,
) -> Result<(), ServiceError> {
    let (Some(current), Some(target)) = (current, target) else {
        return Err(ServiceError::IllegalStep("The record, or the record to merge it into, is not in the directory.".to_owned()));
    };
    let into = Current::read(transaction.conn(), target)?;
    let live = |c: &Current| !matches!(c.status(), VaspStatus::Revoked | VaspStatus::Retired) && c.kind == current.kind;
    let Some(into) = into.filter(live) else {
        return Err(ServiceError::Changed("The record to merge into is no longer a live record of the same kind.".to_owned()));
    };
    let mut rewrite = Rewrite::new(Some(current), transaction.now().date());
    rewrite.status(Some(VaspStatus::Retired));
    rewrite.merged_into(target);
    rewrite.finish(vec![], vec![]).record(transaction, vasp_of(&held.case)?, current.number, Payload::VaspStatusChanged);
    // This change makes every directory read the remaining record again.
    let mut other = VaspChanges::new(REGISTRY, REGISTRY, transaction.now().date());
    other.mention("/merged", vasp_of(&held.case)?.to_string());
    other.record(transaction, target, into.number, Payload::VaspChanged);
    match held.kept.as_mut() {
        None => Ok(()),
        Some(kept) => {
            kept.status = VaspStatus::Retired;
            write_kept(transaction, kept)
        }
    }
}

/// Adds the anchors of licences that are new to the VASP.
fn anchor_licences(
    transaction: &mut Transaction<'_>,
    said: &Submission,
    number: i64,
    current: Option<&Current>,
) -> Result<(), ServiceError> {
    for (id, licence) in &said.licences {
        match current.and_then(|current| current.licence(&licence.authority, &licence.regime)) {
            Some(known) if known == *id => {}
            Some(known) => {
                let detail = format!("A register now shows the licence {id} as {known}; the member must use that id instead.");
                return Err(ServiceError::Changed(detail));
            }
            None => transaction.add_licence(&LicenceRow {
                id: *id,
                vasp: number,
                authority: licence.authority.clone(),
                regime: licence.regime.clone(),
            })?,
        }
    }
    Ok(())
}

/// Returns the ids of the evidence that begins to count because it supports what is approved, and of the evidence that ends.
fn evidence(
    transaction: &mut Transaction<'_>,
    held: &Held,
    generation: &Generation,
) -> Result<(Vec<EvidenceId>, Vec<EvidenceId>), ServiceError> {
    let places = places(held, generation);
    let now = transaction.now();
    let mut rows = transaction.conn().evidence_of(vasp_of(&held.case)?)?;
    rows.retain(|row| row.seq_to.is_none());
    let of_place = |row: &&Evidence| places.contains_key(&row.attribute);
    let fits = |row: &Evidence| {
        let value = places.get(&row.attribute).map(value_digest);
        row.value_digest.is_none() || row.value_digest == value
    };
    // The registry's own checks handle their evidence themselves, for attributes that are not in the submission.
    let waits = |row: &&Evidence| row.seq_from.is_none() && of_place(row) && fits(row);
    let publish = rows.iter().filter(waits).map(|row| row.id).collect();
    let renewed = |row: &Evidence| rows.iter().filter(waits).any(|newer| newer.attribute == row.attribute);
    let of_submission = |row: &&Evidence| row.seq_from.is_some() && !row.attribute.starts_with("domains/");
    let over = |row: &&Evidence| !fits(row) || (row.expires_at.is_some_and(|at| at <= now) && renewed(row));
    let end = rows.iter().filter(of_submission).filter(over).map(|row| row.id).collect();
    Ok((publish, end))
}
