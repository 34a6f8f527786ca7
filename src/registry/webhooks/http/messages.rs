//! `/v1/webhooks/{id}/messages`: lists messages and their outcomes, sends them again, and sends a test.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::{DeliveryListView, DeliveryView, SentAnewView};
use super::webhooks::MISSING;
use crate::acts::Reply;
use crate::http::blocking::blocking;
use crate::http::listing::{ListQuery, id_in_path, page};
use crate::http::permission::WatchAdmin;
use crate::http::write::{Answer, Bare, Sent, act, reply};
use crate::http::{App, Caller, Problem, Problems, Query};
use crate::webhooks;
use crate::webhooks::{DeliveryRow, SentAnew};
use vasp_routing::{get, post};
use vasp_words::ids::{DeliveryId, WebhookId};
use vasp_words::time::UtcTime;

const NO_MESSAGE: &str = "There is no such message.";

/// Which messages to send again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Replay {
    /// Only messages created at this time or later, at most 30 days back.
    since: UtcTime,
    /// True: only messages that were given up. False: delivered and waiting messages too.
    #[serde(default)]
    #[schema(required = false)]
    failed_only: bool,
}

fn accepted(delivery: &DeliveryRow) -> Reply {
    reply(StatusCode::ACCEPTED, None, DeliveryView::from(delivery.clone()))
}

/// List the messages to a webhook, newest first.
///
/// Messages are kept for 30 days.
#[utoipa::path(tag = "watch", params(("id" = String, Path, description = "The webhook's id."), ListQuery), responses((status = 200, description = "A page of messages.", body = DeliveryListView), Problems))]
#[get("/v1/webhooks/{id}/messages")]
pub(crate) async fn list_webhook_messages(
    who: Caller<WatchAdmin>,
    path: Path<String>,
    query: Query<ListQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<WebhookId>(&path, MISSING)?);
    let (before, limit) = query.0.part();
    let found = blocking(move || webhooks::list_deliveries(&app.registry, &identity, id, &before, limit)).await?;
    Ok(page::<_, DeliveryView>(found))
}

/// Send a test message.
///
/// The message has the type `webhook.test` and no content. It is signed like every other message.
#[utoipa::path(tag = "watch", params(("id" = String, Path, description = "The webhook's id.")), responses((status = 202, description = "The message, on its way.", body = DeliveryView), Problems))]
#[post("/v1/webhooks/{id}/test")]
pub(crate) async fn test_webhook(
    who: Caller<WatchAdmin>,
    path: Path<String>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<WebhookId>(&path, MISSING)?);
    act(&app, identity, sent.once, accepted, move |act| webhooks::send_test(act, id)).await
}

/// Send the messages of a webhook since a time again.
///
/// Use it if your receiver lost messages. They keep their original ids. Without `failed_only`, messages that wait for their next attempt are
/// sent now too. A message that is being sent at this moment is not sent twice.
#[utoipa::path(tag = "watch", params(("id" = String, Path, description = "The webhook's id.")), request_body = Replay, responses((status = 202, description = "How many are sent.", body = SentAnewView), Problems))]
#[post("/v1/webhooks/{id}/replay")]
pub(crate) async fn replay_webhook(
    who: Caller<WatchAdmin>,
    path: Path<String>,
    sent: Sent<Replay>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<WebhookId>(&path, MISSING)?);
    let Replay { since, failed_only } = sent.body;
    let done = |sent: &SentAnew| reply(StatusCode::ACCEPTED, None, SentAnewView::from(*sent));
    act(&app, identity, sent.once, done, move |act| webhooks::send_anew(act, id, since, failed_only)).await
}

/// Send one message again.
///
/// A message that waits for its next attempt is sent now.
#[utoipa::path(tag = "watch", params(("id" = String, Path, description = "The webhook's id."), ("message" = String, Path, description = "The message's id.")), responses((status = 202, description = "The message, on its way.", body = DeliveryView), Problems))]
#[post("/v1/webhooks/{id}/messages/{message}/resend")]
pub(crate) async fn resend_webhook_message(
    who: Caller<WatchAdmin>,
    path: Path<(String, String)>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<WebhookId>(&path.0, MISSING)?);
    let message = id_in_path::<DeliveryId>(&path.1, NO_MESSAGE)?;
    act(&app, identity, sent.once, accepted, move |act| webhooks::send_one_anew(act, id, message)).await
}
