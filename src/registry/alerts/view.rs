//! Views of alerts.

use serde::Serialize;
use utoipa::ToSchema;

use super::Alert;
use crate::http::listing::pages;
use vasp_record::alert::AlertBody;
use vasp_rules::alert::Severity;
use vasp_words::ids::{AlertId, UserId, VaspId};
use vasp_words::time::UtcTime;

/// An alert for your organisation.
#[derive(Serialize, ToSchema)]
#[schema(as = Alert)]
pub(crate) struct AlertView {
    id: AlertId,
    /// What the alert is about:
    /// - a finding of a check (`licence.withdrawn`);
    /// - a destination (`claim.disputed`);
    /// - your own record (`own.certificate_ends_within_7`) or your own claims (`own.claim_disputed`);
    /// - a webhook (`webhook.failing`, `webhook.disabled`);
    /// - a sub-account (`sub_account.named`, `sub_account.confirmed`, `sub_account.refused`, `sub_account.decided`, `sub_account.ended`).
    #[schema(example = "licence.withdrawn")]
    kind: String,
    /// `critical`: a pre-check is rejected now. `high`: it is held. `medium`: it proceeds with conditions. `info`: something became better.
    #[schema(value_type = String, example = "critical")]
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
    /// How often this was found. Contradictions by one VASP's claims on one day (UTC) are counted in one alert, until somebody
    /// acknowledges it. Alerts of one kind about the sub-accounts of one VASP are counted in the same way.
    count: u64,
    /// Sequence of the directory at which this was found.
    sequence: i64,
    /// The last recorded pre-check to the destination, which names it. Only for destinations that you relied on (`claim.disputed`,
    /// `claim.ended`, `claim.owner_changed`, `claim.restored`); null for other alerts.
    #[schema(example = "pre_01jz5v8e4x0000000000000000")]
    precheck: Option<String>,
    raised_at: UtcTime,
    /// When a user acknowledged the alert; null if nobody has.
    acknowledged_at: Option<UtcTime>,
    /// Id of the user who acknowledged it; null if nobody has.
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
