//! `bitcoin:` and the coins that took BIP-21 over. Source: BIP-21; BIP-321 (other addresses and Lightning beside the address).

use super::query::Query;
use super::{Found, Paid, PaymentStandard, PaymentUriError, Place, checked, network, number};
use crate::address::AddressError;
use crate::network::NetworkTable;

/// The decimals of these coins. eCash has 2.
const DECIMALS: usize = 8;

/// A coin with a scheme of its own.
pub(super) struct Coin {
    scheme: &'static str,
    network: &'static str,
    /// Whether the scheme is a part of the address.
    pub(super) has_prefix: bool,
    decimals: usize,
}

/// Sources: BIP-21; the wallets of Litecoin, Dogecoin and Dash, which took it over with their own scheme; the cash address specification,
/// "URI"; eCash, "Cash address".
const COINS: [Coin; 6] = [
    Coin { scheme: "bitcoin", network: "bitcoin", has_prefix: false, decimals: DECIMALS },
    Coin { scheme: "litecoin", network: "litecoin", has_prefix: false, decimals: DECIMALS },
    Coin { scheme: "dogecoin", network: "dogecoin", has_prefix: false, decimals: DECIMALS },
    Coin { scheme: "dash", network: "dash", has_prefix: false, decimals: DECIMALS },
    Coin { scheme: "bitcoincash", network: "bitcoin-cash", has_prefix: true, decimals: DECIMALS },
    Coin { scheme: "ecash", network: "ecash", has_prefix: true, decimals: 2 },
];

impl Coin {
    pub(super) fn of(scheme: &str) -> Option<&'static Self> {
        COINS.iter().find(|coin| coin.scheme == scheme)
    }
}

pub(super) fn read<'a>(
    table: &'a NetworkTable,
    coin: &Coin,
    path: &str,
    rest: &str,
    query: &mut Query,
) -> Result<Found<'a>, PaymentUriError> {
    let network = network(table, coin.network)?;
    let mut address: Option<String> = match (rest, coin.has_prefix) {
        ("", _) => None,
        (_, true) => Some(path.to_owned()),
        (rest, false) => Some(rest.to_owned()),
    };
    let mut first = address.as_deref().map(|address| checked(table, network, address)).transpose()?;
    // BIP-21, "Query Keys"; BIP-321, "Query Keys".
    for name in ["address", "bc"] {
        let Some(other) = query.take(name)? else { continue };
        let read = checked(table, network, &other)?;
        if first.as_ref().is_some_and(|first| *first != read) {
            return Err(PaymentUriError::contradiction("addresses", address.as_deref().unwrap_or_default(), &other));
        }
        first = Some(read);
        address = address.or(Some(other));
    }
    let Some(address) = address else {
        return Err(match query.first_of(&["lightning", "lno"]) {
            Some(_) => PaymentUriError::Address(AddressError::LightningInvoice),
            None => PaymentUriError::NoDestination {
                what: "has no address after its scheme",
                instead: "ask for one with an address, such as `bitcoin:bc1…`",
            },
        });
    };
    let amount = query.take("amount")?.map(|text| number::decimal("amount", &text, coin.decimals)).transpose()?;
    Ok(Found {
        standard: PaymentStandard::Bip21,
        address,
        place: Place::Network(network),
        memo: None,
        amount,
        base_units: None,
        paid: Some(Paid::Native),
    })
}
