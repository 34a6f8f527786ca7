//! The health of an endpoint, as the registry's own probes saw it. Samples form a history of limited size, and a history at a moment gives
//! a state. This module is pure. More failures never improve a state. If the clock jumps back or the registry stops probing, every state
//! can become `unknown`.

use std::collections::VecDeque;

use super::probe::{ProbeFinding, ProbeOutcome, ProbeSample, StageTimes};
use serde::{Deserialize, Serialize};
use vasp_record::certificate::Severity;
use vasp_words::closed_list::closed_list;
use vasp_words::time::UtcTime;

/// Maximum number of samples: one day at one sample every five minutes.
pub const SAMPLES_MAX: usize = 288;
/// How many hours and how many days are counted separately.
const HOURS_MAX: usize = 25;
const DAYS_MAX: usize = 31;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;
/// So many failures in a row mean `down`, if they span at least twice the interval between two probes.
const FAILURES_DOWN: u32 = 3;
/// How early a probe may come, in percent of the interval. Three failures in a row then still span enough time.
const EARLY_PERCENT: i64 = 20;
/// Above this response time an answer is slow, in milliseconds.
pub const SLOW_MS: u32 = 2_000;
/// If more than this percentage of the kept probes failed or were slow, the endpoint is degraded.
const BAD_PERCENT: usize = 10;
/// If less than this percentage of a day's probes was answered, the endpoint is degraded.
const AVAILABILITY_MIN_PERCENT: u64 = 95;
/// After so many intervals without a sample the state is unknown.
const STALE_INTERVALS: i64 = 3;
/// How far ahead of the clock a sample may be, in seconds, because the clocks of nodes differ a little.
const AHEAD_SECS: i64 = 60;

closed_list! {
    /// The state of an endpoint, worst first.
    pub enum HealthState default Unknown {
        /// It does not answer.
        Down = "down",
        /// It answers, but not as it should.
        Degraded = "degraded",
        /// The registry has not probed it, or not recently.
        Unknown = "unknown",
        /// It is there, but requires a client certificate that the registry does not have, so nothing of its protocol was seen.
        Present = "present",
        /// It answers in its protocol.
        Responsive = "responsive",
    }
}

/// Response times in milliseconds, over the samples of the last day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ResponseTimes))]
pub struct Percentiles {
    /// Half of the answers took at most this long.
    pub p50: u32,
    /// Nine of ten answers took at most this long.
    pub p90: u32,
    /// Ninety-nine of a hundred answers took at most this long.
    pub p99: u32,
}

/// How many probes were made, and how many of them were answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Availability {
    /// Number of probes, without those during announced maintenance.
    pub tried: u32,
    /// Number of answered probes.
    pub answered: u32,
}

impl Availability {
    /// Returns the answered part in thousandths, rounded down; `None` if there were no probes.
    #[must_use]
    pub fn permille(self) -> Option<u32> {
        let part = u64::from(self.answered) * 1_000 / u64::from(self.tried.max(1));
        (self.tried > 0).then(|| u32::try_from(part).unwrap_or(1_000))
    }
}

/// What is known about the health of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct EndpointHealth {
    /// The state.
    pub state: HealthState,
    /// When it was probed last; `None` if never.
    pub sampled_at: Option<UtcTime>,
    /// How long ago that is, in seconds; `None` if it was never probed, or if the sample is ahead of the clock.
    pub age_secs: Option<i64>,
    /// Response times over the samples of the last day; `None` if there was no answer.
    pub response_ms: Option<Percentiles>,
    /// How long each step of the last probe took.
    pub times: StageTimes,
    /// Availability over the last 24 hours.
    pub day: Availability,
    /// Availability over seven days.
    pub week: Availability,
    /// Availability over thirty days.
    pub month: Availability,
    /// The findings of the last probe, worst first.
    pub findings: Vec<ProbeFinding>,
    /// The version of its protocol that it took after it refused the registry's; `None` if it took that.
    pub spoken: Option<String>,
}

impl EndpointHealth {
    /// Returns the health during an announced maintenance: the state is unknown.
    #[must_use]
    pub fn during_maintenance(self) -> Self {
        Self { state: HealthState::Unknown, ..self }
    }
}

/// A stored sample: seconds since the epoch, and the response time; `None` if the probe failed.
type Kept = (i64, Option<u32>);
/// Hours or days since the epoch, number of probes, number of answers.
type Count = (i64, u32, u32);

/// The stored probes of an endpoint; a few kilobytes at most.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProbeHistory {
    samples: VecDeque<Kept>,
    hours: VecDeque<Count>,
    days: VecDeque<Count>,
    last: Option<ProbeSample>,
    /// Number of failures since the last answer.
    failures: u32,
    /// The time of the first of these failures, in seconds since the epoch.
    failing_since: Option<i64>,
    /// The planned time from the last sample to the next, in seconds.
    planned_secs: i64,
    /// The interval between two probes of a working endpoint, in seconds.
    interval_secs: i64,
}

impl ProbeHistory {
    /// Adds a sample. If the clock went back, samples ahead of it are dropped.
    pub fn record(&mut self, sample: ProbeSample, interval_secs: i64) {
        let at = secs(sample.at);
        self.interval_secs = interval_secs.max(1);
        self.samples.retain(|(kept, _)| *kept <= at && at.saturating_sub(*kept) < DAY);
        match sample.outcome {
            ProbeOutcome::Maintenance => (self.failures, self.failing_since) = (0, None),
            ProbeOutcome::Answered | ProbeOutcome::Present => {
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

    /// Returns the seconds until the next probe, without the random shift. It is the interval, doubled with every failure once the endpoint
    /// is `down`, up to `longest_secs`.
    #[must_use]
    pub fn pause_secs(&self, longest_secs: i64) -> i64 {
        let doublings = if self.is_down() { self.failures.saturating_sub(FAILURES_DOWN).saturating_add(1).min(20) } else { 0 };
        let interval = self.interval_secs.max(1);
        interval.saturating_mul(1 << doublings).clamp(interval, longest_secs.max(interval))
    }

    /// Stores the planned time of the next probe, so that a long pause does not make the state unknown.
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

    /// Returns the health of the endpoint.
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
            spoken: last.spoken.clone(),
        }
    }

    fn state(&self, last: &ProbeSample, age: i64, day: Availability) -> HealthState {
        // Use the planned pause, so that a long pause between probes does not count as stale.
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
        match (degraded, last.outcome) {
            (true, _) => HealthState::Degraded,
            (false, ProbeOutcome::Present) => HealthState::Present,
            (false, _) => HealthState::Responsive,
        }
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

/// Counts a probe in its hour or day; the units are sorted and occur once.
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
