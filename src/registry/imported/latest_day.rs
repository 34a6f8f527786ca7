//! The day of the newest compiled-in facts.

use vasp_words::time::{Date, UtcTime};

/// The day of the policy, which has no date of its own. No compiled-in file with facts has a later day.
const POLICY_DAY: (i16, i8, i8) = (2026, 11, 28);

/// Returns the day up to which facts may be dated: today. A clock that is before the compiled-in facts is wrong, but `demo` must load anyway.
pub(crate) fn latest_day(now: UtcTime) -> Date {
    now.date().max(newest_day())
}

/// Returns the day of the newest compiled-in facts.
pub(crate) fn newest_day() -> Date {
    let (year, month, day) = POLICY_DAY;
    Date::new(year, month, day).unwrap_or_else(|| UtcTime::EPOCH.date())
}

#[cfg(test)]
mod tests {
    use super::*;
    use vasp_rules::lists::JurisdictionLists;
    use vasp_rules::rulebook::Rulebook;

    #[test]
    fn nothing_compiled_in_is_newer_than_the_newest_day() {
        assert!(Rulebook::embedded().unwrap().generated_on <= newest_day());
        assert!(JurisdictionLists::embedded().unwrap().generated_on <= newest_day());
    }
}
