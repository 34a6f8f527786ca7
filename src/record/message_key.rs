//! Keys with which a VASP signs Travel Rule messages, or to which others encrypt them. These are public keys only. Ended keys
//! stay in the list with their dates, so that old messages can still be checked.

use serde::{Deserialize, Serialize};
use vasp_words::closed_list::closed_list;
use vasp_words::ids::MessageKeyId;
use vasp_words::time::UtcTime;

closed_list! {
    /// The use of a message key.
    ///
    /// Source: RFC 7517, section 4.2 (`sig`, `enc`).
    pub enum KeyUse as "MessageKeyUse" {
        /// The VASP signs with it.
        Signing = "signing",
        /// Others encrypt messages to it.
        Encryption = "encryption",
    }

    /// The status of a message key, worst first. A rotating key was replaced and stays valid until `rotates_until`.
    pub enum KeyStatus as "MessageKeyStatus" {
        /// It must not be used any more.
        Revoked = "revoked",
        /// It was replaced, but stays valid until its overlap ends.
        Rotating = "rotating",
        /// In use.
        Active = "active",
    }
}

/// A message key as its VASP published it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageKey {
    /// Public id.
    pub id: MessageKeyId,
    /// Version number; it increases with every change.
    pub version: i64,
    /// The use of the key.
    #[serde(rename = "use")]
    pub key_use: KeyUse,
    /// Kind of key, such as `EC P-256`, `Ed25519`, `RSA 3072`.
    pub algorithm: String,
    /// SHA-256 thumbprint (RFC 7638), base64url.
    pub thumbprint: String,
    /// The public key as a JWK (RFC 7517).
    pub jwk: serde_json::Value,
    /// The last status that its VASP gave.
    pub status: KeyStatus,
    /// When it was published.
    pub published_at: UtcTime,
    /// When it was last changed.
    pub changed_at: UtcTime,
    /// The time until which a replaced key is valid; `None` if it was not replaced.
    pub rotates_until: Option<UtcTime>,
    /// When it was revoked; `None` if it is not.
    pub revoked_at: Option<UtcTime>,
    /// Why it was revoked; `None` if no reason was given.
    pub revocation_reason: Option<String>,
}

impl MessageKey {
    /// Returns its status at a moment: a replaced key ends with its overlap.
    #[must_use]
    pub fn status_at(&self, now: UtcTime) -> KeyStatus {
        let is_over = self.status == KeyStatus::Rotating && self.rotates_until.is_none_or(|until| until <= now);
        if is_over { KeyStatus::Revoked } else { self.status }
    }
}
