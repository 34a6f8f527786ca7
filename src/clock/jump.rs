//! Detects whether somebody set the time of day while the process ran. It compares the clock with one that nobody can set. While both
//! advance equally, the time of day is as good as at the start.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use vasp_words::time::UtcTime;

use super::{Clock, SystemClock};

/// By how much the time of day may be set before nothing more is written. Source: requirements, "clock": one minute.
pub const MOST_JUMP: Duration = Duration::from_secs(60);

/// The largest part of the elapsed time by which a clock may be corrected gradually: 1/12. Source: chrony 4.3, `maxslewrate`, 83,333.333
/// ppm by default; ntpd and `adjtime` stay far below that.
const FASTEST_CORRECTION: i64 = 12;

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

/// The anchor of a process, shared between threads.
#[derive(Debug)]
pub struct ClockWatch(Mutex<Anchor>);

impl ClockWatch {
    /// Starts to watch, with the current time of day as right.
    #[must_use]
    pub fn start() -> Self {
        Self(Mutex::new(Anchor::of(Reading::take())))
    }

    fn held(&self) -> MutexGuard<'_, Anchor> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns by how many seconds the time of day was set, if by too much; negative if set back. Otherwise `None`.
    #[must_use]
    pub fn jumped_secs(&self) -> Option<i64> {
        let (anchor, reading) = (*self.held(), Reading::take());
        anchor.is_jump(reading).then(|| anchor.jump(reading) / 1_000_000)
    }

    /// Returns the time of day. If it was set by too much, returns what it would be without that.
    #[must_use]
    pub fn right_time(&self) -> UtcTime {
        let (anchor, reading) = (*self.held(), Reading::take());
        if !anchor.is_jump(reading) {
            return reading.wall;
        }
        UtcTime::from_micros(anchor.started.saturating_add(micros(reading.running))).unwrap_or(reading.wall)
    }

    /// Accepts another source's start time of the machine, in microseconds since 1970.
    pub fn believe(&self, started: i64) {
        let mut anchor = self.held();
        *anchor = anchor.started_at(started);
    }

    /// Returns the accepted start time of the machine, in microseconds since 1970.
    #[must_use]
    pub fn started(&self) -> i64 {
        self.held().started
    }

    /// Accepts a gradual correction of the clock, unless the clock jumped.
    pub fn follow(&self) {
        let (mut anchor, reading) = (self.held(), Reading::take());
        if !anchor.is_jump(reading) {
            *anchor = anchor.followed(reading);
        }
    }
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

    #[test]
    fn the_machine_s_clocks_go_alike() {
        let watch = ClockWatch::start();
        watch.follow();
        assert_eq!(watch.jumped_secs(), None);
        watch.believe(watch.started() - 100 * SECOND - SECOND / 2);
        assert_eq!(watch.jumped_secs(), Some(100));
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
