//! On which day each API key and client certificate was used last: noted in memory at every request, written in batches by a job. A crash loses the
//! last minute of it; nothing is decided by it.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use rand_core::RngCore;

use crate::node::{Registry, ServiceError};
use vasp_words::ids::CredentialId;
use vasp_words::time::{Date, UtcTime};

/// The last day of use of every key that was used.
#[derive(Debug, Default)]
pub struct KeyUses(RwLock<HashMap<CredentialId, Use>>);

#[derive(Clone, Copy, Debug)]
struct Use {
    on: Date,
    written: bool,
}

impl KeyUses {
    /// Notes that a key is used. Only the first use of a day waits for another thread.
    pub(crate) fn note(&self, key: CredentialId, on: Date) {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&key).is_some_and(|noted| noted.on == on);
        if !known {
            self.0.write().unwrap_or_else(PoisonError::into_inner).insert(key, Use { on, written: false });
        }
    }

    fn unwritten(&self) -> Vec<(CredentialId, Date)> {
        let uses = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut waiting: Vec<_> = uses.iter().filter(|(_, noted)| !noted.written).map(|(key, noted)| (*key, noted.on)).collect();
        // Every node writes in this order: two that note the same keys wait for each other.
        waiting.sort_unstable();
        waiting
    }

    /// Remembers what is written, and forgets what was before today.
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

/// Writes on which days keys were used last.
///
/// # Errors
/// `ServiceError::Store`; what was not written is kept for the next time.
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
