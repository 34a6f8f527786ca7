//! When each session was last used. Each request records it in memory, batches write it, and each node reads what other nodes wrote. A
//! crash loses the last seconds, so at worst a session ends a little early.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use rand_core::RngCore;

use crate::node::{Registry, ServiceError};
use vasp_store::Conn;
use vasp_words::ids::{CredentialId, SessionId};
use vasp_words::time::UtcTime;

/// How long a session may stay unused, in seconds.
///
/// Source: NIST SP 800-63B-4 section 2.2.3 (AAL2): at most an hour; half of it here.
pub const IDLE_SECS: i64 = 1_800;

/// The last use of every session.
#[derive(Debug, Default)]
pub(crate) struct Activity(Mutex<HashMap<SessionId, Use>>);

#[derive(Debug, Clone, Copy)]
struct Use {
    at: UtcTime,
    written: bool,
}

impl Activity {
    /// Records a use of a session. Returns false if the session was idle for too long, which ends it. `stored` is its last use as the
    /// directory knows it.
    pub(crate) fn touch(&self, session: SessionId, stored: UtcTime, now: UtcTime) -> bool {
        let mut uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let noted = uses.get(&session).copied();
        let last = noted.map_or(stored, |noted| noted.at.max(stored));
        if now > last.plus_secs(IDLE_SECS) {
            return false;
        }
        if now > last {
            uses.insert(session, Use { at: now, written: false });
        }
        true
    }

    /// Returns the uses that are not written yet, in order of session.
    fn unwritten(&self) -> BTreeMap<SessionId, UtcTime> {
        let uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        uses.iter().filter(|(_, noted)| !noted.written).map(|(id, noted)| (*id, noted.at)).collect()
    }

    /// Takes over the stored uses: a use that is not later than the stored one counts as written. Uses of deleted sessions are dropped.
    fn take_over(&self, stored: &HashMap<SessionId, UtcTime>) {
        let mut uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        uses.retain(|id, _| stored.contains_key(id));
        for (id, at) in stored {
            let noted = uses.entry(*id).or_insert(Use { at: *at, written: true });
            if noted.at <= *at {
                *noted = Use { at: *at, written: true };
            }
        }
    }
}

/// Writes the last uses of sessions, and reads what other nodes wrote.
///
/// # Errors
/// `ServiceError::Store`; uses that were not written are kept for the next time.
pub fn keep_session_stamps(registry: &Registry, now: UtcTime, rng: &mut dyn RngCore) -> Result<(), ServiceError> {
    let activity = registry.part::<Activity>();
    let unwritten = activity.unwritten();
    if !unwritten.is_empty() {
        let stamps: Vec<_> = unwritten.iter().map(|(id, at)| (*id, *at)).collect();
        registry.store().write::<_, ServiceError>(now, rng, |transaction| Ok(transaction.stamp_sessions(&stamps)?))?;
    }
    let stored = registry.store().read(Conn::session_stamps).map_err(ServiceError::Store)?;
    let mut stamps: HashMap<SessionId, UtcTime> = stored.into_iter().collect();
    // A session that began after the read is not among the stored ones, but the directory may know it already.
    let credentials = registry.directory().credentials();
    let begun = unwritten.into_iter().filter(|(id, _)| credentials.get(CredentialId::Session(*id)).is_some());
    for (id, at) in begun {
        stamps.entry(id).or_insert(at);
    }
    activity.take_over(&stamps);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use vasp_clock::Random;

    /// Returns the time so many minutes after the epoch.
    fn at(minutes: i64) -> UtcTime {
        UtcTime::EPOCH.plus_secs(minutes * 60)
    }

    fn session(seed: u64) -> SessionId {
        SessionId::new(UtcTime::EPOCH, &mut Random::seeded(seed).fork())
    }

    #[test]
    fn a_session_ends_half_an_hour_after_its_last_use() {
        let (activity, session) = (Activity::default(), session(1));

        assert!(activity.touch(session, at(0), at(20)));
        assert!(activity.touch(session, at(0), at(50)), "exactly the limit");
        assert!(!activity.touch(session, at(0), at(80).plus_micros(1)));
        assert!(activity.touch(session, at(70), at(80).plus_micros(1)), "another node saw it later");
    }

    #[test]
    fn uses_wait_until_they_are_stored_and_those_of_other_nodes_count() {
        let (activity, ours, theirs) = (Activity::default(), session(1), session(2));
        activity.touch(ours, at(0), at(1));
        assert_eq!(activity.unwritten(), BTreeMap::from([(ours, at(1))]));

        activity.take_over(&HashMap::from([(ours, at(1)), (theirs, at(40))]));

        assert!(activity.unwritten().is_empty());
        assert!(activity.touch(theirs, at(0), at(60)));
        activity.take_over(&HashMap::from([(ours, at(1))]));
        assert!(activity.unwritten().is_empty(), "a session that is gone is forgotten");
    }
}
