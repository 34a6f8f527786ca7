//! What the revocation lists of an issuer say about a certificate, and the words in which a revocation is given a reason.

use vasp_words::closed_list::closed_list;
use vasp_words::time::UtcTime;

closed_list! {
    /// Why a certificate was revoked.
    ///
    /// Source: RFC 5280, section 5.3.1 (CRLReason), in snake case; `removeFromCRL` is no reason of a revocation.
    pub enum RevocationReason as "PublishedRevocationReason" with u8 {
        /// The private key is known or feared to be known to others.
        KeyCompromise = "key_compromise" => 1,
        /// The same, of the issuer's key.
        CaCompromise = "ca_compromise" => 2,
        /// The same, of an attribute authority.
        AaCompromise = "aa_compromise" => 10,
        /// A privilege in it was withdrawn.
        PrivilegeWithdrawn = "privilege_withdrawn" => 9,
        /// Name or other details changed.
        AffiliationChanged = "affiliation_changed" => 3,
        /// It is no longer needed.
        CessationOfOperation = "cessation_of_operation" => 5,
        /// It is on hold.
        CertificateHold = "certificate_hold" => 6,
        /// Another took its place.
        Superseded = "superseded" => 4,
        /// None was given.
        Unspecified = "unspecified" => 0,
    }
}

impl RevocationReason {
    /// Returns the reason of a number of CRLReason; `unspecified` for numbers that are none.
    #[must_use]
    pub fn from_number(number: u8) -> Self {
        Self::ALL.into_iter().find(|reason| reason.with() == number).unwrap_or(Self::Unspecified)
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
