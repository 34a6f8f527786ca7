//! The account behind a key, by writing its address with the formats of the network and reading it back: so the comparison
//! is between canonical texts, whatever spelling a format has. The only place that needs the table's way of writing.

use crate::address::Account;
use crate::network::{Network, NetworkTable};

/// Writes an address in one format of a network; `None` where the network has no such format or the format no such account.
pub(super) fn written(network: &Network, format_id: &str, version: &[u8], payload: &[u8]) -> Option<String> {
    network.write_address(format_id, version, payload)
}

/// Returns the canonical text of the account that a payload makes in one format of the network.
pub(super) fn canonical(table: &NetworkTable, network: &Network, format: (&str, &[u8]), payload: &[u8]) -> Option<String> {
    let (format_id, version) = format;
    let text = written(network, format_id, version, payload)?;
    table.parse_on(network, &text).ok().map(|account: Account| account.canonical)
}
