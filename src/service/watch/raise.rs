//! Raising an alert: its row, and a message to every webhook of the organisation that takes it, in the caller's transaction.

use serde_json::json;

use super::alerts::message;
use crate::service::webhooks::filter_of;
use crate::service::{Page, ServiceError};
use vasp_record::alert::{AlertBody, DeliveryState, Severity, WebhookState};
use vasp_store::{Alert, DeliveryRow, Transaction};
use vasp_words::ids::{AlertId, DeliveryId, OrganisationId, VaspId, WebhookId};
use vasp_words::sql::Json;

/// Most webhooks of an organisation.
pub(in crate::service) const WEBHOOKS_MAX: usize = 20;

/// Something an organisation is to be told.
pub(in crate::service) struct NewAlert {
    /// What of.
    pub kind: String,
    /// How much it matters.
    pub severity: Severity,
    /// The VASP it is about.
    pub vasp: Option<VaspId>,
    /// What was found before and now.
    pub body: AlertBody,
    /// The webhook that it is about, which is not told.
    pub not_to: Option<WebhookId>,
}

/// Raises an alert.
pub(in crate::service) fn raise(
    transaction: &mut Transaction<'_>,
    organisation: OrganisationId,
    new: NewAlert,
) -> Result<(), ServiceError> {
    let now = transaction.now();
    let row = Alert {
        id: AlertId::new(now, transaction.conn_and_rng().1),
        organisation,
        kind: new.kind,
        severity: new.severity,
        vasp: new.vasp,
        body: Json(new.body),
        raised_at: now,
        acknowledged_at: None,
        acknowledged_by: None,
        note: None,
        version: 1,
    };
    transaction.add_alert(&row)?;
    let (about, told) = (new.not_to, json!({"type": row.kind, "timestamp": now, "data": message(&row)}).to_string());
    for webhook in transaction.conn().webhooks_of(organisation, "", Page::wanted(WEBHOOKS_MAX))? {
        if webhook.state != WebhookState::Disabled
            && about != Some(webhook.id)
            && filter_of(&webhook).takes(&row.kind, row.severity)
        {
            let delivery = DeliveryRow {
                id: DeliveryId::new(now, transaction.conn_and_rng().1),
                webhook: webhook.id,
                alert: Some(row.id),
                body: told.clone(),
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
