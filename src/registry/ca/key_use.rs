//! One key, one firm: whoever holds a key can act as any firm that has a certificate for it, whether the registry issued the certificate or
//! the firm published it.

use crate::node::{Fault, ServiceError};
use crate::publishing::Publisher;
use vasp_record::certificate::{CertificateStatus, PublishedCertificate};
use vasp_record::client_certificate::Sha256Hex;
use vasp_store::Transaction;

/// Assigns a key to a VASP. Refuses a key for which another VASP has a certificate, and a key that was reported as compromised.
///
/// # Errors
/// `ServiceError::Conflict` with `key_compromised` or `key_in_use`; `Store`.
pub(crate) fn hold_key(
    transaction: &mut Transaction<'_>,
    publisher: &Publisher,
    key: Sha256Hex,
    pointer: &str,
) -> Result<(), ServiceError> {
    let (code, detail) = match transaction.hold_key(key, publisher.number)? {
        (_, true) => {
            ("key_compromised", "A certificate with this key was revoked because the key was compromised; create a new key.")
        }
        (holder, false) if holder != publisher.number => {
            ("key_in_use", "Another VASP has a certificate with this key; create a new key.")
        }
        (_, false) => return Ok(()),
    };
    Err(ServiceError::Conflict(Fault { pointer: pointer.to_owned(), code, detail: detail.to_owned() }))
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
