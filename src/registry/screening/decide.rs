//! Two people decide whether a VASP is the party that an entry means. The decision covers the entry's present version and the value
//! of the VASP that matched. It is stored as a fact of the VASP that only operators see. Pre-checks use it from then on.

use serde::Serialize;
use serde_json::json;

use crate::cases::enter;
use crate::ledger::VaspChanges;
use crate::node::ServiceError;
use crate::proposals::{Decision, Scene, Step, Taken, Wish};
use crate::publishing::Publisher;
use vasp_log::change::Payload;
use vasp_record::fact::{FactValue, REGISTRY};
use vasp_record::proposal::ProposalKind;
use vasp_record::screening_decision::{HitStatus, HitSubject};
use vasp_rules::screening::{PairKey, ScreeningDecision, Verdict};
use vasp_store::{FactRow, ScreeningHit, Transaction};
use vasp_words::ids::{ScreeningHitId, VaspId};

/// What the digest covers besides the verdict.
#[derive(Debug, Serialize)]
pub struct HitGround {
    vasp: VaspId,
    list: String,
    uid: String,
    entry_sha256: String,
    matched: String,
}

/// A decision about a hit.
#[derive(Debug)]
pub struct HitDecision(pub ScreeningHitId);

impl Decision for HitDecision {
    const KIND: ProposalKind = ProposalKind::Screening;
    type Content = Verdict;
    type Ground = HitGround;
    type Held = ScreeningHit;

    /// Locks the open case, if there is one, and then the hit. An import locks in the same order.
    fn hold(&self, scene: &mut Scene<'_, '_>, _: Step) -> Result<ScreeningHit, ServiceError> {
        let (Self(id), transaction) = (self, &mut *scene.transaction);
        let missing = || ServiceError::NotFound(format!("There is no screening hit {id}."));
        let vasp = transaction.conn().screening_hit(*id)?.ok_or_else(missing)?.vasp;
        transaction.lock_submission(vasp)?;
        if let Some(case) = transaction.conn().open_case_of(vasp)? {
            transaction.lock_case(case.id)?;
        }
        transaction.lock_screening_hit(*id)?.ok_or_else(missing)
    }

    fn subject(&self, row: &ScreeningHit) -> String {
        row.id.to_string()
    }

    fn says(&self, row: &ScreeningHit, verdict: &Verdict) -> String {
        let ScreeningHit { vasp, matched, name, list, uid, .. } = row;
        match verdict {
            Verdict::FalsePositive => format!("`{matched}` of {vasp} is not {name} ({list}, entry {uid})."),
            Verdict::TrueMatch => format!("`{matched}` of {vasp} is {name} ({list}, entry {uid})."),
        }
    }

    fn ground(&self, _: &mut Scene<'_, '_>, row: &ScreeningHit, _: &Verdict) -> Result<HitGround, ServiceError> {
        let ScreeningHit { vasp, list, uid, entry_sha256, matched, .. } = row.clone();
        Ok(HitGround { vasp, list, uid, entry_sha256, matched })
    }

    fn consider(&self, _: &mut Scene<'_, '_>, row: &mut ScreeningHit, _: &Taken<'_, Verdict>) -> Result<Wish, ServiceError> {
        let illegal = |detail: &str| Err(ServiceError::IllegalStep(detail.to_owned()));
        if row.status == HitStatus::Gone {
            return illegal("No list contains this entry any more, so there is nothing to decide.");
        }
        if row.about == HitSubject::Address {
            return illegal(
                "The address itself is on the list, whoever owns it. The hit ends when the claim ends or the list removes the \
                 address. Dispute the claim.",
            );
        }
        Ok(Wish::Waits)
    }

    /// Writes the next version of the hit, and an entry in the VASP's open case, if there is one.
    fn take(&self, scene: &mut Scene<'_, '_>, row: &mut ScreeningHit, taken: &Taken<'_, Verdict>) -> Result<(), ServiceError> {
        let Scene { transaction, identity } = scene;
        if taken.step == Step::Approve {
            tell(transaction, row, *taken.content)?;
            row.status = (*taken.content).into();
        }
        (row.version, row.changed_at) = (row.version + 1, transaction.now());
        transaction.change_screening_hit(row)?;
        let body = json!({"hit": row.id, "decision": taken.content, "list": row.list, "uid": row.uid,
            "entry_sha256": row.entry_sha256, "reason": taken.reason,
            "proposal_digest": taken.proposal.map(|proposal| &proposal.told.digest)});
        let Some(case) = transaction.conn().open_case_of(row.vasp)? else { return Ok(()) };
        let kind = format!("screening_{}", taken.step.done());
        enter(transaction, case.id, &kind, Some(identity.user), &body).map(drop)
    }
}

/// Records the verdict from now on: one fact of the VASP for each entry of a list, which only operators see.
fn tell(transaction: &mut Transaction<'_>, row: &ScreeningHit, verdict: Verdict) -> Result<(), ServiceError> {
    let publisher = Publisher::by_registry(transaction, row.vasp)?
        .ok_or_else(|| ServiceError::IllegalStep("The record was merged into another, or is not in the directory.".to_owned()))?;
    let pair = PairKey { list: row.list.clone(), uid: row.uid.clone() };
    let rows = transaction.conn().facts_of(&[publisher.number], i64::MAX - 1)?;
    let decisions = rows.iter().filter_map(|row| match &row.fact.said {
        FactValue::ScreeningDecision(of, said) if *of == pair => Some((row, said)),
        _ => None,
    });
    let (before, said): (Vec<&FactRow>, Vec<_>) = decisions.unzip();
    // What was cleared for this version of the entry stays cleared, even if another name or host is cleared now.
    let earlier = said.first();
    let also = earlier.filter(|before| verdict == Verdict::FalsePositive && before.entry_sha256 == row.entry_sha256);
    let also = also.iter().flat_map(|earlier| earlier.cleared()).filter(|other| **other != row.matched).cloned().collect();
    let said = ScreeningDecision {
        verdict,
        entry_sha256: row.entry_sha256.clone(),
        matched: row.matched.clone(),
        also,
        decided_on: transaction.now().date(),
    };
    let mut changes = VaspChanges::new(REGISTRY, "decided by two people", transaction.now().date());
    changes.say(&FactValue::ScreeningDecision(pair, Box::new(said)), &before);
    changes.record(transaction, (row.vasp, publisher.number), Payload::ScreeningDecided);
    Ok(())
}
