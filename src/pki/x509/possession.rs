//! Checks that a message was signed by the key of a certificate: a member proves in this way that it holds the key that it publishes.

use super::der::{Key, SIGNATURES, contents};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

/// Tells whether the key of a certificate signed a message, with any accepted algorithm of that key: ECDSA (DER) with SHA-256, SHA-384 or
/// SHA-512, RSA PKCS #1 v1.5 or PSS, or Ed25519. The result is false for a key that cannot sign (X25519).
#[must_use]
pub fn is_signed_by(certificate: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let Ok((_, read)) = X509Certificate::from_der(certificate) else { return false };
    let Some(key) = contents(read.public_key().raw).and_then(Key::read) else { return false };
    let of_key = SIGNATURES.iter().filter(|algorithm| algorithm.public_key_alg_id().as_ref() == key.algorithm);
    of_key.into_iter().any(|algorithm| algorithm.verify_signature(key.bits, message, signature).is_ok())
}
