//! What the directory knows about the addresses of each network.

use crate::directory::Generation;
use serde::Serialize;
use utoipa::ToSchema;
use vasp_addresses::network::NetworkTable;
use vasp_record::claim::Reader;
use vasp_words::closed_list::closed_list;
use vasp_words::time::UtcTime;

closed_list! {
    /// What "not found" means on a network, least first.
    pub enum NotFound {
        /// Nothing: no address is known there.
        NothingKnown = "nothing_known",
        /// No owner that is known here was seen with the address. It may belong to any owner that is not, or be a new one of an owner that
        /// is.
        NotAmongKnown = "not_among_known",
    }
}

/// What the directory knows about the addresses of one network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NetworkCoverage {
    /// CAIP-2 id.
    #[schema(example = "eip155:1")]
    pub network: String,
    /// Name of the network.
    #[schema(example = "Ethereum")]
    pub name: String,
    /// Claims that you may see, those included that have expired since and were not ended. Claims that name only the family count for each
    /// of its networks.
    pub claims: i64,
    /// Those of them that the address's own key proved.
    pub proven: i64,
    /// Entities that own some of these claims.
    pub entities: usize,
    /// Groups, which are often brands, that own some of these claims.
    pub groups: usize,
    /// When the newest of these claims was asserted; null without claims.
    pub newest: Option<UtcTime>,
    /// What "not found" means there.
    pub not_found: NotFound,
}

/// Returns the coverage of all networks that are no testnets, those with the most claims first.
#[must_use]
pub fn networks(generation: &Generation, reader: Reader) -> Vec<NetworkCoverage> {
    let mut found: Vec<NetworkCoverage> = NetworkTable::embedded()
        .iter()
        .filter(|network| !network.testnet)
        .map(|network| {
            let line = generation.coverage(network, reader);
            NetworkCoverage {
                network: network.caip2.to_string(),
                name: network.name.clone(),
                claims: line.map_or(0, |line| line.claims),
                proven: line.map_or(0, |line| line.proven),
                entities: line.map_or(0, |line| line.entities),
                groups: line.map_or(0, |line| line.groups),
                newest: line.and_then(|line| line.newest),
                not_found: line.map_or(NotFound::NothingKnown, |_| NotFound::NotAmongKnown),
            }
        })
        .collect();
    found.sort_by(|one, other| other.claims.cmp(&one.claims).then_with(|| one.network.cmp(&other.network)));
    found
}
