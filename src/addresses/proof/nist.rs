//! ECDSA over P-256, under a given key.

use super::error::ProofError;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::ecdsa::{Signature, VerifyingKey};

/// Checks 64 bytes `r ‖ s` over a digest.
///
/// # Errors
/// `Malformed` where key or signature are none of the curve or `s` is the higher one, `WrongMessage` where the signature does
/// not hold.
pub(super) fn verify(key: &[u8], digest: &[u8; 32], r_s: &[u8]) -> Result<(), ProofError> {
    let key = VerifyingKey::from_sec1_bytes(key).map_err(|_| ProofError::public_key("it must be a point of the curve"))?;
    let signature =
        Signature::from_slice(r_s).map_err(|_| ProofError::signature("r and s must be 32 bytes each, on the curve"))?;
    if signature.normalize_s() != signature {
        return Err(ProofError::signature("s must be in the lower half of the curve's order"));
    }
    key.verify_prehash(digest, &signature).map_err(|_| ProofError::WrongMessage)
}
