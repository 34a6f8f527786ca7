//! Why a subject cannot be read: the problem type, the code of the reason, and the affected member of the request.

use super::{PublishedNameError, SUBJECT_LENGTH_MAX, SubjectKind, SubjectKindError};
use crate::address::AddressError;
use crate::inquiry_url::UrlError;
use crate::lnurl::LnurlError;
use crate::payment_uri::PaymentUriError;
use crate::travel_address::TravelAddressError;
use vasp_words::caip::{Caip2, CaipError};
use vasp_words::host::HostError;
use vasp_words::ids::IdError;
use vasp_words::lei::LeiError;

/// Why a subject cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubjectError {
    /// The text is empty or too long.
    #[error("a subject has 1 to {SUBJECT_LENGTH_MAX} bytes, this one has {0}")]
    Length(usize),
    /// `kind` is not a known kind.
    #[error(transparent)]
    Kind(SubjectKindError),
    /// The kind is known, but this server does not support it.
    #[error("subjects of kind `{0}` are not supported by this server")]
    UnsupportedKind(SubjectKind),
    /// The text is valid as several kinds.
    #[error("the subject can be read as {}; name one of them in `kind`", kinds(.0))]
    Ambiguous(Vec<SubjectKind>),
    /// Not a VASP id.
    #[error(transparent)]
    Vasp(IdError),
    /// Not an LEI.
    #[error(transparent)]
    Lei(LeiError),
    /// Not a CAIP-10 account.
    #[error("the subject is not a CAIP-10 account: {0}")]
    Caip10(CaipError),
    /// Not a Travel Address.
    #[error(transparent)]
    TravelAddress(TravelAddressError),
    /// Not an LNURL.
    #[error(transparent)]
    Lnurl(LnurlError),
    /// The URL, or the hidden one, cannot be used for inquiries to a VASP.
    #[error(transparent)]
    Url(UrlError),
    /// Not an address.
    #[error(transparent)]
    Address(AddressError),
    /// A payment URI that cannot be read.
    #[error(transparent)]
    PaymentUri(PaymentUriError),
    /// Not a domain.
    #[error(transparent)]
    Domain(HostError),
    /// Not a certificate's fingerprint, common name or identifier.
    #[error(transparent)]
    Published(PublishedNameError),
    /// The given network is not usable.
    #[error(transparent)]
    Network(AddressError),
    /// The given network differs from that of the CAIP-10 account.
    #[error("the subject names the network {subject}, but `network` names {named}")]
    NetworkMismatch {
        /// The account's network.
        subject: Caip2,
        /// The given network.
        named: Caip2,
    },
    /// The given network is not of the family that a payment URI names.
    #[error("the payment URI is of a network of {family}, but `network` names {named}")]
    FamilyMismatch {
        /// The family.
        family: &'static str,
        /// The given network.
        named: Caip2,
    },
    /// A network was given with a subject that has none.
    #[error("a subject of kind `{0}` belongs to no network: leave `network` out")]
    NetworkStrays(SubjectKind),
    /// The given memo is not usable.
    #[error(transparent)]
    Memo(AddressError),
}

impl SubjectError {
    /// Returns the code of the problem: `invalid_subject`, `ambiguous_subject` or `unsupported_kind`.
    #[must_use]
    pub fn problem(&self) -> &'static str {
        match self {
            Self::Ambiguous(_) => "ambiguous_subject",
            Self::UnsupportedKind(_) => "unsupported_kind",
            _ => "invalid_subject",
        }
    }

    /// Returns the stable code of the reason, as used in `errors[].code`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Length(_) | Self::Lei(LeiError::WrongLength(_)) => "wrong_length",
            Self::Kind(_) => "unknown_kind",
            Self::UnsupportedKind(_) => "unsupported_kind",
            Self::Ambiguous(_) => "ambiguous_subject",
            Self::Vasp(_) => "invalid_id",
            Self::Lei(LeiError::InvalidCharacter { .. }) => "invalid_character",
            Self::Lei(LeiError::ChecksumMismatch) => "checksum_mismatch",
            Self::Caip10(CaipError::WrongShape { .. }) => "wrong_shape",
            Self::Caip10(CaipError::WrongLength { .. }) => "wrong_length",
            Self::Caip10(CaipError::InvalidCharacter { .. }) => "invalid_character",
            Self::TravelAddress(error) => error.code(),
            Self::Lnurl(error) => error.code(),
            Self::Url(error) => error.code(),
            Self::Address(error) | Self::Network(error) | Self::Memo(error) => error.code(),
            Self::PaymentUri(error) => error.code(),
            Self::Domain(error) => error.code(),
            Self::Published(error) => error.code(),
            Self::NetworkMismatch { .. } | Self::FamilyMismatch { .. } => "wrong_network",
            Self::NetworkStrays(_) => "network_not_applicable",
        }
    }

    /// Returns the affected member of the request: `subject`, `kind`, `network` or `memo`.
    #[must_use]
    pub fn member(&self) -> &'static str {
        match self {
            Self::Kind(_) => "kind",
            Self::Network(_) | Self::NetworkMismatch { .. } | Self::FamilyMismatch { .. } | Self::NetworkStrays(_) => "network",
            Self::Memo(_) => "memo",
            _ => "subject",
        }
    }
}

impl From<PaymentUriError> for SubjectError {
    /// A wrong address in a URI is refused as it is without the URI.
    fn from(error: PaymentUriError) -> Self {
        match error {
            PaymentUriError::Address(error) => Self::Address(error),
            other => Self::PaymentUri(other),
        }
    }
}

fn kinds(kinds: &[SubjectKind]) -> String {
    kinds.iter().map(|kind| format!("`{kind}`")).collect::<Vec<_>>().join(" and ")
}
