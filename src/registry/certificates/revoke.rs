//! Revokes a certificate. This is a restriction, so it takes effect at once, whatever the certificate's version and the record's
//! status.

use serde_json::json;

use super::read::{KeptCertificate, kept_chain};
use super::{conflict, not_found};
use crate::acts::{Act, Deed, Reply};
use crate::ca::{Ending, revoke_published};
use crate::node::ServiceError;
use crate::publishing::Publisher;
use vasp_record::certificate::revocation::RevocationReason;
use vasp_record::certificate::{CertificateStatus, PublishedCertificate};
use vasp_words::ids::CertificateId;

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
        // That its key was compromised may be learned later, and ends more.
        let is_learned = reason == RevocationReason::KeyCompromise && known.revocation_reason.as_deref() != Some(reason.as_str());
        if known.status == CertificateStatus::Revoked && !is_learned {
            return Err(conflict("/reason", "already_revoked", "The certificate is already revoked."));
        }
        let chain = kept_chain(transaction.conn(), id)?;
        let ending = Ending { at: now, reason, source: "revoked by the member" };
        let certificate = revoke_published(transaction, registry, &publisher, &known, &ending)?;
        let details = json!({"vasp": publisher.vasp, "sha256": certificate.sha256, "reason": reason});
        Ok(Deed::new(KeptCertificate::of(certificate, &chain, now), id, details))
    })
}
