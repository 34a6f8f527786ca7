//! Views of webhooks and their messages.

use serde::Serialize;
use utoipa::ToSchema;

use crate::http::listing::pages;
use crate::webhooks::{DeliveryRow, MadeWebhook, SentAnew, WebhookRow};
use vasp_rules::alert::Severity;
use vasp_words::ids::{AlertId, DeliveryId, UserId, WebhookId};
use vasp_words::time::UtcTime;

/// A webhook: a URL that alerts are sent to.
#[derive(Serialize, ToSchema)]
#[schema(as = Webhook)]
pub(crate) struct WebhookView {
    id: WebhookId,
    url: String,
    /// Kinds of alerts, or prefixes of kinds (`licence`). Empty for all kinds.
    kinds: Vec<String>,
    /// The lowest severity that is sent.
    #[schema(value_type = String, example = "medium")]
    min_severity: Severity,
    description: String,
    /// `disabled` (the receiver answered 410 Gone), `paused` or `active`.
    state: String,
    /// Until when messages are also signed with the previous secret; null if there is none.
    old_secret_until: Option<UtcTime>,
    /// When the first attempt failed since the last success; null if the last attempt succeeded.
    failing_since: Option<UtcTime>,
    created_by: UserId,
    created_at: UtcTime,
}

/// A webhook with its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = MadeWebhook)]
pub(crate) struct MadeWebhookView {
    pub webhook: WebhookView,
    /// `whsec_…`, shown only once; null if you repeat the request.
    #[schema(value_type = Option<String>)]
    pub secret: String,
    pub secret_already_shown: bool,
}

/// One message to a webhook.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookMessage)]
pub(crate) struct DeliveryView {
    /// Id of the message, the same for every attempt: `webhook-id`.
    id: DeliveryId,
    /// Id of the alert; null for a test.
    alert: Option<AlertId>,
    /// `failed`, `pending` or `delivered`.
    state: &'static str,
    /// Number of attempts so far. Sending the message again starts the count again.
    attempts: u32,
    created_at: UtcTime,
    /// When the next attempt is made; null if there is none.
    next_at: Option<UtcTime>,
    last_at: Option<UtcTime>,
    /// The HTTP status of the last answer; null if there was no answer.
    last_status: Option<u16>,
    /// Why there was no answer; null if there was one.
    last_error: Option<String>,
}

/// The number of messages to send again.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookReplay)]
pub(crate) struct SentAnewView {
    messages: usize,
}

pages! {
    /// A page of webhooks, oldest first.
    WebhookListView as WebhookList of WebhookView;
    /// A page of messages, newest first.
    DeliveryListView as WebhookMessageList of DeliveryView;
}

impl From<WebhookRow> for WebhookView {
    fn from(webhook: WebhookRow) -> Self {
        let WebhookRow { id, url, min_severity, description, old_secret_until, failing_since, .. } = webhook;
        let WebhookRow { kinds, state, created_by, created_at, .. } = webhook;
        let (kinds, state) = (kinds.split_whitespace().map(str::to_owned).collect(), state.to_string());
        Self { id, url, kinds, min_severity, description, state, old_secret_until, failing_since, created_by, created_at }
    }
}

impl From<MadeWebhook> for MadeWebhookView {
    fn from(made: MadeWebhook) -> Self {
        Self { webhook: made.webhook.into(), secret: made.secret.text(), secret_already_shown: false }
    }
}

impl From<DeliveryRow> for DeliveryView {
    fn from(row: DeliveryRow) -> Self {
        let DeliveryRow { id, alert, state, created_at, next_at, last_at, last_error, .. } = row;
        let (attempts, last_status) = (u32::from(row.attempts.unsigned_abs()), row.last_status.map(i16::unsigned_abs));
        Self { id, alert, state: state.as_str(), attempts, created_at, next_at, last_at, last_status, last_error }
    }
}

impl From<SentAnew> for SentAnewView {
    fn from(sent: SentAnew) -> Self {
        Self { messages: sent.0 }
    }
}
