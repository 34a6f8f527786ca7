//! Until when an answer may be used. Every use case that answers from the directory ends here.

use super::Registry;
use vasp_words::time::UtcTime;

/// How long an answer holds at most, in seconds.
///
/// Source: wire contract, Manners.
pub const ANSWER_SECS: i64 = 60;

/// Returns the earliest of: when a used fact or rule changes, and `secs` from now. What lies in the past changes no more.
#[must_use]
pub fn valid_until(now: UtcTime, secs: i64, changes: impl IntoIterator<Item = UtcTime>) -> UtcTime {
    changes.into_iter().filter(|at| *at > now).fold(now.plus_secs(secs), UtcTime::min)
}

const DAY_SECS: i64 = 86_400;

/// Returns until when an answer holds that comes from a directory of which nothing was heard for so long: the silence counts
/// against it, so that nobody uses anything longer after the database last confirmed it than always. At least a second, as the
/// answer is given all the same.
///
/// Source: issue 8, "PostgreSQL for several nodes": reads from memory with a shortened `valid_until` while the database is away.
#[must_use]
pub fn shortened(valid_until: UtcTime, now: UtcTime, silent_secs: i64) -> UtcTime {
    if silent_secs == 0 {
        return valid_until;
    }
    // No answer holds longer than a day; a time that cannot be written is no time.
    valid_until.plus_secs(silent_secs.min(DAY_SECS).saturating_neg()).max(now.plus_secs(1)).min(valid_until)
}

impl Registry {
    /// Returns until when an answer of this moment holds, where this process has not heard of its database for a while.
    #[must_use]
    pub fn shortened(&self, valid_until: UtcTime, now: UtcTime) -> UtcTime {
        shortened(valid_until, now, self.directory().silent_secs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_of_the_database_counts_against_an_answer() {
        let time = |text: &str| text.parse::<UtcTime>().unwrap();
        let now = time("2026-06-30T12:00:00Z");
        let after = |holds: i64, silent: i64| shortened(now.plus_secs(holds), now, silent);

        assert_eq!([after(60, 0), after(60, 5)], [time("2026-06-30T12:01:00Z"), time("2026-06-30T12:00:55Z")]);
        assert_eq!([after(60, 59), after(60, 60), after(60, i64::MAX)], [time("2026-06-30T12:00:01Z"); 3]);
        assert_eq!([after(10, 7), after(10, 30)], [time("2026-06-30T12:00:03Z"), time("2026-06-30T12:00:01Z")]);
        assert_eq!(after(0, 30), now, "what is over already is not brought back");
    }

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
