//! Reads a member's keys that wait for their proof. The record has the keys that everybody sees.

use crate::acts::Identity;
use crate::node::{Registry, ServiceError};
use vasp_store::{PendingKey, StoreError};
use vasp_words::ids::VaspId;
use vasp_words::time::UtcTime;

/// Returns the keys of the caller's own VASP that wait for their proof.
pub fn list_pending_keys(
    registry: &Registry,
    identity: &Identity,
    vasp: VaspId,
    now: UtcTime,
) -> Result<Vec<PendingKey>, ServiceError> {
    Ok(registry.store().read::<_, StoreError>(|conn| conn.key_challenges_of(vasp, identity.organisation, now))?)
}
