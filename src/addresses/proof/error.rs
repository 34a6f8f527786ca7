//! Why a proof is refused: one variant per check, each with its stable code. The sentence for people is defined here; the caller decides
//! how to show it.

use super::challenge::ChallengeError;
use super::scheme::Scheme;
use crate::address::AddressError;
use vasp_words::time::UtcTime;

/// Why a proof is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// No network of the table has the given name.
    #[error("the network `{0}` is not known")]
    UnknownNetwork(String),
    /// The address is not valid on the network.
    #[error("the address is not valid on this network")]
    Address(#[source] AddressError),
    /// The challenge is not a valid text of a registry.
    #[error("the challenge is not a challenge of a registry")]
    Challenge(#[source] ChallengeError),
    /// The challenge and the proof are about different things.
    #[error("the challenge has the {part} `{challenged}`, but the proof has `{proven}`")]
    ChallengeMismatch {
        /// The part that differs: network, address, domain or time.
        part: &'static str,
        /// The value in the challenge.
        challenged: String,
        /// The value in the proof.
        proven: String,
    },
    /// The challenge is not valid yet.
    #[error("the challenge is not valid before {0}")]
    NotYetValid(UtcTime),
    /// The challenge has expired.
    #[error("the challenge expired at {0}")]
    Expired(UtcTime),
    /// The scheme does not work on this network.
    #[error("the scheme {scheme} cannot prove anything on {network}")]
    WrongScheme {
        /// The scheme.
        scheme: Scheme,
        /// The network.
        network: String,
    },
    /// A part of the proof does not have the form of the scheme.
    #[error("the {part} is malformed: {expected}")]
    Malformed {
        /// The part, such as the signature or the public key.
        part: &'static str,
        /// The expected form.
        expected: &'static str,
    },
    /// The signature is valid but belongs to another account. If the key is recovered from the signature, it may instead be for another
    /// text.
    #[error("the signature was not made with a key of this address{}", by(.found))]
    WrongKey {
        /// The account of the key; `None` if it cannot be written.
        found: Option<String>,
    },
    /// The key belongs to the address, but it did not sign this text.
    #[error("the key belongs to the address, but it did not sign this challenge")]
    WrongMessage,
    /// This program cannot decide whether the proof is valid; such a proof is never accepted.
    #[error("the registry cannot check this form of proof: {0}")]
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

    /// Makes the error for a signature that does not have the form of its scheme.
    pub(super) fn signature(expected: &'static str) -> Self {
        Self::Malformed { part: "signature", expected }
    }

    /// Makes the error for a public key that does not have the form of its scheme.
    pub(super) fn public_key(expected: &'static str) -> Self {
        Self::Malformed { part: "public key", expected }
    }
}

fn by(found: &Option<String>) -> String {
    found.as_ref().map(|account| format!("; for this text the signer is {account}")).unwrap_or_default()
}
