//! How long the request and answer of a pre-check are kept. After that, addresses, amounts and names are erased. Digests, references and
//! codes stay. The law that the pre-check applied sets the floor; an organisation can keep its newer records longer.

use serde::{Deserialize, Serialize};

use super::rulebook::{Jurisdiction, RuleVersion};
use vasp_words::retention_law::RetentionLaw;
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

    /// Converts a number of years to days, with a leap day in every fourth year, and keeps the result within the limits.
    fn of_years(years: u16) -> Self {
        Self((u32::from(years) * 1_461).div_ceil(4).clamp(Self::SHORTEST.0, Self::LONGEST.0))
    }

    /// Returns the number of days.
    #[must_use]
    pub fn days(self) -> u32 {
        self.0
    }

    /// Returns until when a record made at `recorded_at` is kept.
    #[must_use]
    pub fn kept_until(self, recorded_at: UtcTime) -> UtcTime {
        recorded_at.plus_secs(i64::from(self.0) * DAY_SECS)
    }
}

/// How long the law demands that a record is kept, and which law that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetentionFloor {
    /// The period.
    pub period: PrecheckRetention,
    /// The law that states it.
    pub by: RetentionLaw,
    /// The date of the transfer, or the day of the record if that is later.
    pub from: Date,
}

/// The period if the law states none: "at least five years".
///
/// Source: FATF Recommendation 11.
const YEARS_BY_FATF: u16 = 5;

impl RetentionFloor {
    /// Returns the floor of a record: the longest period of the laws that its pre-check applied to the asker, the obliged entity; the
    /// counterparty's law never counts, because at the end of its own period the asker's law says to delete.
    ///
    /// Of several regimes of the asker, `laws` has all, and each counts on the transfer's date and on the day of the record, so that another
    /// date shortens nothing. Of a version that nobody read, the version before it counts as well.
    ///
    /// Source: the rulebook's `retention_years`; Regulation (EU) 2023/1113 Art. 26(1) and (2); docs/prechecks.md, "What is kept" (the
    /// law is the asker's).
    #[must_use]
    pub fn of<'a>(laws: impl IntoIterator<Item = &'a Jurisdiction>, days: [Date; 2]) -> Self {
        let versions: Vec<&RuleVersion> =
            laws.into_iter().flat_map(|law| days.map(|day| (law, day))).flat_map(in_force).collect();
        let stated = versions.iter().filter_map(|rule| Some((rule.retention_years?, *rule)));
        let [transfer, recorded] = days;
        // Of equal periods the first one is named.
        let (years, by) = match stated.reduce(|longest, next| if next.0 > longest.0 { next } else { longest }) {
            Some((years, rule)) => (years, RetentionLaw::Rule(rule.id.clone())),
            None => (YEARS_BY_FATF, RetentionLaw::Fatf(versions.first().map(|rule| rule.id.clone()))),
        };
        Self { period: PrecheckRetention::of_years(years), by, from: transfer.max(recorded) }
    }

    /// Returns until when a record is kept under an organisation's setting: for the longer of both periods.
    #[must_use]
    pub fn kept_until(&self, setting: Option<PrecheckRetention>, recorded_at: UtcTime) -> UtcTime {
        let period = setting.map_or(self.period, |setting| setting.max(self.period));
        period.kept_until(counts_from(recorded_at, self.from))
    }
}

/// Returns from when the period of a record counts: from the end of the transfer's day if that is a later day, because the law counts from the
/// transfer.
///
/// Source: Directive (EU) 2015/849 Art. 40(1)(b).
#[must_use]
pub fn counts_from(recorded_at: UtcTime, transfer: Date) -> UtcTime {
    if transfer > recorded_at.date() { transfer.next().start() } else { recorded_at }
}

/// Returns until when the law demands that a record is kept whose floor is a number of days that count from a moment. The period begins again
/// with each entry of its outcome, because it counts from the transfer.
///
/// Source: Regulation (EU) 2023/1113 Art. 26(1); Directive (EU) 2015/849 Art. 40(1)(b).
#[must_use]
pub fn floor_until(floor_days: i32, from: UtcTime, last_outcome: Option<UtcTime>) -> UtcTime {
    let from = last_outcome.map_or(from, |last| last.max(from));
    from.plus_secs(i64::from(floor_days).saturating_mul(DAY_SECS))
}

/// Returns the version of a law on a day, and the one before it if nobody read the first.
fn in_force((law, day): (&Jurisdiction, Date)) -> impl Iterator<Item = &RuleVersion> {
    let rule = law.version_on(day);
    rule.into_iter().chain(rule.and_then(|rule| law.read_before(rule)))
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

    fn floor(countries: &[&str], days: [&str; 2]) -> (u32, String) {
        let rulebook = Rulebook::embedded().unwrap();
        let laws = countries.iter().filter_map(|id| rulebook.entry(&id.parse().unwrap()));
        let RetentionFloor { period, by, .. } = RetentionFloor::of(laws, days.map(|day| day.parse().unwrap()));
        (period.days(), by.to_string())
    }

    /// Source: the records of the seed: five years in France, eight in Hungary, ten in Switzerland, fifteen in El Salvador, eight in Dubai,
    /// five in the rest of the Emirates.
    #[test]
    fn the_floor_is_the_longest_of_the_askers_laws_and_names_it() {
        let today = ["2026-06-01"; 2];
        let days = |countries: &[&str]| floor(countries, today).0;

        assert_eq!([days(&["FR"]), days(&["HU"]), days(&["CH"]), days(&["SV"])], [1_827, 2_922, 3_653, 5_479]);
        assert_eq!(floor(&["DE"], today), (1_827, "DE@2024-12-30".to_owned()));
        assert_eq!([days(&["AE"]), days(&["AE", "AE-VARA", "AE-DIFC"])], [1_827, 2_922]);
        // Turkey's rule of eight years begins on a day; before, its rules state no period.
        let rulebook = Rulebook::embedded().unwrap();
        let turkey = &rulebook.entry(&"TR".parse().unwrap()).unwrap().rules;
        let from = turkey.iter().find(|rule| rule.retention_years == Some(8)).unwrap().effective_from.to_string();
        assert_eq!(floor(&["TR"], [&from, &from]).0, 2_922);
        assert_eq!(floor(&["TR"], ["2022-01-01", &from]).0, 2_922, "another date of the transfer shortens nothing");
    }

    /// Source: the seed: Brazil's versions state no period, Somalia has no entry; FATF Recommendation 11: at least five years.
    #[test]
    fn where_no_law_states_a_period_fatfs_five_years_count_and_it_is_said() {
        let (days, by) = floor(&["BR"], ["2026-06-01"; 2]);
        assert!(days == 1_827 && by.starts_with("FATF-R.11 BR@"), "{days} {by}");
        assert_eq!(floor(&["SO"], ["2026-06-01"; 2]), (1_827, "FATF-R.11".to_owned()));
        assert_eq!(floor(&["FR"], ["2019-01-01"; 2]).0, 1_827);
    }

    #[test]
    fn a_setting_lengthens_and_never_shortens() {
        let recorded: UtcTime = "2026-05-02T12:00:00Z".parse().unwrap();
        let floor = RetentionFloor { period: PrecheckRetention(1_827), by: RetentionLaw::Fatf(None), from: recorded.date() };
        let until = |days: Option<u32>| {
            floor.kept_until(days.map(|days| PrecheckRetention::try_from(days).unwrap()), recorded).to_string()
        };
        let by_law = "2031-05-03T12:00:00Z";
        assert_eq!([until(None), until(Some(30)), until(Some(3_000))], [by_law, by_law, "2034-07-19T12:00:00Z"]);
    }

    /// Source: Directive (EU) 2015/849 Art. 40(1)(b): five years after the date of the transaction.
    #[test]
    fn the_period_counts_from_a_later_transfer() {
        let rulebook = Rulebook::embedded().unwrap();
        let germany = rulebook.entry(&"DE".parse().unwrap());
        let until = |transfer: &str| {
            let days = [transfer, "2026-05-02"].map(|day| day.parse().unwrap());
            RetentionFloor::of(germany, days).kept_until(None, "2026-05-02T12:00:00Z".parse().unwrap()).to_string()
        };
        for (transfer, expected) in [
            ("2026-05-01", "2031-05-03T12:00:00Z"),
            ("2026-05-02", "2031-05-03T12:00:00Z"),
            ("2026-05-03", "2031-05-05T00:00:00Z"),
            ("2027-05-02", "2032-05-03T00:00:00Z"),
        ] {
            assert_eq!(until(transfer), expected, "{transfer}");
        }
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
    fn the_period_begins_again_with_an_entry_of_the_outcome() {
        let at = |text: &str| text.parse::<UtcTime>().unwrap();
        let until = |last: Option<&str>| floor_until(1_827, at("2026-05-02T12:00:00Z"), last.map(at));
        assert_eq!(until(None), at("2031-05-03T12:00:00Z"));
        assert_eq!(until(Some("2026-06-02T12:00:00Z")), at("2031-06-03T12:00:00Z"));
        assert_eq!(until(Some("2026-05-01T12:00:00Z")), until(None), "an entry from before the record shortens nothing");
    }

    #[test]
    fn a_record_is_kept_for_its_period() {
        let period = PrecheckRetention::try_from(30).unwrap();
        let recorded: UtcTime = "2026-05-02T12:00:00Z".parse().unwrap();
        assert_eq!(period.kept_until(recorded), "2026-06-01T12:00:00Z".parse().unwrap());
    }
}
