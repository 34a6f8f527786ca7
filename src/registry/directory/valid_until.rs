//! Until when an answer may be used. A use case states how long its inputs are valid ([`Holds`]). Only the database's silence turns that
//! into the [`ValidUntil`] of an answer, so no answer can be sent without it.

use serde::Serialize;
use vasp_words::time::UtcTime;

/// The longest time for which an answer is valid, in seconds.
const ANSWER_SECS: i64 = 60;

const DAY_SECS: i64 = 86_400;

/// Until when the facts and rules behind an answer stay unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holds {
    now: UtcTime,
    until: UtcTime,
}

/// How long nothing was heard from the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Silence {
    secs: i64,
}

/// Until when an answer may be used, as the API shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ValidUntil(UtcTime);
vasp_words::text_schema!(ValidUntil: DateTime);

impl Holds {
    /// Returns the earlier of a minute from now and the next change of a used fact or rule. Changes in the past are ignored.
    #[must_use]
    pub fn before(now: UtcTime, changes: impl IntoIterator<Item = UtcTime>) -> Self {
        Self::at_most(ANSWER_SECS, now, changes)
    }

    /// As [`Holds::before`], but at most `secs` from now.
    pub(crate) fn at_most(secs: i64, now: UtcTime, changes: impl IntoIterator<Item = UtcTime>) -> Self {
        Self { now, until: changes.into_iter().filter(|at| *at > now).fold(now.plus_secs(secs), UtcTime::min) }
    }

    /// Returns the earlier of two.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        if other.until < self.until { other } else { self }
    }

    pub(crate) fn until(self) -> UtcTime {
        self.until
    }
}

impl Silence {
    /// No silence: the database confirmed the answer in this very request, or nobody else uses it.
    pub const NONE: Self = Self { secs: 0 };

    /// A silence of so many seconds.
    pub(crate) fn of_secs(secs: i64) -> Self {
        Self { secs }
    }

    /// Returns until when an answer is valid. The silence shortens the time, so nobody uses an answer longer than usual after the database
    /// last confirmed it. It is at least one second, because the answer is given in any case.
    ///
    /// Source: docs/nodes.md, "What happens when".
    #[must_use]
    pub fn shortens(self, Holds { now, until }: Holds) -> ValidUntil {
        if self == Self::NONE {
            return ValidUntil(until);
        }
        // No answer is valid for longer than a day; this also keeps the subtraction within the range of times.
        let shorter = until.plus_secs(self.secs.min(DAY_SECS).saturating_neg());
        ValidUntil(shorter.max(now.plus_secs(1)).min(until))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_of_the_database_counts_against_an_answer() {
        let time = |text: &str| text.parse::<UtcTime>().unwrap();
        let now = time("2026-06-30T12:00:00Z");
        let after = |holds: i64, secs: i64| Silence { secs }.shortens(Holds { now, until: now.plus_secs(holds) }).0;

        assert_eq!([after(60, 0), after(60, 5)], [time("2026-06-30T12:01:00Z"), time("2026-06-30T12:00:55Z")]);
        assert_eq!([after(60, 59), after(60, 60), after(60, i64::MAX)], [time("2026-06-30T12:00:01Z"); 3]);
        assert_eq!([after(10, 7), after(10, 30)], [time("2026-06-30T12:00:03Z"), time("2026-06-30T12:00:01Z")]);
        assert_eq!(after(0, 30), now, "what is over already is not brought back");
    }

    #[test]
    fn an_answer_holds_a_minute_unless_a_fact_changes_before() {
        let time = |text: &str| text.parse::<UtcTime>().unwrap();
        let now = time("2026-06-30T23:59:30Z");

        assert_eq!(Holds::before(now, []).until, time("2026-07-01T00:00:30Z"));
        assert_eq!(
            Holds::before(now, [time("2026-01-01T00:00:00Z"), time("2026-07-01T00:00:00Z")]).until,
            time("2026-07-01T00:00:00Z")
        );
    }
}
