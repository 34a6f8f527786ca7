//! Client certificates that authenticate a user. The table holds what is needed to recognise and to show each, never the certificate
//! itself. Every write takes the lock of all credentials; `directory::Credentials` holds them in memory.

use super::backend::written;
use super::credentials::{Held, Organisation, UserRow};
use super::edge::*;
use super::schema::{client_certificates, organisations, users};
use super::{Conn, StoreError, Transaction};
use vasp_record::client_certificate::Sha256Hex;
use vasp_record::role::{Scopes, UserState};
use vasp_words::ids::{ClientCertificateId, CredentialId, OrganisationId, UserId};
use vasp_words::sql::Flag;
use vasp_words::time::UtcTime;

/// A client certificate as a credential.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = client_certificates, treat_none_as_default_value = false)]
pub struct ClientCertificateRow {
    /// Public id.
    pub id: ClientCertificateId,
    /// The user whom it authenticates.
    pub owner: UserId,
    /// The name that its user gave it.
    pub name: String,
    /// What it may do.
    pub scopes: Scopes,
    /// SHA-256 of the certificate (DER).
    pub sha256: Sha256Hex,
    /// SHA-256 of its public key (`SubjectPublicKeyInfo`, DER).
    pub spki_sha256: Sha256Hex,
    /// Subject of the certificate, as text.
    pub subject: String,
    /// Issuer of the certificate, as text.
    pub issuer: String,
    /// Serial number, hex.
    pub serial: String,
    /// Kind of key, such as `EC P-256`.
    pub key: String,
    /// Start of validity.
    pub not_before: UtcTime,
    /// End of validity.
    pub not_after: UtcTime,
    /// Whether the registry's own authority issued it.
    pub issued_by_registry: Flag,
    /// The user who made it a credential.
    pub created_by: UserId,
    /// The credential that this user did it with.
    pub created_with: CredentialId,
    /// When it became a credential.
    pub created_at: UtcTime,
    /// When it expires as a credential.
    pub expires_at: UtcTime,
    /// When it was revoked; `None` if it is not.
    pub revoked_at: Option<UtcTime>,
}

impl Held<ClientCertificateRow> {
    /// Tells whether it is not revoked and its user and organisation may act.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.credential.revoked_at.is_none() && self.user.state == UserState::Active && self.organisation.closed_at.is_none()
    }
}

impl Conn {
    /// Returns every certificate, including revoked ones, because a client that shows a revoked one gets an error that says so.
    pub fn held_client_certificates(&mut self) -> Result<Vec<Held<ClientCertificateRow>>, StoreError> {
        client_certificates::table
            .inner_join(users::table.inner_join(organisations::table))
            .order(client_certificates::id)
            .select((ClientCertificateRow::as_select(), UserRow::as_select(), Organisation::as_select()))
            .load(self)
            .map_err(StoreError::on("client_certificates"))
    }

    /// Returns a certificate with its user and organisation, revoked or not.
    pub fn held_client_certificate(&mut self, id: ClientCertificateId) -> Result<Option<Held<ClientCertificateRow>>, StoreError> {
        client_certificates::table
            .inner_join(users::table.inner_join(organisations::table))
            .filter(client_certificates::id.eq(id))
            .select((ClientCertificateRow::as_select(), UserRow::as_select(), Organisation::as_select()))
            .first(self)
            .optional()
            .map_err(StoreError::on("client_certificates"))
    }

    /// Returns a certificate.
    pub fn client_certificate(&mut self, id: ClientCertificateId) -> Result<Option<ClientCertificateRow>, StoreError> {
        let query = client_certificates::table.find(id).select(ClientCertificateRow::as_select());
        query.first(self).optional().map_err(StoreError::on("client_certificates"))
    }

    /// Returns the certificate with this SHA-256 that is not revoked.
    pub fn client_certificate_in_use(&mut self, sha256: Sha256Hex) -> Result<Option<ClientCertificateRow>, StoreError> {
        client_certificates::table
            .filter(client_certificates::sha256.eq(sha256))
            .filter(client_certificates::revoked_at.is_null())
            .select(ClientCertificateRow::as_select())
            .first(self)
            .optional()
            .map_err(StoreError::on("client_certificates"))
    }

    /// Returns the certificates with a key that are not revoked.
    pub fn client_certificates_with_key(&mut self, spki_sha256: Sha256Hex) -> Result<Vec<ClientCertificateId>, StoreError> {
        client_certificates::table
            .filter(client_certificates::spki_sha256.eq(spki_sha256))
            .filter(client_certificates::revoked_at.is_null())
            .select(client_certificates::id)
            .load(self)
            .map_err(StoreError::on("client_certificates"))
    }

    /// Returns the certificates of an organisation's users, or of one user, after `after`, oldest first. Revoked ones are included.
    pub fn client_certificates_within(
        &mut self,
        organisation: OrganisationId,
        owner: Option<UserId>,
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
    pub fn add_client_certificate(&mut self, row: &ClientCertificateRow) -> Result<(), StoreError> {
        self.lock_credentials()?;
        written(self.conn(), "client_certificates", diesel::insert_into(client_certificates::table).values(row)).map(drop)
    }

    /// Revokes a certificate, and ends the links to reports that were made with it; `false` if it does not exist or is revoked already.
    pub fn revoke_client_certificate(&mut self, id: ClientCertificateId, at: UtcTime) -> Result<bool, StoreError> {
        self.lock_credentials()?;
        self.end_report_links_made_with(CredentialId::Certificate(id))?;
        let place = client_certificates::table.find(id).filter(client_certificates::revoked_at.is_null());
        let update = diesel::update(place).set(client_certificates::revoked_at.eq(at));
        written(self.conn(), "client_certificates", update).map(|rows| rows == 1)
    }
}
