//! `/v1/api-keys`: the caller's own API keys, in any kind of organisation. Admins also see and revoke those of their organisation.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
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
use vasp_routing::{delete, get, post};
use vasp_words::ids::ApiKeyId;

const MISSING: &str = "There is no such API key.";

/// Selects whose keys or certificates are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct KeyQuery {
    /// `me` (the default), or `organisation` for those of every user in it, which only admins may list.
    #[param(value_type = Option<String>, example = "me")]
    owner: Option<KeyOwner>,
    /// Maximum number of items on the page; 50 if left out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// The `next_cursor` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<String>>,
}

impl KeyQuery {
    /// Returns whose keys to list, after which id, and how many.
    pub(crate) fn part(self) -> (KeyOwner, String, usize) {
        (self.owner.unwrap_or_default(), after(self.cursor), Limit::or_default(self.limit))
    }
}

/// How to rotate a key.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RotateApiKey {
    /// How long the old key keeps working, in seconds: 86400 (a day) by default, 2592000 (30 days) at most. With 0 it ends at once.
    #[schema(maximum = 2_592_000)]
    overlap_secs: Option<u32>,
    /// SHA-256 of the client certificate (DER, hex) that the new key is bound to. By default, the certificate of the old key, if any.
    #[schema(value_type = Option<String>)]
    certificate_sha256: Option<Sha256Hex>,
    /// For users of an operator: the current code of your authenticator app.
    #[schema(example = "287082")]
    totp: Option<String>,
    /// For users of an operator: a recovery code instead of `totp`.
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
#[get("/v1/api-keys")]
pub(crate) async fn list_api_keys(who: Caller<OwnKeys>, query: Query<KeyQuery>, app: Data<App>) -> Result<Answer, Problem> {
    let (identity, (owner, after, limit)) = (who.known()?, query.0.part());
    let found = blocking(move || organisations::list_keys(&app.registry, &identity, owner, &after, limit)).await?;
    Ok(page::<_, ApiKey>(found))
}

/// Create an API key.
///
/// The key has no more permissions than the credential that you send. If that credential is a key, the new key ends no later. A key that
/// is bound to a client certificate creates only keys that are bound to one. A user of an operator signs in and sends a fresh code.
#[utoipa::path(tag = "member", request_body = NewKey, responses((status = 201, description = "The key and its secret.", body = NewApiKeyView), Problems))]
#[post("/v1/api-keys")]
pub(crate) async fn create_api_key(
    who: Caller<OwnKeys>,
    request: HttpRequest,
    sent: Sent<NewKey>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (new, from) = (sent.body, app.throttle.caller_network(&request));
    act(&app, who.known()?, sent.once, made, move |act| organisations::create_own_key(act, new, from)).await
}

/// Rotate an API key.
///
/// Both keys work until the overlap ends. The new key has the permissions and the expiry of the old key. A user of an operator signs in
/// and sends a fresh code.
#[utoipa::path(tag = "member", params(("id" = String, Path, description = "The old key's id.")), request_body = RotateApiKey, responses((status = 201, description = "The new key, its secret, and the old key's end.", body = NewApiKeyView), Problems))]
#[post("/v1/api-keys/{id}/rotate")]
pub(crate) async fn rotate_api_key(
    who: Caller<OwnKeys>,
    path: Path<String>,
    request: HttpRequest,
    sent: Sent<RotateApiKey>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<ApiKeyId>(&path, MISSING)?);
    let RotateApiKey { overlap_secs, certificate_sha256, totp, recovery_code } = sent.body;
    let code = FreshCode { second: SecondFactor::of(totp, recovery_code)?, from: app.throttle.caller_network(&request) };
    act(&app, identity, sent.once, rotated, move |act| {
        organisations::rotate_key(act, id, overlap_secs, certificate_sha256, &code)
    })
    .await
}

/// Revoke an API key.
///
/// The key stops working at once on this node, and within a second on other nodes. Admins also revoke the keys of others in their
/// organisation.
#[utoipa::path(tag = "member", params(("id" = String, Path, description = "The key's id.")), responses((status = 200, description = "The key, with its end.", body = ApiKey), Problems))]
#[delete("/v1/api-keys/{id}")]
pub(crate) async fn delete_api_key(
    who: Caller<OwnKeys>,
    path: Path<String>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<ApiKeyId>(&path, MISSING)?);
    act(&app, identity, sent.once, ended, move |act| organisations::revoke_key(act, id)).await
}
