//! The private audit chain. Each event's hash covers the previous hash and a salted commitment to the event's payload. So a payload can be
//! erased, but nobody can remove, insert or change an event without changing every later hash.

use super::Sealer;
use super::tree::sha256;
use crate::audit::{AuditEvent, AuditHead, ChainEvents, SealError, SealedEvent};
use rand_core::RngCore;
use serde_json::json;
use vasp_words::time::UtcTime;

/// The hashed part of an audit event: everything except its payload.
#[derive(Clone, Copy, Debug)]
pub struct AuditLine<'a> {
    /// Position in the chain.
    pub number: i64,
    /// When it was recorded.
    pub at: UtcTime,
    /// Id of the organisation that the event belongs to; `None` for the registry itself.
    pub organisation: Option<&'a str>,
    /// Id of the user; `None` for the registry itself and for the command line.
    pub actor: Option<&'a str>,
    /// Id of the credential that was used; `None` if there was none.
    pub credential: Option<&'a str>,
    /// What was done, such as `vasp.submit`.
    pub action: &'a str,
    /// Id of the object that was acted on; `None` if there was none.
    pub subject: Option<&'a str>,
    /// `done` or `refused`.
    pub outcome: &'a str,
    /// Commitment to the payload.
    pub commitment: &'a [u8],
}

/// Returns the hash of an event after the previous hash: SHA-256(previous hash ‖ the line in RFC 8785 form).
///
/// # Errors
/// `SealError` if the line has no canonical form.
pub fn audit_hash(before: &[u8], line: &AuditLine<'_>) -> Result<[u8; 32], SealError> {
    let value = json!({
        "number": line.number, "at": line.at, "organisation": line.organisation, "actor": line.actor,
        "credential": line.credential, "action": line.action, "subject": line.subject, "outcome": line.outcome,
        "payload_commitment": hex::encode(line.commitment),
    });
    let text = serde_json_canonicalizer::to_vec(&value).map_err(|e| SealError(e.to_string()))?;
    Ok(sha256(&[before, &text]))
}

impl ChainEvents for Sealer {
    fn chain(
        &self,
        head: &AuditHead,
        events: Vec<AuditEvent>,
        now: UtcTime,
        rng: &mut dyn RngCore,
    ) -> Result<(Vec<SealedEvent>, AuditHead), SealError> {
        let mut head = head.clone();
        let mut sealed = Vec::with_capacity(events.len());
        for event in events {
            let mut salt = [0u8; 32];
            rng.fill_bytes(&mut salt);
            let payload = serde_json_canonicalizer::to_string(&event.payload).map_err(|e| SealError(e.to_string()))?;
            let commitment = sha256(&[&salt, payload.as_bytes()]);
            let number = head.number.saturating_add(1);
            let line = AuditLine {
                number,
                at: now,
                organisation: event.organisation.as_deref(),
                actor: event.actor.as_deref(),
                credential: event.credential.as_deref(),
                action: &event.action,
                subject: event.subject.as_deref(),
                outcome: event.outcome.as_str(),
                commitment: &commitment,
            };
            let hash = audit_hash(&head.hash, &line)?;
            head = AuditHead { number, hash: hash.to_vec() };
            sealed.push(SealedEvent { number, at: now, event, salt, payload, commitment, hash });
        }
        Ok((sealed, head))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::AuditOutcome;
    use rand_chacha::ChaCha8Rng;
    use rand_core::SeedableRng;

    fn event(action: &str) -> AuditEvent {
        AuditEvent {
            organisation: Some("org_1".to_owned()),
            actor: None,
            credential: None,
            action: action.to_owned(),
            subject: None,
            outcome: AuditOutcome::Done,
            payload: json!({"name": "x"}),
        }
    }

    fn empty() -> AuditHead {
        AuditHead { number: 0, hash: vec![0; 32] }
    }

    #[test]
    fn each_hash_covers_the_one_before_and_the_commitment() {
        let now = UtcTime::from_micros(1).unwrap();
        let (sealed, head) =
            Sealer::default().chain(&empty(), vec![event("a"), event("b")], now, &mut ChaCha8Rng::seed_from_u64(1)).unwrap();

        let text = |number: i64, action: &str, commitment: &[u8]| {
            // RFC 8785: members ordered by name, no blanks.
            format!(
                r#"{{"action":"{action}","actor":null,"at":"1970-01-01T00:00:00.000001Z","credential":null,"number":{number},"organisation":"org_1","outcome":"done","payload_commitment":"{}","subject":null}}"#,
                hex::encode(commitment)
            )
        };
        let first = sha256(&[&[0; 32], text(1, "a", &sealed[0].commitment).as_bytes()]);
        let second = sha256(&[&first, text(2, "b", &sealed[1].commitment).as_bytes()]);
        assert_eq!((sealed[0].hash, sealed[1].hash), (first, second));
        assert_eq!(head, AuditHead { number: 2, hash: second.to_vec() });
        assert_eq!(sealed[0].commitment, sha256(&[&sealed[0].salt, br#"{"name":"x"}"#]));
    }
}
