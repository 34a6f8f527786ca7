//! `/.well-known/jwks.json`: the keys that sign receipts and checkpoints, including replaced keys.

use actix_web::Responder;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Data;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::http::blocking::blocking;
use crate::http::permission::Anyone;
use crate::http::{App, Caller, Json, Problem, Problems};
use crate::transparency::published_keys;
use vasp_routing::get;

/// How long an answer may be cached. A reader that meets an unknown key asks again.
const KEPT: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// A JWK set (RFC 7517).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SigningKeys)]
pub(crate) struct SigningKeysView {
    /// The keys, in the order of creation.
    #[schema(value_type = Vec<SigningKeyView>)]
    keys: Vec<Value>,
}

/// A key of the registry, without its private half (RFC 8037).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SigningKey)]
pub(crate) struct SigningKeyView {
    #[schema(example = "OKP")]
    kty: String,
    #[schema(example = "Ed25519")]
    crv: String,
    /// The public key.
    #[schema(example = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")]
    x: String,
    /// SHA-256 thumbprint (RFC 7638).
    #[schema(example = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")]
    kid: String,
    #[serde(rename = "use")]
    #[schema(example = "sig")]
    used_for: String,
    #[schema(example = "EdDSA")]
    alg: String,
    /// What it signs: `receipt` or `checkpoint`.
    #[schema(example = "receipt")]
    purpose: String,
    /// When it signed for the first time, in seconds since the epoch.
    nbf: i64,
    /// When it stops signing, in seconds since the epoch; left out while it is in use.
    #[schema(required = false)]
    exp: Option<i64>,
    /// Only for a checkpoint key: the key in the form that readers of signed notes take.
    #[schema(required = false)]
    vkey: Option<String>,
}

/// List the keys that sign receipts and checkpoints.
#[utoipa::path(tag = "log", responses((status = 200, description = "All of them, those that were replaced too", body = SigningKeysView), Problems))]
#[get("/.well-known/jwks.json")]
pub(crate) async fn list_signing_keys(_who: Caller<Anyone>, app: Data<App>) -> Result<impl Responder, Problem> {
    let keys = blocking(move || published_keys(app.registry.store())).await?;
    let keys = keys.0.iter().map(|key| key.to_jwk()).collect();
    Ok(Json(SigningKeysView { keys }).customize().insert_header((header::CACHE_CONTROL, KEPT)))
}
