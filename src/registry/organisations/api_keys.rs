//! API keys: the caller's own, and those of the programs of its organisation for its admins. A new key never has more permissions, nor a
//! later end, than the credential that created it. The store keeps only the SHA-256 of a secret.

use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::credentials::{api_key_row, check_room_for_key, end_of_credential};
use super::fresh_code::FreshCode;
use super::roles_and_scopes::check_scopes;
use super::written::check_written;
use super::{ApiKey, NO_USER, Reach, fresh_code, view};
use crate::acts::{Act, CallerNetwork, Deed, Identity, Reply};
use crate::node::{Page, Registry, ServiceError, invalid};
use crate::sign_in::SecondFactor;
use vasp_record::bearer::publishable;
use vasp_record::client_certificate::Sha256Hex;
use vasp_record::environment::Environment;
use vasp_record::origin::Origin;
use vasp_record::role::{OrganisationKind, Role, Scope, UserKind};
use vasp_store::{ApiKeyRow, Conn, Transaction, UserRow};
use vasp_words::ids::{ApiKeyId, CredentialId, UserId};
use vasp_words::time::UtcTime;

pub(super) const NO_KEY: &str = "There is no such API key.";

/// An API key to create.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateApiKey)]
pub struct NewKey {
    /// A name for the key, 200 characters at most.
    pub name: String,
    /// Any of the scopes of the credential that you send.
    #[schema(value_type = Vec<String>, example = json!(["resolve"]))]
    pub scopes: Vec<Scope>,
    /// When it stops working: no later than the key that you send, and within 90 days for users of operators. Null: for users of operators
    /// after 90 days, for others never.
    pub expires_at: Option<UtcTime>,
    /// Id of a program of your organisation, for admins. By default, the key is yours.
    pub owner: Option<UserId>,
    /// SHA-256 of a client certificate (DER, hex): the key works only over connections that use it. Null: over any connection.
    #[schema(value_type = Option<String>)]
    pub certificate_sha256: Option<Sha256Hex>,
    /// Makes a publishable key, `vr_pub_…`, which may stand in a web page: it opens only `GET /v1/picker`, and only for pages of these origins,
    /// such as `https://shop.example.com`; 20 at most. Its only scope is `resolve`. Null: a secret key.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, example = json!(["https://shop.example.com"]))]
    pub origins: Option<Vec<Origin>>,
    /// For users of an operator: the current code of your authenticator app.
    #[schema(example = "287082")]
    pub totp: Option<String>,
    /// For users of an operator: a recovery code instead of `totp`.
    pub recovery_code: Option<String>,
}

/// What a key may do, until when, and over which connections.
#[derive(Clone, Copy, Debug)]
pub(super) struct Powers<'a> {
    pub scopes: &'a [Scope],
    pub expires_at: Option<UtcTime>,
    pub certificate: Option<Sha256Hex>,
    /// Of a publishable key: the origins of the pages on which it works.
    pub origins: Option<&'a str>,
}

/// Selects whose keys are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyOwner {
    /// The caller's own keys.
    #[default]
    Me,
    /// The keys of every user in the organisation; only for its admins.
    #[serde(rename = "organisation")]
    Everybody,
}

/// Creates a key for the caller, or for a program of its organisation.
///
/// # Errors
/// `ServiceError::NotFound` for an owner out of reach; `Forbidden` for scopes beyond those of the caller's own credential, and
/// for keys of other people; `Invalid`; and those of [`Act::run`].
pub fn create_own_key(
    mut act: Act<'_, (ApiKey, String)>,
    new: NewKey,
    from: Option<CallerNetwork>,
) -> Result<Reply, ServiceError> {
    let code = FreshCode { second: SecondFactor::of(new.totp, new.recovery_code)?, from };
    let kind = act.identity.kind;
    if let Some(kept) = fresh_code::use_up(&mut act, kind, &code)? {
        return Ok(kept);
    }
    let environment = act.registry.environment();
    act.run("api_key.create", |transaction, identity| {
        transaction.lock_credentials()?;
        let owner = new.owner.unwrap_or(identity.user);
        let (user, organisation) = Reach::Own.user(transaction.conn(), identity, owner)?;
        may_hold_keys_of(identity, &user)?;
        check_scopes(&organisation, &new.scopes)?;
        let expires_at = end_of_key(transaction, identity, organisation.kind, new.expires_at)?;
        let origins =
            new.origins.as_deref().map(|origins| origins_of(&new.scopes, new.certificate_sha256, origins)).transpose()?;
        let (certificate, origins) = (new.certificate_sha256, origins.as_deref());
        let powers = Powers { scopes: &new.scopes, expires_at, certificate, origins };
        within_own(transaction.conn(), identity, powers)?;
        let (key, secret) = add_key(transaction, identity, owner, key_name(&new.name)?, environment, powers)?;
        let mut details = json!({"owner": owner, "scopes": new.scopes, "expires_at": expires_at});
        if let (Some(bound), Some(details)) = (new.certificate_sha256, details.as_object_mut()) {
            details.insert("certificate_sha256".to_owned(), bound.to_string().into());
        }
        if let (Some(origins), Some(details)) = (origins, details.as_object_mut()) {
            details.insert("origins".to_owned(), origins.into());
        }
        let id = key.id;
        Ok(Deed::new((view::one_key(transaction.conn(), identity, key)?, secret), id, details))
    })
}

/// The most origins that a publishable key may have. Ours.
const MOST_ORIGINS: usize = 20;

/// Returns the origins of a publishable key as they are stored. Such a key stands in web pages, so it must not open anything else.
fn origins_of(scopes: &[Scope], certificate: Option<Sha256Hex>, origins: &[Origin]) -> Result<String, ServiceError> {
    if scopes != [Scope::Resolve] {
        return Err(invalid("/scopes", "invalid_value", "a publishable key has the scope `resolve` alone"));
    }
    if certificate.is_some() {
        return Err(invalid("/certificate_sha256", "invalid_value", "a publishable key cannot be bound to a certificate"));
    }
    if !(1..=MOST_ORIGINS).contains(&origins.len()) {
        return Err(invalid("/origins", "invalid_value", format!("a publishable key has 1 to {MOST_ORIGINS} origins")));
    }
    Ok(origins.iter().map(Origin::as_str).collect::<Vec<_>>().join(" "))
}

/// Returns when a new key ends. An operator's key without a requested end gets the latest possible end, that of the caller's key at most.
pub(super) fn end_of_key(
    transaction: &mut Transaction<'_>,
    identity: &Identity,
    kind: OrganisationKind,
    wished: Option<UtcTime>,
) -> Result<Option<UtcTime>, ServiceError> {
    let latest = end_of_credential(kind, wished, transaction.now())?;
    let (None, Some(latest)) = (wished, latest) else { return Ok(latest) };
    let own_end = own_limits(transaction.conn(), identity)?.expires_at;
    Ok(Some(own_end.map_or(latest, |own_end| own_end.min(latest))))
}

/// Refuses keys of another person. Whoever creates a key knows its secret, so only the person may create it.
pub(super) fn may_hold_keys_of(identity: &Identity, user: &UserRow) -> Result<(), ServiceError> {
    if user.id == identity.user {
        return Ok(());
    }
    match (identity.has_any(&[Role::Admin]), user.kind == UserKind::Machine) {
        (false, _) => Err(ServiceError::NotFound(NO_USER.to_owned())),
        (true, false) => Err(ServiceError::Forbidden(
            "People must create their own keys; you can create keys only for machine users.".to_owned(),
        )),
        (true, true) => Ok(()),
    }
}

/// Adds the row of a key and returns it with the whole key.
pub(super) fn add_key(
    transaction: &mut Transaction<'_>,
    identity: &Identity,
    owner: UserId,
    name: String,
    environment: Environment,
    powers: Powers<'_>,
) -> Result<(ApiKeyRow, String), ServiceError> {
    let Powers { scopes, expires_at, certificate, origins } = powers;
    let now = transaction.now();
    let organisation = transaction.conn().user(owner)?.map(|user| user.organisation);
    check_room_for_key(transaction, organisation.unwrap_or(identity.organisation))?;
    let (row, key) = api_key_row(environment, owner, scopes, expires_at, now, transaction.conn_and_rng().1)?;
    let (created_by, created_with) = (Some(identity.user), Some(identity.credential));
    let row =
        ApiKeyRow { name, created_by, created_with, certificate_sha256: certificate, origins: origins.map(str::to_owned), ..row };
    transaction.add_api_key(&row)?;
    let text = if origins.is_some() { publishable(&key.text) } else { key.text };
    Ok((row, text))
}

/// Refuses powers beyond those of the caller's own credential: other scopes, a later end, or more connections.
pub(super) fn within_own(conn: &mut Conn, identity: &Identity, powers: Powers<'_>) -> Result<(), ServiceError> {
    let Powers { scopes, expires_at, certificate, .. } = powers;
    if let Some(scope) = scopes.iter().find(|scope| !identity.may(**scope)) {
        let own: Vec<&str> = identity.scopes.iter().map(|scope| scope.as_str()).collect();
        let detail = format!(
            "A new key cannot have more scopes than the credential that creates it: `{scope}` is not among {}.",
            own.join(", ")
        );
        return Err(ServiceError::Forbidden(detail));
    }
    let own = own_limits(conn, identity)?;
    if own.is_bound && certificate.is_none() {
        let detail = "a key that is bound to a certificate can create only keys that are bound to a certificate".to_owned();
        return Err(invalid("/certificate_sha256", "missing_member", detail));
    }
    match own.expires_at {
        Some(end) if expires_at.is_none_or(|at| at > end) => {
            let detail = format!("a new key cannot end later than the credential that creates it, which ends at {end}");
            Err(invalid("/expires_at", "later_than_own", detail))
        }
        _ => Ok(()),
    }
}

/// The limits of the caller's own credential.
pub(super) struct OwnLimits {
    /// When it expires; `None` if it never does, and for sessions.
    pub expires_at: Option<UtcTime>,
    /// Whether it works only together with a client certificate.
    is_bound: bool,
}

/// Reads the limits of the caller's own credential. A session sets none: it is short-lived, and what it creates belongs to the person.
pub(super) fn own_limits(conn: &mut Conn, identity: &Identity) -> Result<OwnLimits, ServiceError> {
    let (expires_at, is_bound) = match identity.credential {
        CredentialId::Session(_) => (None, false),
        CredentialId::Key(id) => {
            let key = conn.api_key(id)?;
            let is_bound = key.as_ref().is_some_and(|key| key.certificate_sha256.is_some());
            (key.and_then(|key| key.expires_at), is_bound)
        }
        CredentialId::Certificate(id) => (conn.client_certificate(id)?.map(|held| held.expires_at), false),
    };
    Ok(OwnLimits { expires_at, is_bound })
}

pub(super) fn key_name(name: &str) -> Result<String, ServiceError> {
    let name = name.trim();
    if name.chars().count() > 200 || name.chars().any(char::is_control) {
        return Err(invalid(
            "/name",
            "invalid_value",
            "a name must have at most 200 characters and no control characters".to_owned(),
        ));
    }
    check_written(name)?;
    Ok(name.to_owned())
}

/// Lists keys, oldest first, including revoked ones.
///
/// # Errors
/// `ServiceError::Forbidden` if a caller who is not an admin asks for the keys of others, `ServiceError::Store`.
pub fn list_keys(
    registry: &Registry,
    identity: &Identity,
    owner: KeyOwner,
    after: &str,
    limit: usize,
) -> Result<Page<ApiKey, ApiKeyId>, ServiceError> {
    if owner == KeyOwner::Everybody && !identity.has_any(&[Role::Admin]) {
        return Err(ServiceError::Forbidden("Only an admin can see the keys of other users.".to_owned()));
    }
    let wanted = Page::wanted(limit);
    let keys = registry.store().read::<_, ServiceError>(|conn| {
        let rows = match owner {
            KeyOwner::Everybody => conn.api_keys_within(identity.organisation, after, wanted)?,
            KeyOwner::Me => {
                let own = conn.api_keys_of(identity.user)?.into_iter();
                own.filter(|key| key.id.to_string().as_str() > after).take(limit.saturating_add(1)).collect()
            }
        };
        view::keys(conn, identity, rows)
    })?;
    Ok(Page::of(keys.into_iter(), limit, |key| key.id))
}

/// Returns a key that the caller may revoke: its own, or, for an admin, one of its organisation.
pub(super) fn own_key(conn: &mut Conn, identity: &Identity, id: ApiKeyId) -> Result<(ApiKeyRow, UserRow), ServiceError> {
    let missing = || ServiceError::NotFound(NO_KEY.to_owned());
    let key = conn.api_key(id)?.ok_or_else(missing)?;
    let owner = owner_in_reach(conn, identity, key.owner)?.ok_or_else(missing)?;
    Ok((key, owner))
}

/// Returns the owner of a credential if that is the caller, or, for an admin, a user of its organisation; else `None`.
pub(super) fn owner_in_reach(conn: &mut Conn, identity: &Identity, owner: UserId) -> Result<Option<UserRow>, ServiceError> {
    let owner = conn.user(owner)?.filter(|owner| owner.organisation == identity.organisation);
    Ok(owner.filter(|owner| owner.id == identity.user || identity.has_any(&[Role::Admin])))
}

/// Revokes a key: at once on this node, within a second on others.
///
/// # Errors
/// `ServiceError::NotFound`; `IllegalStep` if it is revoked already; and those of [`Act::run`].
pub fn revoke_key(act: Act<'_, ApiKey>, id: ApiKeyId) -> Result<Reply, ServiceError> {
    act.run("api_key.revoke", |transaction, identity| {
        transaction.lock_credentials()?;
        let (key, owner) = own_key(transaction.conn(), identity, id)?;
        let now = transaction.now();
        if !transaction.revoke_api_key(id, now)? {
            return Err(ServiceError::IllegalStep("The API key is already revoked.".to_owned()));
        }
        let revoked = ApiKeyRow { revoked_at: Some(now), ..key };
        Ok(Deed::new(view::one_key(transaction.conn(), identity, revoked)?, id, json!({"owner": owner.id})))
    })
}
