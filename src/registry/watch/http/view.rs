//! Alerts, watches and webhooks as they are shown.

use serde::Serialize;
use utoipa::ToSchema;

use crate::http::listing::pages;
use crate::watch::{Alert, WatchRow, ends_at};
use crate::webhooks::{DeliveryRow, MadeWebhook, SentAnew, WebhookRow};
use vasp_record::alert::AlertBody;
use vasp_rules::alert::Severity;
use vasp_words::ids::{AlertId, DeliveryId, UserId, VaspId, WebhookId};
use vasp_words::time::UtcTime;

/// What an organisation is told.
#[derive(Serialize, ToSchema)]
#[schema(as = Alert)]
pub(crate) struct AlertView {
    id: AlertId,
    /// The finding of a check (`licence.withdrawn`), of a destination (`claim.disputed`), of one's own record (`own.certificate_ends_within_7`), or of a webhook
    /// (`webhook.failing`, `webhook.disabled`), or of a sub-account (`sub_account.named`, `sub_account.confirmed`, `sub_account.refused`, `sub_account.decided`, `sub_account.ended`), or of one's own claims (`own.claim_disputed`).
    #[schema(example = "licence.withdrawn")]
    kind: String,
    /// `critical`: a pre-check is rejected now; `high`: held; `medium`: it proceeds with conditions; `info`: something became better.
    #[schema(value_type = String, example = "critical")]
    severity: Severity,
    /// The VASP it is about; null for webhooks.
    vasp: Option<VaspId>,
    /// The check that finds something else; empty where none does.
    check: String,
    /// What it found before.
    from: Vec<String>,
    /// What it finds now.
    to: Vec<String>,
    /// A sentence for people.
    detail: String,
    /// How often it was found. Contradictions by claims of one VASP are one alert a day (UTC), until somebody takes note of it. So are
    /// sub-accounts that one VASP named, and each other kind of alert of sub-accounts.
    count: u64,
    /// Sequence of the directory that it was found in.
    sequence: i64,
    /// Of a destination that was relied on (`claim.disputed`, `claim.ended`, `claim.owner_changed`, `claim.restored`): the last recorded
    /// pre-check to it, which names it; null of anything else.
    #[schema(example = "pre_01jz5v8e4x0000000000000000")]
    precheck: Option<String>,
    raised_at: UtcTime,
    /// When somebody took note of it.
    acknowledged_at: Option<UtcTime>,
    /// Id of that user.
    acknowledged_by: Option<UserId>,
    note: Option<String>,
}

/// A VASP that one's organisation is told of.
#[derive(Serialize, ToSchema)]
#[schema(as = Watch)]
pub(crate) struct WatchView {
    vasp: VaspId,
    /// Whether somebody asked for it; else recorded pre-checks or one's own record make it.
    asked: bool,
    /// The last recorded pre-check with it.
    relied_at: Option<UtcTime>,
    /// Until when it lasts by itself.
    ends_at: Option<UtcTime>,
    /// The jurisdiction of one's own side that it is judged for; null: that of one's own VASP.
    jurisdiction: Option<String>,
    created_at: UtcTime,
}

/// Where alerts are sent.
#[derive(Serialize, ToSchema)]
#[schema(as = Webhook)]
pub(crate) struct WebhookView {
    id: WebhookId,
    url: String,
    /// Kinds of alerts, or what they begin with (`licence`); empty: all.
    kinds: Vec<String>,
    /// The least severity.
    #[schema(value_type = String, example = "medium")]
    min_severity: Severity,
    description: String,
    /// `disabled` (the receiver answered 410 Gone), `paused`, `active`.
    state: String,
    /// Until when messages are signed with the secret before, too.
    old_secret_until: Option<UtcTime>,
    /// The first attempt that failed since one did not.
    failing_since: Option<UtcTime>,
    created_by: UserId,
    created_at: UtcTime,
}

/// A webhook with its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = MadeWebhook)]
pub(crate) struct MadeWebhookView {
    pub webhook: WebhookView,
    /// `whsec_…`; shown this once, null in repetitions.
    #[schema(value_type = Option<String>)]
    pub secret: String,
    pub secret_already_shown: bool,
}

/// One message to a webhook.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookMessage)]
pub(crate) struct DeliveryView {
    /// The same for every attempt: `webhook-id`.
    id: DeliveryId,
    /// The alert; null: a test.
    alert: Option<AlertId>,
    /// `failed`, `pending`, `delivered`.
    state: &'static str,
    /// Attempts so far; sending it anew begins to count again.
    attempts: u32,
    created_at: UtcTime,
    /// When it is sent next.
    next_at: Option<UtcTime>,
    last_at: Option<UtcTime>,
    /// The status of the last answer.
    last_status: Option<u16>,
    /// Or why there was none.
    last_error: Option<String>,
}

/// How many messages are sent anew.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookReplay)]
pub(crate) struct SentAnewView {
    messages: usize,
}

pages! {
    /// A page of alerts, newest first.
    AlertListView as AlertList of AlertView;
    /// A page of watches, by VASP.
    WatchListView as WatchList of WatchView;
    /// A page of webhooks, oldest first.
    WebhookListView as WebhookList of WebhookView;
    /// A page of messages, newest first.
    DeliveryListView as WebhookMessageList of DeliveryView;
}

impl From<Alert> for AlertView {
    fn from(alert: Alert) -> Self {
        let AlertBody { check, from, to, detail, sequence, precheck, count } = alert.body.clone();
        Self {
            id: alert.id,
            kind: alert.kind.clone(),
            severity: alert.severity,
            vasp: alert.vasp,
            check,
            from,
            to,
            detail,
            count: count.max(1),
            sequence,
            precheck,
            raised_at: alert.raised_at,
            acknowledged_at: alert.acknowledged_at,
            acknowledged_by: alert.acknowledged_by,
            note: alert.note.clone(),
        }
    }
}

impl From<WatchRow> for WatchView {
    fn from(watch: WatchRow) -> Self {
        let (ends_at, asked) = (ends_at(&watch), watch.asked.0);
        let WatchRow { vasp, relied_at, jurisdiction, created_at, .. } = watch;
        Self { vasp, asked, relied_at, ends_at, jurisdiction, created_at }
    }
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
