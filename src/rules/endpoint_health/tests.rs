//! Tests of the rules for the health of an endpoint.

use super::*;
use crate::probe::ProbeFindingCode;
use proptest::prelude::*;

const INTERVAL: i64 = 300;

fn at(secs: i64) -> UtcTime {
    "2026-06-01T00:00:00Z".parse::<UtcTime>().unwrap().plus_secs(secs)
}

fn sample(secs: i64, outcome: ProbeOutcome, answer_ms: u32) -> ProbeSample {
    let times = StageTimes { answer_ms: Some(answer_ms), ..StageTimes::default() };
    ProbeSample { at: at(secs), outcome, times, findings: vec![], spoken: None }
}

/// A history of probes at the normal interval: a response time, or `None` for a failure.
fn history(results: &[Option<u32>]) -> ProbeHistory {
    let mut history = ProbeHistory::default();
    for (number, result) in (0..).zip(results) {
        let outcome = if result.is_some() { ProbeOutcome::Answered } else { ProbeOutcome::Failed };
        history.record(sample(number * INTERVAL, outcome, result.unwrap_or(0)), INTERVAL);
    }
    history
}

/// Returns the state just after the last of these probes.
fn state(results: &[Option<u32>]) -> HealthState {
    let last = i64::try_from(results.len()).unwrap() - 1;
    history(results).health(at(last * INTERVAL + 1)).state
}

#[test]
fn nothing_is_known_before_the_first_sample_and_long_after_the_last() {
    assert_eq!(ProbeHistory::default().health(at(0)), EndpointHealth::default());
    let known = history(&[Some(10)]);
    assert_eq!(known.health(at(3 * INTERVAL)).state, HealthState::Responsive);
    assert_eq!(known.health(at(3 * INTERVAL + 1)).state, HealthState::Unknown);
    assert_eq!(known.health(at(3 * INTERVAL + 1)).age_secs, Some(901));
}

#[test]
fn clock_that_jumps_back_makes_no_state_eternal() {
    let mut known = history(&[Some(10)]);
    assert_eq!(known.health(at(-60)).state, HealthState::Responsive);
    assert_eq!((known.health(at(-61)).state, known.health(at(-61)).age_secs), (HealthState::Unknown, None));

    known.record(sample(-86_400, ProbeOutcome::Failed, 0), INTERVAL);
    let health = known.health(at(-86_400));
    assert_eq!((health.day.tried, health.month.tried, health.response_ms), (1, 1, None));
}

#[test]
fn three_failures_over_two_intervals_are_down_and_one_answer_ends_that() {
    let ok = Some(10);
    assert_eq!(state(&[ok, ok, None]), HealthState::Degraded);
    assert_eq!(state(&[ok, None, None]), HealthState::Degraded);
    assert_eq!(state(&[ok, None, None, None]), HealthState::Down);
    assert_eq!(state(&[ok, None, None, None, ok]), HealthState::Degraded);

    // A member that requests many probes in a short time does not make an endpoint `down`.
    let mut asked = history(&[Some(10)]);
    for secs in [300, 330, 360, 390] {
        asked.record(sample(secs, ProbeOutcome::Failed, 0), INTERVAL);
    }
    assert_eq!(asked.health(at(391)).state, HealthState::Degraded);
}

#[test]
fn slow_answers_findings_and_gaps_degrade() {
    let with = |slow: usize| {
        let results: Vec<_> = (0..100).map(|n| Some(if n < slow { 2_001 } else { 2_000 })).collect();
        state(&results)
    };
    assert_eq!([with(0), with(10), with(11)], [HealthState::Responsive, HealthState::Responsive, HealthState::Degraded]);
    let gaps = |failed: usize| {
        let results: Vec<_> = (0..100).map(|n| (n % 20 != 0 || n / 20 >= failed).then_some(10)).collect();
        state(&results)
    };
    assert_eq!([gaps(5), gaps(0)], [HealthState::Responsive, HealthState::Responsive]);
    let six: Vec<_> = (0..100).map(|n| (n % 16 != 0 || n >= 96).then_some(10)).collect();
    assert_eq!(state(&six), HealthState::Degraded);

    let found = |code| {
        let finding = ProbeFinding::new(code, "x");
        let mut known = ProbeHistory::default();
        known.record(ProbeSample { findings: vec![finding], ..sample(0, ProbeOutcome::Answered, 1) }, INTERVAL);
        known.health(at(1)).state
    };
    assert_eq!(found(ProbeFindingCode::AsksForCertificate), HealthState::Responsive);
    let mut present = ProbeHistory::default();
    present.record(sample(0, ProbeOutcome::Present, 1), INTERVAL);
    assert_eq!(present.health(at(1)).state, HealthState::Present);
    assert!(HealthState::Unknown < HealthState::Present && HealthState::Present < HealthState::Responsive);
    assert_eq!(found(ProbeFindingCode::VersionDiffers), HealthState::Degraded);
    assert_eq!(found(ProbeFindingCode::IdentityLeiDiffers), HealthState::Degraded);
}

#[test]
fn maintenance_is_neither_an_answer_nor_a_failure() {
    let mut known = history(&[Some(10), None, None]);
    known.record(sample(3 * INTERVAL, ProbeOutcome::Maintenance, 5), INTERVAL);

    let health = known.health(at(3 * INTERVAL));

    assert_eq!((health.state, health.day), (HealthState::Unknown, Availability { tried: 3, answered: 1 }));
    known.record(sample(4 * INTERVAL, ProbeOutcome::Failed, 0), INTERVAL);
    assert_eq!(known.health(at(4 * INTERVAL)).state, HealthState::Degraded);
    assert_eq!(history(&[Some(1)]).health(at(1)).during_maintenance().state, HealthState::Unknown);
}

#[test]
fn pauses_double_while_down_and_long_pauses_make_nothing_stale() {
    let mut known = history(&[Some(10)]);
    let mut pauses = vec![known.pause_secs(3_600)];
    for number in 1..10 {
        known.record(sample(number * INTERVAL, ProbeOutcome::Failed, 0), INTERVAL);
        pauses.push(known.pause_secs(3_600));
    }
    assert_eq!(pauses, [300, 300, 300, 600, 1_200, 2_400, 3_600, 3_600, 3_600, 3_600]);

    known.plan(4_320);
    assert_eq!(known.health(at(9 * INTERVAL + 4_320)).state, HealthState::Down);
    assert_eq!(known.health(at(9 * INTERVAL + 4_320 + 2 * INTERVAL + 1)).state, HealthState::Unknown);
}

/// Source: the nearest-rank method: of 100 values 1 to 100, the n-th percentile is n.
#[test]
fn percentiles_are_those_of_the_samples_of_a_day() {
    let results: Vec<_> = (1..=100).rev().map(Some).collect();
    let percentiles = history(&results).health(at(99 * INTERVAL)).response_ms.unwrap();
    assert_eq!((percentiles.p50, percentiles.p90, percentiles.p99), (50, 90, 99));
    assert_eq!(history(&[Some(7)]).health(at(0)).response_ms, Some(Percentiles { p50: 7, p90: 7, p99: 7 }));
}

#[test]
fn availability_is_counted_by_hours_and_days() {
    let mut known = ProbeHistory::default();
    for day in 0..40 {
        known.record(sample(day * 86_400, ProbeOutcome::Answered, 1), INTERVAL);
        known.record(sample(day * 86_400 + 600, ProbeOutcome::Failed, 0), INTERVAL);
    }
    let health = known.health(at(39 * 86_400 + 600));
    assert_eq!([health.day.tried, health.week.tried, health.month.tried], [2, 14, 60]);
    assert_eq!((health.month.answered, health.month.permille()), (30, Some(500)));
    assert_eq!(known.health(at(40 * 86_400)).day.tried, 0);
    assert_eq!(Availability::default().permille(), None);
}

proptest! {
    /// Replacing an answer by a failure never improves the state. `unknown` is outside this order.
    #[test]
    fn more_failures_never_improve_the_state(
        results in prop::collection::vec(prop::option::weighted(0.9, 0_u32..4_000), 1..320),
        failing in prop::collection::vec(prop::bool::weighted(0.1), 320),
    ) {
        let worse: Vec<_> = results.iter().zip(&failing).map(|(result, fails)| result.filter(|_| !fails)).collect();
        let (better, worse) = (state(&results), state(&worse));
        prop_assert!(worse <= better, "{:?} after more failures, {:?} before", worse, better);
    }

    #[test]
    fn histories_stay_small_whatever_the_clock_does(
        steps in prop::collection::vec((-100_000_i64..1_000_000, 0_u8..3, any::<u32>()), 0..400),
        interval in -5_i64..100_000,
    ) {
        let (mut known, mut clock) = (ProbeHistory::default(), 0);
        for (step, kind, ms) in steps {
            clock += step;
            let outcome = [ProbeOutcome::Answered, ProbeOutcome::Failed, ProbeOutcome::Maintenance][usize::from(kind)];
            known.record(sample(clock, outcome, ms), interval);
            let pause = known.pause_secs(3_600);
            prop_assert!(pause >= 1 && pause <= 3_600.max(interval));
            let health = known.health(at(clock));
            prop_assert!(health.day.answered <= health.day.tried && health.day.tried <= health.month.tried.max(health.day.tried));
        }
        prop_assert!(known.samples.len() <= SAMPLES_MAX && known.hours.len() <= HOURS_MAX && known.days.len() <= DAYS_MAX);
        let text = serde_json::to_string(&known).unwrap();
        prop_assert!(text.len() < 12_000, "{}", text.len());
        prop_assert_eq!(serde_json::from_str::<ProbeHistory>(&text).unwrap(), known);
    }
}
