//! Receipts, checked offline: EdDSA (RFC 8037) over a compact JWS (RFC 7515), digests over canonical JSON (RFC 8785). The digests and the
//! keys are those of `vasp-pki`, which the registry itself uses.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value};
use vasp_pki::receipt::{PublishedKey, PublishedKeys, json_digest, strict_json, verdict_digest};
use vasp_record::signing_key::{CLOCK_LEEWAY_SECS, SigningPurpose};

use crate::error::{NotVerified, NotVerifiedCode};

/// The type in the header of a receipt. Source: RFC 8725 section 3.11.
const TYPE: &str = "precheck-receipt+jwt";

/// What a valid receipt says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The public name of the registry that signed it.
    pub issuer: String,
    /// When it was signed, in seconds since 1970.
    pub issued_at: i64,
    /// The id of the recorded pre-check.
    pub precheck_id: String,
    /// The recommendation that was signed, as the registry wrote it.
    pub recommendation: String,
    /// The sequence of the directory on which the answer is based.
    pub sequence: i64,
    /// How many changes the checkpoint covers.
    pub checkpoint_size: i64,
    /// The root of the log at this size, in base64.
    pub checkpoint_root: String,
    /// The id of the key that signed it.
    pub kid: String,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
    typ: String,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    iat: i64,
    precheck_id: String,
    request_digest: String,
    verdict_digest: String,
    recommendation: String,
    sequence: i64,
    checkpoint: ReceiptCheckpoint,
}

#[derive(Deserialize)]
struct ReceiptCheckpoint {
    size: i64,
    root: String,
}

/// What a receipt is compared with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Expected<'a> {
    /// The evidence as received; `None` if it is inside the answer, or to compare none.
    pub evidence: Option<&'a Value>,
    /// The request as it was sent; `None` to compare none.
    pub request: Option<&'a Value>,
    /// The name of the registry; `None` to compare none.
    pub issuer: Option<&'a str>,
    /// Whether to take what a sandbox signed, which is about invented firms.
    pub sandbox: bool,
}

/// Checks that the registry signed this verdict. Needs no network.
///
/// `answer` is the document as received; `keys` are the registry's `/.well-known/jwks.json`.
///
/// # Errors
/// `NotVerified` says what does not hold.
pub fn verify_receipt(
    answer: &Value,
    keys: &PublishedKeys,
    Expected { evidence, request, issuer, sandbox }: Expected<'_>,
) -> Result<Receipt, NotVerified> {
    let altered = |detail: &str| Err(NotVerified::new(NotVerifiedCode::Altered, detail));
    let members = answer.as_object().ok_or_else(|| NotVerified::unreadable("the answer"))?;
    let jws = members.get("receipt").and_then(Value::as_str).ok_or_else(|| NotVerified::unreadable("the receipt"))?;
    let (claims, key) = opened(jws, keys)?;
    let answered = verdict_digest(members).map_err(|_| NotVerified::unreadable("the answer"))?;
    let held = [members.get("evidence"), evidence].into_iter().flatten().map(|evidence| json_digest(&evidence.to_string()));
    let held = held.collect::<Result<Vec<_>, _>>().map_err(|_| NotVerified::unreadable("the evidence"))?;
    let asked = request.map(|request| json_digest(&request.to_string())).transpose();
    let asked = asked.map_err(|_| NotVerified::unreadable("the request"))?;
    if !in_use(key, claims.iat) {
        return Err(NotVerified::new(NotVerifiedCode::KeyNotInUse, "the key was not in use when the receipt was signed"));
    }
    if answered != claims.verdict_digest || !agrees(members, &claims) {
        return altered("the answer is not the one that was signed");
    }
    let signed = members.get("evidence_digest").and_then(Value::as_str);
    if held.iter().any(|held| Some(held.as_str()) != signed) {
        return altered("the evidence is not the one that was signed");
    }
    if asked.is_some_and(|asked| asked != claims.request_digest) {
        return altered("the answer was signed for another request");
    }
    if issuer.is_some_and(|issuer| issuer != claims.iss) {
        return altered("the receipt is another registry's");
    }
    if !sandbox && members.get("environment").and_then(Value::as_str) == Some("sandbox") {
        return Err(NotVerified::new(NotVerifiedCode::Sandbox, "a sandbox signed this receipt, and nothing in it is real"));
    }
    let Claims { iss: issuer, iat: issued_at, precheck_id, recommendation, sequence, checkpoint, .. } = claims;
    let ReceiptCheckpoint { size: checkpoint_size, root: checkpoint_root } = checkpoint;
    let kid = key.id.clone();
    Ok(Receipt { issuer, issued_at, precheck_id, recommendation, sequence, checkpoint_size, checkpoint_root, kid })
}

/// Checks the signature and reads what was signed.
fn opened<'a>(jws: &str, keys: &'a PublishedKeys) -> Result<(Claims, &'a PublishedKey), NotVerified> {
    let unreadable = || NotVerified::unreadable("the receipt");
    let (signed, signature) = jws.rsplit_once('.').ok_or_else(unreadable)?;
    let (header, payload) = signed.split_once('.').ok_or_else(unreadable)?;
    let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| unreadable());
    let document = |part: &str| {
        let text = String::from_utf8(bytes(part)?).map_err(|_| unreadable())?;
        strict_json(&text).map_err(|_| unreadable())
    };
    let header = document(header)?;
    // Headers that a reader must understand: the registry never signs with them.
    let extended = header.get("crit").is_some() || header.get("b64").is_some();
    let Header { alg, kid, typ } = Header::deserialize(header).map_err(|_| unreadable())?;
    if alg != "EdDSA" || typ != TYPE || extended {
        return Err(NotVerified::new(NotVerifiedCode::Unreadable, "the receipt is not a pre-check's"));
    }
    let known = keys.0.iter().find(|key| key.id == kid && key.purpose == SigningPurpose::Receipt);
    let key = known.ok_or_else(|| NotVerified::new(NotVerifiedCode::UnknownKey, format!("no receipt key {kid} is known")))?;
    let fits = UnparsedPublicKey::new(&ED25519, &key.public_key).verify(signed.as_bytes(), &bytes(signature)?);
    fits.map_err(|_| NotVerified::new(NotVerifiedCode::Altered, "the receipt's signature is not the registry's"))?;
    Ok((Claims::deserialize(document(payload)?).map_err(|_| unreadable())?, key))
}

fn agrees(answer: &Map<String, Value>, claims: &Claims) -> bool {
    let text = |name: &str| answer.get(name).and_then(Value::as_str);
    let sequence = answer.get("directory").and_then(|directory| directory.get("sequence")).and_then(Value::as_i64);
    text("id") == Some(&claims.precheck_id)
        && text("recommendation") == Some(&claims.recommendation)
        && sequence == Some(claims.sequence)
}

/// Returns whether the registry used a key at a time, in seconds since 1970.
fn in_use(key: &PublishedKey, at: i64) -> bool {
    let seconds = |micros: i64| micros.div_euclid(1_000_000);
    let begun = seconds(key.from.micros()).saturating_sub(CLOCK_LEEWAY_SECS) <= at;
    begun && key.until.is_none_or(|until| at <= seconds(until.micros()).saturating_add(CLOCK_LEEWAY_SECS))
}
