//! Accounts of Cosmos chains: arbitrary data in the sign document of ADR-036, which no chain executes as a transaction.

use super::bytes::{from_base64, hash160, keccak256, sha256, to_base64};
use super::error::ProofError;
use super::evm::account_of;
use super::secp::Key;
use super::{Case, Note};

/// Checks a signature over the challenge as arbitrary data.
///
/// Source: Cosmos SDK ADR-036; Keplr `packages/cosmos/src/adr-36/amino.ts`: SHA-256 of the canonical document and an address
/// of RIPEMD-160(SHA-256(key)); on chains with Ethereum's keys Keccak-256 for both.
pub(super) fn verify(case: &Case<'_>) -> Result<Vec<Note>, ProofError> {
    let key = from_base64(case.public_key()?).filter(|key| key.len() == 33).and_then(|key| Key::read(&key));
    let key = key.ok_or(ProofError::public_key("it must be a compressed secp256k1 key in base 64"))?;
    let signature = from_base64(&case.proof.signature).ok_or(ProofError::signature("it must be in base 64"))?;
    let document = document(&case.account.canonical, case.message);
    if case.is_account("account", &[], &account_of(key)) {
        key.verify(&keccak256(&[document.as_bytes()]), &signature)?;
    } else {
        case.expect_account("account", &[], &hash160(&key.compressed()))?;
        key.verify(&sha256(&[document.as_bytes()]), &signature)?;
    }
    Ok(Vec::new())
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
