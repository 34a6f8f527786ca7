//! Why a proof is refused: one variant a thing that can fail, each with its stable code. Which sentence a person reads is
//! decided here; how it is shown is the caller's matter.

use super::challenge::ChallengeError;
use super::scheme::Scheme;
use crate::address::AddressError;
use vasp_words::time::UtcTime;

/// Why a proof is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// No network of the table has this name.
    #[error("`{0}` names no network of the table")]
    UnknownNetwork(String),
    /// The address is none of that network.
    #[error("the address is not valid on this network")]
    Address(#[source] AddressError),
    /// The challenge is not a text that a registry wrote.
    #[error("the challenge is not a challenge of a registry")]
    Challenge(#[source] ChallengeError),
    /// The challenge is about something else than the proof.
    #[error("the challenge names the {part} `{challenged}`, the proof is about `{proven}`")]
    ChallengeMismatch {
        /// Network, address, domain or time.
        part: &'static str,
        /// What the challenge says.
        challenged: String,
        /// What the proof says.
        proven: String,
    },
    /// The challenge lies in the future.
    #[error("the challenge is valid from {0} on only")]
    NotYetValid(UtcTime),
    /// The challenge is over.
    #[error("the challenge expired at {0}")]
    Expired(UtcTime),
    /// The scheme does not exist on this network.
    #[error("the scheme {scheme} proves nothing on {network}")]
    WrongScheme {
        /// The scheme.
        scheme: Scheme,
        /// The network.
        network: String,
    },
    /// A part of the proof does not have the form that the scheme asks.
    #[error("the {part} is malformed: {expected}")]
    Malformed {
        /// Signature, public key and so on.
        part: &'static str,
        /// What was expected.
        expected: &'static str,
    },
    /// The signature is sound and belongs to another account, or to another text where the key comes out of the signature.
    #[error("the signature is not by a key of this address{}", by(.found))]
    WrongKey {
        /// The account whose key it is, where one can be written.
        found: Option<String>,
    },
    /// The key is the address's, but it did not sign this text.
    #[error("the key is the address's, but the signature does not hold for this challenge")]
    WrongMessage,
    /// Nothing in this program can tell; never counted as proven.
    #[error("this form of proof cannot be checked here: {0}")]
    Unsupported(&'static str),
}

impl ProofError {
    /// Returns the stable code of this reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownNetwork(_) => "unknown_network",
            Self::Address(error) => error.code(),
            Self::Challenge(_) => "malformed_challenge",
            Self::ChallengeMismatch { .. } => "challenge_mismatch",
            Self::NotYetValid(_) => "challenge_not_yet_valid",
            Self::Expired(_) => "expired_challenge",
            Self::WrongScheme { .. } => "wrong_scheme_for_network",
            Self::Malformed { part: "signature", .. } => "malformed_signature",
            Self::Malformed { part: "public key", .. } => "malformed_public_key",
            Self::Malformed { .. } => "malformed_proof",
            Self::WrongKey { .. } => "wrong_key",
            Self::WrongMessage => "wrong_message",
            Self::Unsupported(_) => "unsupported",
        }
    }

    /// A signature without the form of its scheme.
    pub(super) fn signature(expected: &'static str) -> Self {
        Self::Malformed { part: "signature", expected }
    }

    /// A public key without the form of its scheme.
    pub(super) fn public_key(expected: &'static str) -> Self {
        Self::Malformed { part: "public key", expected }
    }
}

fn by(found: &Option<String>) -> String {
    found.as_ref().map(|account| format!("; over this text it is by {account}")).unwrap_or_default()
}
