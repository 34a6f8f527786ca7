//! Accounts of Cosmos chains: arbitrary data in the sign document of ADR-036, which no chain executes as a transaction.

use super::Case;
use super::bytes::{from_base64, hash160, keccak256, sha256, to_base64};
use super::error::ProofError;
use super::evm::account_of;
use super::secp::Key;
use crate::address::Controller;

/// Checks a signature over the challenge as arbitrary data. Returns the controller that the key is. A chain accepts the kinds of keys whose
/// classes its accounts have.
///
/// Source: Cosmos SDK ADR-036; Keplr `packages/cosmos/src/adr-36/amino.ts`: SHA-256 of the canonical document and an address
/// of RIPEMD-160(SHA-256(key)); on chains with Ethereum's keys Keccak-256 for both.
pub(super) fn verify(case: &Case<'_>) -> Result<Controller, ProofError> {
    let key = from_base64(case.public_key()?).filter(|key| key.len() == 33).and_then(|key| Key::read(&key));
    let key = key.ok_or(ProofError::public_key("it must be a compressed secp256k1 key in base 64"))?;
    let signature = from_base64(&case.proof.signature).ok_or(ProofError::signature("it must be in base 64"))?;
    let document = document(&case.account.canonical, case.message);
    let document = document.as_bytes();
    let kinds = [("evm", account_of(key), keccak256(&[document])), ("hash160", hash160(&key.compressed()), sha256(&[document]))];
    let mut found = None;
    for (class, payload, digest) in kinds {
        let is_of = |one: &&Controller| case.table.class(one.class).is_some_and(|of| of.id == class);
        let Some(controller) = case.account.controllers.iter().find(is_of) else { continue };
        if controller.bytes.as_bytes() == payload {
            key.verify(&digest, &signature)?;
            return Ok(controller.clone());
        }
        found = case.canonical("account", &[], &payload);
    }
    Err(ProofError::WrongKey { found })
}

/// Writes the sign document: sorted members, no whitespace. The values need no escaping.
fn document(signer: &str, message: &[u8]) -> String {
    let data = to_base64(message);
    format!(
        r#"{{"account_number":"0","chain_id":"","fee":{{"amount":[],"gas":"0"}},"memo":"","msgs":[{{"type":"sign/MsgSignData","value":{{"data":"{data}","signer":"{signer}"}}}}],"sequence":"0"}}"#
    )
}

#[cfg(test)]
mod tests;
