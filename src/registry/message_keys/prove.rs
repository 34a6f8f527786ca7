//! A member proves that it has the private key. The key takes effect at once, and the previous key of the same use is valid only
//! until its overlap ends.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use serde_json::json;

use super::{conflict, not_found};
use crate::acts::{Act, Deed, Identity, Reply};
use crate::node::{ServiceError, invalid};
use crate::publishing::Publisher;
use vasp_pki::PublicKey;
use vasp_pki::jose::{read_jwk, verify_compact};
use vasp_record::message_key::{KeyStatus, MessageKey};
use vasp_store::{PendingKey, StoreError, Transaction};
use vasp_words::ids::MessageKeyId;
use vasp_words::time::UtcTime;

/// An answer to a challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyProof {
    /// The challenge, signed, as compact JWS.
    Jws(String),
    /// The decrypted text of the challenge.
    Plaintext(String),
}

/// Publishes a key if its proof is right.
///
/// # Errors
/// `ServiceError::NotFound`, `Invalid` if the proof is wrong, `Conflict` if the challenge has expired or the key was published in the
/// meantime, `IllegalStep` if the record is not verified, `Store`.
pub fn prove_key(act: Act<'_, MessageKey>, id: MessageKeyId, proof: &KeyProof) -> Result<Reply, ServiceError> {
    act.run("message_key.prove", |transaction, identity| {
        let publisher = Publisher::of(transaction, identity)?;
        let (row, key) = pending(transaction, identity, &publisher, id)?;
        check(&row, &key, proof)?;
        if !transaction.use_key_challenge(row.id)? {
            return Err(not_found());
        }
        if !transaction.keep_thumbprint(&row.thumbprint, row.vasp)? {
            return Err(conflict(
                "",
                "key_in_use",
                "This key was published in the meantime. A key can be published only once; create a new key.",
            ));
        }
        let now = transaction.now();
        let replaced = replace(transaction, &publisher, &row, now.plus_secs(row.overlap_secs))?;
        let details = json!({"vasp": row.vasp, "use": row.key_use, "thumbprint": row.thumbprint, "replaces": replaced});
        let said = MessageKey {
            id,
            version: 1,
            key_use: row.key_use,
            algorithm: key.describe(),
            thumbprint: row.thumbprint,
            jwk: row.jwk.0,
            status: KeyStatus::Active,
            published_at: now,
            changed_at: now,
            rotates_until: None,
            revoked_at: None,
            revocation_reason: None,
        };
        publisher.tell(transaction, &said, "proof of possession");
        publisher.have_looked_at(
            transaction,
            identity,
            "The member published a key for messages. The key is valid immediately.",
            &id.to_string(),
        )?;
        Ok(Deed::new(said, id, details))
    })
}

fn pending(
    transaction: &mut Transaction<'_>,
    identity: &Identity,
    publisher: &Publisher,
    id: MessageKeyId,
) -> Result<(PendingKey, PublicKey), ServiceError> {
    // This includes expired challenges, so that the answer can say that they have expired.
    let rows = transaction.conn().key_challenges_of(publisher.vasp, identity.organisation, UtcTime::EPOCH)?;
    let row = rows.into_iter().find(|row| row.id == id).ok_or_else(not_found)?;
    if row.expires_at <= transaction.now() {
        return Err(conflict("", "challenge_expired", "The challenge has expired; send the key again to get a new challenge."));
    }
    let wrong = |error| StoreError::impossible("message_key_challenges", error);
    let key = read_jwk(&row.jwk, row.key_use).map_err(wrong)?;
    Ok((row, key))
}

fn check(row: &PendingKey, key: &PublicKey, proof: &KeyProof) -> Result<(), ServiceError> {
    match (proof, &row.answer_sha256) {
        (KeyProof::Jws(jws), None) => verify_compact(jws, key, row.challenge.as_bytes())
            .map_err(|error| invalid("/jws", "no_proof_of_possession", error.to_string())),
        (KeyProof::Plaintext(text), Some(answer)) => {
            let given = digest(&SHA256, text.as_bytes());
            verify_slices_are_equal(given.as_ref(), &answer.0).map_err(|_| {
                let detail = "This is not the text of the challenge after decryption with the private key.";
                invalid("/plaintext", "no_proof_of_possession", detail)
            })
        }
        (KeyProof::Plaintext(_), None) => Err(invalid("/plaintext", "other_proof", "Prove a signing key with `jws`.")),
        (KeyProof::Jws(_), Some(_)) => Err(invalid("/jws", "other_proof", "Prove an encryption key with `plaintext`.")),
    }
}

/// Lets the present keys of the same use end with their overlap, and returns their ids.
fn replace(
    transaction: &mut Transaction<'_>,
    publisher: &Publisher,
    pending: &PendingKey,
    until: UtcTime,
) -> Result<Vec<String>, ServiceError> {
    let now = transaction.now();
    let mut replaced = Vec::new();
    for known in publisher.items::<MessageKey>() {
        if known.key_use != pending.key_use || known.status != KeyStatus::Active {
            continue;
        }
        replaced.push(known.id.to_string());
        let version = known.version.saturating_add(1);
        let said = MessageKey { version, status: KeyStatus::Rotating, changed_at: now, rotates_until: Some(until), ..known };
        publisher.tell(transaction, &said, "replaced");
    }
    Ok(replaced)
}
