//! Messages to a webhook: lists them with their outcomes, sends them again, and sends a test.

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::manage::own;
use crate::acts::{Act, Deed, Identity, Reply};
use crate::alerts::seal_message;
use crate::node::{Page, Registry, ServiceError, invalid};
use vasp_record::alert::{DeliveryState, WebhookState};
use vasp_store::DeliveryRow;
use vasp_words::ids::{DeliveryId, WebhookId};
use vasp_words::time::UtcTime;

/// For how many days delivered and given-up messages are kept and can be sent again.
pub(super) const KEPT_DAYS: i64 = 30;

/// Maximum number of waiting test messages of a webhook.
const TESTS_MAX: i64 = 5;

const MISSING: &str = "There is no such message.";

/// The number of messages to send again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentAnew(pub usize);

/// A message that somebody asked for, to test the receiver.
#[derive(Debug, Serialize, ToSchema)]
pub struct TestMessage {
    /// Always `webhook.test`.
    #[schema(example = "webhook.test")]
    r#type: &'static str,
    /// When the message was written; the same for every attempt.
    timestamp: UtcTime,
    /// What is tested.
    data: TestOfMessage,
}

/// The webhook that is tested.
#[derive(Debug, Serialize, ToSchema)]
pub struct TestOfMessage {
    webhook: WebhookId,
}

/// Lists the messages to a webhook before an id, newest first.
pub fn list_deliveries(
    registry: &Registry,
    identity: &Identity,
    webhook: WebhookId,
    before: &str,
    limit: usize,
) -> Result<Page<DeliveryRow, String>, ServiceError> {
    let rows = registry.store().read::<_, ServiceError>(|conn| {
        own(conn, identity, webhook)?;
        Ok(conn.deliveries_of(webhook, before, Page::wanted(limit))?)
    })?;
    Ok(Page::of(rows.into_iter(), limit, |item| item.id.to_string()))
}

/// Sends a message without content, so that you can test the receiver.
///
/// # Errors
/// `ServiceError::NotFound`; `IllegalStep` for a webhook that is not active; and what [`Act::run`] returns.
pub fn send_test(act: Act<'_, DeliveryRow>, webhook: WebhookId) -> Result<Reply, ServiceError> {
    let registry = act.registry;
    act.run_privately("webhook.test", |transaction, identity| {
        if own(transaction.conn(), identity, webhook)?.state != WebhookState::Active {
            return Err(ServiceError::IllegalStep(
                "No messages are sent to this webhook, because it is not active; activate it first.".to_owned(),
            ));
        }
        if transaction.conn().waiting_tests(webhook)? >= TESTS_MAX {
            return Err(ServiceError::IllegalStep(format!(
                "{TESTS_MAX} test messages to this webhook are already waiting; wait until they are delivered."
            )));
        }
        let now = transaction.now();
        let key = registry.data_key_within(transaction, identity.organisation)?;
        let id = DeliveryId::new(now, transaction.conn_and_rng().1);
        let told = TestMessage { r#type: "webhook.test", timestamp: now, data: TestOfMessage { webhook } };
        let row = DeliveryRow {
            id,
            webhook,
            alert: None,
            sealed: seal_message(&key, id, &told, transaction.conn_and_rng().1)?,
            created_at: now,
            state: DeliveryState::Pending,
            attempts: 0,
            next_at: Some(now),
            leased_until: None,
            last_at: None,
            last_status: None,
            last_error: None,
        };
        transaction.add_delivery(&row)?;
        let details = json!({"message": row.id});
        Ok(Deed::new(row, webhook, details))
    })
}

/// Sends messages again that were created at or after `since`, with their original ids.
///
/// # Errors
/// `ServiceError::NotFound`; `Invalid` for a time whose messages are no longer kept; and what [`Act::run`] returns.
pub fn send_anew(act: Act<'_, SentAnew>, webhook: WebhookId, since: UtcTime, failed_only: bool) -> Result<Reply, ServiceError> {
    let oldest = act.now.plus_secs(-KEPT_DAYS * 86_400);
    if since < oldest {
        let detail = format!("messages are kept for {KEPT_DAYS} days, so the oldest that can be sent again are of {oldest}");
        return Err(invalid("/since", "too_old", detail));
    }
    act.run_privately("webhook.replay", |transaction, identity| {
        own(transaction.conn(), identity, webhook)?;
        let now = transaction.now();
        let count = transaction.send_anew(webhook, since, failed_only, now)?;
        Ok(Deed::new(SentAnew(count), webhook, json!({"since": since, "failed_only": failed_only, "messages": count})))
    })
}

/// Sends one message again, with its original id.
///
/// # Errors
/// `ServiceError::NotFound`; `IllegalStep` for a message in flight; and what [`Act::run`] returns.
pub fn send_one_anew(act: Act<'_, DeliveryRow>, webhook: WebhookId, id: DeliveryId) -> Result<Reply, ServiceError> {
    act.run_privately("webhook.resend", |transaction, identity| {
        own(transaction.conn(), identity, webhook)?;
        let missing = || ServiceError::NotFound(MISSING.to_owned());
        transaction.conn().delivery(id)?.filter(|row| row.webhook == webhook).ok_or_else(missing)?;
        let now = transaction.now();
        if !transaction.send_one_anew(id, now)? {
            return Err(ServiceError::IllegalStep("The message is being sent now; wait for the outcome.".to_owned()));
        }
        let row = transaction.conn().delivery(id)?.ok_or_else(missing)?;
        Ok(Deed::new(row, webhook, json!({"message": id})))
    })
}
