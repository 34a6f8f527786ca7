//! What the address of a list means. A list publishes a text and its own label for the currency, which names no network. The accounts are
//! computed whenever an index of lists is built, so that lists hold what was published and nothing else. The caller is `address_index`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{SanctionedAccount, SanctionedAddress};
use vasp_addresses::address::{Account, Assurance, Controllers, FamilyAccount};
use vasp_addresses::network::{Family, Network, NetworkTable};
use vasp_words::caip::Caip2;

/// Where an address with a label can be.
#[derive(Clone, Copy, Debug)]
enum Place {
    Family(Family),
    Network(&'static Network),
}

/// The networks of each label; none if the table has no network of the label.
///
/// Source: `seed/list_labels.csv`.
static LABELS: LazyLock<HashMap<&str, Vec<Place>>> = LazyLock::new(|| {
    let rows = include_str!("../data/list_labels.csv").lines().skip(1);
    let cells = rows.filter_map(|row| row.split_once(','));
    let networks = |cells: &'static str| cells.split(',').next().unwrap_or_default().split_whitespace();
    cells.map(|(label, more)| (label, networks(more).filter_map(Place::named).collect())).collect()
});

/// Returns the labels of currencies whose networks are known.
pub fn labels() -> impl Iterator<Item = &'static str> {
    LABELS.keys().copied()
}

/// Tells whether an address with this label could be on a network. An address with an unknown label, or without one, could be on any.
pub(super) fn may_be_on(label: &str, network: &Network) -> bool {
    LABELS.get(label).is_none_or(|places| places.iter().any(|place| place.includes(network)))
}

impl Place {
    fn named(id: &str) -> Option<Self> {
        let network = || NetworkTable::embedded().by_caip2(&id.parse::<Caip2>().ok()?);
        Family::from_text(id).map(Self::Family).or_else(|| network().map(Self::Network))
    }

    fn includes(self, network: &Network) -> bool {
        match self {
            Self::Family(family) => network.family == Some(family),
            Self::Network(own) => own.ledger() == network.ledger(),
        }
    }
}

/// An account of a listed person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedAccount {
    /// Its network, or family, and its canonical address.
    pub account: SanctionedAccount,
    /// By which it is found.
    pub controllers: Controllers,
}

/// What a published address means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// Its accounts; none if no network reads it. It is then compared as text.
    pub accounts: Vec<ListedAccount>,
    /// Whether a person should look at it: no network of its label reads it.
    pub is_odd: bool,
}

impl SanctionedAddress {
    /// Makes an address as a list publishes it.
    #[must_use]
    pub fn published(currency: &str, text: &str) -> Self {
        Self { currency: currency.to_owned(), text: text.to_owned(), case_lost: false }
    }

    /// Reads the address on the networks of its label. If there are none, or none reads it, it is read on every network whose form and
    /// checksum fit: lists write wrong labels.
    #[must_use]
    pub fn meaning(&self) -> Meaning {
        let places = LABELS.get(self.currency.as_str()).map(Vec::as_slice).unwrap_or_default();
        let accounts = match places {
            [place] => self.read_on(*place).into_iter().collect(),
            places => self.read_where(|network| places.iter().any(|place| place.includes(network))),
        };
        if !accounts.is_empty() {
            return Meaning { accounts, is_odd: false };
        }
        let accounts = self.read_where(|_| true);
        let is_odd = accounts.is_empty() || !places.is_empty();
        Meaning { accounts, is_odd }
    }

    fn read_on(&self, place: Place) -> Option<ListedAccount> {
        let (table, text) = (NetworkTable::embedded(), self.text.trim());
        match place {
            Place::Family(family) => {
                let FamilyAccount { canonical, controllers, .. } = table.parse_on_family(family, text).ok()?;
                let account = SanctionedAccount { network: family.to_string(), address: canonical };
                Some(ListedAccount { account, controllers })
            }
            Place::Network(network) => {
                table.parse_on(network, text).ok().filter(|account| self.keeps(account)).map(ListedAccount::of)
            }
        }
    }

    /// Reads the address on networks whose form and checksum fit. A name that any word could be fits none: only a label that means one
    /// network makes it an account.
    fn read_where(&self, is_meant: impl Fn(&Network) -> bool) -> Vec<ListedAccount> {
        let table = NetworkTable::embedded();
        // The 700 EVM networks read alike.
        let is_evm = || table.iter().any(|network| network.family == Some(Family::Eip155) && is_meant(network));
        if let Some(evm) = self.read_on(Place::Family(Family::Eip155)).filter(|_| is_evm()) {
            return vec![evm];
        }
        let found = table.candidates(self.text.trim()).map(|found| found.accounts).unwrap_or_default();
        let found = found.into_iter().chain(table.alternates(self.text.trim()));
        let mut accounts: Vec<ListedAccount> = vec![];
        for account in found.filter(|account| self.keeps(account)) {
            let is_new = accounts.iter().all(|known| known.controllers != account.controllers);
            if is_new && table.by_number(account.network).is_some_and(&is_meant) {
                accounts.push(ListedAccount::of(account));
            }
        }
        accounts
    }

    /// Tells whether the account is right although the file may have lost upper and lower case. A text of Solana in lower case is another
    /// account or none. Hex and bech32 lose nothing, and a right checksum shows that nothing was lost.
    fn keeps(&self, account: &Account) -> bool {
        let is_caseless = || self.text.trim().bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'x' | b'.'));
        !self.case_lost || account.assurance != Assurance::None || is_caseless()
    }
}

impl ListedAccount {
    fn of(account: Account) -> Self {
        let known = SanctionedAccount { network: account.caip2.to_string(), address: account.canonical };
        Self { account: known, controllers: account.controllers }
    }
}
