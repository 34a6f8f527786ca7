//! Who made users, API keys and client certificates, and with which credential: what the rule of four eyes goes by.

use super::schema::{api_keys, client_certificates, users};
use super::{Conn, StoreError};
use diesel::prelude::*;
use vasp_words::ids::{CredentialId, Maker, UserId};

/// By whom, and with what, something was made.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct MadeRow {
    /// Id of the user, key or certificate.
    pub id: Maker,
    /// The user who made it; none for the command line.
    pub created_by: Option<UserId>,
    /// The credential with which.
    pub created_with: Option<CredentialId>,
}

impl Conn {
    /// Returns who made these users, keys and client certificates; sessions and other ids are passed over.
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
