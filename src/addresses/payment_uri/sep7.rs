//! `web+stellar:pay`. Source: SEP-7, "Operation pay".

use super::query::Query;
use super::{Found, Paid, PaymentStandard, PaymentUriError, Place, checked, network, number};
use crate::address::AddressError;
use crate::network::NetworkTable;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The decimals of every asset of Stellar. Source: Stellar documentation, "Assets", amount precision.
const DECIMALS: usize = 7;

/// The passphrase of the public network. Source: Stellar documentation, "Networks".
const PUBLIC: &str = "Public Global Stellar Network ; September 2015";

/// The most characters of an asset's code. Source: Stellar documentation, "Assets".
const CODE_MAX: usize = 12;

pub(super) fn read<'a>(table: &'a NetworkTable, rest: &str, query: &mut Query) -> Result<Found<'a>, PaymentUriError> {
    if rest != "pay" {
        return Err(PaymentUriError::NoDestination {
            what: "asks for a signature under a transaction, and names no account to pay",
            instead: "send the address that is paid",
        });
    }
    let network = network(table, "stellar")?;
    if query.take("network_passphrase")?.is_some_and(|passphrase| passphrase != PUBLIC) {
        let test = AddressError::TestNetwork { network: "another Stellar network than the public one".to_owned() };
        return Err(PaymentUriError::Address(test));
    }
    let address = query.take("destination")?.ok_or(PaymentUriError::NoDestination {
        what: "has no `destination`",
        instead: "ask for one that names the account to pay",
    })?;
    let amount = query.take("amount")?.map(|text| number::decimal("amount", &text, DECIMALS)).transpose()?;
    let paid = match (query.take("asset_code")?, query.take("asset_issuer")?) {
        (None, None) => amount.is_some().then_some(Paid::Native),
        (Some(code), None) if code == network.native_asset => Some(Paid::Native),
        (Some(code), Some(issuer)) => {
            let plain = code.len() <= CODE_MAX && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
            if !plain {
                return Err(PaymentUriError::parameter("asset_code", "must have 1 to 12 letters and digits"));
            }
            Some(Paid::Token("asset", format!("{code}-{}", checked(table, network, &issuer)?)))
        }
        (Some(_), None) => return Err(PaymentUriError::parameter("asset_code", "needs `asset_issuer` beside it")),
        (None, Some(_)) => return Err(PaymentUriError::parameter("asset_issuer", "needs `asset_code` beside it")),
    };
    let (memo, kind) = (query.take("memo")?, query.take("memo_type")?);
    let memo = memo.map(|memo| memo_of(memo, kind.as_deref())).transpose()?;
    checked(table, network, &address)?;
    Ok(Found { standard: PaymentStandard::Sep7, address, place: Place::Network(network), memo, amount, base_units: None, paid })
}

/// Returns a memo as the network writes it: a hash, which is in base 64 here, in hex digits.
fn memo_of(memo: String, kind: Option<&str>) -> Result<String, PaymentUriError> {
    match kind {
        None | Some("MEMO_TEXT" | "MEMO_ID") => Ok(memo),
        Some("MEMO_HASH" | "MEMO_RETURN") => {
            let bytes = STANDARD.decode(&memo).ok().filter(|bytes| bytes.len() == 32);
            let wrong = || PaymentUriError::parameter("memo", "must be the base 64 of 32 bytes, as its `memo_type` says");
            bytes.map(hex::encode).ok_or_else(wrong)
        }
        Some(_) => Err(PaymentUriError::parameter("memo_type", "must be MEMO_TEXT, MEMO_ID, MEMO_HASH or MEMO_RETURN")),
    }
}
