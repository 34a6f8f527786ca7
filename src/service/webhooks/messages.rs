//! The messages to a webhook: what became of them, sending them anew, and a test.

use serde_json::json;

use super::manage::{invalid, own};
use crate::service::{Act, Deed, Identity, Page, Registry, Reply, ServiceError};
use vasp_store::{DeliveryRow, StoreError};
use vasp_words::ids::DeliveryId;
use vasp_words::time::UtcTime;

/// For how many days messages that came to their end are kept, and can be sent anew.
pub(super) const KEPT_DAYS: i64 = 30;

const MISSING: &str = "There is no such message.";

/// Where a message stands, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// Given up after 72 hours, or because the receiver is gone.
    Failed,
    /// On its way.
    Pending,
    /// The receiver took it.
    Delivered,
}

impl DeliveryState {
    /// Returns the text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Pending => "pending",
            Self::Delivered => "delivered",
        }
    }
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Id, the same for every attempt (`webhook-id`).
    pub id: String,
    /// Id of the alert; none: a test.
    pub alert: Option<String>,
    /// Where it stands.
    pub state: DeliveryState,
    /// Attempts of this turn.
    pub attempts: u32,
    /// When it was made.
    pub created_at: UtcTime,
    /// When it is sent next.
    pub next_at: Option<UtcTime>,
    /// When it was sent last.
    pub last_at: Option<UtcTime>,
    /// The status that came back then.
    pub last_status: Option<u16>,
    /// Or why none did.
    pub last_error: Option<String>,
}

/// How many messages are sent anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentAnew(pub usize);

impl TryFrom<DeliveryRow> for Delivery {
    type Error = ServiceError;
    fn try_from(row: DeliveryRow) -> Result<Self, ServiceError> {
        let wrong =
            |column| ServiceError::Store(StoreError::Inconsistent { table: "webhook_deliveries", column, id: row.id.clone() });
        let instant = |micros| UtcTime::from_micros(micros).map_err(|_| wrong("at"));
        let states = [DeliveryState::Failed, DeliveryState::Pending, DeliveryState::Delivered];
        Ok(Self {
            state: states.into_iter().find(|state| state.as_str() == row.state).ok_or_else(|| wrong("state"))?,
            attempts: u32::try_from(row.attempts).map_err(|_| wrong("attempts"))?,
            created_at: instant(row.created_at)?,
            next_at: row.next_at.map(instant).transpose()?,
            last_at: row.last_at.map(instant).transpose()?,
            last_status: row.last_status.map(u16::try_from).transpose().map_err(|_| wrong("last_status"))?,
            id: row.id,
            alert: row.alert,
            last_error: row.last_error,
        })
    }
}

/// Lists the messages to a webhook, newest first, those before an id.
///
/// # Errors
/// `ServiceError::NotFound`, `Store`.
pub fn list_deliveries(
    registry: &Registry,
    identity: &Identity,
    webhook: &str,
    (before, limit): (&str, usize),
) -> Result<Page<Delivery, String>, ServiceError> {
    let rows = registry.store().read::<_, ServiceError>(|conn| {
        own(conn, identity, webhook)?;
        Ok(conn.deliveries_of(webhook, before, Page::wanted(limit))?)
    })?;
    let items = rows.into_iter().map(Delivery::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::of(items.into_iter(), limit, |item| item.id.clone()))
}

/// Sends a message that carries nothing, so that the receiver can try its side.
///
/// # Errors
/// `ServiceError::NotFound`; `IllegalStep` for a webhook that takes nothing; what [`Act::run`] returns.
pub fn send_test(act: Act<'_, Delivery>, webhook: &str) -> Result<Reply, ServiceError> {
    act.run_privately("webhook.test", |transaction, identity| {
        if own(transaction.conn(), identity, webhook)?.state != "active" {
            return Err(ServiceError::IllegalStep("Nothing is sent to this webhook; make it active first.".to_owned()));
        }
        let now = transaction.now();
        let row = DeliveryRow {
            id: DeliveryId::new(now, transaction.conn_and_rng().1).to_string(),
            webhook: webhook.to_owned(),
            alert: None,
            body: json!({"type": "webhook.test", "timestamp": now, "data": {"webhook": webhook}}).to_string(),
            created_at: now.micros(),
            state: "pending".to_owned(),
            attempts: 0,
            next_at: Some(now.micros()),
            leased_until: None,
            last_at: None,
            last_status: None,
            last_error: None,
        };
        transaction.add_delivery(&row)?;
        let details = json!({"message": row.id});
        Ok(Deed::new(row.try_into()?, webhook, details))
    })
}

/// Sends messages anew that were made at or after `since`, with the ids that they had.
///
/// # Errors
/// `ServiceError::NotFound`; `Invalid` for a time whose messages are no longer kept; what [`Act::run`] returns.
pub fn send_anew(act: Act<'_, SentAnew>, webhook: &str, since: UtcTime, failed_only: bool) -> Result<Reply, ServiceError> {
    let oldest = act.now.plus_secs(-KEPT_DAYS * 86_400);
    if since < oldest {
        let detail = format!("messages are kept for {KEPT_DAYS} days: the oldest that can be sent anew are of {oldest}");
        return Err(invalid("/since", "too_old", detail));
    }
    act.run_privately("webhook.replay", |transaction, identity| {
        own(transaction.conn(), identity, webhook)?;
        let now = transaction.now().micros();
        let count = transaction.send_anew(webhook, since.micros(), failed_only, now)?;
        Ok(Deed::new(SentAnew(count), webhook, json!({"since": since, "failed_only": failed_only, "messages": count})))
    })
}

/// Sends one message anew, with the id that it had.
///
/// # Errors
/// `ServiceError::NotFound`; `IllegalStep` for one that is on its way; what [`Act::run`] returns.
pub fn send_one_anew(act: Act<'_, Delivery>, webhook: &str, id: &str) -> Result<Reply, ServiceError> {
    act.run_privately("webhook.resend", |transaction, identity| {
        own(transaction.conn(), identity, webhook)?;
        let missing = || ServiceError::NotFound(MISSING.to_owned());
        transaction.conn().delivery(id)?.filter(|row| row.webhook == webhook).ok_or_else(missing)?;
        let now = transaction.now().micros();
        if !transaction.send_one_anew(id, now)? {
            return Err(ServiceError::IllegalStep("The message is on its way.".to_owned()));
        }
        let row = transaction.conn().delivery(id)?.ok_or_else(missing)?;
        Ok(Deed::new(row.try_into()?, webhook, json!({"message": id})))
    })
}
