//! Webhooks for alerts, and their messages in an outbox, which the transaction that raises the alert writes. A node leases a message for
//! some time, so that two nodes do not send it at the same time. If the node dies, the lease ends.

use super::backend::{written, written_once};
use super::edge::*;
use super::schema::{organisations, webhook_deliveries, webhooks};
use super::{Conn, StoreError, Transaction};
use vasp_record::alert::{DeliveryState, Severity, WebhookState};
use vasp_words::ids::{AlertId, DeliveryId, OrganisationId, UserId, WebhookId};
use vasp_words::time::UtcTime;

/// A webhook for an organisation's alerts.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = webhooks, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct WebhookRow {
    /// Public id.
    pub id: WebhookId,
    /// The organisation.
    pub organisation: OrganisationId,
    /// The URL.
    pub url: String,
    /// Kinds of alerts, separated by spaces; empty for all.
    pub kinds: String,
    /// The lowest severity that it takes.
    pub min_severity: Severity,
    /// Its purpose.
    pub description: String,
    /// Whether messages are sent to it.
    pub state: WebhookState,
    /// The secret, sealed.
    pub secret: Vec<u8>,
    /// The previous secret, sealed; `None` if there is none.
    pub old_secret: Option<Vec<u8>>,
    /// Until when messages are also signed with the previous secret.
    pub old_secret_until: Option<UtcTime>,
    /// The first failed attempt since the last success; `None` if it does not fail.
    pub failing_since: Option<UtcTime>,
    /// Rises with every change by its organisation.
    pub version: i64,
    /// The user who made it.
    pub created_by: UserId,
    /// When it was made.
    pub created_at: UtcTime,
    /// When it was deleted; `None` if it was not.
    pub deleted_at: Option<UtcTime>,
}

/// One message to one webhook.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = webhook_deliveries, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct DeliveryRow {
    /// Public id: the same for every attempt.
    pub id: DeliveryId,
    /// The webhook.
    pub webhook: WebhookId,
    /// The alert; `None` for a test.
    pub alert: Option<AlertId>,
    /// The content, sealed.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: UtcTime,
    /// Its state.
    pub state: DeliveryState,
    /// Number of attempts in this series.
    pub attempts: i16,
    /// When the next attempt is due; `None` if there is none.
    pub next_at: Option<UtcTime>,
    /// Until when a node may be sending it; `None` if none is.
    pub leased_until: Option<UtcTime>,
    /// When it was last sent; `None` if it was not.
    pub last_at: Option<UtcTime>,
    /// The HTTP status of the last attempt; `None` if there was no response.
    pub last_status: Option<i16>,
    /// Why the last attempt got no response; `None` if it got one.
    pub last_error: Option<String>,
}

/// The columns that start a new series of attempts.
#[derive(AsChangeset)]
#[diesel(table_name = webhook_deliveries, treat_none_as_null = true)]
struct NewTurn {
    state: DeliveryState,
    attempts: i16,
    next_at: Option<UtcTime>,
    leased_until: Option<UtcTime>,
}

impl NewTurn {
    fn at(now: UtcTime) -> Self {
        Self { state: DeliveryState::Pending, attempts: 0, next_at: Some(now), leased_until: None }
    }
}

/// Returns the query for messages that are due and that no node has leased, to active webhooks of open organisations.
#[diesel::dsl::auto_type]
fn due_messages(now: UtcTime) -> _ {
    let active: WebhookState = WebhookState::Active;
    webhook_deliveries::table
        .inner_join(webhooks::table.inner_join(organisations::table))
        .filter(webhook_deliveries::next_at.le(now))
        .filter(webhook_deliveries::leased_until.is_null().or(webhook_deliveries::leased_until.le(now)))
        .filter(organisations::closed_at.is_null())
        .filter(webhooks::deleted_at.is_null())
        .filter(webhooks::state.eq(active))
}

impl Conn {
    /// Returns the webhooks of an organisation after an id that were not deleted.
    pub fn webhooks_of(&mut self, organisation: OrganisationId, after: &str, limit: i64) -> Result<Vec<WebhookRow>, StoreError> {
        webhooks::table
            .filter(webhooks::organisation.eq(organisation))
            .filter(webhooks::deleted_at.is_null())
            .filter(webhooks::id.gt(after))
            .order(webhooks::id)
            .limit(limit)
            .select(WebhookRow::as_select())
            .load(self)
            .map_err(StoreError::on("webhooks"))
    }

    /// Returns a webhook that was not deleted.
    pub fn webhook(&mut self, id: WebhookId) -> Result<Option<WebhookRow>, StoreError> {
        let query = webhooks::table.find(id).filter(webhooks::deleted_at.is_null()).select(WebhookRow::as_select());
        query.first(self).optional().map_err(StoreError::on("webhooks"))
    }

    /// Returns the messages to a webhook before an id, newest first.
    pub fn deliveries_of(&mut self, webhook: WebhookId, before: &str, limit: i64) -> Result<Vec<DeliveryRow>, StoreError> {
        let mut query = webhook_deliveries::table
            .filter(webhook_deliveries::webhook.eq(webhook))
            .order(webhook_deliveries::id.desc())
            .limit(limit)
            .select(DeliveryRow::as_select())
            .into_boxed();
        if !before.is_empty() {
            query = query.filter(webhook_deliveries::id.lt(before));
        }
        query.load(self).map_err(StoreError::on("webhook_deliveries"))
    }

    /// Returns a message.
    pub fn delivery(&mut self, id: DeliveryId) -> Result<Option<DeliveryRow>, StoreError> {
        let query = webhook_deliveries::table.find(id).select(DeliveryRow::as_select());
        query.first(self).optional().map_err(StoreError::on("webhook_deliveries"))
    }

    /// Tells whether another message to a webhook failed finally at or after `since`.
    pub fn gave_up_since(&mut self, webhook: WebhookId, since: UtcTime, other_than: DeliveryId) -> Result<bool, StoreError> {
        let others = webhook_deliveries::table
            .filter(webhook_deliveries::webhook.eq(webhook))
            .filter(webhook_deliveries::state.eq(DeliveryState::Failed))
            .filter(webhook_deliveries::last_at.ge(since))
            .filter(webhook_deliveries::id.ne(other_than));
        diesel::select(diesel::dsl::exists(others)).get_result(self).map_err(StoreError::on("webhook_deliveries"))
    }

    /// Returns organisations with messages that are due and not leased, to active webhooks, most overdue first. Leaves out closed
    /// organisations and those in `but`.
    pub fn organisations_due(
        &mut self,
        now: UtcTime,
        but: &[OrganisationId],
        limit: i64,
    ) -> Result<Vec<OrganisationId>, StoreError> {
        due_messages(now)
            .filter(webhooks::organisation.ne_all(but))
            .group_by(webhooks::organisation)
            .order((diesel::dsl::min(webhook_deliveries::next_at), webhooks::organisation))
            .limit(limit)
            .select(webhooks::organisation)
            .load(self)
            .map_err(StoreError::on("webhook_deliveries"))
    }

    /// Returns the active webhooks of an organisation with messages that are due and not leased, most overdue first.
    pub fn webhooks_due(&mut self, organisation: OrganisationId, now: UtcTime) -> Result<Vec<WebhookRow>, StoreError> {
        let due: Vec<WebhookId> = due_messages(now)
            .filter(webhooks::organisation.eq(organisation))
            .group_by(webhook_deliveries::webhook)
            .order((diesel::dsl::min(webhook_deliveries::next_at), webhook_deliveries::webhook))
            .select(webhook_deliveries::webhook)
            .load(self)
            .map_err(StoreError::on("webhook_deliveries"))?;
        let query = webhooks::table.filter(webhooks::id.eq_any(&due)).select(WebhookRow::as_select());
        let mut rows: Vec<WebhookRow> = query.load(self).map_err(StoreError::on("webhooks"))?;
        rows.sort_by_key(|row| due.iter().position(|id| *id == row.id));
        Ok(rows)
    }

    /// Returns how many test messages of a webhook wait.
    pub fn waiting_tests(&mut self, webhook: WebhookId) -> Result<i64, StoreError> {
        let tests = webhook_deliveries::table
            .filter(webhook_deliveries::webhook.eq(webhook))
            .filter(webhook_deliveries::alert.is_null())
            .filter(webhook_deliveries::state.eq(DeliveryState::Pending));
        tests.count().get_result(self).map_err(StoreError::on("webhook_deliveries"))
    }

    /// Returns messages to a webhook that are due and not leased, most overdue first.
    pub fn deliveries_due(&mut self, webhook: WebhookId, now: UtcTime, limit: i64) -> Result<Vec<DeliveryRow>, StoreError> {
        webhook_deliveries::table
            .filter(webhook_deliveries::webhook.eq(webhook))
            .filter(webhook_deliveries::next_at.le(now))
            .filter(webhook_deliveries::leased_until.is_null().or(webhook_deliveries::leased_until.le(now)))
            .order((webhook_deliveries::next_at, webhook_deliveries::id))
            .limit(limit)
            .select(DeliveryRow::as_select())
            .load(self)
            .map_err(StoreError::on("webhook_deliveries"))
    }
}

impl Transaction<'_> {
    /// Adds a webhook.
    pub fn add_webhook(&mut self, row: &WebhookRow) -> Result<(), StoreError> {
        written(self.conn(), "webhooks", diesel::insert_into(webhooks::table).values(row)).map(drop)
    }

    /// Replaces the preceding version of a webhook.
    pub fn change_webhook(&mut self, row: &WebhookRow) -> Result<(), StoreError> {
        let place = webhooks::table.find(row.id).filter(webhooks::version.eq(row.version - 1));
        written_once(self.conn(), "webhooks", diesel::update(place).set(row))
    }

    /// Records since when a webhook fails; `None` if it does not. Returns whether it began or stopped failing.
    pub fn note_webhook_failing(&mut self, id: WebhookId, since: Option<UtcTime>) -> Result<bool, StoreError> {
        let place = webhooks::table.find(id).filter(webhooks::deleted_at.is_null());
        let place = place.filter(webhooks::failing_since.is_null().eq(since.is_some()));
        written(self.conn(), "webhooks", diesel::update(place).set(webhooks::failing_since.eq(since))).map(|rows| rows == 1)
    }

    /// Adds a message.
    pub fn add_delivery(&mut self, row: &DeliveryRow) -> Result<(), StoreError> {
        written(self.conn(), "webhook_deliveries", diesel::insert_into(webhook_deliveries::table).values(row)).map(drop)
    }

    /// Leases a message until `until`; `false` if another node leased it or it is no longer due.
    pub fn lease_delivery(&mut self, row: &DeliveryRow, now: UtcTime, until: UtcTime) -> Result<bool, StoreError> {
        let place = webhook_deliveries::table
            .find(row.id)
            .filter(webhook_deliveries::next_at.le(now))
            .filter(webhook_deliveries::attempts.eq(row.attempts))
            .filter(webhook_deliveries::leased_until.is_null().or(webhook_deliveries::leased_until.le(now)));
        let change = webhook_deliveries::leased_until.eq(until);
        written(self.conn(), "webhook_deliveries", diesel::update(place).set(change)).map(|rows| rows == 1)
    }

    /// Writes a message that this node leased until `lease`; `false` if another node leased it in the meantime.
    pub fn conclude_delivery(&mut self, row: &DeliveryRow, lease: UtcTime) -> Result<bool, StoreError> {
        let place = webhook_deliveries::table.find(row.id).filter(webhook_deliveries::leased_until.eq(lease));
        written(self.conn(), "webhook_deliveries", diesel::update(place).set(row)).map(|rows| rows == 1)
    }

    /// Postpones a webhook's messages that are due and not leased until an instant. Without an instant they fail finally. Their number of
    /// attempts stays. Returns how many messages were changed.
    pub fn put_off_deliveries(
        &mut self,
        webhook: WebhookId,
        now: UtcTime,
        until: Option<UtcTime>,
        why: &str,
    ) -> Result<usize, StoreError> {
        let place = webhook_deliveries::table
            .filter(webhook_deliveries::webhook.eq(webhook))
            .filter(webhook_deliveries::next_at.le(now))
            .filter(webhook_deliveries::leased_until.is_null().or(webhook_deliveries::leased_until.le(now)));
        let state = if until.is_some() { DeliveryState::Pending } else { DeliveryState::Failed };
        let change =
            (webhook_deliveries::next_at.eq(until), webhook_deliveries::state.eq(state), webhook_deliveries::last_error.eq(why));
        written(self.conn(), "webhook_deliveries", diesel::update(place).set(change))
    }

    /// Makes a webhook's waiting messages due now if they were never tried. The others keep their due times. Returns how many were changed.
    pub fn hurry_deliveries(&mut self, webhook: WebhookId, now: UtcTime) -> Result<usize, StoreError> {
        let place = webhook_deliveries::table
            .filter(webhook_deliveries::webhook.eq(webhook))
            .filter(webhook_deliveries::state.eq(DeliveryState::Pending))
            .filter(webhook_deliveries::attempts.eq(0))
            .filter(webhook_deliveries::next_at.gt(now));
        written(self.conn(), "webhook_deliveries", diesel::update(place).set(webhook_deliveries::next_at.eq(now)))
    }

    /// Sends messages to a webhook again that were made at or after `since`; only failed ones if `failed_only`. Those that wait for their next
    /// attempt are sent now; those in flight stay as they are. Returns how many.
    pub fn send_anew(
        &mut self,
        webhook: WebhookId,
        since: UtcTime,
        failed_only: bool,
        now: UtcTime,
    ) -> Result<usize, StoreError> {
        let states: &[DeliveryState] = if failed_only { &[DeliveryState::Failed] } else { &DeliveryState::ALL };
        let place = webhook_deliveries::table
            .filter(webhook_deliveries::webhook.eq(webhook))
            .filter(webhook_deliveries::created_at.ge(since))
            .filter(webhook_deliveries::state.eq_any(states))
            .filter(webhook_deliveries::leased_until.is_null().or(webhook_deliveries::leased_until.le(now)));
        written(self.conn(), "webhook_deliveries", diesel::update(place).set(NewTurn::at(now)))
    }

    /// Sends one message again; `false` if it is in flight.
    pub fn send_one_anew(&mut self, id: DeliveryId, now: UtcTime) -> Result<bool, StoreError> {
        let place = webhook_deliveries::table.filter(webhook_deliveries::id.eq(id));
        let place = place.filter(webhook_deliveries::leased_until.is_null().or(webhook_deliveries::leased_until.le(now)));
        written(self.conn(), "webhook_deliveries", diesel::update(place).set(NewTurn::at(now))).map(|rows| rows == 1)
    }

    /// Deletes finished messages that were made before `before`, at most `limit` at a time. Returns how many.
    pub fn forget_deliveries(&mut self, before: UtcTime, limit: i64) -> Result<usize, StoreError> {
        let old = webhook_deliveries::table
            .filter(webhook_deliveries::next_at.is_null())
            .filter(webhook_deliveries::created_at.lt(before))
            .order(webhook_deliveries::id)
            .limit(limit)
            .select(webhook_deliveries::id);
        let ids: Vec<String> = old.load(self.conn()).map_err(StoreError::on("webhook_deliveries"))?;
        let place = webhook_deliveries::table.filter(webhook_deliveries::id.eq_any(&ids));
        written(self.conn(), "webhook_deliveries", diesel::delete(place))
    }
}
