//! Reads a chain of certificates as members hand it in: PEM, or the DER of one certificate. Limits come first, so that hostile
//! input costs little; what is refused here is no certificate that anybody could use. Nothing is judged.

use std::collections::BTreeSet;

use pem::Pem;

use super::read;
use vasp_record::certificate::parsed::{ChainOrder, ParsedChain};

/// The longest chain, as it is sent.
pub const CHAIN_BYTES_MAX: usize = 64 * 1024;
/// How many certificates a chain may have.
pub const CERTIFICATES_MAX: usize = 10;

/// Why bytes are not a chain of certificates. `position` counts certificates from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// More than 64 KiB.
    #[error("a chain has at most {CHAIN_BYTES_MAX} bytes, this has {0}")]
    TooLong(usize),
    /// Nothing.
    #[error("there is no certificate in this")]
    Empty,
    /// A private key among the certificates.
    #[error("this holds a private key: nobody but its holder may see one, so take it out of use if it was sent anywhere else")]
    PrivateKey,
    /// Lines of PEM that do not fit.
    #[error(
        "this is not PEM: each certificate stands in base64 between -----BEGIN CERTIFICATE----- and -----END CERTIFICATE-----"
    )]
    NotPem,
    /// Something else than a certificate.
    #[error("`{0}` is no certificate; a chain holds blocks of the label CERTIFICATE only")]
    OtherBlock(String),
    /// More than ten.
    #[error("a chain has at most {CERTIFICATES_MAX} certificates, this has {0}")]
    TooMany(usize),
    /// Not DER of X.509.
    #[error("certificate {position} cannot be read: {reason}")]
    Malformed {
        /// Which.
        position: usize,
        /// What is wrong.
        reason: &'static str,
    },
    /// Bytes after the certificate.
    #[error("bytes follow after the end of certificate {position}")]
    TrailingBytes {
        /// Which.
        position: usize,
    },
    /// Negative or too long.
    #[error("the serial number of certificate {position} is negative or longer than 20 octets")]
    Serial {
        /// Which.
        position: usize,
    },
    /// An extension stands twice.
    #[error("certificate {position} has the extension {oid} twice")]
    DuplicateExtension {
        /// Which.
        position: usize,
        /// The extension.
        oid: String,
    },
    /// More than is sensible.
    #[error("certificate {position} has more than {most} {what}")]
    TooMuch {
        /// Which.
        position: usize,
        /// Of what.
        what: &'static str,
        /// How many are taken.
        most: usize,
    },
    /// The same twice.
    #[error("certificate {position} stands in the chain twice")]
    Repeated {
        /// The later one.
        position: usize,
    },
    /// Something else than an authority after the leaf.
    #[error("certificate {position} is not that of an authority: the certificate itself comes first, then its issuers")]
    SecondLeaf {
        /// Which.
        position: usize,
    },
}

impl CertificateError {
    /// Returns the stable code of this reason, as it stands in `errors[].code`.
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

/// Reads a chain: the certificate itself first.
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

/// Writes certificates as PEM, as they are kept and served.
#[must_use]
pub fn pem_of(ders: &[Vec<u8>]) -> String {
    let blocks: Vec<Pem> = ders.iter().map(|der| Pem::new("CERTIFICATE", der.clone())).collect();
    pem::encode_many_config(&blocks, pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF))
}

/// Takes the certificates out of PEM; anything without a line of PEM is taken for DER.
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
        // Text is a mangled PEM rather than DER, which begins with a SEQUENCE.
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
