//! The only place that reads the clock or opens the operating system's source of randomness. All other code takes `now: UtcTime` and `rng:
//! &mut dyn RngCore`; only the outermost code (such as the HTTP handlers and `cli`) asks here and passes them on.

mod jump;

pub use jump::{Anchor, ClockFault, ClockWatch, MOST_JUMP, Reading, Step, is_synchronised, young_secs};

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rand_chacha::ChaCha20Rng;
use rand_core::{SeedableRng, TryRngCore};

use vasp_words::time::UtcTime;

/// Tells the time; shared by all workers of a server.
pub trait Clock: Send + Sync {
    /// Returns the current time.
    fn now(&self) -> UtcTime;

    /// Returns how long the clock has run, to measure durations: setting the time of day does not change it.
    fn running(&self) -> Duration;
}

/// A clock in the form that the rate limiter needs.
#[derive(Clone)]
pub struct LimiterClock(pub Arc<dyn Clock>);

impl governor::clock::Clock for LimiterClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.running()
    }
}

impl fmt::Debug for LimiterClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LimiterClock").field(&self.0.running()).finish()
    }
}

/// The operating system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

/// A clock that stops until it is set: for tests, and to replay a past question.
#[derive(Debug)]
pub struct SetClock(AtomicI64);

/// The operating system's clock, moved forward by hand: the clock of a sandbox, in which days pass at once.
#[derive(Debug, Default)]
pub struct ShiftedClock(AtomicI64);

/// A stopwatch for durations; it does not know the time of day.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

/// A shared source of random bits, seeded once.
#[derive(Debug)]
pub struct Random(Mutex<ChaCha20Rng>);

/// The reason why no random source could be opened.
#[derive(Debug, thiserror::Error)]
#[error("the operating system's random number source does not answer")]
pub struct RandomError(#[source] rand_core::OsError);

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    fn now(&self) -> UtcTime {
        let micros = jiff::Timestamp::now().as_microsecond();
        UtcTime::from_micros(micros).unwrap_or(UtcTime::EPOCH)
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    fn running(&self) -> Duration {
        static FIRST_LOOK: LazyLock<Instant> = LazyLock::new(Instant::now);
        FIRST_LOOK.elapsed()
    }
}

impl SetClock {
    /// Makes a clock that shows `now`.
    #[must_use]
    pub fn at(now: UtcTime) -> Self {
        Self(AtomicI64::new(now.micros()))
    }

    /// Sets the clock to `now`, even backwards.
    pub fn set(&self, now: UtcTime) {
        self.0.store(now.micros(), Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> UtcTime {
        UtcTime::from_micros(self.0.load(Ordering::SeqCst)).unwrap_or(UtcTime::EPOCH)
    }

    /// Time since the epoch: setting this clock also determines how long things take.
    fn running(&self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.load(Ordering::SeqCst)).unwrap_or(0))
    }
}

impl ShiftedClock {
    /// Makes a clock that shows `now` at this moment, and runs on from there.
    #[must_use]
    pub fn at(now: UtcTime) -> Self {
        Self(AtomicI64::new(now.micros().saturating_sub(SystemClock.now().micros())))
    }

    /// Moves the clock forward by a duration; it cannot go back.
    pub fn advance(&self, by: Duration) {
        let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        self.0.fetch_add(micros, Ordering::SeqCst);
    }

    /// Moves the clock forward to a time.
    ///
    /// # Errors
    /// The clock's time, if that is `at` or later; the clock is then unchanged.
    pub fn advance_to(&self, at: UtcTime) -> Result<(), UtcTime> {
        let system = SystemClock.now().micros();
        let offset = at.micros().saturating_sub(system);
        match self.0.fetch_max(offset, Ordering::SeqCst) {
            before if before < offset => Ok(()),
            before => Err(UtcTime::from_micros(system.saturating_add(before)).unwrap_or(UtcTime::EPOCH)),
        }
    }

    /// Returns by how much this clock differs from the operating system's.
    fn offset_micros(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> UtcTime {
        let micros = SystemClock.now().micros().saturating_add(self.offset_micros());
        UtcTime::from_micros(micros).unwrap_or(UtcTime::EPOCH)
    }

    /// Time that really passed: moving this clock leaves durations, such as rate limits, as they are.
    fn running(&self) -> Duration {
        SystemClock.running()
    }
}

impl Stopwatch {
    /// Starts a stopwatch.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Returns the microseconds since the start.
    #[must_use]
    pub fn elapsed_micros(self) -> u64 {
        u64::try_from(self.0.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

/// Returns the processor time that this thread has used, in microseconds: unlike the time that passes, it does not grow because others use
/// the processor.
#[must_use]
pub fn thread_micros() -> u64 {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    let micros = |seconds: i64, nanos: i64| seconds.saturating_mul(1_000_000).saturating_add(nanos / 1_000);
    u64::try_from(micros(used.tv_sec, used.tv_nsec)).unwrap_or(0)
}

impl Random {
    /// Seeds a source from the operating system.
    ///
    /// # Errors
    /// `RandomError` if the system provides no random bytes.
    pub fn from_system() -> Result<Self, RandomError> {
        let mut seed = [0; 32];
        rand_core::OsRng.try_fill_bytes(&mut seed).map_err(RandomError)?;
        Ok(Self(Mutex::new(ChaCha20Rng::from_seed(seed))))
    }

    /// Makes a source that depends only on `seed`. For tests only: its secrets are predictable.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Mutex::new(ChaCha20Rng::seed_from_u64(seed)))
    }

    /// Locks the source for a few draws. The holder of the lock must neither wait nor lock it again.
    pub fn lock(&self) -> MutexGuard<'_, ChaCha20Rng> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns an independent generator seeded from this one, for work that needs many random bits.
    #[must_use]
    pub fn fork(&self) -> ChaCha20Rng {
        ChaCha20Rng::from_rng(&mut *self.lock())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::RngCore;

    #[test]
    fn set_clock_stands_still_until_it_is_set() {
        let clock = SetClock::at("2026-01-31T12:00:00Z".parse().unwrap());
        let before = clock.now();

        clock.set("2026-02-01T00:00:00.000001Z".parse().unwrap());

        assert_eq!(before.to_string(), "2026-01-31T12:00:00Z");
        assert_eq!(clock.now().to_string(), "2026-02-01T00:00:00.000001Z");
    }

    #[test]
    fn shifted_clock_runs_on_from_where_it_was_put() {
        let clock = ShiftedClock::at("2030-01-31T12:00:00Z".parse().unwrap());

        assert!(clock.now() >= "2030-01-31T12:00:00Z".parse().unwrap());
        assert!(clock.now() < "2030-01-31T12:10:00Z".parse().unwrap());
        clock.advance(Duration::from_secs(86_400));
        assert!(clock.now() >= "2030-02-01T12:00:00Z".parse().unwrap());
        assert!(clock.now() < "2030-02-01T12:10:00Z".parse().unwrap());
    }

    #[test]
    fn shifted_clock_is_put_to_later_times_only() {
        let clock = ShiftedClock::at("2030-01-31T12:00:00Z".parse().unwrap());
        let later: UtcTime = "2030-03-01T00:00:00Z".parse().unwrap();

        assert_eq!(clock.advance_to(later), Ok(()));

        assert!((later..later.plus_secs(600)).contains(&clock.now()));
        for past in ["2030-03-01T00:00:00Z", "2030-01-01T00:00:00Z"] {
            let shown = clock.advance_to(past.parse().unwrap()).unwrap_err();
            assert!((later..later.plus_secs(600)).contains(&shown), "{shown}");
        }
        assert!((later..later.plus_secs(600)).contains(&clock.now()));
    }

    #[test]
    fn system_clock_is_past_the_day_this_was_written() {
        assert!(SystemClock.now() > "2026-01-01T00:00:00Z".parse().unwrap());
    }

    #[test]
    fn equal_seeds_draw_equal_bits_and_the_system_draws_others() {
        let draw = |random: &Random| {
            let first = random.lock().next_u64();
            (first, random.fork().next_u64())
        };

        assert_eq!(draw(&Random::seeded(7)), draw(&Random::seeded(7)));
        assert_ne!(draw(&Random::from_system().unwrap()), draw(&Random::from_system().unwrap()));
    }
}
