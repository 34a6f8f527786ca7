//! Keys with which a VASP signs Travel Rule messages, or to which they are encrypted. Public halves only; those that are over
//! stay listed with their dates, so that an old message can still be checked.

use serde::{Deserialize, Serialize};
use vasp_words::closed_list::closed_list;
use vasp_words::ids::MessageKeyId;
use vasp_words::time::UtcTime;

closed_list! {
    /// What a key is for.
    ///
    /// Source: RFC 7517, section 4.2 (`sig`, `enc`).
    pub enum KeyUse as "MessageKeyUse" {
        /// The VASP signs with it.
        Signing = "signing",
        /// Others encrypt to it.
        Encryption = "encryption",
    }

    /// Where a key stands, worst first. A rotating one was replaced and is good until `rotates_until`.
    pub enum KeyStatus as "MessageKeyStatus" {
        /// Not to be used any more.
        Revoked = "revoked",
        /// Replaced; still good until its overlap is over.
        Rotating = "rotating",
        /// In use.
        Active = "active",
    }
}

/// A key, as it was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageKey {
    /// Public id.
    pub id: MessageKeyId,
    /// Rises with every change.
    pub version: i64,
    /// What for.
    #[serde(rename = "use")]
    pub key_use: KeyUse,
    /// Kind of key, such as `EC P-256`, `Ed25519`, `RSA 3072`.
    pub algorithm: String,
    /// SHA-256 thumbprint (RFC 7638), base64url.
    pub thumbprint: String,
    /// The public key as a JWK (RFC 7517).
    pub jwk: serde_json::Value,
    /// What its VASP said last.
    pub status: KeyStatus,
    /// When it was published.
    pub published_at: UtcTime,
    /// When it was changed last.
    pub changed_at: UtcTime,
    /// Until when a replaced one is good.
    pub rotates_until: Option<UtcTime>,
    /// Since when it is revoked.
    pub revoked_at: Option<UtcTime>,
    /// Why.
    pub revocation_reason: Option<String>,
}

impl MessageKey {
    /// Returns where it stands at a moment: a replaced one is over when its overlap is.
    #[must_use]
    pub fn status_at(&self, now: UtcTime) -> KeyStatus {
        let is_over = self.status == KeyStatus::Rotating && self.rotates_until.is_none_or(|until| until <= now);
        if is_over { KeyStatus::Revoked } else { self.status }
    }
}
