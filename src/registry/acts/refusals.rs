//! Refused writes in the audit chain. The first one is written at once. Similar ones (same credential, action and code) are counted, and
//! one line a minute has their number. So a caller that is refused ten thousand times does not cause ten thousand writes.

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

/// A refused write.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The caller.
    pub identity: Identity,
    /// Method and route, such as `POST /v1/claims`.
    pub action: String,
    /// The route.
    pub route: String,
    /// The path, without the parts that must not be recorded.
    pub path: String,
    /// Status of the answer.
    pub status: u16,
    /// Code of the problem.
    pub code: String,
}

/// How long refusals of one kind are counted before the next line, in seconds.
const MINUTE_SECS: i64 = 60;

/// The maximum number of kinds that are counted at the same time; beyond it, each refusal has its own line.
const KINDS_MAX: usize = 10_000;

/// The refusals counted since the last line of each kind. They are lost when the process ends.
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

    /// Counts a refusal. Returns how many refusals the line to write now is about; `None` if no line is due.
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

    /// Takes the kinds whose minute has passed, and drops those without a further refusal.
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

/// Writes a line in the audit chain about a refused write, or counts it for the next line.
pub fn note_refusal(registry: &Registry, refusal: &Refusal, now: UtcTime, rng: &mut dyn RngCore) -> Result<(), ServiceError> {
    match registry.part::<Refusals>().count(refusal, now) {
        Some(count) => write(registry, refusal, count, now, rng),
        None => Ok(()),
    }
}

/// Writes the lines about refusals whose minute has passed.
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
