//! Reads a certificate chain that a member submits: PEM, or the DER of one certificate. Limits are checked first, so that hostile input
//! costs little. What is refused here would be of no use to anybody. Nothing is judged.

use std::collections::BTreeSet;

use pem::Pem;

use super::read;
use vasp_record::certificate::parsed::{ChainOrder, ParsedChain};

/// The maximum size of a chain as sent, in bytes.
pub const CHAIN_BYTES_MAX: usize = 64 * 1024;
/// The maximum number of certificates in a chain.
pub const CERTIFICATES_MAX: usize = 10;

/// Why bytes are not a certificate chain. `position` counts certificates from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// The chain has more than 64 KiB.
    #[error("a chain has at most {CHAIN_BYTES_MAX} bytes, this one has {0}")]
    TooLong(usize),
    /// There is no certificate.
    #[error("this contains no certificate")]
    Empty,
    /// There is a private key among the certificates.
    #[error("this contains a private key, which only its holder may see: stop using the key if it was sent to anybody")]
    PrivateKey,
    /// The PEM lines are not valid.
    #[error(
        "this is not PEM: each certificate must be in base64 between -----BEGIN CERTIFICATE----- and -----END CERTIFICATE-----"
    )]
    NotPem,
    /// There is a block that is not a certificate.
    #[error("`{0}` is not a certificate; a chain may only have blocks with the label CERTIFICATE")]
    OtherBlock(String),
    /// There are more than ten certificates.
    #[error("a chain has at most {CERTIFICATES_MAX} certificates, this one has {0}")]
    TooMany(usize),
    /// A certificate is not DER of X.509.
    #[error("certificate {position} cannot be read: {reason}")]
    Malformed {
        /// The position of the certificate.
        position: usize,
        /// What is wrong.
        reason: &'static str,
    },
    /// There are bytes after the end of the certificate.
    #[error("there are bytes after the end of certificate {position}")]
    TrailingBytes {
        /// The position of the certificate.
        position: usize,
    },
    /// The serial number is negative or too long.
    #[error("the serial number of certificate {position} is negative or longer than 20 octets")]
    Serial {
        /// The position of the certificate.
        position: usize,
    },
    /// An extension occurs twice.
    #[error("certificate {position} has the extension {oid} twice")]
    DuplicateExtension {
        /// The position of the certificate.
        position: usize,
        /// The OID of the extension.
        oid: String,
    },
    /// The certificate has more of something than the limit.
    #[error("certificate {position} has more than {most} {what}")]
    TooMuch {
        /// The position of the certificate.
        position: usize,
        /// What the limit counts.
        what: &'static str,
        /// The limit.
        most: usize,
    },
    /// A certificate occurs twice in the chain.
    #[error("certificate {position} is in the chain twice")]
    Repeated {
        /// The position of the second occurrence.
        position: usize,
    },
    /// A certificate after the first is not that of an authority.
    #[error("certificate {position} does not belong to an authority: put your own certificate first, then its issuers")]
    SecondLeaf {
        /// The position of the certificate.
        position: usize,
    },
}

impl CertificateError {
    /// Returns the stable code of this reason, as used in `errors[].code`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong(_) => "chain_too_long",
            Self::Empty => "no_certificate",
            Self::PrivateKey => "private_key",
            Self::NotPem => "not_pem",
            Self::OtherBlock(_) => "not_a_certificate",
            Self::TooMany(_) => "too_many_certificates",
            Self::Malformed { .. } => "malformed_certificate",
            Self::TrailingBytes { .. } => "trailing_bytes",
            Self::Serial { .. } => "invalid_serial",
            Self::DuplicateExtension { .. } => "duplicate_extension",
            Self::TooMuch { .. } => "certificate_too_large",
            Self::Repeated { .. } => "repeated_certificate",
            Self::SecondLeaf { .. } => "several_certificates",
        }
    }
}

/// Reads a chain; the certificate itself comes first.
pub fn parse_chain(bytes: &[u8]) -> Result<ParsedChain, CertificateError> {
    if bytes.len() > CHAIN_BYTES_MAX {
        return Err(CertificateError::TooLong(bytes.len()));
    }
    let ders = ders(bytes)?;
    if ders.len() > CERTIFICATES_MAX {
        return Err(CertificateError::TooMany(ders.len()));
    }
    let mut seen = BTreeSet::new();
    let (mut read, mut links) = (Vec::new(), Vec::new());
    for (position, der) in (1..).zip(&ders) {
        if !seen.insert(der) {
            return Err(CertificateError::Repeated { position });
        }
        let (certificate, link) = read::certificate(der, position)?;
        if position > 1 && !certificate.is_authority() && !(certificate.version < 3 && certificate.self_issued) {
            return Err(CertificateError::SecondLeaf { position });
        }
        read.push(certificate);
        links.push(link);
    }
    let in_order = links.windows(2).all(|pair| matches!(pair, [one, next] if one.issuer == next.subject));
    let order = if in_order { ChainOrder::InOrder } else { ChainOrder::Disordered };
    let mut read = read.into_iter();
    let leaf = read.next().ok_or(CertificateError::Empty)?;
    Ok(ParsedChain { leaf, issuers: read.collect(), order, ders })
}

/// Writes certificates as PEM, as they are stored and served.
#[must_use]
pub fn pem_of(ders: &[Vec<u8>]) -> String {
    let blocks: Vec<Pem> = ders.iter().map(|der| Pem::new("CERTIFICATE", der.clone())).collect();
    pem::encode_many_config(&blocks, pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF))
}

/// Extracts the certificates from PEM. Bytes without a PEM line are read as DER.
fn ders(bytes: &[u8]) -> Result<Vec<Vec<u8>>, CertificateError> {
    const BEGIN: &[u8] = b"-----BEGIN ";

    if has(bytes, b"PRIVATE KEY-----") {
        return Err(CertificateError::PrivateKey);
    }
    if bytes.trim_ascii().is_empty() {
        return Err(CertificateError::Empty);
    }
    let begun = bytes.windows(BEGIN.len()).filter(|window| *window == BEGIN).count();
    if begun == 0 {
        // DER begins with a SEQUENCE. Anything else is rather damaged PEM.
        return if bytes.first() == Some(&0x30) { Ok(vec![bytes.to_vec()]) } else { Err(CertificateError::NotPem) };
    }
    let blocks = pem::parse_many(bytes).map_err(|_| CertificateError::NotPem)?;
    if blocks.len() != begun {
        return Err(CertificateError::NotPem);
    }
    let labels = ["CERTIFICATE", "X509 CERTIFICATE"];
    if let Some(other) = blocks.iter().find(|block| !labels.contains(&block.tag())) {
        return Err(CertificateError::OtherBlock(other.tag().chars().take(40).collect()));
    }
    Ok(blocks.into_iter().map(Pem::into_contents).collect())
}

fn has(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}
