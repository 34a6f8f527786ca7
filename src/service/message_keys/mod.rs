//! Keys with which a member signs Travel Rule messages, or to which others encrypt them: announced, proven, replaced with an
//! overlap, revoked at once. What is published are facts of the record; only challenges are rows. Called by `api`.

mod announce;
mod prove;
mod read;
mod revoke;

pub use announce::{Announced, NewKey, PublicKeyText, announce_key};
pub use prove::{KeyProof, prove_key};
pub use read::{OwnKeys, list_own_keys};
pub use revoke::revoke_key;

use super::{Fault, ServiceError};
use vasp_record::message_key::KeyUse;
use vasp_store::{KeyChallengeRow, StoreError};
use vasp_words::ids::MessageKeyId;
use vasp_words::time::UtcTime;

/// A key that waits for its proof.
#[derive(Debug, Clone, PartialEq)]
pub struct PendingKey {
    /// Id that it will have.
    pub id: MessageKeyId,
    /// What it is for.
    pub key_use: KeyUse,
    /// The key.
    pub jwk: serde_json::Value,
    /// Its thumbprint.
    pub thumbprint: String,
    /// What is to be signed, or decrypted.
    pub challenge: String,
    /// Until when it may be answered.
    pub expires_at: UtcTime,
}

impl PendingKey {
    fn read(row: &KeyChallengeRow) -> Result<Self, ServiceError> {
        let wrong = |column| StoreError::Inconsistent { table: "message_key_challenges", column, id: row.id.clone() };
        Ok(Self {
            id: row.id.parse().map_err(|_| wrong("id"))?,
            key_use: serde_json::from_value(serde_json::Value::String(row.key_use.clone())).map_err(|_| wrong("key_use"))?,
            jwk: serde_json::from_str(&row.jwk).map_err(|_| wrong("jwk"))?,
            thumbprint: row.thumbprint.clone(),
            challenge: row.challenge.clone(),
            expires_at: UtcTime::from_micros(row.expires_at).map_err(|_| wrong("expires_at"))?,
        })
    }
}

/// The word of a use, as it is stored.
fn use_word(key_use: KeyUse) -> &'static str {
    match key_use {
        KeyUse::Signing => "signing",
        KeyUse::Encryption => "encryption",
    }
}

fn not_found() -> ServiceError {
    ServiceError::NotFound("Your VASP has no such key here.".to_owned())
}

fn conflict(pointer: &str, code: &'static str, detail: impl Into<String>) -> ServiceError {
    ServiceError::Conflict(Fault { pointer: pointer.to_owned(), code, detail: detail.into() })
}

fn invalid(pointer: &str, code: &'static str, detail: impl Into<String>) -> ServiceError {
    ServiceError::Invalid(Fault { pointer: pointer.to_owned(), code, detail: detail.into() })
}
