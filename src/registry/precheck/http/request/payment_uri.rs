//! A pre-check whose address is a payment URI: its amount and its asset are those of the transfer, unless members contradict them.

use super::{Pointer, fault};
use crate::node::ServiceError;
use crate::precheck::{Destination, OwnPlace, Sender, Transfer, Way};
use vasp_addresses::asset::{is_same_asset, read_ticker};
use vasp_addresses::network::NetworkTable;
use vasp_addresses::payment_uri::PaymentUri;

/// Adds the amount and the asset that the payment URIs of both sides name.
///
/// # Errors
/// `ServiceError::Invalid` if `transfer` names another amount or asset. A URI that cannot be read is refused with its address.
pub(super) fn add(transfer: &mut Transfer, way: &Way, pointer: Pointer<'_>) -> Result<(), ServiceError> {
    let (other, own, side) = match way {
        Way::Outgoing(place) => (Some(place), None, "beneficiary"),
        Way::Incoming(Sender::At(place), own) => (Some(place), own.as_ref(), "originator"),
        Way::Incoming(_, own) => (None, own.as_ref(), "originator"),
    };
    if let Some(Destination::Address { address, network, .. }) = other {
        add_one(transfer, address, network.as_deref(), side, pointer)?;
    }
    if let Some(OwnPlace::Address { address, network, .. }) = own {
        add_one(transfer, address, network.as_deref(), "beneficiary", pointer)?;
    }
    Ok(())
}

fn add_one(
    transfer: &mut Transfer,
    address: &str,
    network: Option<&str>,
    side: &str,
    pointer: Pointer<'_>,
) -> Result<(), ServiceError> {
    let table = NetworkTable::embedded();
    let Ok(Some(uri)) = PaymentUri::read(table, address) else { return Ok(()) };
    let refuse = |member: &str, of_uri: String, beside: String| {
        let detail = format!(
            "the payment URI in `{side}.address` has the {member} {of_uri}, but `transfer.{member}` is {beside}; send what is right in both, or leave one out"
        );
        Err(fault(pointer, &format!("transfer/{member}"), "payment_uri_contradiction", detail))
    };
    match (uri.amount, transfer.amount) {
        (Some(of_uri), Some(beside)) if of_uri != beside => return refuse("amount", of_uri.to_string(), beside.to_string()),
        (Some(of_uri), None) => transfer.amount = Some(of_uri),
        _ => {}
    }
    let named = network.and_then(|name| table.read_name(name, Some(&uri.address)).ok());
    let own = uri.network.as_ref().and_then(|id| table.by_caip2(id));
    let of_asset = || transfer.asset.as_ref().and_then(|asset| table.resolve_name(asset.chain().as_str()));
    let Some(network) = own.or(named).or_else(of_asset) else { return Ok(()) };
    let Some(of_uri) = uri.asset_on(network) else { return Ok(()) };
    let by_ticker = transfer.ticker.as_ref().and_then(|ticker| read_ticker(ticker, &[network]).ok());
    match transfer.asset.as_ref().or(by_ticker.as_ref()) {
        Some(beside) if !is_same_asset(&of_uri, beside) => refuse("asset", of_uri.to_string(), beside.to_string()),
        Some(_) => Ok(()),
        // A ticker without a meaning here is refused with the address.
        None if transfer.ticker.is_some() => Ok(()),
        None => {
            transfer.asset = Some(of_uri);
            Ok(())
        }
    }
}
