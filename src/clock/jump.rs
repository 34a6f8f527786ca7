//! Detects whether the time of day is wrong. It compares the clock with one that nobody can set: while both advance equally, the time of
//! day is as good as at the start. It also holds the clock against two times that are surely past: that of the newest entry of the log, and
//! the day of the program. A machine may start with a wrong clock that a time service then sets. So a step is followed if the clock before
//! it was impossible and the clock after it is not, and if it is the first on a machine that has just started.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use vasp_words::time::UtcTime;

use super::{Clock, SystemClock};

/// By how much the time of day may be set before nothing more is written. Source: requirements, "clock": one minute.
pub const MOST_JUMP: Duration = Duration::from_secs(60);

/// The largest part of the elapsed time by which a clock may be corrected gradually: 1/12. Source: chrony 4.3, `maxslewrate`, 83,333.333
/// ppm by default; ntpd and `adjtime` stay far below that.
const FASTEST_CORRECTION: i64 = 12;

/// How long after the start of a machine a process counts as started with it. Its clock may not be set yet. Ours.
const YOUNG: Duration = Duration::from_secs(600);

/// How long after the start of a machine the first step of its clock is followed. Ours.
const MAY_STEP: Duration = Duration::from_secs(3_600);

/// A file that says that a time service has set the clock since the machine started.
///
/// Source: systemd-timesyncd.service(8), "Files".
const SYNCHRONISED: &str = "/run/systemd/timesync/synchronized";

/// Why the time of day must not date what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClockFault {
    /// It is before the day of this program.
    #[error("the clock shows {now}, a time before this program was made")]
    BeforeProgram {
        /// The time of day.
        now: UtcTime,
    },
    /// It was set by too much.
    #[error("the clock differs by {} seconds ({}) from the clock that this process started with", .secs.unsigned_abs(), if *.secs < 0 { "it is behind" } else { "it is ahead" })]
    Jumped {
        /// By how many seconds; negative if it was set back.
        secs: i64,
    },
    /// The log has a later entry.
    #[error("the newest entry of the log is dated {secs} seconds after now")]
    LogAhead {
        /// By how many seconds.
        secs: i64,
    },
}

impl ClockFault {
    /// Returns one word for the cause.
    #[must_use]
    pub const fn cause(self) -> &'static str {
        match self {
            Self::BeforeProgram { .. } => "clock_behind",
            Self::Jumped { .. } => "clock_jumped",
            Self::LogAhead { .. } => "log_ahead",
        }
    }
}

/// A step of the clock that was followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// By how many seconds the clock was set; negative if back.
    pub secs: i64,
    /// Why the new time was believed.
    pub because: &'static str,
}

/// A reading of both clocks at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The time of day.
    pub wall: UtcTime,
    /// How long the machine has been running, including sleep.
    pub running: Duration,
}

/// The expected time of day, by the clock that nobody can set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// When the machine started, in microseconds since 1970.
    started: i64,
    /// When this was determined, as running time of the machine.
    at: Duration,
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

impl Reading {
    /// Reads both clocks of the machine.
    #[must_use]
    pub fn take() -> Self {
        let running = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        let nanos = u32::try_from(running.tv_nsec).unwrap_or(0);
        Self { wall: SystemClock.now(), running: Duration::new(u64::try_from(running.tv_sec).unwrap_or(0), nanos) }
    }

    /// Returns when the machine started according to this reading, in microseconds since 1970.
    #[must_use]
    pub fn started(self) -> i64 {
        self.wall.micros().saturating_sub(micros(self.running))
    }
}

impl Anchor {
    /// Makes an anchor that takes the time of day as right.
    #[must_use]
    pub fn of(reading: Reading) -> Self {
        Self { started: reading.started(), at: reading.running }
    }

    /// Returns the anchor with another source's start time of the machine.
    #[must_use]
    pub fn started_at(self, started: i64) -> Self {
        Self { started, ..self }
    }

    /// Returns by how many microseconds the time of day was set since then; negative if set back.
    #[must_use]
    pub fn jump(self, reading: Reading) -> i64 {
        reading.started().saturating_sub(self.started)
    }

    /// Returns whether the time of day was set by too much.
    #[must_use]
    pub fn is_jump(self, reading: Reading) -> bool {
        self.jump(reading).unsigned_abs() > u64::try_from(micros(MOST_JUMP)).unwrap_or(0)
    }

    /// Returns the anchor after a gradual correction of the clock.
    #[must_use]
    pub fn followed(self, reading: Reading) -> Self {
        let most = micros(reading.running.saturating_sub(self.at)) / FASTEST_CORRECTION;
        let step = self.jump(reading).clamp(-most, most);
        Self { started: self.started.saturating_add(step), at: reading.running }
    }
}

/// What is known about a clock.
#[derive(Clone, Copy, Debug)]
struct Known {
    anchor: Anchor,
    /// The day of the program: no clock that is right shows less.
    program: UtcTime,
    /// The time of the newest entry of the log; `None` until it is known.
    newest: Option<UtcTime>,
    /// Whether an operator accepts a time of day that is before the newest entry of the log.
    accepts: bool,
    /// Whether the first step is followed, because the machine has just started.
    may_step: bool,
    /// The last step that was followed and not yet reported.
    step: Option<Step>,
}

impl Known {
    fn of(reading: Reading, program: UtcTime, is_synchronised: bool) -> Self {
        let may_step = reading.running < YOUNG && !is_synchronised;
        Self { anchor: Anchor::of(reading), program, newest: None, accepts: false, may_step, step: None }
    }

    /// Returns the time of day by the clock that nobody can set.
    fn expected(&self, reading: Reading) -> UtcTime {
        UtcTime::from_micros(self.anchor.started.saturating_add(micros(reading.running))).unwrap_or(reading.wall)
    }

    /// Returns by how many seconds the newest entry of the log is later than a time, if by too many.
    fn log_ahead_secs(&self, now: UtcTime) -> Option<i64> {
        let ahead = self.newest?.micros().saturating_sub(now.micros());
        (ahead > micros(MOST_JUMP)).then_some(ahead / 1_000_000)
    }

    /// Whether a time of day cannot be right.
    fn is_impossible(&self, now: UtcTime) -> bool {
        now < self.program || (!self.accepts && self.log_ahead_secs(now).is_some())
    }

    /// Follows a step for which there is evidence.
    fn follow_step(&mut self, reading: Reading) {
        if !self.anchor.is_jump(reading) || self.is_impossible(reading.wall) {
            return;
        }
        let because = if self.is_impossible(self.expected(reading)) {
            "the time before it could not be right"
        } else if self.may_step && reading.running < MAY_STEP {
            "it is the first step since the machine started"
        } else {
            return;
        };
        self.step = Some(Step { secs: self.anchor.jump(reading) / 1_000_000, because });
        self.may_step = false;
        self.anchor = Anchor::of(reading);
    }

    fn fault(&self, reading: Reading) -> Option<ClockFault> {
        if self.anchor.is_jump(reading) && self.expected(reading) >= self.program {
            return Some(ClockFault::Jumped { secs: self.anchor.jump(reading) / 1_000_000 });
        }
        if reading.wall < self.program {
            return Some(ClockFault::BeforeProgram { now: reading.wall });
        }
        let secs = self.log_ahead_secs(reading.wall).filter(|_| !self.accepts)?;
        Some(ClockFault::LogAhead { secs })
    }

    /// Returns the time of day, or the best guess at it if it is wrong.
    fn right_time(&self, reading: Reading) -> UtcTime {
        let now = if self.anchor.is_jump(reading) { self.expected(reading) } else { reading.wall };
        // Before the program was made, any past time that is known is better.
        if now < self.program { self.newest.unwrap_or(self.program).max(self.program) } else { now }
    }
}

/// What is known about the clock of a process, shared between threads.
#[derive(Debug)]
pub struct ClockWatch(Mutex<Known>);

impl ClockWatch {
    /// Starts to watch, with the current time of day as right. `program` is a time at which this program was not yet made.
    #[must_use]
    pub fn start(program: UtcTime) -> Self {
        Self(Mutex::new(Known::of(Reading::take(), program, is_synchronised())))
    }

    /// Locks what is known, after a step was followed for which there is evidence.
    fn held(&self) -> (MutexGuard<'_, Known>, Reading) {
        let (mut known, reading) = (self.0.lock().unwrap_or_else(PoisonError::into_inner), Reading::take());
        known.follow_step(reading);
        (known, reading)
    }

    /// Returns why the time of day must not date what is written; `None` if it may.
    #[must_use]
    pub fn fault(&self) -> Option<ClockFault> {
        let (known, reading) = self.held();
        known.fault(reading)
    }

    /// Returns the time of day. If it is wrong, returns what it would be without that.
    #[must_use]
    pub fn right_time(&self) -> UtcTime {
        let (known, reading) = self.held();
        known.right_time(reading)
    }

    /// Notes the time of the newest entry of the log. Returns by how many seconds it is later than now, if by too many.
    pub fn note_newest(&self, newest: UtcTime) -> Option<i64> {
        let (mut known, reading) = self.held();
        known.newest = Some(newest);
        known.log_ahead_secs(reading.wall)
    }

    /// Accepts the time of day although the log has later entries.
    pub fn accept(&self) {
        self.held().0.accepts = true;
    }

    /// Returns a step that was followed since the last call; `None` if there was none.
    pub fn followed_step(&self) -> Option<Step> {
        self.held().0.step.take()
    }

    /// Accepts another source's start time of the machine, in microseconds since 1970.
    pub fn believe(&self, started: i64) {
        let mut known = self.held().0;
        known.anchor = known.anchor.started_at(started);
    }

    /// Returns the accepted start time of the machine, in microseconds since 1970.
    #[must_use]
    pub fn started(&self) -> i64 {
        self.held().0.anchor.started
    }

    /// Accepts a gradual correction of the clock, unless the clock jumped.
    pub fn follow(&self) {
        let (mut known, reading) = self.held();
        if !known.anchor.is_jump(reading) {
            known.anchor = known.anchor.followed(reading);
        }
    }
}

/// Returns whether a time service is known to have set the clock since the machine started. Only systemd's own service says so in a file;
/// asking the kernel takes a system call (`adjtimex`) that no safe library offers.
#[must_use]
pub fn is_synchronised() -> bool {
    std::path::Path::new(SYNCHRONISED).exists()
}

/// Returns for how many seconds the machine has been running, if it has just started.
#[must_use]
pub fn young_secs() -> Option<u64> {
    let running = Reading::take().running;
    (running < YOUNG).then_some(running.as_secs())
}

/// The operating system's clock without its jumps. So answers given while the time of day is wrong still have the right date, and none is
/// valid for longer than usual.
impl Clock for ClockWatch {
    fn now(&self) -> UtcTime {
        self.right_time()
    }

    fn running(&self) -> Duration {
        SystemClock.running()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: i64 = 1_000_000;

    fn reading(running_secs: u32, off_micros: i64) -> Reading {
        let wall = 1_800_000_000 * SECOND + i64::from(running_secs) * SECOND + off_micros;
        Reading { wall: UtcTime::from_micros(wall).unwrap(), running: Duration::from_secs(running_secs.into()) }
    }

    /// Source: requirements, "clock": more than a minute.
    #[test]
    fn a_minute_is_no_jump_and_more_is() {
        let anchor = Anchor::of(reading(10, 0));
        assert!([60, -60].iter().all(|secs| !anchor.is_jump(reading(20, secs * SECOND))));
        assert!([61, -61, 86_400, -86_400].iter().all(|secs| anchor.is_jump(reading(20, secs * SECOND))));
        assert_eq!(anchor.jump(reading(20, 86_400 * SECOND)), 86_400 * SECOND);
        assert!(!anchor.is_jump(reading(90_000, 0)), "a day that passes is no jump");
    }

    /// A clock of a machine that has run for some seconds: right, or off by some seconds. The program was made a day before.
    fn known(running_secs: u32, off_secs: i64, is_synchronised: bool) -> Known {
        let program = UtcTime::from_micros((1_800_000_000 - 86_400) * SECOND).unwrap();
        Known::of(reading(running_secs, off_secs * SECOND), program, is_synchronised)
    }

    #[test]
    fn a_step_that_ends_a_time_before_the_program_is_followed() {
        let mut clock = known(100_000, -1_800_000_000, true);
        assert_eq!(clock.fault(reading(100_010, -1_800_000_000 * SECOND)).map(ClockFault::cause), Some("clock_behind"));
        assert_eq!(clock.right_time(reading(100_010, -1_800_000_000 * SECOND)), clock.program);

        clock.follow_step(reading(100_020, 0));

        assert_eq!(clock.fault(reading(100_020, 0)), None);
        assert_eq!(clock.step.map(|step| step.secs), Some(1_800_000_000));
        clock.follow_step(reading(100_030, 600 * SECOND));
        assert_eq!(clock.fault(reading(100_030, 600 * SECOND)), Some(ClockFault::Jumped { secs: 600 }), "another step is not");
    }

    #[test]
    fn a_step_past_the_newest_entry_of_the_log_is_followed_and_one_that_stays_before_it_is_not() {
        let mut clock = known(100_000, -3_600, true);
        clock.newest = Some(reading(100_000, 0).wall);
        assert_eq!(clock.fault(reading(100_010, -3_600 * SECOND)), Some(ClockFault::LogAhead { secs: 3_590 }));

        clock.follow_step(reading(100_010, -1_800 * SECOND));
        assert_eq!(clock.fault(reading(100_010, -1_800 * SECOND)).map(ClockFault::cause), Some("clock_jumped"));
        clock.follow_step(reading(100_010, 0));
        assert_eq!(clock.fault(reading(100_010, 0)), None);
    }

    #[test]
    fn the_first_step_of_a_machine_that_has_just_started_is_followed_once() {
        for (running, is_synchronised, is_followed) in [(60, false, true), (60, true, false), (601, false, false)] {
            let mut clock = known(running, 0, is_synchronised);
            clock.follow_step(reading(running + 5, -300 * SECOND));
            let found = clock.fault(reading(running + 5, -300 * SECOND));
            assert_eq!(found.is_none(), is_followed, "{running} {is_synchronised}: {found:?}");
            clock.follow_step(reading(running + 9, 300 * SECOND));
            assert!(clock.fault(reading(running + 9, 300 * SECOND)).is_some(), "a second step");
        }
        let mut late = known(60, 0, false);
        late.follow_step(reading(3_700, 300 * SECOND));
        assert!(late.fault(reading(3_700, 300 * SECOND)).is_some(), "an hour after the start");
    }

    #[test]
    fn an_operator_may_accept_a_clock_behind_the_log_but_none_before_the_program() {
        let mut clock = known(100_000, 0, true);
        clock.newest = Some(reading(110_000, 0).wall);
        clock.accepts = true;
        assert_eq!(clock.fault(reading(100_010, 0)), None);
        let mut old = known(100_000, -100_000_000, true);
        old.accepts = true;
        assert!(old.fault(reading(100_010, -100_000_000 * SECOND)).is_some());
    }

    #[test]
    fn the_machine_s_clocks_go_alike() {
        let watch = ClockWatch::start(UtcTime::EPOCH);
        watch.follow();
        assert_eq!(watch.fault(), None);
        // The machine that runs the test may itself have just started.
        watch.0.lock().unwrap().may_step = false;
        watch.believe(watch.started() - 100 * SECOND - SECOND / 2);
        assert_eq!(watch.fault(), Some(ClockFault::Jumped { secs: 100 }));
        let off = SystemClock.now().micros() - watch.now().micros();
        assert!((100 * SECOND..=101 * SECOND).contains(&off), "{off}");
    }

    proptest! {
        /// Monotonic: if a jump is refused, a larger one in the same direction is refused too.
        #[test]
        fn a_larger_jump_is_refused_where_a_smaller_is(smaller in 0..200 * SECOND, more in 0..100_000 * SECOND, back in any::<bool>()) {
            let anchor = Anchor::of(reading(10, 0));
            let sign = if back { -1 } else { 1 };
            prop_assert!(!anchor.is_jump(reading(20, sign * smaller)) || anchor.is_jump(reading(20, sign * (smaller + more))));
        }

        /// A gradual correction is accepted, however far it goes in total.
        #[test]
        fn a_gradual_correction_is_followed(steps in prop::collection::vec(1_u32..100, 1..200), share in 12_i64..1000) {
            let (mut anchor, mut secs, mut off) = (Anchor::of(reading(0, 0)), 0, 0);
            for step in steps {
                (secs, off) = (secs + step, off + i64::from(step) * SECOND / share);
                prop_assert!(!anchor.is_jump(reading(secs, off)));
                anchor = anchor.followed(reading(secs, off));
            }
        }

        /// Small jumps add up: a large jump made in pieces is refused too.
        #[test]
        fn a_jump_in_pieces_is_refused(pieces in 2_u32..20, secs in 90_i64..10_000) {
            let mut anchor = Anchor::of(reading(0, 0));
            let refused = (1..=pieces).any(|piece| {
                let now = reading(piece, secs * SECOND * i64::from(piece) / i64::from(pieces));
                let is_jump = anchor.is_jump(now);
                anchor = anchor.followed(now);
                is_jump
            });
            prop_assert!(refused);
        }
    }
}
