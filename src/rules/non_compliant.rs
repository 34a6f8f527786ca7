//! Lists of providers that, according to an authority, provide crypto-asset services without permission. This module holds the type and
//! file form of such a list (`seed/non_compliant.json`), and finds its entries that match a VASP. A list is a reference document that an
//! importer creates.
//!
//! Source: Regulation (EU) 2023/1114 (MiCA) Art. 110.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use vasp_words::closed_list::closed_list;

use super::lei_evidence::{Folded, fold};
use super::precheck::NonCompliantVersion;
use vasp_record::platform::PlatformHosts;
use vasp_record::vasp::Vasp;
use vasp_words::country::Country;
use vasp_words::host::Host;
use vasp_words::lei::Lei;
use vasp_words::time::Date;

/// One dated list, complete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NonCompliantList {
    /// The registry's own id, such as `EU-ESMA-NCASP`.
    pub id: String,
    /// The date of the list.
    pub as_of: Date,
    /// The file or page that it was read from.
    pub source: String,
    /// Its entries, in its own order.
    pub entries: Vec<NonCompliantEntry>,
}

/// One provider on the list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NonCompliantEntry {
    /// The authority, as published.
    pub authority: String,
    /// The state of that authority; `None` if not published.
    pub home_state: Option<Country>,
    /// Its name, as published.
    pub name: String,
    /// The LEI; `None` for most entries.
    pub lei: Option<Lei>,
    /// The country of the provider; `None` if not published.
    pub country: Option<Country>,
    /// Commercial names other than its name.
    pub commercial_names: Vec<String>,
    /// Hosts of its websites, in lower case and without `www.`.
    pub hosts: BTreeSet<Host>,
    /// What the list states about an infringement of Art. 17 of the regulation.
    pub infringement: Option<String>,
    /// The reason; `None` if not published.
    pub reason: Option<String>,
    /// Day of the decision; `None` if not published.
    pub decided_on: Option<Date>,
    /// Further comments of the authority; `None` if there are none.
    pub comments: Option<String>,
    /// Day of the last change of the entry; `None` if not published.
    pub updated_on: Option<Date>,
}

/// The reason why a list is refused.
#[derive(Debug, thiserror::Error)]
pub enum NonCompliantListError {
    /// The list does not have the right form.
    #[error("the list cannot be read: {0}")]
    Form(String),
    /// The list has no entries.
    #[error("the list {0} has no entries: an empty list would clear everybody")]
    Empty(String),
    /// An entry has no name that anybody could be found by.
    #[error("entry {0} (counted from 1) has no name with a letter or digit")]
    Nameless(usize),
}

closed_list! {
    /// What an entry of a list has in common with a VASP, strongest first.
    pub enum MatchedBy {
        /// The same LEI.
        Lei = "lei",
        /// The same host.
        Host = "host",
        /// Hosts below the same registered domain.
        Domain = "domain",
        /// The same name, apart from case, accents, punctuation and legal form.
        Name = "name",
        /// The entry matches the group that the entity belongs to.
        Group = "group",
    }
}

/// An entry that matches a VASP.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NonCompliantMatch {
    /// What matches.
    pub matched_by: MatchedBy,
    /// The entry.
    pub entry: NonCompliantEntry,
    /// Id of the list.
    pub list: String,
    /// Place of the entry in the list, counted from 1.
    pub place: usize,
    /// The file or page that the list was read from.
    pub source: String,
    /// Date of the list.
    pub as_of: Date,
}

impl NonCompliantList {
    /// Reads and checks a list.
    ///
    /// # Errors
    /// `NonCompliantListError` says what would be right.
    pub fn from_json(text: &str) -> Result<Self, NonCompliantListError> {
        let list: Self = serde_json::from_str(text).map_err(|error| NonCompliantListError::Form(error.to_string()))?;
        if list.entries.is_empty() {
            return Err(NonCompliantListError::Empty(list.id));
        }
        match list.entries.iter().position(|entry| fold(&entry.name).is_none()) {
            Some(place) => Err(NonCompliantListError::Nameless(place + 1)),
            None => Ok(list),
        }
    }
}

impl NonCompliantEntry {
    /// Returns its name and its commercial names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.name.as_str()).chain(self.commercial_names.iter().map(String::as_str))
    }
}

/// A list ready for matching.
#[derive(Clone, Debug)]
pub struct NonCompliantIndex {
    list: NonCompliantList,
    by_lei: HashMap<Lei, Vec<usize>>,
    by_host: HashMap<String, Vec<usize>>,
    by_domain: HashMap<String, Vec<usize>>,
    by_name: HashMap<String, Vec<usize>>,
}

impl NonCompliantIndex {
    /// Indexes a list.
    #[must_use]
    pub fn of(list: NonCompliantList) -> Self {
        let (mut by_lei, mut by_host, mut by_domain, mut by_name) =
            (HashMap::new(), HashMap::new(), HashMap::new(), HashMap::<String, Vec<usize>>::new());
        for (place, entry) in list.entries.iter().enumerate() {
            if let Some(lei) = entry.lei {
                by_lei.entry(lei).or_insert_with(Vec::new).push(place);
            }
            for host in &entry.hosts {
                by_host.entry(host.to_string()).or_insert_with(Vec::new).push(place);
                by_domain.entry(host.registrable_domain().to_string()).or_insert_with(Vec::new).push(place);
            }
            for name in entry.names().filter_map(fold) {
                by_name.entry(name).or_default().push(place);
            }
        }
        Self { list, by_lei, by_host, by_domain, by_name }
    }

    /// Returns the list.
    #[must_use]
    pub fn list(&self) -> &NonCompliantList {
        &self.list
    }

    /// Returns the entries decided by `day` that match somebody, each with its strongest match. Hosts that many VASPs share are ignored.
    /// `folded` folds a name as [`fold`] does.
    #[must_use]
    pub fn matches(
        &self,
        sought: &Sought<'_>,
        day: Date,
        platforms: &PlatformHosts,
        folded: &dyn Fn(&str) -> Folded,
    ) -> Vec<NonCompliantMatch> {
        let mut best: HashMap<usize, MatchedBy> = HashMap::new();
        let mut note = |places: Option<&Vec<usize>>, by: MatchedBy| {
            for place in places.into_iter().flatten() {
                best.entry(*place).and_modify(|known| *known = by.min(*known)).or_insert(by);
            }
        };
        note(sought.lei.and_then(|lei| self.by_lei.get(&lei)), MatchedBy::Lei);
        for host in sought.hosts.iter().filter(|host| platforms.covering(host).is_none()) {
            note(self.by_host.get(host.as_str()), MatchedBy::Host);
            note(self.by_domain.get(host.registrable_domain().as_str()), MatchedBy::Domain);
        }
        for name in sought.names.iter().filter_map(|name| folded(name)) {
            note(self.by_name.get(&name), MatchedBy::Name);
        }
        let mut found: Vec<NonCompliantMatch> =
            best.into_iter().filter_map(|(place, by)| self.matched(place, by)).filter(|found| found.holds_on(day)).collect();
        found.sort_by_key(|found| (found.matched_by, found.place));
        found
    }

    /// Returns the id, source and date of the list.
    #[must_use]
    pub fn version(&self) -> NonCompliantVersion<'_> {
        NonCompliantVersion { id: &self.list.id, source: &self.list.source, as_of: self.list.as_of }
    }

    fn matched(&self, place: usize, matched_by: MatchedBy) -> Option<NonCompliantMatch> {
        let NonCompliantList { id, as_of, source, entries } = &self.list;
        let entry = entries.get(place)?.clone();
        Some(NonCompliantMatch { matched_by, entry, list: id.clone(), place: place + 1, source: source.clone(), as_of: *as_of })
    }
}

impl NonCompliantMatch {
    fn holds_on(&self, day: Date) -> bool {
        self.entry.decided_on.is_none_or(|decided| decided <= day)
    }

    /// Returns the match for an entity of the group that matched.
    #[must_use]
    pub fn of_group(&self) -> Self {
        Self { matched_by: MatchedBy::Group, ..self.clone() }
    }
}

/// What somebody can be found by on a list.
#[derive(Clone, Debug)]
pub struct Sought<'a> {
    lei: Option<Lei>,
    names: Vec<&'a str>,
    hosts: BTreeSet<Host>,
}

impl<'a> Sought<'a> {
    /// Creates it from an LEI, names, domains, and a website as its source wrote it.
    pub fn new(
        lei: Option<Lei>,
        names: impl Iterator<Item = &'a str>,
        domains: impl Iterator<Item = &'a str>,
        website: Option<&str>,
    ) -> Self {
        let website = website.into_iter().flat_map(Host::all_of_website_cell).map(|host| host.without_www());
        Self { lei, names: names.collect(), hosts: domains.filter_map(|domain| domain.parse().ok()).chain(website).collect() }
    }

    /// Creates it from a record.
    #[must_use]
    pub fn of(vasp: &'a Vasp) -> Self {
        let others = vasp.other_names.iter().map(|other| other.name.as_str());
        let names = std::iter::once(vasp.legal_name.as_str()).chain(others);
        Self::new(vasp.lei, names, vasp.domains.iter().map(|domain| domain.domain.as_str()), vasp.website.as_deref())
    }
}

#[cfg(test)]
mod tests;
