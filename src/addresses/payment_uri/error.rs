//! Why a payment URI cannot be read.

use crate::address::AddressError;

/// The most characters of a value that a refusal repeats.
const SHOWN_MAX: usize = 120;

/// Why a payment URI cannot be read. No refusal repeats a label or a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaymentUriError {
    /// The URI asks for something else than a payment to an account.
    #[error("this URI {what}; {instead}")]
    NoDestination {
        /// What the URI asks for.
        what: &'static str,
        /// What to send instead.
        instead: &'static str,
    },
    /// A parameter must be understood, and is not. Source: BIP-21, "Forward compatibility".
    #[error(
        "the URI demands that its parameter `{name}` is understood, and this registry does not know it: ask for a URI without it"
    )]
    Required {
        /// The name of the parameter.
        name: String,
    },
    /// A parameter is not usable.
    #[error("the parameter `{name}` of this URI {reason}")]
    Parameter {
        /// The name of the parameter.
        name: String,
        /// What is wrong, and what would be right.
        reason: &'static str,
    },
    /// The URI contradicts itself.
    #[error("this URI names two {what}, `{one}` and `{other}`; ask for a URI with only the right one")]
    Contradiction {
        /// What is named twice, in the plural.
        what: &'static str,
        /// The first.
        one: String,
        /// The second.
        other: String,
    },
    /// The address, the network, the memo or the token's contract in the URI is not valid.
    #[error(transparent)]
    Address(AddressError),
}

impl PaymentUriError {
    /// Returns the stable code of this reason, as used in `errors[].code`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoDestination { .. } => "payment_uri",
            Self::Required { .. } | Self::Parameter { .. } => "payment_uri_parameter",
            Self::Contradiction { .. } => "payment_uri_contradiction",
            Self::Address(error) => error.code(),
        }
    }

    pub(crate) fn parameter(name: &str, reason: &'static str) -> Self {
        Self::Parameter { name: shown(name), reason }
    }

    pub(crate) fn contradiction(what: &'static str, one: &str, other: &str) -> Self {
        Self::Contradiction { what, one: shown(one), other: shown(other) }
    }
}

/// Cuts a value that a refusal repeats.
pub(super) fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(SHOWN_MAX).collect()
}
