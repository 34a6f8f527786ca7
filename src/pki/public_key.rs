//! Public keys that members submit, in certificate requests and as message keys. They are read, checked against the accepted kinds, and
//! written again as SubjectPublicKeyInfo. Private keys are never accepted.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ParsedPublicKey, VerificationAlgorithm};
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey as Parsed;
use x509_parser::x509::SubjectPublicKeyInfo;
use yasna::models::ObjectIdentifier;

/// The accepted sizes of RSA keys, in bits.
///
/// Source: NIST SP 800-131A revision 2, section 3 (at least 2,048); 8,192 is the largest size that the library verifies.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2_048..=8_192;

/// A checked public key of an accepted kind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PublicKey {
    /// RSA: modulus and exponent, big-endian without leading zeros.
    Rsa {
        /// The modulus.
        n: Vec<u8>,
        /// The exponent.
        e: Vec<u8>,
    },
    /// A point on NIST P-256, uncompressed.
    P256([u8; 65]),
    /// A point on NIST P-384, uncompressed.
    P384([u8; 97]),
    /// An Ed25519 key.
    Ed25519([u8; 32]),
    /// An X25519 key.
    X25519([u8; 32]),
}

/// Why a public key is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublicKeyError {
    /// It is not the DER or PEM of a public key.
    #[error("the public key cannot be read: it must be a SubjectPublicKeyInfo (PEM label PUBLIC KEY)")]
    Unreadable,
    /// The kind of key is not accepted.
    #[error(
        "this kind of key is not accepted: use RSA with 2,048 to 8,192 bits, EC P-256, EC P-384 or Ed25519, or X25519 for encryption"
    )]
    Kind,
    /// The RSA key has another size.
    #[error("an RSA key must have 2,048 to 8,192 bits, not {0}")]
    RsaSize(usize),
    /// The RSA key is not valid.
    #[error("the RSA key is not safe: modulus and exponent must be odd, and the exponent must be at least 65,537")]
    RsaParameters,
    /// The key is not a point on the curve, or it is weak.
    #[error("the key is not a point of its curve, or is a weak point")]
    Point,
}

const RSA: &[u64] = &[1, 2, 840, 113_549, 1, 1, 1];
const EC: &[u64] = &[1, 2, 840, 10_045, 2, 1];
const P256: &[u64] = &[1, 2, 840, 10_045, 3, 1, 7];
const P384: &[u64] = &[1, 3, 132, 0, 34];
const X25519: &[u64] = &[1, 3, 101, 110];
const ED25519: &[u64] = &[1, 3, 101, 112];

fn dotted(oid: &[u64]) -> String {
    oid.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}

impl PublicKey {
    /// Reads the DER of a SubjectPublicKeyInfo; no bytes may follow.
    ///
    /// # Errors
    /// Every `PublicKeyError`.
    pub fn from_spki(der: &[u8]) -> Result<Self, PublicKeyError> {
        let (rest, spki) = SubjectPublicKeyInfo::from_der(der).map_err(|_| PublicKeyError::Unreadable)?;
        if rest.is_empty() { Self::of(&spki) } else { Err(PublicKeyError::Unreadable) }
    }

    /// Reads a PEM block with the label `PUBLIC KEY`, and nothing else.
    ///
    /// # Errors
    /// Every `PublicKeyError`.
    pub fn from_pem(text: &str) -> Result<Self, PublicKeyError> {
        match pem::parse_many(text).as_deref() {
            Ok([block]) if block.tag() == "PUBLIC KEY" => Self::from_spki(block.contents()),
            _ => Err(PublicKeyError::Unreadable),
        }
    }

    pub(super) fn of(spki: &SubjectPublicKeyInfo<'_>) -> Result<Self, PublicKeyError> {
        let kind = spki.algorithm.algorithm.to_id_string();
        let bytes = spki.subject_public_key.data.as_ref();
        let is = |oid: &[u64]| kind == dotted(oid);
        if spki.subject_public_key.unused_bits != 0 {
            return Err(PublicKeyError::Unreadable);
        }
        if is(RSA) {
            return match spki.parsed() {
                Ok(Parsed::RSA(rsa)) => Self::rsa(rsa.modulus, rsa.exponent),
                _ => Err(PublicKeyError::Unreadable),
            };
        }
        if is(EC) {
            let curve = spki.algorithm.parameters.as_ref().and_then(|any| any.as_oid().ok()).map(|oid| oid.to_id_string());
            return Self::point(curve.as_deref(), bytes);
        }
        match bytes.try_into() {
            Ok(key) if is(ED25519) => Self::ed25519(key),
            Ok(key) if is(X25519) => Ok(Self::X25519(key)),
            _ => Err(PublicKeyError::Kind),
        }
    }

    fn point(curve: Option<&str>, bytes: &[u8]) -> Result<Self, PublicKeyError> {
        if curve == Some(dotted(P256).as_str()) {
            Self::p256(bytes)
        } else if curve == Some(dotted(P384).as_str()) {
            Self::p384(bytes)
        } else {
            Err(PublicKeyError::Kind)
        }
    }

    /// Makes an RSA key from its numbers, big-endian.
    pub fn rsa(n: &[u8], e: &[u8]) -> Result<Self, PublicKeyError> {
        let trim = |number: &[u8]| number.iter().copied().skip_while(|byte| *byte == 0).collect::<Vec<u8>>();
        let (n, e) = (trim(n), trim(e));
        let bits = bits_of(&n);
        if !RSA_BITS.contains(&bits) {
            return Err(PublicKeyError::RsaSize(bits));
        }
        let odd = |number: &[u8]| number.last().is_some_and(|last| last % 2 == 1);
        // Three octets without a leading zero are at least 65,536.
        if !odd(&n) || !odd(&e) || !(3..=8).contains(&e.len()) {
            return Err(PublicKeyError::RsaParameters);
        }
        Ok(Self::Rsa { n, e })
    }

    /// Makes a key from an uncompressed point on P-256.
    pub fn p256(bytes: &[u8]) -> Result<Self, PublicKeyError> {
        on_curve(&ECDSA_P256_SHA256_ASN1, bytes).map(Self::P256)
    }

    /// Makes a key from an uncompressed point on P-384.
    pub fn p384(bytes: &[u8]) -> Result<Self, PublicKeyError> {
        on_curve(&ECDSA_P384_SHA384_ASN1, bytes).map(Self::P384)
    }

    /// Makes an Ed25519 key. A key of small order is refused: anybody can make signatures that are valid for it.
    pub fn ed25519(bytes: [u8; 32]) -> Result<Self, PublicKeyError> {
        match ed25519_dalek::VerifyingKey::from_bytes(&bytes) {
            Ok(key) if !key.is_weak() => Ok(Self::Ed25519(bytes)),
            _ => Err(PublicKeyError::Point),
        }
    }

    /// Returns the kind and size of the key in words: `RSA 2048`, `EC P-256`, `Ed25519`.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Rsa { n, .. } => format!("RSA {}", bits_of(n)),
            Self::P256(_) => "EC P-256".to_owned(),
            Self::P384(_) => "EC P-384".to_owned(),
            Self::Ed25519(_) => "Ed25519".to_owned(),
            Self::X25519(_) => "X25519".to_owned(),
        }
    }

    /// Returns the DER of its SubjectPublicKeyInfo.
    ///
    /// Source: RFC 3279 section 2.3.1 (RSA), RFC 5480 section 2 (EC), RFC 8410 section 3 (Ed25519, X25519).
    #[must_use]
    pub fn to_spki(&self) -> Vec<u8> {
        let (oid, curve, key) = match self {
            Self::Rsa { n, e } => (RSA, None, rsa_public_key(n, e)),
            Self::P256(point) => (EC, Some(P256), point.to_vec()),
            Self::P384(point) => (EC, Some(P384), point.to_vec()),
            Self::Ed25519(key) => (ED25519, None, key.to_vec()),
            Self::X25519(key) => (X25519, None, key.to_vec()),
        };
        yasna::construct_der(|writer| {
            writer.write_sequence(|writer| {
                writer.next().write_sequence(|writer| {
                    writer.next().write_oid(&ObjectIdentifier::from_slice(oid));
                    match (curve, self) {
                        (Some(curve), _) => writer.next().write_oid(&ObjectIdentifier::from_slice(curve)),
                        (None, Self::Rsa { .. }) => writer.next().write_null(),
                        (None, _) => {}
                    }
                });
                writer.next().write_bitvec_bytes(&key, key.len().saturating_mul(8));
            });
        })
    }

    /// Returns its SubjectPublicKeyInfo as PEM.
    #[must_use]
    pub fn to_pem(&self) -> String {
        let config = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
        pem::encode_config(&pem::Pem::new("PUBLIC KEY", self.to_spki()), config)
    }
}

/// Returns the size in bits of a number without leading zero octets.
fn bits_of(number: &[u8]) -> usize {
    let zeros = number.first().map_or(0, |first| first.leading_zeros());
    number.len().saturating_mul(8).saturating_sub(usize::try_from(zeros).unwrap_or(0))
}

fn rsa_public_key(n: &[u8], e: &[u8]) -> Vec<u8> {
    yasna::construct_der(|writer| {
        writer.write_sequence(|writer| {
            writer.next().write_bigint_bytes(n, true);
            writer.next().write_bigint_bytes(e, true);
        });
    })
}

fn on_curve<const LENGTH: usize>(
    algorithm: &'static dyn VerificationAlgorithm,
    bytes: &[u8],
) -> Result<[u8; LENGTH], PublicKeyError> {
    let point: [u8; LENGTH] = bytes.try_into().map_err(|_| PublicKeyError::Point)?;
    if point.first() != Some(&4) {
        return Err(PublicKeyError::Point);
    }
    ParsedPublicKey::new(algorithm, point).map_err(|_| PublicKeyError::Point)?;
    Ok(point)
}
