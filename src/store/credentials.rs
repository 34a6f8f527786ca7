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
    /// Rises with every change.
    pub version: i64,
    /// When it was closed: its users may not act any more.
    pub closed_at: Option<i64>,
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
    /// E-mail address of a person, by which it signs in.
    pub email: Option<String>,
    /// `person` or `machine`.
    pub kind: String,
    /// `invited`, `active` or `disabled`.
    pub state: String,
    /// Id of the user who made it; none for the command line.
    pub created_by: Option<String>,
    /// Rises with every change.
    pub version: i64,
    /// Id of the credential with which it was made.
    pub created_with: Option<String>,
    /// The state that it was disabled in, while it is.
    pub disabled_from: Option<String>,
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
    /// What its user calls it.
    pub name: String,
    /// Id of the user who made it; none for the command line.
    pub created_by: Option<String>,
    /// Id of the key that takes its place.
    pub replaced_by: Option<String>,
    /// Id of the credential with which it was made.
    pub created_with: Option<String>,
}

/// A key with the organisation it speaks for.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct CredentialRow {
    /// The key.
    pub key: ApiKeyRow,
    /// Its user.
    pub user: UserRow,
    /// The user's organisation.
    pub organisation: OrganisationRow,
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

    /// Returns the user who signs in with an e-mail address.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn user_with_email(&mut self, email: &str) -> Result<Option<UserRow>, StoreError> {
        let query = users::table.filter(users::email.eq(email)).select(UserRow::as_select());
        query.first(self).optional().map_err(StoreError::on("users"))
    }

    /// Returns every key that was not revoked and whose user and organisation may act, with both.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn live_credentials(&mut self) -> Result<Vec<CredentialRow>, StoreError> {
        api_keys::table
            .inner_join(users::table.inner_join(organisations::table))
            .filter(api_keys::revoked_at.is_null())
            .filter(users::state.eq("active"))
            .filter(organisations::closed_at.is_null())
            .order(api_keys::id)
            .select((ApiKeyRow::as_select(), UserRow::as_select(), OrganisationRow::as_select()))
            .load(self)
            .map_err(StoreError::on("api_keys"))
    }

    /// Returns a key that was not revoked and whose user and organisation may act, with both.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn live_credential(&mut self, id: &str) -> Result<Option<CredentialRow>, StoreError> {
        api_keys::table
            .inner_join(users::table.inner_join(organisations::table))
            .filter(api_keys::id.eq(id))
            .filter(api_keys::revoked_at.is_null())
            .filter(users::state.eq("active"))
            .filter(organisations::closed_at.is_null())
            .select((ApiKeyRow::as_select(), UserRow::as_select(), OrganisationRow::as_select()))
            .first(self)
            .optional()
            .map_err(StoreError::on("api_keys"))
    }

    /// Returns the users of an organisation, oldest first, those after `after` only.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn users_of(&mut self, organisation: &str, after: &str, limit: i64) -> Result<Vec<UserRow>, StoreError> {
        users::table
            .filter(users::organisation.eq(organisation))
            .filter(users::id.gt(after))
            .order(users::id)
            .limit(limit)
            .select(UserRow::as_select())
            .load(self)
            .map_err(StoreError::on("users"))
    }

    /// Returns the organisations, oldest first, those after `after` only.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn organisations(&mut self, after: &str, limit: i64) -> Result<Vec<OrganisationRow>, StoreError> {
        organisations::table
            .filter(organisations::id.gt(after))
            .order(organisations::id)
            .limit(limit)
            .select(OrganisationRow::as_select())
            .load(self)
            .map_err(StoreError::on("organisations"))
    }

    /// Returns an API key.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn api_key(&mut self, id: &str) -> Result<Option<ApiKeyRow>, StoreError> {
        api_keys::table.find(id).select(ApiKeyRow::as_select()).first(self).optional().map_err(StoreError::on("api_keys"))
    }

    /// Returns the API keys of a user, oldest first, revoked ones too.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn api_keys_of(&mut self, owner: &str) -> Result<Vec<ApiKeyRow>, StoreError> {
        api_keys::table
            .filter(api_keys::owner.eq(owner))
            .order(api_keys::id)
            .select(ApiKeyRow::as_select())
            .load(self)
            .map_err(StoreError::on("api_keys"))
    }

    /// Returns the API keys of an organisation's users, oldest first, revoked ones too, those after `after` only.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn api_keys_within(&mut self, organisation: &str, after: &str, limit: i64) -> Result<Vec<ApiKeyRow>, StoreError> {
        api_keys::table
            .inner_join(users::table)
            .filter(users::organisation.eq(organisation))
            .filter(api_keys::id.gt(after))
            .order(api_keys::id)
            .limit(limit)
            .select(ApiKeyRow::as_select())
            .load(self)
            .map_err(StoreError::on("api_keys"))
    }

    /// Tells which of some users belong to an organisation.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn members_among(&mut self, organisation: &str, ids: &[String]) -> Result<Vec<String>, StoreError> {
        let mut found = Vec::new();
        for chunk in ids.chunks(500) {
            let query =
                users::table.filter(users::organisation.eq(organisation)).filter(users::id.eq_any(chunk)).select(users::id);
            found.extend(query.load::<String>(self).map_err(StoreError::on("users"))?);
        }
        Ok(found)
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
    /// Has the credentials' revision rise, whose row stays locked until the end: writers of credentials come one after the
    /// other, this row always first. Whoever decides by what it reads of credentials calls this before reading.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn lock_credentials(&mut self) -> Result<(), StoreError> {
        bump(self.conn(), "credentials_revision")
    }

    /// Adds an organisation.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn add_organisation(&mut self, row: &OrganisationRow) -> Result<(), StoreError> {
        self.lock_credentials()?;
        on_backend!(self.conn(), c => diesel::insert_into(organisations::table).values(row).execute(c))
            .map(drop)
            .map_err(StoreError::on("organisations"))
    }

    /// Adds a user.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn add_user(&mut self, row: &UserRow) -> Result<(), StoreError> {
        self.lock_credentials()?;
        on_backend!(self.conn(), c => diesel::insert_into(users::table).values(row).execute(c))
            .map(drop)
            .map_err(StoreError::on("users"))
    }

    /// Adds a key.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn add_api_key(&mut self, row: &ApiKeyRow) -> Result<(), StoreError> {
        self.lock_credentials()?;
        on_backend!(self.conn(), c => diesel::insert_into(api_keys::table).values(row).execute(c))
            .map(drop)
            .map_err(StoreError::on("api_keys"))
    }

    /// Gives an organisation its own VASP; false where it has one already.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn give_vasp(&mut self, organisation: &str, vasp: &str) -> Result<bool, StoreError> {
        self.lock_credentials()?;
        let place = organisations::table.find(organisation).filter(organisations::vasp.is_null());
        let update = diesel::update(place).set(organisations::vasp.eq(vasp));
        let given = on_backend!(self.conn(), c => update.execute(c)).map_err(StoreError::on("organisations"))?;
        Ok(given == 1)
    }

    /// Puts an organisation's row in the place of the version before it.
    ///
    /// # Errors
    /// `StoreError::Stale` where another writer changed it meanwhile.
    pub fn change_organisation(&mut self, row: &OrganisationRow) -> Result<(), StoreError> {
        self.lock_credentials()?;
        let place = organisations::table.find(&row.id).filter(organisations::version.eq(row.version - 1));
        let update = diesel::update(place).set((
            organisations::name.eq(&row.name),
            organisations::closed_at.eq(row.closed_at),
            organisations::version.eq(row.version),
        ));
        let changed = on_backend!(self.conn(), c => update.execute(c)).map_err(StoreError::on("organisations"))?;
        if changed == 1 { Ok(()) } else { Err(StoreError::Stale { table: "organisations" }) }
    }

    /// Returns a user whose row, sessions and keys no other writer changes until the end of the transaction.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn lock_user(&mut self, id: &str) -> Result<Option<UserRow>, StoreError> {
        self.lock_credentials()?;
        self.conn().user(id)
    }

    /// Puts a user's row in the place of the version before it.
    ///
    /// # Errors
    /// `StoreError::Stale` where another writer changed it meanwhile.
    pub fn change_user(&mut self, row: &UserRow) -> Result<(), StoreError> {
        self.lock_credentials()?;
        let place = users::table.find(&row.id).filter(users::version.eq(row.version - 1));
        let update = diesel::update(place).set((
            users::name.eq(&row.name),
            users::email.eq(&row.email),
            users::state.eq(&row.state),
            users::disabled_from.eq(&row.disabled_from),
            users::version.eq(row.version),
        ));
        let changed = on_backend!(self.conn(), c => update.execute(c)).map_err(StoreError::on("users"))?;
        if row.state == "disabled" {
            // Were they kept, enabling the user again would bring them back.
            self.end_sessions_of(&row.id)?;
        }
        if changed == 1 { Ok(()) } else { Err(StoreError::Stale { table: "users" }) }
    }

    /// Has a key end at a moment, in favour of another one; false where it is revoked, replaced already or ends before.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn replace_api_key(&mut self, id: &str, by: &str, at_micros: i64) -> Result<bool, StoreError> {
        self.lock_credentials()?;
        let place = api_keys::table
            .find(id)
            .filter(api_keys::revoked_at.is_null())
            .filter(api_keys::replaced_by.is_null())
            .filter(api_keys::expires_at.is_null().or(api_keys::expires_at.ge(at_micros)));
        let update = diesel::update(place).set((api_keys::expires_at.eq(at_micros), api_keys::replaced_by.eq(by)));
        let replaced = on_backend!(self.conn(), c => update.execute(c)).map_err(StoreError::on("api_keys"))?;
        Ok(replaced == 1)
    }

    /// Revokes a key; false where there is no such key that is not revoked already.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn revoke_api_key(&mut self, id: &str, at_micros: i64) -> Result<bool, StoreError> {
        self.lock_credentials()?;
        let update = diesel::update(api_keys::table.find(id).filter(api_keys::revoked_at.is_null()))
            .set(api_keys::revoked_at.eq(at_micros));
        let revoked = on_backend!(self.conn(), c => update.execute(c)).map_err(StoreError::on("api_keys"))?;
        Ok(revoked == 1)
    }
}
