//! Where alerts are sent, and the messages on their way: an outbox, written in the transaction that raises the alert. A node takes
//! messages for a time (a lease), so that two nodes do not send one at once, and one that dies gives them back.

use super::backend::{written, written_once};
use super::schema::{organisations, webhook_deliveries, webhooks};
use super::{Conn, StoreError, Transaction};
use diesel::prelude::*;
use vasp_record::alert::{DeliveryState, Severity, WebhookState};
use vasp_words::ids::{AlertId, DeliveryId, OrganisationId, UserId, WebhookId};
use vasp_words::time::UtcTime;

/// A place that an organisation's alerts are sent to.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = webhooks, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct WebhookRow {
    /// Public id.
    pub id: WebhookId,
    /// The organisation.
    pub organisation: OrganisationId,
    /// Where.
    pub url: String,
    /// Kinds of alerts, separated by spaces; empty: all.
    pub kinds: String,
    /// The least severity.
    pub min_severity: Severity,
    /// What it is for.
    pub description: String,
    /// Whether anything is sent there.
    pub state: WebhookState,
    /// The secret, sealed.
    pub secret: Vec<u8>,
    /// The one before, sealed.
    pub old_secret: Option<Vec<u8>>,
    /// Until when messages are signed with that one, too.
    pub old_secret_until: Option<UtcTime>,
    /// The first attempt that failed since one did not.
    pub failing_since: Option<UtcTime>,
    /// Rises with every change by its organisation.
    pub version: i64,
    /// Who made it.
    pub created_by: UserId,
    /// When.
    pub created_at: UtcTime,
    /// When it was taken away.
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
    /// The alert; none: a test.
    pub alert: Option<AlertId>,
    /// What is sent; sealed.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: UtcTime,
    /// Where it stands.
    pub state: DeliveryState,
    /// Attempts of this turn.
    pub attempts: i16,
    /// When the next is due; none: no more.
    pub next_at: Option<UtcTime>,
    /// Until when a node may be sending it.
    pub leased_until: Option<UtcTime>,
    /// When it was sent last.
    pub last_at: Option<UtcTime>,
    /// The status that came back then.
    pub last_status: Option<i16>,
    /// Or why none did.
    pub last_error: Option<String>,
}

/// What begins another turn of attempts.
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

/// Messages that are due and that no node holds, to webhooks that take some, of open organisations.
macro_rules! due_messages {
    ($now:expr) => {
        webhook_deliveries::table
            .inner_join(webhooks::table.inner_join(organisations::table))
            .filter(webhook_deliveries::next_at.le($now))
            .filter(webhook_deliveries::leased_until.is_null().or(webhook_deliveries::leased_until.le($now)))
            .filter(organisations::closed_at.is_null())
            .filter(webhooks::deleted_at.is_null())
            .filter(webhooks::state.eq(WebhookState::Active))
    };
}

impl Conn {
    /// Returns webhooks of an organisation that were not taken away, after an id.
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

    /// Returns a webhook that was not taken away.
    pub fn webhook(&mut self, id: WebhookId) -> Result<Option<WebhookRow>, StoreError> {
        let query = webhooks::table.find(id).filter(webhooks::deleted_at.is_null()).select(WebhookRow::as_select());
        query.first(self).optional().map_err(StoreError::on("webhooks"))
    }

    /// Returns the messages to a webhook, newest first, those before an id.
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

    /// Tells whether another message to a webhook was given up since.
    pub fn gave_up_since(&mut self, webhook: WebhookId, since: UtcTime, other_than: DeliveryId) -> Result<bool, StoreError> {
        let others = webhook_deliveries::table
            .filter(webhook_deliveries::webhook.eq(webhook))
            .filter(webhook_deliveries::state.eq(DeliveryState::Failed))
            .filter(webhook_deliveries::last_at.ge(since))
            .filter(webhook_deliveries::id.ne(other_than));
        diesel::select(diesel::dsl::exists(others)).get_result(self).map_err(StoreError::on("webhook_deliveries"))
    }

    /// Returns organisations that have messages due that no node holds, to webhooks that take some, longest due first; none that are
    /// closed, and none of `but`.
    pub fn organisations_due(
        &mut self,
        now: UtcTime,
        but: &[OrganisationId],
        limit: i64,
    ) -> Result<Vec<OrganisationId>, StoreError> {
        due_messages!(now)
            .filter(webhooks::organisation.ne_all(but))
            .group_by(webhooks::organisation)
            .order((diesel::dsl::min(webhook_deliveries::next_at), webhooks::organisation))
            .limit(limit)
            .select(webhooks::organisation)
            .load(self)
            .map_err(StoreError::on("webhook_deliveries"))
    }

    /// Returns the webhooks of an organisation that take messages and have some due that no node holds, longest due first.
    pub fn webhooks_due(&mut self, organisation: OrganisationId, now: UtcTime) -> Result<Vec<WebhookRow>, StoreError> {
        let due: Vec<WebhookId> = due_messages!(now)
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

    /// Returns how many tests of a webhook wait.
    pub fn waiting_tests(&mut self, webhook: WebhookId) -> Result<i64, StoreError> {
        let tests = webhook_deliveries::table
            .filter(webhook_deliveries::webhook.eq(webhook))
            .filter(webhook_deliveries::alert.is_null())
            .filter(webhook_deliveries::state.eq(DeliveryState::Pending));
        tests.count().get_result(self).map_err(StoreError::on("webhook_deliveries"))
    }

    /// Returns messages to a webhook that are due and that no node holds, longest due first.
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
        written!(self, "webhooks", diesel::insert_into(webhooks::table).values(row)).map(drop)
    }

    /// Writes a webhook over the version before.
    pub fn change_webhook(&mut self, row: &WebhookRow) -> Result<(), StoreError> {
        let place = webhooks::table.find(row.id).filter(webhooks::version.eq(row.version - 1));
        written_once!(self, "webhooks", diesel::update(place).set(row))
    }

    /// Notes since when a webhook fails; none: it does not. Returns whether that is news.
    pub fn note_webhook_failing(&mut self, id: WebhookId, since: Option<UtcTime>) -> Result<bool, StoreError> {
        let place = webhooks::table.find(id).filter(webhooks::deleted_at.is_null());
        let place = place.filter(webhooks::failing_since.is_null().eq(since.is_some()));
        written!(self, "webhooks", diesel::update(place).set(webhooks::failing_since.eq(since))).map(|rows| rows == 1)
    }

    /// Adds a message.
    pub fn add_delivery(&mut self, row: &DeliveryRow) -> Result<(), StoreError> {
        written!(self, "webhook_deliveries", diesel::insert_into(webhook_deliveries::table).values(row)).map(drop)
    }

    /// Takes a message until `until`; false where another node took it or it is no longer due.
    pub fn lease_delivery(&mut self, row: &DeliveryRow, now: UtcTime, until: UtcTime) -> Result<bool, StoreError> {
        let place = webhook_deliveries::table
            .find(row.id)
            .filter(webhook_deliveries::next_at.le(now))
            .filter(webhook_deliveries::attempts.eq(row.attempts))
            .filter(webhook_deliveries::leased_until.is_null().or(webhook_deliveries::leased_until.le(now)));
        let change = webhook_deliveries::leased_until.eq(until);
        written!(self, "webhook_deliveries", diesel::update(place).set(change)).map(|rows| rows == 1)
    }

    /// Writes a message that this node had taken until `lease`; false where it was taken from it meanwhile.
    pub fn conclude_delivery(&mut self, row: &DeliveryRow, lease: UtcTime) -> Result<bool, StoreError> {
        let place = webhook_deliveries::table.find(row.id).filter(webhook_deliveries::leased_until.eq(lease));
        written!(self, "webhook_deliveries", diesel::update(place).set(row)).map(|rows| rows == 1)
    }

    /// Puts off the messages to a webhook that are due and that nobody holds until an instant; none: they are given up. Attempts stay.
    /// Returns how many.
    pub fn put_off_deliveries(
        &mut self,
        webhook: WebhookId,
        now: UtcTime,
        (until, why): (Option<UtcTime>, &str),
    ) -> Result<usize, StoreError> {
        let place = webhook_deliveries::table
            .filter(webhook_deliveries::webhook.eq(webhook))
            .filter(webhook_deliveries::next_at.le(now))
            .filter(webhook_deliveries::leased_until.is_null().or(webhook_deliveries::leased_until.le(now)));
        let state = if until.is_some() { DeliveryState::Pending } else { DeliveryState::Failed };
        let change =
            (webhook_deliveries::next_at.eq(until), webhook_deliveries::state.eq(state), webhook_deliveries::last_error.eq(why));
        written!(self, "webhook_deliveries", diesel::update(place).set(change))
    }

    /// Has the messages that wait for a webhook and were never tried be due at once; the others keep their own turn.
    pub fn hurry_deliveries(&mut self, webhook: WebhookId, now: UtcTime) -> Result<usize, StoreError> {
        let place = webhook_deliveries::table
            .filter(webhook_deliveries::webhook.eq(webhook))
            .filter(webhook_deliveries::state.eq(DeliveryState::Pending))
            .filter(webhook_deliveries::attempts.eq(0))
            .filter(webhook_deliveries::next_at.gt(now));
        written!(self, "webhook_deliveries", diesel::update(place).set(webhook_deliveries::next_at.eq(now)))
    }

    /// Has messages to a webhook sent anew that were made at or after `since`; those only that failed, if so wanted. Those on their way
    /// are left alone. Returns how many.
    pub fn send_anew(
        &mut self,
        webhook: WebhookId,
        since: UtcTime,
        failed_only: bool,
        now: UtcTime,
    ) -> Result<usize, StoreError> {
        let states: &[DeliveryState] =
            if failed_only { &[DeliveryState::Failed] } else { &[DeliveryState::Delivered, DeliveryState::Failed] };
        let place = webhook_deliveries::table
            .filter(webhook_deliveries::webhook.eq(webhook))
            .filter(webhook_deliveries::created_at.ge(since))
            .filter(webhook_deliveries::state.eq_any(states));
        written!(self, "webhook_deliveries", diesel::update(place).set(NewTurn::at(now)))
    }

    /// Has one message sent anew; false where it is on its way.
    pub fn send_one_anew(&mut self, id: DeliveryId, now: UtcTime) -> Result<bool, StoreError> {
        let place = webhook_deliveries::table.filter(webhook_deliveries::id.eq(id));
        let place = place.filter(webhook_deliveries::state.eq_any([DeliveryState::Delivered, DeliveryState::Failed]));
        written!(self, "webhook_deliveries", diesel::update(place).set(NewTurn::at(now))).map(|rows| rows == 1)
    }

    /// Forgets messages that came to their end before, a few at a time. Returns how many.
    pub fn forget_deliveries(&mut self, before: UtcTime, limit: i64) -> Result<usize, StoreError> {
        let old = webhook_deliveries::table
            .filter(webhook_deliveries::next_at.is_null())
            .filter(webhook_deliveries::created_at.lt(before))
            .order(webhook_deliveries::id)
            .limit(limit)
            .select(webhook_deliveries::id);
        let ids: Vec<String> = old.load(self.conn()).map_err(StoreError::on("webhook_deliveries"))?;
        let place = webhook_deliveries::table.filter(webhook_deliveries::id.eq_any(&ids));
        written!(self, "webhook_deliveries", diesel::delete(place))
    }
}
