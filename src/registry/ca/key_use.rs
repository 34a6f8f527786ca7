//! A key belongs to one VASP: the first that proves to have the private half. If two VASPs had certificates with one key, each could act as
//! the other. A VASP that publishes a certificate without a proof holds no key, because an issuer can put any public key into a certificate.

use crate::node::{Fault, ServiceError};
use crate::organisations::revoke_by_key;
use crate::publishing::Publisher;
use vasp_record::certificate::revocation::RevocationReason;
use vasp_record::certificate::{CertificateStatus, PublishedCertificate};
use vasp_record::client_certificate::Sha256Hex;
use vasp_store::Transaction;

/// Assigns a key to a VASP that proved to have it. Refuses a key that another VASP holds, and a key that was reported as compromised, also
/// without a proof.
///
/// # Errors
/// `ServiceError::Conflict` with `key_compromised` or `key_in_use`; `Store`.
pub(crate) fn hold_key(
    transaction: &mut Transaction<'_>,
    publisher: &Publisher,
    (key, is_proven): (Sha256Hex, bool),
    pointer: &str,
) -> Result<(), ServiceError> {
    let holder = match is_proven {
        true => Some(transaction.hold_key(key, publisher.number)?),
        false => transaction.conn().key_holder(key)?,
    };
    let (text, reason) = (key.to_string(), RevocationReason::KeyCompromise.as_str());
    let own = publisher.items::<PublishedCertificate>();
    let was_own = own.iter().any(|own| own.spki_sha256 == text && own.revocation_reason.as_deref() == Some(reason));
    let (code, detail) = match holder {
        _ if was_own || holder.is_some_and(|holder| holder.is_compromised) => {
            ("key_compromised", "A certificate with this key was revoked because the key was compromised; create a new key.")
        }
        Some(holder) if holder.vasp != publisher.number => {
            ("key_in_use", "Another VASP has a certificate with this key; create a new key.")
        }
        _ => return Ok(()),
    };
    Err(ServiceError::Conflict(Fault { pointer: pointer.to_owned(), code, detail: detail.to_owned() }))
}

/// Records that a key was compromised, if this VASP holds it, and ends every credential for this API that has the key.
pub(super) fn compromise(transaction: &mut Transaction<'_>, key: Sha256Hex, holder: i64) -> Result<(), ServiceError> {
    if transaction.compromise_key(key, holder)? { revoke_by_key(transaction, key) } else { Ok(()) }
}

/// Returns the key of a published certificate.
pub(crate) fn key_of(certificate: &PublishedCertificate) -> Result<Sha256Hex, ServiceError> {
    Sha256Hex::try_from(certificate.spki_sha256.clone()).map_err(ServiceError::unreadable("certificate"))
}

/// Returns the other certificates with the key of this one that its VASP published and nobody revoked.
pub(super) fn others_with_its_key(publisher: &Publisher, certificate: &PublishedCertificate) -> Vec<PublishedCertificate> {
    let is_other = |other: &PublishedCertificate| {
        other.id != certificate.id && other.spki_sha256 == certificate.spki_sha256 && other.status != CertificateStatus::Revoked
    };
    publisher.items().into_iter().filter(is_other).collect()
}
