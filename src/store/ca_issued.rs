//! Certificates that the registry issued: their owners, the ids under which they are published, and whether they are revoked.

use super::backend::written;
use super::edge::*;
use super::schema::issued_certificates as issued;
use super::{Conn, StoreError, Transaction};
use vasp_record::ca::RevocationReason;
use vasp_record::client_certificate::Sha256Hex;
use vasp_words::ids::{AuthorityId, CertificateId, OrganisationId, UserId, VaspId};
use vasp_words::time::UtcTime;

/// A row of the table of issued certificates.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = issued, treat_none_as_default_value = false)]
pub struct IssuedRow {
    /// Serial number, 40 hex digits.
    pub serial: String,
    /// Id of the authority.
    pub issuer: AuthorityId,
    /// Id of the published client certificate; `None` if it is not published for clients.
    pub client_certificate: Option<CertificateId>,
    /// Id of the published server certificate; `None` if it is not published for servers.
    pub server_certificate: Option<CertificateId>,
    /// The VASP whose certificate it is.
    pub vasp: VaspId,
    /// The organisation that requested it.
    pub organisation: OrganisationId,
    /// The user who requested it.
    pub user_id: UserId,
    /// SHA-256 of the certificate.
    pub sha256: Sha256Hex,
    /// SHA-256 of its public key's DER.
    pub spki_sha256: Sha256Hex,
    /// Certificate (DER).
    pub der: Vec<u8>,
    /// First moment of validity.
    pub not_before: UtcTime,
    /// Last second of validity.
    pub not_after: UtcTime,
    /// When it was issued.
    pub created_at: UtcTime,
    /// When it was revoked; `None` if it is not.
    pub revoked_at: Option<UtcTime>,
    /// The reason for the revocation; `None` if it is not revoked.
    pub reason: Option<RevocationReason>,
}

/// Counts of the certificates that an authority issued.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IssuedCount {
    /// All certificates.
    pub issued: i64,
    /// Revoked certificates.
    pub revoked: i64,
    /// Certificates that are neither revoked nor expired.
    pub live: i64,
}

const ON: &str = "issued_certificates";

impl Conn {
    /// Returns a certificate by its serial number.
    pub fn issued(&mut self, serial: &str) -> Result<Option<IssuedRow>, StoreError> {
        issued::table.find(serial).select(IssuedRow::as_select()).first(self).optional().map_err(StoreError::on(ON))
    }

    /// Returns a certificate by the id under which it is published.
    pub fn issued_as(&mut self, certificate: CertificateId) -> Result<Option<IssuedRow>, StoreError> {
        issued::table
            .filter(issued::client_certificate.eq(certificate).or(issued::server_certificate.eq(certificate)))
            .select(IssuedRow::as_select())
            .first(self)
            .optional()
            .map_err(StoreError::on(ON))
    }

    /// Returns the certificates of a VASP that are neither revoked nor expired at `at`, in the order of issue.
    pub fn live_issued_of(&mut self, vasp: VaspId, at: UtcTime) -> Result<Vec<IssuedRow>, StoreError> {
        issued::table
            .filter(issued::vasp.eq(vasp))
            .filter(issued::revoked_at.is_null())
            .filter(issued::not_after.ge(at))
            .order((issued::created_at, issued::serial))
            .select(IssuedRow::as_select())
            .load(self)
            .map_err(StoreError::on(ON))
    }

    /// Returns how many certificates the registry issued to a VASP after `since`.
    pub fn count_issued_since(&mut self, vasp: VaspId, since: UtcTime) -> Result<i64, StoreError> {
        issued::table
            .filter(issued::vasp.eq(vasp))
            .filter(issued::created_at.gt(since))
            .count()
            .get_result(self)
            .map_err(StoreError::on(ON))
    }

    /// Returns the entries of an authority's CRL: serial number, time and reason. Leaves out certificates that expired before `since`.
    pub fn revoked_of(
        &mut self,
        issuer: AuthorityId,
        since: UtcTime,
    ) -> Result<Vec<(String, UtcTime, RevocationReason)>, StoreError> {
        issued::table
            .filter(issued::issuer.eq(issuer))
            .filter(issued::revoked_at.is_not_null())
            .filter(issued::not_after.ge(since))
            .order(issued::serial)
            .select((issued::serial, issued::revoked_at.assume_not_null(), issued::reason.assume_not_null()))
            .load(self)
            .map_err(StoreError::on(ON))
    }

    /// Returns when the last certificate of an authority expires; `None` if it issued none.
    pub fn last_issued_end(&mut self, issuer: AuthorityId) -> Result<Option<UtcTime>, StoreError> {
        issued::table
            .filter(issued::issuer.eq(issuer))
            .select(diesel::dsl::max(issued::not_after))
            .first(self)
            .map_err(StoreError::on(ON))
    }

    /// Counts the certificates of an authority.
    pub fn count_issued(&mut self, issuer: AuthorityId, at: UtcTime) -> Result<IssuedCount, StoreError> {
        let of = || issued::table.filter(issued::issuer.eq(issuer));
        let failed = StoreError::on(ON);
        Ok(IssuedCount {
            issued: of().count().get_result(self).map_err(&failed)?,
            revoked: of().filter(issued::revoked_at.is_not_null()).count().get_result(self).map_err(&failed)?,
            live: of()
                .filter(issued::revoked_at.is_null())
                .filter(issued::not_after.ge(at))
                .count()
                .get_result(self)
                .map_err(&failed)?,
        })
    }

    /// Returns a page of certificates, oldest first: those after the one with a serial number, or from the first one if that is empty. If a
    /// VASP is named, only its certificates.
    pub fn issued_page(&mut self, vasp: Option<VaspId>, after: &str, limit: i64) -> Result<Vec<IssuedRow>, StoreError> {
        let mut query = issued::table.into_boxed();
        if !after.is_empty() {
            // Certificates are never removed, so only a cursor of another registry leads nowhere.
            let Some(last) = self.issued(after)? else { return Ok(vec![]) };
            let at_once = issued::created_at.eq(last.created_at).and(issued::serial.gt(last.serial));
            query = query.filter(issued::created_at.gt(last.created_at).or(at_once));
        }
        if let Some(vasp) = vasp {
            query = query.filter(issued::vasp.eq(vasp));
        }
        query
            .order((issued::created_at, issued::serial))
            .limit(limit)
            .select(IssuedRow::as_select())
            .load(self)
            .map_err(StoreError::on(ON))
    }
}

impl Transaction<'_> {
    /// Adds a certificate.
    pub fn add_issued(&mut self, row: &IssuedRow) -> Result<(), StoreError> {
        written(self.conn(), ON, diesel::insert_into(issued::table).values(row)).map(drop)
    }

    /// Revokes a certificate; `false` if it is revoked already. If two calls come at the same time, only one returns `true`.
    pub fn revoke_issued(&mut self, serial: &str, at: UtcTime, reason: RevocationReason) -> Result<bool, StoreError> {
        let place = issued::table.find(serial).filter(issued::revoked_at.is_null());
        let update = diesel::update(place).set((issued::revoked_at.eq(at), issued::reason.eq(reason)));
        written(self.conn(), ON, update).map(|rows| rows == 1)
    }
}
