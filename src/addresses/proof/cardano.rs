//! Cardano accounts: COSE_Sign1 as wallets return it from `signData`. The header must contain exactly this address, and the payment part of
//! the address must belong to the key. A signature by the stake key proves the stake key only.

use super::bytes::{blake2b_224, from_hex};
use super::error::ProofError;
use super::{Case, Note, ed25519};
use ciborium::Value;

/// COSE's label for the algorithm, and the value for EdDSA. Source: RFC 9053, table 2.
const ALGORITHM: i64 = 1;
const EDDSA: i64 = -8;

/// The tag of COSE_Sign1. Source: RFC 9052, section 2.
const SIGN1_TAG: u64 = 18;

/// A parsed COSE_Sign1.
#[derive(Debug)]
struct Signed {
    protected: Vec<u8>,
    address: Vec<u8>,
    hashed: bool,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

/// Checks a signature over the challenge as signed data.
///
/// Source: CIP-30, `api.signData`; CIP-8, "Overview", "Signing and Verification Process".
pub(super) fn verify(case: &Case<'_>) -> Result<Vec<Note>, ProofError> {
    let key = read_key(&from_hex(case.public_key()?).ok_or(ProofError::public_key("it must be in hex"))?)?;
    let signed = read_signed(&from_hex(&case.proof.signature).ok_or(ProofError::signature("it must be in hex"))?)?;
    expect_address(case, &signed.address, &key)?;
    verify_signed(&signed, case.message, &key)?;
    Ok(Vec::new())
}

/// Checks that the address in the header is that of the proof, and that its payment part belongs to the key.
///
/// Source: CIP-19, "Shelley addresses": the high half of the header is the type; its bit 4 marks a script.
fn expect_address(case: &Case<'_>, address: &[u8], key: &[u8]) -> Result<(), ProofError> {
    let Some((header, rest)) = address.split_first() else {
        return Err(ProofError::signature("its header must name an address"));
    };
    let format = match header >> 4 {
        0..=3 => "base",
        4 | 5 => "pointer",
        6 | 7 => "enterprise",
        8 => return Err(ProofError::Unsupported("the key of a Byron address is in attributes that no wallet provides")),
        _ => return Err(ProofError::WrongKey { found: Some("a stake address, which proves only the stake key".to_owned()) }),
    };
    case.expect_account(format, &[*header], rest)?;
    if header & 0x10 != 0 {
        return Err(ProofError::Unsupported(
            "a script controls this address; whether it agrees can only be checked on the chain",
        ));
    }
    let own = rest.first_chunk::<28>() == Some(&blake2b_224(key));
    if own { Ok(()) } else { Err(ProofError::WrongKey { found: None }) }
}

/// Checks that the payload is the message, and that the key made the signature.
fn verify_signed(signed: &Signed, message: &[u8], key: &[u8]) -> Result<(), ProofError> {
    let expected = if signed.hashed { blake2b_224(message).to_vec() } else { message.to_vec() };
    if signed.payload != expected {
        return Err(ProofError::WrongMessage);
    }
    ed25519::verify(key, &signed_bytes(signed)?, &signed.signature)
}

/// Source: RFC 9052, section 4.4: the signed structure, with the original bytes of the protected header.
fn signed_bytes(signed: &Signed) -> Result<Vec<u8>, ProofError> {
    let bytes = |bytes: &[u8]| Value::Bytes(bytes.to_vec());
    let parts = [Value::Text("Signature1".to_owned()), bytes(&signed.protected), bytes(&[]), bytes(&signed.payload)];
    let mut written = Vec::new();
    let done = ciborium::into_writer(&Value::Array(parts.into()), &mut written);
    done.map_err(|_| ProofError::signature("it cannot be encoded again"))?;
    Ok(written)
}

fn read_signed(bytes: &[u8]) -> Result<Signed, ProofError> {
    let wrong = || ProofError::signature("it must be COSE_Sign1 with EdDSA, an address in the header and a payload");
    let value = match read_value(bytes).ok_or_else(wrong)? {
        Value::Tag(SIGN1_TAG, inner) => *inner,
        value => value,
    };
    let parts: [Value; 4] = value.into_array().ok().and_then(|parts| parts.try_into().ok()).ok_or_else(wrong)?;
    let [protected, unprotected, payload, signature] = parts;
    let (Value::Bytes(protected), Value::Map(unprotected)) = (protected, unprotected) else {
        return Err(wrong());
    };
    let (Value::Bytes(payload), Value::Bytes(signature)) = (payload, signature) else {
        return Err(wrong());
    };
    let header = read_value(&protected).and_then(|header| header.into_map().ok()).ok_or_else(wrong)?;
    let address = get(&header, &Value::from("address")).and_then(Value::as_bytes).ok_or_else(wrong)?.clone();
    if get(&header, &Value::from(ALGORITHM)) != Some(&Value::from(EDDSA)) {
        return Err(wrong());
    }
    let hashed = read_hashed(&unprotected).ok_or_else(wrong)?;
    Ok(Signed { protected, address, hashed, payload, signature })
}

/// Reads the flag of CIP-8. The unprotected header is not signed, so nothing else is allowed in it.
fn read_hashed(unprotected: &[(Value, Value)]) -> Option<bool> {
    match unprotected {
        [] => Some(false),
        [(label, value)] if *label == Value::from("hashed") => value.as_bool(),
        _ => None,
    }
}

/// Source: RFC 9053, section 7.2: key type 1 (octet pairs), curve 6 (Ed25519), `x` under -2.
fn read_key(bytes: &[u8]) -> Result<Vec<u8>, ProofError> {
    let wrong = || ProofError::public_key("it must be a COSE_Key of Ed25519");
    let key = read_value(bytes).and_then(|key| key.into_map().ok()).ok_or_else(wrong)?;
    let is = |label: i64, value: i64| get(&key, &Value::from(label)) == Some(&Value::from(value));
    let x = get(&key, &Value::from(-2)).and_then(Value::as_bytes).filter(|x| x.len() == 32);
    x.filter(|_| is(1, 1) && is(-1, 6)).cloned().ok_or_else(wrong)
}

/// Reads one value that fills the bytes.
fn read_value(mut bytes: &[u8]) -> Option<Value> {
    let value = ciborium::from_reader(&mut bytes).ok()?;
    bytes.is_empty().then_some(value)
}

/// Returns the value of a label that occurs once in a map. If it occurred twice, another reader could use the other value.
fn get<'a>(map: &'a [(Value, Value)], label: &Value) -> Option<&'a Value> {
    let mut found = map.iter().filter(|(key, _)| key == label);
    let (_, value) = found.next()?;
    found.next().is_none().then_some(value)
}

#[cfg(test)]
mod tests;
