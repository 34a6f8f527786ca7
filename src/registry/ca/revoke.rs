//! Revokes certificates that the registry issued: the row, the CRL and what readers see, in one transaction. A revocation is final.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::AuthorityKeys;
use super::crl::next_crl;
use super::key_use::{compromise, key_of, others_with_its_key};
use crate::acts::{Act, Deed, Reply};
use crate::node::{Registry, ServiceError, invalid};
use crate::organisations::revoke_by_sha256;
use crate::publishing::Publisher;
use vasp_pki::ca::Serial;
use vasp_record::ca::RevocationReason;
use vasp_record::certificate::revocation::RevocationReason as Reason;
use vasp_record::certificate::{CertificateStatus, PublishedCertificate};
use vasp_record::client_certificate::Sha256Hex;
use vasp_store::{IssuedRow, StoreError, Transaction};
use vasp_words::closed_list::UnknownWord;
use vasp_words::ids::{CertificateId, VaspId};
use vasp_words::time::UtcTime;

/// The source of a revocation by the registry itself.
const SOURCE: &str = "registry CA";

/// The result of a revocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revoked {
    /// The certificate in its present state.
    pub row: IssuedRow,
    /// Whether this call revoked it; false if it was revoked before.
    pub newly: bool,
}

/// When and why certificates end.
pub(crate) struct Ending<'a> {
    /// When the certificate was revoked.
    pub(crate) at: UtcTime,
    /// Why.
    pub(crate) reason: Reason,
    /// Who says so, in words.
    pub(crate) source: &'a str,
}

/// Revokes a published certificate and publishes the revocation. If the key was compromised, this also revokes the record's other
/// certificates with that key, even if this certificate was already revoked for another reason. Returns the certificate in its revoked state.
/// `publisher` is the publisher of its record, read in this transaction.
pub(crate) fn revoke_published(
    transaction: &mut Transaction<'_>,
    registry: &Registry,
    publisher: &Publisher,
    known: &PublishedCertificate,
    ending: &Ending<'_>,
) -> Result<PublishedCertificate, ServiceError> {
    let is_compromised = ending.reason == Reason::KeyCompromise;
    let others = if is_compromised { others_with_its_key(publisher, known) } else { vec![] };
    let live = Some(known).filter(|known| known.status != CertificateStatus::Revoked);
    let (issued, other): (Vec<_>, Vec<_>) = live.into_iter().chain(&others).partition(|one| one.issued_by_registry);
    // A certificate that the registry issued also has a row, an entry in the CRL and perhaps a second use.
    let mut rows = BTreeMap::new();
    for certificate in issued {
        let row = transaction.conn().issued_as(certificate.id)?.filter(|row| row.vasp == publisher.vasp);
        let row = row.ok_or_else(|| StoreError::impossible("issued_certificates", format!("{} has no row", certificate.id)))?;
        rows.insert(row.serial.clone(), row);
    }
    if !rows.is_empty() {
        let wrong = |error: UnknownWord| invalid("/reason", "invalid_value", error.to_string());
        let reason = ending.reason.try_into().map_err(wrong)?;
        revoke_rows(transaction, registry, Some(publisher), rows.values(), reason)?;
    }
    let (reason, now) = (ending.reason.as_str(), transaction.now());
    for certificate in other {
        // A revoked certificate gives no access to this API.
        if let Ok(sha256) = Sha256Hex::try_from(certificate.sha256.clone()) {
            revoke_by_sha256(transaction, sha256)?;
        }
        let (at, source) = if certificate.id == known.id { (ending.at, ending.source) } else { (now, "its key was compromised") };
        publisher.tell(transaction, &certificate.revoked(at, reason), source);
    }
    if is_compromised {
        compromise(transaction, key_of(known)?, publisher.number)?;
    }
    Ok(live.map_or_else(|| known.clone(), |known| known.revoked(ending.at, reason)))
}

/// Revokes all live certificates of a VASP, and returns how many. The transaction that suspends, revokes or retires the VASP calls
/// this.
pub fn revoke_all_of(
    transaction: &mut Transaction<'_>,
    registry: &Registry,
    vasp: VaspId,
    reason: RevocationReason,
) -> Result<usize, ServiceError> {
    let publisher = Publisher::by_registry(transaction, vasp)?;
    let now = transaction.now();
    let rows = transaction.conn().live_issued_of(vasp, now)?;
    revoke_rows(transaction, registry, publisher.as_ref(), &rows, reason)
}

/// Revokes a certificate for the registry's operators.
pub fn revoke_by_serial(act: Act<'_, Revoked>, serial: Serial, reason: RevocationReason) -> Result<Reply, ServiceError> {
    let registry = act.registry;
    act.run("certificate.revoke", |transaction, _| {
        let missing = || ServiceError::NotFound("The registry issued no certificate with this serial number.".to_owned());
        let vasp = transaction.conn().issued(&serial.to_string())?.ok_or_else(missing)?.vasp;
        let publisher = Publisher::by_registry(transaction, vasp)?;
        // Read again: the record is locked now.
        let row = transaction.conn().issued(&serial.to_string())?.ok_or_else(missing)?;
        let id = row.client_certificate.or(row.server_certificate);
        let known = publisher.as_ref().zip(id).and_then(|(publisher, id)| Some((publisher, publisher.item(&id.to_string())?)));
        let newly = row.revoked_at.is_none();
        if let Some((publisher, known)) = known {
            let ending = Ending { at: transaction.now(), reason: reason.into(), source: SOURCE };
            revoke_published(transaction, registry, publisher, &known, &ending)?;
        } else {
            revoke_rows(transaction, registry, publisher.as_ref(), [&row], reason)?;
            let holder = transaction.conn().key_holder(row.spki_sha256)?;
            if let (RevocationReason::KeyCompromise, Some(holder)) = (reason, holder) {
                compromise(transaction, row.spki_sha256, holder.vasp)?;
            }
        }
        let row = transaction.conn().issued(&row.serial)?.unwrap_or(row);
        let revoked = Revoked { row, newly };
        let details = json!({"vasp": revoked.row.vasp, "reason": revoked.row.reason, "newly": revoked.newly});
        Ok(Deed::new(revoked, serial, details))
    })
}

fn revoke_rows<'a>(
    transaction: &mut Transaction<'_>,
    registry: &Registry,
    publisher: Option<&Publisher>,
    rows: impl IntoIterator<Item = &'a IssuedRow>,
    reason: RevocationReason,
) -> Result<usize, ServiceError> {
    let now = transaction.now();
    let (mut issuers, mut revoked) = (BTreeSet::new(), 0_usize);
    for row in rows {
        if !transaction.revoke_issued(&row.serial, now, reason)? {
            continue;
        }
        revoked = revoked.saturating_add(1);
        issuers.insert(row.issuer);
        revoke_by_sha256(transaction, row.sha256)?;
        for id in [row.client_certificate, row.server_certificate].into_iter().flatten() {
            tell(transaction, publisher, id, reason, now)?;
        }
    }
    // In a fixed order, so that two transactions cannot deadlock.
    for issuer in issuers {
        next_crl(transaction, registry.part::<AuthorityKeys>(), issuer)?;
    }
    Ok(revoked)
}

fn tell(
    transaction: &mut Transaction<'_>,
    publisher: Option<&Publisher>,
    id: CertificateId,
    reason: RevocationReason,
    now: UtcTime,
) -> Result<(), ServiceError> {
    let Some(publisher) = publisher else { return Ok(()) };
    let Some(known) = publisher.item::<PublishedCertificate>(&id.to_string()) else { return Ok(()) };
    if known.status == CertificateStatus::Revoked {
        return Ok(());
    }
    publisher.tell(transaction, &known.revoked(now, reason.as_str()), SOURCE);
    Ok(())
}
