//! Makes organisations, users and API keys, and revokes keys: the simplest honest form, used by the command line.
//! Credentials are not facts, so they are durable and not logged.

use aws_lc_rs::digest::{SHA256, digest};
use rand_core::RngCore;

use super::authenticate::api_key_text;
use super::{Registry, ServiceError};
use crate::domain::ids::{ApiKeyId, OrganisationId, UserId, VaspId};
use crate::domain::time::UtcTime;
use crate::store::{ApiKeyRow, OrganisationRow, UserRow};

/// What an API key may be allowed.
const SCOPES: [&str; 3] = ["resolve", "precheck", "operator"];

/// A new API key; the secret is shown this once.
#[derive(Clone, PartialEq, Eq)]
pub struct NewApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// The whole key, as it is sent.
    pub text: String,
}

/// Makes an organisation of kind `gateway`, whose own VASP is `vasp`.
///
/// # Errors
/// `ServiceError::Invalid` for an empty name, `ServiceError::Store`.
pub fn create_organisation(
    registry: &Registry,
    name: &str,
    vasp: Option<VaspId>,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<OrganisationId, ServiceError> {
    let id = OrganisationId::new(now, rng);
    let row = OrganisationRow {
        id: id.to_string(),
        name: plain_name(name)?,
        kind: "gateway".to_owned(),
        vasp: vasp.map(|id| id.to_string()),
        created_at: now.micros(),
    };
    registry.store().write(now, rng, |transaction| transaction.add_organisation(&row))?;
    let_others_know(registry);
    Ok(id)
}

/// Makes a user of an organisation.
///
/// # Errors
/// `ServiceError::NotFound` for an unknown organisation, `Invalid`, `Store`.
pub fn create_user(
    registry: &Registry,
    organisation: OrganisationId,
    name: &str,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<UserId, ServiceError> {
    let id = UserId::new(now, rng);
    let row =
        UserRow { id: id.to_string(), organisation: organisation.to_string(), name: plain_name(name)?, created_at: now.micros() };
    registry.store().write(now, rng, |transaction| {
        if transaction.conn().organisation(&row.organisation)?.is_none() {
            return Err(ServiceError::NotFound(format!("There is no organisation {organisation}.")));
        }
        transaction.add_user(&row).map_err(ServiceError::Store)
    })?;
    Ok(id)
}

/// Makes an API key for a user.
///
/// # Errors
/// `ServiceError::NotFound` for an unknown user, `Invalid` for an unknown scope, `Store`.
pub fn create_api_key(
    registry: &Registry,
    user: UserId,
    scopes: &[String],
    expires_at: Option<UtcTime>,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<NewApiKey, ServiceError> {
    if scopes.is_empty() {
        return Err(invalid("/scopes", "missing_member", format!("a key needs a scope: {}", SCOPES.join(", "))));
    }
    if let Some(unknown) = scopes.iter().find(|scope| !SCOPES.contains(&scope.as_str())) {
        return Err(invalid("/scopes", "invalid_value", format!("`{unknown}` is no scope; known are {}", SCOPES.join(", "))));
    }
    let mut secret = [0u8; 32];
    rng.fill_bytes(&mut secret);
    let id = ApiKeyId::new(now, rng);
    let row = ApiKeyRow {
        id: id.to_string(),
        owner: user.to_string(),
        scopes: scopes.join(" "),
        secret_sha256: digest(&SHA256, &secret).as_ref().to_vec(),
        created_at: now.micros(),
        expires_at: expires_at.map(UtcTime::micros),
        revoked_at: None,
    };
    registry.store().write(now, rng, |transaction| {
        if transaction.conn().user(&row.owner)?.is_none() {
            return Err(ServiceError::NotFound(format!("There is no user {user}.")));
        }
        transaction.add_api_key(&row).map_err(ServiceError::Store)
    })?;
    let_others_know(registry);
    Ok(NewApiKey { id, text: api_key_text(id, &secret) })
}

/// Revokes an API key: at once in this process, within a second in others.
///
/// # Errors
/// `ServiceError::NotFound` where there is no such key in use, `Store`.
pub fn revoke_api_key(registry: &Registry, id: ApiKeyId, now: UtcTime, rng: &mut dyn RngCore) -> Result<(), ServiceError> {
    let written = registry
        .store()
        .write(now, rng, |transaction| transaction.revoke_api_key(&id.to_string(), now.micros()).map_err(ServiceError::Store))?;
    let_others_know(registry);
    if written.value { Ok(()) } else { Err(ServiceError::NotFound(format!("There is no API key {id} in use."))) }
}

/// Has this process know at once. The change is on disk: a failure here must not be told as its failure, or a key would be
/// made and never shown; the tailer catches up.
fn let_others_know(registry: &Registry) {
    if let Err(error) = registry.directory().catch_up() {
        tracing::warn!(
            error.chain = crate::telemetry::error_chain(&error),
            "a change of credentials is on disk but not applied yet"
        );
    }
}

fn plain_name(name: &str) -> Result<String, ServiceError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
        let detail = "a name has 1 to 200 characters and no control characters".to_owned();
        return Err(invalid("/name", "invalid_value", detail));
    }
    Ok(name.to_owned())
}

fn invalid(pointer: &str, code: &'static str, detail: String) -> ServiceError {
    ServiceError::Invalid(super::Fault { pointer: pointer.to_owned(), code, detail })
}
