//! Webhooks by the Standard Webhooks specification: the receivers of an organisation's alerts. `manage` stores them; `deliver` sends
//! messages. `alerts::raise` writes messages in the transaction of the alert, so none is lost. A receiver may get a message twice; the id
//! shows that it is the same.
//!
//! `deliver` leases messages, signs them, lets threads make the calls, and records each outcome.

pub(crate) mod http;
pub(crate) mod job;
pub mod signature;
pub use job::deliver_messages;
mod deliver;
mod kinds;
mod manage;
mod messages;

pub use deliver::{Courier, forget_old_messages};
pub(crate) use kinds::alert_kinds;
pub use manage::{
    MadeWebhook, NewWebhook, WebhookChange, change_webhook, create_webhook, delete_webhook, list_webhooks, read_webhook,
    rotate_secret,
};
pub use messages::{SentAnew, TestMessage, TestOfMessage, list_deliveries, send_anew, send_one_anew, send_test};
pub use vasp_record::alert::{DeliveryState, WebhookState};
pub use vasp_store::{DeliveryRow, WebhookRow};

use vasp_words::ids::WebhookId;

/// Returns the purpose that a secret is sealed for.
fn purpose(webhook: WebhookId) -> String {
    format!("webhook:{webhook}")
}
