//! What a call returned or raised, as the JSON that cases compare.

use std::fmt::Debug;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use vasp_registry_client::{Checkpoint, Condition, Error, Event, Owner, Receipt, Resolved, Verdict, WebhookMessage};

fn text(value: &impl Debug) -> String {
    format!("{value:?}")
}

pub(crate) fn error(error: &Error) -> Value {
    let mut plain = match error {
        Error::Configuration(error) => json!({"error": "ConfigurationError", "code": error.code, "detail": error.detail}),
        Error::Unavailable(error) => json!({
            "error": "Unavailable", "code": error.code, "detail": error.detail, "request_id": error.request_id,
            "retry_after": error.retry_after.map(|wait| wait.as_secs_f64()),
        }),
        Error::Problem(error) => json!({
            "error": "ProblemError", "code": error.code, "detail": error.detail, "status": error.status,
            "request_id": error.request_id, "field_codes": error.field_codes, "pointers": error.pointers,
        }),
        Error::InvalidSubject(error) => {
            json!({"error": "InvalidSubject", "code": error.code, "detail": error.detail, "candidates": error.candidates})
        }
        Error::NotCleared(error) => {
            let conditions: Vec<&str> = error.conditions.iter().map(Condition::code).collect();
            json!({"error": "NotCleared", "code": error.code, "detail": error.detail, "conditions": conditions})
        }
        Error::NotVerified(error) => json!({"error": "NotVerified", "code": error.code, "detail": error.detail}),
    };
    plain["text"] = format!("{error} {error:?}").into();
    plain
}

pub(crate) fn resolved(found: &Resolved) -> Value {
    let owner = found.owner().map(Owner::answer);
    json!({
        "status": found.status(), "owner": owner, "candidates": found.candidates(), "answer": found.answer(), "text": text(found),
    })
}

pub(crate) fn receipt(receipt: &Receipt) -> Value {
    json!({
        "issuer": receipt.issuer, "issued_at": receipt.issued_at, "precheck_id": receipt.precheck_id, "kid": receipt.kid,
        "recommendation": receipt.recommendation, "sequence": receipt.sequence, "checkpoint_size": receipt.checkpoint_size,
        "checkpoint_root": receipt.checkpoint_root,
    })
}

pub(crate) fn verdict(found: &Verdict) -> Value {
    let receipt = found.receipt().map(receipt);
    json!({"recommendation": found.recommendation(), "answer": found.answer(), "receipt": receipt, "text": text(found)})
}

pub(crate) fn checkpoint(checkpoint: &Checkpoint) -> Value {
    json!({"origin": checkpoint.origin, "size": checkpoint.size, "root": STANDARD.encode(checkpoint.root)})
}

pub(crate) fn message(message: &WebhookMessage) -> Value {
    json!({"id": message.id, "type": message.kind, "timestamp": message.timestamp, "data": message.data, "text": text(message)})
}

pub(crate) fn event(event: &Event) -> Value {
    json!({
        "operation": event.operation, "attempt": event.attempt, "seconds": event.took.as_secs_f64(), "status": event.status,
        "failure": event.failure, "request_id": event.request_id, "wait": event.wait.map(|wait| wait.as_secs_f64()),
    })
}
