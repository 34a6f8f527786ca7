//! What a write leaves behind besides its rows: a line in the audit chain, and the answer under its idempotency key. Of what an
//! organisation keeps for itself both are sealed under its own data key, so that whoever runs the registry sees that something was
//! done, and neither what nor about whom. Caller: `act`, `audit`.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand_core::RngCore;
use serde_json::{Value, json};

use super::{AuditItem, Identity, Once, Registry, Reply, ServiceError};
use crate::domain::audit::AuditEvent;
use crate::domain::time::UtcTime;
use crate::pki::DataKey;

/// What the audit chain calls everything that an organisation does for itself alone.
pub(super) const PRIVATE_ACTION: &str = "private.change";

/// Routes about what an organisation keeps for itself.
const PRIVATE_ROUTES: [&str; 1] = ["/v1/member/relationships"];

/// Sealed texts are filled up to a multiple of this, so that their length tells nothing.
const PADDED_TO: usize = 1_024;

/// How a write's traces are left.
pub(super) enum Traces {
    /// As they are.
    Open,
    /// Sealed for the organisation.
    Sealed(DataKey),
}

/// Fills a JSON text up with blanks, which JSON lets stand.
pub(super) fn padded(mut text: Vec<u8>) -> Vec<u8> {
    text.resize(text.len().div_ceil(PADDED_TO).max(1).saturating_mul(PADDED_TO), b' ');
    text
}

fn sealed(key: &DataKey, purpose: &str, what: &Value, rng: &mut dyn RngCore) -> Result<Value, ServiceError> {
    let plain = padded(what.to_string().into_bytes());
    let bytes = key.seal(purpose, &plain, rng).map_err(ServiceError::Key)?;
    Ok(json!({"sealed": STANDARD.encode(bytes)}))
}

fn opened(key: &DataKey, purpose: &str, what: &Value) -> Result<Value, ServiceError> {
    let unreadable = |reason: String| ServiceError::Unreadable { what: "private trace", reason };
    let text = what.get("sealed").and_then(Value::as_str).ok_or_else(|| unreadable("it has no member `sealed`".to_owned()))?;
    let bytes = STANDARD.decode(text).map_err(|error| unreadable(error.to_string()))?;
    let plain = key.open(purpose, &bytes).map_err(ServiceError::Key)?;
    serde_json::from_slice(&plain).map_err(|error| unreadable(error.to_string()))
}

const LINE: &str = "audit line";
const ANSWER: &str = "idempotent answer";

impl Traces {
    /// Returns how refusals on a route are told.
    pub(super) fn of_route(
        registry: &Registry,
        identity: &Identity,
        route: &str,
        now: UtcTime,
        rng: &mut dyn RngCore,
    ) -> Result<Self, ServiceError> {
        if PRIVATE_ROUTES.iter().any(|prefix| route.starts_with(prefix)) {
            return registry.data_key(identity.organisation, now, rng).map(Self::Sealed);
        }
        Ok(Self::Open)
    }

    /// Returns the line as the chain has it.
    pub(super) fn event(&self, event: AuditEvent, rng: &mut dyn RngCore) -> Result<AuditEvent, ServiceError> {
        let Self::Sealed(key) = self else { return Ok(event) };
        let what = json!({"action": event.action, "subject": event.subject, "details": event.payload});
        let payload = sealed(key, LINE, &what, rng)?;
        Ok(AuditEvent { action: PRIVATE_ACTION.to_owned(), subject: None, payload, ..event })
    }

    /// Returns the request as it is remembered: path, key and body only as digests that nobody without the organisation's key can
    /// work out.
    pub(super) fn once(&self, once: Once) -> Once {
        let Self::Sealed(key) = self else { return once };
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.bytes());
        let named = hmac::sign(&key, format!("idempotency-key\n{}\n{}", once.path, once.key).as_bytes());
        let sent = hmac::sign(&key, &[b"idempotency-body\n".as_slice(), &once.request_digest].concat());
        let request_digest = sent.as_ref().first_chunk().copied().unwrap_or(once.request_digest);
        Once { method: once.method, path: "private".to_owned(), key: hex::encode(named.as_ref()), request_digest }
    }

    /// Returns the answer as it is kept.
    pub(super) fn reply(&self, reply: &Reply, rng: &mut dyn RngCore) -> Result<Reply, ServiceError> {
        let Self::Sealed(key) = self else { return Ok(reply.clone()) };
        let body = sealed(key, ANSWER, &json!({"body": reply.body, "version": reply.version}), rng)?;
        Ok(Reply::new(reply.status, None, body))
    }

    /// Reads an answer that was kept.
    pub(super) fn read(&self, kept: Reply) -> Result<Reply, ServiceError> {
        let Self::Sealed(key) = self else { return Ok(kept) };
        let what = opened(key, ANSWER, &kept.body)?;
        let version = what.get("version").and_then(Value::as_str).map(str::to_owned);
        Ok(Reply::new(kept.status, version, what.get("body").cloned().unwrap_or(Value::Null)))
    }
}

/// Shows an organisation its own line. One whose details were erased stays as it is.
pub(super) fn open_event(key: Option<&DataKey>, item: &mut AuditItem) -> Result<(), ServiceError> {
    let (Some(key), Some(details)) = (key, &item.details) else { return Ok(()) };
    let what = opened(key, LINE, details)?;
    let text = |name: &str| what.get(name).and_then(Value::as_str).map(str::to_owned);
    item.action = text("action").unwrap_or_else(|| PRIVATE_ACTION.to_owned());
    item.subject = text("subject");
    item.details = what.get("details").cloned();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::audit::AuditOutcome;
    use rand_chacha::ChaCha8Rng;
    use rand_core::SeedableRng;

    fn event(details: &str) -> AuditEvent {
        AuditEvent {
            organisation: Some("org_x".to_owned()),
            actor: None,
            credential: None,
            action: "relationship.propose".to_owned(),
            subject: Some("rel_x".to_owned()),
            outcome: AuditOutcome::Done,
            payload: json!({"reason": details}),
        }
    }

    #[test]
    fn a_sealed_line_tells_neither_what_nor_about_whom_nor_how_much() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let traces = Traces::Sealed(DataKey::generate(&mut rng));

        let (short, long) =
            (traces.event(event("x"), &mut rng).unwrap(), traces.event(event(&"x".repeat(700)), &mut rng).unwrap());

        assert_eq!((short.action.as_str(), &short.subject), ("private.change", &None));
        assert_eq!(short.payload.to_string().len(), long.payload.to_string().len());
        assert!(!long.payload.to_string().contains("relationship"));
    }

    #[test]
    fn an_answer_reads_back_and_its_request_is_told_apart_from_others() {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let traces = Traces::Sealed(DataKey::generate(&mut rng));
        let reply = Reply::new(201, Some("7".to_owned()), json!({"id": "rel_x"}));
        let kept = traces.reply(&reply, &mut rng).unwrap();
        assert_eq!(kept.version, None);
        assert_eq!(traces.read(kept).unwrap(), reply);

        let once = |path: &str, key: &str, body: u8| {
            let (method, path, key) = ("POST".to_owned(), path.to_owned(), key.to_owned());
            traces.once(Once { method, path, key, request_digest: [body; 32] })
        };
        let first = once("/a", "k", 1);
        assert_eq!(first, once("/a", "k", 1));
        assert_ne!(first.key, once("/b", "k", 1).key);
        assert_ne!(first.key, once("/a", "l", 1).key);
        assert_ne!(first.request_digest, once("/a", "k", 2).request_digest);
        assert!(!format!("{first:?}").contains("/a"));
    }
}
