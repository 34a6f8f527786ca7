//! An organisation decides for itself whether a VASP is the party that an entry means: two of its people, with effect for its own pre-checks
//! only. The decision is part of its private state, sealed under its data key, so that a replay knows it, and nobody else does.

use std::sync::Arc;

use aws_lc_rs::hmac;

use super::decide::{BothSides, HitContent, HitGround, missing};
use crate::acts::Act;
use crate::acts::sealed_traces::seal_content;
use crate::directory::{Generation, PrivateState, open_sealed};
use crate::node::{Registry, ServiceError};
use crate::proposals::{Decision, Proposal, Scene, Step, Taken};
use vasp_pki::DataKey;
use vasp_record::proposal::ProposalKind;
use vasp_rules::screening::OwnDecision;
use vasp_store::{HitDecisionRow, SealedRow};
use vasp_words::ids::{OrganisationId, ScreeningHitId};

/// A decision of the caller's organisation about a hit.
pub struct OwnHitDecision {
    id: ScreeningHitId,
    generation: Arc<Generation>,
    key: DataKey,
}

/// What is held during the decision.
pub struct Held {
    pub(super) both: BothSides,
    /// The decisions of the organisation, each with the revision that began it.
    decisions: Vec<(i64, OwnDecision)>,
    organisation: OrganisationId,
    revision: i64,
}

/// Returns the subject of an organisation's proposals about a hit. Nobody without its key learns from the subject which hit it is.
pub(super) fn subject(key: &DataKey, hit: ScreeningHitId) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.bytes());
    let named = hmac::sign(&key, format!("screening-hit\n{hit}").as_bytes());
    format!("own_{}", hex::encode(named.as_ref().get(..16).unwrap_or_default()))
}

/// Returns the decisions of an organisation, in its private state.
///
/// # Errors
/// `ServiceError::Unreadable` if there is no key for them; `Directory`, `Key`, `Store`.
pub fn decisions_of<'a>(
    registry: &Registry,
    state: &'a PrivateState,
    whose: Option<OrganisationId>,
) -> Result<&'a [OwnDecision], ServiceError> {
    let Some(whose) = whose.filter(|_| !state.hit_decisions.is_empty()) else { return Ok(&[]) };
    let lost = || ServiceError::Unreadable { what: "hit decision", reason: "the organisation has no data key".to_owned() };
    Ok(state.hit_decisions.open(&registry.own_data_key(whose)?.ok_or_else(lost)?)?)
}

impl OwnHitDecision {
    /// Makes a decision about a hit.
    ///
    /// # Errors
    /// `ServiceError::Key`, `Store`.
    pub fn of<T>(act: &mut Act<'_, T>, id: ScreeningHitId) -> Result<Self, ServiceError> {
        Ok(Self { id, generation: act.registry.pin(act.now), key: act.data_key()? })
    }

    /// Makes the decision behind a proposal.
    ///
    /// # Errors
    /// `ServiceError::Unreadable` if its content cannot be read; and those of [`Self::of`].
    pub fn about<T>(act: &mut Act<'_, T>, proposal: &Proposal) -> Result<Self, ServiceError> {
        Self::of(act, proposal.content::<HitContent>()?.hit)
    }
}

impl Decision for OwnHitDecision {
    const KIND: ProposalKind = ProposalKind::OwnScreening;
    const IS_PRIVATE: bool = true;
    type Content = HitContent;
    type Ground = HitGround;
    type Held = Held;

    fn key(&self) -> Option<&DataKey> {
        Some(&self.key)
    }

    /// Takes the next revision, so that private changes wait for each other. The hit itself is not locked: it is not changed.
    fn hold(&self, Scene { transaction, identity }: &mut Scene<'_, '_>, _: Step) -> Result<Held, ServiceError> {
        let organisation = identity.organisation;
        let revision = transaction.next_private_revision(organisation)?;
        let rows = HitDecisionRow::current_at(transaction.conn(), organisation, revision)?;
        let opened = rows.iter().map(|row| Ok((row.revision_from, open_sealed::<OwnDecision>(&self.key, row)?)));
        let decisions = opened.collect::<Result<_, ServiceError>>()?;
        let row = transaction.conn().screening_hit(self.id)?.ok_or_else(|| missing(self.id))?;
        Ok(Held { both: BothSides::of(row, &self.generation)?, decisions, organisation, revision })
    }

    fn subject(&self, _: &Held) -> String {
        subject(&self.key, self.id)
    }

    fn says(&self, held: &Held, content: &HitContent) -> String {
        held.both.says(content)
    }

    fn ground(&self, _: &mut Scene<'_, '_>, held: &Held, _: &HitContent) -> Result<HitGround, ServiceError> {
        Ok(held.both.ground())
    }

    fn take(&self, scene: &mut Scene<'_, '_>, held: &mut Held, taken: &Taken<'_, HitContent>) -> Result<(), ServiceError> {
        let (Step::Approve, Some(proposal)) = (taken.step, taken.proposal) else { return Ok(()) };
        let Scene { transaction, identity } = scene;
        let (both, pair) = (&held.both, held.both.pair());
        let of_pair = |one: &OwnDecision| one.vasp == both.row.vasp && one.pair == pair;
        let ended: Vec<i64> = held.decisions.iter().filter(|(_, one)| of_pair(one)).map(|(from, _)| *from).collect();
        let next = OwnDecision {
            hit: self.id,
            vasp: both.row.vasp,
            decision: both.decided(taken.content, transaction.now().date()),
            pair,
            reason: proposal.told.reason.clone(),
            by: [proposal.proposed_by, identity.user],
        };
        let Held { organisation, revision, .. } = *held;
        let sealed = seal_content(&self.key, &next, &organisation, revision, transaction.conn_and_rng().1)?;
        let row = HitDecisionRow { organisation, revision_from: revision, revision_to: None, sealed };
        Ok(row.replace(transaction, &ended)?)
    }
}
