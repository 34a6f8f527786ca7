//! The transfer in the body of a pre-check.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Pointer, fault};
use crate::node::ServiceError;
use crate::precheck::Transfer;
use crate::rulebook::http::rate_request::RateRequest;
use vasp_addresses::asset::{AssetError, is_ticker, read_id};
use vasp_rules::precheck::EarlierTotals;
use vasp_rules::rulebook::PersonType;
use vasp_words::money::{Amount, Money};
use vasp_words::time::Date;

/// The total value of your earlier transfers with the counterparty.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = EarlierTotal)]
#[serde(deny_unknown_fields, default)]
struct EarlierRequest {
    /// The total of the transfer's day; null if you do not say.
    day: Option<Money>,
    /// The total of the transfer's calendar month; null if you do not say.
    month: Option<Money>,
}

/// The transfer.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TransferRequest {
    /// The asset: its CAIP-19 id, or its ticker such as `USDT`, which is read with the address's network (422 `unknown_asset`,
    /// `ambiguous_asset`). Its network must be one that the address can be on (422 `asset_network_mismatch`).
    #[serde(default)]
    asset: Option<String>,
    /// The amount of the asset, a decimal.
    #[serde(default)]
    amount: Option<Amount>,
    /// The value of the transfer.
    #[serde(default)]
    fiat: Option<Money>,
    /// The total value of this transfer and the transfers that it is linked to. It counts against thresholds instead of the transfer's
    /// own value.
    #[serde(default)]
    linked_total: Option<Money>,
    /// The value exchanged with this counterparty before; it counts against the daily and monthly limits that you decided.
    #[serde(default)]
    earlier_total: EarlierRequest,
    /// Exchange rates that you vouch for, at most 20.
    #[serde(default)]
    rates: Vec<RateRequest>,
    /// The date of the transfer; today by default.
    #[serde(default)]
    date: Option<Date>,
    /// Whether both ends belong to the same customer.
    #[serde(default)]
    first_party: Option<bool>,
    /// Whether the originator is a `natural` or `legal` person; `natural` by default.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "natural")]
    originator_type: Option<PersonType>,
    /// Whether both sides are VASPs acting on their own behalf.
    #[serde(default)]
    proprietary: Option<bool>,
    /// Whether the transfer uses a correspondent relationship.
    #[serde(default)]
    correspondent: Option<bool>,
}

impl TransferRequest {
    /// Returns what kind of person the originator is. `None` if the request does not say.
    pub(super) fn originator_type(&self) -> Option<PersonType> {
        self.originator_type
    }

    pub(super) fn read(&self, today: Date, pointer: Pointer<'_>) -> Result<Transfer, ServiceError> {
        let asset = self.asset.as_ref().filter(|text| !is_ticker(text)).map(|text| read_id(text)).transpose();
        let refused = |error: AssetError| fault(pointer, "transfer/asset", error.code(), error.to_string());
        Ok(Transfer {
            date: self.date.unwrap_or(today),
            asset: asset.map_err(refused)?,
            ticker: self.asset.clone().filter(|text| is_ticker(text)),
            amount: self.amount,
            fiat: self.fiat,
            originator_type: self.originator_type.unwrap_or(PersonType::Natural),
            correspondent: self.correspondent,
            linked_total: self.linked_total,
            proprietary: self.proprietary == Some(true),
            first_party: self.first_party,
            rates: self.rates.iter().map(Into::into).collect(),
            earlier: EarlierTotals { day: self.earlier_total.day, month: self.earlier_total.month },
        })
    }
}
