//! Client certificates that speak for a user: what of each is needed to know it again and to show it, never the certificate
//! itself. Written under the lock of all credentials; `directory::Credentials` holds them in memory.

use super::backend::on_backend;
use super::credentials::{OrganisationRow, UserRow};
use super::schema::{client_certificates, organisations, users};
use super::{Conn, StoreError, Transaction};
use diesel::prelude::*;

/// A client certificate as a credential.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = client_certificates, treat_none_as_default_value = false)]
pub struct ClientCertificateRow {
    /// Public id.
    pub id: String,
    /// Id of the user for whom it speaks.
    pub owner: String,
    /// What its user calls it.
    pub name: String,
    /// Scopes, separated by blanks.
    pub scopes: String,
    /// SHA-256 of the certificate (DER).
    pub sha256: Vec<u8>,
    /// SHA-256 of its public key (`SubjectPublicKeyInfo`, DER).
    pub spki_sha256: Vec<u8>,
    /// Subject, as text.
    pub subject: String,
    /// Issuer, as text.
    pub issuer: String,
    /// Serial number, hex.
    pub serial: String,
    /// Kind of key, such as `EC P-256`.
    pub key: String,
    /// From when it is valid, microseconds since the epoch.
    pub not_before: i64,
    /// Until when it is valid.
    pub not_after: i64,
    /// 1 where the registry's own authority issued it.
    pub issued_by_registry: i16,
    /// Id of the user who made it a credential.
    pub created_by: String,
    /// Id of the credential with which.
    pub created_with: String,
    /// When, microseconds since the epoch.
    pub created_at: i64,
    /// When it stops to count by itself.
    pub expires_at: i64,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
}

/// A certificate with the organisation for which it speaks.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct HeldCertificateRow {
    /// The certificate.
    pub certificate: ClientCertificateRow,
    /// Its user.
    pub user: UserRow,
    /// The user's organisation.
    pub organisation: OrganisationRow,
}

impl HeldCertificateRow {
    /// Tells whether it was not revoked, and its user and organisation may act.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.certificate.revoked_at.is_none() && self.user.state == "active" && self.organisation.closed_at.is_none()
    }
}

impl Conn {
    /// Returns every certificate, revoked ones too: whoever shows one of those is told so.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn held_client_certificates(&mut self) -> Result<Vec<HeldCertificateRow>, StoreError> {
        client_certificates::table
            .inner_join(users::table.inner_join(organisations::table))
            .order(client_certificates::id)
            .select((ClientCertificateRow::as_select(), UserRow::as_select(), OrganisationRow::as_select()))
            .load(self)
            .map_err(StoreError::on("client_certificates"))
    }

    /// Returns a certificate with its user and organisation, revoked or not.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn held_client_certificate(&mut self, id: &str) -> Result<Option<HeldCertificateRow>, StoreError> {
        client_certificates::table
            .inner_join(users::table.inner_join(organisations::table))
            .filter(client_certificates::id.eq(id))
            .select((ClientCertificateRow::as_select(), UserRow::as_select(), OrganisationRow::as_select()))
            .first(self)
            .optional()
            .map_err(StoreError::on("client_certificates"))
    }

    /// Returns a certificate.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn client_certificate(&mut self, id: &str) -> Result<Option<ClientCertificateRow>, StoreError> {
        let query = client_certificates::table.find(id).select(ClientCertificateRow::as_select());
        query.first(self).optional().map_err(StoreError::on("client_certificates"))
    }

    /// Returns the certificate of this SHA-256 that was not revoked.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn client_certificate_in_use(&mut self, sha256: &[u8]) -> Result<Option<ClientCertificateRow>, StoreError> {
        client_certificates::table
            .filter(client_certificates::sha256.eq(sha256))
            .filter(client_certificates::revoked_at.is_null())
            .select(ClientCertificateRow::as_select())
            .first(self)
            .optional()
            .map_err(StoreError::on("client_certificates"))
    }

    /// Returns the certificates of an organisation's users, or of one of them, oldest first, revoked ones too, those after
    /// `after` only.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn client_certificates_within(
        &mut self,
        organisation: &str,
        owner: Option<&str>,
        after: &str,
        limit: i64,
    ) -> Result<Vec<ClientCertificateRow>, StoreError> {
        let mut query = client_certificates::table
            .inner_join(users::table)
            .filter(users::organisation.eq(organisation))
            .filter(client_certificates::id.gt(after))
            .order(client_certificates::id)
            .limit(limit)
            .select(ClientCertificateRow::as_select())
            .into_boxed();
        if let Some(owner) = owner {
            query = query.filter(client_certificates::owner.eq(owner));
        }
        query.load(self).map_err(StoreError::on("client_certificates"))
    }
}

impl Transaction<'_> {
    /// Adds a certificate.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn add_client_certificate(&mut self, row: &ClientCertificateRow) -> Result<(), StoreError> {
        self.lock_credentials()?;
        on_backend!(self.conn(), c => diesel::insert_into(client_certificates::table).values(row).execute(c))
            .map(drop)
            .map_err(StoreError::on("client_certificates"))
    }

    /// Revokes a certificate; false where there is no such one that is not revoked already.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn revoke_client_certificate(&mut self, id: &str, at_micros: i64) -> Result<bool, StoreError> {
        self.lock_credentials()?;
        let place = client_certificates::table.find(id).filter(client_certificates::revoked_at.is_null());
        let update = diesel::update(place).set(client_certificates::revoked_at.eq(at_micros));
        let revoked = on_backend!(self.conn(), c => update.execute(c)).map_err(StoreError::on("client_certificates"))?;
        Ok(revoked == 1)
    }
}
