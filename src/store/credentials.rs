//! Organisations, their users and API keys in their simplest honest form. Only the SHA-256 of a key's secret is kept.
//! A revision number tells other processes that something changed.

use super::backend::on_backend;
use super::schema::{api_keys, organisations, users};
use super::transaction::{bump, counter};
use super::{Conn, StoreError, Transaction};
use diesel::prelude::*;

/// A customer of the registry.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = organisations, treat_none_as_default_value = false)]
pub struct OrganisationRow {
    /// Public id.
    pub id: String,
    /// Name.
    pub name: String,
    /// `operator`, `member` or `gateway`.
    pub kind: String,
    /// Public id of its own VASP.
    pub vasp: Option<String>,
    /// When, microseconds since the epoch.
    pub created_at: i64,
}

/// A user of an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
pub struct UserRow {
    /// Public id.
    pub id: String,
    /// Id of its organisation.
    pub organisation: String,
    /// Name.
    pub name: String,
    /// When, microseconds since the epoch.
    pub created_at: i64,
}

/// An API key without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = api_keys, treat_none_as_default_value = false)]
pub struct ApiKeyRow {
    /// Public id.
    pub id: String,
    /// Id of its user.
    pub owner: String,
    /// Scopes, separated by blanks.
    pub scopes: String,
    /// SHA-256 of the secret.
    pub secret_sha256: Vec<u8>,
    /// When, microseconds since the epoch.
    pub created_at: i64,
    /// When it stops working by itself.
    pub expires_at: Option<i64>,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
}

/// A key with the organisation it speaks for.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct CredentialRow {
    /// The key.
    pub key: ApiKeyRow,
    /// Id of the organisation.
    pub organisation: String,
    /// Public id of the organisation's own VASP.
    pub vasp: Option<String>,
}

impl Conn {
    /// Returns an organisation.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn organisation(&mut self, id: &str) -> Result<Option<OrganisationRow>, StoreError> {
        let query = organisations::table.find(id).select(OrganisationRow::as_select());
        query.first(self).optional().map_err(StoreError::on("organisations"))
    }

    /// Returns a user.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn user(&mut self, id: &str) -> Result<Option<UserRow>, StoreError> {
        users::table.find(id).select(UserRow::as_select()).first(self).optional().map_err(StoreError::on("users"))
    }

    /// Returns every key that was not revoked, with its organisation.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn live_credentials(&mut self) -> Result<Vec<CredentialRow>, StoreError> {
        api_keys::table
            .inner_join(users::table.inner_join(organisations::table))
            .filter(api_keys::revoked_at.is_null())
            .order(api_keys::id)
            .select((ApiKeyRow::as_select(), organisations::id, organisations::vasp))
            .load(self)
            .map_err(StoreError::on("api_keys"))
    }

    /// Returns a number that rises with every change of credentials.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn credentials_revision(&mut self) -> Result<i64, StoreError> {
        counter(self, "credentials_revision")
    }
}

impl Transaction<'_> {
    /// Adds an organisation.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn add_organisation(&mut self, row: &OrganisationRow) -> Result<(), StoreError> {
        on_backend!(self.conn(), c => diesel::insert_into(organisations::table).values(row).execute(c))
            .map_err(StoreError::on("organisations"))?;
        bump(self.conn(), "credentials_revision")
    }

    /// Adds a user.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn add_user(&mut self, row: &UserRow) -> Result<(), StoreError> {
        on_backend!(self.conn(), c => diesel::insert_into(users::table).values(row).execute(c))
            .map_err(StoreError::on("users"))?;
        bump(self.conn(), "credentials_revision")
    }

    /// Adds a key.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn add_api_key(&mut self, row: &ApiKeyRow) -> Result<(), StoreError> {
        on_backend!(self.conn(), c => diesel::insert_into(api_keys::table).values(row).execute(c))
            .map_err(StoreError::on("api_keys"))?;
        bump(self.conn(), "credentials_revision")
    }

    /// Revokes a key; false where there is no such key that is not revoked already.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn revoke_api_key(&mut self, id: &str, at_micros: i64) -> Result<bool, StoreError> {
        let update = diesel::update(api_keys::table.find(id).filter(api_keys::revoked_at.is_null()))
            .set(api_keys::revoked_at.eq(at_micros));
        let revoked = on_backend!(self.conn(), c => update.execute(c)).map_err(StoreError::on("api_keys"))?;
        bump(self.conn(), "credentials_revision")?;
        Ok(revoked == 1)
    }
}
