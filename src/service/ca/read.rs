//! Shows the registry's authorities: to everybody their certificates and CRLs, to operators what they issued.

use super::{ISSUING, ROOT};
use crate::service::{Page, Registry, ServiceError};
use vasp_pki::ca::fingerprint;
use vasp_record::ca::RevocationReason;
use vasp_store::{AuthorityRow, IssuedCount, IssuedRow, StoreError};
use vasp_words::closed_list::closed_list;
use vasp_words::time::UtcTime;

closed_list! {
    /// Where an authority stands, worst first. A retired one issues no more and keeps its CRL until its last certificate is over.
    pub enum AuthorityState as "CertificateAuthorityState" {
        /// Its time is over.
        Expired = "expired",
        /// Another issues in its place; it signs its CRL until its last certificate is over.
        Retired = "retired",
        /// In use.
        Active = "active",
    }
}

/// An authority as everybody may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedAuthority {
    /// Id.
    pub id: String,
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

/// A CRL to be served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedCrl {
    /// Its number.
    pub number: i64,
    /// Until when there is a newer one.
    pub next_update: UtcTime,
    /// DER.
    pub der: Vec<u8>,
}

/// A certificate that the registry issued, as operators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedItem {
    /// Its row.
    pub row: IssuedRow,
    /// First moment of validity.
    pub not_before: UtcTime,
    /// Last second of it.
    pub not_after: UtcTime,
    /// When it was issued.
    pub created_at: UtcTime,
    /// When and why it was revoked.
    pub revoked: Option<(UtcTime, RevocationReason)>,
}

fn instant(table: &'static str, id: &str, micros: i64) -> Result<UtcTime, ServiceError> {
    let wrong = |_| StoreError::Inconsistent { table, column: "time", id: id.to_owned() };
    UtcTime::from_micros(micros).map_err(wrong).map_err(ServiceError::Store)
}

impl PublishedAuthority {
    fn of(row: AuthorityRow, crl: Option<(i64, UtcTime)>, now: UtcTime) -> Result<Self, ServiceError> {
        let not_after = instant("ca_issuers", &row.id, row.not_after)?;
        let state = match row.state.as_str() {
            _ if not_after.plus_secs(1) <= now => AuthorityState::Expired,
            "active" => AuthorityState::Active,
            _ => AuthorityState::Retired,
        };
        Ok(Self {
            is_root: row.kind == ROOT,
            state,
            sha256: fingerprint(&row.certificate),
            not_before: instant("ca_issuers", &row.id, row.not_before)?,
            not_after,
            crl,
            certificate: row.certificate,
            id: row.id,
        })
    }
}

impl TryFrom<IssuedRow> for IssuedItem {
    type Error = ServiceError;

    fn try_from(row: IssuedRow) -> Result<Self, ServiceError> {
        let at = |micros| instant("issued_certificates", &row.serial, micros);
        let wrong = |_| StoreError::Inconsistent { table: "issued_certificates", column: "reason", id: row.serial.clone() };
        let reason = row.reason.as_deref().map(str::parse).transpose().map_err(wrong)?;
        Ok(Self {
            not_before: at(row.not_before)?,
            not_after: at(row.not_after)?,
            created_at: at(row.created_at)?,
            revoked: row.revoked_at.map(at).transpose()?.zip(reason),
            row,
        })
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
            let crl = crl.map(|crl| Ok::<_, ServiceError>((crl.number, instant("ca_crls", &row.id, crl.next_update)?)));
            all.push(PublishedAuthority::of(row, crl.transpose()?, now)?);
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
        let count = |published: PublishedAuthority| {
            Ok(AuthorityOverview { count: conn.count_issued(&published.id, now.micros())?, published })
        };
        published.into_iter().map(count).collect()
    })
}

/// Returns the certificate of an authority, DER.
///
/// # Errors
/// `ServiceError::NotFound`, `Store`.
pub fn published_authority(registry: &Registry, id: &str) -> Result<Vec<u8>, ServiceError> {
    let row = registry.store().read::<_, ServiceError>(|conn| Ok(conn.authority(id)?))?;
    row.map(|row| row.certificate).ok_or_else(|| missing("authority"))
}

/// Returns the newest CRL of an issuing authority.
///
/// # Errors
/// `ServiceError::NotFound`, also for the root; `Store`.
pub fn published_crl(registry: &Registry, id: &str) -> Result<PublishedCrl, ServiceError> {
    let row = registry.store().read::<_, ServiceError>(|conn| Ok(conn.crl(id)?))?.ok_or_else(|| missing(ISSUING))?;
    Ok(PublishedCrl { number: row.number, next_update: instant("ca_crls", &row.issuer, row.next_update)?, der: row.der })
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
    vasp: Option<&str>,
    (after, limit): (&str, usize),
) -> Result<Page<IssuedItem, String>, ServiceError> {
    let most = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let rows = registry.store().read::<_, ServiceError>(|conn| Ok(conn.issued_page(vasp, after, most)?))?;
    let items: Vec<IssuedItem> = rows.into_iter().map(IssuedItem::try_from).collect::<Result<_, _>>()?;
    Ok(Page::of(items.into_iter(), limit, |item| item.row.serial.clone()))
}
