//! BIP-322, Bitcoin's generic signed message: the simple and the full form, with and without their prefix. Scripts that the verifier cannot
//! interpret ("inconclusive" in the standard) and proofs of funds are refused as unsupported, never accepted.

use std::str::FromStr;

use super::bytes::from_base64;
use super::error::ProofError;
use super::secp::Key;
use super::{Case, Note, bitcoin_message};
use ::bip322::{Error, Verification};
use bitcoin::consensus::deserialize;
use bitcoin::{Address, Sequence, Transaction, TxIn, Witness};

/// The length, in bytes, of a signature as in BIP-137, which BIP-322 still allows for plain addresses.
const LEGACY_LENGTH: usize = 65;

/// Checks a signature over the challenge as a generic signed message, and returns the key that it shows.
///
/// Source: BIP-322, "Verification", "Signature formats".
pub(super) fn verify(case: &Case<'_>) -> Result<(Option<Key>, Vec<Note>), ProofError> {
    let plain = case.account.canonical.starts_with(['1', 'm', 'n']);
    if plain && from_base64(&case.proof.signature).is_some_and(|bytes| bytes.len() == LEGACY_LENGTH) {
        return bitcoin_message::verify(case).map(|(key, notes)| (Some(key), notes));
    }
    let notes = verify_text(&case.account.canonical, case.message, &case.proof.signature)?;
    Ok((shown_key(&case.proof.signature), notes))
}

/// Returns what may be the key that a signature shows: the last item of the witness, which ends the simple form, and ends the full form but for
/// the lock time.
fn shown_key(signature: &str) -> Option<Key> {
    let text = signature.strip_prefix("smp").or_else(|| signature.strip_prefix("ful")).unwrap_or(signature);
    let bytes = from_base64(text)?;
    let before = |lock_time: usize| Key::read(bytes.get(..bytes.len().checked_sub(lock_time)?)?.last_chunk::<33>()?);
    before(0).or_else(|| before(4))
}

/// Verifies address, message and signature, as the standard defines.
fn verify_text(address: &str, message: &[u8], signature: &str) -> Result<Vec<Note>, ProofError> {
    let address = Address::from_str(address).map_err(|_| ProofError::Unsupported("this address has no script"))?.assume_checked();
    let decode = |text| from_base64(text).ok_or(ProofError::signature("it must be in base 64"));
    let full = ProofError::signature("the full form must be a transaction");
    let simple = ProofError::signature("the simple form must be a witness stack");
    if let Some(text) = signature.strip_prefix("smp") {
        let witness = deserialize(&decode(text)?).map_err(|_| simple)?;
        return verify_simple(&address, message, witness);
    }
    if let Some(text) = signature.strip_prefix("ful") {
        let transaction = deserialize(&decode(text)?).map_err(|_| full)?;
        return verify_full(&address, message, transaction);
    }
    if signature.starts_with("pof") {
        return Err(ProofError::Unsupported("a proof of funds also names coins, which can only be checked on the chain"));
    }
    // Without a prefix, it is the simple form. Wallets from before the prefixes also wrote the full form without one.
    let bytes = decode(signature)?;
    match (deserialize::<Witness>(&bytes), deserialize::<Transaction>(&bytes)) {
        (Ok(witness), _) => verify_simple(&address, message, witness),
        (_, Ok(transaction)) => verify_full(&address, message, transaction),
        _ => Err(simple),
    }
}

fn verify_simple(address: &Address, message: &[u8], witness: Witness) -> Result<Vec<Note>, ProofError> {
    let several = witness.len() > 2;
    conclude(address, ::bip322::verify_simple(address, message, witness), several)
}

fn verify_full(address: &Address, message: &[u8], transaction: Transaction) -> Result<Vec<Note>, ProofError> {
    // A pre-segwit script has its signatures in the input script instead of the witness.
    let older = |input: &TxIn| input.witness.is_empty() && address.script_pubkey().is_p2sh();
    let several = transaction.input.iter().any(|input| input.witness.len() > 2 || older(input));
    conclude(address, ::bip322::verify_full(address, message, transaction), several)
}

fn conclude(address: &Address, result: Result<Verification, Error>, several: bool) -> Result<Vec<Note>, ProofError> {
    const SCRIPT: ProofError = ProofError::Unsupported("plain multi-signatures are the only scripts that can be checked");
    let script = address.script_pubkey();
    match result {
        Ok(Verification::Valid { time, age }) => {
            let locked = time.to_consensus_u32() != 0 || age != Sequence(0);
            let notes = [(several, Note::SeveralKeys), (locked, Note::TimeLocked)];
            Ok(notes.into_iter().filter(|(holds, _)| *holds).map(|(_, note)| note).collect())
        }
        Ok(Verification::Inconclusive) => Err(SCRIPT),
        // Another type of script is spent with another form of witness.
        Err(Error::InvalidWitness) if script.is_p2wsh() || script.is_p2sh() || script.is_p2tr() => Err(SCRIPT),
        Err(Error::PublicKeyMismatch) => Err(ProofError::WrongKey { found: None }),
        // The transaction spends an output that is made from message and address, so this one is for another text or address.
        Err(Error::SignatureInvalid { .. } | Error::ToSignInvalid) => Err(ProofError::WrongMessage),
        Err(_) => {
            Err(ProofError::signature("its witness must match the type of the address, and its signatures must cover everything"))
        }
    }
}

#[cfg(test)]
mod tests;
