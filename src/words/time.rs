//! Instants and dates. Instants are microseconds since the Unix epoch, in UTC; dates are calendar days without a time zone.
//! Nothing here reads a clock: `now` is always an argument.

use std::cell::RefCell;
use std::fmt;
use std::str::FromStr;

use jiff::civil;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An instant in microseconds since 1970-01-01T00:00:00Z; written in RFC 3339 with `Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UtcTime(i64);

/// A calendar date (ISO 8601 `YYYY-MM-DD`), years 0001 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(civil::Date);

/// Why a text is not an instant or a date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// The text is not an RFC 3339 time.
    #[error("`{0}` is not an RFC 3339 time such as 2026-01-31T12:00:00Z")]
    NotATime(String),
    /// The text is not an ISO 8601 date.
    #[error("`{0}` is not an ISO 8601 date such as 2026-01-31")]
    NotADate(String),
    /// The time is outside the range that can be written.
    #[error("{0} microseconds is outside the years 0000 to 9999")]
    OutOfRange(i64),
}

/// The first instant that RFC 3339 can write, 0000-01-01T00:00:00Z, in microseconds since the epoch.
///
/// Source: RFC 3339, section 1 ("years 0000 to 9999"); 719,528 days before the epoch.
const YEAR_0000: i64 = -719_528 * 86_400_000_000;

/// Months of a year, and days of the longest month.
const MONTHS: u32 = 12;
const LONGEST_MONTH: u32 = 31;

/// The number of formatted instants that each thread caches, because answers often repeat the same few.
const KEPT_TEXTS: usize = 64;

thread_local! {
    static TEXTS: RefCell<[(i64, String); KEPT_TEXTS]> = RefCell::new(std::array::from_fn(|_| (i64::MIN, String::new())));
}

impl UtcTime {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// Returns the instant `micros` microseconds after the epoch.
    ///
    /// # Errors
    /// `TimeError::OutOfRange` outside the years 0000 to 9999.
    pub fn from_micros(micros: i64) -> Result<Self, TimeError> {
        let can_be_written = micros >= YEAR_0000 && jiff::Timestamp::from_microsecond(micros).is_ok();
        if can_be_written { Ok(Self(micros)) } else { Err(TimeError::OutOfRange(micros)) }
    }

    /// Returns the microseconds since the epoch.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The constructor accepts only times that can be written, so the fallback to the epoch never happens.
    fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    /// Returns the milliseconds since the epoch, rounded down; 0 before the epoch.
    #[must_use]
    pub fn millis_since_epoch(self) -> u64 {
        u64::try_from(self.timestamp().as_millisecond()).unwrap_or(0)
    }

    /// Returns the day of this instant in UTC.
    #[must_use]
    pub fn date(self) -> Date {
        Date(jiff::tz::Offset::UTC.to_datetime(self.timestamp()).date())
    }

    /// Returns this instant moved by `secs` seconds; this instant itself if the result is out of range.
    #[must_use]
    pub fn plus_secs(self, secs: i64) -> Self {
        self.plus_micros(secs.saturating_mul(1_000_000))
    }

    /// Returns this instant moved by `micros` microseconds; this instant itself if the result is out of range.
    #[must_use]
    pub fn plus_micros(self, micros: i64) -> Self {
        Self::from_micros(self.micros().saturating_add(micros)).unwrap_or(self)
    }
}

impl Date {
    /// Returns the date of a year (1 to 9999), month (1 to 12) and day; `None` if there is no such day.
    #[must_use]
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        if year < 1 { None } else { civil::Date::new(year, month, day).ok().map(Self) }
    }

    /// Returns the year.
    #[must_use]
    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// Returns the month, 1 to 12.
    #[must_use]
    pub fn month(self) -> i8 {
        self.0.month()
    }

    /// Returns a small number for this day; a later day has a larger one, but not every number is a day.
    #[must_use]
    pub fn number(self) -> u32 {
        let part = |part: i16| u32::try_from(part).unwrap_or(0);
        let months = part(self.year()) * MONTHS + part(self.month().into()) - 1;
        months * LONGEST_MONTH + part(self.0.day().into()) - 1
    }

    /// Returns the day of a number; `None` if it is no day's number.
    #[must_use]
    pub fn of_number(number: u32) -> Option<Self> {
        let (months, day) = (number / LONGEST_MONTH, number % LONGEST_MONTH + 1);
        let (year, month) = (months / MONTHS, months % MONTHS + 1);
        Self::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?)
    }

    /// Returns midnight UTC at the start of this day.
    #[must_use]
    pub fn start(self) -> UtcTime {
        UtcTime(jiff::tz::Offset::UTC.to_timestamp(self.0.at(0, 0, 0, 0)).map_or(0, jiff::Timestamp::as_microsecond))
    }

    /// Returns the next day; the same day at the end of the range.
    #[must_use]
    pub fn next(self) -> Self {
        self.0.tomorrow().map_or(self, Self)
    }

    /// Returns the day `months` months later, or the last day of that month if it has no such day; the same day at the end of the
    /// range.
    #[must_use]
    pub fn plus_months(self, months: u16) -> Self {
        self.0.checked_add(jiff::Span::new().months(i32::from(months))).map_or(self, Self)
    }

    /// Returns the number of days from `other` to `self`; negative if `self` is earlier.
    #[must_use]
    pub fn days_since(self, other: Self) -> i64 {
        (self.start().micros() - other.start().micros()).div_euclid(86_400_000_000)
    }
}

impl FromStr for UtcTime {
    type Err = TimeError;
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let wrong = || TimeError::NotATime(text.chars().take(40).collect());
        // jiff also accepts forms that RFC 3339 does not have (a bare space, zone annotations), so these are refused first.
        let shape = text.len() >= 20 && text.is_ascii() && text.as_bytes().get(10).is_some_and(|b| matches!(b, b'T' | b't'));
        if !shape || text.contains('[') || text.starts_with(['+', '-']) {
            return Err(wrong());
        }
        text.parse::<jiff::Timestamp>().map_err(|_| wrong()).and_then(|t| Self::from_micros(t.as_microsecond()))
    }
}

impl FromStr for Date {
    type Err = TimeError;
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let wrong = || TimeError::NotADate(text.chars().take(40).collect());
        let bytes = text.as_bytes();
        let shape = bytes.len() == 10
            && bytes.iter().enumerate().all(|(i, b)| if i == 4 || i == 7 { *b == b'-' } else { b.is_ascii_digit() });
        if !shape {
            return Err(wrong());
        }
        let date = text.parse::<civil::Date>().map_err(|_| wrong())?;
        if date.year() < 1 { Err(wrong()) } else { Ok(Self(date)) }
    }
}

impl fmt::Display for UtcTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.timestamp(), f)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Implements `Deserialize` through `FromStr` and `Serialize` through `Display`. `Name: Format as ("pattern") = "example"` adds a
/// format, a pattern and an example to the schema. `@read Name` implements `Deserialize` only.
#[macro_export]
macro_rules! serde_as_text {
    (@read $($name:ty),*) => {$(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
    ($($name:ty $(: $format:ident)? $(as ($pattern:expr))? $(= $example:expr)?),*) => {
        $crate::serde_as_text!(@read $($name),*);
        $crate::text_schema!($($name $(: $format)? $(as ($pattern))? $(= $example)?),*);
        $(
            impl Serialize for $name {
                fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                    s.collect_str(self)
                }
            }
        )*
    };
}
pub use serde_as_text;
serde_as_text!(Date: Date);
serde_as_text!(@read UtcTime);
crate::text_schema!(UtcTime: DateTime);
crate::sql_as_text!(Date);
crate::sql_column! { UtcTime as BigInt: i64, |micros| UtcTime::from_micros(micros) }
crate::sql_column! { @borrowed UtcTime as BigInt: i64, |time| &time.0 }

impl Serialize for UtcTime {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        // Instants are often whole days or seconds. The high bits of the product distinguish them.
        let place = self.micros().cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58;
        TEXTS.with_borrow_mut(|texts| match usize::try_from(place).ok().and_then(|place| texts.get_mut(place)) {
            Some((of, text)) => {
                if *of != self.micros() {
                    (*of, *text) = (self.micros(), self.to_string());
                }
                s.serialize_str(text)
            }
            None => s.collect_str(self),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn instant_is_written_in_rfc_3339_utc() {
        let instant: UtcTime = "2024-12-30T01:02:03.000004+01:00".parse().unwrap();

        assert_eq!(instant.to_string(), "2024-12-30T00:02:03.000004Z");
        assert_eq!(instant.date().to_string(), "2024-12-30");
    }

    #[test]
    fn other_spellings_of_instants_and_dates_are_refused() {
        for text in ["2024-12-30", "2024-12-30 00:00:00Z", "2024-12-30T00:00:00", "2024-12-30T00:00:00Z[UTC]", ""] {
            assert!(text.parse::<UtcTime>().is_err(), "{text}");
        }
        for text in ["2024-2-3", "20240203", "2024-02-30", "0000-01-01", "2024-02-03T00:00:00Z", "+002024-02-03"] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
    }

    #[test]
    fn days_are_counted_across_a_leap_day() {
        let from = Date::new(2024, 2, 28).unwrap();
        let to = Date::new(2024, 3, 1).unwrap();

        assert_eq!(to.days_since(from), 2);
        assert_eq!(from.next().to_string(), "2024-02-29");
    }

    proptest! {
        #[test]
        fn a_day_has_a_number_that_orders_it(
            (a, b) in ((1_i16..=9999, 1_i8..=12, 1_i8..=31), (1_i16..=9999, 1_i8..=12, 1_i8..=31)),
        ) {
            let day = |(year, month, day)| Date::new(year, month, day);
            if let (Some(a), Some(b)) = (day(a), day(b)) {
                prop_assert_eq!(Date::of_number(a.number()), Some(a));
                prop_assert_eq!(a.number().cmp(&b.number()), a.cmp(&b));
            }
        }

        #[test]
        fn what_is_no_days_number_is_refused(number in 0_u32..4_000_000) {
            prop_assert!(Date::of_number(number).is_none_or(|day| day.number() == number));
        }
    }

    #[cfg(feature = "sql")]
    #[test]
    fn columns_hold_microseconds_and_written_days() {
        use crate::sql::tests::{raw, round_trip};
        use diesel::sql_types::{BigInt, Text};

        let instant: UtcTime = "2024-12-30T00:02:03.000004Z".parse().unwrap();
        assert_eq!(round_trip::<BigInt, _>(instant), (instant, "1735516923000004".to_owned()));
        assert_eq!(round_trip::<Text, _>(instant.date()), (instant.date(), "'2024-12-30'".to_owned()));
        assert!(raw::<BigInt, UtcTime>("9223372036854775807").unwrap_err().contains("outside the years 0000 to 9999"));
        assert!(raw::<Text, Date>("'2024-02-30'").unwrap_err().contains("not an ISO 8601 date"));
    }

    proptest! {
        #[test]
        fn instants_round_trip(micros in -62_135_596_800_000_000i64..253_402_207_200_000_000i64) {
            let instant = UtcTime::from_micros(micros).unwrap();
            prop_assert_eq!(instant.to_string().parse::<UtcTime>().unwrap(), instant);
            prop_assert_eq!(instant.micros(), micros);
        }

        #[test]
        fn parsing_never_panics(text in "\\PC*") {
            let _ = text.parse::<UtcTime>();
            let _ = text.parse::<Date>();
        }
    }
}
