//! Webhooks as the registry signs them: Standard Webhooks 1.0, HMAC-SHA256 over `id.timestamp.body`. The caller gives the time and stores
//! the ids, because a message can arrive twice.

use std::fmt;

use aws_lc_rs::hmac::{HMAC_SHA256, Key, verify};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use vasp_pki::receipt::strict_json;
use vasp_words::time::UtcTime;

use crate::error::{NotVerified, NotVerifiedCode};

/// The largest difference between the time of a message and now, in seconds: what the libraries of Standard Webhooks allow.
const TOLERANCE_SECS: u64 = 300;

/// A message that the registry sent.
#[derive(Clone, PartialEq)]
pub struct WebhookMessage {
    /// The same at every attempt: keep it to recognise a message that arrives twice.
    pub id: String,
    /// What happened, such as `licence.ended`.
    pub kind: String,
    /// When it happened, as the registry wrote it.
    pub timestamp: String,
    /// The alert.
    pub data: Value,
}

impl fmt::Debug for WebhookMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<WebhookMessage {} {} {}>", self.id, self.kind, self.timestamp)
    }
}

/// Returns the message if one of the secrets (`whsec_…`) signed it within five minutes of `now`.
///
/// `body` is the body as it arrived. While a secret is replaced, the registry signs with both.
///
/// # Errors
/// `NotVerified` says what does not hold.
pub fn verify_webhook<'a>(
    secrets: &[&str],
    headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    body: &[u8],
    now: UtcTime,
) -> Result<WebhookMessage, NotVerified> {
    let unreadable = || NotVerified::unreadable("a header of Standard Webhooks is missing, or a secret, or the message");
    let (mut id, mut timestamp, mut signatures) = (None, None, None);
    for (name, value) in headers {
        match name.to_ascii_lowercase().as_str() {
            "webhook-id" => id = Some(value),
            "webhook-timestamp" => timestamp = Some(value),
            "webhook-signature" => signatures = Some(value),
            _ => {}
        }
    }
    let (Some(id), Some(timestamp), Some(signatures)) = (id, timestamp, signatures) else { return Err(unreadable()) };
    let moment: i64 = timestamp.parse().map_err(|_| unreadable())?;
    let keys = secrets.iter().map(|secret| STANDARD.decode(secret.strip_prefix("whsec_").unwrap_or(secret)));
    let keys: Vec<Vec<u8>> = keys.collect::<Result<_, _>>().map_err(|_| unreadable())?;
    let signed = [format!("{id}.{timestamp}.").as_bytes(), body].concat();
    let given: Vec<Vec<u8>> =
        signatures.split(' ').filter_map(|entry| STANDARD.decode(entry.strip_prefix("v1,")?).ok()).collect();
    let fits = |key: &Vec<u8>| given.iter().any(|tag| verify(&Key::new(HMAC_SHA256, key), &signed, tag).is_ok());
    if !keys.iter().any(|key| !key.is_empty() && fits(key)) {
        return Err(NotVerified::new(NotVerifiedCode::Altered, "no secret of yours signed the message"));
    }
    if now.micros().div_euclid(1_000_000).abs_diff(moment) > TOLERANCE_SECS {
        return Err(NotVerified::new(NotVerifiedCode::TooOld, "the message is more than five minutes from now"));
    }
    read(id, body).ok_or_else(unreadable)
}

fn read(id: &str, body: &[u8]) -> Option<WebhookMessage> {
    let message = strict_json(std::str::from_utf8(body).ok()?).ok()?;
    let text = |name: &str| message.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(WebhookMessage {
        id: id.to_owned(),
        kind: text("type")?,
        timestamp: text("timestamp")?,
        data: message.get("data")?.clone(),
    })
}
