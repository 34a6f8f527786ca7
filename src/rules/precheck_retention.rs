//! How long an organisation keeps what was asked and answered in its pre-checks. Afterwards addresses, amounts and names go;
//! digests, references and codes stay.

use serde::{Deserialize, Serialize};

use vasp_words::time::UtcTime;

const DAY_SECS: i64 = 86_400;

/// A number of days, 30 to 5,479 (15 years).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct PrecheckRetention(u32);

/// The number is out of bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("pre-checks are kept for 30 to 5,479 days, not {0}")]
pub struct PrecheckRetentionError(u32);

impl PrecheckRetention {
    /// The shortest.
    pub const SHORTEST: Self = Self(30);
    /// The longest, 15 years of which four may have a leap day.
    pub const LONGEST: Self = Self(5_479);
    /// What holds for an organisation that set nothing: as long as the longest period that a rule of the rulebook asks for, so that
    /// nothing is erased that some law wants kept. Who may keep it for less sets less.
    ///
    /// Source: FATF R.11 (at least five years); rulebook, `retention_years` (5 to 15).
    pub const DEFAULT: Self = Self::LONGEST;

    /// Returns the days.
    #[must_use]
    pub fn days(self) -> u32 {
        self.0
    }

    /// Returns the moment before which everything recorded is due to be erased at `now`.
    #[must_use]
    pub fn due_before(self, now: UtcTime) -> UtcTime {
        now.plus_secs(-i64::from(self.0) * DAY_SECS)
    }

    /// Returns until when what was recorded at a moment is kept.
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
    use super::super::rulebook::Rulebook;
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

    #[test]
    fn the_default_covers_every_period_that_the_rulebook_asks_for() {
        let rulebook: serde_json::Value = serde_json::from_str(include_str!("../../seed/rulebook.json")).unwrap();
        Rulebook::embedded().unwrap();
        let mut years = Vec::new();
        collect(&rulebook, &mut years);

        assert!(years.len() > 50);
        assert!(years.iter().all(|years| years * 36_525 <= u64::from(PrecheckRetention::DEFAULT.days() + 1) * 100), "{years:?}");
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
