//! Kinds of subjects and their spelling in the API.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use vasp_words::time::serde_as_text;

/// A kind of subject. Kinds are tried in this order; the last three are used only if they are given.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubjectKind {
    /// A VASP's id.
    Vasp,
    /// A Legal Entity Identifier.
    Lei,
    /// An account, with its network.
    Caip10,
    /// A Travel Address (`ta…`).
    TravelAddress,
    /// The older LNURL form of a Travel Address (`lnurl1…`).
    Lnurl,
    /// A URL.
    Url,
    /// An address, with or without a named network.
    Address,
    /// A host name.
    Domain,
    /// The SHA-256 of a certificate.
    CertificateSha256,
    /// The common name of a certificate.
    CommonName,
    /// An identifier with its scheme.
    Identifier(String),
}

/// The text is not a kind of subject.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a kind of subject; known are vasp, lei, caip10, travel_address, lnurl, url, address, domain, certificate_sha256, common_name, identifier:<scheme>"
)]
pub struct SubjectKindError(pub String);

impl fmt::Display for SubjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Vasp => "vasp",
            Self::Lei => "lei",
            Self::Caip10 => "caip10",
            Self::TravelAddress => "travel_address",
            Self::Lnurl => "lnurl",
            Self::Url => "url",
            Self::Address => "address",
            Self::Domain => "domain",
            Self::CertificateSha256 => "certificate_sha256",
            Self::CommonName => "common_name",
            Self::Identifier(scheme) => return write!(f, "identifier:{scheme}"),
        })
    }
}

impl FromStr for SubjectKind {
    type Err = SubjectKindError;
    fn from_str(text: &str) -> Result<Self, SubjectKindError> {
        Ok(match text {
            "vasp" => Self::Vasp,
            "lei" => Self::Lei,
            "caip10" => Self::Caip10,
            "travel_address" => Self::TravelAddress,
            "lnurl" => Self::Lnurl,
            "url" => Self::Url,
            "address" => Self::Address,
            "domain" => Self::Domain,
            "certificate_sha256" => Self::CertificateSha256,
            "common_name" => Self::CommonName,
            _ => match text.strip_prefix("identifier:") {
                Some(scheme) if !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_graphic()) => {
                    Self::Identifier(scheme.to_owned())
                }
                _ => return Err(SubjectKindError(text.chars().take(40).collect())),
            },
        })
    }
}

serde_as_text!(SubjectKind);
