//! Accounts of EVM networks: EIP-191 version 0x45 (`personal_sign`), and EIP-712 typed data in one fixed form. A signature longer than 65
//! bytes belongs to a contract wallet (ERC-1271, ERC-6492). Only its chain can verify it, so it is unsupported.

use super::bytes::{from_hex, keccak256};
use super::challenge::PURPOSE;
use super::error::ProofError;
use super::secp::{Key, Recoverable};
use super::{Case, Challenge, Note, typed_data as any_typed_data};
use serde_json::{Value, json};

/// The name in the domain of our typed data.
const DOMAIN_NAME: &str = "VASP registry";

/// The version in the domain of our typed data; it increases with the challenge's title.
const DOMAIN_VERSION: &str = "1";

const DOMAIN_TYPE: &str = "EIP712Domain(string name,string version,uint256 chainId)";

const CHALLENGE_TYPE: &str = "OwnershipChallenge(string registry,string vasp,string network,address account,bytes16 nonce,\
                              string issued,string expires,string purpose)";

/// Checks a signature over the challenge as a personal message.
///
/// Source: EIP-191, "Version 0x45 (E)": the length is in bytes.
pub(super) fn verify_message(case: &Case<'_>) -> Result<Vec<Note>, ProofError> {
    expect_signer(case, &message_digest(case.message))
}

/// Checks a signature over the challenge as typed data in the form of `typed_data`.
///
/// Source: EIP-712, "Definition of the signing process". The chain id is that of the network, so a proof for one chain is not valid for
/// another.
pub(super) fn verify_typed_data(case: &Case<'_>) -> Result<Vec<Note>, ProofError> {
    let digest = match &case.challenge {
        Some(challenge) => typed_digest(challenge).ok_or(ProofError::Unsupported("typed data requires a chain with a numeric id"))?,
        None => any_typed_data::digest(case.message).ok_or(ProofError::Malformed {
            part: "message",
            expected: "it must be typed data as JSON with `types`, `primaryType`, `domain` and `message`, and must define every type that it names",
        })?,
    };
    expect_signer(case, &digest)
}

/// Returns the typed data of a challenge for a wallet's `eth_signTypedData_v4`; `None` if its network has no chain number.
#[must_use]
pub fn typed_data(challenge: &Challenge) -> Option<Value> {
    let field = |name: &str, kind: &str| json!({ "name": name, "type": kind });
    Some(json!({
        "types": {
            "EIP712Domain": [field("name", "string"), field("version", "string"), field("chainId", "uint256")],
            "OwnershipChallenge": [
                field("registry", "string"), field("vasp", "string"), field("network", "string"), field("account", "address"),
                field("nonce", "bytes16"), field("issued", "string"), field("expires", "string"), field("purpose", "string"),
            ],
        },
        "primaryType": "OwnershipChallenge",
        "domain": { "name": DOMAIN_NAME, "version": DOMAIN_VERSION, "chainId": chain_id(challenge)? },
        "message": {
            "registry": challenge.registry().as_str(),
            "vasp": challenge.vasp().to_string(),
            "network": challenge.network().as_str(),
            "account": challenge.address(),
            "nonce": format!("0x{}", challenge.nonce()),
            "issued": challenge.issued().to_string(),
            "expires": challenge.expires().to_string(),
            "purpose": PURPOSE,
        },
    }))
}

/// Returns the 20 bytes of the account of a key.
///
/// Source: Ethereum Yellow Paper, appendix F: the last 20 bytes of Keccak-256 of the key without its leading 4.
pub(super) fn account_of(key: Key) -> [u8; 20] {
    let hash = key.uncompressed().split_first().map(|(_, point)| keccak256(&[point])).unwrap_or_default();
    hash.last_chunk().copied().unwrap_or_default()
}

/// Reads 65 bytes `r ‖ s ‖ v` in hex, with `v` 27, 28, 0 or 1, or the 64 bytes of EIP-2098.
pub(super) fn read_signature(text: &str) -> Result<Recoverable, ProofError> {
    let bytes = from_hex(text).ok_or(ProofError::signature("it must be in hex"))?;
    match (bytes.len(), bytes.split_at_checked(64)) {
        (65, Some((r_s, [v]))) => {
            let id = match v {
                27 | 28 => v - 27,
                0 | 1 => *v,
                _ => return Err(ProofError::signature("its last byte must be 27, 28, 0 or 1")),
            };
            Recoverable::new(r_s, id)
        }
        (64, _) => read_compact(&bytes),
        (0..64, _) => Err(ProofError::signature("it must have 65 bytes")),
        _ => Err(ProofError::Unsupported(
            "a signature of more than 65 bytes comes from a contract wallet (ERC-1271, ERC-6492), and can only be checked on the chain",
        )),
    }
}

/// Source: EIP-2098: the parity is the top bit of `s`.
fn read_compact(bytes: &[u8]) -> Result<Recoverable, ProofError> {
    let mut bytes = bytes.to_vec();
    let top = bytes.get_mut(32).ok_or(ProofError::signature("it must have 65 bytes"))?;
    let parity = *top >> 7;
    *top &= 0x7f;
    Recoverable::new(&bytes, parity)
}

fn expect_signer(case: &Case<'_>, digest: &[u8; 32]) -> Result<Vec<Note>, ProofError> {
    let key = read_signature(&case.proof.signature)?.key(digest)?;
    case.expect_account("evm", &[], &account_of(key))?;
    Ok(Vec::new())
}

fn message_digest(message: &[u8]) -> [u8; 32] {
    keccak256(&[b"\x19Ethereum Signed Message:\n", message.len().to_string().as_bytes(), message])
}

fn chain_id(challenge: &Challenge) -> Option<u64> {
    challenge.network().reference().parse().ok()
}

fn typed_digest(challenge: &Challenge) -> Option<[u8; 32]> {
    let text = |text: &str| keccak256(&[text.as_bytes()]);
    let domain = hash_struct(DOMAIN_TYPE, &[text(DOMAIN_NAME), text(DOMAIN_VERSION), number(chain_id(challenge)?)]);
    let account: [u8; 20] = from_hex(challenge.address())?.try_into().ok()?;
    let message = hash_struct(
        CHALLENGE_TYPE,
        &[
            text(challenge.registry().as_str()),
            text(&challenge.vasp().to_string()),
            text(challenge.network().as_str()),
            address(account),
            bytes16(*challenge.nonce().as_bytes()),
            text(&challenge.issued().to_string()),
            text(&challenge.expires().to_string()),
            text(PURPOSE),
        ],
    );
    Some(keccak256(&[b"\x19\x01", &domain, &message]))
}

/// Source: EIP-712, "Definition of hashStruct".
fn hash_struct(encoded_type: &str, fields: &[[u8; 32]]) -> [u8; 32] {
    keccak256(&[&keccak256(&[encoded_type.as_bytes()]), &fields.concat()])
}

/// Writes a number at the right end of its word.
fn number(value: u64) -> [u8; 32] {
    let mut word = [0; 32];
    word.iter_mut().rev().zip(value.to_le_bytes()).for_each(|(to, from)| *to = from);
    word
}

fn address(account: [u8; 20]) -> [u8; 32] {
    let mut word = [0; 32];
    word.iter_mut().rev().zip(account.into_iter().rev()).for_each(|(to, from)| *to = from);
    word
}

/// Writes fixed bytes at the left end of their word.
fn bytes16(bytes: [u8; 16]) -> [u8; 32] {
    let mut word = [0; 32];
    word.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
    word
}

#[cfg(test)]
mod tests;
