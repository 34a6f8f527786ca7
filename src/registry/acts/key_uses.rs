//! The day on which each API key and client certificate was last used. Each request records it in memory, and a job writes it in batches.
//! A crash loses the last minute; no decision depends on it.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use rand_core::RngCore;

use crate::node::{Registry, ServiceError};
use vasp_words::ids::CredentialId;
use vasp_words::time::{Date, UtcTime};

/// The day of the last use of each used key.
#[derive(Debug, Default)]
pub struct KeyUses(RwLock<HashMap<CredentialId, Use>>);

#[derive(Clone, Copy, Debug)]
struct Use {
    on: Date,
    written: bool,
}

impl KeyUses {
    /// Records a use of a key. Only the first use of a day may wait for another thread.
    pub(crate) fn note(&self, key: CredentialId, on: Date) {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&key).is_some_and(|noted| noted.on == on);
        if !known {
            self.0.write().unwrap_or_else(PoisonError::into_inner).insert(key, Use { on, written: false });
        }
    }

    fn unwritten(&self) -> Vec<(CredentialId, Date)> {
        let uses = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut waiting: Vec<_> = uses.iter().filter(|(_, noted)| !noted.written).map(|(key, noted)| (*key, noted.on)).collect();
        // Every node writes in this order. So two nodes that write the same keys wait for each other instead of deadlocking.
        waiting.sort_unstable();
        waiting
    }

    /// Marks uses as written, and drops written uses from before today.
    fn written(&self, written: &[(CredentialId, Date)], today: Date) {
        let mut uses = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for (key, on) in written {
            if let Some(noted) = uses.get_mut(key).filter(|noted| noted.on == *on) {
                noted.written = true;
            }
        }
        uses.retain(|_, noted| !noted.written || noted.on >= today);
    }
}

/// Writes the days on which keys were last used.
///
/// # Errors
/// `ServiceError::Store`; uses that were not written are kept for the next time.
pub fn keep_key_uses(registry: &Registry, now: UtcTime, rng: &mut dyn RngCore) -> Result<(), ServiceError> {
    let waiting = registry.part::<KeyUses>().unwritten();
    if !waiting.is_empty() {
        registry.store().write::<_, ServiceError>(now, rng, |transaction| Ok(transaction.note_uses(&waiting)?))?;
    }
    registry.part::<KeyUses>().written(&waiting, now.date());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use vasp_clock::Random;
    use vasp_words::ids::ApiKeyId;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_is_written_once_and_forgotten_when_it_is_over() {
        let (uses, key) = (KeyUses::default(), CredentialId::Key(ApiKeyId::new(UtcTime::EPOCH, &mut Random::seeded(1).fork())));
        let (first, second) = (day("2026-06-01"), day("2026-06-02"));
        uses.note(key, first);
        uses.note(key, first);
        assert_eq!(uses.unwritten(), [(key, first)]);

        uses.written(&[(key, first)], first);
        uses.note(key, first);
        assert!(uses.unwritten().is_empty());

        uses.note(key, second);
        uses.written(&[(key, first)], first);
        assert_eq!(uses.unwritten(), [(key, second)], "a use noted meanwhile is not lost");
        uses.written(&[(key, second)], day("2026-06-03"));
        assert!(uses.0.read().unwrap().is_empty());
    }
}
