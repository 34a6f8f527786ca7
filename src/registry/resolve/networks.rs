//! Lists the networks in the order of the table. New networks are added at the end, so the order of the others never changes.

use crate::node::{Page, ServiceError, invalid_value};
use vasp_addresses::network::{Network, NetworkTable};
use vasp_words::caip::Caip2;

/// Returns one page of the networks.
///
/// # Errors
/// `ServiceError::Invalid` if the position is not a network.
pub fn list_networks(after: Option<&Caip2>, limit: usize) -> Result<Page<&'static Network, Caip2>, ServiceError> {
    let table = NetworkTable::embedded();
    let mut rest = table.iter();
    if let Some(last) = after
        && !rest.any(|network| network.caip2 == *last)
    {
        let detail = "the cursor names an unknown network; start again without a cursor".to_owned();
        return Err(invalid_value("?cursor", detail));
    }
    Ok(Page::of(rest, limit, |network| network.caip2.clone()))
}

/// Returns the network that a CAIP-2 id or alias names.
pub fn read_network(text: &str) -> Result<&'static Network, ServiceError> {
    NetworkTable::embedded().resolve_name(text).ok_or_else(|| {
        let text: String = text.chars().take(60).collect();
        ServiceError::NotFound(format!(
            "The registry does not know the network `{text}`; GET /v1/networks lists the known ones, for example eip155:1."
        ))
    })
}
