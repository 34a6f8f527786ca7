//! Revokes a certificate: restrictive, so it acts at once, whatever the version and wherever the record stands.

use serde_json::json;

use super::read::{OwnCertificate, kept_chain};
use super::{conflict, not_found};
use crate::domain::certificate::revocation::RevocationReason;
use crate::domain::certificate::{CertificateStatus, PublishedCertificate};
use crate::domain::ids::CertificateId;
use crate::domain::time::UtcTime;
use crate::service::published::Publisher;
use crate::service::{Act, Deed, Reply, ServiceError};
use crate::store::Transaction;

/// Revokes a certificate of the caller's VASP.
///
/// # Errors
/// `ServiceError::NotFound`, `Conflict` for one that is revoked, `IllegalStep`, `Store`.
pub fn revoke_certificate(
    act: Act<'_, OwnCertificate>,
    id: CertificateId,
    reason: RevocationReason,
) -> Result<Reply, ServiceError> {
    act.run("certificate.revoke", |transaction, identity| {
        let now = transaction.now();
        let publisher = Publisher::restricting(transaction, identity)?;
        let known = publisher.item::<PublishedCertificate>(&id.to_string())?.ok_or_else(not_found)?;
        if known.status == CertificateStatus::Revoked {
            return Err(conflict("/reason", "already_revoked", "The certificate is revoked already."));
        }
        let chain = kept_chain(transaction.conn(), id)?;
        let certificate = mark_revoked(transaction, &publisher, known, (now, reason), "revoked by the member")?;
        let details = json!({"vasp": publisher.vasp, "sha256": certificate.sha256, "reason": reason});
        Ok(Deed::new(OwnCertificate::of(certificate, &chain, now), id, details))
    })
}

/// Says that a certificate is revoked, and lets it go where no other use of it is left.
pub(super) fn mark_revoked(
    transaction: &mut Transaction<'_>,
    publisher: &Publisher,
    known: PublishedCertificate,
    (at, reason): (UtcTime, RevocationReason),
    source: &str,
) -> Result<PublishedCertificate, ServiceError> {
    let certificate = PublishedCertificate {
        version: known.version + 1,
        status: CertificateStatus::Revoked,
        revoked_at: Some(at),
        revocation_reason: Some(reason.as_str().to_owned()),
        ..known
    };
    let others = publisher.items::<PublishedCertificate>()?;
    let mut others = others.iter().filter(|other| other.id != certificate.id && other.sha256 == certificate.sha256);
    if others.all(|other| other.status == CertificateStatus::Revoked) {
        transaction.let_certificate_go(&certificate.sha256, publisher.number)?;
    }
    publisher.tell(transaction, &certificate, source);
    Ok(certificate)
}
