//! An exchange rate that a caller gives in questions about thresholds.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use vasp_words::exchange_rate::ExchangeRate;
use vasp_words::money::{Amount, Currency};
use vasp_words::time::Date;

/// An exchange rate that you vouch for: one unit of `from` is worth `rate` units of `to`. It takes precedence over the imported
/// reference rates.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = GivenExchangeRate)]
#[serde(deny_unknown_fields)]
pub(crate) struct RateRequest {
    /// ISO 4217.
    #[schema(value_type = String, example = "USD")]
    from: Currency,
    /// ISO 4217.
    #[schema(value_type = String, example = "EUR")]
    to: Currency,
    /// The rate, a decimal greater than zero.
    #[schema(value_type = String, example = "0.9626")]
    rate: Amount,
    /// The day on which the rate was valid: not after the transfer's date, and at most 7 days before it.
    #[schema(value_type = String, format = Date)]
    as_of: Date,
    /// The source of the rate; the answer repeats it.
    #[schema(example = "treasury desk")]
    source: String,
}

impl From<&RateRequest> for ExchangeRate {
    fn from(given: &RateRequest) -> Self {
        Self { from: given.from, to: given.to, rate: given.rate, as_of: given.as_of, source: given.source.trim().to_owned() }
    }
}
