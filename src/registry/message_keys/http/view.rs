//! Message keys as everybody sees them.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use vasp_pki::jose::read_jwk;
use vasp_record::ca::RevocationReason;
use vasp_record::message_key::{KeyStatus, KeyUse, MessageKey};
use vasp_words::time::UtcTime;

/// A key with which a VASP signs Travel Rule messages, or with which others encrypt messages to it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = MessageKey)]
pub(crate) struct MessageKeyView {
    #[schema(example = "mky_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    id: String,
    r#use: KeyUse,
    /// The status at the time of the request.
    status: KeyStatus,
    /// Kind of key.
    #[schema(example = "EC P-256")]
    algorithm: String,
    /// SHA-256 thumbprint (RFC 7638), base64url.
    #[schema(example = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")]
    thumbprint: String,
    /// The public key (RFC 7517), with its thumbprint as `kid`.
    #[schema(value_type = Object)]
    jwk: Value,
    /// The same as PEM (SubjectPublicKeyInfo).
    pem: String,
    /// When its owner proved that it has the private key.
    published_at: UtcTime,
    changed_at: UtcTime,
    /// Until when a replaced key is valid; null if it was not replaced.
    rotates_until: Option<UtcTime>,
    /// Since when the key must not be used; null if it is not revoked. Earlier signatures may still be checked, unless the key was
    /// compromised.
    revoked_at: Option<UtcTime>,
    /// The reason for the revocation: one of RFC 5280 section 5.3.1, in snake case; null if it is not revoked.
    #[schema(example = "superseded")]
    revocation_reason: Option<String>,
}

impl MessageKeyView {
    /// Shows a key in its state at a given time.
    pub(crate) fn at(key: &MessageKey, at: UtcTime) -> Self {
        let status = key.status_at(at);
        // A replaced key is revoked automatically at the end of its overlap, without any request.
        let by_itself = status == KeyStatus::Revoked && key.status != KeyStatus::Revoked;
        let mut jwk = key.jwk.clone();
        if let Some(members) = jwk.as_object_mut() {
            members.insert("kid".to_owned(), Value::String(key.thumbprint.clone()));
            let said = if key.key_use == KeyUse::Signing { "sig" } else { "enc" };
            members.insert("use".to_owned(), Value::String(said.to_owned()));
        }
        Self {
            id: key.id.to_string(),
            r#use: key.key_use,
            status,
            algorithm: key.algorithm.clone(),
            thumbprint: key.thumbprint.clone(),
            jwk,
            // It can be read, because it was read before it was published.
            pem: read_jwk(&key.jwk, key.key_use).map(|key| key.to_pem()).unwrap_or_default(),
            published_at: key.published_at,
            changed_at: key.changed_at,
            rotates_until: key.rotates_until,
            revoked_at: if by_itself { key.rotates_until } else { key.revoked_at },
            revocation_reason: match &key.revocation_reason {
                None if by_itself => Some(RevocationReason::Superseded.as_str().to_owned()),
                said => said.clone(),
            },
        }
    }
}
