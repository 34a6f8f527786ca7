//! API keys: one's own, and those of the programs of one's organisation for its admins. A new key is never able to do more,
//! nor for longer, than the credential it is made with. Only the SHA-256 of a secret is kept.

use serde_json::json;

use super::{ApiKey, NO_USER, Reach, view};
use crate::domain::ids::CredentialId;
use crate::domain::role::{Role, Scope, UserKind};
use crate::domain::time::UtcTime;
use crate::service::credentials::{api_key_row, check_scopes, invalid};
use crate::service::{Act, Deed, Identity, Page, Registry, Reply, ServiceError};
use crate::store::{ApiKeyRow, Conn, Transaction, UserRow};

pub(super) const NO_KEY: &str = "There is no such API key.";

/// A key to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKey {
    /// What its user calls it.
    pub name: String,
    /// For which program of the organisation; none for oneself.
    pub owner: Option<String>,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it stops working by itself.
    pub expires_at: Option<UtcTime>,
}

/// Whose keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyOwner {
    /// The caller's own.
    Me,
    /// Those of everybody in the organisation; for its admins.
    Everybody,
}

/// Makes a key for oneself, or for a program of one's organisation.
///
/// # Errors
/// `ServiceError::NotFound` for an owner out of reach; `Forbidden` for scopes beyond those of the caller's own credential, and
/// for keys of other people; `Invalid`; what [`Act::run`] returns.
pub fn create_own_key(act: Act<'_, (ApiKey, String)>, new: NewKey) -> Result<Reply, ServiceError> {
    act.run("api_key.create", |transaction, identity| {
        transaction.lock_credentials()?;
        let me = identity.user.to_string();
        let owner = new.owner.unwrap_or_else(|| me.clone());
        let (user, organisation) = Reach::Own.user(transaction.conn(), identity, &owner)?;
        may_hold_keys_of(identity, &user)?;
        check_scopes(&organisation, &new.scopes)?;
        within_own(transaction.conn(), identity, &new.scopes, new.expires_at)?;
        let (key, secret) = add_key(transaction, identity, (&owner, key_name(&new.name)?), &new.scopes, new.expires_at)?;
        let (id, details) = (key.id.clone(), json!({"owner": owner, "scopes": new.scopes, "expires_at": new.expires_at}));
        Ok(Deed::new((view::one_key(transaction.conn(), identity, key)?, secret), id, details))
    })
}

/// Another person's key is nobody else's to make: whoever makes it knows its secret.
pub(super) fn may_hold_keys_of(identity: &Identity, user: &UserRow) -> Result<(), ServiceError> {
    if user.id == identity.user.to_string() {
        return Ok(());
    }
    match (identity.has_any(&[Role::Admin]), user.kind == UserKind::Machine.as_str()) {
        (false, _) => Err(ServiceError::NotFound(NO_USER.to_owned())),
        (true, false) => {
            Err(ServiceError::Forbidden("A person makes their own keys; only programs have theirs made.".to_owned()))
        }
        (true, true) => Ok(()),
    }
}

/// Adds the row of a key and returns it with the whole key.
pub(super) fn add_key(
    transaction: &mut Transaction<'_>,
    identity: &Identity,
    (owner, name): (&str, String),
    scopes: &[Scope],
    expires_at: Option<UtcTime>,
) -> Result<(ApiKeyRow, String), ServiceError> {
    let now = transaction.now();
    let (row, key) = api_key_row(owner, scopes, expires_at, now, transaction.conn_and_rng().1)?;
    let (created_by, created_with) = (Some(identity.user.to_string()), Some(identity.credential.to_string()));
    let row = ApiKeyRow { name, created_by, created_with, ..row };
    transaction.add_api_key(&row)?;
    Ok((row, key.text))
}

/// Refuses what the caller's own credential could not do, or not for so long.
pub(super) fn within_own(
    conn: &mut Conn,
    identity: &Identity,
    scopes: &[Scope],
    expires_at: Option<UtcTime>,
) -> Result<(), ServiceError> {
    if let Some(scope) = scopes.iter().find(|scope| !identity.may(**scope)) {
        let own: Vec<&str> = identity.scopes.iter().map(|scope| scope.as_str()).collect();
        let detail = format!("No key does more than the one it is made with: `{scope}` is not among {}.", own.join(", "));
        return Err(ServiceError::Forbidden(detail));
    }
    // A session is short-lived by nature; what it makes is the person's.
    let CredentialId::Key(used) = identity.credential else { return Ok(()) };
    let own_end = conn.api_key(&used.to_string())?.and_then(|key| key.expires_at);
    match own_end {
        Some(end) if expires_at.is_none_or(|at| at.micros() > end) => {
            let end = super::instant("api_keys", &used.to_string(), end)?;
            let detail = format!("no key works longer than the one it is made with: until {end} at most");
            Err(invalid("/expires_at", "later_than_own", detail))
        }
        _ => Ok(()),
    }
}

fn key_name(name: &str) -> Result<String, ServiceError> {
    let name = name.trim();
    if name.chars().count() > 200 || name.chars().any(char::is_control) {
        return Err(invalid("/name", "invalid_value", "a name has 200 characters at most and no control characters".to_owned()));
    }
    Ok(name.to_owned())
}

/// Lists keys, oldest first, revoked ones too.
///
/// # Errors
/// `ServiceError::Forbidden` for those of others without being an admin, `ServiceError::Store`.
pub fn list_keys(
    registry: &Registry,
    identity: &Identity,
    owner: &KeyOwner,
    (after, limit): (&str, usize),
) -> Result<Page<ApiKey, String>, ServiceError> {
    if *owner == KeyOwner::Everybody && !identity.has_any(&[Role::Admin]) {
        return Err(ServiceError::Forbidden("Only an admin sees the keys of others.".to_owned()));
    }
    let wanted = Page::wanted(limit);
    let keys = registry.store().read::<_, ServiceError>(|conn| {
        let rows = match owner {
            KeyOwner::Everybody => conn.api_keys_within(&identity.organisation.to_string(), after, wanted)?,
            KeyOwner::Me => {
                let own = conn.api_keys_of(&identity.user.to_string())?.into_iter();
                own.filter(|key| key.id.as_str() > after).take(limit.saturating_add(1)).collect()
            }
        };
        view::keys(conn, identity, rows)
    })?;
    Ok(Page::of(keys.into_iter(), limit, |key| key.id.clone()))
}

/// Returns a key that the caller may end: its own, or, for an admin, one of its organisation.
pub(super) fn own_key(conn: &mut Conn, identity: &Identity, id: &str) -> Result<(ApiKeyRow, UserRow), ServiceError> {
    let missing = || ServiceError::NotFound(NO_KEY.to_owned());
    let key = conn.api_key(id)?.ok_or_else(missing)?;
    let owner = conn.user(&key.owner)?.filter(|owner| owner.organisation == identity.organisation.to_string());
    let owner = owner.ok_or_else(missing)?;
    let may = owner.id == identity.user.to_string() || identity.has_any(&[Role::Admin]);
    if may { Ok((key, owner)) } else { Err(missing()) }
}

/// Revokes a key: at once here, within a second elsewhere.
///
/// # Errors
/// `ServiceError::NotFound`; `IllegalStep` where it is revoked already; what [`Act::run`] returns.
pub fn revoke_key(act: Act<'_, ApiKey>, id: &str) -> Result<Reply, ServiceError> {
    act.run("api_key.revoke", |transaction, identity| {
        transaction.lock_credentials()?;
        let (key, owner) = own_key(transaction.conn(), identity, id)?;
        let now = transaction.now().micros();
        if !transaction.revoke_api_key(id, now)? {
            return Err(ServiceError::IllegalStep("The API key is revoked already.".to_owned()));
        }
        let revoked = ApiKeyRow { revoked_at: Some(now), ..key };
        Ok(Deed::new(view::one_key(transaction.conn(), identity, revoked)?, id, json!({"owner": owner.id})))
    })
}
