//! A pre-check with an idempotency key. If the caller sends it again, it gets the recorded answer, and nothing more is recorded. The
//! stored row holds only the id of the pre-check. Key and request are stored as digests that only the organisation's data key can
//! produce.

use serde_json::json;

use super::record::{Recording, read_precheck};
use crate::acts::sealed_traces::Traces;
use crate::acts::{Flight, Flights, Identity, Once, in_progress, key_reused};
use crate::node::{Registry, ServiceError};
use rand_core::RngCore;
use vasp_pki::DataKey;
use vasp_record::client_certificate::Sha256Hex;
use vasp_store::{ANSWERS_KEPT_SECS, IdempotencyRow, StoreError};
use vasp_words::ids::{OrganisationId, PrecheckId, UserId};
use vasp_words::time::UtcTime;

/// A pre-check with an idempotency key. While it lives, this process answers no other pre-check with the same key.
#[derive(Debug)]
pub struct KeyedPrecheck {
    caller: UserId,
    organisation: OrganisationId,
    once: Once,
    now: UtcTime,
    _flight: Flight,
}

/// Returns why pre-checks were not recorded: another node recorded one under the same key in the meantime, or the store failed.
#[must_use]
pub fn not_recorded(error: StoreError) -> ServiceError {
    match error {
        StoreError::Stale { .. } => in_progress(),
        other => ServiceError::Store(other),
    }
}

impl KeyedPrecheck {
    /// Begins a pre-check under a key.
    ///
    /// # Errors
    /// `in_progress()` while this process answers another pre-check under the key.
    pub fn begin(
        registry: &Registry,
        identity: &Identity,
        once: Once,
        key: &DataKey,
        now: UtcTime,
    ) -> Result<Self, ServiceError> {
        let once = Traces::Sealed(key.clone()).once(once);
        let flight = registry.part::<Flights>().take(once.name(identity.user))?;
        Ok(Self { caller: identity.user, organisation: identity.organisation, once, now, _flight: flight })
    }

    /// Returns the answer that was recorded under the key. `None` if there is none.
    ///
    /// # Errors
    /// `key_reused()` if the key was used for a different request. Also the errors of `read_precheck`.
    pub fn kept(&self, registry: &Registry, rng: &mut dyn RngCore) -> Result<Option<Recording>, ServiceError> {
        let place = (self.caller, self.once.method.as_str(), self.once.path.as_str(), self.once.key.as_str());
        let since = self.now.plus_secs(-ANSWERS_KEPT_SECS);
        let Some(row) = registry.store().read::<_, StoreError>(|conn| conn.kept_answer(place, since))? else {
            return Ok(None);
        };
        if row.request_digest.0 != self.once.request_digest {
            return Err(key_reused());
        }
        let id: PrecheckId = serde_json::from_str(&row.body).map_err(ServiceError::unreadable("answer"))?;
        read_precheck(registry, id, self.organisation, self.now, rng).map(Some)
    }

    /// Returns the idempotency row, which the transaction writes together with the pre-check.
    #[must_use]
    pub fn row(&self, id: PrecheckId) -> IdempotencyRow {
        IdempotencyRow {
            user_id: self.caller,
            method: self.once.method.clone(),
            path: self.once.path.clone(),
            key: self.once.key.clone(),
            request_digest: Sha256Hex(self.once.request_digest),
            status: 200,
            etag: None,
            body: json!(id).to_string(),
            created_at: self.now,
        }
    }
}
