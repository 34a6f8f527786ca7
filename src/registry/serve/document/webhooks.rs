//! The messages that the registry sends to webhooks, in the form that OpenAPI has for requests in this direction. `docs/watch.md` explains
//! them.

use serde_json::{Value, json};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::{SCHEMAS, each_object, schemas};
use crate::alerts::{AlertMessage, AlertOfMessage};
use crate::webhooks::{TestMessage, TestOfMessage};

/// Adds both messages, with their schemas.
pub(super) fn add(document: &mut Value) {
    let messages = [
        of::<AlertOfMessage>(),
        of::<AlertMessage>(),
        of::<TestOfMessage>(),
        of::<TestMessage>(),
    ];
    if let Some(schemas) = schemas(document) {
        schemas.extend(messages);
    }
    let alert = message::<AlertMessage>(
        "receive_alert",
        "Receive an alert.",
        "Sent for each alert that the webhook's filter lets through. `type` is the alert's kind, and `data` is the alert.",
    );
    let test = message::<TestMessage>(
        "receive_test",
        "Receive a test message.",
        "Sent when somebody asks for it with `POST /v1/gateway/webhooks/{id}/test`.",
    );
    if let Some(document) = document.as_object_mut() {
        document.insert("webhooks".to_owned(), json!({"alert": {"post": alert}, "test": {"post": test}}));
    }
}

/// Returns the schema of a type, with its name. Texts in it are described in place.
fn of<T: ToSchema + PartialSchema>() -> (String, Value) {
    let mut schema = serde_json::to_value(T::schema()).unwrap_or_default();
    let mut parts = vec![];
    T::schemas(&mut parts);
    let texts: Vec<(String, RefOr<Schema>)> = parts;
    each_object(&mut schema, &mut |object| {
        let place = object.get("$ref").and_then(Value::as_str).and_then(|place| place.strip_prefix(SCHEMAS));
        let text = place.and_then(|name| texts.iter().find(|(of, _)| of == name)).map(|(_, schema)| schema);
        if let Some(Value::Object(mut text)) = text.and_then(|text| serde_json::to_value(text).ok())
            && text.get("type") == Some(&json!("string"))
        {
            object.remove("$ref");
            text.append(object);
            *object = text;
        }
    });
    (T::name().into_owned(), schema)
}

fn message<T: ToSchema>(id: &str, summary: &str, description: &str) -> Value {
    let header = |name: &str, description: &str| {
        json!({"name": name, "in": "header", "required": true, "description": description, "schema": {"type": "string"}})
    };
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
