//! An exchange rate as a caller gives it, in questions about thresholds.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use vasp_words::exchange_rate::ExchangeRate;
use vasp_words::money::{Amount, Currency};
use vasp_words::time::Date;

/// A rate that the caller vouches for: one unit of `from` is worth `rate` units of `to`. Comes before the imported reference rates.
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
    /// A decimal, more than zero.
    #[schema(value_type = String, example = "0.9626")]
    rate: Amount,
    /// The day on which it held: not after the transfer's, and at most 7 days before.
    #[schema(value_type = String, format = Date)]
    as_of: Date,
    /// Who says so; comes back in the answer.
    #[schema(example = "treasury desk")]
    source: String,
}

impl From<&RateRequest> for ExchangeRate {
    fn from(given: &RateRequest) -> Self {
        Self { from: given.from, to: given.to, rate: given.rate, as_of: given.as_of, source: given.source.trim().to_owned() }
    }
}
