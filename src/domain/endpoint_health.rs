//! How an endpoint fares, as the registry's own probes saw it.

use super::time::UtcTime;

/// State of an endpoint, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum HealthState {
    /// Does not answer.
    Down,
    /// Answers, not as it should.
    Degraded,
    /// Nobody looked, or too long ago.
    #[default]
    Unknown,
    /// Answers.
    Responsive,
}

/// What is known of an endpoint's health.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct EndpointHealth {
    /// State.
    pub state: HealthState,
    /// When it was looked at last.
    pub sampled_at: Option<UtcTime>,
}
