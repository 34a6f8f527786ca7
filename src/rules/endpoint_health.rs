//! How an endpoint fares, as the registry's own probes saw it: samples make a history of bounded size, and a history at a moment
//! gives a state. Pure. More failures never improve a state; a clock that jumps back, or a registry that stops probing, lets every
//! state become `unknown`.

use std::collections::VecDeque;

use super::probe::{ProbeFinding, ProbeOutcome, ProbeSample, StageTimes};
use serde::{Deserialize, Serialize};
use vasp_record::certificate::Severity;
use vasp_words::closed_list::closed_list;
use vasp_words::time::UtcTime;

/// How many samples are kept: a day at one every five minutes.
pub const SAMPLES_MAX: usize = 288;
/// How many hours are counted one by one, and how many days.
const HOURS_MAX: usize = 25;
const DAYS_MAX: usize = 31;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;
/// So many failures in a row, over twice the time between two probes, are `down`.
const FAILURES_DOWN: u32 = 3;
/// The part of the interval by which probes may come early, so that three in a row count.
const EARLY_PERCENT: i64 = 20;
/// From which response time on an answer is slow, in milliseconds.
pub const SLOW_MS: u32 = 2_000;
/// Where more than this part of the window's probes failed or were slow, the endpoint is degraded.
const BAD_PERCENT: usize = 10;
/// Below this availability of a day the endpoint is degraded, in percent.
const AVAILABILITY_MIN_PERCENT: u64 = 95;
/// After how many intervals without a sample nothing is known.
const STALE_INTERVALS: i64 = 3;
/// How far ahead of the clock a sample may be, in seconds: nodes' clocks differ a little.
const AHEAD_SECS: i64 = 60;

closed_list! {
    /// State of an endpoint, worst first.
    pub enum HealthState default Unknown {
        /// Does not answer.
        Down = "down",
        /// Answers, not as it should.
        Degraded = "degraded",
        /// Nobody looked, or too long ago.
        Unknown = "unknown",
        /// Answers.
        Responsive = "responsive",
    }
}

/// Response times in milliseconds, over the samples of the last day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ResponseTimes))]
pub struct Percentiles {
    /// Half of the answers came within.
    pub p50: u32,
    /// Nine of ten.
    pub p90: u32,
    /// Ninety-nine of a hundred.
    pub p99: u32,
}

/// Probes that were answered, of those that were tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Availability {
    /// Tried; those that fell into a maintenance do not count.
    pub tried: u32,
    /// Answered.
    pub answered: u32,
}

impl Availability {
    /// Returns the part that was answered, in thousandths, rounded down; none where nothing was tried.
    #[must_use]
    pub fn permille(self) -> Option<u32> {
        let part = u64::from(self.answered) * 1_000 / u64::from(self.tried.max(1));
        (self.tried > 0).then(|| u32::try_from(part).unwrap_or(1_000))
    }
}

/// What is known of an endpoint's health.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct EndpointHealth {
    /// State.
    pub state: HealthState,
    /// When it was looked at last.
    pub sampled_at: Option<UtcTime>,
    /// How long ago that is, in seconds; none where it lies ahead of the clock, or was never.
    pub age_secs: Option<i64>,
    /// How long answers took, over the last day's samples.
    pub response_ms: Option<Percentiles>,
    /// How long the steps of the last probe took.
    pub times: StageTimes,
    /// Over the last 24 hours.
    pub day: Availability,
    /// Over seven days.
    pub week: Availability,
    /// Over thirty days.
    pub month: Availability,
    /// What the last probe found, worst first.
    pub findings: Vec<ProbeFinding>,
}

impl EndpointHealth {
    /// Returns the health as it counts during an announced maintenance: nobody knows what to expect.
    #[must_use]
    pub fn during_maintenance(self) -> Self {
        Self { state: HealthState::Unknown, ..self }
    }
}

/// A kept sample: seconds since the epoch, and the response time; none where it failed.
type Kept = (i64, Option<u32>);
/// Hours or days since the epoch, tried, answered.
type Count = (i64, u32, u32);

/// What is remembered of an endpoint's probes; a few kilobytes at most.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProbeHistory {
    samples: VecDeque<Kept>,
    hours: VecDeque<Count>,
    days: VecDeque<Count>,
    last: Option<ProbeSample>,
    /// Failures since the last answer.
    failures: u32,
    /// The first of them, seconds since the epoch.
    failing_since: Option<i64>,
    /// Seconds from the last sample to the next, as planned.
    planned_secs: i64,
    /// Seconds between two probes of an endpoint that works.
    interval_secs: i64,
}

impl ProbeHistory {
    /// Adds a sample. Where the clock went back, what lies ahead of it is forgotten.
    pub fn record(&mut self, sample: ProbeSample, interval_secs: i64) {
        let at = secs(sample.at);
        self.interval_secs = interval_secs.max(1);
        self.samples.retain(|(kept, _)| *kept <= at && at.saturating_sub(*kept) < DAY);
        match sample.outcome {
            ProbeOutcome::Maintenance => (self.failures, self.failing_since) = (0, None),
            ProbeOutcome::Answered => {
                (self.failures, self.failing_since) = (0, None);
                self.keep(at, Some(sample.times.response_ms()));
            }
            ProbeOutcome::Failed => {
                self.failures = self.failures.saturating_add(1);
                self.failing_since = Some(self.failing_since.unwrap_or(at).min(at));
                self.keep(at, None);
            }
        }
        self.planned_secs = self.interval_secs;
        self.last = Some(sample);
    }

    fn keep(&mut self, at: i64, response_ms: Option<u32>) {
        self.samples.push_back((at, response_ms));
        while self.samples.len() > SAMPLES_MAX {
            self.samples.pop_front();
        }
        count(&mut self.hours, at.div_euclid(HOUR), response_ms.is_some(), HOURS_MAX);
        count(&mut self.days, at.div_euclid(DAY), response_ms.is_some(), DAYS_MAX);
    }

    /// Returns the seconds until the next probe, before chance shifts it: the interval, doubled with every failure from `down` on,
    /// up to `longest_secs`.
    #[must_use]
    pub fn pause_secs(&self, longest_secs: i64) -> i64 {
        let doublings = if self.is_down() { self.failures.saturating_sub(FAILURES_DOWN).saturating_add(1).min(20) } else { 0 };
        let interval = self.interval_secs.max(1);
        interval.saturating_mul(1 << doublings).clamp(interval, longest_secs.max(interval))
    }

    /// Remembers when the next probe is planned, so that a long pause does not make what is known stale.
    pub fn plan(&mut self, secs: i64) {
        self.planned_secs = secs;
    }

    /// Returns the last sample.
    #[must_use]
    pub fn last(&self) -> Option<&ProbeSample> {
        self.last.as_ref()
    }

    /// Returns how many probes failed since the last answer.
    #[must_use]
    pub fn failures(&self) -> u32 {
        self.failures
    }

    fn is_down(&self) -> bool {
        let (Some(since), Some(last)) = (self.failing_since, &self.last) else { return false };
        let over = self.interval_secs.saturating_mul(2 * (100 - EARLY_PERCENT)) / 100;
        self.failures >= FAILURES_DOWN && secs(last.at).saturating_sub(since) >= over
    }

    /// Returns how the endpoint fares.
    #[must_use]
    pub fn health(&self, now: UtcTime) -> EndpointHealth {
        let Some(last) = &self.last else { return EndpointHealth::default() };
        let age = secs(now) - secs(last.at);
        let day = self.available(&self.hours, secs(now).div_euclid(HOUR), 24);
        EndpointHealth {
            state: self.state(last, age, day),
            sampled_at: Some(last.at),
            age_secs: (age >= 0).then_some(age),
            response_ms: self.percentiles(secs(now)),
            times: last.times,
            day,
            week: self.available(&self.days, secs(now).div_euclid(DAY), 7),
            month: self.available(&self.days, secs(now).div_euclid(DAY), 30),
            findings: last.findings.clone(),
        }
    }

    fn state(&self, last: &ProbeSample, age: i64, day: Availability) -> HealthState {
        // What was planned counts, but never beyond what one probe may have been put off by.
        let stale = {
            let planned = self.planned_secs.saturating_add(self.interval_secs.saturating_mul(2));
            self.interval_secs.saturating_mul(STALE_INTERVALS).max(planned)
        };
        if age < -AHEAD_SECS || age > stale || last.outcome == ProbeOutcome::Maintenance {
            return HealthState::Unknown;
        }
        if self.is_down() {
            return HealthState::Down;
        }
        let bad = self.samples.iter().filter(|(_, ms)| ms.is_none_or(|ms| ms > SLOW_MS)).count();
        let often_bad = bad * 100 > self.samples.len() * BAD_PERCENT;
        let rarely_there = u64::from(day.answered) * 100 < u64::from(day.tried) * AVAILABILITY_MIN_PERCENT;
        let found = last.findings.iter().any(|finding| finding.severity() <= Severity::Warning);
        let degraded = self.failures > 0 || often_bad || rarely_there || found;
        if degraded { HealthState::Degraded } else { HealthState::Responsive }
    }

    fn percentiles(&self, now: i64) -> Option<Percentiles> {
        let within = self.samples.iter().filter(|(at, _)| now.saturating_sub(*at) < DAY);
        let mut answered: Vec<u32> = within.filter_map(|(_, ms)| *ms).collect();
        answered.sort_unstable();
        let rank = |percent: usize| answered.get((answered.len() * percent).div_ceil(100).saturating_sub(1)).copied();
        Some(Percentiles { p50: rank(50)?, p90: rank(90)?, p99: rank(99)? })
    }

    fn available(&self, counts: &VecDeque<Count>, unit: i64, units: i64) -> Availability {
        let within = counts.iter().filter(|(at, ..)| *at > unit - units && *at <= unit);
        within.fold(Availability::default(), |sum, (_, tried, answered)| Availability {
            tried: sum.tried.saturating_add(*tried),
            answered: sum.answered.saturating_add(*answered),
        })
    }
}

fn secs(at: UtcTime) -> i64 {
    at.micros().div_euclid(1_000_000)
}

/// Counts a probe under its hour or day; units are kept in order, each once.
fn count(counts: &mut VecDeque<Count>, unit: i64, answered: bool, longest: usize) {
    counts.retain(|(known, ..)| *known <= unit);
    if counts.back().is_none_or(|(known, ..)| *known < unit) {
        counts.push_back((unit, 0, 0));
    }
    if let Some((_, tried, hits)) = counts.back_mut() {
        *tried = tried.saturating_add(1);
        *hits = hits.saturating_add(u32::from(answered));
    }
    while counts.len() > longest {
        counts.pop_front();
    }
}

#[cfg(test)]
#[path = "endpoint_health/tests.rs"]
mod tests;
