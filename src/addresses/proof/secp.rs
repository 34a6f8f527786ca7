//! ECDSA over secp256k1: recovers keys from signatures, and checks signatures with a given key. A high `s` is refused, because anybody can
//! turn a signature into its form with the other `s`. Only BIP-137 accepts both, because its wallets write both.

use super::error::ProofError;
use k256::ecdsa::signature::hazmat::PrehashVerifier;
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};

/// A signature from which the key can be recovered.
#[derive(Debug)]
pub(super) struct Recoverable {
    signature: Signature,
    id: RecoveryId,
}

/// A public key on the curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key(VerifyingKey);

impl Recoverable {
    /// Reads 64 bytes `r ‖ s` and a recovery id from 0 to 3.
    ///
    /// # Errors
    /// `ProofError::Malformed` if `r` or `s` is not valid on the curve, if `s` is high, or if the id is another number.
    pub(super) fn new(r_s: &[u8], id: u8) -> Result<Self, ProofError> {
        Self::of(low(r_s)?, id)
    }

    /// Reads 64 bytes `r ‖ s` with either `s`, and a recovery id from 0 to 3. A high `s` is changed to the low one; the other parity then
    /// gives the same key.
    ///
    /// # Errors
    /// As for `new`, except for a high `s`.
    pub(super) fn with_either_s(r_s: &[u8], id: u8) -> Result<Self, ProofError> {
        let signature = read(r_s)?;
        let low = signature.normalize_s();
        Self::of(low, if low == signature { id } else { id ^ 1 })
    }

    fn of(signature: Signature, id: u8) -> Result<Self, ProofError> {
        let id = RecoveryId::from_byte(id).ok_or(ProofError::signature("its recovery id must be 0 to 3"))?;
        Ok(Self { signature, id })
    }

    /// Returns the key that made the signature over this digest.
    ///
    /// # Errors
    /// `ProofError::WrongKey` if there is no such key.
    pub(super) fn key(&self, digest: &[u8; 32]) -> Result<Key, ProofError> {
        let key = VerifyingKey::recover_from_prehash(digest, &self.signature, self.id);
        let key = key.map_err(|_| ProofError::WrongKey { found: None })?;
        // Recovery alone gives a key even for invalid input, so the signature must also be valid for that key.
        let holds = key.verify_prehash(digest, &self.signature).is_ok();
        if holds { Ok(Key(key)) } else { Err(ProofError::WrongKey { found: None }) }
    }
}

impl Key {
    /// Reads 33 compressed or 65 uncompressed bytes.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let known = matches!((bytes.len(), bytes.first()), (33, Some(2 | 3)) | (65, Some(4)));
        if known { VerifyingKey::from_sec1_bytes(bytes).ok().map(Self) } else { None }
    }

    /// Checks 64 bytes `r ‖ s` over a digest.
    ///
    /// # Errors
    /// `ProofError::Malformed` as in `Recoverable::new`, `WrongMessage` if the signature is not valid.
    pub(super) fn verify(self, digest: &[u8; 32], r_s: &[u8]) -> Result<(), ProofError> {
        self.0.verify_prehash(digest, &low(r_s)?).map_err(|_| ProofError::WrongMessage)
    }

    /// Checks a DER signature over a digest.
    pub(super) fn verify_der(self, digest: &[u8; 32], der: &[u8]) -> Result<(), ProofError> {
        let signature = Signature::from_der(der).map_err(|_| ProofError::signature("it must be in strict DER"))?;
        self.verify(digest, &signature.to_bytes())
    }

    /// Returns the 33 compressed bytes.
    pub(super) fn compressed(self) -> Vec<u8> {
        self.0.to_sec1_point(true).as_bytes().to_vec()
    }

    /// Returns the 65 uncompressed bytes.
    pub(super) fn uncompressed(self) -> Vec<u8> {
        self.0.to_sec1_point(false).as_bytes().to_vec()
    }
}

fn read(r_s: &[u8]) -> Result<Signature, ProofError> {
    Signature::from_slice(r_s).map_err(|_| ProofError::signature("r and s must be 32 bytes each, on the curve"))
}

fn low(r_s: &[u8]) -> Result<Signature, ProofError> {
    let signature = read(r_s)?;
    let low = signature.normalize_s() == signature;
    if low { Ok(signature) } else { Err(ProofError::signature("s must be in the lower half of the curve's order")) }
}
