//! Organisations, their users and API keys. Only the SHA-256 of a key's secret is kept. A revision number tells other processes that
//! something changed.

use super::backend::{written, written_once};
use super::edge::*;
use super::schema::{api_keys, organisations, users};
use super::transaction::{bump, counter};
use super::{Conn, StoreError, Transaction};
use vasp_record::client_certificate::Sha256Hex;
use vasp_record::role::{OrganisationKind, Scopes, UserKind, UserState};
use vasp_words::ids::{ApiKeyId, CredentialId, OrganisationId, UserId, VaspId};
use vasp_words::sql::Flag;
use vasp_words::time::UtcTime;

/// A customer of the registry.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = organisations, treat_none_as_default_value = false)]
pub struct Organisation {
    /// Public id.
    pub id: OrganisationId,
    /// Name.
    pub name: String,
    /// Kind of organisation.
    pub kind: OrganisationKind,
    /// Its own VASP; `None` if it has none.
    pub vasp: Option<VaspId>,
    /// When it was made.
    pub created_at: UtcTime,
    /// Rises with every change.
    pub version: i64,
    /// When it was closed; `None` if it is open. Its users may not act after that.
    pub closed_at: Option<UtcTime>,
    /// How many different addresses that it claims without proof it may ask about in a day; `None` if the registry's default holds.
    pub own_address_budget: Option<i64>,
}

/// A user of an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
pub struct UserRow {
    /// Public id.
    pub id: UserId,
    /// Its organisation.
    pub organisation: OrganisationId,
    /// Name.
    pub name: String,
    /// When it was made.
    pub created_at: UtcTime,
    /// E-mail address with which a person signs in.
    pub email: Option<String>,
    /// Person or program.
    pub kind: UserKind,
    /// Whether it may act.
    pub state: UserState,
    /// The user who made it; `None` if it was made on the command line.
    pub created_by: Option<UserId>,
    /// Rises with every change.
    pub version: i64,
    /// The credential that it was made with.
    pub created_with: Option<CredentialId>,
    /// The state that it had before it was disabled; `None` if it is not disabled.
    pub disabled_from: Option<UserState>,
    /// The user who received its enrolment link and may have used it; `None` if nobody did.
    pub link_held_by: Option<UserId>,
    /// Whether it is one of the first two people of its organisation, made on the command line or by an operator.
    pub founder: Flag,
}

/// An API key without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = api_keys, treat_none_as_default_value = false)]
pub struct ApiKeyRow {
    /// Public id.
    pub id: ApiKeyId,
    /// Its user.
    pub owner: UserId,
    /// What it may do.
    pub scopes: Scopes,
    /// SHA-256 of the secret.
    pub secret_sha256: Vec<u8>,
    /// When it was made.
    pub created_at: UtcTime,
    /// When it expires; `None` if it does not.
    pub expires_at: Option<UtcTime>,
    /// When it was revoked; `None` if it is not.
    pub revoked_at: Option<UtcTime>,
    /// The name that its user gave it.
    pub name: String,
    /// The user who made it; `None` if it was made on the command line.
    pub created_by: Option<UserId>,
    /// The key that replaces it; `None` if there is none.
    pub replaced_by: Option<ApiKeyId>,
    /// The credential that it was made with.
    pub created_with: Option<CredentialId>,
    /// The client certificate that must come with the key; `None` if the key needs none.
    pub certificate_sha256: Option<Sha256Hex>,
    /// Of a publishable key: the origins of the pages on which it works, separated by blanks; `None` if the key is secret.
    pub origins: Option<String>,
}

/// A credential with its user and its user's organisation.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Held<T> {
    /// The key, session or client certificate.
    pub credential: T,
    /// Its user.
    pub user: UserRow,
    /// The user's organisation.
    pub organisation: Organisation,
}

impl Conn {
    /// Returns the open organisation that represents a VASP.
    pub fn organisation_speaking_for(&mut self, vasp: VaspId) -> Result<Option<OrganisationId>, StoreError> {
        let open = organisations::table.filter(organisations::vasp.eq(vasp)).filter(organisations::closed_at.is_null());
        open.select(organisations::id).first(self).optional().map_err(StoreError::on("organisations"))
    }

    /// Returns an organisation.
    pub fn organisation(&mut self, id: OrganisationId) -> Result<Option<Organisation>, StoreError> {
        let query = organisations::table.find(id).select(Organisation::as_select());
        query.first(self).optional().map_err(StoreError::on("organisations"))
    }

    /// Returns a user.
    pub fn user(&mut self, id: UserId) -> Result<Option<UserRow>, StoreError> {
        users::table.find(id).select(UserRow::as_select()).first(self).optional().map_err(StoreError::on("users"))
    }

    /// Returns the user who signs in with an e-mail address.
    pub fn user_with_email(&mut self, email: &str) -> Result<Option<UserRow>, StoreError> {
        let query = users::table.filter(users::email.eq(email)).select(UserRow::as_select());
        query.first(self).optional().map_err(StoreError::on("users"))
    }

    /// Returns every key that is not revoked and whose user and organisation may act, with both.
    pub fn live_credentials(&mut self) -> Result<Vec<Held<ApiKeyRow>>, StoreError> {
        api_keys::table
            .inner_join(users::table.inner_join(organisations::table))
            .filter(api_keys::revoked_at.is_null())
            .filter(users::state.eq(UserState::Active))
            .filter(organisations::closed_at.is_null())
            .order(api_keys::id)
            .select((ApiKeyRow::as_select(), UserRow::as_select(), Organisation::as_select()))
            .load(self)
            .map_err(StoreError::on("api_keys"))
    }

    /// Returns a key that is not revoked and whose user and organisation may act, with both.
    pub fn live_credential(&mut self, id: ApiKeyId) -> Result<Option<Held<ApiKeyRow>>, StoreError> {
        api_keys::table
            .inner_join(users::table.inner_join(organisations::table))
            .filter(api_keys::id.eq(id))
            .filter(api_keys::revoked_at.is_null())
            .filter(users::state.eq(UserState::Active))
            .filter(organisations::closed_at.is_null())
            .select((ApiKeyRow::as_select(), UserRow::as_select(), Organisation::as_select()))
            .first(self)
            .optional()
            .map_err(StoreError::on("api_keys"))
    }

    /// Returns the users of an organisation, or of all, after `after`, oldest first.
    pub fn users_of(
        &mut self,
        organisation: Option<OrganisationId>,
        kinds: &[UserKind],
        after: &str,
        limit: i64,
    ) -> Result<Vec<UserRow>, StoreError> {
        let mut query = users::table.filter(users::kind.eq_any(kinds)).filter(users::id.gt(after)).into_boxed();
        if let Some(organisation) = organisation {
            query = query.filter(users::organisation.eq(organisation));
        }
        let query = query.order(users::id).limit(limit).select(UserRow::as_select());
        query.load(self).map_err(StoreError::on("users"))
    }

    /// Counts the people of an organisation, whatever their state.
    pub fn people_of(&mut self, organisation: OrganisationId) -> Result<i64, StoreError> {
        let people = users::table.filter(users::organisation.eq(organisation)).filter(users::kind.eq(UserKind::Person));
        people.count().get_result(self).map_err(StoreError::on("users"))
    }

    /// Returns the organisations after `after`, oldest first.
    pub fn organisations(&mut self, after: &str, limit: i64) -> Result<Vec<Organisation>, StoreError> {
        organisations::table
            .filter(organisations::id.gt(after))
            .order(organisations::id)
            .limit(limit)
            .select(Organisation::as_select())
            .load(self)
            .map_err(StoreError::on("organisations"))
    }

    /// Returns an API key.
    pub fn api_key(&mut self, id: ApiKeyId) -> Result<Option<ApiKeyRow>, StoreError> {
        api_keys::table.find(id).select(ApiKeyRow::as_select()).first(self).optional().map_err(StoreError::on("api_keys"))
    }

    /// Returns the API keys of a user, oldest first, including revoked ones.
    pub fn api_keys_of(&mut self, owner: UserId) -> Result<Vec<ApiKeyRow>, StoreError> {
        api_keys::table
            .filter(api_keys::owner.eq(owner))
            .order(api_keys::id)
            .select(ApiKeyRow::as_select())
            .load(self)
            .map_err(StoreError::on("api_keys"))
    }

    /// Returns the API keys of an organisation's users after `after`, oldest first, including revoked ones.
    pub fn api_keys_within(
        &mut self,
        organisation: OrganisationId,
        after: &str,
        limit: i64,
    ) -> Result<Vec<ApiKeyRow>, StoreError> {
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

    /// Returns those of some users who belong to an organisation.
    pub fn members_among(&mut self, organisation: OrganisationId, ids: &[UserId]) -> Result<Vec<UserId>, StoreError> {
        let mut found = Vec::new();
        for chunk in ids.chunks(500) {
            let query =
                users::table.filter(users::organisation.eq(organisation)).filter(users::id.eq_any(chunk)).select(users::id);
            found.extend(query.load::<UserId>(self).map_err(StoreError::on("users"))?);
        }
        Ok(found)
    }

    /// Returns a number that rises with every change of credentials.
    pub fn credentials_revision(&mut self) -> Result<i64, StoreError> {
        counter(self, "credentials_revision")
    }
}

impl Transaction<'_> {
    /// Increases the revision of the credentials, whose row stays locked until the end of the transaction. So writers of credentials wait
    /// for each other, and this row is always locked first. Call this before you read credentials that a decision depends on.
    pub fn lock_credentials(&mut self) -> Result<(), StoreError> {
        bump(self.conn(), "credentials_revision")
    }

    /// Adds an organisation.
    pub fn add_organisation(&mut self, row: &Organisation) -> Result<(), StoreError> {
        self.lock_credentials()?;
        written(self.conn(), "organisations", diesel::insert_into(organisations::table).values(row)).map(drop)
    }

    /// Adds a user.
    pub fn add_user(&mut self, row: &UserRow) -> Result<(), StoreError> {
        self.lock_credentials()?;
        written(self.conn(), "users", diesel::insert_into(users::table).values(row)).map(drop)
    }

    /// Counts the keys of an organisation that are valid at a moment.
    pub fn live_keys(&mut self, organisation: OrganisationId, now: UtcTime) -> Result<i64, StoreError> {
        let owners = users::table.filter(users::organisation.eq(organisation)).select(users::id);
        api_keys::table
            .filter(api_keys::owner.eq_any(owners))
            .filter(api_keys::revoked_at.is_null())
            .filter(api_keys::expires_at.is_null().or(api_keys::expires_at.gt(now)))
            .count()
            .get_result(self.conn())
            .map_err(StoreError::on("api_keys"))
    }

    /// Adds a key.
    pub fn add_api_key(&mut self, row: &ApiKeyRow) -> Result<(), StoreError> {
        self.lock_credentials()?;
        written(self.conn(), "api_keys", diesel::insert_into(api_keys::table).values(row)).map(drop)
    }

    /// Gives an organisation its own VASP; `false` if it has one already.
    pub fn give_vasp(&mut self, organisation: OrganisationId, vasp: VaspId) -> Result<bool, StoreError> {
        self.lock_credentials()?;
        let place = organisations::table.find(organisation).filter(organisations::vasp.is_null());
        let update = diesel::update(place).set(organisations::vasp.eq(vasp));
        written(self.conn(), "organisations", update).map(|rows| rows == 1)
    }

    /// Replaces the preceding version of an organisation's row.
    ///
    /// # Errors
    /// `StoreError::Stale` if another writer changed it in the meantime.
    pub fn change_organisation(&mut self, row: &Organisation) -> Result<(), StoreError> {
        self.lock_credentials()?;
        let place = organisations::table.find(row.id).filter(organisations::version.eq(row.version - 1));
        let update = diesel::update(place).set((
            organisations::name.eq(&row.name),
            organisations::closed_at.eq(row.closed_at),
            organisations::own_address_budget.eq(row.own_address_budget),
            organisations::version.eq(row.version),
        ));
        written_once(self.conn(), "organisations", update)
    }

    /// Locks and returns a user. No other writer changes its row, sessions and keys until the end of the transaction.
    pub fn lock_user(&mut self, id: UserId) -> Result<Option<UserRow>, StoreError> {
        self.lock_credentials()?;
        self.conn().user(id)
    }

    /// Replaces the preceding version of a user's row.
    ///
    /// # Errors
    /// `StoreError::Stale` if another writer changed it in the meantime.
    pub fn change_user(&mut self, row: &UserRow) -> Result<(), StoreError> {
        self.lock_credentials()?;
        let place = users::table.find(row.id).filter(users::version.eq(row.version - 1));
        let update = diesel::update(place).set((
            users::name.eq(&row.name),
            users::email.eq(&row.email),
            users::state.eq(row.state),
            users::disabled_from.eq(row.disabled_from),
            users::link_held_by.eq(row.link_held_by),
            users::version.eq(row.version),
        ));
        written_once(self.conn(), "users", update)?;
        if row.state == UserState::Disabled {
            // If the sessions were kept, they would be valid again once the user is enabled.
            self.end_sessions_of(row.id, None)?;
        }
        Ok(())
    }

    /// Makes a key expire at a moment because another key replaces it; `false` if it is revoked, already replaced, or expires earlier.
    pub fn replace_api_key(&mut self, id: ApiKeyId, by: ApiKeyId, at: UtcTime) -> Result<bool, StoreError> {
        self.lock_credentials()?;
        let place = api_keys::table
            .find(id)
            .filter(api_keys::revoked_at.is_null())
            .filter(api_keys::replaced_by.is_null())
            .filter(api_keys::expires_at.is_null().or(api_keys::expires_at.ge(at)));
        let update = diesel::update(place).set((api_keys::expires_at.eq(at), api_keys::replaced_by.eq(by)));
        written(self.conn(), "api_keys", update).map(|rows| rows == 1)
    }

    /// Revokes a key, and ends the links to reports that were made with it; `false` if it does not exist or is revoked already.
    pub fn revoke_api_key(&mut self, id: ApiKeyId, at: UtcTime) -> Result<bool, StoreError> {
        self.lock_credentials()?;
        self.end_report_links_made_with(CredentialId::Key(id))?;
        let update =
            diesel::update(api_keys::table.find(id).filter(api_keys::revoked_at.is_null())).set(api_keys::revoked_at.eq(at));
        written(self.conn(), "api_keys", update).map(|rows| rows == 1)
    }
}
