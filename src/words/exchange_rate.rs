//! Exchange rates with a source: those that a caller gives, and those of one day of an imported reference. The registry never
//! converts amounts. It compares them by exact multiplication on both sides, and does not compare if a product is not exact.
//! Without a rate, two currencies cannot be compared. The rulebook's thresholds use this module.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::money::{Amount, Currency, Money};
use super::time::Date;
use serde::Serialize;

/// The maximum age in days of a caller's rate on the day of the transfer. Rates are not published on weekends and holidays, at
/// most four days at Easter. An imported reference has no limit, because the answer names the day of its rate.
///
/// Source: ECB, euro foreign exchange reference rates, published on every TARGET working day (TARGET closes on Good Friday,
/// Easter Monday, 1 May, 25 and 26 December, 1 January).
pub const OLDEST_RATE_DAYS: i64 = 7;

/// The maximum number of rates that a caller may give.
pub const MOST_RATES: usize = 20;

/// The longest name of a source, in characters.
const LONGEST_SOURCE: usize = 200;

/// A rate between two currencies: one unit of `from` is worth `rate` units of `to`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ExchangeRate {
    /// The currency of the amount.
    pub from: Currency,
    /// The currency that the rate converts to.
    #[cfg_attr(feature = "schema", schema(value_type = String, example = "USD"))]
    pub to: Currency,
    /// How many units of `to` one unit of `from` is worth; more than zero.
    #[cfg_attr(feature = "schema", schema(value_type = String, example = "1.0389"))]
    pub rate: Amount,
    /// The day of the rate.
    pub as_of: Date,
    /// The publisher of the rate.
    pub source: String,
}

/// Why a caller's rate is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RateError {
    /// There are more rates than allowed.
    #[error("there are {0} rates, at most {MOST_RATES} are allowed")]
    TooMany(usize),
    /// The rate is from one currency to itself.
    #[error("a rate must be between two different currencies, this one is from {0} to {0}")]
    OneCurrency(Currency),
    /// Zero.
    #[error("a rate must be more than zero")]
    Zero,
    /// The rate is of a later day than the transfer.
    #[error("the rate has the date {as_of}, after the day of the transfer ({date}); give a rate of that day or an earlier day")]
    Later {
        /// The day of the rate.
        as_of: Date,
        /// The day of the transfer.
        date: Date,
    },
    /// The rate is too old.
    #[error("the rate has the date {as_of}, more than {OLDEST_RATE_DAYS} days before the transfer ({date}); give a newer rate")]
    Old {
        /// The day of the rate.
        as_of: Date,
        /// The day of the transfer.
        date: Date,
    },
    /// The source is missing, too long or not printable.
    #[error("the rate's source must have 1 to {LONGEST_SOURCE} printable characters")]
    Source,
    /// There is already a rate between the same two currencies.
    #[error("there is already a rate between {0} and {1}")]
    Repeated(Currency, Currency),
}

/// A refused rate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct RefusedRate {
    /// The index of the rate, counted from 0; `None` if the list as a whole is refused.
    pub index: Option<usize>,
    /// The reason.
    pub why: RateError,
}

/// The rates of one day of a reference: how many units of each currency one unit of `base` is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceDay {
    /// The currency that all rates are quoted against.
    pub base: Currency,
    /// The day.
    pub as_of: Date,
    /// The publisher of the rates.
    pub source: String,
    /// The number of units of each currency; more than zero.
    pub per_base: BTreeMap<Currency, Amount>,
}

/// The rates that may be used for one transfer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    given: Vec<ExchangeRate>,
    reference: Option<Arc<ReferenceDay>>,
}

/// The result of a comparison of two amounts, with the rates used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weighed {
    /// The order of the first amount relative to the second.
    pub ordering: Ordering,
    /// The rates used; empty if both amounts have the same currency.
    pub rates: Vec<ExchangeRate>,
}

impl Rates {
    /// Checks the caller's rates for a transfer on `date`. The rates of the reference are used only after these.
    ///
    /// # Errors
    /// `RefusedRate` for the first refused rate.
    pub fn new(given: Vec<ExchangeRate>, reference: Option<Arc<ReferenceDay>>, date: Date) -> Result<Self, RefusedRate> {
        if given.len() > MOST_RATES {
            return Err(RefusedRate { index: None, why: RateError::TooMany(given.len()) });
        }
        for (index, rate) in given.iter().enumerate() {
            let same_pair = |other: &&ExchangeRate| {
                (other.from, other.to) == (rate.from, rate.to) || (other.to, other.from) == (rate.from, rate.to)
            };
            let refused = |why| RefusedRate { index: Some(index), why };
            check(rate, date).map_err(refused)?;
            if given.iter().take(index).any(|other| same_pair(&other)) {
                return Err(refused(RateError::Repeated(rate.from, rate.to)));
            }
        }
        Ok(Self { given, reference })
    }

    /// Compares two amounts; `None` if there is no rate between the currencies, or a product is not exact.
    #[must_use]
    pub fn weigh(&self, one: Money, other: Money) -> Option<Weighed> {
        if one.currency == other.currency {
            return Some(Weighed { ordering: one.amount.cmp(&other.amount), rates: vec![] });
        }
        self.by_given(one, other).or_else(|| self.reference.as_ref()?.weigh(one, other))
    }

    fn by_given(&self, one: Money, other: Money) -> Option<Weighed> {
        self.given.iter().find_map(|rate| {
            let ordering = if (rate.from, rate.to) == (one.currency, other.currency) {
                one.amount.exact_product(rate.rate)?.cmp(&other.amount)
            } else if (rate.to, rate.from) == (one.currency, other.currency) {
                one.amount.cmp(&other.amount.exact_product(rate.rate)?)
            } else {
                return None;
            };
            Some(Weighed { ordering, rates: vec![rate.clone()] })
        })
    }
}

impl ReferenceDay {
    fn per_base(&self, currency: Currency) -> Option<Amount> {
        if currency == self.base { Some(Amount::ONE) } else { self.per_base.get(&currency).copied() }
    }

    fn rate(&self, to: Currency) -> Option<ExchangeRate> {
        let rate = *self.per_base.get(&to)?;
        Some(ExchangeRate { from: self.base, to, rate, as_of: self.as_of, source: self.source.clone() })
    }

    /// Compares two amounts through the base: a / rate(a) with b / rate(b), after multiplying both sides by both rates.
    fn weigh(&self, one: Money, other: Money) -> Option<Weighed> {
        let (left, right) = (self.per_base(one.currency)?, self.per_base(other.currency)?);
        let ordering = one.amount.exact_product(right)?.cmp(&other.amount.exact_product(left)?);
        Some(Weighed { ordering, rates: [one, other].iter().filter_map(|money| self.rate(money.currency)).collect() })
    }
}

fn check(rate: &ExchangeRate, date: Date) -> Result<(), RateError> {
    let source = rate.source.trim();
    if rate.from == rate.to {
        Err(RateError::OneCurrency(rate.from))
    } else if rate.rate.is_zero() {
        Err(RateError::Zero)
    } else if rate.as_of > date {
        Err(RateError::Later { as_of: rate.as_of, date })
    } else if date.days_since(rate.as_of) > OLDEST_RATE_DAYS {
        Err(RateError::Old { as_of: rate.as_of, date })
    } else if source.is_empty() || source.chars().count() > LONGEST_SOURCE || source.chars().any(char::is_control) {
        Err(RateError::Source)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn money(text: &str) -> Money {
        let (amount, currency) = text.split_once(' ').unwrap();
        Money { amount: amount.parse().unwrap(), currency: currency.parse().unwrap() }
    }

    fn rate(from: &str, to: &str, rate: &str, as_of: &str) -> ExchangeRate {
        ExchangeRate {
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
            rate: rate.parse().unwrap(),
            as_of: as_of.parse().unwrap(),
            source: "treasury desk".to_owned(),
        }
    }

    fn day() -> Date {
        "2024-12-31".parse().unwrap()
    }

    /// Rates of one day, as central banks quote them.
    fn reference() -> Arc<ReferenceDay> {
        let per_base = [("USD", "1.0389"), ("CHF", "0.9412"), ("JPY", "163.06")];
        Arc::new(ReferenceDay {
            base: "EUR".parse().unwrap(),
            as_of: day(),
            source: "ECB".to_owned(),
            per_base: per_base.iter().map(|(c, r)| (c.parse().unwrap(), r.parse().unwrap())).collect(),
        })
    }

    fn by(given: Vec<ExchangeRate>, reference: Option<Arc<ReferenceDay>>) -> Rates {
        Rates::new(given, reference, day()).unwrap()
    }

    #[test]
    fn without_a_rate_only_one_currency_compares() {
        let none = Rates::default();

        assert_eq!(none.weigh(money("2 EUR"), money("1 EUR")).unwrap().ordering, Ordering::Greater);
        assert_eq!(none.weigh(money("2 EUR"), money("1 USD")), None);
    }

    #[test]
    fn a_given_rate_compares_either_way_and_comes_before_the_reference() {
        let given = || vec![rate("USD", "EUR", "0.5", "2024-12-30")];
        let rates = by(given(), Some(reference()));

        // At the given rate, 2,000 dollars are exactly 1,000 euros; at the reference rate they are more.
        assert_eq!(rates.weigh(money("2000 USD"), money("1000 EUR")).unwrap().ordering, Ordering::Equal);
        assert_eq!(rates.weigh(money("1000 EUR"), money("2000.01 USD")).unwrap().ordering, Ordering::Less);
        assert_eq!(rates.weigh(money("2000 USD"), money("1000 EUR")).unwrap().rates, given());
    }

    #[test]
    fn the_reference_compares_across_its_base_exactly() {
        let rates = by(vec![], Some(reference()));
        let order = |one: &str, other: &str| rates.weigh(money(one), money(other)).map(|weighed| weighed.ordering);

        // 1,000 EUR = 1,038.90 USD = 941.20 CHF.
        assert_eq!(order("1038.90 USD", "1000 EUR"), Some(Ordering::Equal));
        assert_eq!(order("1038.91 USD", "1000 EUR"), Some(Ordering::Greater));
        assert_eq!(order("941.20 CHF", "1038.90 USD"), Some(Ordering::Equal));
        assert_eq!(order("941.19 CHF", "1038.90 USD"), Some(Ordering::Less));
        assert_eq!(order("5 GBP", "1000 EUR"), None);
        let used = rates.weigh(money("1 CHF"), money("1 USD")).unwrap().rates;
        assert_eq!(used.iter().map(|r| r.to.as_str()).collect::<Vec<_>>(), ["CHF", "USD"]);
    }

    #[test]
    fn rates_that_nobody_may_use_are_refused_by_place() {
        let refused = |rates: Vec<ExchangeRate>| {
            let RefusedRate { index, why } = Rates::new(rates, None, day()).unwrap_err();
            (index, why)
        };
        let good = || rate("USD", "EUR", "0.9", "2024-12-24");

        assert!(Rates::new(vec![good()], None, day()).is_ok());
        assert_eq!(refused(vec![good(), rate("USD", "USD", "1", "2024-12-31")]), (Some(1), RateError::OneCurrency(good().from)));
        assert_eq!(refused(vec![rate("USD", "EUR", "0.00", "2024-12-31")]), (Some(0), RateError::Zero));
        assert!(matches!(refused(vec![rate("USD", "EUR", "1", "2025-01-01")]), (Some(0), RateError::Later { .. })));
        assert!(matches!(refused(vec![rate("USD", "EUR", "1", "2024-12-23")]), (Some(0), RateError::Old { .. })));
        assert!(matches!(refused(vec![good(), rate("EUR", "USD", "1.1", "2024-12-31")]), (Some(1), RateError::Repeated(..))));
        assert!(matches!(refused(vec![good(); 21]), (None, RateError::TooMany(21))));
        assert_eq!(refused(vec![ExchangeRate { source: " ".into(), ..good() }]), (Some(0), RateError::Source));
    }

    prop_compose! {
        fn some_money()(cents in 0u64..100_000_000, currency in proptest::sample::select(vec!["EUR", "USD", "CHF", "JPY"])) -> Money {
            money(&format!("{}.{:02} {currency}", cents / 100, cents % 100))
        }
    }

    proptest! {
        #[test]
        fn comparing_the_other_way_round_says_the_opposite(one in some_money(), other in some_money()) {
            let rates = by(vec![], Some(reference()));
            let there = rates.weigh(one, other).unwrap().ordering;

            prop_assert_eq!(there, rates.weigh(other, one).unwrap().ordering.reverse());
        }

        #[test]
        fn comparing_is_transitive(one in some_money(), two in some_money(), three in some_money()) {
            let rates = by(vec![], Some(reference()));
            let at_most = |a, b| rates.weigh(a, b).unwrap().ordering != Ordering::Greater;

            prop_assert!(!(at_most(one, two) && at_most(two, three)) || at_most(one, three));
        }
    }
}
