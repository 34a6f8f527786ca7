//! `ethereum:`. Source: ERC-681, "Syntax" and "Semantics".

use super::query::Query;
use super::{Found, Paid, PaymentStandard, PaymentUriError, Place, checked, network, number};
use crate::address::AddressError;
use crate::network::{Family, NetworkTable};

/// The decimals of ether, and of the own asset of every network of the family, as contracts see it.
const DECIMALS: usize = 18;

/// The parameters besides those of the call; ERC-681 has the first three, wallets write the others.
const BESIDE: [&str; 7] = ["gas", "gaslimit", "gasprice", "vasp", "label", "message", "memo"];

pub(super) fn read<'a>(table: &'a NetworkTable, rest: &str, query: &mut Query) -> Result<Found<'a>, PaymentUriError> {
    let (target, function) = rest.split_once('/').map_or((rest, None), |(target, function)| (target, Some(function)));
    let (target, chain) = target.split_once('@').map_or((target, None), |(target, chain)| (target, Some(chain)));
    let target = target.strip_prefix("pay-").unwrap_or(target);
    let ethereum = network(table, "eip155:1")?;
    let named = chain.map(|chain| chain_of(table, chain)).transpose()?;
    let on = named.unwrap_or(ethereum);
    let place = named.map_or(Place::Family(Family::Eip155), Place::Network);
    let contract = checked(table, on, target)?;
    let found = |address, amount, base_units, paid| Found {
        standard: PaymentStandard::Erc681,
        address,
        place,
        memo: None,
        amount,
        base_units,
        paid,
    };
    let value = query.take("value")?.map(|text| number::whole("value", &text)).transpose()?;
    match function {
        None => {
            if let Some(name) = query.first_of(&["address", "uint256"]) {
                return Err(PaymentUriError::parameter(
                    name,
                    "belongs to a call of a token, `/transfer`, which this URI does not name",
                ));
            }
            let amount = value.as_deref().map(|value| number::in_units("value", value, DECIMALS)).transpose()?;
            let paid = amount.is_some().then_some(Paid::Native);
            Ok(found(target.to_owned(), amount, None, paid))
        }
        Some("transfer") => {
            let (recipient, base_units) = transfer(query, value.as_deref())?;
            checked(table, on, &recipient)?;
            Ok(found(recipient, None, base_units, Some(Paid::Token("erc20", contract))))
        }
        Some(_) => Err(PaymentUriError::NoDestination {
            what: "asks for a call of a contract that is no transfer",
            instead: "send the address that is paid, and its network in `network`",
        }),
    }
}

/// Returns the recipient and the amount of a call of a token's `transfer(address,uint256)`. Source: ERC-20.
fn transfer(query: &mut Query, value: Option<&str>) -> Result<(String, Option<String>), PaymentUriError> {
    let recipient = query.take("address")?.ok_or(PaymentUriError::NoDestination {
        what: "calls `transfer` of a token without its `address`",
        instead: "ask for one with `address`, which is the recipient",
    })?;
    let base_units = query.take("uint256")?.map(|text| number::whole("uint256", &text)).transpose()?;
    if let Some(value) = value.filter(|value| *value != "0") {
        return Err(match &base_units {
            Some(units) => PaymentUriError::contradiction("amounts", units, value),
            None => PaymentUriError::parameter("value", "must be 0 beside a call of a token's `transfer`"),
        });
    }
    match query.names().find(|name| !BESIDE.contains(name)) {
        Some(other) => Err(PaymentUriError::parameter(other, "makes another call than a token's `transfer(address,uint256)`")),
        None => Ok((recipient, base_units)),
    }
}

/// Returns the network of a chain id.
fn chain_of<'a>(table: &'a NetworkTable, chain: &str) -> Result<&'a crate::network::Network, PaymentUriError> {
    let id = chain.parse::<u64>().ok().filter(|id| id.to_string() == chain);
    let name = format!("eip155:{chain}");
    let known = id.and_then(|_| table.resolve_name(&name));
    known.ok_or_else(|| PaymentUriError::Address(AddressError::unsupported_network(table, &name)))
}
