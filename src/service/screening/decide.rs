//! Two people decide whether a VASP is whom an entry means: one proposes with a reason, another approves the digest of exactly
//! that. What was decided is a fact of the VASP for operators, and counts in pre-checks from then on.

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::json;

use super::read::HitRecord;
use super::reconcile::About;
use crate::service::ledger::VaspChanges;
use crate::service::member::check_text;
use crate::service::published::Publisher;
use crate::service::{Act, Deed, Identity, Reply, ServiceError, check_two_people, read_actor};
use vasp_log::change::Payload;
use vasp_record::fact::{Attribute, FactValue, REGISTRY};
use vasp_rules::screening::{PairKey, ScreeningDecision, Verdict};
use vasp_store::{CaseEntryRow, FactRow, ScreeningHitRow, StoreError, Transaction};
use vasp_words::ids::{ScreeningHitId, VaspId};

/// What is proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The decision.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
}

/// Proposes a decision; what was proposed before no longer counts.
///
/// # Errors
/// `ServiceError::NotFound`, `Invalid`, `IllegalStep` where there is nothing to decide; those of [`Act::run`].
pub fn propose(act: Act<'_, HitRecord>, id: ScreeningHitId, proposal: &Proposal) -> Result<Reply, ServiceError> {
    check_text("/reason", &proposal.reason)?;
    act.run("screening.propose", |transaction, identity| {
        let row = undecided(transaction, id)?;
        let now = transaction.now();
        let mut row = ScreeningHitRow {
            decision: Some(proposal.verdict.as_str().to_owned()),
            reason: Some(proposal.reason.clone()),
            proposed_by: Some(identity.user.to_string()),
            proposed_with: Some(identity.credential.to_string()),
            proposed_at: Some(now.micros()),
            decided_by: None,
            decided_at: None,
            version: row.version + 1,
            changed_at: now.micros(),
            ..row
        };
        row.proposal_digest = Some(proposal_digest(&row));
        transaction.change_screening_hit(&row)?;
        let body = json!({"hit": row.id, "decision": row.decision, "reason": row.reason, "proposal_digest": row.proposal_digest});
        note(transaction, &row, "screening_proposed", identity, &body)?;
        Ok(Deed::new(HitRecord::read(transaction.conn(), row)?, id, body))
    })
}

/// Approves what another person proposed, by its digest.
///
/// # Errors
/// `ServiceError::NotFound`, `SamePerson`, `Changed` where something else is proposed by now or the entry changed, `IllegalStep` where
/// nothing is proposed; those of [`Act::run`].
pub fn approve(act: Act<'_, HitRecord>, id: ScreeningHitId, approved: &str) -> Result<Reply, ServiceError> {
    act.run("screening.approve", |transaction, identity| {
        let row = proposed(transaction, id, identity)?;
        if row.proposal_digest.as_deref() != Some(approved) || proposal_digest(&row) != approved {
            let detail = "What is proposed, or what it is about, is not what this digest stands for; read it again.";
            return Err(ServiceError::Changed(detail.to_owned()));
        }
        let wrong = |column| StoreError::Inconsistent { table: "screening_hits", column, id: row.id.clone() };
        let verdict = row.decision.as_deref().and_then(Verdict::from_text).ok_or_else(|| wrong("decision"))?;
        let vasp: VaspId = row.vasp.parse().map_err(|_| wrong("vasp"))?;
        let now = transaction.now();
        tell(transaction, vasp, &row, verdict)?;
        let decided = ScreeningHitRow {
            status: verdict.as_str().to_owned(),
            proposal_digest: None,
            decided_by: Some(identity.user.to_string()),
            decided_at: Some(now.micros()),
            version: row.version + 1,
            changed_at: now.micros(),
            ..row
        };
        transaction.change_screening_hit(&decided)?;
        let body = json!({"hit": decided.id, "vasp": vasp, "decision": verdict, "list": decided.list, "uid": decided.uid,
            "entry_sha256": decided.entry_sha256, "proposal_digest": approved});
        note(transaction, &decided, "screening_decided", identity, &body)?;
        Ok(Deed::new(HitRecord::read(transaction.conn(), decided)?, id, body))
    })
}

/// Declines what another person proposed.
///
/// # Errors
/// As [`approve`].
pub fn decline(act: Act<'_, HitRecord>, id: ScreeningHitId, reason: &str) -> Result<Reply, ServiceError> {
    check_text("/reason", reason)?;
    act.run("screening.decline", |transaction, identity| {
        let row = proposed(transaction, id, identity)?;
        let now = transaction.now().micros();
        let declined = ScreeningHitRow { proposal_digest: None, version: row.version + 1, changed_at: now, ..row };
        transaction.change_screening_hit(&declined)?;
        let body = json!({"hit": declined.id, "decision": declined.decision, "reason": reason});
        note(transaction, &declined, "screening_declined", identity, &body)?;
        Ok(Deed::new(HitRecord::read(transaction.conn(), declined)?, id, body))
    })
}

/// Locks the case, if one is open, and then the hit: an import does it in this order.
fn held(transaction: &mut Transaction<'_>, id: ScreeningHitId) -> Result<ScreeningHitRow, ServiceError> {
    let missing = || ServiceError::NotFound(format!("There is no screening hit {id}."));
    let vasp = transaction.conn().screening_hit(&id.to_string())?.ok_or_else(missing)?.vasp;
    transaction.lock_submission(&vasp)?;
    if let Some(case) = transaction.conn().open_case_of(&vasp)? {
        transaction.lock_case(&case.id)?;
    }
    transaction.lock_screening_hit(&id.to_string())?.ok_or_else(missing)
}

fn undecided(transaction: &mut Transaction<'_>, id: ScreeningHitId) -> Result<ScreeningHitRow, ServiceError> {
    let row = held(transaction, id)?;
    let illegal = |detail: &str| Err(ServiceError::IllegalStep(detail.to_owned()));
    if row.status == "gone" {
        return illegal("No list says this any more: there is nothing to decide.");
    }
    if row.about == About::Address.as_str() {
        return illegal(
            "The address is listed, whoever owns it: it is over when the claim ends or the list drops it. Dispute the claim.",
        );
    }
    Ok(row)
}

fn proposed(transaction: &mut Transaction<'_>, id: ScreeningHitId, identity: &Identity) -> Result<ScreeningHitRow, ServiceError> {
    let row = held(transaction, id)?;
    let Some(proposer) = row.proposed_by.as_deref().filter(|_| row.decided_by.is_none()) else {
        return Err(ServiceError::IllegalStep("Nothing is proposed about this hit.".to_owned()));
    };
    let proposer = read_actor(proposer, row.proposed_with.as_deref())?;
    check_two_people(transaction.conn(), proposer, identity)?;
    if row.proposal_digest.is_none() {
        let detail = "What was proposed is taken back: it was declined, or the entry changed since; read it again.";
        return Err(ServiceError::Changed(detail.to_owned()));
    }
    Ok(row)
}

/// Digest of what is proposed on what there is: SHA-256 over an RFC 8785 object, in hex.
fn proposal_digest(row: &ScreeningHitRow) -> String {
    let what = json!({
        "hit": row.id, "vasp": row.vasp, "list": row.list, "uid": row.uid, "entry_sha256": row.entry_sha256, "matched": row.matched,
        "decision": row.decision, "reason": row.reason, "proposed_by": row.proposed_by, "proposed_at": row.proposed_at,
    });
    let text = serde_json_canonicalizer::to_string(&what).unwrap_or_default();
    hex::encode(digest(&SHA256, text.as_bytes()).as_ref())
}

/// Says it from now on: one fact of the VASP a list's entry, told to operators only.
fn tell(transaction: &mut Transaction<'_>, vasp: VaspId, row: &ScreeningHitRow, verdict: Verdict) -> Result<(), ServiceError> {
    let publisher = Publisher::by_registry(transaction, vasp)?.ok_or_else(|| {
        ServiceError::IllegalStep("The record turned out to be another, or is not in the directory.".to_owned())
    })?;
    let pair = PairKey { list: row.list.clone(), uid: row.uid.clone() };
    let item = pair.to_string();
    let rows = transaction.conn().facts_of(&[publisher.number], i64::MAX - 1)?;
    let of_pair = |fact: &&FactRow| fact.attribute == Attribute::ScreeningDecision.as_str() && fact.item == item;
    let before: Vec<&FactRow> = rows.iter().filter(of_pair).collect();
    // What was cleared of the entry as it stands stays so, when another name or host is.
    let earlier = before.first().and_then(|fact| serde_json::from_str::<ScreeningDecision>(&fact.value).ok());
    let also = earlier.filter(|before| verdict == Verdict::FalsePositive && before.entry_sha256 == row.entry_sha256);
    let also = also.iter().flat_map(ScreeningDecision::cleared).filter(|other| **other != row.matched).cloned().collect();
    let said = ScreeningDecision {
        verdict,
        entry_sha256: row.entry_sha256.clone(),
        matched: row.matched.clone(),
        also,
        decided_on: transaction.now().date(),
    };
    let mut changes = VaspChanges::new(REGISTRY, "decided by two people", transaction.now().date());
    changes.say(&FactValue::ScreeningDecision(pair, Box::new(said)), &before);
    changes.record(transaction, (vasp, publisher.number), Payload::ScreeningDecided);
    Ok(())
}

/// Leaves a line in the VASP's open case, if it has one.
fn note(
    transaction: &mut Transaction<'_>,
    row: &ScreeningHitRow,
    kind: &str,
    identity: &Identity,
    body: &serde_json::Value,
) -> Result<(), ServiceError> {
    let Some(case) = transaction.conn().open_case_of(&row.vasp)? else { return Ok(()) };
    let at = transaction.now().micros();
    transaction.add_case_entry(CaseEntryRow {
        case_id: case.id,
        number: 0,
        kind: kind.to_owned(),
        actor: Some(identity.user.to_string()),
        at,
        body: body.to_string(),
    })?;
    Ok(())
}
