//! Accounts of Sui: a personal message, signed with an intent by a single key on one of three curves. Multisig, passkeys and zkLogin are
//! unsupported. The last two need data that only other parties have.

use super::bytes::{blake2b_256, from_base64, sha256};
use super::error::ProofError;
use super::secp::Key;
use super::{Case, Note, ed25519, nist};

/// The intent of a personal message: scope 3, version 0, application Sui.
const INTENT: [u8; 3] = [3, 0, 0];

/// Checks a signature over the challenge as a personal message.
///
/// Source: Sui documentation, "Intent signing", "Signatures" (flag ‖ signature ‖ key); `@mysten/sui`,
/// `cryptography/intent.ts`, `cryptography/publickey.ts`: BLAKE2b-256 of intent and message in BCS is what Ed25519 signs,
/// and SHA-256 of that ECDSA; the address is BLAKE2b-256 of flag and key.
pub(super) fn verify(case: &Case<'_>) -> Result<Vec<Note>, ProofError> {
    let bytes = from_base64(&case.proof.signature).ok_or(ProofError::signature("it must be in base 64"))?;
    let (flag, signature, key) = split(&bytes)?;
    case.expect_account("account", &[], &blake2b_256(&[&[flag], key].concat()))?;
    verify_parts(flag, signature, key, &digest(case.message))?;
    Ok(Vec::new())
}

fn verify_parts(flag: u8, signature: &[u8], key: &[u8], digest: &[u8; 32]) -> Result<(), ProofError> {
    match flag {
        0 => ed25519::verify(key, digest, signature),
        1 => {
            let key = Key::read(key).ok_or(ProofError::public_key("it must be a point of the curve"))?;
            key.verify(&sha256(&[digest]), signature)
        }
        _ => nist::verify(key, &sha256(&[digest]), signature),
    }
}

/// Splits flag, signature and key; the flag determines the length of the key.
fn split(bytes: &[u8]) -> Result<(u8, &[u8], &[u8]), ProofError> {
    let wrong = ProofError::signature("it must consist of a flag, 64 bytes and the public key");
    let (flag, rest) = bytes.split_first().ok_or(wrong.clone())?;
    let length = match flag {
        0 => 32,
        1 | 2 => 33,
        3 => return Err(ProofError::Unsupported("signatures by several keys (multisig) are not supported")),
        5 => return Err(ProofError::Unsupported("zkLogin requires the keys that its identity provider had on that day")),
        6 => {
            return Err(ProofError::Unsupported(
                "passkeys do not sign the text itself, but data that the browser adds around it",
            ));
        }
        _ => return Err(wrong),
    };
    let (signature, key) = rest.split_at_checked(64).filter(|(_, key)| key.len() == length).ok_or(wrong)?;
    Ok((*flag, signature, key))
}

/// Returns the digest of a message. In BCS, the message is a vector of bytes that begins with its length in groups of seven bits.
fn digest(message: &[u8]) -> [u8; 32] {
    let (mut length, mut prefix) = (message.len(), Vec::new());
    while length >= 0x80 {
        prefix.push(u8::try_from(length & 0x7f).unwrap_or_default() | 0x80);
        length >>= 7;
    }
    prefix.push(u8::try_from(length).unwrap_or_default());
    blake2b_256(&[&INTENT[..], &prefix, message].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_of_suis_own_library_hold_on_three_curves() {
        // Source: docs/examples/proofs, by @mysten/sui 1.45.2 (scripts/example_proofs_sui.mjs).
        for (name, curve) in [("sui_ed25519", 0), ("sui_secp256k1", 1), ("sui_secp256r1", 2)] {
            let proof = super::super::tests::example(name);
            let bytes = from_base64(&proof.signature).unwrap();
            let (flag, signature, key) = split(&bytes).unwrap();

            let address = format!("0x{}", hex::encode(blake2b_256(&[&[flag], key].concat())));
            assert_eq!((flag, address), (curve, proof.address));
            assert_eq!(verify_parts(flag, signature, key, &digest(proof.challenge.as_bytes())), Ok(()), "{name}");
            assert_eq!(verify_parts(flag, signature, key, &digest(b"other")), Err(ProofError::WrongMessage), "{name}");
        }
    }

    #[test]
    fn other_signers_are_unsupported_and_broken_lengths_refused() {
        for flag in [3, 5, 6] {
            assert_eq!(split(&[flag; 98]).unwrap_err().code(), "unsupported");
        }
        for bytes in [&[][..], &[0; 96], &[0; 98], &[1; 97], &[4; 98]] {
            assert_eq!(split(bytes).unwrap_err().code(), "malformed_signature");
        }
    }
}
