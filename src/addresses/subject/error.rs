//! Why a subject cannot be read: the problem it makes, the code of the reason, and the member of the request it is about.

use super::{PublishedNameError, SUBJECT_LENGTH_MAX, SubjectKind, SubjectKindError};
use crate::address::AddressError;
use crate::inquiry_url::UrlError;
use crate::lnurl::LnurlError;
use crate::travel_address::TravelAddressError;
use vasp_words::caip::{Caip2, CaipError};
use vasp_words::host::HostError;
use vasp_words::ids::IdError;
use vasp_words::lei::LeiError;

/// Why a subject cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubjectError {
    /// The text is empty or longer than any subject.
    #[error("a subject has 1 to {SUBJECT_LENGTH_MAX} bytes, this has {0}")]
    Length(usize),
    /// `kind` names none.
    #[error(transparent)]
    Kind(SubjectKindError),
    /// The kind is known and cannot be answered here.
    #[error("subjects of kind `{0}` are not supported by this server")]
    UnsupportedKind(SubjectKind),
    /// Sound under several kinds.
    #[error("the subject can be read as {}; name one as `kind`", kinds(.0))]
    Ambiguous(Vec<SubjectKind>),
    /// Not a VASP id.
    #[error(transparent)]
    Vasp(IdError),
    /// Not an LEI.
    #[error(transparent)]
    Lei(LeiError),
    /// Not a CAIP-10 account.
    #[error("this is not a CAIP-10 account: {0}")]
    Caip10(CaipError),
    /// Not a Travel Address.
    #[error(transparent)]
    TravelAddress(TravelAddressError),
    /// Not an LNURL.
    #[error(transparent)]
    Lnurl(LnurlError),
    /// Not a URL of an inquiry, or hides one that cannot name a VASP.
    #[error(transparent)]
    Url(UrlError),
    /// Not an address.
    #[error(transparent)]
    Address(AddressError),
    /// Not a domain.
    #[error(transparent)]
    Domain(HostError),
    /// Not a certificate's fingerprint, common name or identifier.
    #[error(transparent)]
    Published(PublishedNameError),
    /// The network named beside the subject is not usable.
    #[error(transparent)]
    Network(AddressError),
    /// The network named beside a CAIP-10 account is another one than its own.
    #[error("the subject names network {subject}, `network` names {named}")]
    NetworkMismatch {
        /// The account's network.
        subject: Caip2,
        /// The network beside it.
        named: Caip2,
    },
    /// A network is named beside a subject that lies on none.
    #[error("a subject of kind `{0}` lies on no network: leave `network` out")]
    NetworkStrays(SubjectKind),
    /// The memo beside the subject is not usable.
    #[error(transparent)]
    Memo(AddressError),
}

impl SubjectError {
    /// Returns the problem's code: `invalid_subject`, `ambiguous_subject` or `unsupported_kind`.
    #[must_use]
    pub fn problem(&self) -> &'static str {
        match self {
            Self::Ambiguous(_) => "ambiguous_subject",
            Self::UnsupportedKind(_) => "unsupported_kind",
            _ => "invalid_subject",
        }
    }

    /// Returns the stable code of the reason, as it stands in `errors[].code`.
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
            Self::Domain(error) => error.code(),
            Self::Published(error) => error.code(),
            Self::NetworkMismatch { .. } => "wrong_network",
            Self::NetworkStrays(_) => "network_not_applicable",
        }
    }

    /// Returns the request's member that is wrong: `subject`, `kind`, `network` or `memo`.
    #[must_use]
    pub fn member(&self) -> &'static str {
        match self {
            Self::Kind(_) => "kind",
            Self::Network(_) | Self::NetworkMismatch { .. } | Self::NetworkStrays(_) => "network",
            Self::Memo(_) => "memo",
            _ => "subject",
        }
    }
}

fn kinds(kinds: &[SubjectKind]) -> String {
    kinds.iter().map(|kind| format!("`{kind}`")).collect::<Vec<_>>().join(" and ")
}
