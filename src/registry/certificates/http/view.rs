//! A published certificate, as everybody sees it: what it says, how it stands at the moment, and what was found.

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
    lei: Option<Lei>,
    country: Option<Country>,
    issuer: String,
    /// Hex.
    serial: String,
    not_before: UtcTime,
    /// The last second of its validity.
    not_after: UtcTime,
    dns_names: Vec<String>,
    #[schema(example = "EC P-256")]
    key: String,
    /// Null: by none.
    root_set: Option<RootSet>,
    /// Worst first, as of now.
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
    /// Returns a certificate as it stands at a moment.
    pub(crate) fn at(certificate: &PublishedCertificate, at: UtcTime) -> Self {
        Self::with(certificate, &certificate.findings_at(at), at)
    }

    /// Returns a certificate with findings that were made at a moment.
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
