//! Reading alerts and taking note of them.

use serde_json::{Value, json};

use crate::service::{Act, Deed, Fault, Identity, Page, Registry, Reply, ServiceError};
use vasp_record::alert::AlertBody;
use vasp_store::{Alert, AlertFilter, StoreError};
use vasp_words::ids::AlertId;

/// Longest note, in characters.
const NOTE_MAX: usize = 2_000;

const MISSING: &str = "There is no such alert.";

/// Returns what a webhook is told: what the organisation may read anyway, and no more than it needs to look it up.
pub(super) fn message(alert: &Alert) -> Value {
    let AlertBody { check, from, to, detail, sequence, precheck } = &*alert.body;
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
    Ok(Page::of(rows.into_iter(), limit, |item| item.id.to_string()))
}

/// Returns an alert of the caller's organisation.
///
/// # Errors
/// `ServiceError::NotFound`, `Store`.
pub fn read_alert(registry: &Registry, identity: &Identity, id: AlertId) -> Result<Alert, ServiceError> {
    let found = registry.store().read::<_, StoreError>(|conn| conn.alert(identity.organisation, id))?;
    found.ok_or_else(|| ServiceError::NotFound(MISSING.to_owned()))
}

/// Takes note of an alert; once.
///
/// # Errors
/// `ServiceError::NotFound`; `IllegalStep` where somebody took note of it already; `Invalid`; what [`Act::run`] returns.
pub fn acknowledge_alert(act: Act<'_, Alert>, id: AlertId, note: Option<String>) -> Result<Reply, ServiceError> {
    let note = note.filter(|note| !note.trim().is_empty());
    if note.as_ref().is_some_and(|note| note.chars().count() > NOTE_MAX) {
        let detail = format!("a note has {NOTE_MAX} characters at most");
        return Err(ServiceError::Invalid(Fault { pointer: "/note".to_owned(), code: "invalid_value", detail }));
    }
    act.run_privately("alert.acknowledge", |transaction, identity| {
        let missing = || ServiceError::NotFound(MISSING.to_owned());
        let mut row = transaction.conn().alert(identity.organisation, id)?.ok_or_else(missing)?;
        if row.acknowledged_at.is_some() {
            return Err(ServiceError::IllegalStep("Somebody took note of this alert already.".to_owned()));
        }
        row.acknowledged_at = Some(transaction.now());
        row.acknowledged_by = Some(identity.user);
        row.note = note;
        row.version += 1;
        transaction.acknowledge_alert(&row)?;
        let details = json!({"kind": row.kind, "vasp": row.vasp});
        Ok(Deed::new(row, id, details))
    })
}
