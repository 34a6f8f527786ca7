//! Shows the registry's authorities: to everybody their certificates and CRLs, to operators what they issued.

use crate::service::{Page, Registry, ServiceError};
use vasp_pki::ca::fingerprint;
use vasp_record::ca::{AuthorityKind, AuthorityState};
use vasp_store::{AuthorityRow, CrlRow, IssuedCount, IssuedRow};
use vasp_words::ids::{AuthorityId, VaspId};
use vasp_words::time::UtcTime;

/// An authority as everybody may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedAuthority {
    /// Id.
    pub id: AuthorityId,
    /// Whether it is the root.
    pub is_root: bool,
    /// Where it stands.
    pub state: AuthorityState,
    /// DER.
    pub certificate: Vec<u8>,
    /// SHA-256 of it.
    pub sha256: String,
    /// First moment of validity.
    pub not_before: UtcTime,
    /// Last second of it.
    pub not_after: UtcTime,
    /// Number of its newest CRL and until when there is a newer one; none of the root, which signs none.
    pub crl: Option<(i64, UtcTime)>,
}

/// An authority as operators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityOverview {
    /// As everybody sees it.
    pub published: PublishedAuthority,
    /// How many certificates it issued.
    pub count: IssuedCount,
}

impl PublishedAuthority {
    fn of(row: AuthorityRow, crl: Option<(i64, UtcTime)>, now: UtcTime) -> Self {
        Self {
            is_root: row.kind == AuthorityKind::Root,
            state: if row.not_after.plus_secs(1) <= now { AuthorityState::Expired } else { row.state },
            sha256: fingerprint(&row.certificate),
            not_before: row.not_before,
            not_after: row.not_after,
            crl,
            certificate: row.certificate,
            id: row.id,
        }
    }
}

/// Returns every authority, the root first; none where there is no authority.
///
/// # Errors
/// `ServiceError::Store`.
pub fn published_authorities(registry: &Registry, now: UtcTime) -> Result<Vec<PublishedAuthority>, ServiceError> {
    registry.store().read(|conn| {
        let crls = conn.crls()?;
        let mut all = Vec::new();
        for row in conn.authorities()? {
            let crl = crls.iter().find(|crl| crl.issuer == row.id);
            let crl = crl.map(|crl| (crl.number, crl.next_update));
            all.push(PublishedAuthority::of(row, crl, now));
        }
        Ok(all)
    })
}

/// Returns every authority with what it issued.
///
/// # Errors
/// `ServiceError::Store`.
pub fn list_authorities(registry: &Registry, now: UtcTime) -> Result<Vec<AuthorityOverview>, ServiceError> {
    let published = published_authorities(registry, now)?;
    registry.store().read(|conn| {
        let count =
            |published: PublishedAuthority| Ok(AuthorityOverview { count: conn.count_issued(published.id, now)?, published });
        published.into_iter().map(count).collect()
    })
}

/// Returns the certificate of an authority, DER.
///
/// # Errors
/// `ServiceError::NotFound`, `Store`.
pub fn published_authority(registry: &Registry, id: AuthorityId) -> Result<Vec<u8>, ServiceError> {
    let row = registry.store().read::<_, ServiceError>(|conn| Ok(conn.authority(id)?))?;
    row.map(|row| row.certificate).ok_or_else(|| missing("authority"))
}

/// Returns the newest CRL of an issuing authority.
///
/// # Errors
/// `ServiceError::NotFound`, also for the root; `Store`.
pub fn published_crl(registry: &Registry, id: AuthorityId) -> Result<CrlRow, ServiceError> {
    registry.store().read::<_, ServiceError>(|conn| Ok(conn.crl(id)?))?.ok_or_else(|| missing("issuing"))
}

fn missing(what: &str) -> ServiceError {
    ServiceError::NotFound(format!("This registry has no such {what}."))
}

/// Returns a page of the certificates that were issued, in order of their serial numbers, of one VASP only if it is named.
///
/// # Errors
/// `ServiceError::Store`.
pub fn list_issued(
    registry: &Registry,
    vasp: Option<VaspId>,
    (after, limit): (&str, usize),
) -> Result<Page<IssuedRow, String>, ServiceError> {
    let rows = registry.store().read::<_, ServiceError>(|conn| Ok(conn.issued_page(vasp, after, Page::wanted(limit))?))?;
    Ok(Page::of(rows.into_iter(), limit, |row| row.serial.clone()))
}
