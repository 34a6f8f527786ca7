//! The two seed files, and how networks are made from them.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Family, Network, NetworkNumber, NetworkTableError};
use crate::address::forms::Forms;
use crate::address::seed::{self, FormatSeed};
use crate::address::{Format, FormatError, MemoRule};
use crate::class::{self, Class, Membership, SharedFact};
use serde::Deserialize;
use vasp_words::caip::Caip2;

/// What the seed files contain.
pub(super) struct Loaded {
    pub(super) classes: Vec<Arc<Class>>,
    pub(super) forms: Forms,
    pub(super) networks: Vec<Network>,
}

/// Reads the two files' text.
pub(super) fn load(networks_json: &str, evm_chains_csv: &str) -> Result<Loaded, NetworkTableError> {
    let file: NetworksFile = serde_json::from_str(networks_json).map_err(|source| NetworkTableError::Networks { source })?;
    class::check(&file.classes).map_err(NetworkTableError::Class)?;
    let classes: Vec<Arc<Class>> = file.classes.into_iter().map(Arc::new).collect();
    let mut shared = HashMap::new();
    let built = file.networks.into_iter().map(|network| network.build(&mut shared, &classes));
    let mut networks = built.collect::<Result<Vec<_>, _>>()?;
    for row in csv::Reader::from_reader(evm_chains_csv.as_bytes()).into_deserialize::<EvmChainSeed>() {
        let row = row.map_err(|source| NetworkTableError::EvmChains { source })?;
        let ethereum = networks.iter().find(|network| network.caip2.as_str() == "eip155:1");
        let network = row.build(ethereum.ok_or(NetworkTableError::NoEthereum)?)?;
        networks.push(network);
    }
    let forms = Forms::new(&classes);
    class::apply(&mut networks, &classes, &file.ledgers, &file.keys_change, &forms).map_err(NetworkTableError::Class)?;
    Ok(Loaded { classes, forms, networks })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NetworksFile {
    #[serde(rename = "version")]
    _version: u32,
    classes: Vec<Class>,
    ledgers: Vec<SharedFact>,
    keys_change: Vec<SharedFact>,
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
    /// Why the formats have their classes, or none.
    #[serde(rename = "class_source")]
    _class_source: String,
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

fn family_of(caip2: &Caip2) -> Option<Family> {
    Family::ALL.into_iter().find(|family| family.namespace() == caip2.namespace())
}

/// Compiled formats, with their rules.
#[derive(Clone)]
struct Compiled {
    formats: Arc<[Format]>,
    rules: Arc<[FormatSeed]>,
}

impl Compiled {
    fn of(seeds: &[FormatSeed], classes: &[Arc<Class>]) -> Result<Self, FormatError> {
        let rules = seeds.iter().filter(|seed| seed.receives()).map(FormatSeed::accepting);
        Ok(Self { formats: seed::formats(seeds, classes)?.into(), rules: rules.collect() })
    }
}

impl NetworkSeed {
    fn build(
        mut self,
        shared: &mut HashMap<Vec<FormatSeed>, Compiled>,
        classes: &[Arc<Class>],
    ) -> Result<Network, NetworkTableError> {
        // Examples differ between networks, so they are removed before rules are shared.
        self.formats.iter_mut().for_each(|format| format.example.clear());
        let compiled = match shared.get(&self.formats) {
            Some(compiled) => compiled.clone(),
            None => {
                let wrong = |source| NetworkTableError::Format { network: self.caip2.clone(), source };
                let compiled = Compiled::of(&self.formats, classes).map_err(wrong)?;
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
            membership: Membership::default(),
        })
    }
}

impl EvmChainSeed {
    /// Builds a chain that is only in the EVM list; it has Ethereum's rules.
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
            membership: Membership::default(),
        })
    }
}
