//! One key, one firm: whoever holds a key can act as any firm that has a certificate for it, whether the registry issued the certificate or
//! the firm published it.

use crate::node::{Fault, Registry, ServiceError};
use vasp_record::ca::RevocationReason;
use vasp_record::certificate::CertificateStatus;
use vasp_record::client_certificate::Sha256Hex;
use vasp_store::Transaction;
use vasp_words::ids::VaspId;

/// How a certificate of a key stands.
struct Use {
    vasp: VaspId,
    is_compromised: bool,
    is_revoked: bool,
}

/// Refuses a key for which another VASP has a certificate, and a key that was reported as compromised.
///
/// # Errors
/// `ServiceError::Conflict` with `key_compromised` or `key_in_use`; `Store`.
pub(crate) fn check_key(
    transaction: &mut Transaction<'_>,
    registry: &Registry,
    own: VaspId,
    key: Sha256Hex,
    pointer: &str,
) -> Result<(), ServiceError> {
    let conflict = |code: &'static str, detail: &str| {
        Err(ServiceError::Conflict(Fault { pointer: pointer.to_owned(), code, detail: detail.to_owned() }))
    };
    let issued = transaction.conn().issued_with_key(key)?.into_iter().map(|(vasp, reason)| Use {
        vasp,
        is_compromised: reason == Some(RevocationReason::KeyCompromise),
        is_revoked: false,
    });
    let (generation, text) = (registry.pin(transaction.now()), key.to_string());
    let published = generation.records().iter().flat_map(|record| {
        let of_key = record.certificates.iter().filter(|certificate| certificate.spki_sha256 == text);
        of_key.map(|certificate| Use {
            vasp: record.id,
            is_compromised: certificate.revocation_reason.as_deref() == Some(RevocationReason::KeyCompromise.as_str()),
            is_revoked: certificate.status == CertificateStatus::Revoked,
        })
    });
    let all: Vec<Use> = issued.chain(published).collect();
    if all.iter().any(|one| one.is_compromised) {
        return conflict(
            "key_compromised",
            "A certificate with this key was revoked because the key was compromised; create a new key.",
        );
    }
    if all.iter().any(|one| one.vasp != own && !one.is_revoked) {
        return conflict("key_in_use", "Another VASP has a certificate with this key; create a new key.");
    }
    Ok(())
}
