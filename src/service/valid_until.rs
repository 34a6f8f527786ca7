//! Until when an answer may be used. Every use case that answers from the directory ends here.

use crate::domain::time::UtcTime;

/// How long an answer holds at most, in seconds.
///
/// Source: wire contract, Manners.
pub const ANSWER_SECS: i64 = 60;

/// Returns the earliest of: when a used fact or rule changes, and `secs` from now. What lies in the past changes no more.
#[must_use]
pub fn valid_until(now: UtcTime, secs: i64, changes: impl IntoIterator<Item = UtcTime>) -> UtcTime {
    changes.into_iter().filter(|at| *at > now).fold(now.plus_secs(secs), UtcTime::min)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_holds_a_minute_unless_a_fact_changes_before() {
        let time = |text: &str| text.parse::<UtcTime>().unwrap();
        let now = time("2026-06-30T23:59:30Z");

        assert_eq!(valid_until(now, ANSWER_SECS, []), time("2026-07-01T00:00:30Z"));
        assert_eq!(
            valid_until(now, ANSWER_SECS, [time("2026-01-01T00:00:00Z"), time("2026-07-01T00:00:00Z")]),
            time("2026-07-01T00:00:00Z")
        );
    }
}
