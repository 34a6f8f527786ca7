//! The status of a certificate on its issuer's revocation lists, and the reasons for a revocation.

use vasp_words::closed_list::closed_list;
use vasp_words::time::UtcTime;

closed_list! {
    /// Why a certificate was revoked.
    ///
    /// Source: RFC 5280, section 5.3.1 (CRLReason), in snake case; `removeFromCRL` is not a reason for a revocation.
    pub enum RevocationReason as "PublishedRevocationReason" with u8 {
        /// Others know, or may know, the private key.
        KeyCompromise = "key_compromise" => 1,
        /// Others know, or may know, the issuer's key.
        CaCompromise = "ca_compromise" => 2,
        /// Others know, or may know, the key of an attribute authority.
        AaCompromise = "aa_compromise" => 10,
        /// A privilege stated in the certificate was withdrawn.
        PrivilegeWithdrawn = "privilege_withdrawn" => 9,
        /// The name or other details of the subject changed.
        AffiliationChanged = "affiliation_changed" => 3,
        /// It is no longer needed.
        CessationOfOperation = "cessation_of_operation" => 5,
        /// It is on hold.
        CertificateHold = "certificate_hold" => 6,
        /// Another certificate replaced it.
        Superseded = "superseded" => 4,
        /// No reason was given.
        Unspecified = "unspecified" => 0,
    }
}

/// What is known about the revocation of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevocationStatus {
    /// It is on its issuer's revocation list.
    Revoked {
        /// When it was revoked.
        at: UtcTime,
        /// The reason.
        reason: RevocationReason,
    },
    /// It is not on the newest known list, but that list is out of date.
    Stale {
        /// When the next list was due.
        due: UtcTime,
    },
    /// No list is known.
    Unknown,
    /// It is not on a list that is still valid.
    Good {
        /// When the list was made.
        listed_at: UtcTime,
    },
}
