//! How long an organisation keeps the requests and answers of its pre-checks. After that, addresses, amounts and names are erased. Digests,
//! references and codes stay.

use serde::{Deserialize, Serialize};

use super::rulebook::Rulebook;
use vasp_words::country::Country;
use vasp_words::time::{Date, UtcTime};

const DAY_SECS: i64 = 86_400;

/// A number of days, 30 to 5,479 (15 years).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct PrecheckRetention(u32);

/// The number is out of range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("pre-checks are kept for 30 to 5,479 days, not {0}")]
pub struct PrecheckRetentionError(u32);

impl PrecheckRetention {
    /// The shortest period.
    pub const SHORTEST: Self = Self(30);
    /// The longest period: 15 years, of which four may have a leap day.
    pub const LONGEST: Self = Self(5_479);

    /// Returns the period for an organisation in `country` that has set none: the period of its own law on `date`. If there are several
    /// regimes, the longest period applies. It is the longest period of all if there is no country, or if one of the regimes states no
    /// period. This way nothing is erased that a law requires to be kept.
    ///
    /// Source: rulebook, `retention_years` (5 to 15); FATF R.11 (at least five years).
    #[must_use]
    pub fn by_law(rulebook: &Rulebook, country: Option<Country>, date: Date) -> Self {
        let entries = country.into_iter().flat_map(|country| rulebook.entries_for_country(country));
        let years = entries.map(|entry| entry.version_on(date).and_then(|version| version.retention_years));
        years.collect::<Option<Vec<_>>>().and_then(|years| years.into_iter().max()).map_or(Self::LONGEST, Self::of_years)
    }

    /// Converts a number of years to days, with a leap day in every fourth year, and keeps the result within the limits.
    fn of_years(years: u16) -> Self {
        Self((u32::from(years) * 1_461).div_ceil(4).clamp(Self::SHORTEST.0, Self::LONGEST.0))
    }

    /// Returns the number of days.
    #[must_use]
    pub fn days(self) -> u32 {
        self.0
    }

    /// Returns the moment before which everything that was recorded must be erased at `now`.
    #[must_use]
    pub fn due_before(self, now: UtcTime) -> UtcTime {
        now.plus_secs(-i64::from(self.0) * DAY_SECS)
    }

    /// Returns until when a record made at `recorded_at` is kept.
    #[must_use]
    pub fn kept_until(self, recorded_at: UtcTime) -> UtcTime {
        recorded_at.plus_secs(i64::from(self.0) * DAY_SECS)
    }
}

impl TryFrom<u32> for PrecheckRetention {
    type Error = PrecheckRetentionError;
    fn try_from(days: u32) -> Result<Self, PrecheckRetentionError> {
        if (Self::SHORTEST.0..=Self::LONGEST.0).contains(&days) { Ok(Self(days)) } else { Err(PrecheckRetentionError(days)) }
    }
}

impl From<PrecheckRetention> for u32 {
    fn from(retention: PrecheckRetention) -> Self {
        retention.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_30_days_and_15_years() {
        for days in [30, 31, 1_827, 5_479] {
            assert_eq!(PrecheckRetention::try_from(days).map(u32::from), Ok(days));
        }
        for days in [0, 29, 5_480, u32::MAX] {
            assert!(PrecheckRetention::try_from(days).is_err(), "{days}");
        }
    }

    /// Source: the records of the seed: five years in France, eight in Hungary, ten in Switzerland, fifteen in El Salvador. Of the four
    /// regimes of the Emirates, Dubai's has the longest period, eight years.
    #[test]
    fn the_default_is_the_period_of_the_organisations_own_law() {
        let rulebook = Rulebook::embedded().unwrap();
        let days = |country: &str, date: &str| {
            u32::from(PrecheckRetention::by_law(&rulebook, country.parse().ok(), date.parse().unwrap()))
        };

        assert_eq!(
            ["FR", "HU", "CH", "SV", "AE"].map(|country| days(country, "2026-06-01")),
            [1_827, 2_922, 3_653, 5_479, 2_922]
        );
        // Not stated, no entry, before the first version, no country.
        assert_eq!(["BR", "SO", ""].map(|country| days(country, "2026-06-01")), [5_479; 3]);
        assert_eq!(days("FR", "2020-01-01"), 5_479);
    }

    #[test]
    fn the_longest_covers_every_period_that_the_rulebook_asks_for() {
        let rulebook: serde_json::Value = serde_json::from_str(include_str!("../../seed/rulebook.json")).unwrap();
        Rulebook::embedded().unwrap();
        let mut years = Vec::new();
        collect(&rulebook, &mut years);

        assert!(years.len() > 50);
        assert!(years.iter().all(|years| years * 36_525 <= u64::from(PrecheckRetention::LONGEST.days() + 1) * 100), "{years:?}");
    }

    fn collect(value: &serde_json::Value, years: &mut Vec<u64>) {
        match value {
            serde_json::Value::Object(members) => {
                years.extend(members.get("retention_years").and_then(serde_json::Value::as_u64));
                members.values().for_each(|inner| collect(inner, years));
            }
            serde_json::Value::Array(items) => items.iter().for_each(|inner| collect(inner, years)),
            _ => {}
        }
    }

    #[test]
    fn what_is_as_old_as_the_period_is_due() {
        let now: UtcTime = "2026-06-01T12:00:00Z".parse().unwrap();
        let period = PrecheckRetention::try_from(30).unwrap();

        assert_eq!(period.due_before(now), "2026-05-02T12:00:00Z".parse().unwrap());
        assert_eq!(period.kept_until("2026-05-02T12:00:00Z".parse().unwrap()), now);
    }
}
