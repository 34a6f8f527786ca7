//! The health of an endpoint, as it is shown. It is also a part of the view of an endpoint.

use serde::Serialize;
use utoipa::ToSchema;

use crate::http::visibility::Viewer;
use vasp_record::certificate::Severity;
use vasp_rules::endpoint_health::{Availability, EndpointHealth, HealthState, Percentiles};
use vasp_rules::probe::ProbeFinding;
use vasp_words::time::UtcTime;

/// Share of probes that were answered, from 0 to 1 in steps of 0.001; null if there were no probes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = EndpointAvailability)]
pub(crate) struct AvailabilityView {
    /// Over 24 hours.
    #[schema(example = 0.996)]
    day: Option<f64>,
    /// Over 7 days.
    week: Option<f64>,
    /// Over 30 days.
    month: Option<f64>,
}

/// What the last probe found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EndpointFinding)]
pub(crate) struct EndpointFindingView {
    /// How serious it is.
    severity: Severity,
    /// The kind of finding.
    #[schema(example = "identity_lei_differs")]
    code: &'static str,
    /// What this kind means.
    meaning: &'static str,
    /// What exactly was seen; null for callers without credentials.
    detail: Option<String>,
}

/// The health of an endpoint, as this registry's own probes saw it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = EndpointHealth)]
pub(crate) struct EndpointHealthView {
    /// State.
    state: HealthState,
    /// When it was probed last; null if never.
    sampled_at: Option<UtcTime>,
    /// Age of the last probe in seconds; null if there was none.
    age_secs: Option<i64>,
    /// Times for the connection, the TLS handshake and the first answer together; null if nothing was measured.
    response_ms: Option<Percentiles>,
    /// How often it answered.
    availability: AvailabilityView,
    /// The version of its protocol that it took after it refused the registry's; routes use it. Null if it took that, or if versions do not
    /// matter.
    #[schema(example = "3.1.0")]
    version: Option<String>,
    /// What the last probe found, worst first.
    findings: Vec<EndpointFindingView>,
}

impl EndpointHealthView {
    /// Shows the health of an endpoint.
    pub(crate) fn of(health: &EndpointHealth, viewer: Viewer) -> Self {
        Self {
            state: health.state,
            sampled_at: health.sampled_at,
            age_secs: health.age_secs,
            response_ms: health.response_ms,
            availability: AvailabilityView { day: part(health.day), week: part(health.week), month: part(health.month) },
            version: health.spoken.clone(),
            findings: health.findings.iter().map(|finding| EndpointFindingView::of(finding, viewer)).collect(),
        }
    }
}

impl EndpointFindingView {
    fn of(finding: &ProbeFinding, viewer: Viewer) -> Self {
        Self {
            severity: finding.severity(),
            code: finding.code.as_str(),
            meaning: finding.code.explanation(),
            detail: viewer.sees("EndpointHealth", "findings.detail").then(|| finding.detail.clone()),
        }
    }
}

fn part(availability: Availability) -> Option<f64> {
    availability.permille().map(|permille| f64::from(permille) / 1_000.0)
}
