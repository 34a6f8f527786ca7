//! How long a person must wait after wrong passwords. Attempts count against the named account, even if it does not exist, and
//! against the network address. An attempt counts before it is judged, so that many attempts at the same time do not avoid the
//! limit. Attempts from an address from which the account recently signed in are counted separately. Wrong passwords from other
//! addresses therefore do not lock the owner out there.

use std::num::NonZeroU32;

use vasp_words::time::UtcTime;

/// The number of failures in a row that cause no wait.
const FREE: i64 = 4;

/// The longest wait, in seconds.
///
/// Source: NIST SP 800-63B-4 section 3.2.2: at most 100 failures in a row, slowed down by waits that grow from seconds to an
/// hour; 15 minutes make 96 a day.
const LONGEST_SECS: i64 = 900;

/// How long attempts from an address are counted separately after the account signed in from it, in seconds: 30 days.
///
/// Source: NIST SP 800-63B-4 section 3.2.2: addresses from which the subscriber was authenticated before may be let through, so that
/// nobody is locked out by the limit on failures.
pub const KNOWN_SECS: i64 = 30 * 86_400;

/// The maximum number of addresses of one account with a separate count. Each such address gives an attacker there another series
/// of attempts.
pub const MOST_KNOWN: i64 = 20;

/// What attempts are counted against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Against {
    /// An account, either from one address from which it recently signed in, or from all other addresses. The count ends after a
    /// day without a failure, or with a correct answer.
    Account,
    /// A network with as many addresses' allowances. The count ends if there is no failure for the longest wait. A successful sign-in
    /// does not clear it; otherwise an account holder could guess other passwords without limit.
    Network(NonZeroU32),
}

/// The count of failed attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempts {
    /// The number of failures in a row.
    pub failures: i64,
    /// The time of the last attempt.
    pub last_at: UtcTime,
    /// The time until which no attempt is accepted.
    pub blocked_until: UtcTime,
}

/// Too many attempts were wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// The remaining wait in whole seconds; at least 1.
    pub secs: u32,
}

impl Against {
    /// Returns the number of seconds without a failure after which the count ends.
    #[must_use]
    pub fn forgotten_after_secs(self) -> i64 {
        match self {
            Self::Account => 86_400,
            Self::Network(_) => LONGEST_SECS,
        }
    }
}

impl Against {
    fn allowances(self) -> i64 {
        match self {
            Self::Account => 1,
            Self::Network(allowances) => allowances.get().into(),
        }
    }
}

impl Attempts {
    /// No failed attempts.
    pub const NONE: Self = Self { failures: 0, last_at: UtcTime::EPOCH, blocked_until: UtcTime::EPOCH };

    /// Counts an attempt as a failure.
    ///
    /// # Errors
    /// `Blocked` if the attempt is not accepted; then it does not count.
    pub fn count(self, against: Against, now: UtcTime) -> Result<Self, Blocked> {
        let wait_micros = self.blocked_until.micros().saturating_sub(now.micros());
        // If there was no wait, a clock that goes back, or another node's clock, must not cause one.
        if wait_micros > 0 && self.blocked_until > self.last_at {
            let secs = (wait_micros.saturating_add(999_999) / 1_000_000).min(LONGEST_SECS);
            return Err(Blocked { secs: u32::try_from(secs).unwrap_or(u32::MAX) });
        }
        let forgotten = now >= self.last_at.plus_secs(against.forgotten_after_secs());
        let failures = if forgotten { 1 } else { self.failures.saturating_add(1) };
        Ok(Self { failures, last_at: now, blocked_until: now.plus_secs(wait_secs(failures / against.allowances())) })
    }

    /// Removes one attempt from the count because it was correct.
    #[must_use]
    pub fn forgive(self, against: Against) -> Self {
        let failures = self.failures.saturating_sub(1).max(0);
        match against {
            Against::Account => Self::NONE,
            // The previous wait had ended, otherwise the attempt would not have been accepted.
            Against::Network(_) if failures == 0 => Self::NONE,
            Against::Network(_) => Self { failures, blocked_until: self.last_at, ..self },
        }
    }
}

/// Returns the wait after this number of failures: 1 s after the fifth, doubled after each further failure.
fn wait_secs(failures: i64) -> i64 {
    match u32::try_from(failures - FREE - 1) {
        Err(_) => 0,
        Ok(doublings) => 1_i64.checked_shl(doublings.min(32)).unwrap_or(LONGEST_SECS).min(LONGEST_SECS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ADDRESS: Against = Against::Network(NonZeroU32::MIN);

    fn at(secs: i64) -> UtcTime {
        UtcTime::EPOCH.plus_secs(1_000_000 + secs)
    }

    #[test]
    fn the_fifth_failure_costs_a_second_and_each_further_one_twice_as_much() {
        let mut attempts = Attempts::NONE;
        let (mut now, mut waits) = (at(0), Vec::new());
        for _ in 0..18 {
            attempts = attempts.count(Against::Account, now).unwrap();
            waits.push((attempts.blocked_until.micros() - now.micros()) / 1_000_000);
            now = attempts.blocked_until;
        }

        assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900]);
    }

    #[test]
    fn who_waits_is_told_how_long_and_is_not_counted() {
        let blocked = Attempts { failures: 6, last_at: at(0), blocked_until: at(2) };

        assert_eq!(blocked.count(Against::Account, at(0)), Err(Blocked { secs: 2 }));
        assert_eq!(blocked.count(Against::Account, at(0).plus_micros(1_000_001)), Err(Blocked { secs: 1 }));
        assert_eq!(blocked.count(Against::Account, at(2)).unwrap().failures, 7);
    }

    #[test]
    fn the_right_answer_clears_the_account_but_not_the_address() {
        let attempts = Attempts { failures: 9, last_at: at(0), blocked_until: at(16) };

        assert_eq!(attempts.forgive(Against::Account), Attempts::NONE);
        let address = attempts.forgive(ADDRESS);
        assert_eq!((address.failures, address.blocked_until), (8, at(0)));
    }

    #[test]
    fn what_is_long_past_is_forgotten() {
        let attempts = Attempts { failures: 30, last_at: at(0), blocked_until: at(900) };

        assert_eq!(attempts.count(ADDRESS, at(900)).unwrap().failures, 1);
        assert_eq!(attempts.count(Against::Account, at(86_399)).unwrap().failures, 31);
        assert_eq!(attempts.count(Against::Account, at(86_400)).unwrap().failures, 1);
    }

    #[test]
    fn a_clock_that_goes_back_makes_nobody_wait_for_nothing() {
        let free = Attempts { failures: 2, last_at: at(1_000), blocked_until: at(1_000) };
        let waiting = Attempts { failures: 9, last_at: at(100_000), blocked_until: at(100_016) };

        assert_eq!(free.count(Against::Account, at(0)).unwrap().failures, 3);
        assert_eq!(waiting.count(Against::Account, at(0)), Err(Blocked { secs: 900 }));
    }

    proptest! {
        #[test]
        fn waits_never_shrink_and_never_pass_the_longest(failures in 0i64..100_000) {
            prop_assert!(wait_secs(failures) <= wait_secs(failures + 1));
            prop_assert!((0..=LONGEST_SECS).contains(&wait_secs(failures)));
        }
    }
}
