//! `/v1/webhooks`: the receivers of your organisation's alerts.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::{MadeWebhookView, WebhookListView, WebhookView};
use crate::acts::Reply;
use crate::http::blocking::blocking;
use crate::http::listing::{ListQuery, id_in_path, page};
use crate::http::permission::WatchAdmin;
use crate::http::write::{Answer, Bare, Sent, Version, act, reply};
use crate::http::{App, Caller, Problem, Problems, Query};
use crate::webhooks;
use crate::webhooks::{MadeWebhook, NewWebhook, WebhookChange, WebhookRow};
use vasp_routing::{delete, get, patch, post};
use vasp_rules::alert::Severity;
use vasp_words::ids::WebhookId;

pub(crate) const MISSING: &str = "There is no such webhook.";

/// A webhook to create.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateWebhook {
    /// An `https` URL with a public host and port 443. In a sandbox also `http://localhost:PORT` or `http://127.0.0.1:PORT`, with a path.
    #[schema(example = "https://hooks.example.com/registry")]
    url: String,
    /// Kinds of alerts, or prefixes of kinds (`licence`). Empty for all kinds.
    #[serde(default)]
    #[schema(required = false, example = json!(["licence", "sanctions"]))]
    kinds: Vec<String>,
    /// The lowest severity to send: `critical`, `high`, `medium` or `info`. `info` if left out.
    #[schema(value_type = Option<String>, example = "medium")]
    min_severity: Option<Severity>,
    /// The purpose of the webhook, at most 500 characters.
    #[serde(default)]
    #[schema(required = false)]
    description: String,
}

/// A request for a new secret.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RotateSecret {
    /// For how many hours messages are also signed with the previous secret: 0 to 168; 24 if left out.
    overlap_hours: Option<u16>,
}

fn shown(webhook: WebhookRow) -> Reply {
    let version = webhook.version.to_string();
    reply(StatusCode::OK, Some(version), WebhookView::from(webhook))
}

fn view(webhook: &WebhookRow) -> Reply {
    shown(webhook.clone())
}

fn made(status: StatusCode) -> impl FnOnce(&MadeWebhook) -> Reply + Send {
    move |made| reply(status, Some(made.webhook.version.to_string()), MadeWebhookView::from(made.clone()))
}

/// List webhooks, oldest first.
#[utoipa::path(tag = "watch", params(ListQuery), responses((status = 200, description = "A page of webhooks.", body = WebhookListView), Problems))]
#[get("/v1/webhooks")]
pub(crate) async fn list_webhooks(who: Caller<WatchAdmin>, query: Query<ListQuery>, app: Data<App>) -> Result<Answer, Problem> {
    let (identity, (after, limit)) = (who.known()?, query.0.part());
    let found = blocking(move || webhooks::list_webhooks(&app.registry, &identity, &after, limit)).await?;
    Ok(page::<_, WebhookView>(found))
}

/// Create a webhook.
///
/// The registry sends and signs messages according to the Standard Webhooks specification. The secret is shown only once.
#[utoipa::path(tag = "watch", request_body = CreateWebhook, responses((status = 201, description = "The webhook with its secret.", body = MadeWebhookView), Problems))]
#[post("/v1/webhooks")]
pub(crate) async fn create_webhook(
    who: Caller<WatchAdmin>,
    sent: Sent<CreateWebhook>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let CreateWebhook { url, kinds, min_severity, description } = sent.body;
    let new = NewWebhook { url, kinds, min_severity: min_severity.unwrap_or(Severity::Info), description };
    act(&app, who.known()?, sent.once, made(StatusCode::CREATED), move |act| webhooks::create_webhook(act, new)).await
}

/// Get a webhook.
#[utoipa::path(tag = "watch", params(("id" = String, Path, description = "The webhook's id.")), responses((status = 200, description = "The webhook.", body = WebhookView), Problems))]
#[get("/v1/webhooks/{id}")]
pub(crate) async fn get_webhook(who: Caller<WatchAdmin>, path: Path<String>, app: Data<App>) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<WebhookId>(&path, MISSING)?);
    let found = blocking(move || webhooks::read_webhook(&app.registry, &identity, id)).await?;
    Ok(Answer(shown(found)))
}

/// Change a webhook.
#[utoipa::path(tag = "watch", params(("id" = String, Path, description = "The webhook's id.")), request_body = WebhookChange, responses((status = 200, description = "The webhook.", body = WebhookView), Problems))]
#[patch("/v1/webhooks/{id}")]
pub(crate) async fn update_webhook(
    who: Caller<WatchAdmin>,
    path: Path<String>,
    version: Version,
    sent: Sent<WebhookChange>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<WebhookId>(&path, MISSING)?);
    act(&app, identity, sent.once, view, move |act| webhooks::change_webhook(act, id, sent.body, version.test())).await
}

/// Delete a webhook.
///
/// Nothing more is sent to it, including waiting messages.
#[utoipa::path(tag = "watch", params(("id" = String, Path, description = "The webhook's id.")), responses((status = 200, description = "The webhook as it was.", body = WebhookView), Problems))]
#[delete("/v1/webhooks/{id}")]
pub(crate) async fn delete_webhook(
    who: Caller<WatchAdmin>,
    path: Path<String>,
    version: Version,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<WebhookId>(&path, MISSING)?);
    act(&app, identity, sent.once, view, move |act| webhooks::delete_webhook(act, id, version.test())).await
}

/// Rotate the secret of a webhook.
///
/// The secret is shown only once. For some hours messages carry two signatures; the second is made with the previous secret.
#[utoipa::path(tag = "watch", params(("id" = String, Path, description = "The webhook's id.")), request_body = RotateSecret, responses((status = 200, description = "The webhook with its new secret.", body = MadeWebhookView), Problems))]
#[post("/v1/webhooks/{id}/rotate")]
pub(crate) async fn rotate_webhook_secret(
    who: Caller<WatchAdmin>,
    path: Path<String>,
    sent: Sent<RotateSecret>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<WebhookId>(&path, MISSING)?);
    let overlap = sent.body.overlap_hours;
    act(&app, identity, sent.once, made(StatusCode::OK), move |act| webhooks::rotate_secret(act, id, overlap)).await
}
