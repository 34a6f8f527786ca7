//! What a client takes from outside: time, waits and chance. A test gives its own world; programs take `SystemWorld`. No other file reads
//! a clock or draws random bits.

use std::time::Duration;

use rand_core::RngCore;
use vasp_clock::{Clock, Random, RandomError, SystemClock};
use vasp_words::time::UtcTime;

/// Time, waits and chance.
pub trait World: Clock {
    /// Waits before the next attempt of a call.
    fn wait(&self, duration: Duration);

    /// Fills a buffer with random bytes, for idempotency keys and traces.
    fn fill(&self, bytes: &mut [u8]);

    /// Draws how much of the jitter is added to a wait: from 0 to 1.
    fn jitter(&self) -> f64 {
        let mut bytes = [0; 4];
        self.fill(&mut bytes);
        f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
    }
}

/// The operating system's clock and randomness; a wait blocks the thread.
#[derive(Debug)]
pub struct SystemWorld(Random);

impl SystemWorld {
    /// Opens the system's source of randomness.
    ///
    /// # Errors
    /// `RandomError` if the system provides no random bytes.
    pub fn open() -> Result<Self, RandomError> {
        Random::from_system().map(Self)
    }
}

impl Clock for SystemWorld {
    fn now(&self) -> UtcTime {
        SystemClock.now()
    }

    fn running(&self) -> Duration {
        SystemClock.running()
    }
}

impl World for SystemWorld {
    fn wait(&self, duration: Duration) {
        std::thread::sleep(duration);
    }

    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().fill_bytes(bytes);
    }
}

/// Draws a random UUID.
///
/// Source: RFC 9562 section 5.4.
pub(crate) fn uuid(world: &dyn World) -> String {
    let mut bytes = [0; 16];
    world.fill(&mut bytes);
    let drawn = u128::from_be_bytes(bytes);
    let version = (drawn & !(0xf << 76)) | (0x4 << 76);
    let number = (version & !(0x3 << 62)) | (0x2 << 62);
    let part = |shift: u32, mask: u128| (number >> shift) & mask;
    let (first, second, third) = (part(96, 0xffff_ffff), part(80, 0xffff), part(64, 0xffff));
    format!("{first:08x}-{second:04x}-{third:04x}-{:04x}-{:012x}", part(48, 0xffff), part(0, 0xffff_ffff_ffff))
}

/// Begins a trace of one call, which is not sampled.
///
/// Source: W3C Trace Context, version 00.
pub(crate) fn trace(world: &dyn World) -> String {
    let (mut trace, mut span) = ([0; 16], [0; 8]);
    world.fill(&mut trace);
    world.fill(&mut span);
    format!("00-{}-{}-00", hex::encode(trace), hex::encode(span))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Always(u8);

    impl Clock for Always {
        fn now(&self) -> UtcTime {
            UtcTime::EPOCH
        }

        fn running(&self) -> Duration {
            Duration::ZERO
        }
    }

    impl World for Always {
        fn wait(&self, _: Duration) {}

        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    /// Source: RFC 9562 sections 4.1 and 4.2: version 4, variant 10.
    #[test]
    fn a_random_uuid_has_its_version_and_variant() {
        assert_eq!(uuid(&Always(0)), "00000000-0000-4000-8000-000000000000");
        assert_eq!(uuid(&Always(0xff)), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }

    #[test]
    fn jitter_is_a_share() {
        assert!(Always(0).jitter().abs() < f64::EPSILON);
        assert!((Always(0xff).jitter() - 1.0).abs() < f64::EPSILON);
    }
}
