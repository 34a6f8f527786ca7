//! Why a certificate is revoked.

use vasp_words::closed_list::closed_list;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_reads_back_by_text_and_by_serde() {
        for reason in RevocationReason::ALL {
            assert_eq!(reason.as_str().parse(), Ok(reason));
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
        assert!("certificate_hold".parse::<RevocationReason>().is_err());
    }
}
