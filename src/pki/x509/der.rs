//! Splits the two DER structures that signature checks need: signed data, and a public key. Returns slices only; libraries read their
//! content.

use x509_parser::asn1_rs::{Any, FromDer, Tag};

use rustls::pki_types::SignatureVerificationAlgorithm;
use webpki::aws_lc_rs as algorithms;

/// The accepted signature algorithms for certificates, revocation lists and proofs of possession.
///
/// Source: CA/B Baseline Requirements, section 7.1.3.2 (SHA-256 and longer), and Ed25519 (RFC 8410).
pub(super) static SIGNATURES: &[&dyn SignatureVerificationAlgorithm] = &[
    algorithms::ECDSA_P256_SHA256,
    algorithms::ECDSA_P256_SHA384,
    algorithms::ECDSA_P256_SHA512,
    algorithms::ECDSA_P384_SHA256,
    algorithms::ECDSA_P384_SHA384,
    algorithms::ECDSA_P384_SHA512,
    algorithms::ECDSA_P521_SHA256,
    algorithms::ECDSA_P521_SHA384,
    algorithms::ECDSA_P521_SHA512,
    algorithms::ED25519,
    algorithms::RSA_PKCS1_2048_8192_SHA256,
    algorithms::RSA_PKCS1_2048_8192_SHA256_ABSENT_PARAMS,
    algorithms::RSA_PKCS1_2048_8192_SHA384,
    algorithms::RSA_PKCS1_2048_8192_SHA384_ABSENT_PARAMS,
    algorithms::RSA_PKCS1_2048_8192_SHA512,
    algorithms::RSA_PKCS1_2048_8192_SHA512_ABSENT_PARAMS,
    algorithms::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
    algorithms::RSA_PSS_2048_8192_SHA384_LEGACY_KEY,
    algorithms::RSA_PSS_2048_8192_SHA512_LEGACY_KEY,
];

/// The parts of a certificate or a list that its signature needs.
pub(super) struct Signed<'a> {
    /// The whole signed part.
    message: &'a [u8],
    /// The content of the algorithm identifier.
    algorithm: &'a [u8],
    signature: &'a [u8],
}

impl<'a> Signed<'a> {
    /// Splits a certificate or a list into its parts.
    pub(super) fn read(der: &'a [u8]) -> Option<Self> {
        let (message, rest) = element(contents(der)?)?;
        let (algorithm, rest) = element(rest)?;
        let (signature, rest) = element(rest)?;
        let signed = Self { message, algorithm: contents(algorithm)?, signature: bits(signature)? };
        rest.is_empty().then_some(signed)
    }

    /// Tells whether a key made the signature; `spki` is the content of the subject's public key information.
    pub(super) fn is_signed_by(&self, spki: &[u8]) -> bool {
        let Some(key) = Key::read(spki) else { return false };
        let fits = |candidate: &&&dyn SignatureVerificationAlgorithm| {
            candidate.signature_alg_id().as_ref() == self.algorithm && candidate.public_key_alg_id().as_ref() == key.algorithm
        };
        SIGNATURES.iter().filter(fits).any(|found| found.verify_signature(key.bits, self.message, self.signature).is_ok())
    }
}

/// A public key.
pub(super) struct Key<'a> {
    /// The content of the algorithm identifier.
    pub(super) algorithm: &'a [u8],
    /// The key.
    pub(super) bits: &'a [u8],
}

impl<'a> Key<'a> {
    /// Splits the content of a subject's public key information into its parts.
    pub(super) fn read(spki: &'a [u8]) -> Option<Self> {
        let (algorithm, rest) = element(spki)?;
        let (key, rest) = element(rest)?;
        let key = Self { algorithm: contents(algorithm)?, bits: bits(key)? };
        rest.is_empty().then_some(key)
    }
}

/// Returns the content of the one SEQUENCE that fills all of `der`.
pub(super) fn contents(der: &[u8]) -> Option<&[u8]> {
    let (rest, any) = Any::from_der(der).ok()?;
    (rest.is_empty() && any.tag() == Tag::Sequence).then_some(any.data)
}

/// Splits off the first element, with its header.
fn element(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (rest, _) = Any::from_der(der).ok()?;
    Some((der.get(..der.len().checked_sub(rest.len())?)?, rest))
}

/// Returns the bits of a BIT STRING that has no unused bits.
fn bits(der: &[u8]) -> Option<&[u8]> {
    let (rest, any) = Any::from_der(der).ok()?;
    let bits = any.data.strip_prefix(&[0])?;
    (rest.is_empty() && any.tag() == Tag::BitString).then_some(bits)
}
