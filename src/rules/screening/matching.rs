//! An index of the lists that are valid on a day. It finds accounts, LEIs and hosts by equality, and names as module `names` does.
//!
//! Decisions:
//! - An EVM account that is listed on one chain counts as listed on every EVM chain, because the same key controls all of them
//!   (`eip155:*`). Hex is compared without case, because the case is only a checksum.
//! - Only the newest version of each list applies, whatever older versions contain. A part of a list applies if it is newer than the
//!   list. A complete part with all addresses then replaces the addresses of the list, if it has most of them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use super::names::Names;
use super::{HitDecision, ListCoverage, PairKey, Part, SanctionedAccount, SanctionsEntry, SanctionsList, Score};
use crate::precheck::ScreeningListVersion;
use vasp_record::vasp::Vasp;
use vasp_words::host::Host;
use vasp_words::lei::Lei;
use vasp_words::time::Date;

/// A part needs at least this percentage of the list's own addresses to replace them. The largest delisting so far, that of Tornado Cash,
/// removed less than a tenth.
const KEPT_LIMIT_PERCENT: usize = 80;

/// What a counterparty and an entry have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Matched {
    /// The account.
    Address(SanctionedAccount),
    /// The account apart from upper and lower case, which the list lost.
    AddressButForCase(SanctionedAccount),
    /// A name or alias of the counterparty, as it was asked for.
    Name(String),
    /// The LEI of the counterparty.
    Lei(Lei),
    /// A host of the counterparty's website, or one of its domains.
    Host(String),
}

/// One entry of a list that matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The id of the list.
    pub list: String,
    /// The id of the list that policies use: the same, or that of the list that it is a part of.
    pub family: String,
    /// The number of the entry in the list.
    pub uid: String,
    /// The entry's primary name.
    pub name: String,
    /// The sanctions programmes of the entry.
    pub programs: Vec<String>,
    /// What matched.
    pub matched: Matched,
    /// The matching text of the entry, as published.
    pub listed: String,
    /// How similar the two are, 0 to 100; 100 if they are equal.
    pub score: Score,
    /// Digest of the present form of the entry, in hex.
    pub entry_sha256: String,
    /// What people decided about it.
    pub decision: HitDecision,
}

impl Hit {
    /// Returns the key of the entry among all lists.
    #[must_use]
    pub fn key(&self) -> PairKey {
        PairKey { list: self.family.clone(), uid: self.uid.clone() }
    }
}

impl Matched {
    /// Returns what matched of the counterparty, as text.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Address(account) | Self::AddressButForCase(account) => format!("{}:{}", account.network, account.address),
            Self::Name(text) | Self::Host(text) => text.clone(),
            Self::Lei(lei) => lei.to_string(),
        }
    }

    /// Returns the kind of match, as one word.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Address(_) => "address",
            Self::AddressButForCase(_) => "address_but_for_case",
            Self::Name(_) => "name",
            Self::Lei(_) => "lei",
            Self::Host(_) => "host",
        }
    }
}

/// What somebody can be found by on a list.
#[derive(Clone, Debug, Default)]
pub struct Sought<'a> {
    names: Vec<&'a str>,
    lei: Option<Lei>,
    hosts: Vec<Host>,
}

impl<'a> Sought<'a> {
    /// Creates it from a record.
    #[must_use]
    pub fn of(vasp: &'a Vasp) -> Self {
        let others = vasp.other_names.iter().map(|other| other.name.as_str());
        let website = vasp.website.as_deref().and_then(Host::from_website_cell).map(|host| host.without_www());
        // A host that many VASPs share does not identify one of them.
        let domains = vasp.domains.iter().filter(|domain| !domain.platform).filter_map(|domain| domain.domain.parse().ok());
        let mut hosts: Vec<Host> = domains.chain(website).collect();
        hosts.sort();
        hosts.dedup();
        Self { names: std::iter::once(vasp.legal_name.as_str()).chain(others).collect(), lei: vasp.lei, hosts }
    }

    /// Adds names.
    #[must_use]
    pub fn with_names(mut self, more: impl Iterator<Item = &'a str>) -> Self {
        self.names.extend(more);
        self
    }

    /// Creates it from the names and the LEI of somebody without a record.
    #[must_use]
    pub fn of_names(names: impl Iterator<Item = &'a str>, lei: Option<Lei>) -> Self {
        Self { names: names.collect(), lei, hosts: vec![] }
    }
}

/// The newest version of each list on a date, ready to be searched. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct ScreeningIndex(Arc<Indexed>);

type Places = Vec<(usize, usize)>;

#[derive(Debug, Default)]
struct Indexed {
    lists: Vec<SanctionsList>,
    /// What pre-checks tell of the lists, once one asked.
    versions: OnceLock<Vec<ScreeningListVersion>>,
    accounts: HashMap<(String, String), Places>,
    case_lost: HashMap<(String, String), Places>,
    leis: HashMap<Lei, Places>,
    hosts: HashMap<String, Places>,
    names: Names,
}

impl ScreeningIndex {
    /// Tells whether both are the same index in memory.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

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
        // An incomplete list does not replace its parts.
        let is_whole = |list: &&SanctionsList| list.part_of.is_none() && list.coverage == ListCoverage::Complete;
        let whole: BTreeMap<String, Date> = newest.values().filter(is_whole).map(|list| (list.id.clone(), list.as_of)).collect();
        newest.retain(|_, list| list.part_of.as_ref().and_then(|part| whole.get(&part.list)).is_none_or(|day| *day < list.as_of));
        let replaced: Vec<String> = newest.values().filter_map(|part| replaced_by(part, &newest)).collect();
        Self(Arc::new(Indexed::of(newest.into_values().collect(), &replaced)))
    }

    /// Returns what pre-checks tell of the lists that are searched.
    pub(crate) fn versions(&self) -> &[ScreeningListVersion] {
        self.0.versions.get_or_init(|| self.0.lists.iter().map(ScreeningListVersion::of).collect())
    }

    /// Returns the lists that are searched.
    #[must_use]
    pub fn lists(&self) -> &[SanctionsList] {
        &self.0.lists
    }

    /// Returns how many names are searched.
    #[must_use]
    pub fn name_count(&self) -> usize {
        self.0.names.count()
    }

    /// Returns every listed account, by network or family and canonical address, without accounts whose case was lost.
    pub fn accounts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.accounts.keys().map(|(network, address)| (network.as_str(), address.as_str()))
    }

    /// Returns the entries that list an account on a day, given by CAIP-2 network and canonical address.
    #[must_use]
    pub fn account(&self, network: &str, address: &str, day: Date) -> Vec<Hit> {
        let account = || SanctionedAccount { network: network.to_owned(), address: address.to_owned() };
        let exact = self.0.accounts.get(&account_key(network, address));
        let mut hits = self.hits(exact, day, 100, |entry| (Matched::Address(account()), text_of(entry, network, address)));
        if !self.0.case_lost.is_empty() {
            let lost = self.0.case_lost.get(&(network.to_owned(), address.to_ascii_lowercase()));
            let known: Vec<PairKey> = hits.iter().map(Hit::key).collect();
            let more =
                self.hits(lost, day, 90, |entry| (Matched::AddressButForCase(account()), text_of(entry, network, address)));
            hits.extend(more.into_iter().filter(|hit| !known.contains(&hit.key())));
        }
        hits
    }

    /// Returns the entries that may mean somebody on a day, each once with its best match, best first.
    #[must_use]
    pub fn meaning(&self, sought: &Sought<'_>, day: Date) -> Vec<Hit> {
        self.meaning_as_decided(sought, day, |_| HitDecision::Open)
    }

    /// Returns the same together with the decisions of people: for each entry its best match that was not cleared, and its best cleared
    /// match. A cleared name also clears names that are less similar to the entry, but no LEI or host.
    #[must_use]
    pub fn meaning_as_decided(&self, sought: &Sought<'_>, day: Date, decide: impl Fn(&Hit) -> HitDecision) -> Vec<Hit> {
        let mut hits = vec![];
        if let Some(lei) = sought.lei {
            hits.extend(self.hits(self.0.leis.get(&lei), day, 100, |_| (Matched::Lei(lei), lei.to_string())));
        }
        for host in &sought.hosts {
            let name = host.to_string();
            hits.extend(self.hits(self.0.hosts.get(&name), day, 100, |_| (Matched::Host(name.clone()), name.clone())));
        }
        for name in &sought.names {
            hits.extend(self.named(name, day));
        }
        for hit in &mut hits {
            hit.decision = decide(hit);
        }
        hits.sort_by(|a, b| {
            (b.score, &a.family, &a.uid, &a.list, &a.matched).cmp(&(a.score, &b.family, &b.uid, &b.list, &b.matched))
        });
        let mut seen = HashSet::new();
        let mut cleared_names = HashSet::new();
        hits.retain(|hit| {
            let (is_name, is_cleared) = (matches!(hit.matched, Matched::Name(_)), hit.decision.is_cleared());
            if is_name && is_cleared {
                cleared_names.insert(hit.key());
            }
            // People looked at the name that is most similar to the entry, so they need not look at a less similar one.
            let is_settled = is_name && !is_cleared && cleared_names.contains(&hit.key());
            !is_settled && seen.insert((hit.key(), is_cleared))
        });
        hits
    }

    /// Returns the entries that have this name or a similar one on a day.
    #[must_use]
    pub fn named(&self, name: &str, day: Date) -> Vec<Hit> {
        let found = self.0.names.like(name);
        let hit = |one: &super::NameMatch| {
            let list = self.0.lists.get(one.list)?;
            let entry = list.entries.get(one.entry).filter(|entry| entry.holds_on(day))?;
            Some(hit(list, entry, one.score, (Matched::Name(name.to_owned()), one.listed.clone())))
        };
        found.iter().filter_map(hit).collect()
    }

    fn hits(
        &self,
        places: Option<&Places>,
        day: Date,
        score: Score,
        matched: impl Fn(&SanctionsEntry) -> (Matched, String),
    ) -> Vec<Hit> {
        let entry = |(number, place): &(usize, usize)| {
            let list = self.0.lists.get(*number)?;
            list.entries.get(*place).filter(|entry| entry.holds_on(day)).map(|entry| (list, entry))
        };
        let found = places.into_iter().flatten().filter_map(entry);
        found.map(|(list, entry)| hit(list, entry, score, matched(entry))).collect()
    }
}

/// Returns the list whose addresses a part replaces. The part must be complete, hold all addresses, and contain most addresses of the list.
/// A file with half of them can look just as complete, and would clear the other half.
fn replaced_by(part: &SanctionsList, newest: &BTreeMap<String, SanctionsList>) -> Option<String> {
    let of = part.part_of.as_ref().filter(|of| of.part == Part::Addresses && part.coverage == ListCoverage::Complete)?;
    let whole = accounts_of(newest.get(&of.list)?);
    let own = accounts_of(part);
    let kept = whole.iter().filter(|account| own.contains(*account)).count();
    (kept * 100 >= whole.len() * KEPT_LIMIT_PERCENT).then(|| of.list.clone())
}

fn accounts_of(list: &SanctionsList) -> HashSet<(String, String)> {
    let accounts = list.entries.iter().flat_map(|entry| &entry.addresses).flat_map(|address| &address.accounts);
    accounts.map(|account| account_key(&account.network, &account.address)).collect()
}

impl Indexed {
    fn of(lists: Vec<SanctionsList>, replaced: &[String]) -> Self {
        let names = Names::of(&lists);
        let (mut accounts, mut case_lost) = (HashMap::<_, Places>::new(), HashMap::<_, Places>::new());
        let (mut leis, mut hosts) = (HashMap::<_, Places>::new(), HashMap::<_, Places>::new());
        for (number, list) in lists.iter().enumerate() {
            let addresses = list.part_of.is_some() || !replaced.contains(&list.id);
            for (place, entry) in list.entries.iter().enumerate() {
                let here = (number, place);
                for address in entry.addresses.iter().filter(|_| addresses) {
                    for account in &address.accounts {
                        note(accounts.entry(account_key(&account.network, &account.address)).or_default(), here);
                    }
                    for account in &address.case_lost {
                        note(case_lost.entry((account.network.clone(), account.address.to_ascii_lowercase())).or_default(), here);
                    }
                }
                for lei in &entry.leis {
                    note(leis.entry(*lei).or_default(), here);
                }
                for host in &entry.hosts {
                    note(hosts.entry(host.to_string()).or_default(), here);
                }
            }
        }
        Self { lists, versions: OnceLock::new(), accounts, case_lost, leis, hosts, names }
    }
}

/// Adds a place once. Entries are added in order, so a repetition can only equal the last place.
fn note(places: &mut Places, here: (usize, usize)) {
    if places.last() != Some(&here) {
        places.push(here);
    }
}

fn hit(list: &SanctionsList, entry: &SanctionsEntry, score: Score, (matched, listed): (Matched, String)) -> Hit {
    Hit {
        list: list.id.clone(),
        family: list.list().to_owned(),
        uid: entry.uid.clone(),
        name: entry.name.clone(),
        programs: entry.programs.clone(),
        matched,
        listed,
        score,
        entry_sha256: entry.sha256(),
        decision: HitDecision::Open,
    }
}

/// Returns the address as the entry writes it.
fn text_of(entry: &SanctionsEntry, network: &str, address: &str) -> String {
    let key = account_key(network, address);
    let names = |account: &SanctionedAccount| {
        let listed = account_key(&account.network, &account.address);
        listed.0 == key.0 && listed.1.eq_ignore_ascii_case(&key.1)
    };
    let written = entry.addresses.iter().find(|one| one.accounts.iter().chain(&one.case_lost).any(names));
    written.map_or_else(|| address.to_owned(), |one| one.text.clone())
}

/// Returns the key for comparing an account: EVM accounts by family and lower-case hex, all others unchanged.
fn account_key(network: &str, address: &str) -> (String, String) {
    if network.starts_with("eip155:") {
        ("eip155:*".to_owned(), address.to_ascii_lowercase())
    } else {
        (network.to_owned(), address.to_owned())
    }
}

#[cfg(test)]
mod tests;
