//! The release of a transfer that the answer does not clear: one person proposes it, another approves exactly that. Programs can do neither.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::OutcomeContent;
use super::kept::KeptOutcome;
use crate::acts::Act;
use crate::acts::sealed_traces::tell_privately;
use crate::directory::Generation;
use crate::node::ServiceError;
use crate::proposals::{Decision, Scene, Step, Taken, Wish};
use vasp_pki::DataKey;
use vasp_record::proposal::ProposalKind;
use vasp_rules::precheck_outcome::{Admission, TransactionId, TransferResult};
use vasp_store::Conn;
use vasp_words::ids::PrecheckId;
use vasp_words::time::UtcTime;

/// What is proposed: a result that one person may not record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// The result.
    pub result: TransferResult,
    /// The transaction, if there is one already.
    pub transaction: Option<TransactionId>,
}

/// What the digest covers besides the release: the verdict, and how many entries there are. So an approval does not cover what was recorded
/// after the proposal.
#[derive(Debug, Serialize)]
pub struct ReleaseGround {
    verdict: Option<String>,
    entries: usize,
}

/// A decision to release the transfer of a pre-check.
pub struct OverrideDecision {
    id: PrecheckId,
    now: UtcTime,
    generation: Arc<Generation>,
    key: DataKey,
}

impl OverrideDecision {
    /// The decision about a pre-check.
    ///
    /// # Errors
    /// `ServiceError::Key`, `Store`.
    pub fn about<T>(act: &mut Act<'_, T>, id: PrecheckId) -> Result<Self, ServiceError> {
        // Another node may have taken a list that has the address.
        act.registry.directory().catch_up()?;
        Ok(Self { id, now: act.now, generation: act.registry.pin(act.now), key: act.data_key()? })
    }

    fn check(&self, conn: &mut Conn, kept: &KeptOutcome, result: TransferResult) -> Result<(), ServiceError> {
        match kept.admits(conn, result, &[], &self.generation, self.now)? {
            Admission::TwoPeople(_) => Ok(()),
            Admission::Nobody(why) => Err(ServiceError::IllegalStep(why)),
            Admission::One => Err(ServiceError::IllegalStep(format!(
                "One person is enough for this result: record it with POST /v1/prechecks/{}/outcome.",
                kept.record.id
            ))),
        }
    }
}

impl Decision for OverrideDecision {
    const KIND: ProposalKind = ProposalKind::Override;
    const IS_PRIVATE: bool = true;
    type Content = Release;
    type Ground = ReleaseGround;
    type Held = KeptOutcome;

    fn key(&self) -> Option<&DataKey> {
        Some(&self.key)
    }

    fn hold(&self, scene: &mut Scene<'_, '_>, _: Step) -> Result<KeptOutcome, ServiceError> {
        let organisation = scene.identity.organisation;
        KeptOutcome::lock(scene.transaction, organisation, self.id, &self.key)
    }

    fn subject(&self, held: &KeptOutcome) -> String {
        held.record.id.to_string()
    }

    fn says(&self, held: &KeptOutcome, Release { result, .. }: &Release) -> String {
        let (id, at, answer) = (held.record.id, held.record.recorded_at, held.judged.recommendation);
        format!("Record the transfer of {id} as {result}, although the answer of {at} was {answer}.")
    }

    fn ground(&self, _: &mut Scene<'_, '_>, held: &KeptOutcome, _: &Release) -> Result<ReleaseGround, ServiceError> {
        Ok(ReleaseGround { verdict: held.record.verdict_digest.clone(), entries: held.entries.len() })
    }

    fn consider(
        &self,
        scene: &mut Scene<'_, '_>,
        held: &mut KeptOutcome,
        wanted: &Taken<'_, Release>,
    ) -> Result<Wish, ServiceError> {
        self.check(scene.transaction.conn(), held, wanted.content.result)?;
        Ok(Wish::Waits)
    }

    fn take(&self, scene: &mut Scene<'_, '_>, held: &mut KeptOutcome, taken: &Taken<'_, Release>) -> Result<(), ServiceError> {
        let (Step::Approve, Some(proposal)) = (taken.step, taken.proposal) else { return Ok(()) };
        self.check(scene.transaction.conn(), held, taken.content.result)?;
        let content = OutcomeContent {
            recorded_by: scene.identity.user,
            conditions: vec![],
            result: Some(taken.content.result),
            transaction: taken.content.transaction.clone(),
            note: Some(proposal.told.reason.clone()),
            by_proposal: Some(proposal.id),
        };
        let details = held.add(scene.transaction, content, &self.key)?;
        let (organisation, precheck) = (scene.identity.organisation.to_string(), self.id.to_string());
        tell_privately(scene.transaction, &organisation, &self.key, "precheck.outcome", Some(&precheck), &details)
    }
}
