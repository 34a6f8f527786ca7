//! The table of networks: ids, aliases, formats of addresses, memo rules. Built once from the seed (`seed/networks.json`,
//! `seed/evm_chains.csv`), then only read. Addresses are read by it in `address`.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use super::address::seed::{self, FormatSeed};
use super::address::{AddressError, Format, FormatError, MemoRule};
use serde::{Deserialize, Serialize};
use vasp_words::caip::Caip2;
use vasp_words::closed_list::closed_list;

/// Numbers below this one stand for families, all others for networks.
const FIRST_NETWORK: i32 = 100;

/// Number of a network or family in the index; stable, given in the seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NetworkNumber(pub i32);

closed_list! {
    /// Networks that share accounts, where a source names only the family.
    pub enum Family {
        /// Every network of namespace `eip155`.
        Eip155 = "eip155:*",
    }
}

impl Family {
    /// Returns the family's number in the index.
    #[must_use]
    pub fn number(self) -> NetworkNumber {
        match self {
            Self::Eip155 => NetworkNumber(1),
        }
    }

    /// Returns the namespace whose networks form the family.
    #[must_use]
    pub fn namespace(self) -> &'static str {
        match self {
            Self::Eip155 => "eip155",
        }
    }
}

/// One network.
#[derive(Debug)]
pub struct Network {
    /// Number in the index.
    pub number: NetworkNumber,
    /// CAIP-2 id.
    pub caip2: Caip2,
    /// Name for people.
    pub name: String,
    /// Ticker of the native asset.
    pub native_asset: String,
    /// Other spellings of the id, accepted on input only.
    pub aliases: Vec<String>,
    /// Whether its assets are worthless by design.
    pub testnet: bool,
    /// The family whose accounts it shares.
    pub family: Option<Family>,
    /// What memos its transfers carry.
    pub memo_rule: MemoRule,
    /// Formats of its addresses; networks with equal rules share them.
    pub formats: Arc<[Format]>,
    /// What the formats accept, as far as it decides; equal rules have the same texts.
    rules: Arc<[FormatSeed]>,
}

impl Network {
    /// Returns a memo in its one spelling.
    pub fn read_memo(&self, memo: &str) -> Result<String, AddressError> {
        self.memo_rule.read(memo)
    }

    /// Writes an account in the format of this id; `None` where there is no such format or account.
    pub(crate) fn write_address(&self, format: &str, version: &[u8], payload: &[u8]) -> Option<String> {
        self.formats.iter().find(|one| one.id() == format)?.write(version, payload)
    }
}

/// Networks that share formats: a text is decoded once for all of them.
#[derive(Debug)]
pub(crate) struct FormatGroup {
    pub(crate) formats: Arc<[Format]>,
    /// Positions in the table's order, and the networks.
    pub(crate) members: Vec<(usize, Arc<Network>)>,
}

/// The table of networks.
#[derive(Debug, Default)]
pub struct NetworkTable {
    networks: Vec<Arc<Network>>,
    by_name: HashMap<String, Arc<Network>>,
    by_number: HashMap<NetworkNumber, Arc<Network>>,
    pub(crate) groups: Vec<FormatGroup>,
}

/// Why the seed makes no table.
#[derive(Debug, thiserror::Error)]
pub enum NetworkTableError {
    /// The file of networks is not JSON of the expected form.
    #[error("the file of networks cannot be read")]
    Networks {
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The file of EVM chains is not CSV of the expected form.
    #[error("the file of EVM chains cannot be read")]
    EvmChains {
        /// Why.
        #[source]
        source: csv::Error,
    },
    /// A network's CAIP-2 id breaks the grammar.
    #[error("`{0}` is not a CAIP-2 id")]
    NotCaip2(String),
    /// A format cannot be used.
    #[error("network {network}")]
    Format {
        /// The network.
        network: Caip2,
        /// Why.
        #[source]
        source: FormatError,
    },
    /// A number, id or alias stands for two networks, or a number is reserved for families.
    #[error("`{0}` is used twice or reserved")]
    Taken(String),
    /// The memo rule names other formats as carrying the memo than those that do.
    #[error("network {0}: `carried_by_formats` are not the formats that carry the memo")]
    MemoCarriers(Caip2),
    /// EVM chains take over Ethereum's rules, and there is no Ethereum.
    #[error("the table has no network eip155:1")]
    NoEthereum,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NetworksFile {
    #[serde(rename = "version")]
    _version: u32,
    networks: Vec<NetworkSeed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NetworkSeed {
    number: i32,
    caip2: Caip2,
    name: String,
    native_asset: String,
    testnet: bool,
    aliases: Vec<String>,
    memo_rule: MemoRule,
    formats: Vec<FormatSeed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EvmChainSeed {
    number: i32,
    chain_id: u64,
    name: String,
    native_asset: String,
    testnet: bool,
}

impl NetworkTable {
    /// Builds the table from the two seed files' text.
    ///
    /// # Errors
    /// `NetworkTableError` if a file cannot be read, a rule is not known, or an id, number or alias is used twice.
    pub fn from_seed(networks_json: &str, evm_chains_csv: &str) -> Result<Self, NetworkTableError> {
        let file: NetworksFile = serde_json::from_str(networks_json).map_err(|source| NetworkTableError::Networks { source })?;
        let mut table = Self::default();
        let mut shared = HashMap::new();
        for network in file.networks {
            table.add(network.build(&mut shared)?)?;
        }
        for row in csv::Reader::from_reader(evm_chains_csv.as_bytes()).into_deserialize::<EvmChainSeed>() {
            let row = row.map_err(|source| NetworkTableError::EvmChains { source })?;
            let ethereum = table.by_name.get("eip155:1").ok_or(NetworkTableError::NoEthereum)?;
            let network = row.build(ethereum)?;
            table.add(network)?;
        }
        Ok(table)
    }

    /// Returns the table compiled into the program.
    #[must_use]
    pub fn embedded() -> &'static Self {
        static EMBEDDED: LazyLock<NetworkTable> = LazyLock::new(|| {
            let networks = include_str!("data/networks.json");
            let evm_chains = include_str!("data/evm_chains.csv");
            // A test builds this very table, so a seed that makes none is never released.
            NetworkTable::from_seed(networks, evm_chains).unwrap_or_default()
        });
        &EMBEDDED
    }

    /// Iterates over the networks in the table's order, which never changes for those already in it.
    pub fn iter(&self) -> impl Iterator<Item = &Network> {
        self.networks.iter().map(AsRef::as_ref)
    }

    /// Returns the network of a CAIP-2 id.
    #[must_use]
    pub fn by_caip2(&self, id: &Caip2) -> Option<&Network> {
        self.by_name.get(id.as_str()).map(AsRef::as_ref).filter(|network| network.caip2 == *id)
    }

    /// Returns the network of a number; `None` for the number of a family.
    #[must_use]
    pub fn by_number(&self, number: NetworkNumber) -> Option<&Network> {
        self.by_number.get(&number).map(AsRef::as_ref)
    }

    /// Returns the numbers under which what is said of a network's accounts stands: its own, and that of its family.
    pub fn with_family(&self, network: NetworkNumber) -> impl Iterator<Item = NetworkNumber> + Clone + use<> {
        let family = self.by_number(network).and_then(|network| network.family);
        [Some(network), family.map(Family::number)].into_iter().flatten()
    }

    /// Returns the network that a CAIP-2 id or an alias names.
    #[must_use]
    pub fn resolve_name(&self, name: &str) -> Option<&Network> {
        self.by_name.get(name).map(AsRef::as_ref)
    }

    /// Returns the networks outside a network's family that have a format with the same texts, in the table's order.
    pub fn sharing(&self, network: &Network) -> impl Iterator<Item = &Network> {
        let rules = Arc::clone(&network.rules);
        let (number, family) = (network.number, network.family);
        let apart = move |other: &&Network| other.number != number && (family.is_none() || other.family != family);
        self.iter().filter(apart).filter(move |other| other.rules.iter().any(|rule| rules.contains(rule)))
    }

    fn add(&mut self, network: Network) -> Result<(), NetworkTableError> {
        let network = Arc::new(network);
        let number = network.number;
        if number.0 < FIRST_NETWORK || self.by_number.insert(number, Arc::clone(&network)).is_some() {
            return Err(NetworkTableError::Taken(number.0.to_string()));
        }
        for name in network.aliases.iter().map(String::as_str).chain([network.caip2.as_str()]) {
            if self.by_name.insert(name.to_owned(), Arc::clone(&network)).is_some() {
                return Err(NetworkTableError::Taken(name.to_owned()));
            }
        }
        let member = (self.networks.len(), Arc::clone(&network));
        match self.groups.iter_mut().find(|group| Arc::ptr_eq(&group.formats, &network.formats)) {
            Some(group) => group.members.push(member),
            None => self.groups.push(FormatGroup { formats: Arc::clone(&network.formats), members: vec![member] }),
        }
        self.networks.push(network);
        Ok(())
    }
}

fn family_of(caip2: &Caip2) -> Option<Family> {
    Family::ALL.into_iter().find(|family| family.namespace() == caip2.namespace())
}

/// Formats that were compiled, with the rules behind them.
#[derive(Clone)]
struct Compiled {
    formats: Arc<[Format]>,
    rules: Arc<[FormatSeed]>,
}

impl Compiled {
    fn of(seeds: &[FormatSeed]) -> Result<Self, FormatError> {
        let rules = seeds.iter().filter(|seed| seed.receives()).map(FormatSeed::accepting);
        Ok(Self { formats: seed::formats(seeds)?.into(), rules: rules.collect() })
    }
}

impl NetworkSeed {
    fn build(mut self, shared: &mut HashMap<Vec<FormatSeed>, Compiled>) -> Result<Network, NetworkTableError> {
        // Examples differ from network to network; the rules are what is shared.
        self.formats.iter_mut().for_each(|format| format.example.clear());
        let compiled = match shared.get(&self.formats) {
            Some(compiled) => compiled.clone(),
            None => {
                let wrong = |source| NetworkTableError::Format { network: self.caip2.clone(), source };
                let compiled = Compiled::of(&self.formats).map_err(wrong)?;
                shared.insert(self.formats, compiled.clone());
                compiled
            }
        };
        let carriers = compiled.formats.iter().filter(|format| format.carries_memo()).map(Format::id);
        if !carriers.eq(self.memo_rule.carried_by_formats.iter().map(String::as_str)) {
            return Err(NetworkTableError::MemoCarriers(self.caip2));
        }
        Ok(Network {
            number: NetworkNumber(self.number),
            family: family_of(&self.caip2),
            caip2: self.caip2,
            name: self.name,
            native_asset: self.native_asset,
            aliases: self.aliases,
            testnet: self.testnet,
            memo_rule: self.memo_rule,
            formats: compiled.formats,
            rules: compiled.rules,
        })
    }
}

impl EvmChainSeed {
    /// A chain that is only listed has Ethereum's rules.
    fn build(self, ethereum: &Network) -> Result<Network, NetworkTableError> {
        let id = format!("eip155:{}", self.chain_id);
        let caip2: Caip2 = id.parse().map_err(|_| NetworkTableError::NotCaip2(id))?;
        Ok(Network {
            number: NetworkNumber(self.number),
            family: family_of(&caip2),
            caip2,
            name: self.name,
            native_asset: self.native_asset,
            aliases: Vec::new(),
            testnet: self.testnet,
            memo_rule: ethereum.memo_rule.clone(),
            formats: Arc::clone(&ethereum.formats),
            rules: Arc::clone(&ethereum.rules),
        })
    }
}

#[cfg(test)]
mod tests;
