//! Limits on the effect of one member's unproven claims on other parties. A limited number may contradict other parties' claims
//! before a review, and some claims are never contradicted. Claims beyond the limit wait and change no answer. The functions are
//! pure.
//!
//! Source: docs/claims.md, "Allowance".

use vasp_words::time::UtcTime;

const DAY_SECS: i64 = 86_400;

/// The limits of the allowance rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// The number of unproven claims per 24 hours that may contradict other parties' claims and take effect immediately.
    pub a_day: u32,
    /// The number of such claims that may be open at the same time.
    pub open: u32,
    /// Days between a member's verification and its first allowance.
    pub after_days: u16,
    /// Days without contradiction after which a claim is protected: only a reviewer may let other claims contradict it.
    pub undisputed_days: u16,
    /// The maximum number of one member's claims that wait for a reviewer; more are refused.
    pub waiting: u32,
}

/// The limits that apply to members' claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimTerms {
    /// The time after which a claim ends automatically, in seconds.
    pub lifetime_secs: i64,
    /// The allowance to contradict other parties' claims immediately.
    pub allowance: Allowance,
    /// The number of new claims per day (UTC) for which a member learns whether they contradict others; `None` if there is no
    /// limit.
    pub told_a_day: Option<u32>,
}

impl Default for Allowance {
    fn default() -> Self {
        Self { a_day: 10, open: 50, after_days: 30, undisputed_days: 90, waiting: 100_000 }
    }
}

/// How much of its allowance a member has used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Used {
    /// Since when its VASP has been verified without a break; `None` if it is not verified.
    pub verified_since: Option<UtcTime>,
    /// The number of its unproven claims that contradicted others, and took effect, in the last 24 hours.
    pub today: i64,
    /// The number of its unproven claims that still contradict others.
    pub open: i64,
}

/// The properties of a claim that a new claim would contradict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opposed {
    /// Since when it has been valid without a break; `None` if unknown.
    pub since: Option<UtcTime>,
    /// Whether claims of other parties contradicted it within the rule's number of days.
    pub was_contradicted: bool,
}

impl Allowance {
    /// Returns the start of the 24 hours in which claims are counted.
    #[must_use]
    pub fn today_since(now: UtcTime) -> UtcTime {
        now.plus_secs(-DAY_SECS)
    }

    /// Returns the time since which a claim must be without contradiction to be protected.
    #[must_use]
    pub fn undisputed_since(&self, now: UtcTime) -> UtcTime {
        now.plus_secs(-i64::from(self.undisputed_days) * DAY_SECS)
    }

    /// Returns how many more unproven claims may contradict others and take effect immediately.
    #[must_use]
    pub fn left(&self, used: Used, now: UtcTime) -> usize {
        let from = used.verified_since.map(|since| since.plus_secs(i64::from(self.after_days) * DAY_SECS));
        if from.is_none_or(|from| self.after_days > 0 && now < from) {
            return 0;
        }
        let left = (i64::from(self.a_day) - used.today).min(i64::from(self.open) - used.open);
        usize::try_from(left).unwrap_or(0)
    }

    /// Tells whether this claim is protected: no unproven claim contradicts it before a review.
    #[must_use]
    pub fn spares(&self, opposed: Opposed, now: UtcTime) -> bool {
        let is_old = opposed.since.is_some_and(|since| since <= self.undisputed_since(now));
        is_old && !opposed.was_contradicted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> UtcTime {
        text.parse().unwrap()
    }

    #[test]
    fn the_numbers_are_those_of_the_contract() {
        let (rule, now) = (Allowance::default(), at("2026-07-01T00:00:00Z"));
        let used = |since: &str, today, open| Used { verified_since: Some(at(since)), today, open };

        assert_eq!(rule.left(used("2026-06-01T00:00:00Z", 0, 0), now), 10, "30 days after verification");
        assert_eq!(rule.left(used("2026-06-01T00:00:01Z", 0, 0), now), 0);
        assert_eq!(rule.left(used("2026-01-01T00:00:00Z", 7, 40), now), 3);
        assert_eq!(rule.left(used("2026-01-01T00:00:00Z", 7, 48), now), 2);
        assert_eq!(rule.left(used("2026-01-01T00:00:00Z", 11, 90), now), 0);
        assert_eq!(rule.left(Used { verified_since: None, today: 0, open: 0 }, now), 0);

        let opposed = |since: &str| Opposed { since: Some(at(since)), was_contradicted: false };
        assert!(rule.spares(opposed("2026-04-02T00:00:00Z"), now), "90 days");
        assert!(!rule.spares(opposed("2026-04-02T00:00:01Z"), now));
        assert!(!rule.spares(Opposed { was_contradicted: true, ..opposed("2020-01-01T00:00:00Z") }, now));
        assert!(!rule.spares(Opposed { since: None, ..opposed("2020-01-01T00:00:00Z") }, now));
    }

    proptest! {
        #[test]
        fn who_said_more_or_was_verified_later_has_never_more_left(
            days in 0_i64..400, later in 0_i64..400, today in 0_i64..100, more in 0_i64..100, open in 0_i64..100, stands in 0_i64..100,
        ) {
            let (rule, now) = (Allowance::default(), at("2026-07-01T00:00:00Z"));
            let since = now.plus_secs(-days * DAY_SECS);
            let better = rule.left(Used { verified_since: Some(since), today, open }, now);

            let used = Used { verified_since: Some(since.plus_secs(later * DAY_SECS)), today: today + more, open: open + stands };

            prop_assert!(rule.left(used, now) <= better);
            prop_assert!(better <= 10);
        }
    }
}
