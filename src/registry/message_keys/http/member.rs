//! `/v1/vasps/{vasp}/keys`: publishing keys for Travel Rule messages. For members. `vasps::http::keys` lists them.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::MessageKeyView;
use crate::acts::Reply;
use crate::http::listing::id_in_path;
use crate::http::paths::{NamedVasp, VaspPath};
use crate::http::permission::MemberEdit;
use crate::http::write::{Answer, Sent, act, reply};
use crate::http::{App, Caller, Problem, Problems};
use crate::message_keys;
use crate::message_keys::{KeyProof, NewKey, PendingKey, PublicKeyText, announce_key};
use vasp_record::ca::RevocationReason;
use vasp_record::message_key::{KeyUse, MessageKey};
use vasp_record::message_key_challenge::{OVERLAP_DAYS, OVERLAP_DAYS_MAX};
use vasp_routing::post;
use vasp_words::ids::MessageKeyId;
use vasp_words::time::UtcTime;

/// What a key will be used for.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = NewMessageKeyUse)]
pub(crate) enum NewKeyUse {
    /// The VASP signs with it: EC P-256 or P-384, Ed25519, RSA.
    Signing,
    /// Others encrypt messages to the VASP with it: EC P-256 or P-384, X25519, RSA.
    Encryption,
}

/// A key to publish, as `jwk` or `pem`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewMessageKey)]
pub(crate) struct NewKeyBody {
    r#use: NewKeyUse,
    /// The public key as JWK (RFC 7517).
    #[schema(value_type = Option<Object>, example = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}))]
    jwk: Option<Value>,
    /// The public key as PEM (SubjectPublicKeyInfo).
    pem: Option<String>,
    /// How many days the present key of the same use stays valid after this one takes effect: 0 to 30; 7 if you leave it out.
    #[schema(minimum = 0, maximum = 30)]
    overlap_days: Option<i64>,
}

/// Proof that you have the private key: `jws` for a signing key, `plaintext` for an encryption key.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MessageKeyProof)]
pub(crate) struct KeyProofBody {
    /// The exact text of the challenge, signed with the key: a compact JWS (RFC 7515).
    jws: Option<String>,
    /// The decrypted text of the challenge, which is a compact JWE (RFC 7516).
    plaintext: Option<String>,
}

/// Why a key is revoked.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MessageKeyRevocationReason)]
pub(crate) enum KeyRevocationReason {
    /// Another party has, or may have, the private key.
    KeyCompromise,
    /// Another key replaces it.
    Superseded,
    /// It is no longer needed.
    CessationOfOperation,
    /// No reason is given.
    Unspecified,
}

/// The revocation of a key.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MessageKeyRevocation)]
pub(crate) struct KeyRevocationBody {
    reason: KeyRevocationReason,
}

/// A key that waits for its proof.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PendingMessageKey)]
pub(crate) struct PendingKeyView {
    #[schema(example = "mky_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    id: String,
    r#use: KeyUse,
    /// SHA-256 thumbprint (RFC 7638), base64url.
    thumbprint: String,
    /// For a signing key, the text to sign. For an encryption key, a compact JWE to decrypt.
    challenge: String,
    /// Until when you can answer the challenge.
    expires_at: UtcTime,
}

/// One key of a VASP.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct KeyPath {
    /// The id of a record, an LEI that only one live record has, or `mine`.
    #[param(value_type = String, example = "529900HNOAA1KXQJUQ27")]
    vasp: NamedVasp,
    /// Id of the key.
    #[param(example = "mky_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    key: String,
}

impl From<&PendingKey> for PendingKeyView {
    fn from(pending: &PendingKey) -> Self {
        Self {
            id: pending.id.to_string(),
            r#use: pending.key_use,
            thumbprint: pending.thumbprint.clone(),
            challenge: pending.challenge.clone(),
            expires_at: pending.expires_at,
        }
    }
}

impl TryFrom<NewKeyBody> for NewKey {
    type Error = Problem;

    fn try_from(body: NewKeyBody) -> Result<Self, Problem> {
        let key = match (body.jwk, body.pem) {
            (Some(jwk), None) => PublicKeyText::Jwk(jwk),
            (None, Some(pem)) => PublicKeyText::Pem(pem),
            _ => return Err(Problem::invalid("/jwk", "one_of", "Send the public key in one form only: `jwk` or `pem`.")),
        };
        let overlap_days = body.overlap_days.unwrap_or(OVERLAP_DAYS);
        if !(0..=OVERLAP_DAYS_MAX).contains(&overlap_days) {
            return Err(Problem::invalid("/overlap_days", "out_of_range", "The overlap must be 0 to 30 days."));
        }
        let key_use = match body.r#use {
            NewKeyUse::Signing => KeyUse::Signing,
            NewKeyUse::Encryption => KeyUse::Encryption,
        };
        Ok(Self { key_use, key, overlap_days })
    }
}

impl From<KeyRevocationReason> for RevocationReason {
    fn from(reason: KeyRevocationReason) -> Self {
        match reason {
            KeyRevocationReason::KeyCompromise => Self::KeyCompromise,
            KeyRevocationReason::Superseded => Self::Superseded,
            KeyRevocationReason::CessationOfOperation => Self::CessationOfOperation,
            KeyRevocationReason::Unspecified => Self::Unspecified,
        }
    }
}

const MISSING: &str = "Your VASP has no such key.";

/// Shows a key in its present state.
fn rendered(now: UtcTime) -> impl FnOnce(&MessageKey) -> Reply + Send + 'static {
    move |key| reply(StatusCode::OK, Some(key.version.to_string()), MessageKeyView::at(key, now))
}

/// Announce a key for messages and get a challenge.
///
/// Send only the public key. If you send a private key, it is refused, and you must treat it as leaked. Nothing is published before
/// `POST …/proof`. A key can be published only once: a key that is or was in use anywhere in this registry is refused.
#[utoipa::path(
    tag = "vasps",
    params(VaspPath),
    request_body = NewKeyBody,
    responses((status = 201, description = "The challenge", body = PendingKeyView), Problems)
)]
#[post("/v1/vasps/{vasp}/keys")]
pub(crate) async fn create_key(
    who: Caller<MemberEdit>,
    path: Path<VaspPath>,
    sent: Sent<NewKeyBody>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, new) = (who.known()?, NewKey::try_from(sent.body)?);
    path.vasp.own(&app, &identity).await?;
    let rendered = |pending: &PendingKey| reply(StatusCode::CREATED, None, PendingKeyView::from(pending));
    act(&app, identity, sent.once, rendered, move |act| announce_key(act, &new)).await
}

/// Prove that you hold the private key. The key is in use from now on.
///
/// The present key of the same use then rotates: it stays valid until its overlap ends. Operators look at the change afterwards.
#[utoipa::path(
    tag = "vasps",
    params(KeyPath),
    request_body = KeyProofBody,
    responses((status = 200, description = "The key", body = MessageKeyView), Problems)
)]
#[post("/v1/vasps/{vasp}/keys/{key}/proof")]
pub(crate) async fn prove_key(
    who: Caller<MemberEdit>,
    path: Path<KeyPath>,
    sent: Sent<KeyProofBody>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let proof = match (sent.body.jws, sent.body.plaintext) {
        (Some(jws), None) => KeyProof::Jws(jws),
        (None, Some(text)) => KeyProof::Plaintext(text),
        _ => {
            return Err(Problem::invalid(
                "/jws",
                "one_of",
                "Send exactly one proof: `jws` for a signing key, or `plaintext` for an encryption key.",
            ));
        }
    };
    let (identity, id) = (who.known()?, id_in_path::<MessageKeyId>(&path.key, MISSING)?);
    path.vasp.own(&app, &identity).await?;
    act(&app, identity, sent.once, rendered(app.clock.now()), move |act| message_keys::prove_key(act, id, &proof)).await
}

/// Revoke a key, at once and whatever its version.
///
/// The key stays listed with its dates, so that old messages can still be checked.
#[utoipa::path(
    tag = "vasps",
    params(KeyPath),
    request_body = KeyRevocationBody,
    responses((status = 200, description = "The key", body = MessageKeyView), Problems)
)]
#[post("/v1/vasps/{vasp}/keys/{key}/revoke")]
pub(crate) async fn revoke_key(
    who: Caller<MemberEdit>,
    path: Path<KeyPath>,
    sent: Sent<KeyRevocationBody>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<MessageKeyId>(&path.key, MISSING)?);
    path.vasp.own(&app, &identity).await?;
    let reason = sent.body.reason.into();
    act(&app, identity, sent.once, rendered(app.clock.now()), move |act| message_keys::revoke_key(act, id, reason)).await
}
