//! What another policy would have recommended: replays the newest recorded pre-checks of an organisation under it. Nothing is recorded. The
//! number is limited, because each past sequence needs its own directory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rand_core::RngCore;

use super::{Shelf, keep};
use crate::acts::Identity;
use crate::node::{Registry, ServiceError};
use crate::precheck::{PrecheckQuestion, Recording, read_precheck, replay_precheck};
use vasp_rules::policy::{Policy, PolicyReference, Recommendation};
use vasp_rules::precheck::CheckCode;
use vasp_store::StoreError;
use vasp_words::time::UtcTime;

/// The maximum number of past directories that one simulation loads.
const PAST_MAX: usize = 24;

/// The maximum number of pre-checks that are listed one by one.
const SHOWN_MAX: usize = 100;

/// The policy of a simulation.
#[derive(Clone, Debug)]
pub enum SimulationAsked {
    /// A stored policy.
    Kept(PolicyReference),
    /// The document of a policy that is not stored.
    Document(String),
}

/// The result of a simulation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simulation {
    /// The policy.
    pub policy: Arc<Policy>,
    /// The number of replayed pre-checks.
    pub replayed: usize,
    /// The number left out: erased meanwhile, unreadable, asked for another organisation, or beyond the maximum of past directories.
    pub left_out: usize,
    /// The number of pre-checks for each pair of recorded and new recommendation, including unchanged ones.
    pub counts: BTreeMap<(Recommendation, Recommendation), usize>,
    /// The pre-checks with another recommendation, newest first; at most 100.
    pub changed: Vec<SimulatedChange>,
}

/// A pre-check with another recommendation under the simulated policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimulatedChange {
    /// Its id.
    pub id: String,
    /// The recommendation under the policy at that time.
    pub from: Recommendation,
    /// The recommendation under the simulated policy.
    pub to: Recommendation,
    /// The reasons, worst first.
    pub reasons: Vec<CheckCode>,
}

/// Replays the newest `last` recorded pre-checks of the caller's organisation under another policy; `read` reads a recorded request.
///
/// # Errors
/// `ServiceError::Invalid` for an invalid policy document, `NotFound`, `Store`, `Key`.
pub fn simulate(
    registry: &Registry,
    identity: &Identity,
    asked: &SimulationAsked,
    last: usize,
    read: &dyn Fn(&Recording) -> Result<PrecheckQuestion, ServiceError>,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<Simulation, ServiceError> {
    let policy = match asked {
        SimulationAsked::Kept(wanted) => Arc::clone(Shelf::of(registry, identity.organisation, now)?.find(wanted)?),
        SimulationAsked::Document(body) => Arc::new(keep::read(registry, body, "/policy", now)?),
    };
    let wanted = i64::try_from(last).unwrap_or(i64::MAX);
    let ids = registry.store().read::<_, StoreError>(|conn| conn.newest_prechecks(identity.organisation, wanted))?;
    let mut found =
        Simulation { policy: Arc::clone(&policy), replayed: 0, left_out: 0, counts: BTreeMap::new(), changed: vec![] };
    let mut pasts = BTreeSet::new();
    for id in ids {
        let recording = read_precheck(registry, id, identity.organisation, now, rng).ok();
        let known = recording.as_ref().map(|recording| (recording.sequence, recording.now.date()));
        let room = known.is_some_and(|past| pasts.contains(&past) || pasts.len() < PAST_MAX);
        let replayed = recording.filter(|_| room).and_then(|recording| {
            pasts.extend(known);
            one(registry, identity, &recording, read, &policy).transpose()
        });
        match replayed {
            None => found.left_out += 1,
            Some(replayed) => found.note(id.to_string(), replayed?),
        }
    }
    Ok(found)
}

type Outcome = (Recommendation, Recommendation, Vec<CheckCode>);

/// Returns the outcome of one pre-check under the old policy and under the new one; `None` if it cannot be replayed. The old outcome is
/// computed again too, so that the same program computes both.
fn one(
    registry: &Registry,
    identity: &Identity,
    recording: &Recording,
    read: &dyn Fn(&Recording) -> Result<PrecheckQuestion, ServiceError>,
    policy: &Arc<Policy>,
) -> Result<Option<Outcome>, ServiceError> {
    // Asked on behalf of another organisation: the caller must not apply a policy of its own choice to that organisation's private data.
    if recording.whose.is_some_and(|whose| whose != identity.organisation) {
        return Ok(None);
    }
    let Ok(mut question) = read(recording) else { return Ok(None) };
    question.extras = Default::default();
    let again = |under| replay_precheck(registry, identity.organisation, recording, &question, under);
    let outcome = |replay: Result<crate::precheck::Replay, ServiceError>| match replay {
        Ok(replay) => Ok(Some(replay.answer.outcome)),
        Err(error) if error.is_unavailable() => Err(error),
        Err(_) => Ok(None),
    };
    let (Some(then), Some(now)) = (outcome(again(None))?, outcome(again(Some(policy)))?) else { return Ok(None) };
    let reasons = now.reasons.iter().map(|reason| reason.code).collect();
    Ok(Some((then.recommendation, now.recommendation, reasons)))
}

impl Simulation {
    fn note(&mut self, id: String, (from, to, reasons): Outcome) {
        self.replayed += 1;
        *self.counts.entry((from, to)).or_default() += 1;
        if from != to && self.changed.len() < SHOWN_MAX {
            self.changed.push(SimulatedChange { id, from, to, reasons });
        }
    }
}
