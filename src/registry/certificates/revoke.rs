//! Revokes a certificate. This is a restriction, so it takes effect at once, whatever the certificate's version and the record's
//! status.

use serde_json::json;

use super::read::{KeptCertificate, kept_chain};
use super::{conflict, not_found};
use crate::acts::{Act, Deed, Reply};
use crate::ca;
use crate::node::{Registry, ServiceError, invalid};
use crate::organisations::revoke_by_sha256;
use crate::publishing::Publisher;
use vasp_record::certificate::revocation::RevocationReason;
use vasp_record::certificate::{CertificateStatus, PublishedCertificate};
use vasp_record::client_certificate::Sha256Hex;
use vasp_store::Transaction;
use vasp_words::closed_list::UnknownWord;
use vasp_words::ids::CertificateId;
use vasp_words::time::UtcTime;

/// Revokes a certificate of the caller's VASP.
///
/// # Errors
/// `ServiceError::NotFound`, `Conflict` if it is revoked already, `IllegalStep`, `Store`.
pub fn revoke_certificate(
    act: Act<'_, KeptCertificate>,
    id: CertificateId,
    reason: RevocationReason,
) -> Result<Reply, ServiceError> {
    let registry = act.registry;
    act.run("certificate.revoke", |transaction, identity| {
        let now = transaction.now();
        let publisher = Publisher::restricting(transaction, identity)?;
        let known = publisher.item::<PublishedCertificate>(&id.to_string()).ok_or_else(not_found)?;
        if known.status == CertificateStatus::Revoked {
            return Err(conflict("/reason", "already_revoked", "The certificate is already revoked."));
        }
        let chain = kept_chain(transaction.conn(), id)?;
        let certificate = revoke(transaction, registry, &publisher, known, reason)?;
        if reason == RevocationReason::KeyCompromise {
            // Whoever stole the key can use all certificates of this key.
            let is_of_key = |other: &PublishedCertificate| other.spki_sha256 == certificate.spki_sha256 && other.id != id;
            let others = publisher.items::<PublishedCertificate>().into_iter().filter(is_of_key);
            for other in others.filter(|other| other.status != CertificateStatus::Revoked) {
                revoke(transaction, registry, &publisher, other, reason)?;
            }
        }
        let details = json!({"vasp": publisher.vasp, "sha256": certificate.sha256, "reason": reason});
        Ok(Deed::new(KeptCertificate::of(certificate, &chain, now), id, details))
    })
}

/// Revokes one certificate, and returns it.
fn revoke(
    transaction: &mut Transaction<'_>,
    registry: &Registry,
    publisher: &Publisher,
    known: PublishedCertificate,
    reason: RevocationReason,
) -> Result<PublishedCertificate, ServiceError> {
    let now = transaction.now();
    // A certificate that the registry issued also has a row, an entry in the CRL and perhaps a second use. The registry's own
    // authority handles all of these.
    if known.issued_by_registry {
        let wrong = |error: UnknownWord| invalid("/reason", "invalid_value", error.to_string());
        let word = reason.as_str().parse().map_err(wrong)?;
        ca::revoke_issued(transaction, registry, publisher, known.id, word)?.ok_or_else(not_found)?;
        return Ok(revoked(known, now, reason.as_str()));
    }
    mark_revoked(transaction, publisher, known, now, reason, "revoked by the member")
}

/// Returns the certificate in its revoked state.
fn revoked(known: PublishedCertificate, at: UtcTime, reason: &str) -> PublishedCertificate {
    PublishedCertificate {
        version: known.version + 1,
        status: CertificateStatus::Revoked,
        revoked_at: Some(at),
        revocation_reason: Some(reason.to_owned()),
        ..known
    }
}

/// Ends the certificate's access to this API, if its VASP made it a credential.
fn end_credential(transaction: &mut Transaction<'_>, known: &PublishedCertificate) -> Result<(), ServiceError> {
    Sha256Hex::try_from(known.sha256.clone()).map_or(Ok(()), |sha256| revoke_by_sha256(transaction, sha256).map(drop))
}

/// Publishes that a certificate is revoked. Releases it for other VASPs if it is not published for any other use.
pub(super) fn mark_revoked(
    transaction: &mut Transaction<'_>,
    publisher: &Publisher,
    known: PublishedCertificate,
    at: UtcTime,
    reason: RevocationReason,
    source: &str,
) -> Result<PublishedCertificate, ServiceError> {
    // Whether the member or the issuer's list revoked it, it gives no access to this API any more.
    end_credential(transaction, &known)?;
    let certificate = revoked(known, at, reason.as_str());
    let others = publisher.items::<PublishedCertificate>();
    let mut others = others.iter().filter(|other| other.id != certificate.id && other.sha256 == certificate.sha256);
    if others.all(|other| other.status == CertificateStatus::Revoked) {
        transaction.let_certificate_go(&certificate.sha256, publisher.number)?;
    }
    publisher.tell(transaction, &certificate, source);
    Ok(certificate)
}
