//! Webhooks by the Standard Webhooks specification: where an organisation's alerts are sent. `manage` keeps them, `deliver` sends. Messages
//! are written with the alert (`service::watch::raise`), so none is lost; a receiver may get one twice and knows it by its id.

mod deliver;
mod manage;
mod messages;

pub use deliver::{Courier, forget_old_messages};
pub use manage::{
    MadeWebhook, NewWebhook, Webhook, WebhookChange, change_webhook, create_webhook, delete_webhook, list_webhooks, read_webhook,
    rotate_secret,
};
pub use messages::{Delivery, DeliveryState, SentAnew, list_deliveries, send_anew, send_one_anew, send_test};

use crate::domain::webhook::AlertFilter;
use crate::service::ServiceError;
use vasp_rules::alert::Severity;
use vasp_store::{StoreError, WebhookRow};

/// What a webhook takes.
pub(in crate::service) fn filter_of(row: &WebhookRow) -> Result<AlertFilter, ServiceError> {
    let wrong = || StoreError::Inconsistent { table: "webhooks", column: "min_severity", id: row.id.clone() };
    let min_severity = Severity::from_text(&row.min_severity).ok_or_else(wrong).map_err(ServiceError::Store)?;
    Ok(AlertFilter { kinds: row.kinds.split_whitespace().map(str::to_owned).collect(), min_severity })
}

/// What a secret is sealed for.
fn purpose(webhook: &str) -> String {
    format!("webhook:{webhook}")
}
