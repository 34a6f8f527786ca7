//! CRLs: one for each authority. Each revocation makes a new CRL in its own transaction, and a timer makes one after half of the
//! validity period. The numbers always rise, whatever the clock does.

use rand_core::RngCore;

use super::AuthorityKeys;
use crate::node::{Registry, ServiceError};
use vasp_pki::ca::{NewCrl, RevokedSerial};
use vasp_record::ca::{AuthorityKind, AuthorityState, CRL_SECS, Validity};
use vasp_store::{AuthorityRow, CrlRow, StoreError, Transaction};
use vasp_words::ids::AuthorityId;
use vasp_words::time::UtcTime;

/// How long a revoked certificate stays on the CRL after its own expiry, in seconds. This is longer than the validity of one CRL.
///
/// Source: RFC 5280 section 3.3: an entry stays until it has appeared on one regular CRL issued beyond the certificate's validity.
const STAYS_SECS: i64 = 2 * CRL_SECS;

/// Makes an authority's first CRL.
pub(super) fn first_crl(
    transaction: &mut Transaction<'_>,
    keys: &AuthorityKeys,
    authority: &AuthorityRow,
) -> Result<(), ServiceError> {
    let row = sign(transaction, keys, authority, 1)?;
    transaction.add_crl(&row).map_err(ServiceError::Store)
}

/// Makes an authority's next CRL, with what this transaction revoked.
pub(super) fn next_crl(
    transaction: &mut Transaction<'_>,
    keys: &AuthorityKeys,
    authority: AuthorityId,
) -> Result<(), ServiceError> {
    let before = transaction.lock_crl(authority)?.ok_or_else(|| StoreError::missing("ca_crls"))?;
    let row = transaction.conn().authority(authority)?.ok_or_else(|| StoreError::missing("ca_issuers"))?;
    let next = sign(transaction, keys, &row, before.number.saturating_add(1))?;
    transaction.replace_crl(&next).map_err(ServiceError::Store)
}

fn sign(
    transaction: &mut Transaction<'_>,
    keys: &AuthorityKeys,
    authority: &AuthorityRow,
    number: i64,
) -> Result<CrlRow, ServiceError> {
    let now = transaction.now();
    let mut revoked = Vec::new();
    for (serial, at, reason) in transaction.conn().revoked_of(authority.id, now.plus_secs(-STAYS_SECS))? {
        let serial = serial.parse().map_err(|error| StoreError::impossible("issued_certificates", error))?;
        revoked.push(RevokedSerial { serial, at, reason });
    }
    let validity = Validity::crl(now);
    let new = NewCrl { number: u64::try_from(number).unwrap_or(0), validity, revoked: &revoked };
    let der = keys.open(authority)?.sign_crl(&new).map_err(|error| ServiceError::Failed(error.into()))?;
    Ok(CrlRow { issuer: authority.id, number, this_update: validity.from, next_update: validity.to, der })
}

/// Returns whether a new CRL must be made: half of its period has passed, or it was made by a clock that ran ahead.
fn is_due(crl: &CrlRow, now: UtcTime) -> bool {
    let age = now.micros().saturating_sub(crl.this_update.micros());
    // One second, because the start of the period is rounded.
    !(-1_000_000..CRL_SECS * 500_000).contains(&age)
}

/// Makes new CRLs for those that are due, and returns how many. If several nodes try, only one makes each CRL.
pub fn renew_due_crls(registry: &Registry, now: UtcTime, rng: &mut dyn RngCore) -> Result<usize, ServiceError> {
    let due = registry.store().read::<_, ServiceError>(|conn| {
        let mut due = Vec::new();
        let all = conn.authorities()?;
        let active = all.iter().filter(|row| row.state == AuthorityState::Active);
        // Without a live root or issuer nothing can be issued or revoked.
        if let Some(end) = active.map(|row| row.not_after).min() {
            registry.metrics().connected.certificate_ends("authority", end);
        }
        for authority in all.into_iter().filter(|row| row.kind != AuthorityKind::Root) {
            let crl = conn.crl(authority.id)?;
            let lasts = authority.state == AuthorityState::Active
                || crl.as_ref().zip(conn.last_issued_end(authority.id)?).is_some_and(|(crl, end)| end >= crl.this_update);
            let counts = authority.not_after >= now;
            due.extend(crl.filter(|crl| lasts && counts && is_due(crl, now)).map(|crl| crl.issuer));
        }
        Ok(due)
    })?;
    let mut renewed = 0_usize;
    for authority in due {
        let written = registry.store().write::<_, ServiceError>(now, rng, |transaction| {
            // Another node may have done it first.
            let still = transaction.lock_crl(authority)?.is_some_and(|crl| is_due(&crl, now));
            if still {
                next_crl(transaction, registry.part::<AuthorityKeys>(), authority)?;
            }
            Ok(still)
        })?;
        renewed = renewed.saturating_add(usize::from(written.value));
    }
    Ok(renewed)
}
