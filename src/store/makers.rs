//! Who made users, API keys and client certificates, and with which credential. The four-eyes rule depends on this, and so does which
//! credentials end with a password.

use super::edge::*;
use super::schema::{api_keys, client_certificates, users};
use super::{Conn, StoreError};
use vasp_words::ids::{CredentialId, Maker, OrganisationId, UserId};
use vasp_words::sql::Flag;
use vasp_words::time::UtcTime;

/// The user who made something, and the credential used.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct MadeRow {
    /// Id of the user, key or certificate.
    pub id: Maker,
    /// The user who made it; `None` if it was made on the command line.
    pub created_by: Option<UserId>,
    /// The credential that it was made with.
    pub created_with: Option<CredentialId>,
}

/// An API key or client certificate, ended or not.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct MadeCredential {
    /// Its id.
    pub id: CredentialId,
    /// The name that its user gave it.
    pub name: String,
    /// The user whom it authenticates.
    pub owner: UserId,
    /// The organisation of that user.
    pub organisation: OrganisationId,
    /// When it expires; `None` if it does not.
    pub expires_at: Option<UtcTime>,
}

/// The user who received another user's enrolment link.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct HeldLinkRow {
    /// The user.
    pub user: UserId,
    /// Its organisation.
    pub organisation: OrganisationId,
    /// The user who received the link; `None` if nobody did.
    pub held_by: Option<UserId>,
    /// Whether the user is a founder of the organisation.
    pub founder: Flag,
}

impl Conn {
    /// Returns who received the enrolment links of users. Other ids are skipped.
    pub fn links_held(&mut self, ids: &[Maker]) -> Result<Vec<HeldLinkRow>, StoreError> {
        let mut rows = Vec::new();
        for chunk in ids.chunks(500) {
            let found = users::table.filter(users::id.eq_any(chunk)).order(users::id);
            let found = found.select((users::id, users::organisation, users::link_held_by, users::founder));
            rows.extend(found.load::<HeldLinkRow>(self).map_err(StoreError::on("users"))?);
        }
        Ok(rows)
    }

    /// Returns the API keys and client certificates that a user made in sessions, and those made with them in turn. Ended ones are
    /// included. The order is by id.
    pub fn made_by_sessions_of(&mut self, user: UserId) -> Result<Vec<MadeCredential>, StoreError> {
        let own_keys = api_keys::table.filter(api_keys::created_by.eq(user));
        let with = own_keys.select(api_keys::created_with).distinct().load::<Option<CredentialId>>(self);
        let mut makers: Vec<CredentialId> = with.map_err(StoreError::on("api_keys"))?.into_iter().flatten().collect();
        let own_certificates = client_certificates::table.filter(client_certificates::created_by.eq(user));
        let with = own_certificates.select(client_certificates::created_with).distinct().load::<CredentialId>(self);
        makers.extend(with.map_err(StoreError::on("client_certificates"))?);
        makers.retain(|maker| matches!(maker, CredentialId::Session(_)));
        let mut made: Vec<MadeCredential> = Vec::new();
        // No credential is older than the one it was made with, so this loop ends.
        while !makers.is_empty() {
            let next = self.made_with(&makers)?;
            makers = next.iter().map(|credential| credential.id).collect();
            made.extend(next);
        }
        made.sort_by_key(|credential| credential.id);
        made.dedup_by_key(|credential| credential.id);
        Ok(made)
    }

    fn made_with(&mut self, makers: &[CredentialId]) -> Result<Vec<MadeCredential>, StoreError> {
        let mut made: Vec<MadeCredential> = Vec::new();
        for chunk in makers.chunks(500) {
            let keys = api_keys::table.inner_join(users::table).filter(api_keys::created_with.eq_any(chunk)).select((
                api_keys::id,
                api_keys::name,
                api_keys::owner,
                users::organisation,
                api_keys::expires_at,
            ));
            made.extend(keys.load::<MadeCredential>(self).map_err(StoreError::on("api_keys"))?);
            let held = client_certificates::table.inner_join(users::table);
            let held = held.filter(client_certificates::created_with.eq_any(chunk)).select((
                client_certificates::id,
                client_certificates::name,
                client_certificates::owner,
                users::organisation,
                client_certificates::expires_at.nullable(),
            ));
            made.extend(held.load::<MadeCredential>(self).map_err(StoreError::on("client_certificates"))?);
        }
        Ok(made)
    }

    /// Returns who made these users, keys and client certificates. Sessions and other ids are skipped.
    pub fn makers_of(&mut self, ids: &[Maker]) -> Result<Vec<MadeRow>, StoreError> {
        let mut rows: Vec<MadeRow> = Vec::new();
        for chunk in ids.chunks(500) {
            let made_users = users::table.filter(users::id.eq_any(chunk)).order(users::id).select((
                users::id,
                users::created_by,
                users::created_with,
            ));
            rows.extend(made_users.load::<MadeRow>(self).map_err(StoreError::on("users"))?);
            let made_keys = api_keys::table.filter(api_keys::id.eq_any(chunk)).order(api_keys::id).select((
                api_keys::id,
                api_keys::created_by,
                api_keys::created_with,
            ));
            rows.extend(made_keys.load::<MadeRow>(self).map_err(StoreError::on("api_keys"))?);
            let made_certificates =
                client_certificates::table.filter(client_certificates::id.eq_any(chunk)).order(client_certificates::id).select((
                    client_certificates::id,
                    client_certificates::created_by.nullable(),
                    client_certificates::created_with.nullable(),
                ));
            rows.extend(made_certificates.load::<MadeRow>(self).map_err(StoreError::on("client_certificates"))?);
        }
        Ok(rows)
    }
}
