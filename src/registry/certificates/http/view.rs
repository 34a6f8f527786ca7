//! A published certificate as everybody sees it: its content, its present state and its findings.

use serde::Serialize;
use utoipa::ToSchema;

use vasp_record::certificate::{CertificateFinding, CertificateState, CertificateUse, PublishedCertificate, RootSet};
use vasp_words::country::Country;
use vasp_words::ids::CertificateId;
use vasp_words::lei::Lei;
use vasp_words::time::UtcTime;

/// A certificate that a VASP published.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Certificate)]
pub(crate) struct CertificateView {
    id: CertificateId,
    r#use: CertificateUse,
    state: CertificateState,
    /// Whole days of validity that are left; 0 after it has ended.
    #[schema(minimum = 0)]
    days_left: i64,
    /// SHA-256 of the certificate's DER, hex.
    sha256: String,
    /// SHA-256 of its public key (SubjectPublicKeyInfo), hex.
    spki_sha256: String,
    common_name: Option<String>,
    organisation: Option<String>,
    /// organizationIdentifier (2.5.4.97), as it is written in the certificate.
    #[schema(example = "LEIXG-529900HNOAA1KXQJUQ27")]
    organisation_identifier: Option<String>,
    /// The LEI in the certificate's LEI extension.
    lei: Option<Lei>,
    country: Option<Country>,
    issuer: String,
    /// In hex.
    serial: String,
    not_before: UtcTime,
    /// The last second of its validity.
    not_after: UtcTime,
    dns_names: Vec<String>,
    #[schema(example = "EC P-256")]
    key: String,
    /// The set of roots that vouches for the certificate; null if none does.
    root_set: Option<RootSet>,
    /// Present findings, worst first.
    findings: Vec<CertificateFinding>,
    revoked_at: Option<UtcTime>,
    /// Source: RFC 5280, section 5.3.1.
    #[schema(example = "key_compromise")]
    revocation_reason: Option<String>,
    /// Whether this registry issued it.
    issued_by_registry: bool,
    published_at: UtcTime,
}

impl CertificateView {
    /// Returns a certificate in its state at a given time.
    pub(crate) fn at(certificate: &PublishedCertificate, at: UtcTime) -> Self {
        Self::with(certificate, &certificate.findings_at(at), at)
    }

    /// Returns a certificate with findings that were made at a given time.
    pub(crate) fn with(certificate: &PublishedCertificate, findings: &[CertificateFinding], at: UtcTime) -> Self {
        Self {
            id: certificate.id,
            r#use: certificate.certificate_use,
            state: certificate.state_at(at),
            days_left: certificate.days_left(at),
            sha256: certificate.sha256.clone(),
            spki_sha256: certificate.spki_sha256.clone(),
            common_name: certificate.common_name.clone(),
            organisation: certificate.organisation.clone(),
            organisation_identifier: certificate.organisation_identifier.clone(),
            lei: certificate.lei,
            country: certificate.country,
            issuer: certificate.issuer.clone(),
            serial: certificate.serial.clone(),
            not_before: certificate.not_before,
            not_after: certificate.not_after,
            dns_names: certificate.dns_names.clone(),
            key: certificate.key.clone(),
            root_set: certificate.root_set,
            findings: findings.to_vec(),
            revoked_at: certificate.revoked_at,
            revocation_reason: certificate.revocation_reason.clone(),
            issued_by_registry: certificate.issued_by_registry,
            published_at: certificate.published_at,
        }
    }
}
