//! Reads and acknowledges alerts.

use std::ops::Deref;

use rand_core::RngCore;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::acts::sealed_traces::padded;
use crate::acts::{Act, Deed, Identity, Reply};
use crate::node::{Page, Registry, ServiceError, invalid_value};
use vasp_pki::DataKey;
use vasp_record::alert::AlertBody;
use vasp_store::{AlertFilter, AlertRow, StoreError};
use vasp_words::ids::AlertId;

/// Maximum length of a note, in characters.
const NOTE_MAX: usize = 2_000;

const MISSING: &str = "There is no such alert.";

/// An alert of an organisation. Only the organisation can read its content, which the row holds sealed under its data key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    row: AlertRow,
    /// The kind of the alert.
    pub kind: String,
    /// The earlier and the present finding.
    pub body: AlertBody,
    /// The note of the user who acknowledged it; `None` if there is none.
    pub note: Option<String>,
}

/// The content of an alert, as it is sealed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    kind: String,
    body: AlertBody,
    note: Option<String>,
}

impl Deref for Alert {
    type Target = AlertRow;
    fn deref(&self) -> &AlertRow {
        &self.row
    }
}

fn purpose(id: AlertId) -> String {
    format!("alert:{id}")
}

fn unreadable(error: impl ToString) -> ServiceError {
    ServiceError::Unreadable { what: "alert", reason: error.to_string() }
}

impl Alert {
    /// Makes an alert without a note.
    pub(crate) fn new(row: AlertRow, kind: String, body: AlertBody) -> Self {
        Self { row, kind, body, note: None }
    }

    /// Replaces the body of the alert and increases its version.
    pub(crate) fn saying(mut self, body: AlertBody) -> Self {
        self.body = body;
        self.row.version += 1;
        self
    }

    /// Seals the content into the row.
    pub(crate) fn sealed(mut self, key: &DataKey, rng: &mut dyn RngCore) -> Result<Self, ServiceError> {
        let told = Told { kind: self.kind.clone(), body: self.body.clone(), note: self.note.clone() };
        let plain = padded(serde_json::to_vec(&told)?);
        self.row.sealed = key.seal(&purpose(self.row.id), &plain, rng).map_err(ServiceError::Key)?;
        Ok(self)
    }

    pub(crate) fn open(row: AlertRow, key: &DataKey) -> Result<Self, ServiceError> {
        let plain = key.open(&purpose(row.id), &row.sealed).map_err(ServiceError::Key)?;
        let Told { kind, body, note } = serde_json::from_slice(&plain).map_err(unreadable)?;
        Ok(Self { row, kind, body, note })
    }
}

fn key_of(registry: &Registry, identity: &Identity) -> Result<DataKey, ServiceError> {
    registry.own_data_key(identity.organisation)?.ok_or_else(|| unreadable("the organisation has no data key"))
}

/// Lists alerts of the caller's organisation before an id, newest first.
pub fn list_alerts(
    registry: &Registry,
    identity: &Identity,
    filter: &AlertFilter,
    before: &str,
    limit: usize,
) -> Result<Page<Alert, String>, ServiceError> {
    let wanted = Page::wanted(limit);
    let rows = registry.store().read::<_, StoreError>(|conn| conn.alerts(identity.organisation, filter, before, wanted))?;
    if rows.is_empty() {
        return Ok(Page { items: vec![], next: None });
    }
    let key = key_of(registry, identity)?;
    let alerts = rows.into_iter().map(|row| Alert::open(row, &key)).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::of(alerts.into_iter(), limit, |item| item.id.to_string()))
}

/// Returns an alert of the caller's organisation.
pub fn read_alert(registry: &Registry, identity: &Identity, id: AlertId) -> Result<Alert, ServiceError> {
    let found = registry.store().read::<_, StoreError>(|conn| conn.alert(identity.organisation, id))?;
    let found = found.ok_or_else(|| ServiceError::NotFound(MISSING.to_owned()))?;
    Alert::open(found, &key_of(registry, identity)?)
}

/// Acknowledges an alert, which is possible once.
///
/// # Errors
/// `ServiceError::NotFound`; `IllegalStep` if somebody acknowledged the alert already; `Invalid`; and what [`Act::run`] returns.
pub fn acknowledge_alert(act: Act<'_, Alert>, id: AlertId, note: Option<String>) -> Result<Reply, ServiceError> {
    let note = note.filter(|note| !note.trim().is_empty());
    if note.as_ref().is_some_and(|note| note.chars().count() > NOTE_MAX) {
        let detail = format!("a note has at most {NOTE_MAX} characters");
        return Err(invalid_value("/note", detail));
    }
    let registry = act.registry;
    act.run_privately("alert.acknowledge", |transaction, identity| {
        let missing = || ServiceError::NotFound(MISSING.to_owned());
        let row = transaction.conn().alert(identity.organisation, id)?.ok_or_else(missing)?;
        let key = registry.data_key_within(transaction, identity.organisation)?;
        let mut alert = Alert::open(row, &key)?;
        if alert.acknowledged_at.is_some() {
            return Err(ServiceError::IllegalStep("Somebody already acknowledged this alert.".to_owned()));
        }
        alert.row.acknowledged_at = Some(transaction.now());
        alert.row.acknowledged_by = Some(identity.user);
        alert.row.version += 1;
        alert.note = note;
        let alert = alert.sealed(&key, transaction.conn_and_rng().1)?;
        transaction.change_alert(&alert)?;
        let details = json!({"kind": alert.kind, "vasp": alert.vasp});
        Ok(Deed::new(alert, id, details))
    })
}
