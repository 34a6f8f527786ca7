//! Certificates that VASPs publish: their data, and their state at a moment. `pki` reads certificates; `certificate_judgement`
//! judges them.

mod finding;
pub mod finding_code;
pub mod host_names;
pub mod organisation_identifier;
pub mod parsed;
pub mod path;
pub mod profile;
pub mod revocation;
pub mod standing;

pub use finding::{CertificateFinding, Severity};
use vasp_words::closed_list::closed_list;

use serde::{Deserialize, Serialize};
use vasp_words::country::Country;
use vasp_words::ids::CertificateId;
use vasp_words::lei::Lei;
use vasp_words::time::UtcTime;

closed_list! {
    /// The use for which a certificate is published.
    ///
    /// Source: TRP 3.0.0 (client and server certificates), TRISA (signing and sealing).
    pub enum CertificateUse {
        /// TLS server.
        TlsServer = "tls_server",
        /// TLS client.
        TlsClient = "tls_client",
        /// Signing messages.
        Signing = "signing",
        /// Encrypting messages to the VASP.
        Encryption = "encryption",
    }

    /// The set of roots that makes a chain trusted.
    pub enum RootSet {
        /// No root: the VASP itself states exactly this certificate.
        Pinned = "pinned",
        /// Roots that this registry's operator chose.
        Private = "private",
        /// TRISA's roots.
        Trisa = "trisa",
        /// The roots of browsers.
        WebPki = "web_pki",
        /// This registry's own root.
        RegistryCa = "registry_ca",
    }

    /// The last status that a VASP gave to a certificate.
    pub enum CertificateStatus {
        /// It must not be used any more.
        Revoked = "revoked",
        /// In use.
        Active = "active",
    }

    /// The state of a certificate at a moment, worst first. It expires one second after its last valid second, or when an issuer
    /// in its chain expires.
    pub enum CertificateState {
        /// It must not be used any more.
        Revoked = "revoked",
        /// Its validity has ended, or that of an issuer in its chain.
        Expired = "expired",
        /// Its validity has not begun.
        NotYetValid = "not_yet_valid",
        /// Valid.
        Active = "active",
    }
}

/// A certificate as its VASP published it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedCertificate {
    /// Public id.
    pub id: CertificateId,
    /// Version number; it increases with every change.
    pub version: i64,
    /// What the certificate is for.
    #[serde(rename = "use")]
    pub certificate_use: CertificateUse,
    /// SHA-256 of the certificate's DER, lower-case hex.
    pub sha256: String,
    /// SHA-256 of its SubjectPublicKeyInfo's DER, lower-case hex.
    pub spki_sha256: String,
    /// Subject: common name.
    pub common_name: Option<String>,
    /// Subject: organisation.
    pub organisation: Option<String>,
    /// Subject: organizationIdentifier (2.5.4.97), as written.
    pub organisation_identifier: Option<String>,
    /// LEI from the extension 1.3.6.1.4.1.52266.1 (ISO 17442-2).
    pub lei: Option<Lei>,
    /// Subject: country.
    pub country: Option<Country>,
    /// Issuer, RFC 4514.
    pub issuer: String,
    /// Serial number, lower-case hex.
    pub serial: String,
    /// First moment of validity.
    pub not_before: UtcTime,
    /// Last second of validity (RFC 5280, section 4.1.2.5: inclusive).
    pub not_after: UtcTime,
    /// The earliest end of validity in the chain, including this certificate.
    pub chain_not_after: UtcTime,
    /// SAN dNSNames, lower case.
    pub dns_names: Vec<String>,
    /// Key, such as `EC P-256` or `RSA 2048`.
    pub key: String,
    /// The set of roots that made it trusted; `None` if no set did (see the findings).
    pub root_set: Option<RootSet>,
    /// The findings at the time of publication.
    pub findings: Vec<CertificateFinding>,
    /// The last status that its VASP or its issuer gave.
    pub status: CertificateStatus,
    /// When it was revoked; `None` if it is not.
    pub revoked_at: Option<UtcTime>,
    /// The revocation reason, as RFC 5280 section 5.3.1 names it.
    pub revocation_reason: Option<String>,
    /// Whether this registry issued it.
    pub issued_by_registry: bool,
    /// When it was published.
    pub published_at: UtcTime,
}

impl PublishedCertificate {
    /// Returns it in its revoked state.
    #[must_use]
    pub fn revoked(&self, at: UtcTime, reason: &str) -> Self {
        Self {
            version: self.version + 1,
            status: CertificateStatus::Revoked,
            revoked_at: Some(at),
            revocation_reason: Some(reason.to_owned()),
            ..self.clone()
        }
    }

    /// Returns its state at a moment: it expires one second after its last valid second.
    #[must_use]
    pub fn state_at(&self, now: UtcTime) -> CertificateState {
        if self.status == CertificateStatus::Revoked {
            return CertificateState::Revoked;
        }
        // Certificate times have whole seconds, and the last second is still valid.
        if now >= self.not_after.min(self.chain_not_after).plus_secs(1) {
            return CertificateState::Expired;
        }
        if now < self.not_before { CertificateState::NotYetValid } else { CertificateState::Active }
    }

    /// Returns the number of whole days of validity left; 0 after its end.
    #[must_use]
    pub fn days_left(&self, now: UtcTime) -> i64 {
        let micros = self.not_after.min(self.chain_not_after).micros().saturating_sub(now.micros());
        micros.max(0).div_euclid(86_400 * 1_000_000)
    }

    /// Tells whether others may rely on it at a moment for its published use.
    #[must_use]
    pub fn is_usable(&self, now: UtcTime) -> bool {
        self.state_at(now) == CertificateState::Active && self.findings.iter().all(|finding| finding.severity != Severity::Error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> UtcTime {
        text.parse().unwrap()
    }

    fn certificate() -> PublishedCertificate {
        PublishedCertificate {
            id: "crt_00000000000000000000000001".parse().unwrap(),
            version: 1,
            certificate_use: CertificateUse::TlsServer,
            sha256: "00".repeat(32),
            spki_sha256: "00".repeat(32),
            common_name: None,
            organisation: None,
            organisation_identifier: None,
            lei: None,
            country: None,
            issuer: "CN=x".to_owned(),
            serial: "01".to_owned(),
            not_before: at("2026-01-01T00:00:00Z"),
            not_after: at("2026-03-31T23:59:59Z"),
            chain_not_after: at("2026-03-31T23:59:59Z"),
            dns_names: vec![],
            key: "EC P-256".to_owned(),
            root_set: None,
            findings: vec![],
            status: CertificateStatus::Active,
            revoked_at: None,
            revocation_reason: None,
            issued_by_registry: false,
            published_at: at("2026-01-01T00:00:00Z"),
        }
    }

    /// Source: RFC 5280, section 4.1.2.5: the validity period runs from notBefore through notAfter, inclusive.
    #[test]
    fn it_expires_at_the_second() {
        let known = certificate();

        let states = ["2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z", "2026-03-31T23:59:59.5Z", "2026-04-01T00:00:00Z"];

        let expected =
            [CertificateState::NotYetValid, CertificateState::Active, CertificateState::Active, CertificateState::Expired];
        assert_eq!(states.map(|text| known.state_at(at(text))), expected);
        assert_eq!(known.days_left(at("2026-03-30T00:00:00Z")), 1);
        assert_eq!(known.days_left(at("2026-04-02T00:00:00Z")), 0);
    }

    #[test]
    fn an_earlier_end_in_the_chain_and_a_revocation_count_first() {
        let chained = PublishedCertificate { chain_not_after: at("2026-02-01T00:00:00Z"), ..certificate() };
        let revoked = PublishedCertificate { status: CertificateStatus::Revoked, ..certificate() };

        assert_eq!(chained.state_at(at("2026-02-01T00:00:01Z")), CertificateState::Expired);
        assert_eq!(revoked.state_at(at("2026-05-01T00:00:00Z")), CertificateState::Revoked);
    }
}
