//! The closed list of what can be found about a certificate: code, weight, explanation, and where the rule comes from. An
//! error makes the certificate unusable for the use it was judged for; warnings and information do not.

use super::Severity;

/// One finding about one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What.
    pub code: FindingCode,
    /// One or two sentences for people.
    pub detail: String,
}

macro_rules! findings {
    ($($name:ident = $text:literal, $severity:ident, $source:literal, $explanation:literal;)*) => {
        /// What can be found about a certificate, worst first.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FindingCode {
            $(#[doc = $explanation] #[doc = ""] #[doc = concat!("Source: ", $source, ".")] $name,)*
        }

        impl FindingCode {
            /// Every code, worst first.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Returns the code as answers write it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Returns how much it weighs.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }

            /// Returns what it means, in one or two sentences.
            #[must_use]
            pub fn explanation(self) -> &'static str {
                match self { $(Self::$name => $explanation,)* }
            }

            /// Returns the rule that it rests on.
            #[must_use]
            pub fn source(self) -> &'static str {
                match self { $(Self::$name => $source,)* }
            }
        }
    };
}

findings! {
    // Errors.
    Revoked = "revoked", Error, "RFC 5280, section 5.3",
        "The issuer has revoked the certificate.";
    Expired = "expired", Error, "RFC 5280, section 4.1.2.5",
        "The validity period is over.";
    NotYetValid = "not_yet_valid", Error, "RFC 5280, section 4.1.2.5",
        "The validity period has not begun.";
    ValidityInverted = "validity_inverted", Error, "RFC 5280, section 4.1.2.5",
        "The validity period ends before it begins.";
    ChainUntrusted = "chain_untrusted", Error, "RFC 5280, section 6.1",
        "No path leads from the certificate to a root of the set.";
    ChainSignature = "chain_signature", Error, "RFC 5280, section 6.1.3 (a)(1)",
        "A signature in the chain does not verify.";
    ChainAlgorithm = "chain_algorithm", Error, "RFC 5280, section 6.1.3 (a)(1); CA/B Baseline Requirements, section 7.1.3",
        "A signature in the chain uses an algorithm that is not accepted.";
    ChainExpired = "chain_expired", Error, "RFC 5280, section 6.1.3 (a)(2)",
        "An issuer in the chain is outside its validity period.";
    ChainConstraint = "chain_constraint", Error, "RFC 5280, sections 4.2.1.9 and 4.2.1.10",
        "An issuer in the chain may not issue this: it is no authority, or its path length or name constraints forbid it.";
    ChainUsage = "chain_usage", Error, "CA/B Baseline Requirements, section 7.1.2.10.6",
        "An issuer in the chain is limited to other purposes by its extended key usage.";
    ChainUnreadable = "chain_unreadable", Error, "RFC 5280, section 4",
        "The path cannot be validated: a certificate breaks the encoding rules, or the chain is too complex.";
    RootsNotConfigured = "roots_not_configured", Error, "configuration of this registry",
        "This registry has no roots of that set, so nothing can be said about the path.";
    AuthorityCertificate = "authority_certificate", Error, "RFC 5280, section 4.2.1.9",
        "It is the certificate of an authority, not of an end entity.";
    VersionUnsupported = "version_unsupported", Error, "RFC 5280, section 4.1.2.1",
        "It is no version 3 certificate; earlier versions have no extensions.";
    UnknownCriticalExtension = "unknown_critical_extension", Error, "RFC 5280, section 4.2",
        "It has a critical extension that nobody here knows; such a certificate must be rejected.";
    KeyWeak = "key_weak", Error, "CA/B Baseline Requirements, section 6.1.5; NIST SP 800-57 part 1",
        "The key is too short or its exponent is unsound.";
    KeyUnsupported = "key_unsupported", Error, "CA/B Baseline Requirements, section 6.1.5; RFC 8446, section 4.2.3",
        "The kind of key is not accepted; RSA, EC on P-256, P-384 or P-521, and Ed25519 are.";
    KeyUnfitForUse = "key_unfit_for_use", Error, "RFC 8410, section 5; RFC 5480, section 3",
        "A key of this kind cannot do what the certificate is published for.";
    SignatureWeak = "signature_weak", Error, "CA/B Baseline Requirements, section 7.1.3.2; RFC 9155",
        "It is signed with MD2, MD5 or SHA-1, which can be forged.";
    KeyUsageUnfit = "key_usage_unfit", Error, "RFC 5280, section 4.2.1.3; RFC 8446, section 4.4.2.2",
        "Its key usage does not allow what the certificate is published for.";
    ExtendedKeyUsageUnfit = "extended_key_usage_unfit", Error, "RFC 5280, section 4.2.1.12",
        "Its extended key usage names other purposes than the one the certificate is published for.";
    NoHostNames = "no_host_names", Error, "RFC 9525, section 2; CA/B Baseline Requirements, section 7.1.2.7.12",
        "It names no host in its subject alternative names; the common name does not count.";
    HostMismatch = "host_mismatch", Error, "RFC 9525, section 6.3",
        "It does not name the host of the endpoint.";
    WildcardTooWide = "wildcard_too_wide", Error, "CA/B Baseline Requirements, section 3.2.2.6",
        "It has a wildcard directly below a public suffix.";
    LeiMismatch = "lei_mismatch", Error, "ISO 17442-2; ETSI EN 319 412-1, section 5.1.4",
        "It names another LEI than the record.";
    LeiCritical = "lei_critical", Error, "CA/B S/MIME Baseline Requirements, section 7.1.2.3 (l); RFC 5280, section 4.2",
        "Its LEI extension is marked critical, which it must not be: software that does not know it must refuse the certificate.";
    // Warnings.
    ExpiresSoon = "expires_soon", Warning, "this registry: 30, 14, 7 and 1 days",
        "The validity period is nearly over.";
    ChainExpiresSoon = "chain_expires_soon", Warning, "RFC 5280, section 6.1.3 (a)(2)",
        "An issuer in the chain will be outside its validity period within 30 days, before the certificate itself.";
    ValidityTooLong = "validity_too_long", Warning, "CA/B Baseline Requirements, section 6.3.2",
        "The validity period is longer than public authorities may give.";
    NoExpiry = "no_expiry", Warning, "RFC 5280, section 4.1.2.5",
        "It says that it has no end (99991231235959Z).";
    SerialNotPositive = "serial_not_positive", Warning, "RFC 5280, section 4.1.2.2",
        "Its serial number is zero.";
    ChainDisordered = "chain_disordered", Warning, "RFC 8446, section 4.4.2",
        "The certificates do not follow each other: each should certify the one before it.";
    KeyExponentUnusual = "key_exponent_unusual", Warning, "CA/B Baseline Requirements, section 6.1.6",
        "The RSA exponent is below 65537.";
    KeyUsageOfAuthority = "key_usage_of_authority", Warning, "RFC 5280, section 4.2.1.3 and 4.2.1.9",
        "Its key usage allows signing certificates or lists, although it is no authority.";
    ExtendedKeyUsageAbsent = "extended_key_usage_absent", Warning, "CA/B Baseline Requirements, section 7.1.2.7.10",
        "It has no extended key usage, so nothing limits what its key is used for.";
    ExtendedKeyUsageAny = "extended_key_usage_any", Warning, "RFC 5280, section 4.2.1.12",
        "Its extended key usage names any purpose.";
    ExtendedKeyUsageTlsOnly = "extended_key_usage_tls_only", Warning, "RFC 5280, section 4.2.1.12",
        "Its extended key usage names TLS only. TRISA uses its identity certificates for more, so this is accepted there.";
    PublicClientCertificate = "public_client_certificate", Warning, "Chrome Root Program Policy 1.6, section 3.2.2",
        "Public authorities no longer issue certificates for TLS clients. Use a private authority, or pin the certificate.";
    NameMalformed = "name_malformed", Warning, "RFC 9525, section 6.3; RFC 5280, section 4.2.1.6",
        "One of its names is no host name: it is ignored.";
    NameNotPublic = "name_not_public", Warning, "CA/B Baseline Requirements, section 4.2.2",
        "One of its names is no public host.";
    CommonNameNotInNames = "common_name_not_in_names", Warning, "CA/B Baseline Requirements, section 7.1.4.3",
        "Its common name is none of its subject alternative names.";
    OrganisationMismatch = "organisation_mismatch", Warning, "CA/B Baseline Requirements, section 3.2.2.1",
        "Its organisation is not the legal name of the record, nor another name of it.";
    CountryMismatch = "country_mismatch", Warning, "CA/B Baseline Requirements, section 7.1.4.2",
        "Its country is not that of the record.";
    LeiMalformed = "lei_malformed", Warning, "ISO 17442-2; ISO 17442-1",
        "Its LEI extension cannot be read, or what it holds is no LEI.";
    OrganisationIdentifierMalformed = "organisation_identifier_malformed", Warning, "ETSI EN 319 412-1, section 5.1.4",
        "Its organizationIdentifier does not have the form that the standard gives.";
    OrganisationIdentifierCountry = "organisation_identifier_country", Warning, "ETSI EN 319 412-1, section 5.1.4",
        "Its organizationIdentifier is of another country than the record.";
    NaturalPersonIdentifier = "natural_person_identifier", Warning, "ETSI EN 319 412-1, section 5.1.3",
        "Its organizationIdentifier is one of a natural person.";
    RevocationStale = "revocation_stale", Warning, "RFC 5280, section 5.1.2.5",
        "The newest revocation list known should have been replaced by now.";
    // Information.
    KeyUsageAbsent = "key_usage_absent", Info, "RFC 5280, section 4.2.1.3",
        "It has no key usage, so its key may be used for anything.";
    ClientAuthInServerCertificate = "client_auth_in_server_certificate", Info, "Chrome Root Program Policy 1.6, section 3.2.2",
        "It allows TLS clients besides servers; public authorities end this.";
    RootInChain = "root_in_chain", Info, "RFC 8446, section 4.4.2",
        "The chain contains a self-issued root, which may be left out.";
    Pinned = "pinned", Info, "RFC 7858, appendix A",
        "No authority vouches for it: whoever uses it compares the very certificate or its key.";
    HostMatches = "host_matches", Info, "RFC 9525, section 6.3",
        "It names the host of the endpoint.";
    OrganisationMatches = "organisation_matches", Info, "CA/B Baseline Requirements, section 3.2.2.1",
        "Its organisation is a name of the record.";
    OrganisationAbsent = "organisation_absent", Info, "CA/B Baseline Requirements, section 7.1.2.7.2",
        "It names no organisation: it proves a host only.";
    LeiMatches = "lei_matches", Info, "ISO 17442-2",
        "It names the LEI of the record.";
    LeiAbsent = "lei_absent", Info, "ISO 17442-2",
        "It names no LEI; few certificates do.";
    LeiNotOnRecord = "lei_not_on_record", Info, "ISO 17442-2",
        "It names an LEI, and the record has none.";
    LeiRole = "lei_role", Info, "ISO 17442-2; CA/B S/MIME Baseline Requirements, section 7.1.2.3 (l)",
        "It names the role of a person in the organisation with that LEI.";
    OrganisationIdentifier = "organisation_identifier", Info, "ETSI EN 319 412-1, section 5.1.4",
        "Its organizationIdentifier names a registration.";
    RevocationGood = "revocation_good", Info, "RFC 5280, section 5",
        "It is not on the newest revocation list of its issuer.";
    RevocationUnknown = "revocation_unknown", Info, "RFC 5280, section 5",
        "No revocation list of its issuer is known here.";
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
