//! The messages that the registry sends to webhooks, in the form that OpenAPI has for requests in this direction. `docs/watch.md` explains
//! them.

use serde_json::{Value, json};
use utoipa::ToSchema;

use super::SCHEMAS;
use crate::alerts::AlertMessage;
use crate::webhooks::TestMessage;

/// Adds both messages. Their schemas are in the table of routes.
pub(super) fn add(document: &mut Value) {
    let alert = message::<AlertMessage>(
        "receive_alert",
        "Receive an alert.",
        "Sent for each alert that the webhook's filter lets through. `type` is the alert's kind, and `data` is the alert.",
    );
    let test = message::<TestMessage>(
        "receive_test",
        "Receive a test message.",
        "Sent when somebody asks for it with `POST /v1/webhooks/{id}/test`.",
    );
    if let Some(document) = document.as_object_mut() {
        document.insert("webhooks".to_owned(), json!({"alert": {"post": alert}, "test": {"post": test}}));
    }
}

fn message<T: ToSchema>(id: &str, summary: &str, description: &str) -> Value {
    let header = |name: &str, description: &str| json!({"name": name, "in": "header", "required": true, "description": description, "schema": {"type": "string"}});
    json!({
        "tags": ["watch"], "operationId": id, "summary": summary, "description": description, "security": [],
        "parameters": [
            header("webhook-id", "The message's id, the same for every attempt. Store it to detect a message that arrives twice."),
            header("webhook-timestamp", "When this attempt was made, in seconds since 1970."),
            header("webhook-signature", "`v1,` and the Base64 form of the HMAC-SHA256 of `id.timestamp.body`; several, separated by blanks, while a secret is replaced."),
        ],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": format!("{SCHEMAS}{}", T::name())}}}},
        "responses": {
            "2XX": {"description": "You accepted the message; it is not sent again."},
            "410": {"description": "You want no more messages: the webhook is disabled."},
            "default": {"description": "The message is sent again later, ten times in 72 hours."}
        }
    })
}
