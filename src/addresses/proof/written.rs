//! Finds the account of a key: writes its address in the formats of the network and reads it again. So canonical texts are compared,
//! whatever spellings a format has. The only module that uses the table to write addresses.

use crate::address::Account;
use crate::network::{Network, NetworkTable};

/// Writes an address in one format of a network; `None` if the network has no such format, or the format has no such account.
pub(super) fn written(network: &Network, format_id: &str, version: &[u8], payload: &[u8]) -> Option<String> {
    network.write_address(format_id, version, payload)
}

/// Returns the canonical text of the account of a payload in one format of the network.
pub(super) fn canonical(
    table: &NetworkTable,
    network: &Network,
    format_id: &str,
    version: &[u8],
    payload: &[u8],
) -> Option<String> {
    let text = written(network, format_id, version, payload)?;
    table.parse_on(network, &text).ok().map(|account: Account| account.canonical)
}
