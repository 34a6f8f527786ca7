//! Who vouches for answers: a key or certificate that the VASP published and that signed the statement about them, or a person who
//! attests them. The stored answers always show which of these it was.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::acts::Identity;
use crate::certificates::kept_chain;
use crate::node::{ServiceError, invalid};
use crate::publishing::Publisher;
use vasp_pki::jose::{read_jwk, verify_compact};
use vasp_pki::x509::is_signed_by;
use vasp_record::certificate::{CertificateStatus, PublishedCertificate};
use vasp_record::message_key::{KeyStatus, KeyUse, MessageKey};
use vasp_record::role::UserKind;
use vasp_store::{StoreError, Transaction};
use vasp_words::ids::{CertificateId, MessageKeyId, UserId};
use vasp_words::time::UtcTime;

/// How the statement about the answers is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignatureInput {
    /// With a signing key that the VASP published.
    Key {
        /// Id of the key.
        key: MessageKeyId,
        /// The signed statement, compact JWS.
        jws: String,
    },
    /// With the key of a certificate that the VASP published.
    Certificate {
        /// Id of the certificate.
        certificate: CertificateId,
        /// The signature of the statement, base64.
        signature: String,
    },
    /// Without a key: the person who submits the answers vouches for them.
    Attestation,
}

/// A stored signature. The key or certificate may be removed later, so the signature includes what is needed to verify it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Signature {
    /// Signed with a signing key.
    MessageKey {
        /// Id of the key.
        key: MessageKeyId,
        /// Its thumbprint (RFC 7638).
        thumbprint: String,
        /// The signed statement, compact JWS.
        jws: String,
    },
    /// Signed with a certificate's key.
    Certificate {
        /// Id of the certificate.
        certificate: CertificateId,
        /// Its SHA-256.
        sha256: String,
        /// The signature of the statement, base64.
        signature: String,
    },
    /// Attested by a person.
    Attestation {
        /// The person.
        user: UserId,
        /// The credential that the person used.
        credential: String,
        /// When the person attested them.
        at: UtcTime,
    },
}

impl Signature {
    /// Returns the kind of signature as one word.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::MessageKey { .. } => "message_key",
            Self::Certificate { .. } => "certificate",
            Self::Attestation { .. } => "attestation",
        }
    }
}

/// Checks a signature of the statement, while the record is locked.
///
/// # Errors
/// `ServiceError::Invalid` if the signature does not match. `Forbidden` if a program tries to attest. Also `Store`.
pub(super) fn check(
    transaction: &mut Transaction<'_>,
    identity: &Identity,
    publisher: &Publisher,
    input: &SignatureInput,
    statement: &str,
) -> Result<Signature, ServiceError> {
    let now = transaction.now();
    match input {
        SignatureInput::Key { key, jws } => {
            let known = publisher.item::<MessageKey>(&key.to_string());
            let usable = |key: &MessageKey| key.key_use == KeyUse::Signing && key.status_at(now) != KeyStatus::Revoked;
            let known = known
                .filter(usable)
                .ok_or_else(|| invalid("/key", "unknown_key", "your VASP has no signing key with this id in use"))?;
            let wrong = |error| StoreError::impossible("facts", format!("the message key {key} cannot be read: {error}"));
            let public = read_jwk(&known.jwk, KeyUse::Signing).map_err(wrong)?;
            verify_compact(jws, &public, statement.as_bytes())
                .map_err(|error| invalid("/jws", "signature_mismatch", format!("{error}; the payload must be the statement")))?;
            Ok(Signature::MessageKey { key: *key, thumbprint: known.thumbprint, jws: jws.clone() })
        }
        SignatureInput::Certificate { certificate, signature } => {
            let known = publisher.item::<PublishedCertificate>(&certificate.to_string());
            let end = |known: &PublishedCertificate| known.not_after.min(known.chain_not_after);
            let usable = |known: &PublishedCertificate| {
                known.status == CertificateStatus::Active && known.not_before <= now && now <= end(known)
            };
            let known = known.filter(usable).ok_or_else(|| {
                invalid(
                    "/certificate",
                    "unknown_certificate",
                    "your VASP has no published certificate with this id that is valid now",
                )
            })?;
            let chain = kept_chain(transaction.conn(), *certificate)?;
            let bytes = STANDARD.decode(signature.trim()).unwrap_or_default();
            let fits = chain.ders.first().is_some_and(|leaf| is_signed_by(leaf, statement.as_bytes(), &bytes));
            if !fits {
                let detail = "this is not a base64 signature over the exact bytes of the statement with the certificate's key";
                return Err(invalid("/signature", "signature_mismatch", detail));
            }
            Ok(Signature::Certificate { certificate: *certificate, sha256: known.sha256, signature: signature.trim().to_owned() })
        }
        SignatureInput::Attestation => {
            let user = transaction.conn().user(identity.user)?;
            if user.is_none_or(|user| user.kind != UserKind::Person) {
                let detail = "A program cannot attest answers; sign with a published key, or let a person submit the answers.";
                return Err(ServiceError::Forbidden(detail.to_owned()));
            }
            Ok(Signature::Attestation { user: identity.user, credential: identity.credential.to_string(), at: now })
        }
    }
}
