//! The log of changes, checked offline: signed checkpoints and proofs that an entry is in the log. The form of checkpoints and the tree are
//! those of `vasp-log`, which the registry itself uses.

use aws_lc_rs::digest::{Context, SHA256};
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use vasp_log::{Checkpoint, leaf_hash, note_key_id, verifier_key};
use vasp_pki::receipt::{PublishedKey, PublishedKeys, canonical_json};
use vasp_record::signing_key::SigningPurpose;

use crate::error::{NotVerified, NotVerifiedCode};

/// The members that a change shares with its entry in the log.
const SHARED: [&str; 5] = ["sequence", "kind", "audience", "recorded_at", "payload_commitment"];

/// Checks the text of `/v1/log/checkpoint`. `at_least` is a checkpoint that you keep: a smaller log, or another one of that size, is
/// refused.
///
/// Source: C2SP signed-note and tlog-checkpoint.
///
/// # Errors
/// `NotVerified` says what does not hold.
pub fn verify_checkpoint(note: &str, keys: &PublishedKeys, at_least: Option<&Checkpoint>) -> Result<Checkpoint, NotVerified> {
    let refused = |code, detail: &str| Err(NotVerified::new(code, detail));
    let unreadable = || NotVerified::unreadable("the checkpoint");
    let (text, signatures) = note.rsplit_once("\n\n").ok_or_else(unreadable)?;
    let found = Checkpoint::of_note(text).map_err(|_| unreadable())?;
    let mut signed = 0;
    for line in signatures.lines() {
        let rest = line.strip_prefix("\u{2014} ").ok_or_else(unreadable)?;
        let (name, value) = rest.split_once(' ').ok_or_else(unreadable)?;
        let value = STANDARD.decode(value).map_err(|_| unreadable())?;
        let Some((id, signature)) = value.split_first_chunk::<4>().filter(|_| name == found.origin) else { continue };
        for key in keys.0.iter().filter(|key| signs(key, name, *id)) {
            let fits = UnparsedPublicKey::new(&ED25519, &key.public_key).verify(format!("{text}\n").as_bytes(), signature);
            if fits.is_err() {
                return refused(NotVerifiedCode::Altered, "the checkpoint's signature is not the registry's");
            }
            signed += 1;
        }
    }
    if signed == 0 {
        return refused(NotVerifiedCode::UnknownKey, "no known key signed the checkpoint");
    }
    if let Some(kept) = at_least {
        if found.origin != kept.origin || found.size < kept.size {
            return refused(NotVerifiedCode::TooOld, "the checkpoint is older than the one that you keep, or another log's");
        }
        if found.size == kept.size && found.root != kept.root {
            return refused(NotVerifiedCode::Altered, "the log has two roots of one size");
        }
    }
    Ok(found)
}

/// Returns whether a key has this id as the signer of checkpoints of the log with this name.
fn signs(key: &PublishedKey, name: &str, id: [u8; 4]) -> bool {
    let published = verifier_key(name, &key.public_key);
    key.purpose == SigningPurpose::Checkpoint
        && key.verifier_key.as_ref() == Some(&published)
        && note_key_id(name, &key.public_key) == id
}

/// Checks a proof of `/v1/log/proof/inclusion` against a checkpoint of the same size.
///
/// Source: RFC 9162 section 2.1.3.2.
///
/// # Errors
/// `NotVerified` says what does not hold.
pub fn verify_inclusion(proof: &Value, checkpoint: &Checkpoint) -> Result<(), NotVerified> {
    let unreadable = || NotVerified::unreadable("the proof");
    let not_included = |detail: &str| Err(NotVerified::new(NotVerifiedCode::NotIncluded, detail));
    let number = |from: &Value, name: &str| from.get(name).and_then(Value::as_i64).ok_or_else(unreadable);
    let envelope = proof.get("envelope").filter(|envelope| envelope.is_object()).ok_or_else(unreadable)?;
    let entry = canonical_json(&envelope.to_string()).map_err(|_| unreadable())?;
    let (index, size, sequence) = (number(proof, "leaf_index")?, number(proof, "size")?, number(envelope, "sequence")?);
    let listed = proof.get("hashes").and_then(Value::as_array).ok_or_else(unreadable)?;
    let hashes = listed.iter().map(|hash| STANDARD.decode(hash.as_str()?).ok()?.try_into().ok());
    let hashes: Vec<[u8; 32]> = hashes.collect::<Option<_>>().ok_or_else(unreadable)?;
    if size != checkpoint.size || sequence.checked_sub(1) != Some(index) {
        return not_included("the proof is for another entry, or for a log of another size");
    }
    let (Ok(index), Ok(size)) = (index.try_into(), size.try_into()) else {
        return not_included("the proof is for no entry");
    };
    if !vasp_log::verify_inclusion(&leaf_hash(entry.as_bytes()), index, size, &hashes, &checkpoint.root) {
        return not_included("the entry is not in the log of this checkpoint");
    }
    Ok(())
}

/// Checks that an item of `/v1/changes` is the entry that is proven: its payload is the one that the log commits to.
///
/// # Errors
/// `NotVerified` says what does not hold.
pub fn verify_change(change: &Value, proof: &Value, checkpoint: &Checkpoint) -> Result<(), NotVerified> {
    verify_inclusion(proof, checkpoint)?;
    let unreadable = || NotVerified::unreadable("the change");
    let altered = |detail: &str| Err(NotVerified::new(NotVerifiedCode::Altered, detail));
    let envelope = proof.get("envelope").ok_or_else(unreadable)?;
    if SHARED.iter().any(|name| change.get(name).is_none() || change.get(name) != envelope.get(name)) {
        return altered("the change is not the entry that is proven");
    }
    // An erased payload leaves its commitment.
    let Some(payload) = change.get("payload").filter(|payload| !payload.is_null()) else { return Ok(()) };
    let payload = canonical_json(&payload.to_string()).map_err(|_| unreadable())?;
    let salt = change.get("salt").and_then(Value::as_str).and_then(|salt| hex::decode(salt).ok()).ok_or_else(unreadable)?;
    let mut commitment = Context::new(&SHA256);
    commitment.update(&salt);
    commitment.update(payload.as_bytes());
    let commitment = hex::encode(commitment.finish());
    if envelope.get("payload_commitment").and_then(Value::as_str) != Some(&commitment) {
        return altered("the change's payload is not the one that the log commits to");
    }
    Ok(())
}
