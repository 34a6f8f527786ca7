//! How an endpoint fares, as it is shown. Made to stand inside the view of an endpoint, too.

use serde::Serialize;
use utoipa::ToSchema;

use crate::api::visibility::Viewer;
use vasp_record::certificate::Severity;
use vasp_rules::endpoint_health::{Availability, EndpointHealth, HealthState, Percentiles};
use vasp_rules::probe::ProbeFinding;
use vasp_words::time::UtcTime;

/// Response times in milliseconds, over the samples of the last day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ResponseTimes)]
pub(crate) struct ResponseTimesView {
    /// Half of the answers came within.
    p50: u32,
    /// Nine of ten.
    p90: u32,
    /// Ninety-nine of a hundred.
    p99: u32,
}

/// The part of probes that was answered, 0 to 1, in thousandths; null where there was none.
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

/// How much a finding of a probe weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ProbeFindingSeverity)]
pub(crate) enum ProbeSeverityView {
    /// What answers contradicts the record, or may not be called: people look at it.
    Error,
    /// It works worse than it should, or not at all.
    Warning,
    /// Worth knowing.
    Info,
}

/// What the last probe found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EndpointFinding)]
pub(crate) struct EndpointFindingView {
    /// How much it weighs.
    severity: ProbeSeverityView,
    /// What kind.
    #[schema(example = "identity_lei_differs")]
    code: &'static str,
    /// What that means.
    meaning: &'static str,
    /// What exactly was seen; null for callers without credentials.
    detail: Option<String>,
}

/// How an endpoint fares, as this registry's own probes saw it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = EndpointHealth)]
pub(crate) struct EndpointHealthView {
    /// State.
    state: HealthState,
    /// When it was probed last; null: never.
    #[schema(value_type = Option<String>, format = DateTime)]
    sampled_at: Option<UtcTime>,
    /// How old that is, in seconds.
    age_secs: Option<i64>,
    /// Connection, TLS handshake and first answer together.
    response_ms: Option<ResponseTimesView>,
    /// How often it answered.
    availability: AvailabilityView,
    /// What the last probe found, worst first.
    findings: Vec<EndpointFindingView>,
}

impl EndpointHealthView {
    /// Shows how an endpoint fares.
    pub(crate) fn of(health: &EndpointHealth, viewer: Viewer) -> Self {
        Self {
            state: health.state,
            sampled_at: health.sampled_at,
            age_secs: health.age_secs,
            response_ms: health.response_ms.map(ResponseTimesView::from),
            availability: AvailabilityView { day: part(health.day), week: part(health.week), month: part(health.month) },
            findings: health.findings.iter().map(|finding| EndpointFindingView::of(finding, viewer)).collect(),
        }
    }
}

impl EndpointFindingView {
    fn of(finding: &ProbeFinding, viewer: Viewer) -> Self {
        Self {
            severity: finding.severity().into(),
            code: finding.code.as_str(),
            meaning: finding.code.explanation(),
            detail: viewer.sees("EndpointFinding", "detail").then(|| finding.detail.clone()),
        }
    }
}

fn part(availability: Availability) -> Option<f64> {
    availability.permille().map(|permille| f64::from(permille) / 1_000.0)
}

impl From<Severity> for ProbeSeverityView {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Error => Self::Error,
            Severity::Warning => Self::Warning,
            Severity::Info => Self::Info,
        }
    }
}

impl From<Percentiles> for ResponseTimesView {
    fn from(Percentiles { p50, p90, p99 }: Percentiles) -> Self {
        Self { p50, p90, p99 }
    }
}
