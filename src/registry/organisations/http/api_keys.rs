//! `/v1/member/api-keys`: one's own API keys, whatever one's organisation, and those of its programs for admins.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, delete, get, post};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::people::views::{ApiKeyListView, NewApiKeyView};
use crate::acts::Reply;
use crate::http::blocking::blocking;
use crate::http::listing::{after, id_in_path, page};
use crate::http::paging::{Cursor, Limit};
use crate::http::permission::OwnKeys;
use crate::http::write::{Answer, Bare, Sent, act, reply};
use crate::http::{App, Caller, Problem, Problems, Query};
use crate::organisations;
use crate::organisations::{ApiKey, FreshCode, KeyOwner, NewKey, Rotated};
use crate::sign_in::SecondFactor;
use vasp_record::client_certificate::Sha256Hex;
use vasp_words::ids::ApiKeyId;

const MISSING: &str = "There is no such API key.";

/// Whose keys or certificates.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct KeyQuery {
    /// `me` (without), or `organisation` for those of everybody in it; that is for admins.
    #[param(value_type = Option<String>, example = "me")]
    owner: Option<KeyOwner>,
    /// Items a page, 50 without.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// `next_cursor` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<String>>,
}

impl KeyQuery {
    /// Returns whose, after which id, and how many.
    pub(crate) fn part(self) -> (KeyOwner, String, usize) {
        (self.owner.unwrap_or_default(), after(self.cursor), Limit::or_default(self.limit))
    }
}

/// How a key is to be rotated.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RotateApiKey {
    /// For how long the old key works on, in seconds: 86400 (a day) without, 2592000 (30 days) at most, 0 for not at all.
    #[schema(maximum = 2_592_000)]
    overlap_secs: Option<u32>,
    /// SHA-256 of the client certificate (DER, hex) that the new key is bound to; without, the one that the old key is bound to.
    #[schema(value_type = Option<String>)]
    certificate_sha256: Option<Sha256Hex>,
    /// Operators: the code that the caller's app shows.
    #[schema(example = "287082")]
    totp: Option<String>,
    /// Operators: a recovery code in its place.
    recovery_code: Option<String>,
}

fn made((key, secret): &(ApiKey, String)) -> Reply {
    let view = NewApiKeyView { api_key: key.clone(), replaces: None, secret: secret.clone(), secret_already_shown: false };
    reply(StatusCode::CREATED, None, view)
}

fn rotated(rotated: &Rotated) -> Reply {
    let Rotated { key, replaced, secret } = rotated.clone();
    let view = NewApiKeyView { api_key: key, replaces: Some(replaced), secret, secret_already_shown: false };
    reply(StatusCode::CREATED, None, view)
}

fn ended(key: &ApiKey) -> Reply {
    reply(StatusCode::OK, None, key)
}

/// List API keys, oldest first, including revoked ones.
#[utoipa::path(tag = "member", params(KeyQuery), responses((status = 200, description = "A page of keys.", body = ApiKeyListView), Problems))]
#[get("/v1/member/api-keys")]
pub(crate) async fn list_api_keys(who: Caller<OwnKeys>, query: Query<KeyQuery>, app: Data<App>) -> Result<Answer, Problem> {
    let (identity, (owner, after, limit)) = (who.known()?, query.0.part());
    let found = blocking(move || organisations::list_keys(&app.registry, &identity, owner, (&after, limit))).await?;
    Ok(page::<_, ApiKey>(found))
}

/// Create an API key.
///
/// It does no more than the credential that asks, and, where that is a key, not for longer. A key that is bound to a client
/// certificate makes only keys that are bound to one. A user of an operator signs in and sends a fresh code.
#[utoipa::path(tag = "member", request_body = NewKey, responses((status = 201, description = "The key and its secret.", body = NewApiKeyView), Problems))]
#[post("/v1/member/api-keys")]
pub(crate) async fn create_api_key(
    who: Caller<OwnKeys>,
    request: HttpRequest,
    sent: Sent<NewKey>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (new, from) = (sent.body, app.throttle.network_address(&request));
    act(&app, who.known()?, sent.once, made, move |act| organisations::create_own_key(act, new, from)).await
}

/// Rotate an API key.
///
/// Both work until the overlap ends. The new one does what the old one does and ends when that would have. A user of an operator
/// signs in and sends a fresh code.
#[utoipa::path(tag = "member", params(("id" = String, Path, description = "The old key's id.")), request_body = RotateApiKey, responses((status = 201, description = "The new key, its secret, and the old key's end.", body = NewApiKeyView), Problems))]
#[post("/v1/member/api-keys/{id}/rotate")]
pub(crate) async fn rotate_api_key(
    who: Caller<OwnKeys>,
    path: Path<String>,
    request: HttpRequest,
    sent: Sent<RotateApiKey>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<ApiKeyId>(&path, MISSING)?);
    let RotateApiKey { overlap_secs, certificate_sha256, totp, recovery_code } = sent.body;
    let code = FreshCode { second: SecondFactor::of(totp, recovery_code)?, from: app.throttle.network_address(&request) };
    act(&app, identity, sent.once, rotated, move |act| {
        organisations::rotate_key(act, id, (overlap_secs, certificate_sha256), &code)
    })
    .await
}

/// Revoke an API key.
///
/// At once here, within a second on other nodes. Admins also revoke those of others in their organisation.
#[utoipa::path(tag = "member", params(("id" = String, Path, description = "The key's id.")), responses((status = 200, description = "The key, with its end.", body = ApiKey), Problems))]
#[delete("/v1/member/api-keys/{id}")]
pub(crate) async fn delete_api_key(
    who: Caller<OwnKeys>,
    path: Path<String>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<ApiKeyId>(&path, MISSING)?);
    act(&app, identity, sent.once, ended, move |act| organisations::revoke_key(act, id)).await
}
