//! Screening lists: their type and file form; what matches what is in `matching`.

mod matching;
pub use matching::{Hit, Matched, ScreeningIndex};

use super::time::Date;
use serde::{Deserialize, Serialize};

/// One dated sanctions list as the registry holds it; also its own file format (`seed/sanctions.json`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SanctionsList {
    /// The registry's own id, such as `US-OFAC-SDN-DIGITAL-CURRENCY`.
    pub id: String,
    /// Day of the list itself, not of its import.
    pub as_of: Date,
    /// Where it came from, and of a partial list what is missing.
    pub source: String,
    /// Whether it is the whole list.
    #[serde(default)]
    pub coverage: ListCoverage,
    /// Who is listed, by `uid`.
    pub entries: Vec<SanctionsEntry>,
}

/// Whether a list is held whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListCoverage {
    /// Everything that was published.
    #[default]
    Complete,
    /// Known to lack part of it: absence from it says little.
    Partial,
}

/// Why a list is refused.
#[derive(Debug, thiserror::Error)]
pub enum SanctionsListError {
    /// Not of the form.
    #[error("the list does not read: {detail}")]
    Form {
        /// What and where.
        detail: String,
    },
    /// It cannot be filed under its id.
    #[error("the list's id must be 1 to 64 of A-Z, a-z, 0-9, `.`, `_` and `-`, not `{0}`")]
    Id(String),
    /// Nobody is on it.
    #[error("the list {0} has no entries: it would clear everybody")]
    Empty(String),
}

impl SanctionsList {
    /// Reads and checks a list.
    ///
    /// # Errors
    /// `SanctionsListError`, saying what would be right.
    pub fn from_json(text: &str) -> Result<Self, SanctionsListError> {
        let list: Self = serde_json::from_str(text).map_err(|error| SanctionsListError::Form { detail: error.to_string() })?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if !(1..=64).contains(&list.id.len()) || !list.id.chars().all(plain) {
            return Err(SanctionsListError::Id(list.id.chars().take(64).collect()));
        }
        if list.entries.is_empty() {
            return Err(SanctionsListError::Empty(list.id));
        }
        Ok(list)
    }

    /// Returns how many addresses are on it, as published.
    #[must_use]
    pub fn address_count(&self) -> usize {
        self.entries.iter().map(|entry| entry.addresses.len()).sum()
    }
}

/// One listed person or entity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SanctionsEntry {
    /// The list's own number of it.
    pub uid: String,
    /// Primary name.
    pub name: String,
    /// Also known as, in the list's order.
    pub aliases: Vec<String>,
    /// Sanctions programmes, such as `CYBER2`.
    pub programs: Vec<String>,
    /// Addresses published for it, by currency and text.
    pub addresses: Vec<SanctionedAddress>,
}

/// One published address of a listed person or entity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SanctionedAddress {
    /// The list's own currency code, such as `XBT`: not a network.
    pub currency: String,
    /// As published.
    pub text: String,
    /// The accounts it names on supported networks; empty where none reads it.
    pub accounts: Vec<SanctionedAccount>,
}

/// An account by network (or family) and canonical address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SanctionedAccount {
    /// CAIP-2 id, or a family such as `eip155:*`: whoever holds the key there holds it on every network of the family.
    pub network: String,
    /// Canonical address.
    pub address: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_complete_unless_it_says_otherwise_and_never_empty() {
        let text = |more: &str, entries: &str| {
            format!(r#"{{"id":"A.b_c-1","as_of":"2026-01-01","source":"x"{more},"entries":[{entries}]}}"#)
        };
        let entry = r#"{"uid":"1","name":"N","aliases":[],"programs":[],"addresses":[]}"#;
        let coverage = |more: &str| SanctionsList::from_json(&text(more, entry)).map(|list| list.coverage);

        assert_eq!(coverage("").unwrap(), ListCoverage::Complete);
        assert_eq!(coverage(r#","coverage":"partial""#).unwrap(), ListCoverage::Partial);
        assert!(matches!(coverage(r#","coverage":"some""#), Err(SanctionsListError::Form { .. })));
        assert!(matches!(SanctionsList::from_json(&text("", "")), Err(SanctionsListError::Empty(_))));
    }

    #[test]
    fn the_seed_says_that_it_is_not_whole() {
        let list = SanctionsList::from_json(include_str!("../../seed/sanctions.json")).unwrap();

        assert_eq!((list.coverage, list.address_count()), (ListCoverage::Partial, 496));
    }
}
