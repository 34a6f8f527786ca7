//! Accepts a revocation list for a certificate, if its issuer signed the list and the list is not older than the known one. A list
//! that names the certificate revokes it for every reader at once.

use serde_json::json;

use super::read::{KeptCertificate, kept_chain};
use super::{conflict, not_found};
use crate::acts::{Act, Deed, Reply};
use crate::ca::{Ending, revoke_published};
use crate::node::{Registry, ServiceError, invalid};
use crate::publishing::Publisher;
use vasp_pki::x509::{ReadCrl, issuer_of};
use vasp_record::certificate::parsed::ParsedChain;
use vasp_record::certificate::revocation::{RevocationReason, RevocationStatus};
use vasp_record::certificate::{CertificateStatus, PublishedCertificate};
use vasp_store::Transaction;
use vasp_words::ids::CertificateId;

/// Accepts a revocation list that the member uploads for one of its certificates.
///
/// # Errors
/// `ServiceError::Invalid` if it is no list, or not a list of the certificate's issuer; `Conflict` if it is older than the known one;
/// `NotFound`, `IllegalStep`, `Store`.
pub fn take_revocation_list(act: Act<'_, KeptCertificate>, id: CertificateId, list: &[u8]) -> Result<Reply, ServiceError> {
    let registry = act.registry;
    let read = ReadCrl::read(list).map_err(|error| invalid("/crl", error.code(), error.to_string()))?;
    act.run("certificate.list", |transaction, identity| {
        let now = transaction.now();
        let publisher = Publisher::restricting(transaction, identity)?;
        let (certificate, chain) = take(transaction, registry, &publisher, id, &read)?;
        let details = json!({"vasp": publisher.vasp, "sha256": certificate.sha256, "revoked": certificate.status == CertificateStatus::Revoked});
        Ok(Deed::new(KeptCertificate::of(certificate, &chain, now), id, details))
    })
}

/// Stores a list that is valid for a certificate, and revokes the certificate if the list names it.
pub(super) fn take(
    transaction: &mut Transaction<'_>,
    registry: &Registry,
    publisher: &Publisher,
    id: CertificateId,
    read: &ReadCrl,
) -> Result<(PublishedCertificate, ParsedChain), ServiceError> {
    let now = transaction.now();
    let known = publisher.item::<PublishedCertificate>(&id.to_string()).ok_or_else(not_found)?;
    let chain = kept_chain(transaction.conn(), id)?;
    let issuer = issuer_of(&chain, registry.roots()).ok_or_else(|| {
        invalid(
            "/crl",
            "crl_issuer_unknown",
            "The certificate's issuer is unknown: it is neither in the certificate's chain nor among the registry's roots.",
        )
    })?;
    read.accept(&chain.leaf, &issuer, now).map_err(|error| invalid("/crl", error.code(), error.to_string()))?;
    let before = transaction.conn().certificate_list(&id.to_string())?.and_then(|list| ReadCrl::read(&list).ok());
    if before.is_some_and(|before| read.by_age(&before).is_lt()) {
        return Err(conflict("/crl", "crl_older", "The registry already has a newer list of this issuer."));
    }
    transaction.keep_certificate_list(&id.to_string(), read.der())?;
    let certificate = match read.status(&chain.leaf.serial, now) {
        RevocationStatus::Revoked { at, reason }
            if known.status != CertificateStatus::Revoked || reason == RevocationReason::KeyCompromise =>
        {
            revoke_published(transaction, registry, publisher, &known, &Ending { at, reason, source: "revoked by its issuer" })?
        }
        _ => known,
    };
    Ok((certificate, chain))
}
