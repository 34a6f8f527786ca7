//! An index of the addresses of lists: by controller, so that a listed key is found in every spelling and on every network of its class, and
//! by text for what no network reads. A search allocates nothing unless it finds something. The caller is `matching`.

use std::collections::{HashMap, HashSet};

use super::listed::may_be_on;
use super::{SanctionedAddress, SanctionsList};
use vasp_addresses::address::{Account, Controller};
use vasp_addresses::class::ClassNumber;
use vasp_addresses::network::NetworkTable;

/// The place of an address: its list, entry and number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) list: usize,
    pub(super) entry: usize,
    pub(super) address: usize,
}

impl Place {
    /// Tells whether both are addresses of the same entry.
    pub(super) fn is_of_entry(self, other: Self) -> bool {
        (self.list, self.entry) == (other.list, other.entry)
    }
}

/// How a listed address and an account are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Likeness {
    /// They have the same controller, or the same text.
    Same,
    /// The texts differ only in upper and lower case, which the list lost.
    ButForCase,
}

/// The addresses of one list.
#[derive(Debug, Default)]
pub(super) struct ReadAddresses {
    pub(super) controllers: HashSet<Controller>,
    places: Vec<(Controller, Place)>,
    without_account: Vec<Place>,
}

impl ReadAddresses {
    pub(super) fn of((number, list): (usize, &SanctionsList)) -> Self {
        let mut read = Self::default();
        for (place, address) in addresses(number, list) {
            let accounts = address.meaning().accounts;
            if accounts.is_empty() {
                read.without_account.push(place);
            }
            let controllers = accounts.iter().flat_map(|account| account.controllers.screened());
            read.places.extend(controllers.map(|controller| (controller, place)));
        }
        read.controllers = read.places.iter().map(|(controller, _)| controller.clone()).collect();
        read
    }
}

fn addresses(number: usize, list: &SanctionsList) -> impl Iterator<Item = (Place, &SanctionedAddress)> {
    list.entries.iter().enumerate().flat_map(move |(entry, listed)| {
        let addresses = listed.addresses.iter().enumerate();
        addresses.map(move |(address, published)| (Place { list: number, entry, address }, published))
    })
}

/// An address that no network reads.
#[derive(Debug)]
struct Text {
    lower: String,
    text: String,
    case_lost: bool,
    place: Place,
}

#[derive(Debug, Default)]
pub(super) struct AddressIndex {
    by_controller: HashMap<ClassNumber, HashMap<Box<[u8]>, Vec<Place>>>,
    /// Sorted by `lower`.
    texts: Vec<Text>,
    /// The labels of the addresses that no network reads, by list.
    unread: HashMap<usize, HashSet<String>>,
}

impl AddressIndex {
    pub(super) fn of(lists: &[SanctionsList], read: Vec<ReadAddresses>) -> Self {
        let mut index = Self::default();
        for ReadAddresses { places, without_account, .. } in read {
            for (controller, place) in places {
                let class = index.by_controller.entry(controller.class).or_default();
                let known = class.entry(controller.bytes.as_bytes().into()).or_default();
                // Accounts of one address often have the same controller.
                if known.last() != Some(&place) {
                    known.push(place);
                }
            }
            for place in without_account {
                let Some(address) = at(lists, place) else { continue };
                let text = address.plain();
                // Base 58 without upper case has lost it, whatever the file says.
                let case_lost = address.case_lost || !text.bytes().any(|byte| byte.is_ascii_uppercase());
                index.texts.push(Text { lower: text.to_ascii_lowercase(), text, case_lost, place });
                index.unread.entry(place.list).or_default().insert(address.currency.clone());
            }
        }
        index.texts.sort_by(|one, other| one.lower.cmp(&other.lower));
        index
    }

    /// Iterates over the listed addresses that an account is.
    pub(super) fn listing(&self, account: &Account) -> impl Iterator<Item = (Place, Likeness)> {
        let network = NetworkTable::embedded().by_number(account.network);
        let own = network.map(|network| ClassNumber::of_ledger(network.ledger()));
        let family = network.and_then(|network| network.family).map(|family| ClassNumber::of_ledger(family.number()));
        let same = account.controllers.screened().flat_map(move |controller| {
            // Lists name a family, so what only this ledger has is listed there for the whole family.
            let wider = family.filter(|_| own == Some(controller.class));
            let classes = std::iter::once(controller.class).chain(wider);
            classes.flat_map(move |class| self.controlled(class, controller.bytes.as_bytes()))
        });
        let same = same.map(|place| (*place, Likeness::Same));
        let canonical = account.canonical.as_str();
        let alike = self.texts_like(canonical).iter().filter_map(move |text| match text.text == canonical {
            true => Some((text.place, Likeness::Same)),
            false => text.case_lost.then_some((text.place, Likeness::ButForCase)),
        });
        same.chain(alike)
    }

    /// Returns the listed addresses of a controller.
    pub(super) fn controlled(&self, class: ClassNumber, bytes: &[u8]) -> &[Place] {
        self.by_controller.get(&class).and_then(|class| class.get(bytes)).map_or(&[], Vec::as_slice)
    }

    /// Iterates over the controllers of all listed accounts.
    pub(super) fn controllers(&self) -> impl Iterator<Item = (ClassNumber, &[u8])> {
        self.by_controller.iter().flat_map(|(class, of)| of.keys().map(|bytes| (*class, bytes.as_ref())))
    }

    /// Tells whether this account could be one of a list's addresses that no network reads.
    pub(super) fn may_miss(&self, list: usize, account: &Account) -> bool {
        let Some(labels) = self.unread.get(&list) else { return false };
        let network = NetworkTable::embedded().by_number(account.network);
        network.is_some_and(|network| labels.iter().any(|label| may_be_on(label, network)))
    }

    /// Iterates over the addresses of a list that no network reads.
    pub(super) fn without_account(&self, list: usize) -> impl Iterator<Item = Place> {
        self.texts.iter().map(|text| text.place).filter(move |place| place.list == list)
    }

    fn texts_like(&self, text: &str) -> &[Text] {
        let wanted = || text.bytes().map(|byte| byte.to_ascii_lowercase());
        let from = self.texts.partition_point(|known| known.lower.bytes().lt(wanted()));
        let rest = self.texts.get(from..).unwrap_or_default();
        let count = rest.partition_point(|known| known.lower.bytes().eq(wanted()));
        rest.get(..count).unwrap_or_default()
    }
}

/// Returns the address at a place.
pub(super) fn at(lists: &[SanctionsList], place: Place) -> Option<&SanctionedAddress> {
    lists.get(place.list)?.entries.get(place.entry)?.addresses.get(place.address)
}

#[cfg(test)]
mod tests;
