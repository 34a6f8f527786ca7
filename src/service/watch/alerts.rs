//! Reading alerts and taking note of them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::service::{Act, Deed, Fault, Identity, Page, Registry, Reply, ServiceError};
use vasp_rules::alert::Severity;
use vasp_store::{AlertQuery, AlertRow, StoreError};
use vasp_words::ids::VaspId;
use vasp_words::time::UtcTime;

/// Longest note, in characters.
const NOTE_MAX: usize = 2_000;

const MISSING: &str = "There is no such alert.";

/// What an organisation is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Id.
    pub id: String,
    /// The finding, such as `licence.withdrawn`.
    pub kind: String,
    /// How much it matters.
    pub severity: Severity,
    /// The VASP it is about.
    pub vasp: Option<String>,
    /// What exactly.
    pub body: AlertBody,
    /// When it was raised.
    pub raised_at: UtcTime,
    /// When somebody took note.
    pub acknowledged_at: Option<UtcTime>,
    /// Who.
    pub acknowledged_by: Option<String>,
    /// What that user noted.
    pub note: Option<String>,
    /// Version.
    pub version: i64,
}

/// What exactly an organisation is told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertBody {
    /// The check that finds something else; empty where none does.
    #[serde(default)]
    pub check: String,
    /// What it found before.
    #[serde(default)]
    pub from: Vec<String>,
    /// What it finds now.
    #[serde(default)]
    pub to: Vec<String>,
    /// A sentence for people.
    #[serde(default)]
    pub detail: String,
    /// Sequence of the directory that it was found in.
    #[serde(default)]
    pub sequence: i64,
    /// The last recorded pre-check to the destination that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precheck: Option<String>,
}

/// Which alerts are listed.
#[derive(Clone, Debug, Default)]
pub struct AlertFilter {
    /// Only those taken note of, or only those not.
    pub acknowledged: Option<bool>,
    /// Only about this VASP.
    pub vasp: Option<VaspId>,
    /// Only as severe as this, or more.
    pub min_severity: Option<Severity>,
    /// Only those raised then or later.
    pub since: Option<UtcTime>,
}

impl TryFrom<AlertRow> for Alert {
    type Error = ServiceError;
    fn try_from(row: AlertRow) -> Result<Self, ServiceError> {
        let wrong = |_| StoreError::Inconsistent { table: "alerts", column: "body", id: row.id.clone() };
        Ok(Self {
            severity: row.severity,
            body: serde_json::from_str(&row.body).map_err(wrong)?,
            raised_at: row.raised_at,
            acknowledged_at: row.acknowledged_at,
            id: row.id,
            kind: row.kind,
            vasp: row.vasp,
            acknowledged_by: row.acknowledged_by,
            note: row.note,
            version: row.version,
        })
    }
}

impl Alert {
    /// Returns what a webhook is told: what the organisation may read anyway, and no more than it needs to look it up.
    pub(super) fn message(&self) -> Value {
        let AlertBody { check, from, to, detail, sequence, precheck } = &self.body;
        json!({
            "id": self.id, "kind": self.kind, "severity": self.severity, "vasp": self.vasp, "check": check, "from": from, "to": to,
            "detail": detail, "sequence": sequence, "precheck": precheck, "raised_at": self.raised_at,
        })
    }
}

/// Lists alerts of the caller's organisation, newest first, those before an id.
///
/// # Errors
/// `ServiceError::Store`.
pub fn list_alerts(
    registry: &Registry,
    identity: &Identity,
    filter: &AlertFilter,
    (before, limit): (&str, usize),
) -> Result<Page<Alert, String>, ServiceError> {
    let severities = filter
        .min_severity
        .map_or_else(Vec::new, |least| Severity::ALL.into_iter().filter(|severity| *severity <= least).collect());
    let wanted = AlertQuery {
        acknowledged: filter.acknowledged,
        vasp: filter.vasp.map(|vasp| vasp.to_string()),
        severities,
        since: filter.since,
        before: before.to_owned(),
        limit: Page::wanted(limit),
    };
    let own = identity.organisation.to_string();
    let rows = registry.store().read::<_, ServiceError>(|conn| Ok(conn.alerts(&own, &wanted)?))?;
    let items = rows.into_iter().map(Alert::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::of(items.into_iter(), limit, |item| item.id.clone()))
}

/// Returns an alert of the caller's organisation.
///
/// # Errors
/// `ServiceError::NotFound`, `Store`.
pub fn read_alert(registry: &Registry, identity: &Identity, id: &str) -> Result<Alert, ServiceError> {
    let own = identity.organisation.to_string();
    let row = registry.store().read::<_, ServiceError>(|conn| Ok(conn.alert(&own, id)?))?;
    row.ok_or_else(|| ServiceError::NotFound(MISSING.to_owned()))?.try_into()
}

/// Takes note of an alert; once.
///
/// # Errors
/// `ServiceError::NotFound`; `IllegalStep` where somebody took note of it already; `Invalid`; what [`Act::run`] returns.
pub fn acknowledge_alert(act: Act<'_, Alert>, id: &str, note: Option<String>) -> Result<Reply, ServiceError> {
    let note = note.filter(|note| !note.trim().is_empty());
    if note.as_ref().is_some_and(|note| note.chars().count() > NOTE_MAX) {
        let detail = format!("a note has {NOTE_MAX} characters at most");
        return Err(ServiceError::Invalid(Fault { pointer: "/note".to_owned(), code: "invalid_value", detail }));
    }
    act.run_privately("alert.acknowledge", |transaction, identity| {
        let own = identity.organisation.to_string();
        let missing = || ServiceError::NotFound(MISSING.to_owned());
        let mut row = transaction.conn().alert(&own, id)?.ok_or_else(missing)?;
        if row.acknowledged_at.is_some() {
            return Err(ServiceError::IllegalStep("Somebody took note of this alert already.".to_owned()));
        }
        row.acknowledged_at = Some(transaction.now());
        row.acknowledged_by = Some(identity.user.to_string());
        row.note = note;
        row.version += 1;
        transaction.acknowledge_alert(&row)?;
        let details = json!({"kind": row.kind, "vasp": row.vasp});
        Ok(Deed::new(row.try_into()?, id, details))
    })
}
