//! Revokes a key. This is a restriction, so it takes effect at once, whatever the version, and also if the record is suspended or
//! revoked.

use serde_json::json;

use super::not_found;
use crate::acts::{Act, Deed, Reply};
use crate::node::ServiceError;
use crate::publishing::Publisher;
use vasp_record::ca::RevocationReason;
use vasp_record::message_key::{KeyStatus, MessageKey};
use vasp_words::ids::MessageKeyId;

/// Revokes a key. A key that is revoked already stays as it is, except that the reason can still be changed to a compromise.
///
/// # Errors
/// `ServiceError::NotFound`, also for another VASP's key; `IllegalStep` if the key is not proven yet or the organisation has no record;
/// `Store`.
pub fn revoke_key(act: Act<'_, MessageKey>, id: MessageKeyId, reason: RevocationReason) -> Result<Reply, ServiceError> {
    act.run("message_key.revoke", |transaction, identity| {
        let publisher = Publisher::restricting(transaction, identity)?;
        let Some(known) = publisher.item::<MessageKey>(&id.to_string()) else {
            let now = transaction.now();
            let waiting = transaction.conn().key_challenges_of(publisher.vasp, identity.organisation, now)?;
            let pending = waiting.iter().find(|row| row.id == id).ok_or_else(not_found)?;
            return Err(ServiceError::IllegalStep(format!(
                "The key is not published, because it is not proven. There is nothing to revoke; its challenge expires at {}.",
                pending.expires_at
            )));
        };
        let compromised = RevocationReason::KeyCompromise;
        let worse = reason == compromised && known.revocation_reason.as_deref() != Some(compromised.as_str());
        let said = match known.status {
            KeyStatus::Revoked if !worse => known,
            _ => {
                let now = transaction.now();
                let said = MessageKey {
                    version: known.version.saturating_add(1),
                    status: KeyStatus::Revoked,
                    changed_at: now,
                    revoked_at: Some(known.revoked_at.unwrap_or(now)),
                    revocation_reason: Some(reason.as_str().to_owned()),
                    ..known
                };
                publisher.tell(transaction, &said, "revoked by the member");
                said
            }
        };
        let details = json!({"vasp": publisher.vasp, "reason": said.revocation_reason});
        Ok(Deed::new(said, id, details))
    })
}
