//! Lists the networks in the order of the table. New networks are added at the end, so the order of the others never changes.

use crate::node::{Page, ServiceError, invalid, invalid_value};
use vasp_addresses::address::{Account, AddressError};
use vasp_addresses::asset::ticker_of;
use vasp_addresses::network::{Family, Network, NetworkTable};
use vasp_addresses::subject::Subject;
use vasp_words::caip::{Caip2, Caip19};

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

/// Adds an account's network to the names of networks. Of a family the first network is named, and for all others the family once.
pub(crate) fn name_once<'a>(names: &mut Vec<&'a str>, account: &'a Account) {
    let family = NetworkTable::embedded().by_number(account.network).and_then(|network| network.family);
    let is_of = |name: &str, family: Family| name.split(':').next() == Some(family.namespace());
    match family.filter(|family| names.iter().any(|name| is_of(name, *family))) {
        None => names.push(account.caip2.as_str()),
        Some(family) if !names.contains(&family.as_str()) => names.push(family.as_str()),
        Some(_) => {}
    }
}

/// Returns the name of a network for people, or its id if the table does not have it.
pub(crate) fn network_in_words(id: &str) -> String {
    if Family::ALL.into_iter().any(|family| family.as_str() == id) {
        return "the other networks of the EVM".to_owned();
    }
    NetworkTable::embedded().resolve_name(id).map_or_else(|| id.to_owned(), |network| network.name.clone())
}

/// Returns the ticker of an asset for people, or its id if the table does not have it.
pub(crate) fn asset_in_words(id: &str) -> String {
    id.parse::<Caip19>().ok().and_then(|asset| ticker_of(&asset)).unwrap_or(id).to_owned()
}

/// Returns how many questions a subject costs: one for each network that the answer lists as a candidate, and one for any other subject.
pub(crate) fn price(subject: &Subject) -> u32 {
    let Subject::BareAddress(candidates) = subject else { return 1 };
    let is_of_family = |id: &&Caip2| id.as_str().split(':').next() == Some(Family::Eip155.namespace());
    let of_family = candidates.networks().filter(is_of_family).count();
    u32::try_from(candidates.accounts.len() - of_family + of_family.min(2)).unwrap_or(u32::MAX)
}

/// Returns the network that a CAIP-2 id or another name means.
pub fn read_network(text: &str) -> Result<&'static Network, ServiceError> {
    NetworkTable::embedded().read_name(text, None).map_err(|error| match error {
        AddressError::AmbiguousNetwork { .. } => invalid("{caip2}", error.code(), error.to_string()),
        _ => ServiceError::NotFound(format!("There is no such network: {error}.")),
    })
}
