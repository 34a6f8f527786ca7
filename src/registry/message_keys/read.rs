//! Reads a member's own keys, including those that wait for their proof. The record has the keys that everybody sees.

use crate::acts::Identity;
use crate::node::{Registry, ServiceError};
use vasp_record::message_key::MessageKey;
use vasp_store::{PendingKey, StoreError};
use vasp_words::time::UtcTime;

/// The keys of a member.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OwnKeys {
    /// The keys that it published.
    pub published: Vec<MessageKey>,
    /// The keys that wait for their proof.
    pub pending: Vec<PendingKey>,
}

/// Returns the keys of the caller's own VASP.
pub fn list_own_keys(registry: &Registry, identity: &Identity, now: UtcTime) -> Result<OwnKeys, ServiceError> {
    let Some(vasp) = identity.vasp else { return Ok(OwnKeys::default()) };
    let pending = registry.store().read::<_, StoreError>(|conn| conn.key_challenges_of(vasp, identity.organisation, now))?;
    let generation = registry.pin(now);
    let published = generation.records().get(vasp).map(|record| record.keys.clone()).unwrap_or_default();
    Ok(OwnKeys { published, pending })
}
