//! Screening lists: their type and file form; what matches what is in `matching` (addresses, identifiers) and `names`; who is
//! blocked because blocked persons own it in `ownership`; what people decided about a match in `decision`.

mod decision;
mod matching;
mod names;
pub mod ownership;
mod sound;

pub use decision::HitDecision;
pub use matching::{Hit, Matched, ScreeningIndex, Sought};
pub use names::{NameMatch, Score};
pub use vasp_record::screening_decision::{PairKey, ScreeningDecision, Verdict};
use vasp_words::closed_list::closed_list;

use serde::{Deserialize, Serialize};
use vasp_words::host::Host;
use vasp_words::lei::Lei;
use vasp_words::time::Date;

/// Id of OFAC's list of specially designated nationals and blocked persons.
pub const OFAC_SDN: &str = "US-OFAC-SDN";
/// Id of that part of it which holds addresses only.
pub const OFAC_SDN_ADDRESSES: &str = "US-OFAC-SDN-DIGITAL-CURRENCY";
/// Number of the entry that holds addresses of which a file does not say whose they are.
pub const UNNAMED_UID: &str = "unnamed";
/// Id of the EU's restrictive measures against named persons.
pub const EU_SANCTIONS: &str = "EU-SANCTIONS";
/// Id of the providers of crypto-asset services, and the crypto-assets, with which the EU bans transactions.
///
/// Source: Regulation (EU) No 833/2014 Art. 5ad and 5ba, Annexes XLV and LIII.
pub const EU_TRANSACTION_BANS: &str = "EU-TRANSACTION-BANS";
/// Id of the consolidated list of the United Nations Security Council.
pub const UN_SANCTIONS: &str = "UN-SANCTIONS";
/// Id of the UK Sanctions List.
pub const UK_SANCTIONS: &str = "UK-SANCTIONS";
/// Id of Switzerland's list of sanctioned persons, entities and objects.
pub const CH_SANCTIONS: &str = "CH-SANCTIONS";
/// Id of the seizure orders of Israel's National Bureau for Counter Terror Financing.
pub const IL_NBCTF: &str = "IL-NBCTF";

/// One dated sanctions list as the registry holds it; also its own file format (`seed/sanctions.json`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SanctionsList {
    /// The registry's own id, such as `US-OFAC-SDN`. Files of one id are versions of one list.
    pub id: String,
    /// The list that it is a part of; none where it is a list of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_of: Option<PartOf>,
    /// Day of the list itself, not of its import.
    pub as_of: Date,
    /// Where it came from, and of a partial list what is missing.
    pub source: String,
    /// Whether it is the whole list, or the whole of its part.
    #[serde(default)]
    pub coverage: ListCoverage,
    /// Who is listed, by `uid`.
    pub entries: Vec<SanctionsEntry>,
}

/// Which part of which list a file is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartOf {
    /// Id of the list.
    pub list: String,
    /// What of it.
    pub part: Part,
}

closed_list! {
    /// What of a list a file holds.
    pub enum Part {
        /// Every address on it, and nobody who has none: newer than the list, it replaces the list's addresses.
        Addresses = "addresses",
        /// Some entries: newer than the list, they count beside it.
        Entries = "entries",
    }

    /// Whether a list is held whole.
    pub enum ListCoverage as "ScreeningListCoverage" default Complete {
        /// Everything that was published.
        Complete = "complete",
        /// Known to lack part of it: absence from it says little.
        Partial = "partial",
    }
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
    /// Two entries cannot be told apart, and a decision about one would be about both.
    #[error("two entries of the list have the number {0}")]
    Repeated(String),
}

impl SanctionsList {
    /// Reads and checks a list.
    ///
    /// # Errors
    /// `SanctionsListError`, saying what would be right.
    pub fn from_json(text: &str) -> Result<Self, SanctionsListError> {
        let mut list: Self =
            serde_json::from_str(text).map_err(|error| SanctionsListError::Form { detail: error.to_string() })?;
        for id in std::iter::once(&list.id).chain(list.part_of.as_ref().map(|part| &part.list)) {
            check_id(id)?;
        }
        if list.entries.is_empty() {
            return Err(SanctionsListError::Empty(list.id));
        }
        let mut uids: Vec<&str> = list.entries.iter().map(|entry| entry.uid.as_str()).collect();
        uids.sort_unstable();
        if let Some([twice, _]) = uids.array_windows().find(|[one, next]| one == next) {
            return Err(SanctionsListError::Repeated((*twice).chars().take(60).collect()));
        }
        // Written before parts were told apart.
        if list.part_of.is_none() && list.id == OFAC_SDN_ADDRESSES {
            list.part_of = Some(PartOf { list: OFAC_SDN.to_owned(), part: Part::Addresses });
        }
        Ok(list)
    }

    /// Returns the id of the list that policies name: its own, or that of the list it is a part of.
    #[must_use]
    pub fn list(&self) -> &str {
        self.part_of.as_ref().map_or(&self.id, |part| &part.list)
    }

    /// Returns how many addresses are on it, as published.
    #[must_use]
    pub fn address_count(&self) -> usize {
        self.entries.iter().map(|entry| entry.addresses.len()).sum()
    }
}

/// Checks that a text may be the id of a list.
pub(super) fn check_id(id: &str) -> Result<(), SanctionsListError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if (1..=64).contains(&id.len()) && id.chars().all(plain) {
        return Ok(());
    }
    Err(SanctionsListError::Id(id.chars().take(64).collect()))
}

closed_list! {
    /// What is listed.
    pub enum EntryKind default Unknown {
        /// The list does not say.
        Unknown = "unknown",
        /// An entity.
        Entity = "entity",
        /// A natural person.
        Individual = "individual",
        /// A ship.
        Vessel = "vessel",
        /// An aircraft.
        Aircraft = "aircraft",
        /// A thing, such as a token.
        Asset = "asset",
    }
}

impl EntryKind {
    /// Tells whether a firm of the very name can be what is listed. A ship or a person that is called like a firm is another.
    #[must_use]
    pub fn may_be_a_firm(self) -> bool {
        matches!(self, Self::Unknown | Self::Entity)
    }

    fn is_unknown(&self) -> bool {
        *self == Self::Unknown
    }
}

/// One listed person or entity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SanctionsEntry {
    /// The list's own number of it.
    pub uid: String,
    /// What it is.
    #[serde(default, skip_serializing_if = "EntryKind::is_unknown")]
    pub kind: EntryKind,
    /// Primary name.
    pub name: String,
    /// Also known as, in the list's order.
    pub aliases: Vec<String>,
    /// Names that the list itself calls weak: they tell nobody apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weak_aliases: Vec<String>,
    /// Sanctions programmes, such as `CYBER2`.
    pub programs: Vec<String>,
    /// Days or years of birth, as published.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub born: Vec<String>,
    /// Countries of nationality, residence or seat as published: ISO 3166-1 codes where the list has them, else names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub countries: Vec<String>,
    /// The day from which the listing holds, where it is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Date>,
    /// Its LEIs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leis: Vec<Lei>,
    /// Hosts of its websites, lower case, without `www.`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<Host>,
    /// Accounts at exchanges that are no addresses, as published.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts_elsewhere: Vec<String>,
    /// Addresses published for it, by currency and text.
    pub addresses: Vec<SanctionedAddress>,
}

impl SanctionsEntry {
    /// Returns its names, the primary one first, without the weak ones.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.name.as_str()).chain(self.aliases.iter().map(String::as_str))
    }

    /// Tells whether the listing holds on a day.
    #[must_use]
    pub fn holds_on(&self, day: Date) -> bool {
        self.since.is_none_or(|since| since <= day)
    }
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
    /// Accounts of which the file lost upper and lower case, which tell addresses apart: their texts are in lower case. An
    /// address that is the same but for case may be meant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub case_lost: Vec<SanctionedAccount>,
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
        let part = r#","part_of":{"list":"A b","part":"entries"}"#;
        assert!(matches!(SanctionsList::from_json(&text(part, entry)), Err(SanctionsListError::Id(_))));
        let twice = SanctionsList::from_json(&text("", &format!("{entry},{entry}")));
        assert!(matches!(twice, Err(SanctionsListError::Repeated(uid)) if uid == "1"));
    }

    #[test]
    fn the_seeds_bans_on_transactions_are_a_part_and_say_so() {
        let list = SanctionsList::from_json(include_str!("../../seed/eu_transaction_bans.json")).unwrap();

        assert_eq!((list.id.as_str(), list.coverage, list.entries.len()), (EU_TRANSACTION_BANS, ListCoverage::Partial, 2));
        assert!(list.entries.iter().all(|entry| entry.uid.starts_with("32014R0833/") && entry.since.is_some()));
    }

    #[test]
    fn the_seed_says_that_it_is_not_whole() {
        let list = SanctionsList::from_json(include_str!("../../seed/sanctions.json")).unwrap();

        assert_eq!((list.coverage, list.address_count()), (ListCoverage::Partial, 496));
        assert_eq!((list.id.as_str(), list.list()), (OFAC_SDN_ADDRESSES, OFAC_SDN));
    }
}
