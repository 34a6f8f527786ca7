//! Fetches the revocation lists of the issuers of published certificates, from the URLs in the certificates. As with a list that the
//! member uploads, the issuer's signature makes a list valid, not its origin. A timer calls this.

use std::collections::HashMap;

use rand_core::RngCore;
use serde_json::json;

use super::list::take;
use super::read::kept_chain;
use crate::node::{Registry, ServiceError};
use crate::publishing::Publisher;
use vasp_log::audit::{AuditEvent, AuditOutcome};
use vasp_outbound::{Outbound, SignedFileUrl};
use vasp_pki::x509::ReadCrl;
use vasp_record::certificate::{CertificateState, CertificateStatus};
use vasp_store::StoreError;
use vasp_words::error_chain::error_chain;
use vasp_words::ids::{CertificateId, VaspId};
use vasp_words::time::UtcTime;

/// Most certificates handled in one run.
const AT_ONCE: i64 = 50;

/// Most URLs of one certificate that are tried.
const PLACES: usize = 2;

/// Seconds until a list that could not be fetched is tried again: six hours.
const AGAIN_SECS: i64 = 6 * 3_600;

/// How long a valid list is not fetched again, in seconds: at least an hour, and at most a day.
const FRESH_SECS: (i64, i64) = (3_600, 86_400);

/// The lists fetched in one run, by URL, because many certificates have the same issuer.
type Fetched = HashMap<String, Option<ReadCrl>>;

/// Fetches the lists that are due, and returns how many were accepted. Several nodes may do so at the same time: a node takes each
/// certificate by a conditional update.
pub fn fetch_due_lists(registry: &Registry, now: UtcTime, rng: &mut dyn RngCore) -> Result<usize, ServiceError> {
    let outbound = registry.outbound()?;
    let (mut fetched, mut kept) = (Fetched::new(), 0);
    for (id, number, due) in registry.store().read::<_, StoreError>(|conn| conn.lists_due(now, AT_ONCE))? {
        let again = now.plus_secs(AGAIN_SECS);
        let taken = registry.store().write::<_, StoreError>(now, rng, |transaction| transaction.put_off_list(&id, due, again))?;
        let (Some(vasp), Ok(certificate), true) = (registry.pin(now).vasp_of(number), id.parse(), taken.value) else { continue };
        match one(registry, outbound, &mut fetched, vasp, certificate, now, rng) {
            Ok(None) => {}
            Ok(Some(next)) => {
                kept += 1;
                registry.store().write::<_, StoreError>(now, rng, |transaction| transaction.put_off_list(&id, again, next))?;
            }
            Err(error) => {
                tracing::info!(certificate.id = id, error.chain = error_chain(&error), "a revocation list was refused")
            }
        }
    }
    if kept > 0 {
        registry.let_others_know();
    }
    Ok(kept)
}

/// Fetches the list of one certificate, and returns when the next one is due; `None` if there is nothing to fetch.
fn one(
    registry: &Registry,
    outbound: &Outbound,
    fetched: &mut Fetched,
    vasp: VaspId,
    id: CertificateId,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<Option<UtcTime>, ServiceError> {
    let generation = registry.pin(now);
    let record = generation.records().get(vasp);
    let known = record.and_then(|record| record.certificates.iter().find(|known| known.id == id));
    let is_over = known.is_none_or(|known| {
        known.issued_by_registry || known.status == CertificateStatus::Revoked || known.state_at(now) == CertificateState::Expired
    });
    if is_over {
        return Ok(None);
    }
    let chain = registry.store().read(|conn| kept_chain(conn, id))?;
    let mut places = chain.leaf.crl_urls.iter().take(PLACES);
    let Some(list) = places.find_map(|place| fetched.entry(place.clone()).or_insert_with(|| fetch(outbound, place)).clone())
    else {
        return Ok(None);
    };
    registry.store().write::<_, ServiceError>(now, rng, |transaction| {
        let Some(publisher) = Publisher::by_registry(transaction, vasp)? else { return Ok(()) };
        let (certificate, _) = take(transaction, registry, &publisher, id, &list)?;
        if certificate.status == CertificateStatus::Revoked {
            transaction.audit(AuditEvent {
                organisation: None,
                actor: None,
                credential: None,
                action: "certificate.list".to_owned(),
                subject: Some(id.to_string()),
                outcome: AuditOutcome::Done,
                payload: json!({"vasp": vasp, "sha256": certificate.sha256, "revoked": true}),
            });
        }
        Ok(())
    })?;
    let (least, most) = FRESH_SECS;
    Ok(Some(list.next_update.clamp(now.plus_secs(least), now.plus_secs(most))))
}

/// Fetches a list; `None` if that fails. Only the log reports a failure, because the member's certificate names the URL.
fn fetch(outbound: &Outbound, place: &str) -> Option<ReadCrl> {
    let url: SignedFileUrl = place.parse().ok()?;
    match outbound.fetch_signed(&url) {
        Ok(answer) if answer.status == 200 => ReadCrl::read(&answer.body).ok(),
        Ok(answer) => {
            tracing::debug!(http.status = answer.status, "a revocation list is not available");
            None
        }
        Err(error) => {
            tracing::debug!(error.chain = error_chain(&error), "a revocation list cannot be fetched");
            None
        }
    }
}
