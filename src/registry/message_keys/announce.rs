//! A member announces a key, and gets a challenge that only the holder of the private key can answer.

use serde_json::{Value, json};

use super::conflict;
use crate::acts::{Act, Deed, Identity, Reply};
use crate::node::{ServiceError, invalid};
use crate::publishing::Publisher;
use vasp_pki::jose::{JwkError, encrypt, read_jwk, thumbprint, to_jwk};
use vasp_pki::{PublicKey, PublicKeyError, sha256};
use vasp_record::client_certificate::Sha256Hex;
use vasp_record::message_key::{KeyUse, MessageKey};
use vasp_record::message_key_challenge::{CHALLENGE_SECS, KeyChallenge};
use vasp_store::{PendingKey, Transaction};
use vasp_words::ids::MessageKeyId;
use vasp_words::sql::Json;

/// Most keys of one VASP that may wait for their proof at the same time.
const PENDING_MAX: usize = 10;

/// Most keys that one VASP may publish in all. Revoked and replaced keys count too, because they stay listed.
const PUBLISHED_MAX: usize = 200;

const DAY_SECS: i64 = 86_400;

/// A public key as it was sent.
#[derive(Debug, Clone, PartialEq)]
pub enum PublicKeyText {
    /// As JWK.
    Jwk(Value),
    /// As PEM.
    Pem(String),
}

/// A key that a member announces.
#[derive(Debug, Clone, PartialEq)]
pub struct NewKey {
    /// What the key is used for.
    pub key_use: KeyUse,
    /// The public key.
    pub key: PublicKeyText,
    /// How many days the replaced key stays valid.
    pub overlap_days: i64,
}

impl NewKey {
    fn read(&self) -> Result<PublicKey, ServiceError> {
        let key = match &self.key {
            PublicKeyText::Jwk(jwk) => {
                read_jwk(jwk, self.key_use).map_err(|error| invalid("/jwk", jwk_code(&error), error.to_string()))?
            }
            PublicKeyText::Pem(text) if text.contains("PRIVATE KEY") => {
                let detail = "This is a private key, which is now compromised. Create a new key, and send only its public key.";
                return Err(invalid("/pem", "private_key", detail));
            }
            PublicKeyText::Pem(text) => {
                PublicKey::from_pem(text).map_err(|error| invalid("/pem", key_code(&error), error.to_string()))?
            }
        };
        let pointer = if matches!(self.key, PublicKeyText::Jwk(_)) { "/jwk" } else { "/pem" };
        match (&key, self.key_use) {
            (PublicKey::X25519(_), KeyUse::Signing) => {
                Err(invalid(pointer, "key_refused", "An X25519 key cannot sign; use an Ed25519 key."))
            }
            (PublicKey::Ed25519(_), KeyUse::Encryption) => {
                Err(invalid(pointer, "key_refused", "An Ed25519 key cannot be used for encryption; use an X25519 key."))
            }
            _ => Ok(key),
        }
    }
}

fn jwk_code(error: &JwkError) -> &'static str {
    match error {
        JwkError::Private(_) => "private_key",
        JwkError::Unknown(_) => "unknown_member",
        JwkError::Member(_) | JwkError::Encoding(_) => "unreadable_key",
        JwkError::OtherUse => "other_use",
        JwkError::Kind => "key_refused",
        JwkError::Key(error) => key_code(error),
    }
}

fn key_code(error: &PublicKeyError) -> &'static str {
    match error {
        PublicKeyError::Unreadable => "unreadable_key",
        _ => "key_refused",
    }
}

/// Accepts a key and returns the challenge to answer.
///
/// # Errors
/// `ServiceError::Invalid` if the key is refused, `IllegalStep` if the record is not verified, `Conflict` if the key is or was
/// published already or if there are too many; `Store`.
pub fn announce_key(act: Act<'_, PendingKey>, new: &NewKey) -> Result<Reply, ServiceError> {
    let key = new.read()?;
    act.run("message_key.announce", |transaction, identity| {
        let publisher = Publisher::of(transaction, identity)?;
        let row = challenge(transaction, identity, &publisher, new, &key)?;
        transaction.add_key_challenge(&row)?;
        let (id, details) = (row.id, json!({"vasp": row.vasp, "use": row.key_use, "thumbprint": row.thumbprint}));
        Ok(Deed::new(row, id, details))
    })
}

fn challenge(
    transaction: &mut Transaction<'_>,
    identity: &Identity,
    publisher: &Publisher,
    new: &NewKey,
    key: &PublicKey,
) -> Result<PendingKey, ServiceError> {
    let (now, vasp, organisation) = (transaction.now(), publisher.vasp, identity.organisation);
    if transaction.conn().key_challenges_of(vasp, organisation, now)?.len() >= PENDING_MAX {
        let detail =
            format!("At most {PENDING_MAX} keys may wait for their proof at the same time; prove them, or wait one hour.");
        return Err(conflict("", "too_many", detail));
    }
    if publisher.items::<MessageKey>().len() >= PUBLISHED_MAX {
        return Err(conflict(
            "",
            "too_many",
            format!("A VASP may publish at most {PUBLISHED_MAX} keys, including revoked and replaced keys."),
        ));
    }
    let thumbprint = thumbprint(key);
    if transaction.conn().publisher_of_thumbprint(&thumbprint)?.is_some() {
        return Err(conflict(
            "",
            "key_in_use",
            "This key is or was already published. A key can be published only once; create a new key.",
        ));
    }
    let mut nonce = [0; 32];
    let rng = transaction.conn_and_rng().1;
    rng.fill_bytes(&mut nonce);
    let (id, nonce) = (MessageKeyId::new(now, rng), hex::encode(nonce));
    let expires_at = now.plus_secs(CHALLENGE_SECS);
    let said = KeyChallenge { vasp, key: id, thumbprint: &thumbprint, key_use: new.key_use, nonce: &nonce, expires_at };
    let text = said.text();
    let (challenge, answer_sha256) = match new.key_use {
        KeyUse::Signing => (text, None),
        KeyUse::Encryption => {
            let sealed = encrypt(key, text.as_bytes(), rng).map_err(|error| invalid("", "key_refused", error.to_string()))?;
            (sealed, Some(Sha256Hex(sha256(text.as_bytes()))))
        }
    };
    Ok(PendingKey {
        id,
        vasp,
        organisation,
        key_use: new.key_use,
        jwk: Json(to_jwk(key)),
        thumbprint,
        challenge,
        answer_sha256,
        overlap_secs: new.overlap_days.saturating_mul(DAY_SECS),
        created_at: now,
        expires_at,
    })
}
