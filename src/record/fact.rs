//! Facts, and the record that they form on a day. A fact is one attribute of a VASP or of one of its licences, with its valid
//! time. The store keeps facts; readers see records.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::delegation::{DelegatedPath, DelegationStatus};
use super::licence::{Activity, Authority, Licence, LicensedActivity};
use super::timeline::{Listing, Piece, Reading, Shown, Timeline};
use super::vasp::{
    DomainScope, DomainStatus, Evidence, Identifier, MEMBER_STATEMENT, OtherName, RegisterEntry, Vasp, VaspDomain, VaspKind,
    VaspStatus,
};
use vasp_words::ids::{LicenceId, VaspId};
use vasp_words::time::Date;
mod attribute;
mod packed;
mod recorded;
mod text;

pub use attribute::{Attribute, FactValue, pointer};
pub use packed::PackedFacts;
pub use recorded::{MEMBER, REGISTRY, RecordedEvidence, origin_rank};
pub use text::{ActivityDates, NoItem};

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The licence it belongs to; `None` for the VASP itself.
    pub licence: Option<LicenceId>,
    /// The origin of the fact: a register, a list or a member.
    pub origin: Arc<str>,
    /// The attribute with its item and value.
    pub said: FactValue,
    /// First day on which it is valid; `None` if that day is unknown.
    pub from: Option<Date>,
    /// First day on which it is no longer valid; `None` while it is valid.
    pub to: Option<Date>,
    /// The source file or page.
    pub source: Arc<str>,
}

/// The part of a licence that never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenceAnchor {
    /// Public id.
    pub id: LicenceId,
    /// The authority that granted it.
    pub authority: Arc<Authority>,
    /// Legal regime.
    pub regime: Arc<str>,
}

/// All facts about one VASP at one sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaspFacts {
    /// Public id.
    pub id: VaspId,
    /// Entity or group.
    pub kind: VaspKind,
    /// Its licences.
    pub licences: Vec<LicenceAnchor>,
    /// Its facts.
    pub facts: Vec<Fact>,
    /// The recorded evidence of single attributes.
    pub evidence: Vec<RecordedEvidence>,
}

/// The snapshots that were read of each register, in order of days.
pub type Snapshots = BTreeMap<String, Vec<Reading>>;

impl Fact {
    /// Returns the value and its valid time, as a piece of the timeline.
    #[must_use]
    pub fn piece(&self) -> Piece<FactValue> {
        Piece { from: self.from, to: self.to, value: self.said.clone() }
    }

    /// Returns whether the fact is valid on `date`.
    #[must_use]
    pub fn covers(&self, date: Date) -> bool {
        self.from.is_none_or(|from| from <= date) && self.to.is_none_or(|to| date < to)
    }
}

/// Selects the facts of one attribute, each with its item and value.
macro_rules! said {
    ($facts:expr, $name:ident) => {
        $facts.filter_map(|fact| match &fact.said {
            FactValue::$name(item, value) => Some((fact, item, value)),
            _ => None,
        })
    };
}

/// Returns of several values the one whose origin has priority (see `origin_rank`).
fn first<'a, I: 'a, V>(said: impl Iterator<Item = (&'a Fact, &'a I, &'a V)>) -> Option<&'a V> {
    said.min_by_key(|(fact, ..)| origin_rank(&fact.origin, fact.licence.is_some())).map(|(_, _, value)| value)
}

/// Returns the evidence method for facts of this origin.
fn method(origin: &str) -> &'static str {
    match origin {
        "claims-csv" => "address_label_list",
        "group-links" | "brand-finder" => "register_website",
        REGISTRY | MEMBER => MEMBER_STATEMENT,
        _ => "register_import",
    }
}

impl VaspFacts {
    fn on(&self, licence: Option<LicenceId>, date: Date) -> impl Iterator<Item = &Fact> {
        self.facts.iter().filter(move |f| f.licence == licence && f.covers(date))
    }

    /// Returns the record into which this one was merged.
    #[must_use]
    pub fn merged_into(&self, date: Date) -> Option<VaspId> {
        first(said!(self.on(None, date), MergedInto)).copied()
    }

    /// The listings of the VASP itself or of one licence, one for each register that shows it.
    fn listings(&self, licence: Option<LicenceId>) -> BTreeMap<&str, Listing> {
        let mut pieces: BTreeMap<&str, Vec<Piece<Shown>>> = BTreeMap::new();
        for (fact, _, shown) in said!(self.facts.iter().filter(|fact| fact.licence == licence), Listing) {
            let piece = Piece { from: fact.from, to: fact.to, value: *shown };
            pieces.entry(&*fact.origin).or_default().push(piece);
        }
        pieces.into_iter().map(|(origin, pieces)| (origin, Listing::new(Timeline::new(pieces)))).collect()
    }

    /// Returns the record on a day, with the facts of the records that were `merged` into this one.
    #[must_use]
    pub fn record_with(&self, merged: &[Self], date: Date, snapshots: &Snapshots) -> Vasp {
        if merged.is_empty() { self.record_on(date, snapshots) } else { self.with_merged(merged).record_on(date, snapshots) }
    }

    /// Returns these facts together with the facts of the records that were merged into this one. This record's own values come
    /// first, and it keeps its own lifecycle status.
    fn with_merged(&self, others: &[Self]) -> Self {
        let mut joined = self.clone();
        for other in others {
            // The merged record's endpoints, certificates and keys are not valid any more, because their publisher no longer
            // represents a record.
            let own = |fact: &&Fact| {
                let published =
                    [Attribute::Endpoint, Attribute::Certificate, Attribute::MessageKey].contains(&fact.said.attribute());
                !published && !matches!(fact.said, FactValue::Status(..) | FactValue::MergedInto(..))
            };
            joined.facts.extend(other.facts.iter().filter(own).cloned());
            joined.licences.extend(other.licences.iter().cloned());
            joined.evidence.extend(other.evidence.iter().cloned());
        }
        joined
    }

    /// Returns the record on a day.
    #[must_use]
    pub fn record_on(&self, date: Date, snapshots: &Snapshots) -> Vasp {
        let on = || self.on(None, date);
        // Only a member can publish these; a register cannot.
        let published = || on().filter(|fact| *fact.origin == *MEMBER);
        let named: BTreeMap<&String, &String> = said!(on(), OtherName).map(|(_, name, kind)| (name, kind)).collect();
        let other_names =
            named.into_iter().map(|(name, kind)| OtherName { name: name.clone(), name_type: kind.clone() }).collect();
        let keys = said!(on(), EntityKey).map(|(_, _, key)| ("entity_key".to_owned(), key.clone()));
        let schemes = said!(on(), Identifier).map(|(_, scheme, value)| (scheme.clone(), value.clone()));
        let identifiers: BTreeSet<(String, String)> = keys.chain(schemes).collect();
        let identifiers = identifiers.into_iter().map(|(scheme, value)| Identifier { scheme, value }).collect();
        let activities: BTreeSet<Activity> = said!(on(), Activity).map(|(_, activity, _)| activity.clone()).collect();
        Vasp {
            id: self.id,
            kind: self.kind,
            status: first(said!(on(), Status)).copied().unwrap_or(VaspStatus::Listed),
            legal_name: first(said!(on(), LegalName)).cloned().unwrap_or_default(),
            other_names,
            country: first(said!(on(), Country)).copied(),
            lei: first(said!(on(), Lei)).copied(),
            lei_status: None,
            identifiers,
            activities: activities.into_iter().collect(),
            contacts: said!(on(), Contact).map(|(_, _, contact)| contact.as_ref().clone()).collect(),
            website: first(said!(on(), Website)).cloned(),
            registered_address: first(said!(on(), RegisteredAddress)).cloned(),
            group: first(said!(on(), Group)).copied(),
            licences: self.licences.iter().map(|anchor| self.licence_on(anchor, date, snapshots)).collect(),
            entries: self.entries_on(date, snapshots),
            domains: self.domains_on(date),
            delegations: self.delegations_on(date).collect(),
            endpoints: said!(published(), Endpoint).map(|(_, _, endpoint)| endpoint.as_ref().clone()).collect(),
            certificates: said!(published(), Certificate).map(|(_, _, certificate)| certificate.as_ref().clone()).collect(),
            keys: said!(published(), MessageKey).map(|(_, _, key)| key.as_ref().clone()).collect(),
            evidence: self.evidence_on(date, snapshots).into(),
        }
    }

    /// Returns the entries in registers whose entries are no licences, on a day.
    fn entries_on(&self, date: Date, snapshots: &Snapshots) -> Vec<RegisterEntry> {
        let listings = self.listings(None);
        let is_licence = |authority: &str| self.licences.iter().any(|anchor| anchor.authority.id == authority);
        let entry = |(fact, authority, _): (&Fact, &String, &String)| {
            let listing = listings.get(&*fact.origin)?;
            let last = sightings(listing, snapshots.get(&*fact.origin)).1;
            let mut numbers =
                said!(self.on(None, date), Identifier).filter(|(of, scheme, _)| of.origin == fact.origin && *scheme == authority);
            listing.shown_in(date).then(|| RegisterEntry {
                authority: authority.clone(),
                registration: None,
                number: numbers.next().map(|(_, _, number)| number.clone()),
                source: Arc::clone(last.map_or(&fact.source, |(_, source)| source)),
                last_seen: last.map(|(day, _)| day),
            })
        };
        let named = said!(self.on(None, date), RegisterName).filter(|(_, authority, _)| !is_licence(authority));
        named.filter_map(entry).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Returns the domains on a day, each once. If several origins name a host, the strongest status applies. Hosts below it are
    /// covered only if the same origin states this.
    fn domains_on(&self, date: Date) -> Vec<VaspDomain> {
        let mut domains: BTreeMap<&str, (DomainStatus, bool)> = BTreeMap::new();
        for (named, host, status) in said!(self.on(None, date), Domain) {
            let mut scopes = said!(self.on(None, date).filter(|fact| fact.origin == named.origin), DomainScope);
            let scope = scopes.find(|(_, of, _)| *of == host).map(|(_, _, scope)| *scope);
            let said = (*status, scope == Some(DomainScope::Subdomains));
            let known = domains.entry(host.as_str()).or_insert(said);
            // A proof is stronger evidence than a name in a register, even if the proof was lost.
            let rank =
                |(status, covers): (DomainStatus, bool)| (status == DomainStatus::Proven, status == DomainStatus::Lost, covers);
            if rank(said) > rank(*known) {
                *known = said;
            }
        }
        let domain = |(domain, (status, covers_subdomains)): (&str, _)| VaspDomain {
            domain: domain.to_owned(),
            status,
            covers_subdomains,
            platform: false,
        };
        domains.into_iter().map(domain).collect()
    }

    /// Returns the delegations on a day. One origin with the status `confirmed` is enough, because only the side that confirms
    /// last gets that status.
    pub fn delegations_on(&self, date: Date) -> impl Iterator<Item = (DelegatedPath, DelegationStatus)> {
        said!(self.on(None, date), Delegation).map(|(_, path, status)| (path.clone(), *status))
    }

    /// Returns the next day after `date` on which the facts change the record.
    #[must_use]
    pub fn next_change(&self, date: Date) -> Option<Date> {
        let stated = |fact: &Fact| match fact.said {
            FactValue::LicenceStart(_, day) | FactValue::LicenceEnd(_, day) => [Some(day), None],
            FactValue::LicenceActivity(_, dates) => [dates.from, dates.to],
            _ => [None, None],
        };
        let days = self.facts.iter().flat_map(|fact| [fact.from, fact.to].into_iter().chain(stated(fact)));
        days.flatten().filter(|day| *day > date).min()
    }

    fn licence_on(&self, anchor: &LicenceAnchor, date: Date, snapshots: &Snapshots) -> Licence {
        let id = Some(anchor.id);
        let on = || self.on(id, date);
        let listings = self.listings(id);
        // If an authority's register shows the licence, the register's facts apply and the member's do not.
        let counts = |f: &&Fact| listings.is_empty() || listings.contains_key(&*f.origin);
        let of_activity = |(_, activity, dates): (&Fact, &Activity, &ActivityDates)| LicensedActivity {
            activity: activity.clone(),
            valid_from: dates.from,
            valid_to: dates.to,
        };
        let mut activities: Vec<LicensedActivity> = said!(on().filter(counts), LicenceActivity).map(of_activity).collect();
        activities.sort_by(|a, b| a.activity.cmp(&b.activity));
        let territories: BTreeSet<_> = said!(on().filter(counts), LicenceTerritory).map(|(_, country, _)| *country).collect();
        let sightings = listings.iter().map(|(origin, listing)| sightings(listing, snapshots.get(*origin)));
        let (first_seen, last_seen) = sightings.fold((None, None), |(first, last): Sighted, (f, l)| {
            (first.into_iter().chain(f).min(), last.into_iter().chain(l).max())
        });
        // One register that shows the licence is enough. If no register knows it, it is not "not listed".
        let is_missing = |listing: &Listing| listing.timeline().value_on(date) == Some(&Shown::NotListed);
        let listed = listings.values().any(|listing| listing.shown_in(date)) || !listings.values().any(is_missing);
        Licence {
            id: anchor.id,
            authority: anchor.authority.clone(),
            regime: anchor.regime.clone(),
            number: first(said!(on(), LicenceNumber)).cloned(),
            activities,
            territories: territories.into_iter().collect(),
            valid_from: first(said!(on(), LicenceStart)).copied(),
            // If several facts differ, the worst one applies.
            valid_to: said!(on(), LicenceEnd).map(|(_, _, day)| *day).min(),
            standing: said!(on(), LicenceStanding).map(|(_, _, standing)| *standing).max().unwrap_or_default(),
            listed,
            source: last_seen.map_or_else(|| self.licence_source(id), |(_, source)| Arc::clone(source)),
            first_seen: first_seen.map(|(day, _)| day),
            last_seen: last_seen.map(|(day, _)| day),
        }
    }

    /// Returns the source page of a licence that no register shows.
    fn licence_source(&self, licence: Option<LicenceId>) -> Arc<str> {
        self.facts.iter().find(|f| f.licence == licence).map_or_else(Arc::default, |f| Arc::clone(&f.source))
    }

    /// Returns the evidence of each attribute: the source of its value, and when that source last confirmed it. A source that
    /// contradicts the record is no evidence for it.
    fn evidence_on(&self, date: Date, snapshots: &Snapshots) -> Vec<Evidence> {
        let listings = self.listings(None);
        let last_seen = listings.iter().map(|(origin, listing)| (*origin, sightings(listing, snapshots.get(*origin)).1));
        let last_seen: BTreeMap<&str, Sighting<'_>> = last_seen.collect();
        let on = || self.on(None, date);
        let (name, country) = (first(said!(on(), LegalName)), first(said!(on(), Country)));
        let (lei, website) = (first(said!(on(), Lei)), first(said!(on(), Website)));
        let shows = |f: &&Fact| match &f.said {
            FactValue::LegalName(_, said) => name == Some(said),
            FactValue::Country(_, said) => country == Some(said),
            FactValue::Lei(_, said) => lei == Some(said),
            FactValue::Website(_, said) => website == Some(said),
            _ => true,
        };
        let recorded = |attribute: &str| self.evidence.iter().any(|e| e.attribute == attribute);
        let mut evidence: Vec<Evidence> = self
            .on(None, date)
            .filter(|f| f.said.attribute().is_evident())
            .filter(shows)
            // If evidence was recorded for an approved attribute, that evidence replaces the general one.
            .filter(|f| ![REGISTRY, MEMBER].contains(&&*f.origin) || !recorded(f.said.attribute().member()))
            .map(|f| {
                let confirmed = last_seen.get(&*f.origin).copied().flatten();
                Evidence {
                    attribute: f.said.attribute().as_str().into(),
                    method: method(&f.origin).into(),
                    source: Arc::clone(confirmed.map_or(&f.source, |(_, source)| source)),
                    verified_at: confirmed.map(|(day, _)| day).or(f.from).map(Date::start),
                    expires_at: None,
                }
            })
            .collect();
        evidence.extend(self.evidence.iter().map(|e| Evidence {
            attribute: e.attribute.clone().into(),
            method: e.method.clone().into(),
            source: Arc::clone(&e.source),
            verified_at: Some(e.verified_at),
            expires_at: e.expires_at,
        }));
        evidence.sort();
        evidence.dedup();
        evidence
    }
}

/// A snapshot that shows a record: its day and file.
type Sighting<'a> = Option<(Date, &'a Arc<str>)>;
type Sighted<'a> = (Sighting<'a>, Sighting<'a>);

/// Returns the first and the last snapshot that show a record.
fn sightings<'a>(listing: &Listing, read: Option<&'a Vec<Reading>>) -> Sighted<'a> {
    let [first, last] = listing.sightings(read.map_or(&[][..], Vec::as_slice));
    let sighting = |seen: Option<&'a Reading>| seen.map(|one| (one.day, &one.source));
    (sighting(first), sighting(last))
}

#[cfg(test)]
mod tests;
