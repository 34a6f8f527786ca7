//! The closed list of certificate findings: code, severity, explanation, and source of the rule. An error makes the certificate
//! unusable for the use it was judged for; warnings and information do not.

use super::Severity;
use vasp_words::closed_list::{ClosedList, closed_list};

/// One finding about one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The code of the finding.
    pub code: FindingCode,
    /// One or two sentences for people.
    pub detail: String,
}

closed_list! {
    /// The code of a certificate finding, worst first.
    pub enum FindingCode with (Severity, &'static str) {
        // Errors.
        /// The issuer has revoked the certificate.
        Revoked = "revoked" => (Severity::Error, "RFC 5280, section 5.3"),
        /// The validity period has ended.
        Expired = "expired" => (Severity::Error, "RFC 5280, section 4.1.2.5"),
        /// The validity period has not begun.
        NotYetValid = "not_yet_valid" => (Severity::Error, "RFC 5280, section 4.1.2.5"),
        /// The validity period ends before it begins.
        ValidityInverted = "validity_inverted" => (Severity::Error, "RFC 5280, section 4.1.2.5"),
        /// No path leads from the certificate to a root of the root set.
        ChainUntrusted = "chain_untrusted" => (Severity::Error, "RFC 5280, section 6.1"),
        /// A signature in the chain does not verify.
        ChainSignature = "chain_signature" => (Severity::Error, "RFC 5280, section 6.1.3 (a)(1)"),
        /// A signature in the chain uses an algorithm that is not accepted.
        ChainAlgorithm = "chain_algorithm" => (Severity::Error, "RFC 5280, section 6.1.3 (a)(1); CA/B Baseline Requirements, section 7.1.3"),
        /// An issuer in the chain is outside its validity period.
        ChainExpired = "chain_expired" => (Severity::Error, "RFC 5280, section 6.1.3 (a)(2)"),
        /// An issuer in the chain may not issue this certificate: it is not an authority, or its path length or name constraints forbid it.
        ChainConstraint = "chain_constraint" => (Severity::Error, "RFC 5280, sections 4.2.1.9 and 4.2.1.10"),
        /// An issuer in the chain is limited to other purposes by its extended key usage.
        ChainUsage = "chain_usage" => (Severity::Error, "CA/B Baseline Requirements, section 7.1.2.10.6"),
        /// The path cannot be validated: a certificate violates the encoding rules, or the chain is too complex.
        ChainUnreadable = "chain_unreadable" => (Severity::Error, "RFC 5280, section 4"),
        /// This registry has no roots for that root set, so it cannot check the path.
        RootsNotConfigured = "roots_not_configured" => (Severity::Error, "configuration of this registry"),
        /// It is the certificate of an authority, not of an end entity.
        AuthorityCertificate = "authority_certificate" => (Severity::Error, "RFC 5280, section 4.2.1.9"),
        /// It is not a version 3 certificate; earlier versions have no extensions.
        VersionUnsupported = "version_unsupported" => (Severity::Error, "RFC 5280, section 4.1.2.1"),
        /// It has a critical extension that the registry does not know; such a certificate must be rejected.
        UnknownCriticalExtension = "unknown_critical_extension" => (Severity::Error, "RFC 5280, section 4.2"),
        /// The key is too short, or its exponent is unsafe.
        KeyWeak = "key_weak" => (Severity::Error, "CA/B Baseline Requirements, section 6.1.5; NIST SP 800-57 part 1"),
        /// This kind of key is not accepted; accepted are RSA, EC on P-256, P-384 or P-521, and Ed25519.
        KeyUnsupported = "key_unsupported" => (Severity::Error, "CA/B Baseline Requirements, section 6.1.5; RFC 8446, section 4.2.3"),
        /// A key of this kind cannot be used for what the certificate is published for.
        KeyUnfitForUse = "key_unfit_for_use" => (Severity::Error, "RFC 8410, section 5; RFC 5480, section 3"),
        /// It is signed with MD2, MD5 or SHA-1, which can be forged.
        SignatureWeak = "signature_weak" => (Severity::Error, "CA/B Baseline Requirements, section 7.1.3.2; RFC 9155"),
        /// Its key usage does not allow the use that the certificate is published for.
        KeyUsageUnfit = "key_usage_unfit" => (Severity::Error, "RFC 5280, section 4.2.1.3; RFC 8446, section 4.4.2.2"),
        /// Its extended key usage does not include the purpose that the certificate is published for.
        ExtendedKeyUsageUnfit = "extended_key_usage_unfit" => (Severity::Error, "RFC 5280, section 4.2.1.12"),
        /// Its subject alternative names include no host; a host in the common name is not accepted.
        NoHostNames = "no_host_names" => (Severity::Error, "RFC 9525, section 2; CA/B Baseline Requirements, section 7.1.2.7.12"),
        /// It does not name the host of the endpoint.
        HostMismatch = "host_mismatch" => (Severity::Error, "RFC 9525, section 6.3"),
        /// It has a wildcard directly below a public suffix.
        WildcardTooWide = "wildcard_too_wide" => (Severity::Error, "CA/B Baseline Requirements, section 3.2.2.6"),
        /// It names another LEI than the record has.
        LeiMismatch = "lei_mismatch" => (Severity::Error, "ISO 17442-2; ETSI EN 319 412-1, section 5.1.4"),
        /// Its LEI extension is marked critical, which is not allowed: software that does not know the extension must refuse the certificate.
        LeiCritical = "lei_critical" => (Severity::Error, "CA/B S/MIME Baseline Requirements, section 7.1.2.3 (l); RFC 5280, section 4.2"),
        // Warnings.
        /// The validity period ends soon.
        ExpiresSoon = "expires_soon" => (Severity::Warning, "this registry: 30, 14, 7 and 1 days"),
        /// An issuer in the chain expires within 30 days, before the certificate itself.
        ChainExpiresSoon = "chain_expires_soon" => (Severity::Warning, "RFC 5280, section 6.1.3 (a)(2)"),
        /// The validity period is longer than public authorities are allowed to give.
        ValidityTooLong = "validity_too_long" => (Severity::Warning, "CA/B Baseline Requirements, section 6.3.2"),
        /// It states that it never expires (99991231235959Z).
        NoExpiry = "no_expiry" => (Severity::Warning, "RFC 5280, section 4.1.2.5"),
        /// Its serial number is zero.
        SerialNotPositive = "serial_not_positive" => (Severity::Warning, "RFC 5280, section 4.1.2.2"),
        /// The certificates are in the wrong order: each should certify the one before it.
        ChainDisordered = "chain_disordered" => (Severity::Warning, "RFC 8446, section 4.4.2"),
        /// The RSA exponent is below 65537.
        KeyExponentUnusual = "key_exponent_unusual" => (Severity::Warning, "CA/B Baseline Requirements, section 6.1.6"),
        /// Its key usage allows it to sign certificates or revocation lists, although it is not an authority.
        KeyUsageOfAuthority = "key_usage_of_authority" => (Severity::Warning, "RFC 5280, section 4.2.1.3 and 4.2.1.9"),
        /// It has no extended key usage, so its key may be used for any purpose.
        ExtendedKeyUsageAbsent = "extended_key_usage_absent" => (Severity::Warning, "CA/B Baseline Requirements, section 7.1.2.7.10"),
        /// Its extended key usage allows any purpose.
        ExtendedKeyUsageAny = "extended_key_usage_any" => (Severity::Warning, "RFC 5280, section 4.2.1.12"),
        /// Its extended key usage names TLS only. TRISA uses its identity certificates for more, so this is accepted there.
        ExtendedKeyUsageTlsOnly = "extended_key_usage_tls_only" => (Severity::Warning, "RFC 5280, section 4.2.1.12"),
        /// Public authorities no longer issue certificates for TLS clients. Use a private authority, or pin the certificate.
        PublicClientCertificate = "public_client_certificate" => (Severity::Warning, "Chrome Root Program Policy 1.6, section 3.2.2"),
        /// One of its names is not a host name and is ignored.
        NameMalformed = "name_malformed" => (Severity::Warning, "RFC 9525, section 6.3; RFC 5280, section 4.2.1.6"),
        /// One of its names is not a public host.
        NameNotPublic = "name_not_public" => (Severity::Warning, "CA/B Baseline Requirements, section 4.2.2"),
        /// Its common name is not among its subject alternative names.
        CommonNameNotInNames = "common_name_not_in_names" => (Severity::Warning, "CA/B Baseline Requirements, section 7.1.4.3"),
        /// Its organisation is neither the legal name nor another name of the record.
        OrganisationMismatch = "organisation_mismatch" => (Severity::Warning, "CA/B Baseline Requirements, section 3.2.2.1"),
        /// Its country is not the country of the record.
        CountryMismatch = "country_mismatch" => (Severity::Warning, "CA/B Baseline Requirements, section 7.1.4.2"),
        /// Its LEI extension cannot be read, or its content is not an LEI.
        LeiMalformed = "lei_malformed" => (Severity::Warning, "ISO 17442-2; ISO 17442-1"),
        /// Its organizationIdentifier does not have the form that the standard requires.
        OrganisationIdentifierMalformed = "organisation_identifier_malformed" => (Severity::Warning, "ETSI EN 319 412-1, section 5.1.4"),
        /// Its organizationIdentifier names another country than the record.
        OrganisationIdentifierCountry = "organisation_identifier_country" => (Severity::Warning, "ETSI EN 319 412-1, section 5.1.4"),
        /// Its organizationIdentifier belongs to a natural person.
        NaturalPersonIdentifier = "natural_person_identifier" => (Severity::Warning, "ETSI EN 319 412-1, section 5.1.3"),
        /// The newest known revocation list should have been replaced by now.
        RevocationStale = "revocation_stale" => (Severity::Warning, "RFC 5280, section 5.1.2.5"),
        // Information.
        /// It has no key usage, so its key may be used for anything.
        KeyUsageAbsent = "key_usage_absent" => (Severity::Info, "RFC 5280, section 4.2.1.3"),
        /// It is for TLS clients as well as servers; public authorities are ending this.
        ClientAuthInServerCertificate = "client_auth_in_server_certificate" => (Severity::Info, "Chrome Root Program Policy 1.6, section 3.2.2"),
        /// The chain contains a self-issued root, which can be left out.
        RootInChain = "root_in_chain" => (Severity::Info, "RFC 8446, section 4.4.2"),
        /// No authority vouches for it: whoever uses it must compare this exact certificate or its key.
        Pinned = "pinned" => (Severity::Info, "RFC 7858, appendix A"),
        /// It names the host of the endpoint.
        HostMatches = "host_matches" => (Severity::Info, "RFC 9525, section 6.3"),
        /// Its organisation is a name of the record.
        OrganisationMatches = "organisation_matches" => (Severity::Info, "CA/B Baseline Requirements, section 3.2.2.1"),
        /// It names no organisation, so it only proves a host.
        OrganisationAbsent = "organisation_absent" => (Severity::Info, "CA/B Baseline Requirements, section 7.1.2.7.2"),
        /// It names the LEI of the record.
        LeiMatches = "lei_matches" => (Severity::Info, "ISO 17442-2"),
        /// It names no LEI; most certificates do not.
        LeiAbsent = "lei_absent" => (Severity::Info, "ISO 17442-2"),
        /// It names an LEI, and the record has none.
        LeiNotOnRecord = "lei_not_on_record" => (Severity::Info, "ISO 17442-2"),
        /// It names the role of a person in the organisation with that LEI.
        LeiRole = "lei_role" => (Severity::Info, "ISO 17442-2; CA/B S/MIME Baseline Requirements, section 7.1.2.3 (l)"),
        /// Its organizationIdentifier names a registration.
        OrganisationIdentifier = "organisation_identifier" => (Severity::Info, "ETSI EN 319 412-1, section 5.1.4"),
        /// It is not on the newest revocation list of its issuer.
        RevocationGood = "revocation_good" => (Severity::Info, "RFC 5280, section 5"),
        /// The registry has no revocation list of its issuer.
        RevocationUnknown = "revocation_unknown" => (Severity::Info, "RFC 5280, section 5"),
    }
}

impl FindingCode {
    /// Returns the severity.
    #[must_use]
    pub fn severity(self) -> Severity {
        self.with().0
    }

    /// Returns its meaning in one or two sentences.
    #[must_use]
    pub fn explanation(self) -> &'static str {
        self.documentation()
    }

    /// Returns the source of the rule.
    #[must_use]
    pub fn source(self) -> &'static str {
        self.with().1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_snake_case_and_stand_worst_first() {
        let mut codes: Vec<_> = FindingCode::ALL.iter().map(|code| code.as_str()).collect();
        assert!(codes.iter().all(|code| code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')));
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), FindingCode::ALL.len());
        assert!(FindingCode::ALL.is_sorted_by_key(|code| code.severity()));
    }

    #[test]
    fn every_code_is_explained_in_the_documentation() {
        let page = include_str!("../../../docs/certificates.md");
        for code in FindingCode::ALL {
            let severity = match code.severity() {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "information",
            };
            let row = format!("| `{}` | {severity} | {} | {} |", code.as_str(), code.explanation(), code.source());
            assert!(page.contains(&row), "docs/certificates.md lacks\n{row}");
        }
    }
}
