//! ECDSA over P-256, under a given key.

use super::error::ProofError;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::ecdsa::{Signature, VerifyingKey};

/// Checks 64 bytes `r ‖ s` over a digest, whichever of the two `s` it has.
///
/// # Errors
/// `Malformed` where key or signature are none of the curve, `WrongMessage` where the signature does not hold.
pub(super) fn verify(key: &[u8], digest: &[u8; 32], r_s: &[u8]) -> Result<(), ProofError> {
    let key = VerifyingKey::from_sec1_bytes(key).map_err(|_| ProofError::public_key("it must be a point of the curve"))?;
    key.verify_prehash(digest, &read(r_s)?).map_err(|_| ProofError::WrongMessage)
}

/// Refuses the higher of the two `s`.
///
/// # Errors
/// `Malformed` where it is the higher, or as `verify`.
pub(super) fn require_low(r_s: &[u8]) -> Result<(), ProofError> {
    let signature = read(r_s)?;
    let low = signature.normalize_s() == signature;
    if low { Ok(()) } else { Err(ProofError::signature("s must be in the lower half of the curve's order")) }
}

fn read(r_s: &[u8]) -> Result<Signature, ProofError> {
    Signature::from_slice(r_s).map_err(|_| ProofError::signature("r and s must be 32 bytes each, on the curve"))
}
