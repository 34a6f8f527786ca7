//! Webhooks by the Standard Webhooks specification: where an organisation's alerts are sent. `manage` keeps them, `deliver` sends. Messages
//! are written with the alert (`alerts::raise`), so none is lost; a receiver may get one twice and knows it by its id.
//!
//! `deliver` leases messages, signs them, has threads call out, and notes what came of each.

pub(crate) mod http;
pub(crate) mod job;
pub mod signature;
pub use job::deliver_messages;
mod deliver;
mod manage;
mod messages;

pub use deliver::{Courier, forget_old_messages};
pub use manage::{
    MadeWebhook, NewWebhook, WebhookChange, change_webhook, create_webhook, delete_webhook, list_webhooks, read_webhook,
    rotate_secret,
};
pub use messages::{SentAnew, list_deliveries, send_anew, send_one_anew, send_test};
pub use vasp_record::alert::{DeliveryState, WebhookState};
pub use vasp_store::{DeliveryRow, WebhookRow};

use vasp_words::ids::WebhookId;

/// What a secret is sealed for.
fn purpose(webhook: WebhookId) -> String {
    format!("webhook:{webhook}")
}
