//! What a webhook gets about an alert: nothing that the organisation may not read anyway, and no more than it needs to look up the alert.
//! The OpenAPI document describes these types as the message of the webhook `alert`.

use serde::Serialize;
use utoipa::ToSchema;

use super::Alert;
use vasp_record::alert::{AlertBody, Severity};
use vasp_words::ids::{AlertId, VaspId};
use vasp_words::time::UtcTime;

/// A message about an alert.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertMessage {
    /// The alert's kind: a finding of a check, or another kind that `docs/watch.md` lists. New kinds may be added.
    #[schema(example = "licence.ended")]
    r#type: String,
    /// When the message was written; the same for every attempt.
    timestamp: UtcTime,
    /// The alert.
    data: AlertOfMessage,
}

/// An alert, as a message tells it. `GET /v1/alerts/{id}` has more.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertOfMessage {
    id: AlertId,
    /// The same as the message's `type`.
    #[schema(example = "licence.ended")]
    kind: String,
    severity: Severity,
    /// The VASP that the alert is about; null for webhooks.
    vasp: Option<VaspId>,
    /// The check that finds something else now; empty if the alert is not about a check.
    check: String,
    /// The earlier finding.
    from: Vec<String>,
    /// The present finding.
    to: Vec<String>,
    /// A sentence for people.
    detail: String,
    /// Sequence of the directory at which this was found.
    sequence: i64,
    /// The last recorded pre-check to the destination; null if the alert is not about a destination.
    precheck: Option<String>,
    raised_at: UtcTime,
}

impl AlertMessage {
    /// Makes the message about an alert.
    pub(super) fn of(alert: &Alert, now: UtcTime) -> Self {
        let AlertBody { check, from, to, detail, sequence, precheck, count: _ } = alert.body.clone();
        let data = AlertOfMessage {
            id: alert.id,
            kind: alert.kind.clone(),
            severity: alert.severity,
            vasp: alert.vasp,
            check,
            from,
            to,
            detail,
            sequence,
            precheck,
            raised_at: alert.raised_at,
        };
        Self { r#type: alert.kind.clone(), timestamp: now, data }
    }
}
