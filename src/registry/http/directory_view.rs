//! The state of the directory that an answer rests on, and how much the directory knows about a network.

use serde::Serialize;
use utoipa::ToSchema;

use crate::directory::{CoverageLine, Generation};
use vasp_addresses::network::Network;
use vasp_words::time::UtcTime;

/// The state of the directory that an answer rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Directory)]
pub(crate) struct DirectoryView {
    /// Sequence of the last change that this state includes.
    #[schema(example = 42)]
    sequence: i64,
    /// When that change was recorded.
    #[schema(value_type = String, format = DateTime, example = "2026-06-01T12:00:00Z")]
    as_of: UtcTime,
}

/// How much the directory knows about a network. It shows how much a "not found" means. Claims that name only the network's family count
/// too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Coverage)]
pub(crate) struct CoverageView {
    /// CAIP-2 id.
    #[schema(example = "eip155:1")]
    network: String,
    /// Number of claims that you may see.
    claims: i64,
    /// Number of entities that own some of these claims.
    entities: usize,
    /// Number of groups that own some of these claims.
    groups: usize,
    /// When the newest of these claims was asserted.
    newest: Option<UtcTime>,
}

impl From<&Generation> for DirectoryView {
    fn from(generation: &Generation) -> Self {
        Self { sequence: generation.sequence(), as_of: generation.as_of() }
    }
}

impl CoverageView {
    /// Returns what is known about a network; all counts are 0 if `line` is `None`.
    pub(crate) fn of(network: &Network, line: Option<&CoverageLine>) -> Self {
        Self {
            network: network.caip2.to_string(),
            claims: line.map_or(0, |line| line.claims),
            entities: line.map_or(0, |line| line.entities),
            groups: line.map_or(0, |line| line.groups),
            newest: line.and_then(|line| line.newest),
        }
    }
}
