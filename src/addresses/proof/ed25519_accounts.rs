//! Networks whose address is an Ed25519 key: Solana, Stellar, Algorand and NEAR. Each has its own envelope around the text. The key is
//! taken from the canonical address, whose checksum was already checked when the address was read.

use super::bytes::{from_base32, from_base64, from_hex, sha256};
use super::error::ProofError;
use super::{Case, Note, ed25519};

/// The maximum message length of Solana's formats 0 and 1, in bytes. Source: off-chain message signing, "Message format".
const SOLANA_HARDWARE_LENGTH_MAX: usize = 1212;

/// The first number of a NEP-413 message: 2^31 + 413.
const NEAR_TAG: u32 = (1 << 31) + 413;

/// Checks a signature over the challenge itself.
///
/// Source: Solana wallet standard, `solana:signMessage`: the bytes unchanged.
pub(super) fn solana_message(case: &Case<'_>) -> Result<Vec<Note>, ProofError> {
    let key = solana_key(&case.account.canonical)?;
    ed25519::verify(&key, case.message, &read_signature(&case.proof.signature)?)?;
    Ok(Vec::new())
}

/// Checks a signature over the challenge in an off-chain message.
///
/// Source: Anza, "Off-chain message signing" (version 0: application domain, format, one signer, length), with an
/// application domain of zeros; and the shorter header of the `solana` command line (crate `solana-offchain-message`:
/// version, format, length).
pub(super) fn solana_offchain(case: &Case<'_>) -> Result<Vec<Note>, ProofError> {
    let key = solana_key(&case.account.canonical)?;
    let signature = read_signature(&case.proof.signature)?;
    let held = solana_envelopes(&key, case.message).iter().any(|envelope| ed25519::verify(&key, envelope, &signature).is_ok());
    if held { Ok(Vec::new()) } else { Err(ProofError::WrongMessage) }
}

/// Checks a signature over the challenge as a Stellar signed message.
///
/// Source: SEP-53, "Message Format", "Verification Procedure". This checks the account's own key. The ledger may have given the account to
/// other signers, which is not visible here ("Limitations").
pub(super) fn stellar(case: &Case<'_>) -> Result<Vec<Note>, ProofError> {
    let key = match from_base32(&case.account.canonical).as_deref() {
        // Source: SEP-23: version `6 << 3`, key, checksum of two bytes.
        Some([0x30, rest @ ..]) => rest.first_chunk::<32>().copied(),
        _ => None,
    };
    let key = key.ok_or(ProofError::Unsupported("only addresses that start with G have a key; contracts sign on the ledger"))?;
    ed25519::verify(&key, &stellar_digest(case.message), &read_signature(&case.proof.signature)?)?;
    Ok(vec![Note::LedgerMayDiffer])
}

/// Checks a signature over the challenge as signed bytes.
///
/// Source: Algorand SDKs, `signBytes`: Ed25519 over `MX` and the bytes. Only the ledger shows whether an account was rekeyed.
pub(super) fn algorand(case: &Case<'_>) -> Result<Vec<Note>, ProofError> {
    let bytes = from_base32(&case.account.canonical).unwrap_or_default();
    let key = bytes.first_chunk::<32>().ok_or(ProofError::Unsupported("this address has no key"))?;
    ed25519::verify(key, &algorand_message(case.message), &read_signature(&case.proof.signature)?)?;
    Ok(vec![Note::LedgerMayDiffer])
}

/// Checks a signature over the challenge as a signed message.
///
/// Source: NEP-413, "Signature": SHA-256 of tag, message, nonce, recipient and callback in Borsh. Only the id of an implicit account is a
/// key; the keys of a named account are on the chain.
pub(super) fn near(case: &Case<'_>) -> Result<Vec<Note>, ProofError> {
    let named = ProofError::Unsupported(
        "the keys of a named NEAR account are only on the chain; use an implicit account, whose name is its key",
    );
    let key = Some(&case.account.canonical).filter(|text| text.len() == 64).and_then(|text| from_hex(text)).ok_or(named)?;
    let expected = "NEP-413 requires a nonce of 32 bytes and the recipient";
    let item = case.proof.near.as_ref().ok_or(ProofError::Malformed { part: "near", expected })?;
    let nonce: Option<[u8; 32]> = from_base64(&item.nonce).and_then(|nonce| nonce.try_into().ok());
    let nonce = nonce.ok_or(ProofError::Malformed { part: "near", expected })?;
    if let Some(challenge) = case.challenge.as_ref().filter(|challenge| item.recipient != challenge.registry().as_str()) {
        let (challenged, proven) = (challenge.registry().to_string(), item.recipient.clone());
        return Err(ProofError::ChallengeMismatch { part: "registry", challenged, proven });
    }
    let digest = near_digest(case.message, nonce, &item.recipient, item.callback_url.as_deref());
    ed25519::verify(&key, &digest, &read_signature(&case.proof.signature)?)?;
    Ok(vec![Note::LedgerMayDiffer])
}

/// Reads 64 bytes in base 64, base 58 or hex; wallets use any of them.
fn read_signature(text: &str) -> Result<Vec<u8>, ProofError> {
    let base58 = || Some(text).filter(|text| text.len() <= 90).and_then(|text| bs58::decode(text).into_vec().ok());
    let readings = [from_hex(text), from_base64(text), base58()];
    let signature = readings.into_iter().flatten().find(|bytes| bytes.len() == 64);
    signature.ok_or(ProofError::signature("it must be 64 bytes in base 64, base 58 or hex"))
}

/// Returns the key of a Solana address. An address off the curve belongs to a program, and nobody has a key for it.
fn solana_key(address: &str) -> Result<Vec<u8>, ProofError> {
    let key = bs58::decode(address).into_vec().unwrap_or_default();
    let program = ProofError::Unsupported("this address is off the curve: it belongs to a program, and no key can sign for it");
    if ed25519::is_point(&key) { Ok(key) } else { Err(program) }
}

/// Returns the message with each header that a wallet may add.
fn solana_envelopes(key: &[u8], message: &[u8]) -> Vec<Vec<u8>> {
    const SIGNING_DOMAIN: &[u8] = b"\xffsolana offchain";
    let Ok(length) = u16::try_from(message.len()) else {
        return Vec::new();
    };
    let printable = message.iter().all(|byte| matches!(byte, 0x20..=0x7e));
    let short = message.len() <= SOLANA_HARDWARE_LENGTH_MAX;
    let formats = [(0, printable && short), (1, short), (2, true)].into_iter().filter(|(_, fits)| *fits);
    let headers = formats.flat_map(|(format, _)| {
        let bare = vec![0, format];
        let full = [&[0][..], &[0; 32], &[format, 1], key].concat();
        [bare, full]
    });
    headers.map(|header| [SIGNING_DOMAIN, &header, &length.to_le_bytes(), message].concat()).collect()
}

fn stellar_digest(message: &[u8]) -> [u8; 32] {
    sha256(&[b"Stellar Signed Message:\n", message])
}

fn algorand_message(message: &[u8]) -> Vec<u8> {
    [b"MX", message].concat()
}

fn near_digest(message: &[u8], nonce: [u8; 32], recipient: &str, callback: Option<&str>) -> [u8; 32] {
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes();
    let text = |bytes: &[u8]| [&length(bytes), bytes].concat();
    let callback = callback.map_or(vec![0], |url| [&[1], &text(url.as_bytes())[..]].concat());
    sha256(&[&NEAR_TAG.to_le_bytes(), &text(message), &nonce, &text(recipient.as_bytes()), &callback])
}

#[cfg(test)]
mod tests;
