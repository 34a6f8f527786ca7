//! A published certificate, as everybody sees it: what it says, how it stands at the moment, and what was found.

use serde::Serialize;
use utoipa::ToSchema;

use vasp_record::certificate::{CertificateFinding, CertificateState, CertificateUse, PublishedCertificate, RootSet, Severity};
use vasp_words::time::UtcTime;

/// What was found about a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = CertificateFinding)]
pub(crate) struct CertificateFindingView {
    severity: Severity,
    #[schema(example = "expires_soon")]
    code: String,
    /// What was found.
    detail: String,
}

/// A certificate that a VASP published.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Certificate)]
pub(crate) struct CertificateView {
    #[schema(example = "crt_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    id: String,
    r#use: CertificateUse,
    state: CertificateState,
    /// Whole days of validity that are left; 0 when it is over.
    #[schema(minimum = 0)]
    days_left: i64,
    /// SHA-256 of the certificate's DER, hex.
    sha256: String,
    /// SHA-256 of its public key (SubjectPublicKeyInfo), hex.
    spki_sha256: String,
    common_name: Option<String>,
    organisation: Option<String>,
    /// organizationIdentifier (2.5.4.97), as written.
    #[schema(example = "LEIXG-529900HNOAA1KXQJUQ27")]
    organisation_identifier: Option<String>,
    /// The LEI of its LEI extension.
    lei: Option<String>,
    country: Option<String>,
    issuer: String,
    /// Hex.
    serial: String,
    #[schema(value_type = String, format = DateTime)]
    not_before: UtcTime,
    /// The last second of its validity.
    #[schema(value_type = String, format = DateTime)]
    not_after: UtcTime,
    dns_names: Vec<String>,
    #[schema(example = "EC P-256")]
    key: String,
    /// Null: by none.
    root_set: Option<RootSet>,
    /// Worst first, as of now.
    findings: Vec<CertificateFindingView>,
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked_at: Option<UtcTime>,
    /// Source: RFC 5280, section 5.3.1.
    #[schema(example = "key_compromise")]
    revocation_reason: Option<String>,
    /// Whether this registry issued it.
    issued_by_registry: bool,
    #[schema(value_type = String, format = DateTime)]
    published_at: UtcTime,
}

impl From<&CertificateFinding> for CertificateFindingView {
    fn from(finding: &CertificateFinding) -> Self {
        Self { severity: finding.severity, code: finding.code.clone(), detail: finding.detail.clone() }
    }
}

impl CertificateView {
    /// Returns a certificate as it stands at a moment.
    pub(crate) fn at(certificate: &PublishedCertificate, at: UtcTime) -> Self {
        Self::with(certificate, &certificate.findings_at(at), at)
    }

    /// Returns a certificate with findings that were made at a moment.
    pub(crate) fn with(certificate: &PublishedCertificate, findings: &[CertificateFinding], at: UtcTime) -> Self {
        Self {
            id: certificate.id.to_string(),
            r#use: certificate.certificate_use,
            state: certificate.state_at(at),
            days_left: certificate.days_left(at),
            sha256: certificate.sha256.clone(),
            spki_sha256: certificate.spki_sha256.clone(),
            common_name: certificate.common_name.clone(),
            organisation: certificate.organisation.clone(),
            organisation_identifier: certificate.organisation_identifier.clone(),
            lei: certificate.lei.map(|lei| lei.to_string()),
            country: certificate.country.map(|country| country.to_string()),
            issuer: certificate.issuer.clone(),
            serial: certificate.serial.clone(),
            not_before: certificate.not_before,
            not_after: certificate.not_after,
            dns_names: certificate.dns_names.clone(),
            key: certificate.key.clone(),
            root_set: certificate.root_set,
            findings: findings.iter().map(CertificateFindingView::from).collect(),
            revoked_at: certificate.revoked_at,
            revocation_reason: certificate.revocation_reason.clone(),
            issued_by_registry: certificate.issued_by_registry,
            published_at: certificate.published_at,
        }
    }
}
