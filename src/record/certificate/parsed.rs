//! The data of one certificate that the rules need, without the types of any X.509 library. `pki::x509` fills it after it has
//! checked the encoding and the limits; it does not judge anything.

use std::fmt;
use std::net::IpAddr;

use vasp_words::time::UtcTime;

/// A submitted chain: the leaf, then the certificates sent with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedChain {
    /// The certificate itself.
    pub leaf: ParsedCertificate,
    /// The other certificates, in the order received.
    pub issuers: Vec<ParsedCertificate>,
    /// Whether each certificate certifies the one before it.
    pub order: ChainOrder,
    /// The DER of all certificates, the leaf first.
    pub ders: Vec<Vec<u8>>,
}

impl ParsedChain {
    /// Returns the earliest end of validity in the chain.
    #[must_use]
    pub fn not_after(&self) -> UtcTime {
        self.issuers.iter().map(|issuer| issuer.not_after).fold(self.leaf.not_after, UtcTime::min)
    }
}

/// Whether the certificates of a chain are in order by their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChainOrder {
    /// They are in order.
    InOrder,
    /// They are not in order.
    Disordered,
}

/// One parsed certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedCertificate {
    /// SHA-256 of the DER, lower-case hex.
    pub sha256: String,
    /// SHA-256 of the DER of the subject's public key information, lower-case hex.
    pub spki_sha256: String,
    /// X.509 version: 1, 2 or 3.
    pub version: u32,
    /// The serial number, lower-case hex without leading zeros; `0` for zero.
    pub serial: String,
    /// The subject.
    pub subject: Name,
    /// The issuer.
    pub issuer: Name,
    /// Whether subject and issuer are the same bytes.
    pub self_issued: bool,
    /// First instant of validity.
    pub not_before: UtcTime,
    /// Last second of validity.
    pub not_after: UtcTime,
    /// The public key.
    pub key: PublicKey,
    /// How it is signed.
    pub signature: SignatureKind,
    /// Key usage; `None` if the extension is absent.
    pub key_usage: Option<KeyUsages>,
    /// Extended key usage; `None` if the extension is absent.
    pub purposes: Option<Vec<Purpose>>,
    /// Basic constraints; `None` if the extension is absent.
    pub basic_constraints: Option<BasicConstraints>,
    /// DNS names as written, lower case.
    pub dns_names: Vec<String>,
    /// IP addresses.
    pub ip_addresses: Vec<IpAddr>,
    /// URIs as written.
    pub uris: Vec<String>,
    /// E-mail addresses as written.
    pub emails: Vec<String>,
    /// The number of names that could not be read.
    pub unreadable_names: usize,
    /// The LEI extension; `None` if it is absent.
    pub lei: Option<LeiExtension>,
    /// Subject key identifier, lower-case hex.
    pub subject_key_id: Option<String>,
    /// Authority key identifier, lower-case hex.
    pub authority_key_id: Option<String>,
    /// URLs at which its issuer publishes revocation lists.
    pub crl_urls: Vec<String>,
    /// Unknown critical extensions, by OID.
    pub unknown_critical: Vec<String>,
}

impl ParsedCertificate {
    /// Tells whether it is the certificate of an authority.
    #[must_use]
    pub fn is_authority(&self) -> bool {
        self.basic_constraints.is_some_and(|constraints| constraints.authority == Authority::Yes)
    }

    /// Tells whether the validity has ended. The last second is still valid.
    ///
    /// Source: RFC 5280, section 4.1.2.5: "the period of time from notBefore through notAfter, inclusive".
    #[must_use]
    pub fn is_expired(&self, now: UtcTime) -> bool {
        now >= self.not_after.plus_secs(1)
    }
}

/// The parts of a distinguished name that are read; of each part the first value is taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    /// The whole name as text, for people.
    pub text: String,
    /// Common name (2.5.4.3).
    pub common_name: Option<String>,
    /// Organisation (2.5.4.10).
    pub organisation: Option<String>,
    /// Country (2.5.4.6).
    pub country: Option<String>,
    /// Every organizationIdentifier (2.5.4.97).
    pub organisation_identifiers: Vec<String>,
}

/// A public key, with the properties that the rules need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// RSA.
    Rsa {
        /// Length of the modulus in bits.
        bits: usize,
        /// The public exponent; `None` if it has more than 64 bits.
        exponent: Option<u64>,
    },
    /// A point on a curve.
    Ec(Curve),
    /// Ed25519.
    Ed25519,
    /// X25519: for key agreement, not for signatures.
    X25519,
    /// Anything else, by OID.
    Other(String),
}

/// A curve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Curve {
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// NIST P-521.
    P521,
    /// Anything else, by OID.
    Other(String),
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits, .. } => write!(f, "RSA {bits}"),
            Self::Ec(Curve::P256) => f.write_str("EC P-256"),
            Self::Ec(Curve::P384) => f.write_str("EC P-384"),
            Self::Ec(Curve::P521) => f.write_str("EC P-521"),
            Self::Ec(Curve::Other(oid)) => write!(f, "EC {oid}"),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::X25519 => f.write_str("X25519"),
            Self::Other(oid) => f.write_str(oid),
        }
    }
}

/// How a certificate is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignatureKind {
    /// With a weak hash; holds its name.
    Weak(&'static str),
    /// With a sound algorithm; holds its name.
    Sound(&'static str),
    /// With an unknown algorithm; holds its OID.
    Unknown(String),
}

/// Bits of the key usage.
///
/// Source: RFC 5280, section 4.2.1.3; bit 0 of the BIT STRING is the lowest bit here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUsages(pub u16);

impl KeyUsages {
    /// digitalSignature.
    pub const DIGITAL_SIGNATURE: Self = Self(1);
    /// nonRepudiation, also called contentCommitment.
    pub const NON_REPUDIATION: Self = Self(1 << 1);
    /// keyEncipherment.
    pub const KEY_ENCIPHERMENT: Self = Self(1 << 2);
    /// dataEncipherment.
    pub const DATA_ENCIPHERMENT: Self = Self(1 << 3);
    /// keyAgreement.
    pub const KEY_AGREEMENT: Self = Self(1 << 4);
    /// keyCertSign.
    pub const CERTIFICATE_SIGN: Self = Self(1 << 5);
    /// cRLSign.
    pub const CRL_SIGN: Self = Self(1 << 6);

    const NAMES: [&'static str; 9] = [
        "digitalSignature",
        "nonRepudiation",
        "keyEncipherment",
        "dataEncipherment",
        "keyAgreement",
        "keyCertSign",
        "cRLSign",
        "encipherOnly",
        "decipherOnly",
    ];

    /// Tells whether any of these bits is set.
    #[must_use]
    pub fn has_any(self, bits: &[Self]) -> bool {
        bits.iter().any(|bit| self.0 & bit.0 != 0)
    }

    /// Returns the names of the bits that are set.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        Self::NAMES.iter().enumerate().filter(|(bit, _)| self.0 >> bit & 1 == 1).map(|(_, name)| *name).collect()
    }
}

/// A purpose of the extended key usage.
///
/// Source: RFC 5280, section 4.2.1.12; RFC 9336 (documentSigning).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// anyExtendedKeyUsage, 2.5.29.37.0.
    Any,
    /// serverAuth, 1.3.6.1.5.5.7.3.1.
    ServerAuth,
    /// clientAuth, 1.3.6.1.5.5.7.3.2.
    ClientAuth,
    /// emailProtection, 1.3.6.1.5.5.7.3.4.
    EmailProtection,
    /// documentSigning, 1.3.6.1.5.5.7.3.36 or Microsoft's 1.3.6.1.4.1.311.10.3.12.
    DocumentSigning,
    /// Anything else, by OID.
    Other(String),
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Any => "anyExtendedKeyUsage",
            Self::ServerAuth => "serverAuth",
            Self::ClientAuth => "clientAuth",
            Self::EmailProtection => "emailProtection",
            Self::DocumentSigning => "documentSigning",
            Self::Other(oid) => oid,
        })
    }
}

/// Whether the holder may issue certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authority {
    /// cA is TRUE.
    Yes,
    /// cA is FALSE.
    No,
}

/// Basic constraints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BasicConstraints {
    /// cA.
    pub authority: Authority,
    /// The number of authorities that may follow below; `None` if there is no limit.
    pub path_length: Option<u32>,
}

/// The LEI extension, 1.3.6.1.4.1.52266.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeiExtension {
    /// The text, whether or not it is an LEI; an error if it could not be read.
    pub value: Result<LeiValue, LeiEncodingError>,
    /// Whether it is marked critical, which it must not be.
    pub criticality: Criticality,
    /// The role from the separate extension 1.3.6.1.4.1.52266.2.
    pub role: Option<String>,
}

/// The content of an LEI extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeiValue {
    /// The text in the place of the LEI.
    pub lei: String,
    /// The role beside the LEI, if the SEQUENCE form is used.
    pub role: Option<String>,
}

/// Whether an extension is marked critical.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Criticality {
    /// It is marked critical.
    Critical,
    /// It is not marked critical.
    NotCritical,
}

/// Why the content of an LEI extension cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LeiEncodingError {
    /// It is not DER, or it has more than one value.
    #[error("the extension must be exactly one DER value")]
    NotDer,
    /// It is neither a string nor a SEQUENCE that begins with a string.
    #[error("the extension must be a string, or a SEQUENCE of a string and a role")]
    NotAString,
    /// The string is not ASCII, or too long.
    #[error("the string must have at most 100 characters, all of them printable ASCII")]
    NotPrintable,
}
