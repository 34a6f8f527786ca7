//! Published reference exchange rates by day, as a reference document that is stored whole. A query uses the newest day that is
//! not after the day of the transfer, without an age limit. The answer names that day. Importers make the document from a central
//! bank's publication.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::exchange_rate::ReferenceDay;
use super::money::{Amount, Currency};
use super::time::Date;
use serde::{Deserialize, Serialize};

/// The reference rates of one publisher, by day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceRates {
    /// Short name of the publisher, such as `ECB`.
    pub id: String,
    /// The publisher, in words.
    pub source: String,
    base: Currency,
    days: BTreeMap<Date, Arc<ReferenceDay>>,
}

/// Why a document of reference rates is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceRatesError {
    /// The document does not have the expected form.
    #[error("the reference rates cannot be read: {0}")]
    Form(String),
    /// The id, the source or the list of days is empty.
    #[error("`{0}` is empty")]
    Empty(&'static str),
    /// A rate is zero, or is between the base and itself.
    #[error("the rate of {currency} on {day} is wrong: it must be more than zero, and for another currency than {base}")]
    NotARate {
        /// The day of the rate.
        day: Date,
        /// The currency of the rate.
        currency: Currency,
        /// The base currency.
        base: Currency,
    },
}

/// The written form of the document.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: String,
    source: String,
    base: Currency,
    days: BTreeMap<Date, BTreeMap<Currency, Amount>>,
}

impl ReferenceRates {
    /// Makes the document from a publisher's days; each rate is how many units of the currency one unit of `base` is worth.
    pub fn new(
        id: &str,
        source: &str,
        base: Currency,
        days: BTreeMap<Date, BTreeMap<Currency, Amount>>,
    ) -> Result<Self, ReferenceRatesError> {
        let (id, source) = (id.trim().to_owned(), source.trim().to_owned());
        let empty = [("id", id.is_empty()), ("source", source.is_empty()), ("days", days.is_empty())];
        if let Some((name, _)) = empty.iter().find(|(_, is_empty)| *is_empty) {
            return Err(ReferenceRatesError::Empty(name));
        }
        for (day, rates) in &days {
            if let Some((currency, _)) = rates.iter().find(|(currency, rate)| **currency == base || rate.is_zero()) {
                return Err(ReferenceRatesError::NotARate { day: *day, currency: *currency, base });
            }
        }
        let of_day = |(as_of, per_base)| (as_of, Arc::new(ReferenceDay { base, as_of, source: source.clone(), per_base }));
        let days = days.into_iter().map(of_day).collect();
        Ok(Self { id, source, base, days })
    }

    /// Reads the document.
    pub fn from_json(text: &str) -> Result<Self, ReferenceRatesError> {
        let File { id, source, base, days } =
            serde_json::from_str(text).map_err(|error| ReferenceRatesError::Form(error.to_string()))?;
        Self::new(&id, &source, base, days)
    }

    /// Returns the newest day.
    #[must_use]
    pub fn newest(&self) -> Option<Date> {
        self.days.keys().next_back().copied()
    }

    /// Returns the number of days.
    #[must_use]
    pub fn count(&self) -> usize {
        self.days.len()
    }

    /// Returns a day and currency whose rate an earlier document has otherwise; `None` if there is none.
    #[must_use]
    pub fn differs_from(&self, earlier: &Self) -> Option<(Date, Currency)> {
        self.days.iter().find_map(|(day, now)| {
            let before = earlier.days.get(day)?;
            let other =
                |(currency, rate): &(&Currency, &Amount)| before.per_base.get(currency).is_some_and(|before| before != *rate);
            now.per_base.iter().find(other).map(|(currency, _)| (*day, *currency))
        })
    }

    /// Returns a day after those of an earlier document on which a currency is worth less than half or more than twice what it was on the day
    /// before; `None` if there is none. No currency of the European Central Bank's table has moved so far in a day.
    #[must_use]
    pub fn leaps_from(&self, earlier: &Self) -> Option<(Date, Currency)> {
        let newest = earlier.newest()?;
        let mut before = earlier.on(newest)?;
        for (day, now) in self.days.range(newest.next()..) {
            if let Some(currency) = leap(&before, now) {
                return Some((*day, currency));
            }
            before = Arc::clone(now);
        }
        None
    }

    /// Returns a day on which a currency is worth less than half or more than twice what another document says for that day, or for its newest
    /// day, less than a year before; `None` if there is none.
    #[must_use]
    pub fn far_from(&self, other: &Self) -> Option<(Date, Currency)> {
        let newest = other.newest()?;
        let comparable = self.days.iter().filter(|(day, _)| day.days_since(newest) < 365);
        comparable.filter_map(|(day, now)| Some((*day, leap(&*other.on(*day)?, now)?))).next()
    }

    /// Returns the rates for a transfer on `date`: the newest of that day or before, without an age limit.
    ///
    /// Source: docs/rulebook.md, "Which amount is used".
    #[must_use]
    pub fn on(&self, date: Date) -> Option<Arc<ReferenceDay>> {
        self.days.range(..=date).next_back().map(|(_, day)| Arc::clone(day))
    }
}

/// Returns a currency that is worth less than half or more than twice what it was.
fn leap(before: &ReferenceDay, now: &ReferenceDay) -> Option<Currency> {
    let leaps = |(currency, rate): &(&Currency, &Amount)| {
        let double = |one: Amount| one.plus(one).unwrap_or(one);
        before.per_base.get(currency).is_some_and(|was| **rate > double(*was) || double(**rate) < *was)
    };
    now.per_base.iter().find(leaps).map(|(currency, _)| *currency)
}

impl Serialize for ReferenceRates {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let days = self.days.iter().map(|(day, rates)| (*day, rates.per_base.clone())).collect();
        File { id: self.id.clone(), source: self.source.clone(), base: self.base, days }.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TEXT: &str = r#"{"id":"ECB","source":"European Central Bank","base":"EUR","days":{
        "2024-12-23":{"USD":"1.0393"},"2024-12-31":{"USD":"1.0389","JPY":"163.06"}}}"#;

    #[test]
    fn the_newest_day_on_or_before_counts_however_old_it_is() {
        let rates = ReferenceRates::from_json(TEXT).unwrap();
        let on = |date: &str| rates.on(date.parse().unwrap()).map(|day| day.as_of.to_string());

        assert_eq!(on("2024-12-22"), None);
        assert_eq!(on("2024-12-23").as_deref(), Some("2024-12-23"));
        assert_eq!(on("2024-12-30").as_deref(), Some("2024-12-23"));
        assert_eq!(on("2024-12-31").as_deref(), Some("2024-12-31"));
        assert_eq!(on("2025-01-07").as_deref(), Some("2024-12-31"));
        assert_eq!(on("2026-11-22").as_deref(), Some("2024-12-31"));
    }

    #[test]
    fn a_rate_that_leaps_after_the_days_that_are_held_is_found() {
        let held = ReferenceRates::from_json(TEXT).unwrap();
        let leap = |rate: &str| {
            let text = TEXT.replacen("}}}", &format!("}},\"2025-01-02\":{{\"JPY\":\"{rate}\"}}}}}}"), 1);
            ReferenceRates::from_json(&text).unwrap().leaps_from(&held).map(|(day, currency)| format!("{day} {currency}"))
        };

        assert_eq!([leap("162"), leap("326.12"), leap("81.53")], [None, None, None]);
        assert_eq!(leap("326.13").as_deref(), Some("2025-01-02 JPY"));
        assert_eq!(leap("81.52").as_deref(), Some("2025-01-02 JPY"));
        assert_eq!(held.leaps_from(&held), None);
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        for (from, to, why) in [
            ("1.0389", "0", "the rate of USD on 2024-12-31 is wrong"),
            ("\"USD\":\"1.0393\"", "\"EUR\":\"1\"", "the rate of EUR on 2024-12-23 is wrong"),
            ("ECB", " ", "`id` is empty"),
            ("163.06", "1e2", "cannot be read"),
            ("\"base\"", "\"basis\"", "unknown field `basis`"),
        ] {
            let error = ReferenceRates::from_json(&TEXT.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
        assert!(ReferenceRates::from_json(r#"{"id":"A","source":"B","base":"EUR","days":{}}"#).is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(days in proptest::collection::btree_map(0i16..2_000, 1u32..1_000_000, 1..20)) {
            let day = |n: i16| Date::new(2000 + n / 200, i8::try_from(1 + n % 12).unwrap(), i8::try_from(1 + n % 28).unwrap()).unwrap();
            let rates = |n: u32| BTreeMap::from([("USD".parse().unwrap(), format!("{}.{:04}", n / 10_000, n % 10_000).parse().unwrap())]);
            let rates = ReferenceRates::new("T", "test", "EUR".parse().unwrap(), days.into_iter().map(|(d, n)| (day(d), rates(n))).collect()).unwrap();

            prop_assert_eq!(ReferenceRates::from_json(&serde_json::to_string(&rates).unwrap()).unwrap(), rates);
        }

        #[test]
        fn any_text_is_read_without_panic(text in "\\PC*") {
            let _ = ReferenceRates::from_json(&text);
        }
    }
}
