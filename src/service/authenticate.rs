//! Who is asking: reads an API key and tells whose it is. Only the SHA-256 of a secret is known here.

use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};

use super::{Registry, ServiceError};
use crate::domain::claim::Reader;
use crate::domain::ids::{ApiKeyId, OrganisationId, VaspId};
use crate::domain::time::UtcTime;

/// A caller whose key was right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The key.
    pub key: ApiKeyId,
    /// Organisation that it speaks for.
    pub organisation: OrganisationId,
    /// The organisation's own VASP.
    pub vasp: Option<VaspId>,
    /// What it may do.
    pub scopes: Arc<[String]>,
}

impl Identity {
    /// Tells how far this caller may see claims.
    #[must_use]
    pub fn reader(identity: Option<&Self>) -> Reader {
        if identity.is_some() { Reader::Gateway } else { Reader::Public }
    }

    /// Tells whether the key has a scope.
    #[must_use]
    pub fn may(&self, scope: &str) -> bool {
        self.scopes.iter().any(|own| own == scope)
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
        key: credential.key,
        organisation: credential.organisation,
        vasp: credential.vasp,
        scopes: Arc::clone(&credential.scopes),
    })
}
