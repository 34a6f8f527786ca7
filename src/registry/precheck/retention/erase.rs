//! Erases the request and answer of recorded pre-checks: by two people who give a reason, or by itself when the retention period ends.
//! Nothing is erased before the applied law's period ends, or under a legal hold. Digests, references and codes stay. They still prove that the
//! organisation asked, and what was recommended.
//!
//! Erasing replaces the sealed bytes in the table with an empty value. A backup from before the erasure still holds the bytes until it
//! is deleted, and the wrapped key lies beside them. A separate key for each pre-check would not change that, so there is none.

use rand_core::RngCore;
use serde_json::json;

use super::super::outcome::transfer_date;
use super::super::record::{missing, opened};
use super::holds::Holds;
use crate::acts::sealed_traces::tell_privately;
use crate::node::{ProblemCode, Refusal, Registry, ServiceError};
use crate::proposals::{Decision, NoContent, Scene, Step, Taken, require_session};
use vasp_pki::DataKey;
use vasp_record::proposal::ProposalKind;
use vasp_rules::precheck_retention::{counts_from, floor_until};
use vasp_store::{Conn, PrecheckRecord, PrecheckRow, StoreError, Transaction};
use vasp_words::ids::{OrganisationId, PrecheckId};
use vasp_words::time::UtcTime;

/// Largest number of pre-checks that one transaction of the sweep erases.
const ERASED_AT_ONCE: i64 = 500;

/// Largest number of transactions in one sweep. The next sweep erases the rest.
const STEPS_MAX: usize = 200;

/// A decision to erase the contents of a pre-check.
pub struct ErasureDecision<'a> {
    pub(crate) registry: &'a Registry,
    pub(crate) id: PrecheckId,
    pub(crate) key: DataKey,
}

impl ErasureDecision<'_> {
    /// Refuses what the law or a hold keeps. An API key is not told which: a date that a confidential entry moved would give it away.
    fn check(&self, scene: &mut Scene<'_, '_>, row: &PrecheckRow) -> Result<(), ServiceError> {
        require_session(scene.identity)?;
        let (organisation, now) = (scene.identity.organisation, scene.transaction.now());
        let (conn, record) = (scene.transaction.conn(), &row.record);
        let last = conn.last_outcomes(organisation, &[record.id])?.remove(&record.id);
        let from = counts_from(record.recorded_at, transfer_date(&opened(row, &self.key)?)?);
        let until = floor_until(record.floor_days, from, last);
        if now < until {
            let detail = format!("The request and answer of {} are kept until {until} ({}).", record.id, record.floor_by.words());
            return Err(Refusal::new(ProblemCode::StillKept, detail).into());
        }
        let generation = self.registry.pin(now);
        match Holds::read(conn, organisation, &self.key, &generation)?.over(record) {
            None => Ok(()),
            Some(hold) => {
                let detail = format!("The legal hold {} covers {}.", hold.id, record.id);
                Err(Refusal::new(ProblemCode::LegalHold, detail).into())
            }
        }
    }
}

impl Decision for ErasureDecision<'_> {
    const KIND: ProposalKind = ProposalKind::Erasure;
    const IS_PRIVATE: bool = true;
    type Content = NoContent;
    type Ground = Option<String>;
    type Held = PrecheckRecord;

    fn key(&self) -> Option<&DataKey> {
        Some(&self.key)
    }

    fn hold(&self, scene: &mut Scene<'_, '_>, step: Step) -> Result<PrecheckRecord, ServiceError> {
        let organisation = scene.identity.organisation;
        // A hold that somebody places at this moment is seen, or waits until this is done.
        scene.transaction.next_private_revision(organisation)?;
        let row = scene.transaction.lock_precheck(self.id, organisation)?.ok_or_else(|| missing(self.id))?;
        if row.record.erased_at.is_some() {
            return Err(ServiceError::IllegalStep(format!("The request and answer of {} were already erased.", self.id)));
        }
        if matches!(step, Step::Propose | Step::Approve) {
            self.check(scene, &row)?;
        }
        Ok(row.record)
    }

    fn subject(&self, held: &PrecheckRecord) -> String {
        held.id.to_string()
    }

    fn says(&self, held: &PrecheckRecord, _: &NoContent) -> String {
        format!("Erase the request and answer of {}, and what its outcome says. You cannot undo this.", held.id)
    }

    fn ground(&self, _: &mut Scene<'_, '_>, held: &PrecheckRecord, _: &NoContent) -> Result<Option<String>, ServiceError> {
        Ok(held.verdict_digest.clone())
    }

    fn take(
        &self,
        scene: &mut Scene<'_, '_>,
        held: &mut PrecheckRecord,
        taken: &Taken<'_, NoContent>,
    ) -> Result<(), ServiceError> {
        if taken.step == Step::Approve {
            let (organisation, now) = (scene.identity.organisation, scene.transaction.now());
            scene.transaction.erase_prechecks(organisation, &[held.id], now)?;
        }
        Ok(())
    }
}

/// Erases the requests and answers that are due, for every organisation, and returns the number of pre-checks.
pub fn erase_due_prechecks(registry: &Registry, now: UtcTime, rng: &mut dyn RngCore) -> Result<usize, ServiceError> {
    let (mut erased, mut steps, mut after) = (0, 0, None);
    while let Some(organisation) = registry.store().read::<_, StoreError>(|conn| conn.next_organisation(after))? {
        let mut place: Option<(UtcTime, PrecheckId)> = None;
        loop {
            let due = registry
                .store()
                .read::<_, StoreError>(|conn| conn.due_prechecks(organisation, place.as_ref(), now, ERASED_AT_ONCE))?;
            let Some(last) = due.last() else { break };
            place = Some((last.kept_until, last.id));
            let sweep = Sweep { registry, organisation, key: registry.data_key(organisation, now, rng)?, now };
            let free = registry.store().read::<_, ServiceError>(|conn| sweep.free(conn, due))?;
            if free.is_empty() {
                continue;
            }
            if steps >= STEPS_MAX {
                return Ok(erased);
            }
            steps += 1;
            erased += registry.store().write::<_, ServiceError>(now, rng, |transaction| sweep.step(transaction, &free))?.value;
        }
        after = Some(organisation);
    }
    Ok(erased)
}

/// The sweep of one organisation.
struct Sweep<'a> {
    registry: &'a Registry,
    organisation: OrganisationId,
    key: DataKey,
    now: UtcTime,
}

impl Sweep<'_> {
    /// Returns those of the due records that neither a hold nor a later entry of their outcome keeps. The transfer's date counted when they
    /// were made.
    fn free(&self, conn: &mut Conn, due: Vec<PrecheckRecord>) -> Result<Vec<PrecheckRecord>, ServiceError> {
        let generation = self.registry.pin(self.now);
        let holds = Holds::read(conn, self.organisation, &self.key, &generation)?;
        let last = conn.last_outcomes(self.organisation, &ids(&due))?;
        let until = |record: &PrecheckRecord| floor_until(record.floor_days, record.recorded_at, last.get(&record.id).copied());
        let is_free = |record: &PrecheckRecord| holds.over(record).is_none() && until(record) < self.now;
        Ok(due.into_iter().filter(is_free).collect())
    }

    /// Erases records in one transaction. Another node may have erased some, and somebody may have placed a hold or recorded an outcome in the
    /// meantime, so they are locked and judged again.
    fn step(&self, transaction: &mut Transaction<'_>, due: &[PrecheckRecord]) -> Result<usize, ServiceError> {
        transaction.next_private_revision(self.organisation)?;
        let locked = transaction.lock_prechecks(self.organisation, &ids(due))?;
        let free = ids(&self.free(transaction.conn(), locked)?);
        let erased = transaction.erase_prechecks(self.organisation, &free, self.now)?;
        if erased > 0 {
            // The event is sealed, because only the organisation itself may know how many pre-checks it makes.
            let details = json!({"erased": erased, "up_to": free.iter().max()});
            tell_privately(transaction, &self.organisation.to_string(), &self.key, "precheck.expire", None, &details)?;
        }
        Ok(erased)
    }
}

fn ids(records: &[PrecheckRecord]) -> Vec<PrecheckId> {
    records.iter().map(|record| record.id).collect()
}
