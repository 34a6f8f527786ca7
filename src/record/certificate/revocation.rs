//! What the revocation lists of an issuer say about a certificate, and the words in which a revocation is given a reason.

use serde::{Deserialize, Serialize};
use vasp_words::time::UtcTime;

/// Why a certificate was revoked.
///
/// Source: RFC 5280, section 5.3.1 (CRLReason), in snake case; `removeFromCRL` is no reason of a revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevocationReason {
    /// The private key is known or feared to be known to others.
    KeyCompromise,
    /// The same, of the issuer's key.
    CaCompromise,
    /// The same, of an attribute authority.
    AaCompromise,
    /// A privilege in it was withdrawn.
    PrivilegeWithdrawn,
    /// Name or other details changed.
    AffiliationChanged,
    /// It is no longer needed.
    CessationOfOperation,
    /// It is on hold.
    CertificateHold,
    /// Another took its place.
    Superseded,
    /// None was given.
    Unspecified,
}

impl RevocationReason {
    /// The words, worst first, with the numbers of CRLReason.
    const WORDS: [(Self, &'static str, u8); 9] = [
        (Self::KeyCompromise, "key_compromise", 1),
        (Self::CaCompromise, "ca_compromise", 2),
        (Self::AaCompromise, "aa_compromise", 10),
        (Self::PrivilegeWithdrawn, "privilege_withdrawn", 9),
        (Self::AffiliationChanged, "affiliation_changed", 3),
        (Self::CessationOfOperation, "cessation_of_operation", 5),
        (Self::CertificateHold, "certificate_hold", 6),
        (Self::Superseded, "superseded", 4),
        (Self::Unspecified, "unspecified", 0),
    ];

    /// Returns the word as it is sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::WORDS.iter().find(|(reason, ..)| *reason == self).map_or("", |(_, word, _)| word)
    }

    /// Returns the reason of a word.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, word, _)| *word == text).map(|(reason, ..)| *reason)
    }

    /// Returns the reason of a number of CRLReason; `unspecified` for numbers that are none.
    #[must_use]
    pub fn from_number(number: u8) -> Self {
        Self::WORDS.iter().find(|(.., given)| *given == number).map_or(Self::Unspecified, |(reason, ..)| *reason)
    }
}

/// What is known about the revocation of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevocationStatus {
    /// On its issuer's list.
    Revoked {
        /// Since when.
        at: UtcTime,
        /// Why.
        reason: RevocationReason,
    },
    /// Not on the newest list known, which should have been replaced.
    Stale {
        /// When it should have been.
        due: UtcTime,
    },
    /// No list is known.
    Unknown,
    /// Not on a list that still counts.
    Good {
        /// When the list was made.
        listed_at: UtcTime,
    },
}
