//! Reading alerts and taking note of them.

use std::ops::Deref;

use rand_core::RngCore;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::acts::sealed_traces::padded;
use crate::acts::{Act, Deed, Identity, Reply};
use crate::node::{Page, Registry, ServiceError, invalid_value};
use vasp_pki::DataKey;
use vasp_record::alert::AlertBody;
use vasp_store::{AlertFilter, AlertRow, StoreError};
use vasp_words::ids::AlertId;

/// Longest note, in characters.
const NOTE_MAX: usize = 2_000;

const MISSING: &str = "There is no such alert.";

/// What an organisation is told. Only it can read what of: in the row that is sealed under its data key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    row: AlertRow,
    /// What of.
    pub kind: String,
    /// What was found before and now.
    pub body: AlertBody,
    /// What was noted.
    pub note: Option<String>,
}

/// What an alert says, as it is sealed.
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
    /// Is one that nobody noted anything of.
    pub(crate) fn new(row: AlertRow, kind: String, body: AlertBody) -> Self {
        Self { row, kind, body, note: None }
    }

    /// Says from now on what came to be of it.
    pub(crate) fn saying(mut self, body: AlertBody) -> Self {
        self.body = body;
        self.row.version += 1;
        self
    }

    /// Writes what it says into its row.
    pub(crate) fn sealed(mut self, key: &DataKey, rng: &mut dyn RngCore) -> Result<Self, ServiceError> {
        let told = Told { kind: self.kind.clone(), body: self.body.clone(), note: self.note.clone() };
        let plain = padded(serde_json::to_vec(&told).map_err(unreadable)?);
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

/// Returns what a webhook is told: what the organisation may read anyway, and no more than it needs to look it up.
pub(crate) fn message(alert: &Alert) -> Value {
    let AlertBody { check, from, to, detail, sequence, precheck, count: _ } = &alert.body;
    json!({
        "id": alert.id, "kind": alert.kind, "severity": alert.severity, "vasp": alert.vasp, "check": check, "from": from, "to": to,
        "detail": detail, "sequence": sequence, "precheck": precheck, "raised_at": alert.raised_at,
    })
}

/// Lists alerts of the caller's organisation, newest first, those before an id.
pub fn list_alerts(
    registry: &Registry,
    identity: &Identity,
    filter: &AlertFilter,
    (before, limit): (&str, usize),
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
///
/// # Errors
/// `ServiceError::NotFound`, `Store`.
pub fn read_alert(registry: &Registry, identity: &Identity, id: AlertId) -> Result<Alert, ServiceError> {
    let found = registry.store().read::<_, StoreError>(|conn| conn.alert(identity.organisation, id))?;
    let found = found.ok_or_else(|| ServiceError::NotFound(MISSING.to_owned()))?;
    Alert::open(found, &key_of(registry, identity)?)
}

/// Takes note of an alert; once.
///
/// # Errors
/// `ServiceError::NotFound`; `IllegalStep` where somebody took note of it already; `Invalid`; what [`Act::run`] returns.
pub fn acknowledge_alert(act: Act<'_, Alert>, id: AlertId, note: Option<String>) -> Result<Reply, ServiceError> {
    let note = note.filter(|note| !note.trim().is_empty());
    if note.as_ref().is_some_and(|note| note.chars().count() > NOTE_MAX) {
        let detail = format!("a note has {NOTE_MAX} characters at most");
        return Err(invalid_value("/note", detail));
    }
    let registry = act.registry;
    act.run_privately("alert.acknowledge", |transaction, identity| {
        let missing = || ServiceError::NotFound(MISSING.to_owned());
        let row = transaction.conn().alert(identity.organisation, id)?.ok_or_else(missing)?;
        let key = registry.data_key_within(transaction, identity.organisation)?;
        let mut alert = Alert::open(row, &key)?;
        if alert.acknowledged_at.is_some() {
            return Err(ServiceError::IllegalStep("Somebody took note of this alert already.".to_owned()));
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
