//! What the address of a list means. A list publishes a text and its own label for the currency, which names no network. The accounts are
//! computed whenever an index of lists is built, so that lists hold what was published and nothing else. The caller is `address_index`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{SanctionedAccount, SanctionedAddress};
use vasp_addresses::address::{Account, Assurance, Controllers, FamilyAccount, is_invisible};
use vasp_addresses::network::{Family, Network, NetworkTable};
use vasp_words::caip::{Caip2, Caip10};

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
    /// Whether a person should look at it: no network of its label reads it, or its spelling is wrong.
    pub is_odd: bool,
}

impl SanctionedAddress {
    /// Makes an address as a list publishes it.
    #[must_use]
    pub fn published(currency: &str, text: &str) -> Self {
        Self { currency: currency.to_owned(), text: text.to_owned(), case_lost: false }
    }

    /// Returns the text without what nobody sees: characters without a width, and blanks at its ends. They are in no address.
    pub(super) fn plain(&self) -> String {
        self.text.chars().filter(|c| !is_invisible(*c)).collect::<String>().trim().to_owned()
    }

    /// Reads the address on the networks of its label. If there are none, or none reads it, it is read on every network whose form and
    /// checksum fit: lists write wrong labels.
    ///
    /// A text that no network reads may have an address inside it, or be hex in a wrong spelling. Hex is then read as the account in lower
    /// case, whatever its prefix or checksum: a list that matches too much is safe, and one that matches nothing is not.
    #[must_use]
    pub fn meaning(&self) -> Meaning {
        let own = LABELS.get(self.currency.as_str()).map(Vec::as_slice).unwrap_or_default();
        let text = self.plain();
        for (place, written) in std::iter::once((None, text.as_str())).chain(inner(&text)) {
            let places = place.as_ref().map_or(own, std::slice::from_ref);
            let meaning = self.read(written, places);
            if !meaning.accounts.is_empty() {
                return meaning;
            }
            let mended = lower_hex(written).map(|hex| self.read(&hex, places).accounts).unwrap_or_default();
            if !mended.is_empty() {
                return Meaning { accounts: mended, is_odd: true };
            }
        }
        Meaning { accounts: vec![], is_odd: true }
    }

    fn read(&self, text: &str, places: &[Place]) -> Meaning {
        let accounts = match places {
            [place] => self.read_on(*place, text).into_iter().collect(),
            places => self.read_where(text, |network| places.iter().any(|place| place.includes(network))),
        };
        if !accounts.is_empty() {
            return Meaning { accounts, is_odd: false };
        }
        let accounts = self.read_where(text, |_| true);
        let is_odd = accounts.is_empty() || !places.is_empty();
        Meaning { accounts, is_odd }
    }

    fn read_on(&self, place: Place, text: &str) -> Option<ListedAccount> {
        let table = NetworkTable::embedded();
        match place {
            Place::Family(family) => {
                let FamilyAccount { canonical, controllers, .. } = table.parse_on_family(family, text).ok()?;
                let account = SanctionedAccount { network: family.to_string(), address: canonical };
                Some(ListedAccount { account, controllers })
            }
            Place::Network(network) => {
                table.parse_on(network, text).ok().filter(|account| self.keeps(account, text)).map(ListedAccount::of)
            }
        }
    }

    /// Reads the address on networks whose form and checksum fit. A name that any word could be fits none: only a label that means one
    /// network makes it an account.
    fn read_where(&self, text: &str, is_meant: impl Fn(&Network) -> bool) -> Vec<ListedAccount> {
        let table = NetworkTable::embedded();
        // The 700 EVM networks read alike.
        let is_evm = || table.iter().any(|network| network.family == Some(Family::Eip155) && is_meant(network));
        let evm = self.read_on(Place::Family(Family::Eip155), text).filter(|_| is_evm());
        // An id in Ethereum's form is no key: other ledgers have ids of the same form.
        let is_key = |evm: &ListedAccount| evm.controllers.screened().any(|of| table.class(of.class).is_some());
        let found = match evm.as_ref().is_some_and(is_key) {
            true => vec![],
            false => table.candidates(text).map(|found| found.accounts).unwrap_or_default(),
        };
        let mut accounts: Vec<ListedAccount> = evm.into_iter().collect();
        for account in found.into_iter().chain(table.alternates(text)).filter(|account| self.keeps(account, text)) {
            let network = table.by_number(account.network);
            let is_new = accounts.iter().all(|known| known.controllers != account.controllers);
            // The family is there already.
            let is_apart = accounts.is_empty() || network.is_some_and(|network| network.family != Some(Family::Eip155));
            if is_new && is_apart && network.is_some_and(&is_meant) {
                accounts.push(ListedAccount::of(account));
            }
        }
        accounts
    }

    /// Tells whether the account is right although the file may have lost upper and lower case. A text of Solana in lower case is another
    /// account or none. Hex and bech32 lose nothing, and a right checksum shows that nothing was lost.
    fn keeps(&self, account: &Account, text: &str) -> bool {
        let is_caseless = || text.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'x' | b'.'));
        !self.case_lost || account.assurance != Assurance::None || is_caseless()
    }
}

/// Returns the address inside a CAIP-10 account, with its network, or inside a payment URI. `None` if there is none for certain: an address
/// with a tag or memo is one customer of many, and a call of a contract has two addresses.
///
/// Source: CAIP-10; did:pkh; BIP-21; ERC-681.
fn inner(text: &str) -> Option<(Option<Place>, &str)> {
    // Shorter texts are tags, or names that any word could be.
    const LENGTH_MIN: usize = 20;
    let text = text.strip_prefix("did:pkh:").unwrap_or(text);
    if let Ok(id) = text.parse::<Caip10>()
        && let Ok(network) = NetworkTable::embedded().read_name(id.chain().as_str(), None)
    {
        let place = network.family.map_or(Place::Network(network), Place::Family);
        return text.rsplit_once(':').map(|(_, account)| (Some(place), account));
    }
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    let (_, rest) = path.split_once(':')?;
    let has_tag = query.split('&').any(|one| ["dt=", "tag=", "memo"].iter().any(|name| one.starts_with(name)));
    let last = rest.split('/').next_back()?.split('@').next()?;
    let address = last.strip_prefix("pay-").unwrap_or(last);
    (address.len() > LENGTH_MIN && !has_tag).then_some((None, address))
}

/// Returns hex with the prefix `0x` and in lower case; `None` if it is written so, or is not hex for certain.
fn lower_hex(text: &str) -> Option<String> {
    /// The digits of an EVM address, which are hex even without a prefix.
    const EVM_DIGITS: usize = 40;
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let hex = digits.or((text.len() == EVM_DIGITS).then_some(text))?;
    let written = format!("0x{}", hex.to_ascii_lowercase());
    (hex.bytes().all(|byte| byte.is_ascii_hexdigit()) && written != text).then_some(written)
}

impl ListedAccount {
    fn of(account: Account) -> Self {
        let known = SanctionedAccount { network: account.caip2.to_string(), address: account.canonical };
        Self { account: known, controllers: account.controllers }
    }
}
