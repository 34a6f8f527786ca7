//! Amounts and currencies as the API sends them: decimal strings and ISO 4217 codes. `exchange_rate` has the exchange rates and
//! the comparison of amounts. Requests, the rulebook and obligations use this module.

use std::fmt;
use std::str::FromStr;

use super::time::serde_as_text;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A currency by its ISO 4217 alphabetic code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(&'static str);

/// The text is not a currency code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an ISO 4217 currency code such as EUR")]
pub struct CurrencyError(pub String);

/// The maximum number of digits of an amount, because this many are stored exactly.
const MAX_DIGITS: usize = 28;

/// A non-negative decimal number with at most 28 digits. It is stored exactly and written as it was read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(Decimal);

/// Why a text is not an amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// It has a sign, an exponent, a blank, a separator or a leading zero, or a required digit is missing.
    #[error("`{0}` is not an amount: digits with an optional fraction, such as 1000.50")]
    NotAnAmount(String),
    /// It has more digits than can be stored exactly.
    #[error("an amount has at most 28 digits, this one has {0}")]
    TooLong(usize),
}

/// An amount in a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// The amount.
    pub amount: Amount,
    /// The currency.
    pub currency: Currency,
}

impl Currency {
    /// Returns the three letters.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        self.0
    }
}

impl Amount {
    /// One.
    pub const ONE: Self = Self(Decimal::ONE);

    /// Tells whether the amount is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    /// Adds two amounts; `None` if the sum has too many digits.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// Multiplies two amounts exactly; `None` if the product has too many digits.
    #[must_use]
    pub fn exact_product(self, other: Self) -> Option<Self> {
        let (one, other) = (self.0.normalize(), other.0.normalize());
        let digits = one.mantissa().checked_mul(other.mantissa())?;
        Decimal::try_from_i128_with_scale(digits, one.scale().checked_add(other.scale())?).ok().map(Self)
    }
}

impl FromStr for Currency {
    type Err = CurrencyError;

    /// Reads a code in upper or lower case.
    fn from_str(text: &str) -> Result<Self, CurrencyError> {
        iso_currency::Currency::from_code(&text.to_ascii_uppercase())
            .map(|currency| Self(currency.code()))
            .ok_or_else(|| CurrencyError(text.chars().take(20).collect()))
    }
}

impl Amount {
    /// Zero.
    pub const ZERO: Self = Self(Decimal::ZERO);
}

impl FromStr for Amount {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, AmountError> {
        let wrong = || AmountError::NotAnAmount(text.chars().take(40).collect());
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
        if !digits(whole) || !fraction.is_none_or(digits) || (whole.len() > 1 && whole.starts_with('0')) {
            return Err(wrong());
        }
        let length = whole.len() + fraction.map_or(0, str::len);
        if length > MAX_DIGITS {
            return Err(AmountError::TooLong(length));
        }
        Decimal::from_str_exact(text).map(Self).map_err(|_| wrong())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

serde_as_text!(Currency = "EUR", Amount as (r"^(0|[1-9][0-9]*)(\.[0-9]+)?$") = "1000.50");

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_are_compared_by_value_and_written_as_read() {
        let amount = |text: &str| text.parse::<Amount>().unwrap();

        assert_eq!(amount("1000.00"), amount("1000"));
        assert!(amount("999.99999999999999999999") < amount("1000"));
        assert_eq!(amount("1000.00").to_string(), "1000.00");
        assert_eq!(amount("0.000000000000000001").to_string(), "0.000000000000000001");
    }

    #[test]
    fn a_product_is_exact_or_none() {
        let amount = |text: &str| text.parse::<Amount>().unwrap();

        assert_eq!(amount("1000.10").exact_product(amount("1.0389")), Some(amount("1039.003890")));
        assert_eq!(amount("0").exact_product(amount("1.5")), Some(amount("0")));
        assert_eq!(amount("1234567890123456789012345678").exact_product(amount("99.9")), None);
        assert_eq!(amount("0.00000000000001").exact_product(amount("0.000000000000001")), None);
    }

    #[test]
    fn other_spellings_of_amounts_are_refused() {
        for text in ["", "-1", "+1", "1e3", "1E3", ".5", "5.", "1,000", "1_000", " 1", "1 ", "007", "00", "1.2.3", "NaN", "٣"] {
            assert!(matches!(text.parse::<Amount>(), Err(AmountError::NotAnAmount(_))), "{text}");
        }
        assert_eq!("1".repeat(29).parse::<Amount>(), Err(AmountError::TooLong(29)));
    }

    #[test]
    fn currencies_are_those_of_iso_4217() {
        assert_eq!("chf".parse::<Currency>().unwrap().as_str(), "CHF");
        for text in ["", "EU", "EURO", "ZZZ", "SCG", "BTC", "€"] {
            assert!(text.parse::<Currency>().is_err(), "{text}");
        }
    }

    #[test]
    fn money_refuses_members_it_does_not_know() {
        assert!(serde_json::from_str::<Money>(r#"{"amount":"1","currency":"EUR"}"#).is_ok());
        assert!(serde_json::from_str::<Money>(r#"{"amount":1,"currency":"EUR"}"#).is_err());
        assert!(serde_json::from_str::<Money>(r#"{"amount":"1","currency":"EUR","fx":1}"#).is_err());
    }

    proptest! {
        #[test]
        fn amounts_round_trip(text in "(0|[1-9][0-9]{0,13})(\\.[0-9]{1,14})?") {
            prop_assert_eq!(text.parse::<Amount>().unwrap().to_string(), text);
        }

        #[test]
        fn parsing_never_panics(text in "\\PC*", digits in "[0-9.]{0,60}") {
            let _ = (text.parse::<Amount>(), digits.parse::<Amount>(), text.parse::<Currency>());
        }
    }
}
