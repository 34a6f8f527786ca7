//! Which state of the directory an answer rests on, and what the directory knows of a network.

use serde::Serialize;
use utoipa::ToSchema;

use crate::directory::{CoverageLine, Generation};
use crate::domain::network::{Family, NetworkNumber, NetworkTable};
use crate::domain::time::UtcTime;

/// The state of the directory that an answer rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Directory)]
pub(crate) struct DirectoryView {
    /// Sequence of the last change that it knows.
    #[schema(example = 42)]
    sequence: i64,
    /// When that change was recorded.
    #[schema(value_type = String, format = DateTime, example = "2026-06-01T12:00:00Z")]
    as_of: UtcTime,
}

/// How much the directory knows of a network: what a "no" is worth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Coverage)]
pub(crate) struct CoverageView {
    /// CAIP-2 id; `eip155:*` for claims that name only the family.
    #[schema(example = "eip155:1")]
    network: String,
    /// Claims that the caller may see.
    claims: i64,
    /// Entities that own some of them.
    entities: usize,
    /// Groups that own some of them.
    groups: usize,
    /// When the newest was asserted.
    #[schema(value_type = Option<String>, format = DateTime)]
    newest: Option<UtcTime>,
}

impl From<&Generation> for DirectoryView {
    fn from(generation: &Generation) -> Self {
        Self { sequence: generation.sequence(), as_of: generation.as_of() }
    }
}

impl CoverageView {
    /// Returns the coverage of a network of which nothing is known.
    pub(crate) fn empty(network: &str) -> Self {
        Self { network: network.to_owned(), claims: 0, entities: 0, groups: 0, newest: None }
    }
}

impl From<&CoverageLine> for CoverageView {
    fn from(line: &CoverageLine) -> Self {
        let CoverageLine { network, claims, entities, groups, newest } = *line;
        Self { network: name_of(NetworkNumber(network)), claims, entities, groups, newest }
    }
}

fn name_of(number: NetworkNumber) -> String {
    let family = || Family::ALL.into_iter().find(|family| family.number() == number).map(|family| family.to_string());
    let network = NetworkTable::embedded().by_number(number).map(|network| network.caip2.to_string());
    network.or_else(family).unwrap_or_default()
}
