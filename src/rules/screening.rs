//! Screening lists: their type and file form. Module `matching` finds addresses and identifiers on them, and `names` finds names. Module
//! `ownership` finds entities that are blocked because blocked persons own them. `decision` holds what people decided about a match.

mod address_index;
mod decision;
mod difference;
mod listed;
mod matching;
#[cfg(test)]
mod measure;
mod names;
pub mod ownership;
mod second;
mod sought;
mod sound;

pub use decision::{HitDecision, OwnDecision, identity_sha256};
pub use difference::{CERTAIN, Compared, NoDifference, differs};
pub use listed::{ListedAccount, Meaning, labels};
pub use matching::{Hit, Matched, Meant, ScreeningIndex};
pub use names::{NameMatch, Score};
pub use second::{Beside, SecondIdentifier};
pub use sought::Sought;
pub use vasp_record::screening_decision::{Difference, Ground, PairKey, ScreeningDecision, ShownBy, Verdict};
use vasp_words::closed_list::closed_list;

use serde::{Deserialize, Serialize};
use vasp_words::host::Host;
use vasp_words::lei::Lei;
use vasp_words::time::Date;

/// Id of OFAC's list of specially designated nationals and blocked persons.
pub const OFAC_SDN: &str = "US-OFAC-SDN";
/// Id of the part of that list which holds addresses only.
pub const OFAC_SDN_ADDRESSES: &str = "US-OFAC-SDN-DIGITAL-CURRENCY";
/// Number of the entry for addresses whose owner the file does not name.
pub const UNNAMED_UID: &str = "unnamed";
/// Id of the EU's restrictive measures against named persons.
pub const EU_SANCTIONS: &str = "EU-SANCTIONS";
/// Id of the list of crypto-asset service providers and crypto-assets with which the EU bans transactions.
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

/// One dated sanctions list as the registry holds it. This is also its file format (`seed/sanctions.json`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SanctionsList {
    /// The registry's own id, such as `US-OFAC-SDN`. Files with the same id are versions of one list.
    pub id: String,
    /// The list that this file is a part of; null if it is a list of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_of: Option<PartOf>,
    /// Date of the list itself, not of its import.
    pub as_of: Date,
    /// Where it came from and, for a partial list, what is missing.
    pub source: String,
    /// Whether the list, or its part, is complete.
    #[serde(default)]
    pub coverage: ListCoverage,
    /// The listed persons and entities, sorted by `uid`.
    pub entries: Vec<SanctionsEntry>,
}

/// Which part of which list a file is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartOf {
    /// Id of the list.
    pub list: String,
    /// The part.
    pub part: Part,
}

closed_list! {
    /// The part of a list that a file holds.
    pub enum Part {
        /// Every address of the list, and only entries with addresses. If it is newer than the list, it replaces the addresses of the list.
        Addresses = "addresses",
        /// Some entries. If it is newer than the list, its entries apply in addition.
        Entries = "entries",
    }

    /// Whether the registry holds the complete list.
    pub enum ListCoverage as "ScreeningListCoverage" default Complete {
        /// Everything that was published.
        Complete = "complete",
        /// Part of the list is known to be missing, so absence from it proves little.
        Partial = "partial",
    }
}

/// The reason why a list is refused.
#[derive(Debug, thiserror::Error)]
pub enum SanctionsListError {
    /// The list does not have the right form.
    #[error("the list cannot be read: {detail}")]
    Form {
        /// The fault and its place.
        detail: String,
    },
    /// The text cannot be the id of a list.
    #[error("the list's id must have 1 to 64 characters of A-Z, a-z, 0-9, `.`, `_` and `-`, not `{0}`")]
    Id(String),
    /// The list has no entries.
    #[error("the list {0} has no entries: an empty list would clear everybody")]
    Empty(String),
    /// Two entries have the same number: a decision about one would apply to both.
    #[error("two entries of the list have the number {0}")]
    Repeated(String),
}

impl SanctionsList {
    /// Reads and checks a list.
    ///
    /// # Errors
    /// `SanctionsListError` says what would be right.
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
        // The file is older than the member `part_of`.
        if list.part_of.is_none() && list.id == OFAC_SDN_ADDRESSES {
            list.part_of = Some(PartOf { list: OFAC_SDN.to_owned(), part: Part::Addresses });
        }
        Ok(list)
    }

    /// Returns why nobody would be found by the list, or by a part of it: an entry without a name, one name for all, or an entry that begins
    /// too long after the list's day for one that was announced.
    #[must_use]
    pub fn screens_nobody(&self) -> Option<String> {
        if let Some(entry) = self.entries.iter().find(|entry| entry.name.trim().is_empty() && entry.has_only_a_name()) {
            return Some(format!("entry {} has no name", entry.uid));
        }
        if let [first, others @ ..] = self.entries.as_slice()
            && others.len() >= MOST_NAMESAKES
            && self.entries.iter().all(|entry| entry.name == first.name && entry.has_only_a_name())
        {
            return Some(format!("all its {} entries have the same name, `{}`", self.entries.len(), first.name));
        }
        let begins_late = |since: &Date| since.days_since(self.as_of) > MOST_DAYS_AHEAD;
        let waiting = self.entries.iter().filter(|entry| !self.counts(entry, self.as_of));
        let late = waiting.filter_map(|entry| Some((entry, entry.since.filter(begins_late)?))).next();
        late.map(|(entry, since)| format!("entry {} begins on {since}, long after {}, the list's day", entry.uid, self.as_of))
    }

    /// Tells whether a listing counts on a day. It counts from its first day on. If that day is after the day of the list, it was misread,
    /// because a list names who is on it now; a spreadsheet may have exchanged day and month. Then the listing counts at once. Acts that ban
    /// transactions are the exception: they are published before they apply.
    #[must_use]
    pub fn counts(&self, entry: &SanctionsEntry, day: Date) -> bool {
        let is_misread = |since: Date| since > self.as_of && self.list() != EU_TRANSACTION_BANS;
        entry.since.is_none_or(|since| since <= day || is_misread(since))
    }

    /// Returns the id that policies use: its own, or that of the list that it is a part of.
    #[must_use]
    pub fn list(&self) -> &str {
        self.part_of.as_ref().map_or(&self.id, |part| &part.list)
    }

    /// Returns how many published addresses are on it.
    #[must_use]
    pub fn address_count(&self) -> usize {
        self.entries.iter().map(|entry| entry.addresses.len()).sum()
    }
}

/// So many entries of a list may have the same name, if no other is on it.
const MOST_NAMESAKES: usize = 10;

/// How many days before a listing begins a list may announce it. Ours: regulations announce a ban some weeks before it begins, none more than a
/// year.
const MOST_DAYS_AHEAD: i64 = 400;

/// Checks that a text may be the id of a list.
pub(super) fn check_id(id: &str) -> Result<(), SanctionsListError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if (1..=64).contains(&id.len()) && id.chars().all(plain) {
        return Ok(());
    }
    Err(SanctionsListError::Id(id.chars().take(64).collect()))
}

closed_list! {
    /// The kind of a list entry.
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
    /// Tells whether an entry of this kind can be a firm of the same name. A ship or a person with the name of a firm is not that firm.
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
    /// The number of the entry in the list.
    pub uid: String,
    /// The kind of the entry.
    #[serde(default, skip_serializing_if = "EntryKind::is_unknown")]
    pub kind: EntryKind,
    /// Primary name.
    pub name: String,
    /// Other names, in the order of the list.
    pub aliases: Vec<String>,
    /// Names that the list itself calls weak, because many others have them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weak_aliases: Vec<String>,
    /// Sanctions programmes, such as `CYBER2`.
    pub programs: Vec<String>,
    /// Days or years of birth, or of a firm's foundation, as published.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub born: Vec<String>,
    /// Countries of nationality, residence or seat as published: ISO 3166-1 codes if the list has them, otherwise names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub countries: Vec<String>,
    /// Its numbers in registers and at tax offices, as published: with kind and country if the list has them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<String>,
    /// First day on which the listing is valid; null if not published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Date>,
    /// Its LEIs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leis: Vec<Lei>,
    /// Hosts of its websites, in lower case and without `www.`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<Host>,
    /// Accounts at exchanges that are not addresses, as published.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts_elsewhere: Vec<String>,
    /// Its published addresses, sorted by currency and text.
    pub addresses: Vec<SanctionedAddress>,
}

impl SanctionsEntry {
    /// Returns its names, the primary name first, without the weak ones.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.name.as_str()).chain(self.aliases.iter().map(String::as_str))
    }

    /// Tells whether the entry has a name and nothing else by which a firm or an address can match it.
    fn has_only_a_name(&self) -> bool {
        let Self { aliases, weak_aliases, leis, hosts, accounts_elsewhere, addresses, numbers, .. } = self;
        let others = [aliases, weak_aliases, accounts_elsewhere, numbers];
        others.iter().all(|texts| texts.is_empty()) && leis.is_empty() && hosts.is_empty() && addresses.is_empty()
    }
}

/// One published address of a listed person or entity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SanctionedAddress {
    /// The list's own currency code, such as `XBT`; it is not a network.
    pub currency: String,
    /// The address as published.
    pub text: String,
    /// Whether the file lost the difference between upper and lower case. If that matters on the address's network, an address that differs
    /// only in case may be the listed one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub case_lost: bool,
}

/// An account: a network (or family) and a canonical address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SanctionedAccount {
    /// CAIP-2 id, or a family such as `eip155:*`. The holder of a key has the account on every network of the family.
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

    /// A list whose listings begin in 2062, or all of whose entries are named "See annex", would clear everybody.
    #[test]
    fn a_list_by_which_nobody_would_be_found_says_why() {
        let entry = |uid: &str, name: &str, since: &str| SanctionsEntry {
            uid: uid.to_owned(),
            name: name.to_owned(),
            since: Some(since.parse().unwrap()),
            ..SanctionsEntry::default()
        };
        let found = |entries: &[SanctionsEntry]| {
            let text = r#"{"id":"EU-TRANSACTION-BANS","as_of":"2026-01-01","source":"x","entries":[]}"#;
            let mut list: SanctionsList = serde_json::from_str(text).unwrap();
            list.entries = entries.to_vec();
            list.screens_nobody()
        };
        let (one, soon) = (entry("1", "One", "2012-01-01"), entry("2", "Two", "2027-02-05"));

        assert_eq!(found(&[one.clone(), soon]), None);
        assert_eq!(found(std::slice::from_ref(&one)), None);
        let told =
            |entries: &[SanctionsEntry], part: &str| assert!(found(entries).is_some_and(|says| says.contains(part)), "{part}");
        told(&[one.clone(), entry("2", "  ", "2012-01-01")], "entry 2 has no name");
        told(&[one.clone(), entry("2", "Two", "2027-02-06")], "entry 2 begins on 2027-02-06");
        let found_otherwise = SanctionsEntry { aliases: vec!["Other".to_owned()], ..entry("2", "  ", "2012-01-01") };
        assert_eq!(found(&[one.clone(), found_otherwise]), None);
        let of_an_annex: Vec<SanctionsEntry> = (0..11).map(|uid| entry(&uid.to_string(), "See annex", "2012-01-01")).collect();
        assert_eq!(found(&of_an_annex[..10]), None, "namesakes");
        told(&of_an_annex, "all its 11 entries");
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
