//! Certificate requests (PKCS #10): read with size limits, and checked for proof that the requester has the private key. Only the key of a
//! request is used. A request for something that a member certificate cannot have is refused; everything else in it is ignored.

use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer;

use crate::{PublicKey, PublicKeyError};

/// The maximum size of a request, in bytes of PEM. A request for an RSA key of 8,192 bits with a hundred names is smaller.
const CSR_BYTES_MAX: usize = 16 * 1024;

/// The accepted signature algorithms of requests, by OID; SHA-1 is not accepted.
///
/// Source: RFC 4055 section 5 and RFC 3447 (RSA), RFC 5758 section 3.2 (ECDSA), RFC 8410 section 3 (Ed25519).
const SIGNATURES: &[&str] = &[
    "1.2.840.113549.1.1.11",
    "1.2.840.113549.1.1.12",
    "1.2.840.113549.1.1.13",
    "1.2.840.113549.1.1.10",
    "1.2.840.10045.4.3.2",
    "1.2.840.10045.4.3.3",
    "1.3.101.112",
];

/// A request that was signed with its own key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Csr {
    /// The key.
    pub key: PublicKey,
    /// The DNS names that the request asks for, as written.
    pub dns_names: Vec<String>,
}

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CsrError {
    /// The request is too long.
    #[error("the request is longer than {CSR_BYTES_MAX} bytes")]
    TooLarge,
    /// The text is not exactly one PEM block of a request.
    #[error("the request must be one PEM block with the label CERTIFICATE REQUEST, and nothing else")]
    NotOneBlock,
    /// The text holds a private key.
    #[error(
        "this is or contains a private key: treat the key as leaked and create a new one; a request contains only the public key"
    )]
    PrivateKey,
    /// The request is not valid DER.
    #[error("the request cannot be read: it must be a PKCS #10 request of version 1 in DER, with nothing after it")]
    Unreadable,
    /// The kind of key is not accepted.
    #[error(transparent)]
    Key(PublicKeyError),
    /// The key cannot sign.
    #[error("an X25519 key cannot sign: a certificate for TLS requires RSA, EC P-256, EC P-384 or Ed25519")]
    CannotSign,
    /// The signature algorithm is not accepted.
    #[error("the request is signed with {0}; accepted are RSA and ECDSA on P-256 or P-384, both with SHA-2, and Ed25519")]
    Algorithm(String),
    /// The signature does not match the key.
    #[error("the request was not signed with its own key, so it does not prove that you hold the private key")]
    Signature,
    /// The request asks for the certificate of an authority.
    #[error("the request is for an authority's certificate (basicConstraints CA:TRUE): members cannot get one")]
    Authority,
    /// The request asks for names other than DNS names.
    #[error("the request has a subject alternative name that is not a DNS name: only proven domains are certified")]
    OtherName,
}

impl CsrError {
    /// Returns the stable code of this reason, as used in `errors[].code`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::NotOneBlock | Self::Unreadable => "unreadable_csr",
            Self::PrivateKey => "private_key",
            Self::Key(_) | Self::CannotSign => "key_refused",
            Self::Algorithm(_) => "signature_algorithm",
            Self::Signature => "no_proof_of_possession",
            Self::Authority => "asks_for_authority",
            Self::OtherName => "other_name",
        }
    }
}

impl Csr {
    /// Reads the PEM of a request and checks its signature.
    ///
    /// # Errors
    /// Every `CsrError`.
    pub fn read(text: &str) -> Result<Self, CsrError> {
        if text.len() > CSR_BYTES_MAX {
            return Err(CsrError::TooLarge);
        }
        let blocks = pem::parse_many(text).map_err(|_| CsrError::NotOneBlock)?;
        if blocks.iter().any(|block| block.tag().ends_with("PRIVATE KEY")) {
            return Err(CsrError::PrivateKey);
        }
        match blocks.as_slice() {
            // Old tools use the second label. Source: RFC 7468 section 7.
            [block] if ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"].contains(&block.tag()) => {
                Self::read_der(block.contents())
            }
            _ => Err(CsrError::NotOneBlock),
        }
    }

    /// Reads the DER of a request and checks its signature.
    ///
    /// # Errors
    /// Every `CsrError` except those about PEM.
    pub fn read_der(der: &[u8]) -> Result<Self, CsrError> {
        let (rest, request) = X509CertificationRequest::from_der(der).map_err(|_| CsrError::Unreadable)?;
        let said = &request.certification_request_info;
        if !rest.is_empty() || said.version.0 != 0 {
            return Err(CsrError::Unreadable);
        }
        let key = PublicKey::of(&said.subject_pki).map_err(CsrError::Key)?;
        if matches!(key, PublicKey::X25519(_)) {
            return Err(CsrError::CannotSign);
        }
        // The key must be in the same DER that the library writes. So the certificate contains exactly the key that was read, in no other
        // encoding.
        if key.to_spki() != said.subject_pki.raw {
            return Err(CsrError::Key(PublicKeyError::Unreadable));
        }
        let algorithm = request.signature_algorithm.algorithm.to_id_string();
        if !SIGNATURES.contains(&algorithm.as_str()) {
            return Err(CsrError::Algorithm(algorithm.chars().take(60).collect()));
        }
        request.verify_signature().map_err(|_| CsrError::Signature)?;
        Ok(Self { key, dns_names: asked_names(&request)? })
    }
}

fn asked_names(request: &X509CertificationRequest<'_>) -> Result<Vec<String>, CsrError> {
    let mut names = Vec::new();
    for extension in request.requested_extensions().into_iter().flatten() {
        match extension {
            ParsedExtension::BasicConstraints(constraints) if constraints.ca => return Err(CsrError::Authority),
            ParsedExtension::SubjectAlternativeName(asked) => {
                for name in &asked.general_names {
                    match name {
                        GeneralName::DNSName(name) => names.push((*name).to_owned()),
                        _ => return Err(CsrError::OtherName),
                    }
                }
            }
            _ => {}
        }
    }
    Ok(names)
}
