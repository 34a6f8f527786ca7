//! What a text names as a network: a CAIP-2 id, an alias, or a name that gateways, exchanges and lists hold (`seed/network_names.csv`).
//! One name can mean several ledgers (`AVAX`). Then the address decides, or the question is refused: a guess would send money to a
//! ledger that nobody named.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use super::{Network, NetworkTable, NetworkTableError, spelling};
use crate::address::AddressError;
use serde::Deserialize;

/// The names of networks, each once: ids as they are written, other names in lower case.
pub(super) type Names = HashMap<Box<str>, Meaning>;

/// What a name means.
#[derive(Debug)]
pub(super) struct Meaning {
    kind: Kind,
    /// The networks; that of an id or an alias comes first.
    networks: Vec<Arc<Network>>,
}

/// Where a name comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// A CAIP-2 id or an alias. It means its network, also if others use the word for another face of it (`sei`).
    Own,
    /// A name that others hold.
    Held,
    /// A token standard, which names no network; with it people mean one of these.
    TokenStandard,
}

/// One row of the file of names.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NameSeed {
    network: Box<str>,
    name: Box<str>,
    kind: KindSeed,
    #[serde(rename = "source")]
    _source: String,
}

#[derive(PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KindSeed {
    Ticker,
    ShortName,
    ExchangeLabel,
    Name,
    TokenStandard,
}

/// Adds the ids and aliases of a network; the error is the one that another network has.
pub(super) fn add_own(names: &mut Names, network: &Arc<Network>) -> Result<(), String> {
    for name in network.aliases.iter().map(String::as_str).chain([network.caip2.as_str()]) {
        let meaning = Meaning { kind: Kind::Own, networks: vec![Arc::clone(network)] };
        if names.insert(key(name).into(), meaning).is_some() {
            return Err(name.to_owned());
        }
    }
    Ok(())
}

/// Adds the names of the seed file's text.
pub(super) fn add_held(names: &mut Names, names_csv: &str) -> Result<(), NetworkTableError> {
    for row in csv::Reader::from_reader(names_csv.as_bytes()).into_deserialize::<NameSeed>() {
        let NameSeed { network: id, name, kind, .. } = row.map_err(|source| NetworkTableError::Names { source })?;
        let kind = if kind == KindSeed::TokenStandard { Kind::TokenStandard } else { Kind::Held };
        let network =
            names.get(&id).and_then(|meaning| meaning.networks.first()).filter(|network| network.caip2.as_str() == &*id);
        let network = Arc::clone(network.ok_or_else(|| NetworkTableError::Name(name.to_string()))?);
        match names.entry(key(&name).into()) {
            Entry::Vacant(_) if name.contains(':') => return Err(NetworkTableError::Name(name.to_string())),
            Entry::Vacant(entry) => drop(entry.insert(Meaning { kind, networks: vec![network] })),
            Entry::Occupied(mut entry) => {
                let meaning = entry.get_mut();
                if (meaning.kind == Kind::TokenStandard) != (kind == Kind::TokenStandard) {
                    return Err(NetworkTableError::Name(name.to_string()));
                }
                if meaning.networks.iter().all(|other| other.number != network.number) {
                    meaning.networks.push(network);
                }
            }
        }
    }
    Ok(())
}

/// Returns the spelling under which a name is kept. The reference of a CAIP-2 id is case-sensitive, so ids stay as they are.
fn key(name: &str) -> Cow<'_, str> {
    if name.contains(':') || !name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(name.to_ascii_lowercase())
    }
}

impl NetworkTable {
    /// Returns the network that a text names without an address: `read_name` without the reason for a refusal.
    #[must_use]
    pub fn resolve_name(&self, name: &str) -> Option<&Network> {
        self.named(name, None)
    }

    /// Returns the network that a text names: by its CAIP-2 id, an alias, or a ticker or name that others hold, in any case. If the name
    /// means several ledgers, only those remain that can read the address, or whose form it resembles most if none can.
    ///
    /// # Errors
    /// `AddressError::UnsupportedNetwork`, `TokenStandard`, or `AmbiguousNetwork` if several ledgers remain.
    pub fn read_name(&self, name: &str, address: Option<&str>) -> Result<&Network, AddressError> {
        self.named(name, address).ok_or_else(|| match self.by_name.get(&*key(name)) {
            None => AddressError::unsupported_network(self, name),
            Some(Meaning { kind: Kind::TokenStandard, networks }) => AddressError::token_standard(name, networks),
            Some(meaning) => AddressError::ambiguous_network(name, self.left(meaning, address)),
        })
    }

    fn named(&self, name: &str, address: Option<&str>) -> Option<&Network> {
        let meaning = self.by_name.get(&*key(name))?;
        match (meaning.kind, meaning.networks.as_slice()) {
            (Kind::TokenStandard, _) => None,
            (_, [one]) => Some(one),
            (kind, networks) => {
                let left = self.left(meaning, address);
                let first = *left.first()?;
                let is_own = kind == Kind::Own && networks.first().is_some_and(|own| own.number == first.number);
                (is_own || left.iter().all(|other| other.ledger() == first.ledger())).then_some(first)
            }
        }
    }

    /// Returns the networks of a name that the address allows.
    fn left<'a>(&self, meaning: &'a Meaning, address: Option<&str>) -> Vec<&'a Network> {
        let networks = || meaning.networks.iter().map(AsRef::as_ref);
        let Some(address) = address else { return networks().collect() };
        // A CAIP-10 account contains its network.
        let chain = address.rsplit_once(':').map(|(chain, _)| chain);
        match networks().find(|network| Some(network.caip2.as_str()) == chain) {
            Some(network) => vec![network],
            None => self.closest(networks(), address),
        }
    }

    /// Returns the name of which a text is another spelling; `None` if there is none, or if the text could mean two ledgers. A hint to
    /// another ledger would send money there.
    pub(crate) fn similar_name(&self, text: &str) -> Option<&str> {
        let text = spelling::folded(text);
        let networks = self.by_name.iter().filter(|(_, meaning)| meaning.kind != Kind::TokenStandard);
        let mut found: Vec<_> = networks.filter(|(name, _)| spelling::is_spelling(&text, name)).collect();
        // The same letters are nearer than a letter too few: `TRON:mainnet` is not `trn-mainnet`.
        if found.iter().any(|(name, _)| spelling::folded(name) == text) {
            found.retain(|(name, _)| spelling::folded(name) == text);
        }
        let ledgers = || found.iter().flat_map(|(_, meaning)| &meaning.networks).map(|network| network.ledger());
        let (best, _) = found.iter().min_by_key(|(name, meaning)| (meaning.kind, *name))?;
        ledgers().all(|ledger| ledgers().next() == Some(ledger)).then_some(best)
    }
}

#[cfg(test)]
mod tests;
