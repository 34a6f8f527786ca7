//! Addresses of the XRP Ledger with a destination tag: `r…?dt=1`, also after `xrpl:`, `ripple:` or `xrp:`. An X-address carries its tag
//! (XLS-5d). Source: XLS-5d; the wallets Xaman and Trust, which write the tag as `dt`.

use super::query::Query;
use super::{Found, PaymentStandard, PaymentUriError, Place, checked, network};
use crate::network::NetworkTable;

/// Other names of a tag. Leaving one out would credit another customer, so they are refused.
const OTHER_TAGS: [&str; 5] = ["tag", "destinationtag", "destination_tag", "memo", "memoid"];

/// Returns whether a query without a scheme names a tag.
pub(super) fn names_tag(query: &str) -> bool {
    query.split('&').any(|pair| pair.split('=').next().is_some_and(|name| name.eq_ignore_ascii_case("dt")))
}

pub(super) fn read<'a>(table: &'a NetworkTable, rest: &str, query: &mut Query) -> Result<Found<'a>, PaymentUriError> {
    let network = network(table, "xrpl:0")?;
    if let Some(name) = query.first_of(&OTHER_TAGS) {
        return Err(PaymentUriError::parameter(name, "may be a destination tag; write the tag as `dt`"));
    }
    let memo = query.take("dt")?;
    checked(table, network, rest)?;
    Ok(Found {
        standard: PaymentStandard::Xrpl,
        address: rest.to_owned(),
        place: Place::Network(network),
        memo,
        amount: None,
        base_units: None,
        // An account of the ledger can be paid in any asset, so a URI without an asset leaves it open.
        paid: None,
    })
}
