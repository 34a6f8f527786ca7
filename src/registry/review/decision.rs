//! Decisions about a case: the reviewer who took the case proposes, and another person approves. The approval covers exactly the
//! decision, the submitted content, the evidence for it and the facts that it is based on. For a revocation or a merge, it covers
//! only what the VASP cannot change at once by its own acts. Suspending and asking the member take effect at once.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::apply::{Ground, carry_out, check_step, close};
use super::check::{evidence_beside, refuse_undecided, refuse_unverifiable};
use super::facts::Current;
use super::work::Held;
use crate::acts::Act;
use crate::cases::{Trigger, add_trigger, open_or_join, reopen_for_challenges, reopen_for_waiting, vasp_of};
use crate::claims::{RevokedClaims, hold_back_lifted};
use crate::directory::Generation;
use crate::node::{Fault, Registry, ServiceError, invalid, invalid_value};
use crate::proposals::{Decision as TwoPeople, Scene, Step, Taken, Wish};
use crate::submissions::is_registry_kept;
use vasp_record::case::{CaseStatus, Decision, TriggerKind, due_at};
use vasp_record::proposal::ProposalKind;
use vasp_store::Transaction;
use vasp_words::ids::{CaseId, EvidenceId, VaspId};

/// What is proposed in a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseProposal {
    /// The decision.
    pub decision: Decision,
    /// The VASP of the case; `None` for a case about an authority.
    pub vasp: Option<VaspId>,
    /// Another record that the decision is about; `None` if there is none.
    pub target: Option<VaspId>,
    /// Which of the VASP's claims end with its revocation; `None` for other decisions.
    pub claims: Option<RevokedClaims>,
}

impl CaseProposal {
    /// Returns a decision about a locked case.
    #[must_use]
    pub fn of(held: &Held, decision: Decision, target: Option<VaspId>) -> Self {
        Self { decision, vasp: held.case.vasp, target, claims: None }
    }

    /// Returns the proposal with the claims that are to end with a revocation.
    #[must_use]
    pub fn ending(self, claims: Option<RevokedClaims>) -> Self {
        Self { claims, ..self }
    }

    /// Refuses a revocation that does not say which claims end, or that names claims of another VASP. Refuses any other decision that
    /// ends claims.
    fn check_claims(&self, transaction: &mut Transaction<'_>, registry: &Registry) -> Result<(), ServiceError> {
        match (self.decision, &self.claims) {
            (Decision::Revoke, Some(claims)) => match self.vasp {
                Some(vasp) => claims.check(transaction, registry, vasp),
                None => Ok(()),
            },
            (Decision::Revoke, None) => {
                let detail = "state which of its claims end: `all`, `none`, or `{\"batches\": […]}`".to_owned();
                Err(invalid("/claims", "missing_member", detail))
            }
            (_, Some(_)) => Err(invalid_value("/claims", "only a revocation can end claims".to_owned())),
            (_, None) => Ok(()),
        }
    }
}

/// The case in which something is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    /// This case.
    Case(CaseId),
    /// The case of a record that may be the same VASP as another. It is opened if there is none.
    Merge { vasp: VaspId, into: VaspId },
}

/// A decision about a case.
pub struct CaseDecision<'a> {
    registry: &'a Registry,
    generation: Arc<Generation>,
    about: About,
}

/// What the digest covers besides the decision.
#[derive(Debug, Serialize)]
pub struct CaseGround {
    /// SHA-256 of the submitted content, in hex; `None` if the decision does not rest on it.
    said: Option<String>,
    /// Ids of the evidence.
    evidence: Vec<EvidenceId>,
    /// Numbers of the facts.
    facts: Option<Vec<i64>>,
    /// Numbers of the facts of the record to merge into.
    target_facts: Option<Vec<i64>>,
}

impl<'a> CaseDecision<'a> {
    /// Returns a decision about a case.
    #[must_use]
    pub fn of<T>(act: &Act<'a, T>, case: CaseId) -> Self {
        Self { registry: act.registry, generation: act.registry.pin(act.now), about: About::Case(case) }
    }

    /// Returns the decision that a record and another are one VASP. It opens or joins the record's case. Both ids stay usable.
    #[must_use]
    pub fn merging<T>(act: &Act<'a, T>, vasp: VaspId, into: VaspId) -> Self {
        Self { about: About::Merge { vasp, into }, ..Self::of(act, CaseId::first_at(act.now)) }
    }

    fn open_merge(scene: &mut Scene<'_, '_>, vasp: VaspId, into: VaspId) -> Result<Held, ServiceError> {
        let Scene { transaction, identity } = scene;
        let missing = |id: VaspId| ServiceError::NotFound(format!("The directory has no VASP with the id {id}."));
        let current = Current::read(transaction.conn(), vasp)?.ok_or_else(|| missing(vasp))?;
        let target = Current::read(transaction.conn(), into)?.ok_or_else(|| missing(into))?;
        if vasp == into || current.kind != target.kind {
            return Err(invalid_value("/into", "name another record of the same kind".to_owned()));
        }
        // Submissions are locked before cases everywhere. Otherwise two transactions could deadlock.
        transaction.lock_submission(vasp)?;
        let detail = json!({"summary": "two records may describe the same VASP", "into": into});
        let trigger = Trigger { kind: TriggerKind::Duplicate, detail, actor: Some(identity.user) };
        let case = open_or_join(transaction, vasp, &trigger)?;
        let mut held = Held::open(transaction, case.id)?;
        held.case.assignee.get_or_insert(identity.user);
        Ok(held)
    }

    fn at_once(&self, scene: &mut Scene<'_, '_>, held: &mut Held, wanted: &Taken<'_, CaseProposal>) -> Result<(), ServiceError> {
        let Scene { transaction, identity } = scene;
        if wanted.content.decision == Decision::Dismiss {
            let triggers = transaction.conn().case_triggers(&[held.case.id])?;
            if triggers.iter().any(|trigger| trigger.kind != TriggerKind::PublicChallenge) {
                let detail = "The case has more than public challenges, so one person cannot dismiss it; propose `keep` instead.";
                return Err(ServiceError::IllegalStep(detail.to_owned()));
            }
            close(held, Decision::Dismiss, transaction.now());
            return Ok(());
        }
        if wanted.content.decision == Decision::RequestInformation {
            let asked = match &held.kept {
                Some(kept) => !is_registry_kept(transaction.conn(), kept)?,
                None => false,
            };
            if !asked {
                return Err(ServiceError::IllegalStep("No member keeps this record, so there is nobody to ask.".to_owned()));
            }
            held.case.status = CaseStatus::Waiting;
            held.enter(transaction, "message", Some(identity.user), &json!({"text": wanted.reason}))?;
            return Ok(());
        }
        let ground = Ground { registry: self.registry, generation: &self.generation };
        carry_out(transaction, held, wanted.content, &ground)?;
        held.case.status = CaseStatus::Taken;
        held.case.risk = held.case.risk.max(TriggerKind::Suspension.risk());
        held.case.due_at = held.case.due_at.min(due_at(TriggerKind::Suspension, transaction.now()));
        let detail = json!({"summary": "a reviewer suspended the record"});
        add_trigger(transaction, held.case.id, TriggerKind::Suspension, &detail).map(drop)
    }

    fn name(&self, held: &Held) -> String {
        let said = held.kept.as_ref().map(|kept| kept.said.legal_name.clone());
        let Some(vasp) = held.case.vasp else { return String::new() };
        let listed = || self.generation.records().get(vasp).map(|record| record.legal_name.clone());
        let name = said.or_else(listed);
        name.map_or_else(|| vasp.to_string(), |name| format!("{name} ({vasp})"))
    }
}

/// Returns the facts of the case's VASP; `None` if the directory has none, or if the case is not about a VASP.
fn current_of(transaction: &mut Transaction<'_>, held: &Held) -> Result<Option<Current>, ServiceError> {
    match held.case.vasp {
        Some(vasp) => Current::read(transaction.conn(), vasp),
        None => Ok(None),
    }
}

impl TwoPeople for CaseDecision<'_> {
    const KIND: ProposalKind = ProposalKind::Case;
    type Content = CaseProposal;
    type Ground = CaseGround;
    type Held = Held;

    fn hold(&self, scene: &mut Scene<'_, '_>, step: Step) -> Result<Held, ServiceError> {
        if step == Step::Approve {
            // An import holds this lock while it opens cases. Waiting for it after locking a case would be a deadlock.
            scene.transaction.lock_vasps()?;
        }
        match self.about {
            About::Case(id) => Held::open(scene.transaction, id),
            About::Merge { vasp, into } => Self::open_merge(scene, vasp, into),
        }
    }

    fn subject(&self, held: &Held) -> String {
        held.case.id.to_string()
    }

    fn says(&self, held: &Held, content: &CaseProposal) -> String {
        let name = self.name(held);
        match (content.decision, content.target) {
            (Decision::Revoke, _) => {
                let ends = content.claims.as_ref().map(RevokedClaims::words).unwrap_or_default();
                format!("Revoke the record of {name}.{ends} All its claims that wait for a reviewer end.")
            }
            (Decision::Suspend, _) => format!("Suspend the record of {name}."),
            (Decision::Reject, _) => format!("Reject the submission for {name}."),
            (Decision::RequestInformation, _) => format!("Ask {name} for information."),
            (Decision::Merge, Some(into)) => format!("Merge the record of {name} into {into}."),
            (Decision::Merge, None) => format!("Merge the record of {name}."),
            (Decision::Keep, _) if held.case.vasp.is_none() => {
                "Name no authority. The rows that name it stay aside and are not imported.".to_owned()
            }
            (Decision::Keep, _) => format!("Keep the record of {name} as it is."),
            (Decision::Dismiss, _) => format!("Dismiss the public challenges of the record of {name}."),
            (Decision::Reinstate, _) => format!("Lift the suspension of {name}."),
            (Decision::Verify, _) => format!("Verify the record of {name} as submitted."),
        }
    }

    fn ground(&self, scene: &mut Scene<'_, '_>, held: &Held, content: &CaseProposal) -> Result<CaseGround, ServiceError> {
        let current = current_of(scene.transaction, held)?;
        let target = match content.target {
            Some(target) => Current::read(scene.transaction.conn(), target)?,
            None => None,
        };
        let mut evidence = evidence_beside(scene.transaction.conn(), held)?;
        let numbers = if content.decision.rests_on_others_alone() {
            evidence.retain(|row| !row.attribute.starts_with("domains/"));
            Current::numbers_of_others
        } else {
            Current::numbers
        };
        // If a later version of the program writes the JSON form differently, pending proposals must be made again.
        let judged = held.kept.as_ref().filter(|_| !content.decision.rests_on_others_alone());
        let said = judged.map(|kept| serde_json::to_vec(&kept.said)).transpose()?;
        Ok(CaseGround {
            said: said.map(|said| hex::encode(digest(&SHA256, &said).as_ref())),
            evidence: evidence.into_iter().map(|row| row.id).collect(),
            facts: current.as_ref().map(numbers),
            target_facts: target.as_ref().map(numbers),
        })
    }

    fn consider(
        &self,
        scene: &mut Scene<'_, '_>,
        held: &mut Held,
        wanted: &Taken<'_, CaseProposal>,
    ) -> Result<Wish, ServiceError> {
        if matches!(self.about, About::Case(_)) && held.case.assignee != Some(scene.identity.user) {
            let detail = "take the case first; only the reviewer who took the case can propose a decision".to_owned();
            return Err(ServiceError::Conflict(Fault { pointer: String::new(), code: "case_not_taken", detail }));
        }
        if wanted.content.decision != Decision::Keep {
            vasp_of(&held.case)?;
        }
        let current = current_of(scene.transaction, held)?;
        check_step(held, current.as_ref(), wanted.content.decision)?;
        refuse_undecided(scene.transaction.conn(), held, wanted.content.decision)?;
        wanted.content.check_claims(scene.transaction, self.registry)?;
        if wanted.content.decision == Decision::Verify {
            let now = scene.transaction.now();
            refuse_unverifiable(scene.transaction.conn(), held, &self.generation, now)?;
        }
        if wanted.content.decision.acts_at_once() {
            self.at_once(scene, held, wanted)?;
            return Ok(Wish::Acted);
        }
        held.case.status = CaseStatus::Proposed;
        Ok(Wish::Waits)
    }

    fn take(&self, scene: &mut Scene<'_, '_>, held: &mut Held, taken: &Taken<'_, CaseProposal>) -> Result<(), ServiceError> {
        match taken.step {
            Step::Propose => {}
            Step::Approve => {
                // If two proposals wait at the same time, the second is checked against the result of the first.
                self.registry.apply_log();
                let generation = self.registry.pin(scene.transaction.now());
                let ground = Ground { registry: self.registry, generation: &generation };
                carry_out(scene.transaction, held, taken.content, &ground)?;
                close(held, taken.content.decision, scene.transaction.now());
            }
            Step::Decline | Step::Withdraw => held.case.status = CaseStatus::Taken,
        }
        let CaseProposal { decision, target, claims, .. } = taken.content;
        let body = json!({"decision": decision, "target": target, "claims": claims, "reason": taken.reason,
                          "proposal_digest": taken.proposal.map(|proposal| &proposal.told.digest)});
        held.enter(scene.transaction, taken.step.done(), Some(scene.identity.user), &body)?;
        held.write(scene.transaction)?;
        // Only after this case is closed: claims that still wait get a case of their own, and so do challenges that came too late for it.
        if let Some(vasp) = held.case.vasp.filter(|_| held.case.closed_at.is_some()) {
            reopen_for_waiting(scene.transaction, vasp)?;
            if let Some(proposal) = taken.proposal.filter(|_| !decision.rests_on_others_alone()) {
                reopen_for_challenges(scene.transaction, &held.case, proposal.proposed_at)?;
            }
        }
        if (taken.step, taken.content.decision) == (Step::Approve, Decision::Reinstate) {
            let generation = self.registry.pin(scene.transaction.now());
            hold_back_lifted(scene.transaction, self.registry, &generation, vasp_of(&held.case)?, scene.identity.user)?;
        }
        Ok(())
    }
}
