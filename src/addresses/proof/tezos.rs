//! Accounts of Tezos: a string in Micheline, signed as Beacon wallets sign it. Contracts (KT1) and BLS keys (tz4) are unsupported.

use super::bytes::{blake2b_160, blake2b_256, from_base58check};
use super::error::ProofError;
use super::secp::Key;
use super::{Case, Challenge, Note, ed25519, nist};

/// The beginning of every string to be signed, so that the string is never a valid operation.
///
/// Source: Taquito, "Signing data".
const WORDS: &str = "Tezos Signed Message: ";

/// The two bytes before the length of a packed string.
const MICHELINE_STRING: [u8; 2] = [5, 1];

/// The curve of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Curve {
    Ed25519,
    Secp256k1,
    P256,
}

/// The prefixes of keys, signatures and addresses of a curve.
#[derive(Debug)]
struct Spelling {
    curve: Curve,
    key: &'static [u8],
    key_length: usize,
    signature: &'static [u8],
    address: (&'static str, [u8; 3]),
}

/// Source: Tezos, `src/lib_crypto/base58.ml`, module `Prefix`.
const SPELLINGS: [Spelling; 3] = [
    Spelling {
        curve: Curve::Ed25519,
        key: &[13, 15, 37, 217],
        key_length: 32,
        signature: &[9, 245, 205, 134, 18],
        address: ("tz1-ed25519", [6, 161, 159]),
    },
    Spelling {
        curve: Curve::Secp256k1,
        key: &[3, 254, 226, 86],
        key_length: 33,
        signature: &[13, 115, 101, 19, 63],
        address: ("tz2-secp256k1", [6, 161, 161]),
    },
    Spelling {
        curve: Curve::P256,
        key: &[3, 178, 139, 127],
        key_length: 33,
        signature: &[54, 240, 44, 52],
        address: ("tz3-p256", [6, 161, 164]),
    },
];

/// The prefix `sig`, which does not state the curve.
const GENERIC_SIGNATURE: &[u8] = &[4, 130, 43];

/// Returns the bytes for a wallet's `requestSignPayload`, in hex: a challenge as Micheline.
#[must_use]
pub fn payload(challenge: &Challenge) -> String {
    hex::encode(micheline(&(default_prefix(challenge) + &challenge.to_string())))
}

/// Checks a signature over the challenge as a Micheline string.
///
/// Source: Taquito, "Signing data": 05 01, length, string; BLAKE2b-256 of that is signed; trustwallet/wallet-core,
/// `Tezos/MessageSigner.cpp`.
pub(super) fn verify(case: &Case<'_>) -> Result<Vec<Note>, ProofError> {
    if case.account.canonical.starts_with("KT1") {
        return Err(ProofError::Unsupported("a contract has no key; whether it agrees can only be checked on the chain"));
    }
    if case.account.canonical.starts_with("tz4") {
        return Err(ProofError::Unsupported("BLS signatures (tz4) are not supported"));
    }
    let packed = packed(case)?;
    let (spelling, key) = read_key(case.public_key()?)?;
    case.expect_account(spelling.address.0, &spelling.address.1, &blake2b_160(&key))?;
    verify_digest(spelling, &key, &blake2b_256(&packed), &read_signature(spelling, &case.proof.signature)?)?;
    Ok(Vec::new())
}

/// Returns the signed bytes. A published message is the whole text, or already its packed form. It must begin like a message: an operation
/// is not a proof.
fn packed(case: &Case<'_>) -> Result<Vec<u8>, ProofError> {
    let part = if case.challenge.is_some() { "tezos_prefix" } else { "message" };
    let other = || ProofError::Malformed { part, expected: "it must begin with `Tezos Signed Message: `" };
    let packed = match &case.challenge {
        Some(challenge) => {
            let prefix = case.proof.tezos_prefix.clone().unwrap_or_else(|| default_prefix(challenge));
            micheline(&(prefix + &case.proof.challenge))
        }
        None if case.message.starts_with(&MICHELINE_STRING) => case.message.to_vec(),
        None => micheline(std::str::from_utf8(case.message).map_err(|_| other())?),
    };
    let text = packed.get(MICHELINE_STRING.len() + 4..);
    if text.is_some_and(|text| text.starts_with(WORDS.as_bytes())) { Ok(packed) } else { Err(other()) }
}

/// Returns the default prefix: the registry and the time, where wallets expect an application's address and the time.
fn default_prefix(challenge: &Challenge) -> String {
    format!("{WORDS}{} {} ", challenge.registry(), challenge.issued())
}

fn micheline(text: &str) -> Vec<u8> {
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    [&MICHELINE_STRING[..], &length.to_be_bytes(), text.as_bytes()].concat()
}

fn read_key(text: &str) -> Result<(&'static Spelling, Vec<u8>), ProofError> {
    let read = |spelling: &'static Spelling| {
        let key = from_base58check(text, spelling.key).filter(|key| key.len() == spelling.key_length)?;
        Some((spelling, key))
    };
    SPELLINGS.iter().find_map(read).ok_or(ProofError::public_key("it must be an edpk, sppk or p2pk text"))
}

fn read_signature(spelling: &Spelling, text: &str) -> Result<Vec<u8>, ProofError> {
    let bytes = from_base58check(text, spelling.signature).or_else(|| from_base58check(text, GENERIC_SIGNATURE));
    let bytes = bytes.filter(|bytes| bytes.len() == 64);
    bytes.ok_or(ProofError::signature("it must be an edsig, spsig1, p2sig or sig text of the key's curve"))
}

fn verify_digest(spelling: &Spelling, key: &[u8], digest: &[u8; 32], signature: &[u8]) -> Result<(), ProofError> {
    match spelling.curve {
        Curve::Ed25519 => ed25519::verify(key, digest, signature),
        Curve::Secp256k1 => {
            let key = Key::read(key).ok_or(ProofError::public_key("it must be a point of the curve"))?;
            key.verify(digest, signature)
        }
        Curve::P256 => nist::verify(key, digest, signature),
    }
}

#[cfg(test)]
mod tests;
