//! Reads organisations, users and keys for the command line, without asking who reads: whoever can open the database may see everything in
//! it. Routes use `list_organisations`, `list_users` and `list_keys` instead, which show only what the caller may see.

use crate::node::ServiceError;
use vasp_record::role::UserKind;
use vasp_store::{ApiKeyRow, Conn, Organisation, Store, UserRow};
use vasp_words::ids::OrganisationId;

/// Returns all organisations, oldest first.
///
/// # Errors
/// `ServiceError::Store`.
pub fn stored_organisations(store: &Store) -> Result<Vec<Organisation>, ServiceError> {
    store.read(|conn| Ok(conn.organisations("", i64::MAX)?))
}

/// Returns the users of an organisation, oldest first.
///
/// # Errors
/// `ServiceError::NotFound` if there is no such organisation, `ServiceError::Store`.
pub fn stored_users(store: &Store, organisation: OrganisationId) -> Result<Vec<UserRow>, ServiceError> {
    store.read(|conn| {
        known(conn, organisation)?;
        Ok(conn.users_of(Some(organisation), &UserKind::ALL, "", i64::MAX)?)
    })
}

/// Returns the keys of an organisation's users, oldest first, with revoked ones.
///
/// # Errors
/// `ServiceError::NotFound` if there is no such organisation, `ServiceError::Store`.
pub fn stored_keys(store: &Store, organisation: OrganisationId) -> Result<Vec<ApiKeyRow>, ServiceError> {
    store.read(|conn| {
        known(conn, organisation)?;
        Ok(conn.api_keys_within(organisation, "", i64::MAX)?)
    })
}

fn known(conn: &mut Conn, id: OrganisationId) -> Result<Organisation, ServiceError> {
    conn.organisation(id)?.ok_or_else(|| ServiceError::NotFound(format!("There is no organisation {id}.")))
}
