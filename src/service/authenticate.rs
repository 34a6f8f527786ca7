//! Who is asking: reads an API key and tells whose it is. Only the SHA-256 of a secret is known here.

use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};

use super::{Registry, ServiceError};
use crate::domain::claim::Reader;
use crate::domain::ids::{ApiKeyId, CredentialId, OrganisationId, UserId, VaspId};
use crate::domain::role::{OrganisationKind, Role, Scope};
use crate::domain::time::UtcTime;

/// A caller whose key was right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// What it was proved with.
    pub credential: CredentialId,
    /// The user.
    pub user: UserId,
    /// What the user may do.
    pub roles: Arc<[Role]>,
    /// Organisation that it speaks for.
    pub organisation: OrganisationId,
    /// What the organisation is to the registry.
    pub kind: OrganisationKind,
    /// The organisation's own VASP.
    pub vasp: Option<VaspId>,
    /// What it may do.
    pub scopes: Arc<[Scope]>,
}

impl Identity {
    /// Tells how far this caller may see claims.
    #[must_use]
    pub fn reader(identity: Option<&Self>) -> Reader {
        identity.map_or(Reader::Public, |identity| Reader::Organisation(identity.organisation))
    }

    /// Tells whether the credential has a scope.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// Tells whether the user has one of the roles.
    #[must_use]
    pub fn has_any(&self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.roles.contains(role))
    }
}

const WRONG: &str = "The API key is not known, was revoked or has expired.";

/// Writes an API key from its id and secret: `vr_<26 characters of the id>_<64 hex digits>`.
#[must_use]
pub fn api_key_text(id: ApiKeyId, secret: &[u8; 32]) -> String {
    let id = id.to_string();
    let body = id.strip_prefix(ApiKeyId::PREFIX).unwrap_or(&id);
    format!("vr_{body}_{}", hex::encode(secret))
}

/// Returns whose key the value of an `Authorization` header carries.
///
/// # Errors
/// `ServiceError::Unauthenticated`; never tells an unknown key from a wrong secret.
pub fn authenticate(registry: &Registry, header: &str, now: UtcTime) -> Result<Identity, ServiceError> {
    let (scheme, token) = header.split_once(' ').unwrap_or((header, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(ServiceError::Unauthenticated("Send `Authorization: Bearer vr_…` with an API key."));
    }
    let wrong = || ServiceError::Unauthenticated(WRONG);
    let (id, secret) = token.trim().strip_prefix("vr_").and_then(|rest| rest.split_once('_')).ok_or_else(wrong)?;
    let mut secret_bytes = [0; 32];
    hex::decode_to_slice(secret, &mut secret_bytes).map_err(|_| wrong())?;
    let credentials = registry.directory().credentials();
    let credential = credentials.get(&format!("{}{id}", ApiKeyId::PREFIX)).ok_or_else(wrong)?;
    let hash = digest(&SHA256, &secret_bytes);
    verify_slices_are_equal(hash.as_ref(), &credential.secret_sha256).map_err(|_| wrong())?;
    if credential.expires_at.is_some_and(|at| at <= now.micros()) {
        return Err(wrong());
    }
    Ok(Identity {
        credential: credential.id,
        user: credential.user,
        roles: Arc::clone(&credential.roles),
        organisation: credential.organisation,
        kind: credential.kind,
        vasp: credential.vasp,
        scopes: Arc::clone(&credential.scopes),
    })
}
