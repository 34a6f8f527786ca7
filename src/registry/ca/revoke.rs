//! Revokes certificates that the registry issued: the row, the CRL and what readers see, in one transaction. A revocation is final.

use std::collections::BTreeSet;

use serde_json::json;

use super::AuthorityKeys;
use super::crl::next_crl;
use crate::acts::{Act, Deed, Reply};
use crate::node::{Registry, ServiceError};
use crate::organisations::revoke_by_sha256;
use crate::publishing::Publisher;
use vasp_pki::ca::Serial;
use vasp_record::ca::RevocationReason;
use vasp_record::certificate::{CertificateStatus, PublishedCertificate};
use vasp_store::{IssuedRow, Transaction};
use vasp_words::ids::{CertificateId, VaspId};
use vasp_words::time::UtcTime;

/// The result of a revocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revoked {
    /// The certificate in its present state.
    pub row: IssuedRow,
    /// Whether this call revoked it; false if it was revoked before.
    pub newly: bool,
}

/// Revokes the certificate that is published under an id, including its other id. `None` if the registry did not issue it to this
/// VASP. This function also publishes the revocation on the record, so the caller must not do so. `publisher` is the publisher of
/// that record, read in this transaction.
pub fn revoke_issued(
    transaction: &mut Transaction<'_>,
    registry: &Registry,
    publisher: &Publisher,
    id: CertificateId,
    reason: RevocationReason,
) -> Result<Option<Revoked>, ServiceError> {
    let Some(row) = transaction.conn().issued_as(id)? else { return Ok(None) };
    if row.vasp != publisher.vasp {
        return Ok(None);
    }
    let newly = revoke_rows(transaction, registry, Some(publisher), std::slice::from_ref(&row), reason)?;
    read_again(transaction, row, newly > 0).map(Some)
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
        let row = transaction.conn().issued(&serial.to_string())?.ok_or_else(missing)?;
        let publisher = Publisher::by_registry(transaction, row.vasp)?;
        let newly = revoke_rows(transaction, registry, publisher.as_ref(), std::slice::from_ref(&row), reason)?;
        let revoked = read_again(transaction, row, newly > 0)?;
        let details = json!({"vasp": revoked.row.vasp, "reason": revoked.row.reason, "newly": revoked.newly});
        Ok(Deed::new(revoked, serial, details))
    })
}

fn read_again(transaction: &mut Transaction<'_>, before: IssuedRow, newly: bool) -> Result<Revoked, ServiceError> {
    Ok(Revoked { row: transaction.conn().issued(&before.serial)?.unwrap_or(before), newly })
}

fn revoke_rows(
    transaction: &mut Transaction<'_>,
    registry: &Registry,
    publisher: Option<&Publisher>,
    rows: &[IssuedRow],
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
    let said = PublishedCertificate {
        version: known.version.saturating_add(1),
        status: CertificateStatus::Revoked,
        revoked_at: Some(now),
        revocation_reason: Some(reason.as_str().to_owned()),
        ..known
    };
    publisher.tell(transaction, &said, "registry CA");
    Ok(())
}
