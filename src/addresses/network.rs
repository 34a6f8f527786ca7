//! The table of networks: ids, aliases, address formats and memo rules. It is built once from the seed (`seed/networks.json`,
//! `seed/evm_chains.csv`, `seed/network_names.csv`) and is read-only afterwards. The module `address` uses it to read addresses.

mod names;
mod seed;
mod spelling;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, OnceLock};

use super::address::forms::Forms;
use super::address::seed::FormatSeed;
use super::address::{AddressError, ControllerBytes, Format, FormatError, MemoRule};
use super::class::{Class, ClassNumber, Membership};
use serde::{Deserialize, Serialize};
use vasp_words::caip::Caip2;
use vasp_words::closed_list::closed_list;

const NETWORKS: &str = include_str!("data/networks.json");
const EVM_CHAINS: &str = include_str!("data/evm_chains.csv");

/// The first number of networks; lower numbers are families and classes.
pub(crate) const FIRST_NETWORK: i32 = 100;

/// The number of a network or family in the index; stable, given in the seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NetworkNumber(pub i32);

closed_list! {
    /// A group of networks that share accounts, for sources that name only the group.
    pub enum Family {
        /// All networks of namespace `eip155`.
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

    /// Returns the family with a number in the index. `None` if it is no family's.
    #[must_use]
    pub fn with_number(number: NetworkNumber) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.number() == number)
    }

    /// Returns the namespace of the networks in the family.
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
    /// The number in the index.
    pub number: NetworkNumber,
    /// The CAIP-2 id.
    pub caip2: Caip2,
    /// The name for display.
    pub name: String,
    /// The ticker of the native asset.
    pub native_asset: String,
    /// Other spellings of the id, which are accepted on input only.
    pub aliases: Vec<String>,
    /// Whether the network is a test network, whose assets are worthless.
    pub testnet: bool,
    /// The family with which the network shares accounts; `None` if there is none.
    pub family: Option<Family>,
    /// Which memos its transfers carry.
    pub memo_rule: MemoRule,
    /// The formats of its addresses; networks with equal rules share them.
    pub formats: Arc<[Format]>,
    /// The parts of the formats that decide which texts are accepted. Formats with equal rules accept the same texts.
    rules: Arc<[FormatSeed]>,
    pub(crate) membership: Membership,
}

impl Network {
    /// Returns a memo in canonical spelling.
    pub fn read_memo(&self, memo: &str) -> Result<String, AddressError> {
        self.memo_rule.read(memo)
    }

    /// Writes an account in the format with this id; `None` if there is no such format or account.
    pub(crate) fn write_address(&self, format: &str, version: &[u8], payload: &[u8]) -> Option<String> {
        self.formats.iter().find(|one| one.id() == format)?.write(version, payload)
    }

    /// Writes the canonical address of a controller in the format with this id. `None` if the controller does not contain the whole address,
    /// such as Cardano's payment credential: keep the text of such an account.
    #[must_use]
    pub fn write_controller(&self, format: &str, controller: &ControllerBytes) -> Option<String> {
        let format = self.formats.iter().find(|one| one.id() == format)?;
        format.write_controller(controller.as_bytes(), &self.formats)
    }

    /// Iterates over the classes of the network's accounts.
    pub fn classes(&self) -> impl Iterator<Item = &Class> {
        self.formats.iter().flat_map(Format::classes).chain(self.second_class())
    }
}

/// Networks that share formats; a text is decoded once for all of them.
#[derive(Debug)]
pub(crate) struct FormatGroup {
    pub(crate) formats: Arc<[Format]>,
    /// The networks, with their positions in the table.
    pub(crate) members: Vec<(usize, Arc<Network>)>,
}

/// The table of networks.
#[derive(Debug, Default)]
pub struct NetworkTable {
    networks: Vec<Arc<Network>>,
    by_name: names::Names,
    by_number: HashMap<NetworkNumber, Arc<Network>, foldhash::fast::FixedState>,
    pub(crate) groups: Vec<FormatGroup>,
    classes: Vec<Arc<Class>>,
    pub(crate) forms: Forms,
    /// The networks with accounts that have several controllers.
    pub(crate) with_several: Vec<NetworkNumber>,
    /// For each network those that share formats with it, found at the first question.
    sharing: OnceLock<HashMap<NetworkNumber, Vec<Arc<Network>>>>,
}

/// Why no table can be made from the seed.
#[derive(Debug, thiserror::Error)]
pub enum NetworkTableError {
    /// The file of networks is not JSON of the expected form.
    #[error("the file of networks cannot be read")]
    Networks {
        /// The reason.
        #[source]
        source: serde_json::Error,
    },
    /// The file of EVM chains is not CSV of the expected form.
    #[error("the file of EVM chains cannot be read")]
    EvmChains {
        /// The reason.
        #[source]
        source: csv::Error,
    },
    /// The file of names is not CSV of the expected form.
    #[error("the file of names of networks cannot be read")]
    Names {
        /// The reason.
        #[source]
        source: csv::Error,
    },
    /// A name of the file of names cannot be used.
    #[error("`{0}`: a name without a network of the table, with a colon, or that is also a token standard")]
    Name(String),
    /// A network's CAIP-2 id is not valid.
    #[error("`{0}` is not a CAIP-2 id")]
    NotCaip2(String),
    /// A format cannot be used.
    #[error("network {network}")]
    Format {
        /// The network.
        network: Caip2,
        /// The reason.
        #[source]
        source: FormatError,
    },
    /// A number, id or alias belongs to two networks, or a number is reserved for families.
    #[error("`{0}` is used twice, or is reserved")]
    Taken(String),
    /// The formats with a memo differ from those that the memo rule lists.
    #[error("network {0}: `carried_by_formats` must name the formats that contain the memo")]
    MemoCarriers(Caip2),
    /// A class, or a list of networks that share a fact, cannot be used.
    #[error("`{0}`: the class, or the network in a list of ledgers or of replaceable keys, is unknown or named twice")]
    Class(String),
    /// EVM chains use Ethereum's rules, but the table has no Ethereum.
    #[error("the table has no network eip155:1")]
    NoEthereum,
}

impl NetworkTable {
    /// Builds the table from the three seed files' text.
    ///
    /// # Errors
    /// `NetworkTableError` if a file cannot be read, a rule is unknown, or an id, number or alias is used twice.
    pub fn from_seed(networks_json: &str, evm_chains_csv: &str, names_csv: &str) -> Result<Self, NetworkTableError> {
        let loaded = seed::load(networks_json, evm_chains_csv)?;
        let mut table = Self { classes: loaded.classes, forms: loaded.forms, ..Self::default() };
        for network in loaded.networks {
            table.add(network)?;
        }
        names::add_held(&mut table.by_name, names_csv)?;
        Ok(table)
    }

    /// Returns the table that is compiled into the program.
    #[must_use]
    pub fn embedded() -> &'static Self {
        static EMBEDDED: LazyLock<NetworkTable> = LazyLock::new(|| {
            // A test builds this same table, so a seed with errors is never released.
            NetworkTable::from_seed(NETWORKS, EVM_CHAINS, include_str!("data/network_names.csv")).unwrap_or_default()
        });
        &EMBEDDED
    }

    /// Returns a SHA-256 of the compiled-in table. While it is the same, an account has the same controllers.
    #[must_use]
    pub fn embedded_digest() -> Vec<u8> {
        /// Raised when the program computes other controllers from the same table.
        const RULES: &[u8] = b"3";
        let all = [NETWORKS.as_bytes(), EVM_CHAINS.as_bytes(), RULES].concat();
        aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &all).as_ref().to_vec()
    }

    /// Iterates over the networks in the table's order, in which existing networks keep their positions.
    pub fn iter(&self) -> impl Iterator<Item = &Network> {
        self.networks.iter().map(AsRef::as_ref)
    }

    /// Returns the network with a CAIP-2 id.
    #[must_use]
    pub fn by_caip2(&self, id: &Caip2) -> Option<&Network> {
        self.resolve_name(id.as_str()).filter(|network| network.caip2 == *id)
    }

    /// Returns the network with a number; `None` for the number of a family.
    #[must_use]
    pub fn by_number(&self, number: NetworkNumber) -> Option<&Network> {
        self.by_number.get(&number).map(AsRef::as_ref)
    }

    /// Returns the network with a number; for the number of a family the family's first network, whose rules are those of all.
    #[must_use]
    pub fn network_or_first(&self, number: NetworkNumber) -> Option<&Network> {
        let first = || Family::with_number(number).and_then(|family| self.iter().find(|one| one.family == Some(family)));
        self.by_number(number).or_else(first)
    }

    /// Returns the CAIP-2 id of the network, or the name of the family, with a number.
    #[must_use]
    pub fn name_of(&self, number: NetworkNumber) -> Option<&str> {
        let network = self.by_number(number).map(|network| network.caip2.as_str());
        network.or_else(|| Family::with_number(number).map(Family::as_str))
    }

    /// Iterates over the classes of networks.
    pub fn classes(&self) -> impl Iterator<Item = &Class> {
        self.classes.iter().map(AsRef::as_ref)
    }

    /// Returns the class with a number; `None` for the number of a ledger or a family, whose accounts no other network shares.
    #[must_use]
    pub fn class(&self, number: ClassNumber) -> Option<&Class> {
        self.classes().find(|class| class.number == number)
    }

    /// Tells whether a proof by key on this network counts on every network of the class.
    #[must_use]
    pub fn proof_travels(&self, network: &Network, class: ClassNumber) -> bool {
        !network.keys_change() && self.class(class).is_some_and(|class| class.proof_travels)
    }

    /// Tells whether a controller of this class may be a form that follows from another account's address.
    #[must_use]
    pub fn is_class_of_forms(&self, class: ClassNumber) -> bool {
        self.forms.lead_to(class)
    }

    /// Tells whether an account of a network has a controller of this class besides its first only because a proof showed the key.
    #[must_use]
    pub fn is_shown_form(&self, network: NetworkNumber, class: ClassNumber) -> bool {
        !self.forms.lead_to(class) && !self.with_several.contains(&network)
    }

    /// Returns the networks outside a network's family with a format that accepts the same texts, in the table's order.
    pub fn sharing(&self, network: &Network) -> impl Iterator<Item = &Network> {
        let of_each = self.sharing.get_or_init(|| sharing_of_each(&self.networks));
        of_each.get(&network.number).into_iter().flatten().map(AsRef::as_ref)
    }

    fn add(&mut self, network: Network) -> Result<(), NetworkTableError> {
        let network = Arc::new(network);
        let number = network.number;
        if number.0 < FIRST_NETWORK || self.by_number.insert(number, Arc::clone(&network)).is_some() {
            return Err(NetworkTableError::Taken(number.0.to_string()));
        }
        names::add_own(&mut self.by_name, &network).map_err(NetworkTableError::Taken)?;
        let has_several = network.second_class().is_some() || network.formats.iter().any(Format::has_several);
        self.with_several.extend(has_several.then_some(number));
        let member = (self.networks.len(), Arc::clone(&network));
        match self.groups.iter_mut().find(|group| Arc::ptr_eq(&group.formats, &network.formats)) {
            Some(group) => group.members.push(member),
            None => self.groups.push(FormatGroup { formats: Arc::clone(&network.formats), members: vec![member] }),
        }
        self.networks.push(network);
        Ok(())
    }
}

/// Finds for each network those outside its family with a format that accepts the same texts, in the table's order. Rules are looked up,
/// because most networks have the same ones and comparing every pair of networks is slow.
fn sharing_of_each(networks: &[Arc<Network>]) -> HashMap<NetworkNumber, Vec<Arc<Network>>> {
    let mut with_rule: HashMap<&FormatSeed, Vec<usize>> = HashMap::new();
    for (position, network) in networks.iter().enumerate() {
        for rule in &*network.rules {
            with_rule.entry(rule).or_default().push(position);
        }
    }
    let mut with_rules: HashMap<&[FormatSeed], Vec<&Arc<Network>>> = HashMap::new();
    let mut sharing = HashMap::new();
    for network in networks {
        let alike = with_rules.entry(&*network.rules).or_insert_with(|| {
            let positions: BTreeSet<usize> =
                network.rules.iter().filter_map(|rule| with_rule.get(rule)).flatten().copied().collect();
            positions.into_iter().filter_map(|position| networks.get(position)).collect()
        });
        let is_apart = |other: &&&Arc<Network>| {
            other.number != network.number && (network.family.is_none() || other.family != network.family)
        };
        sharing.insert(network.number, alike.iter().filter(is_apart).map(|other| Arc::clone(other)).collect());
    }
    sharing
}

#[cfg(test)]
mod tests;
