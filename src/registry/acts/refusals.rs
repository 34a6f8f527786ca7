//! Writes that were refused, in the audit chain: the first at once, and those that are like it (same key, route and code) in one line a
//! minute with their count. Whoever is refused ten thousand times does not make ten thousand writes.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rand_core::RngCore;
use serde_json::json;

use super::Identity;
use super::act::event;
use super::sealed_traces::Traces;
use crate::node::{Registry, ServiceError};
use vasp_log::audit::AuditOutcome;
use vasp_words::ids::CredentialId;
use vasp_words::time::UtcTime;

/// A write that was refused.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// Who was.
    pub identity: Identity,
    /// Method and route, such as `POST /v1/member/claims`.
    pub action: String,
    /// The route.
    pub route: String,
    /// The path, as far as it may be told.
    pub path: String,
    /// Status of the answer.
    pub status: u16,
    /// Code of the problem.
    pub code: String,
}

/// For how long refusals of one kind are counted before the next line, in seconds.
const MINUTE_SECS: i64 = 60;

/// Most kinds that are counted at once; beyond it each has its own line.
const KINDS_MAX: usize = 10_000;

/// What was counted since the last line of each kind. Lost with the process.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Mutex<HashMap<Kind, Counted>>);

type Kind = (CredentialId, String, String);

#[derive(Debug)]
struct Counted {
    since: UtcTime,
    more: u32,
    last: Refusal,
}

impl Refusals {
    fn lock(&self) -> MutexGuard<'_, HashMap<Kind, Counted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a refusal; returns how many a line is to be written about now, if any.
    fn count(&self, refusal: &Refusal, now: UtcTime) -> Option<u32> {
        let mut counted = self.lock();
        let kind = (refusal.identity.credential, refusal.action.clone(), refusal.code.clone());
        if let Some(known) = counted.get_mut(&kind)
            && now < known.since.plus_secs(MINUTE_SECS)
        {
            known.more = known.more.saturating_add(1);
            known.last = refusal.clone();
            return None;
        }
        let before = counted.remove(&kind).map_or(0, |known| known.more);
        if counted.len() < KINDS_MAX {
            counted.insert(kind, Counted { since: now, more: 0, last: refusal.clone() });
        }
        Some(before.saturating_add(1))
    }

    /// Takes what was counted for a minute, and forgets what was not refused again.
    fn due(&self, now: UtcTime) -> Vec<(Refusal, u32)> {
        let mut due = Vec::new();
        self.lock().retain(|_, counted| {
            if now < counted.since.plus_secs(MINUTE_SECS) {
                return true;
            }
            let more = std::mem::take(&mut counted.more);
            counted.since = now;
            due.extend((more > 0).then(|| (counted.last.clone(), more)));
            more > 0
        });
        due
    }
}

/// Leaves a line in the audit chain about a write that was refused, or counts it for the next one.
pub fn note_refusal(registry: &Registry, refusal: &Refusal, now: UtcTime, rng: &mut dyn RngCore) -> Result<(), ServiceError> {
    match registry.part::<Refusals>().count(refusal, now) {
        Some(count) => write(registry, refusal, count, now, rng),
        None => Ok(()),
    }
}

/// Writes the lines about what was counted for a minute.
pub(crate) fn flush(registry: &Registry, now: UtcTime, rng: &mut dyn RngCore) -> Result<(), ServiceError> {
    registry.part::<Refusals>().due(now).iter().try_for_each(|(refusal, count)| write(registry, refusal, *count, now, rng))
}

fn write(registry: &Registry, refusal: &Refusal, count: u32, now: UtcTime, rng: &mut dyn RngCore) -> Result<(), ServiceError> {
    let Refusal { identity, action, route, path, status, code } = refusal;
    let mut payload = json!({"path": path, "status": status, "code": code});
    if let Some(payload) = payload.as_object_mut().filter(|_| count > 1) {
        payload.insert("count".to_owned(), count.into());
    }
    let refused = event(identity, action, None, AuditOutcome::Refused, payload);
    let refused = Traces::of_route(registry, identity, route, now, rng)?.event(refused, rng)?;
    registry.store().write::<_, ServiceError>(now, rng, |transaction| {
        transaction.audit(refused);
        Ok(())
    })?;
    Ok(())
}
