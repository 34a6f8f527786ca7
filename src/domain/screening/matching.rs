//! Exact matching against the newest version of each screening list: canonical accounts, and names in a normal form.
//! Nothing fuzzy: "no match" means no equal name, not that nobody similar is listed.
//!
//! Decisions:
//! - An EVM account listed on one chain counts on every EVM chain: the same key controls them all (`eip155:*`). Hex is
//!   compared without regard to case, which there is only a checksum.
//! - Names are compared as `NameKey` (no case, accents, punctuation, spacing), single letters joined (`S. A.` is `SA`) and
//!   trailing legal forms left off; the order of words counts.

use std::collections::{BTreeMap, HashMap};

use super::super::name::NameKey;
use super::super::time::Date;
use super::{SanctionedAccount, SanctionsEntry, SanctionsList};

/// What of the counterparty matched.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Matched {
    /// The account.
    Address(SanctionedAccount),
    /// A name or alias of the counterparty, as asked.
    Name(String),
}

/// One entry of a list that matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The list's id.
    pub list: String,
    /// The list's own number of the entry.
    pub uid: String,
    /// The entry's primary name.
    pub name: String,
    /// Its programmes.
    pub programs: Vec<String>,
    /// What matched.
    pub matched: Matched,
}

/// The newest version of each list on a date, ready to be searched.
#[derive(Clone, Debug, Default)]
pub struct ScreeningIndex {
    lists: Vec<SanctionsList>,
    accounts: HashMap<(String, String), Vec<(usize, usize)>>,
    names: HashMap<String, Vec<(usize, usize)>>,
}

/// Legal forms that are left off at the end of a name, in the form that `plain_name` gives them.
///
/// Source: the forms that occur in ESMA's MiCA register and on OFAC's list, with their usual abbreviations.
const LEGAL_FORMS: &[&str] = &[
    "ab",
    "ag",
    "aktiengesellschaft",
    "as",
    "asa",
    "bv",
    "co",
    "company",
    "corp",
    "corporation",
    "doo",
    "ead",
    "eood",
    "gmbh",
    "inc",
    "incorporated",
    "kft",
    "lda",
    "limited",
    "llc",
    "llp",
    "lp",
    "ltd",
    "ltda",
    "nv",
    "ood",
    "ooo",
    "ou",
    "oy",
    "oyj",
    "plc",
    "private",
    "pte",
    "pty",
    "pvt",
    "sa",
    "sarl",
    "sas",
    "se",
    "sia",
    "sl",
    "spa",
    "sp zoo",
    "sro",
    "srl",
    "uab",
    "ug",
    "zoo",
];

impl ScreeningIndex {
    /// Builds the index of the newest version of each list whose own date is not after `date`.
    #[must_use]
    pub fn newest_on(date: Date, lists: impl IntoIterator<Item = SanctionsList>) -> Self {
        let mut newest: BTreeMap<String, SanctionsList> = BTreeMap::new();
        for list in lists.into_iter().filter(|list| list.as_of <= date) {
            let older = newest.get(&list.id).is_none_or(|kept| kept.as_of < list.as_of);
            if older {
                newest.insert(list.id.clone(), list);
            }
        }
        let mut index = Self { lists: newest.into_values().collect(), ..Self::default() };
        for (number, list) in index.lists.iter().enumerate() {
            for (place, entry) in list.entries.iter().enumerate() {
                for account in entry.addresses.iter().flat_map(|address| &address.accounts) {
                    index.accounts.entry(account_key(&account.network, &account.address)).or_default().push((number, place));
                }
                for name in std::iter::once(&entry.name).chain(&entry.aliases).filter_map(|name| plain_name(name)) {
                    index.names.entry(name).or_default().push((number, place));
                }
            }
        }
        index
    }

    /// Returns the lists that are searched.
    #[must_use]
    pub fn lists(&self) -> &[SanctionsList] {
        &self.lists
    }

    /// Returns the entries that list an account, given by CAIP-2 network and canonical address.
    #[must_use]
    pub fn account(&self, network: &str, address: &str) -> Vec<Hit> {
        let account = || SanctionedAccount { network: network.to_owned(), address: address.to_owned() };
        self.hits(self.accounts.get(&account_key(network, address)), || Matched::Address(account()))
    }

    /// Returns the entries that bear a name.
    #[must_use]
    pub fn name(&self, name: &str) -> Vec<Hit> {
        let places = plain_name(name).and_then(|key| self.names.get(&key));
        self.hits(places, || Matched::Name(name.to_owned()))
    }

    /// Returns the entries that bear one of several names, each entry once, in the order of lists and entries.
    pub fn names<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Vec<Hit> {
        let mut hits: Vec<Hit> = names.into_iter().flat_map(|name| self.name(name)).collect();
        hits.sort_by(|a, b| (&a.list, &a.uid, &a.matched).cmp(&(&b.list, &b.uid, &b.matched)));
        hits.dedup_by(|a, b| a.list == b.list && a.uid == b.uid);
        hits
    }

    fn hits(&self, places: Option<&Vec<(usize, usize)>>, matched: impl Fn() -> Matched) -> Vec<Hit> {
        let mut places: Vec<(usize, usize)> = places.cloned().unwrap_or_default();
        places.sort_unstable();
        places.dedup();
        let entry = |(number, place): (usize, usize)| {
            let list = self.lists.get(number)?;
            list.entries.get(place).map(|entry| (list, entry))
        };
        places.into_iter().filter_map(entry).map(|(list, entry)| hit(list, entry, matched())).collect()
    }
}

fn hit(list: &SanctionsList, entry: &SanctionsEntry, matched: Matched) -> Hit {
    Hit { list: list.id.clone(), uid: entry.uid.clone(), name: entry.name.clone(), programs: entry.programs.clone(), matched }
}

/// The key under which an account is compared: EVM accounts by family and lower-case hex, all others as they stand.
fn account_key(network: &str, address: &str) -> (String, String) {
    if network.starts_with("eip155:") {
        ("eip155:*".to_owned(), address.to_ascii_lowercase())
    } else {
        (network.to_owned(), address.to_owned())
    }
}

/// A name in its compared form; none where it has no letter or digit.
fn plain_name(name: &str) -> Option<String> {
    let key = NameKey::of(name)?;
    let mut words: Vec<String> = vec![];
    let mut after_single = false;
    for word in key.as_str().split(' ') {
        let single = word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
        match words.last_mut() {
            Some(last) if single && after_single => last.push_str(word),
            _ => words.push(word.to_owned()),
        }
        after_single = single;
    }
    while words.len() > 1 && words.last().is_some_and(|last| LEGAL_FORMS.contains(&last.as_str()) || last == "sp") {
        words.pop();
    }
    Some(words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::super::{ListCoverage, SanctionedAddress};
    use super::*;
    use proptest::prelude::*;

    fn list(id: &str, as_of: &str, name: &str, network: &str, address: &str) -> SanctionsList {
        let account = SanctionedAccount { network: network.into(), address: address.into() };
        let addresses = vec![SanctionedAddress { currency: "ETH".into(), text: address.into(), accounts: vec![account] }];
        let entry = SanctionsEntry {
            uid: "1".into(),
            name: name.into(),
            aliases: vec!["ХАЙДРА Маркет".into(), "HYDRA MARKET".into()],
            programs: vec!["CYBER2".into()],
            addresses,
        };
        SanctionsList {
            id: id.into(),
            as_of: as_of.parse().unwrap(),
            source: "test".into(),
            coverage: ListCoverage::Complete,
            entries: vec![entry],
        }
    }

    fn index(lists: Vec<SanctionsList>) -> ScreeningIndex {
        ScreeningIndex::newest_on("2026-06-01".parse().unwrap(), lists)
    }

    const MIXED: &str = "0x098B716B8Aaf21512996dC57EB0615e2383E2f96";

    #[test]
    fn an_evm_account_listed_on_one_chain_counts_on_every_evm_chain() {
        let index = index(vec![list("OFAC", "2026-01-01", "Lazarus Group", "eip155:1", MIXED)]);

        let hits = index.account("eip155:56", &MIXED.to_ascii_lowercase());

        assert_eq!(hits.len(), 1);
        assert_eq!((hits[0].uid.as_str(), hits[0].name.as_str(), hits[0].programs[0].as_str()), ("1", "Lazarus Group", "CYBER2"));
        assert!(index.account("eip155:1", "0x098b716b8aaf21512996dc57eb0615e2383e2f97").is_empty());
    }

    #[test]
    fn other_accounts_match_only_on_their_network_and_as_written() {
        let (bitcoin, address) = ("bip122:000000000019d6689c085ae165831e93", "12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h");
        let index = index(vec![list("OFAC", "2026-01-01", "Xiaobing YAN", bitcoin, address)]);

        assert_eq!(index.account(bitcoin, address).len(), 1);
        assert!(index.account(bitcoin, &address.to_ascii_lowercase()).is_empty());
        assert!(index.account("bip122:000000000000000000651ef99cb9fcbe", address).is_empty());
    }

    #[test]
    fn names_match_without_regard_to_case_accents_punctuation_and_legal_form() {
        let index = index(vec![list("OFAC", "2026-01-01", "GARANTEX EUROPE OU", "eip155:1", MIXED)]);

        for name in ["Garantex Europe OÜ", "garantex  europe", "Garantex Europe, O.U.", "Хайдра маркет", "Hydra Market Ltd."]
        {
            assert_eq!(index.name(name).len(), 1, "{name}");
        }
        for name in ["Garantex", "Europe Garantex OU", "Garantex Europe 2", "", "Ltd"] {
            assert!(index.name(name).is_empty(), "{name}");
        }
    }

    #[test]
    fn legal_forms_are_left_off_only_at_the_end_and_never_leave_nothing() {
        let plain = |name: &str| plain_name(name).unwrap();

        assert_eq!(plain("Bitpanda Asset Management Sp. z o.o."), "bitpanda asset management");
        assert_eq!(plain("Example Co., Ltd."), "example");
        assert_eq!(plain("SA Example S.A."), "sa example");
        assert_eq!(plain("Limited"), "limited");
        assert_eq!(plain("21 x"), "21 x");
    }

    #[test]
    fn only_the_newest_version_that_is_not_later_than_the_date_counts() {
        let older = list("OFAC", "2025-01-01", "Tornado Cash", "eip155:1", MIXED);
        let newest = list("OFAC", "2026-01-01", "Lazarus Group", "eip155:1", MIXED);
        let later = list("OFAC", "2026-07-01", "Somebody", "eip155:1", MIXED);
        let other = list("EU", "2024-01-01", "Garantex", "eip155:1", MIXED);
        let index = index(vec![later, newest, older, other]);

        assert_eq!(index.lists().len(), 2);
        assert!(index.name("Tornado Cash").is_empty() && index.name("Somebody").is_empty());
        let lists: Vec<String> = index.account("eip155:1", MIXED).into_iter().map(|hit| hit.list).collect();
        assert_eq!(lists, ["EU", "OFAC"]);
    }

    #[test]
    fn an_entry_that_matches_by_several_names_is_one_hit() {
        let index = index(vec![list("OFAC", "2026-01-01", "Hydra", "eip155:1", MIXED)]);

        assert_eq!(index.names(["Hydra", "Hydra Market", "Kraken"]).len(), 1);
    }

    proptest! {
        #[test]
        fn a_listed_name_always_matches_itself(name in "\\PC{0,30}") {
            let index = index(vec![list("OFAC", "2026-01-01", &name, "eip155:1", MIXED)]);
            prop_assert_eq!(index.name(&name).is_empty(), NameKey::of(&name).is_none());
        }
    }
}
