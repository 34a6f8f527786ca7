//! Keys for messages as everybody sees them.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use vasp_pki::jose::read_jwk;
use vasp_record::ca::RevocationReason;
use vasp_record::message_key::{KeyStatus, KeyUse, MessageKey};
use vasp_words::time::UtcTime;

/// A key with which a VASP signs Travel Rule messages, or to which they are encrypted.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = MessageKey)]
pub(crate) struct MessageKeyView {
    #[schema(example = "mky_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    id: String,
    r#use: KeyUse,
    /// At the moment that was asked about.
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
    /// When its owner had shown that it has the private half.
    published_at: UtcTime,
    changed_at: UtcTime,
    /// Until when a replaced key is good.
    rotates_until: Option<UtcTime>,
    /// Since when it is not to be used. What was signed before may still be checked, unless it was compromised.
    revoked_at: Option<UtcTime>,
    /// Why: a reason of RFC 5280 section 5.3.1 in snake case.
    #[schema(example = "superseded")]
    revocation_reason: Option<String>,
}

impl MessageKeyView {
    /// Shows a key as it stands at a moment.
    pub(crate) fn at(key: &MessageKey, at: UtcTime) -> Self {
        let status = key.status_at(at);
        // Whose overlap is over was revoked then, without anybody saying so.
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
            // What was published was read before.
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
