//! A network.

use serde::Serialize;
use utoipa::ToSchema;

use super::{CoverageView, MemoPresenceView};
use crate::directory::Generation;
use crate::domain::address::Format;
use crate::domain::claim::Reader;
use crate::domain::network::Network;

/// A blockchain network, and what the directory knows of addresses on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Network)]
pub(crate) struct NetworkView {
    #[schema(example = "eip155:1")]
    caip2: String,
    #[schema(example = "Ethereum")]
    name: String,
    /// Ticker.
    #[schema(example = "ETH")]
    native_asset: String,
    /// Other spellings, accepted on input only.
    aliases: Vec<String>,
    /// Whether its assets are worthless by design.
    testnet: bool,
    memo_rule: MemoPresenceView,
    /// Formats of its addresses.
    #[schema(example = json!(["p2pkh", "p2sh"]))]
    formats: Vec<String>,
    /// The family of networks that share its accounts, as imports write it.
    #[schema(example = "eip155:*")]
    family: Option<String>,
    /// Claims that the caller may see; those that name only the family count for each of its networks.
    coverage: CoverageView,
}

impl NetworkView {
    /// Returns a network with what this reader may know of it.
    pub(crate) fn of(network: &Network, generation: &Generation, reader: Reader) -> Self {
        Self {
            caip2: network.caip2.to_string(),
            name: network.name.clone(),
            native_asset: network.native_asset.clone(),
            aliases: network.aliases.clone(),
            testnet: network.testnet,
            memo_rule: network.memo_rule.presence.into(),
            formats: network.formats.iter().map(Format::id).map(str::to_owned).collect(),
            family: network.family.map(|family| family.to_string()),
            coverage: CoverageView::of(network, generation.coverage(network, reader).as_ref()),
        }
    }
}
