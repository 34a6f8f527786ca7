//! Reads a VASP's certificates with their chains and present findings.

use super::{Judged, not_found};
use crate::node::{Registry, ServiceError, find_vasp};
use vasp_pki::x509::{ReadCrl, parse_chain, pem_of};
use vasp_record::certificate::finding_code::Found;
use vasp_record::certificate::parsed::{ParsedCertificate, ParsedChain};
use vasp_record::certificate::revocation::RevocationStatus;
use vasp_record::certificate::{CertificateFinding, CertificateStatus, PublishedCertificate, RootSet};
use vasp_record::vasp_name::VaspName;
use vasp_store::{Conn, StoreError};
use vasp_words::ids::CertificateId;
use vasp_words::time::UtcTime;

/// A published certificate with its chain.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptCertificate {
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

impl KeptCertificate {
    /// Combines a certificate with its chain. The findings are the stored ones and those that follow from the passage of time.
    pub(super) fn of(certificate: PublishedCertificate, chain: &ParsedChain, now: UtcTime) -> Self {
        let findings = certificate.findings_at(now);
        let parsed = std::iter::once(chain.leaf.clone()).chain(chain.issuers.iter().cloned()).collect();
        Self { certificate, findings, at: now, pem: pem_of(&chain.ders), chain: parsed }
    }
}

/// Returns one certificate of a VASP, judged now.
pub fn read_certificate(
    registry: &Registry,
    vasp: VaspName,
    id: CertificateId,
    now: UtcTime,
) -> Result<KeptCertificate, ServiceError> {
    let record = find_vasp(registry.pin(now).records(), vasp)?;
    let certificate = record.certificates.iter().find(|known| known.id == id).cloned().ok_or_else(not_found)?;
    let (chain, list) = registry.store().read::<_, ServiceError>(|conn| {
        Ok((kept_chain(conn, id)?, conn.certificate_list(&id.to_string()).map_err(ServiceError::Store)?))
    })?;
    let read = list.and_then(|list| ReadCrl::read(&list).ok());
    let revocation = read.map_or(RevocationStatus::Unknown, |list| list.status(&chain.leaf.serial, now));
    let judged = Judged { chain: &chain, certificate_use: certificate.certificate_use, hosts: Vec::new(), revocation };
    let (_, found) = judged.by(registry, certificate.root_set.unwrap_or(RootSet::Pinned), &record, now);
    let mut own = KeptCertificate::of(certificate, &chain, now);
    own.findings = together(&own, &found);
    Ok(own)
}

/// Combines the present findings with the stored findings about the endpoint's host, which cannot be checked again.
fn together(own: &KeptCertificate, found: &[Found]) -> Vec<CertificateFinding> {
    let hosts = own.certificate.findings.iter().filter(|finding| finding.code.starts_with("host_")).cloned();
    let revoked = own.findings.iter().filter(|finding| finding.code == "revoked").cloned();
    let revoked = revoked.filter(|_| own.certificate.status == CertificateStatus::Revoked);
    let now = found.iter().filter(|found| found.code.as_str() != "revoked").map(CertificateFinding::from);
    let mut findings: Vec<_> = revoked.chain(now).chain(hosts).collect();
    findings.sort_by_key(|finding| finding.severity);
    findings
}

/// Reads the chain that was stored when a certificate was published.
pub(crate) fn kept_chain(conn: &mut Conn, id: CertificateId) -> Result<ParsedChain, ServiceError> {
    let pem = conn.certificate_chain(&id.to_string()).map_err(ServiceError::Store)?;
    let wrong = || StoreError::impossible("certificate_chains", format!("no chain is kept of {id}"));
    parse_chain(&pem.ok_or_else(wrong)?).map_err(|_| wrong().into())
}
