//! Reads certificates: a member's own with their present findings, and the PEM of published ones for everybody.

use std::sync::Arc;

use super::{Judged, not_found, record};
use crate::acts::Identity;
use crate::node::{Registry, ServiceError, find_vasp};
use vasp_pki::x509::{ReadCrl, parse_chain, pem_of};
use vasp_record::certificate::finding_code::Found;
use vasp_record::certificate::parsed::{ParsedCertificate, ParsedChain};
use vasp_record::certificate::revocation::RevocationStatus;
use vasp_record::certificate::{CertificateFinding, CertificateStatus, PublishedCertificate, RootSet};
use vasp_record::vasp::Vasp;
use vasp_record::vasp_name::VaspName;
use vasp_store::{Conn, StoreError};
use vasp_words::ids::CertificateId;
use vasp_words::time::UtcTime;

/// A member's own certificate, as the member sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnCertificate {
    /// The published certificate.
    pub certificate: PublishedCertificate,
    /// The present findings, worst first.
    pub findings: Vec<CertificateFinding>,
    /// The time at which the findings were made.
    pub at: UtcTime,
    /// The chain as PEM, the certificate first.
    pub pem: String,
    /// The chain as it was read, the certificate first.
    pub chain: Vec<ParsedCertificate>,
}

/// A published certificate with its PEM.
#[derive(Clone, Debug)]
pub struct CertificateDocument {
    /// The published certificate.
    pub certificate: PublishedCertificate,
    /// The chain as PEM.
    pub pem: String,
    /// The time of the answer.
    pub at: UtcTime,
}

impl OwnCertificate {
    /// Combines a certificate with its chain. The findings are the stored ones and those that follow from the passage of time.
    pub(super) fn of(certificate: PublishedCertificate, chain: &ParsedChain, now: UtcTime) -> Self {
        let findings = certificate.findings_at(now);
        let parsed = std::iter::once(chain.leaf.clone()).chain(chain.issuers.iter().cloned()).collect();
        Self { certificate, findings, at: now, pem: pem_of(&chain.ders), chain: parsed }
    }
}

/// Returns the certificates of the caller's VASP, revoked ones too, in order of id.
#[must_use]
pub fn list_own_certificates(registry: &Registry, identity: &Identity, now: UtcTime) -> Vec<PublishedCertificate> {
    own_record(registry, identity, now).map(|record| record.certificates.clone()).unwrap_or_default()
}

fn own_record(registry: &Registry, identity: &Identity, now: UtcTime) -> Option<Arc<Vasp>> {
    identity.vasp.and_then(|vasp| record(registry, vasp, now).ok())
}

/// Returns one certificate of the caller's VASP, judged now.
pub fn read_own_certificate(
    registry: &Registry,
    identity: &Identity,
    id: CertificateId,
    now: UtcTime,
) -> Result<OwnCertificate, ServiceError> {
    let record = own_record(registry, identity, now).ok_or_else(not_found)?;
    let certificate = record.certificates.iter().find(|known| known.id == id).cloned().ok_or_else(not_found)?;
    let (chain, list) = registry.store().read::<_, ServiceError>(|conn| {
        Ok((kept_chain(conn, id)?, conn.certificate_list(&id.to_string()).map_err(ServiceError::Store)?))
    })?;
    let read = list.and_then(|list| ReadCrl::read(&list).ok());
    let revocation = read.map_or(RevocationStatus::Unknown, |list| list.status(&chain.leaf.serial, now));
    let judged = Judged { chain: &chain, certificate_use: certificate.certificate_use, hosts: Vec::new(), revocation };
    let (_, found) = judged.by(registry, certificate.root_set.unwrap_or(RootSet::Pinned), &record, now);
    let mut own = OwnCertificate::of(certificate, &chain, now);
    own.findings = together(&own, &found);
    Ok(own)
}

/// Combines the present findings with the stored findings about the endpoint's host, which cannot be checked again.
fn together(own: &OwnCertificate, found: &[Found]) -> Vec<CertificateFinding> {
    let hosts = own.certificate.findings.iter().filter(|finding| finding.code.starts_with("host_")).cloned();
    let revoked = own.findings.iter().filter(|finding| finding.code == "revoked").cloned();
    let revoked = revoked.filter(|_| own.certificate.status == CertificateStatus::Revoked);
    let now = found.iter().filter(|found| found.code.as_str() != "revoked").map(CertificateFinding::from);
    let mut findings: Vec<_> = revoked.chain(now).chain(hosts).collect();
    findings.sort_by_key(|finding| finding.severity);
    findings
}

/// Returns a published certificate of any VASP, with its PEM.
pub fn read_published_certificate(
    registry: &Registry,
    vasp: VaspName,
    id: CertificateId,
    now: UtcTime,
) -> Result<CertificateDocument, ServiceError> {
    let generation = registry.pin(now);
    let record = find_vasp(generation.records(), vasp)?;
    let absent = || ServiceError::NotFound("This VASP has published no such certificate.".to_owned());
    let certificate = record.certificates.iter().find(|known| known.id == id).cloned().ok_or_else(absent)?;
    let pem = pem_of(&registry.store().read::<_, ServiceError>(|conn| kept_chain(conn, id))?.ders);
    Ok(CertificateDocument { certificate, pem, at: now })
}

/// Reads the chain that was stored when a certificate was published.
pub(crate) fn kept_chain(conn: &mut Conn, id: CertificateId) -> Result<ParsedChain, ServiceError> {
    let pem = conn.certificate_chain(&id.to_string()).map_err(ServiceError::Store)?;
    let wrong = || StoreError::impossible("certificate_chains", format!("no chain is kept of {id}"));
    parse_chain(&pem.ok_or_else(wrong)?).map_err(|_| wrong().into())
}
