//! Replaces an API key by a new one: both work until the overlap ends.

use serde_json::json;

use super::api_keys::{Powers, add_key, may_hold_keys_of, own_key, within_own};
use super::fresh_code::FreshCode;
use super::{ApiKey, fresh_code, view};
use crate::acts::{Act, Deed, Reply};
use crate::node::{ServiceError, invalid};
use vasp_record::client_certificate::Sha256Hex;
use vasp_store::ApiKeyRow;
use vasp_words::ids::ApiKeyId;
use vasp_words::time::UtcTime;

/// How long both keys work by default, in seconds: a day, for programs that are changed by hand.
const USUAL_OVERLAP_SECS: u32 = 24 * 3_600;

/// The longest overlap, in seconds: 30 days.
const LONGEST_OVERLAP_SECS: u32 = 30 * 24 * 3_600;

/// A key and the old key that it replaces.
#[derive(Clone, PartialEq, Eq)]
pub struct Rotated {
    /// The new key.
    pub key: ApiKey,
    /// The old key, with its end.
    pub replaced: ApiKey,
    /// The whole new key, as a client sends it.
    pub secret: String,
}

/// Creates a key with the scopes and the expiry of another key; the other key ends after `overlap_secs`. The new key is bound to
/// `certificate`, or by default to the certificate of the other key.
///
/// # Errors
/// `ServiceError::NotFound`; `IllegalStep` if the key has ended or was replaced; `Invalid` for too long an overlap; `Forbidden`
/// if it has more scopes than the caller's own credential; for users of operators `SessionNeeded` and the errors of a wrong code; and
/// those of [`Act::run`].
pub fn rotate_key(
    mut act: Act<'_, Rotated>,
    id: ApiKeyId,
    overlap_secs: Option<u32>,
    certificate: Option<Sha256Hex>,
    code: &FreshCode,
) -> Result<Reply, ServiceError> {
    let kind = act.identity.kind;
    if let Some(kept) = fresh_code::use_up(&mut act, kind, code)? {
        return Ok(kept);
    }
    let environment = act.registry.environment();
    act.run("api_key.rotate", |transaction, identity| {
        transaction.lock_credentials()?;
        let (old, owner) = own_key(transaction.conn(), identity, id)?;
        may_hold_keys_of(identity, &owner)?;
        let now = transaction.now();
        refuse_ended(&old, now)?;
        let ends_at = overlap_end(&old, overlap_secs.unwrap_or(USUAL_OVERLAP_SECS), now)?;
        let (scopes, certificate) = (old.scopes.to_vec(), certificate.or(old.certificate_sha256));
        let origins = old.origins.clone();
        let powers = Powers { scopes: &scopes, expires_at: old.expires_at, certificate, origins: origins.as_deref() };
        within_own(transaction.conn(), identity, powers)?;
        let (key, secret) = add_key(transaction, identity, owner.id, old.name.clone(), environment, powers)?;
        if !transaction.replace_api_key(id, key.id, ends_at)? {
            return Err(ServiceError::IllegalStep("The API key was already replaced.".to_owned()));
        }
        let details = json!({"owner": owner.id, "by": key.id, "ends_at": ends_at});
        let replaced = ApiKeyRow { expires_at: Some(ends_at), replaced_by: Some(key.id), ..old };
        let conn = transaction.conn();
        let (key, replaced) = (view::one_key(conn, identity, key)?, view::one_key(conn, identity, replaced)?);
        Ok(Deed::new(Rotated { key, replaced, secret }, id, details))
    })
}

fn refuse_ended(old: &ApiKeyRow, now: UtcTime) -> Result<(), ServiceError> {
    let why = match old {
        ApiKeyRow { revoked_at: Some(_), .. } => "it is revoked",
        ApiKeyRow { replaced_by: Some(_), .. } => "it was already replaced",
        ApiKeyRow { expires_at: Some(at), .. } if *at <= now => "it has expired",
        _ => return Ok(()),
    };
    Err(ServiceError::IllegalStep(format!("The API key cannot be rotated, because {why}. Create a new key.")))
}

fn overlap_end(old: &ApiKeyRow, overlap_secs: u32, now: UtcTime) -> Result<UtcTime, ServiceError> {
    if overlap_secs > LONGEST_OVERLAP_SECS {
        let detail = format!("the old key can stay valid for at most {LONGEST_OVERLAP_SECS} seconds (30 days)");
        return Err(invalid("/overlap_secs", "too_long", detail));
    }
    let end = now.plus_secs(i64::from(overlap_secs));
    Ok(old.expires_at.map_or(end, |expires_at| expires_at.min(end)))
}
