//! ECDSA over P-256 with a given key.

use super::error::ProofError;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::ecdsa::{Signature, VerifyingKey};

/// Checks 64 bytes `r ‖ s` over a digest.
///
/// # Errors
/// `Malformed` if the key or the signature is not valid on the curve, or if `s` is the higher of its two values; `WrongMessage` if the
/// signature does not match.
pub(super) fn verify(key: &[u8], digest: &[u8; 32], r_s: &[u8]) -> Result<(), ProofError> {
    let key = VerifyingKey::from_sec1_bytes(key).map_err(|_| ProofError::public_key("it must be a point of the curve"))?;
    let signature =
        Signature::from_slice(r_s).map_err(|_| ProofError::signature("r and s must be 32 bytes each, on the curve"))?;
    if signature.normalize_s() != signature {
        return Err(ProofError::signature("s must be in the lower half of the curve's order"));
    }
    key.verify_prehash(digest, &signature).map_err(|_| ProofError::WrongMessage)
}
