//! Reads the registry's authorities: for everybody their certificates and CRLs, for operators also what they issued.

use crate::node::{Page, Registry, ServiceError};
use vasp_pki::ca::fingerprint;
use vasp_record::ca::AuthorityState;
use vasp_store::{AuthorityRow, CrlRow, IssuedCount, IssuedRow};
use vasp_words::ids::{AuthorityId, VaspId};
use vasp_words::time::UtcTime;

/// An authority as everybody may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedAuthority {
    /// Its stored row, with its present state.
    pub row: AuthorityRow,
    /// Its newest CRL; `None` for the root, which signs none.
    pub crl: Option<CrlRow>,
}

/// An authority as operators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityOverview {
    /// What everybody sees.
    pub published: PublishedAuthority,
    /// How many certificates it issued.
    pub count: IssuedCount,
}

impl PublishedAuthority {
    /// Returns the SHA-256 of its certificate, in hex.
    #[must_use]
    pub fn sha256(&self) -> String {
        fingerprint(&self.row.certificate)
    }
}

/// Returns all authorities, the root first; empty if there are none.
pub fn published_authorities(registry: &Registry, now: UtcTime) -> Result<Vec<PublishedAuthority>, ServiceError> {
    registry.store().read(|conn| {
        let crls = conn.crls()?;
        let published = |mut row: AuthorityRow| {
            if row.not_after.plus_secs(1) <= now {
                row.state = AuthorityState::Expired;
            }
            PublishedAuthority { crl: crls.iter().find(|crl| crl.issuer == row.id).cloned(), row }
        };
        Ok(conn.authorities()?.into_iter().map(published).collect())
    })
}

/// Returns all authorities, with the number of certificates that each issued.
pub fn list_authorities(registry: &Registry, now: UtcTime) -> Result<Vec<AuthorityOverview>, ServiceError> {
    let published = published_authorities(registry, now)?;
    registry.store().read(|conn| {
        let count =
            |published: PublishedAuthority| Ok(AuthorityOverview { count: conn.count_issued(published.row.id, now)?, published });
        published.into_iter().map(count).collect()
    })
}

/// Returns the certificate of an authority, DER.
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

/// Returns a page of the issued certificates, oldest first. If `vasp` is given, only those of that VASP.
pub fn list_issued(
    registry: &Registry,
    vasp: Option<VaspId>,
    after: &str,
    limit: usize,
) -> Result<Page<IssuedRow, String>, ServiceError> {
    let rows = registry.store().read::<_, ServiceError>(|conn| Ok(conn.issued_page(vasp, after, Page::wanted(limit))?))?;
    Ok(Page::of(rows.into_iter(), limit, |row| row.serial.clone()))
}
