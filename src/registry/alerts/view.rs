//! Alerts as they are shown.

use serde::Serialize;
use utoipa::ToSchema;

use super::Alert;
use crate::http::listing::pages;
use vasp_record::alert::AlertBody;
use vasp_rules::alert::Severity;
use vasp_words::ids::{AlertId, UserId, VaspId};
use vasp_words::time::UtcTime;

/// What an organisation is told.
#[derive(Serialize, ToSchema)]
#[schema(as = Alert)]
pub(crate) struct AlertView {
    id: AlertId,
    /// The finding of a check (`licence.withdrawn`), of a destination (`claim.disputed`), of one's own record (`own.certificate_ends_within_7`), or of a webhook
    /// (`webhook.failing`, `webhook.disabled`), or of a sub-account (`sub_account.named`, `sub_account.confirmed`, `sub_account.refused`, `sub_account.decided`, `sub_account.ended`), or of one's own claims (`own.claim_disputed`).
    #[schema(example = "licence.withdrawn")]
    kind: String,
    /// `critical`: a pre-check is rejected now; `high`: held; `medium`: it proceeds with conditions; `info`: something became better.
    #[schema(value_type = String, example = "critical")]
    severity: Severity,
    /// The VASP it is about; null for webhooks.
    vasp: Option<VaspId>,
    /// The check that finds something else; empty where none does.
    check: String,
    /// What it found before.
    from: Vec<String>,
    /// What it finds now.
    to: Vec<String>,
    /// A sentence for people.
    detail: String,
    /// How often it was found. Contradictions by claims of one VASP are one alert a day (UTC), until somebody takes note of it. So are
    /// sub-accounts that one VASP named, and each other kind of alert of sub-accounts.
    count: u64,
    /// Sequence of the directory that it was found in.
    sequence: i64,
    /// Of a destination that was relied on (`claim.disputed`, `claim.ended`, `claim.owner_changed`, `claim.restored`): the last recorded
    /// pre-check to it, which names it; null of anything else.
    #[schema(example = "pre_01jz5v8e4x0000000000000000")]
    precheck: Option<String>,
    raised_at: UtcTime,
    /// When somebody took note of it.
    acknowledged_at: Option<UtcTime>,
    /// Id of that user.
    acknowledged_by: Option<UserId>,
    note: Option<String>,
}

pages! {
    /// A page of alerts, newest first.
    AlertListView as AlertList of AlertView;
}

impl From<Alert> for AlertView {
    fn from(alert: Alert) -> Self {
        let AlertBody { check, from, to, detail, sequence, precheck, count } = alert.body.clone();
        Self {
            id: alert.id,
            kind: alert.kind.clone(),
            severity: alert.severity,
            vasp: alert.vasp,
            check,
            from,
            to,
            detail,
            count: count.max(1),
            sequence,
            precheck,
            raised_at: alert.raised_at,
            acknowledged_at: alert.acknowledged_at,
            acknowledged_by: alert.acknowledged_by,
            note: alert.note.clone(),
        }
    }
}
