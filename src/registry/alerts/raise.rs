//! Raises an alert: writes its row, and a message to every webhook of the organisation that takes it, in the caller's transaction.

use super::message::AlertMessage;
use super::outbox::{MessageFilter, seal_message};
use super::read::Alert;
use crate::node::{Page, Registry, ServiceError};
use vasp_record::alert::{AlertBody, DeliveryState, Severity, WebhookState};
use vasp_store::{AlertRow, DeliveryRow, Transaction};
use vasp_words::ids::{AlertId, DeliveryId, OrganisationId, VaspId, WebhookId};

/// Maximum number of webhooks of an organisation.
pub(crate) const WEBHOOKS_MAX: usize = 20;

/// An alert to raise.
pub(crate) struct NewAlert {
    /// The kind of the alert.
    pub kind: String,
    /// The severity.
    pub severity: Severity,
    /// The VASP that the alert is about; `None` if it is about something else.
    pub vasp: Option<VaspId>,
    /// The earlier and the present finding.
    pub body: AlertBody,
    /// The webhook that the alert is about, which does not get it; `None` if every webhook may.
    pub not_to: Option<WebhookId>,
}

/// Raises an alert. Its content is sealed under the organisation's data key.
pub(crate) fn raise(
    transaction: &mut Transaction<'_>,
    registry: &Registry,
    organisation: OrganisationId,
    new: NewAlert,
) -> Result<(), ServiceError> {
    add(transaction, registry, organisation, None, new)
}

/// Raises an alert about acts of another VASP. `new` has their number, and `says` puts them into words. If an alert of that kind about that
/// VASP is open for the day (UTC), it adds to that count and sends no message. So nobody can bury an organisation's other alerts.
pub(crate) fn raise_against(
    transaction: &mut Transaction<'_>,
    registry: &Registry,
    organisation: OrganisationId,
    opposing: VaspId,
    mut new: NewAlert,
    says: impl FnOnce(&AlertBody) -> String,
) -> Result<(), ServiceError> {
    let (today, key) = (transaction.now().date().start(), registry.data_key_within(transaction, organisation)?);
    let open = transaction.lock_alerts_against(organisation, opposing, today)?;
    let mut open = open.into_iter().map(|row| Alert::open(row, &key));
    let Some(alert) = open.find(|alert| alert.as_ref().map_or(true, |alert| alert.kind == new.kind)).transpose()? else {
        new.body.detail = says(&new.body);
        return add(transaction, registry, organisation, Some(opposing), new);
    };
    let mut body = new.body.after(alert.body.clone());
    body.detail = says(&body);
    let alert = alert.saying(body).sealed(&key, transaction.conn_and_rng().1)?;
    Ok(transaction.change_alert(&alert)?)
}

fn add(
    transaction: &mut Transaction<'_>,
    registry: &Registry,
    organisation: OrganisationId,
    opposing_vasp: Option<VaspId>,
    new: NewAlert,
) -> Result<(), ServiceError> {
    let now = transaction.now();
    let key = registry.data_key_within(transaction, organisation)?;
    let row = AlertRow {
        id: AlertId::new(now, transaction.conn_and_rng().1),
        organisation,
        severity: new.severity,
        vasp: new.vasp,
        opposing_vasp,
        sealed: vec![],
        raised_at: now,
        acknowledged_at: None,
        acknowledged_by: None,
        version: 1,
    };
    let alert = Alert::new(row, new.kind, new.body).sealed(&key, transaction.conn_and_rng().1)?;
    transaction.add_alert(&alert)?;
    let (about, told) = (new.not_to, AlertMessage::of(&alert, now));
    for webhook in transaction.conn().webhooks_of(organisation, "", Page::wanted(WEBHOOKS_MAX))? {
        if webhook.state != WebhookState::Disabled
            && about != Some(webhook.id)
            && MessageFilter::from(&webhook).takes(&alert.kind, alert.severity)
        {
            let id = DeliveryId::new(now, transaction.conn_and_rng().1);
            let delivery = DeliveryRow {
                id,
                webhook: webhook.id,
                alert: Some(alert.id),
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
            transaction.add_delivery(&delivery)?;
        }
    }
    Ok(())
}
