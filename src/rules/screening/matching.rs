//! An index of the lists that are valid on a day. It finds accounts, LEIs and hosts by equality, and names as module `names` does.
//!
//! Decisions:
//! - Accounts are compared by controller (`vasp_addresses::class`): a listed key counts in every spelling, on every network of its class.
//! - Only the newest version of each list applies, whatever older versions contain. A part of a list applies if it is newer than the
//!   list. A complete part with all addresses then replaces the addresses of the list, if it has most of them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use super::address_index::{AddressIndex, Likeness, Place, ReadAddresses, at};
use super::names::{LEAST, NameMatch, Names};
use super::second::{Beside, Particulars};
use super::sought::Sought;
use super::{
    HitDecision, ListCoverage, PairKey, Part, SanctionedAccount, SanctionedAddress, SanctionsEntry, SanctionsList, Score,
};
use crate::precheck::{ListAddresses, ScreeningListVersion};
use vasp_addresses::address::{Account, Controller};
use vasp_addresses::class::ClassNumber;
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

/// Whom a hit is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Meant {
    /// The counterparty, or the brand or party that it belongs to.
    #[default]
    Counterparty,
    /// One of several whom the answer names, and of whom only one can be the counterparty.
    OneOfSeveral,
    /// Another entity of the brand. It is settled that it is not the counterparty.
    OtherEntity,
    /// The contract of the transferred asset.
    Asset,
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
    /// What a second identifier says about it.
    pub beside: Beside,
    /// Whom it means.
    pub means: Meant,
    /// What the registry's people decided about it. It clears nothing for whoever the law binds.
    pub decision: HitDecision,
    /// What the people of the organisation that asks decided about it.
    pub own: HitDecision,
}

impl Hit {
    /// Returns what counts for the organisation that asks: its own decision; without one, the registry's if it is against the VASP.
    #[must_use]
    pub fn for_asker(&self) -> HitDecision {
        match (self.own, self.decision) {
            (HitDecision::Open, HitDecision::TrueMatch(day)) => HitDecision::TrueMatch(day),
            (own, _) => own,
        }
    }

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

/// The newest version of each list on a date, ready to be searched. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct ScreeningIndex(Arc<Indexed>);

type Places = Vec<(usize, usize)>;

#[derive(Debug, Default)]
struct Indexed {
    lists: Vec<SanctionsList>,
    /// What pre-checks tell of the lists, once one asked.
    versions: OnceLock<Vec<ScreeningListVersion>>,
    addresses: AddressIndex,
    leis: HashMap<Lei, Places>,
    hosts: HashMap<String, Places>,
    names: Names,
    /// The digests of the entries of each list, once one was found. A digest of a long entry takes 300 µs.
    digests: Vec<Box<[OnceLock<String>]>>,
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
        Self(Arc::new(Indexed::of(newest.into_values().collect())))
    }

    /// Returns what pre-checks tell of the lists that are searched: a list is partial for a question that one of its unreadable addresses
    /// may be about.
    pub(crate) fn versions_for(&self, accounts: &[Account]) -> Vec<ScreeningListVersion> {
        let versions = self.0.versions.get_or_init(|| self.0.lists.iter().map(ScreeningListVersion::of).collect());
        let asked = versions.iter().enumerate().map(|(list, version)| {
            let may_miss = accounts.iter().any(|account| self.0.addresses.may_miss(list, account));
            let addresses = if may_miss { ListAddresses::MayMiss } else { version.addresses };
            ScreeningListVersion { addresses, ..version.clone() }
        });
        asked.collect()
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

    /// Iterates over the controllers of all listed accounts.
    pub fn controllers(&self) -> impl Iterator<Item = (ClassNumber, &[u8])> {
        self.0.addresses.controllers()
    }

    /// Iterates over the addresses of a list, given by its place in `lists`, that no network reads; each with its entry.
    pub fn without_account(&self, list: usize) -> impl Iterator<Item = (&SanctionsEntry, &SanctionedAddress)> {
        let lists = &self.0.lists;
        self.0
            .addresses
            .without_account(list)
            .filter_map(|place| Some((lists.get(place.list)?.entries.get(place.entry)?, at(lists, place)?)))
    }

    /// Returns the entries that list one of the accounts on a day. An entry that lists several is returned once.
    #[must_use]
    pub fn accounts(&self, accounts: &[Account], day: Date) -> Vec<Hit> {
        let mut found: Vec<(Place, Likeness, Hit)> = vec![];
        for account in accounts {
            for (place, likeness) in self.0.addresses.listing(account) {
                if found.iter().any(|(known, like, _)| known.is_of_entry(place) && *like == likeness) {
                    continue;
                }
                let asked = SanctionedAccount { network: account.caip2.to_string(), address: account.canonical.clone() };
                let (matched, score) = match likeness {
                    Likeness::Same => (Matched::Address(asked), 100),
                    Likeness::ButForCase => (Matched::AddressButForCase(asked), 90),
                };
                found.extend(self.hit_at(place, day, score, matched).map(|hit| (place, likeness, hit)));
            }
        }
        let is_same = |(_, likeness, _): &(Place, Likeness, Hit)| *likeness == Likeness::Same;
        let same: Vec<PairKey> = found.iter().filter(|one| is_same(one)).map(|(.., hit)| hit.key()).collect();
        found.retain(|one| is_same(one) || !same.contains(&one.2.key()));
        found.into_iter().map(|(.., hit)| hit).collect()
    }

    /// Returns the entries that list an account of a controller on a day, with the listed account.
    #[must_use]
    pub fn controlled_by(&self, class: ClassNumber, bytes: &[u8], day: Date) -> Vec<Hit> {
        let listed = |place: &Place| {
            let mut accounts = at(&self.0.lists, *place)?.meaning().accounts.into_iter();
            let is_meant = |of: Controller| of.class == class && of.bytes.as_bytes() == bytes;
            let account = accounts.find(|account| account.controllers.screened().any(is_meant))?.account;
            self.hit_at(*place, day, 100, Matched::Address(account))
        };
        self.0.addresses.controlled(class, bytes).iter().filter_map(listed).collect()
    }

    fn hit_at(&self, place: Place, day: Date, score: Score, matched: Matched) -> Option<Hit> {
        let found = self.0.entry(place.list, place.entry, day)?;
        let listed = found.entry.addresses.get(place.address)?.text.clone();
        Some(found.hit(score, matched, listed))
    }

    /// Returns the entries that may mean somebody on a day, each with its best match of each kind, best first.
    #[must_use]
    pub fn meaning(&self, sought: &Sought<'_>, day: Date) -> Vec<Hit> {
        self.meaning_as_decided(sought, day, |_| HitDecision::Open)
    }

    /// Returns the same together with the decisions of people: for each entry its best match of each kind that was not cleared, and its best
    /// cleared one. A cleared name also clears names that are less similar to the entry, but no LEI or host.
    #[must_use]
    pub fn meaning_as_decided(&self, sought: &Sought<'_>, day: Date, decide: impl Fn(&Hit) -> HitDecision) -> Vec<Hit> {
        let mut hits = vec![];
        if let Some(lei) = sought.lei {
            hits.extend(self.hits(self.0.leis.get(&lei), day, &Matched::Lei(lei), lei.as_str()));
        }
        for host in &sought.hosts {
            let name = host.to_string();
            hits.extend(self.hits(self.0.hosts.get(&name), day, &Matched::Host(name.clone()), &name));
        }
        for name in &sought.names {
            hits.extend(self.likely(name, &sought.particulars, day));
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
            !is_settled && seen.insert((hit.key(), hit.matched.kind(), is_cleared))
        });
        hits
    }

    /// Returns the entries that have this name or a similar one on a day.
    #[must_use]
    pub fn named(&self, name: &str, day: Date) -> Vec<Hit> {
        self.likely(name, &Particulars::default(), day)
    }

    /// Returns the same, weighed by what else is known about whoever has the name.
    fn likely(&self, name: &str, particulars: &Particulars, day: Date) -> Vec<Hit> {
        let found = self.0.names.like(name);
        let begun = if particulars.is_brand() { self.0.names.beginning(name) } else { vec![] };
        let hit = |one: &NameMatch| {
            let found = self.0.entry(one.list, one.entry, day)?;
            let (score, beside) = particulars.weigh(one, found.entry);
            let hit = || found.hit(score, Matched::Name(name.to_owned()), one.listed.clone());
            (score >= LEAST).then(|| Hit { beside, ..hit() })
        };
        found.iter().chain(&begun).filter_map(hit).collect()
    }

    fn hits(&self, places: Option<&Places>, day: Date, matched: &Matched, listed: &str) -> Vec<Hit> {
        let found = places.into_iter().flatten().filter_map(|(list, entry)| self.0.entry(*list, *entry, day));
        found.map(|found| found.hit(100, matched.clone(), listed.to_owned())).collect()
    }
}

/// Returns the place of the list whose addresses a part replaces. The part must be complete, hold all addresses, and contain most addresses
/// of the list. A file with half of them can look just as complete, and would clear the other half.
fn replaced_by(part: &SanctionsList, own: &ReadAddresses, lists: &[SanctionsList], read: &[ReadAddresses]) -> Option<usize> {
    let of = part.part_of.as_ref().filter(|of| of.part == Part::Addresses && part.coverage == ListCoverage::Complete)?;
    let place = lists.iter().position(|list| list.part_of.is_none() && list.id == of.list)?;
    let whole = &read.get(place)?.controllers;
    let kept = whole.intersection(&own.controllers).count();
    (kept * 100 >= whole.len() * KEPT_LIMIT_PERCENT).then_some(place)
}

impl Indexed {
    fn of(lists: Vec<SanctionsList>) -> Self {
        let names = Names::of(&lists);
        let mut read: Vec<ReadAddresses> = lists.iter().enumerate().map(ReadAddresses::of).collect();
        let replaced = lists.iter().zip(&read).filter_map(|(part, own)| replaced_by(part, own, &lists, &read));
        for place in replaced.collect::<Vec<_>>() {
            read.get_mut(place).map(std::mem::take);
        }
        let (mut leis, mut hosts) = (HashMap::<_, Places>::new(), HashMap::<_, Places>::new());
        for (number, list) in lists.iter().enumerate() {
            for (place, entry) in list.entries.iter().enumerate() {
                let here = (number, place);
                for lei in &entry.leis {
                    note(leis.entry(*lei).or_default(), here);
                }
                for host in &entry.hosts {
                    note(hosts.entry(host.to_string()).or_default(), here);
                }
            }
        }
        let addresses = AddressIndex::of(&lists, read);
        let digests = lists.iter().map(|list| list.entries.iter().map(|_| OnceLock::new()).collect()).collect();
        Self { lists, versions: OnceLock::new(), addresses, leis, hosts, names, digests }
    }

    /// Returns an entry of a list, both by their places, if the entry holds on a day.
    fn entry(&self, list: usize, entry: usize, day: Date) -> Option<Found<'_>> {
        let digest = self.digests.get(list)?.get(entry)?;
        let list = self.lists.get(list)?;
        list.entries.get(entry).filter(|entry| list.counts(entry, day)).map(|entry| Found { list, entry, digest })
    }
}

/// An entry that was found.
struct Found<'a> {
    list: &'a SanctionsList,
    entry: &'a SanctionsEntry,
    digest: &'a OnceLock<String>,
}

impl Found<'_> {
    fn hit(&self, score: Score, matched: Matched, listed: String) -> Hit {
        let Self { list, entry, digest } = self;
        Hit {
            list: list.id.clone(),
            family: list.list().to_owned(),
            uid: entry.uid.clone(),
            name: entry.name.clone(),
            programs: entry.programs.clone(),
            matched,
            listed,
            score,
            entry_sha256: digest.get_or_init(|| entry.sha256()).clone(),
            beside: Beside::Silent,
            means: Meant::Counterparty,
            decision: HitDecision::Open,
            own: HitDecision::Open,
        }
    }
}

/// Adds a place once. Entries are added in order, so a repetition can only equal the last place.
fn note(places: &mut Places, here: (usize, usize)) {
    if places.last() != Some(&here) {
        places.push(here);
    }
}

#[cfg(test)]
mod tests;
