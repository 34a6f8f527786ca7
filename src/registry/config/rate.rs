//! How often a caller may ask: a token bucket that fills at a rate and holds a burst. Each question costs one token, also inside a batch.

use std::num::NonZeroU32;
use std::str::FromStr;

use serde::Deserialize;

/// Questions per second; 0 for no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "u32")]
pub struct PerSec(u32);

/// The error for a text that is not a number, or for a rate too high for the limiter's clock.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a rate must be a whole number of questions per second, from 0 (no limit) to {most}", most = PerSec::MOST)]
pub struct PerSecError;

impl PerSec {
    /// The highest rate: the limiter measures the time between questions in nanoseconds.
    pub const MOST: u32 = 10_000_000;
}

impl TryFrom<u32> for PerSec {
    type Error = PerSecError;

    fn try_from(questions: u32) -> Result<Self, PerSecError> {
        if questions <= Self::MOST { Ok(Self(questions)) } else { Err(PerSecError) }
    }
}

impl FromStr for PerSec {
    type Err = PerSecError;

    fn from_str(text: &str) -> Result<Self, PerSecError> {
        text.parse::<u32>().map_err(|_| PerSecError)?.try_into()
    }
}

/// The rate and size of a token bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Tokens that return per second.
    pub per_sec: NonZeroU32,
    /// Tokens that the bucket can hold.
    pub burst: Burst,
}

/// Questions at once. At least a whole batch: otherwise a batch could never be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "u32")]
pub struct Burst(NonZeroU32);

/// The burst is not valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BurstError {
    /// Too small for a whole batch.
    #[error("a burst must be at least {least}, so that a whole batch fits; {given} was given", least = Burst::LEAST)]
    TooSmall {
        /// The given number.
        given: u32,
    },
    /// Not a number.
    #[error("a burst must be a whole number of {least} or more", least = Burst::LEAST)]
    NotANumber(#[source] std::num::ParseIntError),
}

impl Burst {
    /// Size of the largest batch.
    ///
    /// Source: docs/gateway.md, "3. Many at once".
    pub const LEAST: u32 = 1_000;

    /// Returns the number of questions.
    #[must_use]
    pub fn get(self) -> NonZeroU32 {
        self.0
    }
}

impl TryFrom<u32> for Burst {
    type Error = BurstError;

    fn try_from(questions: u32) -> Result<Self, BurstError> {
        let held = NonZeroU32::new(questions).filter(|held| held.get() >= Self::LEAST);
        held.map(Self).ok_or(BurstError::TooSmall { given: questions })
    }
}

impl FromStr for Burst {
    type Err = BurstError;

    fn from_str(text: &str) -> Result<Self, BurstError> {
        Self::try_from(text.parse::<u32>().map_err(BurstError::NotANumber)?)
    }
}

impl Rate {
    /// Returns the rate of several callers together.
    #[must_use]
    pub fn times(self, callers: NonZeroU32) -> Self {
        Self { per_sec: self.per_sec.saturating_mul(callers), burst: Burst(self.burst.0.saturating_mul(callers)) }
    }

    /// Combines the given values with the defaults (per second, at once); `None` if unlimited.
    pub(super) fn settle(per_sec: Option<PerSec>, burst: Option<Burst>, default: (u32, u32)) -> Option<Self> {
        let per_sec = NonZeroU32::new(per_sec.map_or(default.0, |per_sec| per_sec.0))?;
        let burst = burst.or_else(|| Burst::try_from(default.1).ok())?;
        Some(Self { per_sec, burst })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_holds_a_whole_batch() {
        assert_eq!("1000".parse::<Burst>().unwrap().get().get(), 1_000);
        assert_eq!("999".parse::<Burst>(), Err(BurstError::TooSmall { given: 999 }));
        assert!("many".parse::<Burst>().unwrap_err().to_string().contains("1000"));
    }

    #[test]
    fn a_rate_that_the_clock_cannot_tell_is_refused() {
        assert!("10000000".parse::<PerSec>().is_ok());
        for text in ["10000001", "4294967296", "-1", "fast", ""] {
            assert_eq!(text.parse::<PerSec>(), Err(PerSecError), "{text}");
        }
    }

    #[test]
    fn a_rate_of_nothing_is_no_limit() {
        assert_eq!(Rate::settle(Some("0".parse().unwrap()), None, (1, 1_000)), None);
        let rate = Rate::settle(None, Some("5000".parse().unwrap()), (7, 1_000)).unwrap();
        assert_eq!((rate.per_sec.get(), rate.burst.get().get()), (7, 5_000));
    }
}
