//! Why a certificate is revoked.

use crate::certificate::revocation::RevocationReason as Published;
use vasp_words::closed_list::{UnknownWord, closed_list};

closed_list! {
    /// Why a certificate is revoked, worst first (RFC 5280 section 5.3.1).
    ///
    /// Source: RFC 5280 section 5.3.1.
    pub enum RevocationReason {
        /// Somebody else has, or may have, the private key.
        KeyCompromise = "key_compromise",
        /// Somebody else has, or may have, the authority's key.
        CaCompromise = "ca_compromise",
        /// The registry no longer vouches for the VASP.
        PrivilegeWithdrawn = "privilege_withdrawn",
        /// The certificate's data about its subject are no longer correct.
        AffiliationChanged = "affiliation_changed",
        /// Another certificate replaces it.
        Superseded = "superseded",
        /// It is no longer needed.
        CessationOfOperation = "cessation_of_operation",
        /// No reason was given.
        Unspecified = "unspecified",
    }
}

impl From<RevocationReason> for Published {
    fn from(reason: RevocationReason) -> Self {
        match reason {
            RevocationReason::KeyCompromise => Self::KeyCompromise,
            RevocationReason::CaCompromise => Self::CaCompromise,
            RevocationReason::PrivilegeWithdrawn => Self::PrivilegeWithdrawn,
            RevocationReason::AffiliationChanged => Self::AffiliationChanged,
            RevocationReason::Superseded => Self::Superseded,
            RevocationReason::CessationOfOperation => Self::CessationOfOperation,
            RevocationReason::Unspecified => Self::Unspecified,
        }
    }
}

/// Fails for reasons that the registry does not give.
impl TryFrom<Published> for RevocationReason {
    type Error = UnknownWord;

    fn try_from(reason: Published) -> Result<Self, UnknownWord> {
        reason.as_str().parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_reads_back_by_text_and_by_serde() {
        for reason in RevocationReason::ALL {
            assert_eq!(reason.as_str().parse(), Ok(reason));
            assert_eq!(Published::from(reason).as_str(), reason.as_str());
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
        assert!("certificate_hold".parse::<RevocationReason>().is_err());
    }
}
