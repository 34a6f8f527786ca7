//! Facts: single attributes of a VASP or of one of its licences, each with valid time, and the record that they make up
//! on a day. What the store keeps are facts; what readers see are records.

use std::collections::{BTreeMap, BTreeSet};

use super::certificate::PublishedCertificate;
use super::delegation::{DelegatedPath, DelegationStatus};
use super::endpoint::Endpoint;
use super::licence::{Activity, Authority, Licence, LicensedActivity, PublishedStanding};
use super::message_key::MessageKey;
use super::screening_decision::{PairKey, ScreeningDecision};
use super::submission::Contact;
use super::timeline::{LISTED, Listing, NOT_LISTED, Piece, Timeline};
use super::vasp::{DomainScope, DomainStatus, Evidence, Identifier, OtherName, Vasp, VaspDomain, VaspKind, VaspStatus};
use vasp_words::country::Country;
use vasp_words::ids::{LicenceId, VaspId};
use vasp_words::lei::Lei;
use vasp_words::time::Date;
mod attribute;
mod recorded;

pub use attribute::{Attribute, pointer};
pub use recorded::{MEMBER, REGISTRY, RecordedEvidence, origin_rank};

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, IntoDeserializer};

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The licence it belongs to; none for the VASP itself.
    pub licence: Option<LicenceId>,
    /// Who says so: a register, a list, a member.
    pub origin: String,
    /// Which attribute.
    pub attribute: Attribute,
    /// Which of several.
    pub item: String,
    /// Value and the days it holds for.
    pub piece: Piece,
    /// File or page.
    pub source: String,
}

/// A licence's unchanging part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenceAnchor {
    /// Public id.
    pub id: LicenceId,
    /// Who granted it.
    pub authority: Authority,
    /// Legal regime.
    pub regime: String,
}

/// Everything known of one VASP at one sequence.
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
    /// What was recorded for single attributes.
    pub evidence: Vec<RecordedEvidence>,
}

/// The snapshots read of each register: day and file, in order of days.
pub type Snapshots = BTreeMap<String, Vec<(Date, String)>>;

/// Writes an activity's dates as its fact's value.
#[must_use]
pub fn activity_dates(from: Option<Date>, to: Option<Date>) -> String {
    let text = |date: Option<Date>| date.map(|d| d.to_string()).unwrap_or_default();
    format!("{}/{}", text(from), text(to))
}

fn read_activity_dates(value: &str) -> Option<(Option<Date>, Option<Date>)> {
    let day = |text: &str| if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) };
    let (from, to) = value.split_once('/')?;
    Some((day(from)?, day(to)?))
}

/// Reads a word of a closed list as its type writes it.
fn word<T: DeserializeOwned>(text: &str) -> Option<T> {
    let text: StrDeserializer<'_, serde::de::value::Error> = text.into_deserializer();
    T::deserialize(text).ok()
}

impl Fact {
    /// Tells whether what the fact says can be read. A record shows the unreadable as absent, and an absent end of a licence
    /// or an absent revocation is a wrong "yes": whoever takes facts from outside refuses them first.
    #[must_use]
    pub fn is_readable(&self) -> bool {
        let (item, value) = (self.item.as_str(), self.piece.value.as_str());
        match self.attribute {
            Attribute::Status => word::<VaspStatus>(value).is_some(),
            Attribute::Country => value.parse::<Country>().is_ok(),
            Attribute::Lei => value.parse::<Lei>().is_ok(),
            Attribute::Group | Attribute::MergedInto => value.parse::<VaspId>().is_ok(),
            Attribute::Activity => item.parse::<Activity>().is_ok(),
            Attribute::Contact => serde_json::from_str::<Contact>(value).is_ok(),
            Attribute::Endpoint => serde_json::from_str::<Endpoint>(value).is_ok(),
            Attribute::Certificate => serde_json::from_str::<PublishedCertificate>(value).is_ok(),
            Attribute::MessageKey => serde_json::from_str::<MessageKey>(value).is_ok(),
            Attribute::ScreeningDecision => {
                item.parse::<PairKey>().is_ok() && serde_json::from_str::<ScreeningDecision>(value).is_ok()
            }
            Attribute::Domain => word::<DomainStatus>(value).is_some(),
            Attribute::DomainScope => word::<DomainScope>(value).is_some(),
            Attribute::Delegation => item.parse::<DelegatedPath>().is_ok() && word::<DelegationStatus>(value).is_some(),
            Attribute::Listing => [LISTED, NOT_LISTED].contains(&value),
            Attribute::LicenceStart | Attribute::LicenceEnd => value.parse::<Date>().is_ok(),
            Attribute::LicenceStanding => word::<PublishedStanding>(value).is_some(),
            Attribute::LicenceActivity => item.parse::<Activity>().is_ok() && read_activity_dates(value).is_some(),
            Attribute::LicenceTerritory => item.parse::<Country>().is_ok(),
            Attribute::LegalName
            | Attribute::OtherName
            | Attribute::Website
            | Attribute::RegisteredAddress
            | Attribute::RegisterName
            | Attribute::EntityKey
            | Attribute::Identifier
            | Attribute::LicenceNumber => true,
        }
    }
}

/// Reads what a member published; whatever else says so, no register can.
fn published<T: DeserializeOwned>(fact: &Fact) -> Option<T> {
    serde_json::from_str(&fact.piece.value).ok().filter(|_| fact.origin == MEMBER)
}

/// How a fact of this origin was learnt.
fn method(origin: &str) -> &'static str {
    match origin {
        "claims-csv" => "address_label_list",
        "group-links" => "register_website",
        REGISTRY | MEMBER => "member_statement",
        _ => "register_import",
    }
}

impl VaspFacts {
    fn on(&self, licence: Option<LicenceId>, date: Date) -> impl Iterator<Item = &Fact> {
        self.facts.iter().filter(move |f| f.licence == licence && f.piece.covers(date))
    }

    fn value(&self, licence: Option<LicenceId>, attribute: Attribute, date: Date) -> Option<&str> {
        let said = self.on(licence, date).filter(|f| f.attribute == attribute);
        said.min_by_key(|f| origin_rank(&f.origin, licence.is_some())).map(|f| f.piece.value.as_str())
    }

    /// Returns the record that this one turned out to be.
    #[must_use]
    pub fn merged_into(&self, date: Date) -> Option<VaspId> {
        self.value(None, Attribute::MergedInto, date).and_then(|id| id.parse().ok())
    }

    /// The listings of the VASP itself or of one licence, one a register that shows it.
    fn listings(&self, licence: Option<LicenceId>) -> BTreeMap<&str, Listing> {
        let mut pieces: BTreeMap<&str, Vec<Piece>> = BTreeMap::new();
        for fact in self.facts.iter().filter(|f| f.licence == licence && f.attribute == Attribute::Listing) {
            pieces.entry(fact.origin.as_str()).or_default().push(fact.piece.clone());
        }
        pieces.into_iter().map(|(origin, pieces)| (origin, Listing::new(Timeline::new(pieces)))).collect()
    }

    /// Returns these facts with those of records that turned out to be this one: what this one says itself counts first, and
    /// where it stands in its life is its own.
    #[must_use]
    pub fn with_merged<'a>(&self, others: impl Iterator<Item = &'a Self>) -> Self {
        let mut joined = self.clone();
        for other in others {
            // Nor do its endpoints, certificates and keys count any more: who published them no longer speaks for a record.
            let own = |fact: &&Fact| {
                let published = [Attribute::Endpoint, Attribute::Certificate, Attribute::MessageKey].contains(&fact.attribute);
                !published && !matches!(fact.attribute, Attribute::Status | Attribute::MergedInto)
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
        let own = |attribute| self.value(None, attribute, date);
        let items = |attribute| self.on(None, date).filter(move |f| f.attribute == attribute);
        let named: BTreeMap<&str, &str> =
            items(Attribute::OtherName).map(|f| (f.item.as_str(), f.piece.value.as_str())).collect();
        let other_names =
            named.into_iter().map(|(name, kind)| OtherName { name: name.to_owned(), name_type: kind.to_owned() }).collect();
        let keys = items(Attribute::EntityKey).map(|f| ("entity_key".to_owned(), f.piece.value.clone()));
        let schemes = items(Attribute::Identifier).map(|f| (f.item.clone(), f.piece.value.clone()));
        let identifiers: BTreeSet<(String, String)> = keys.chain(schemes).collect();
        let identifiers = identifiers.into_iter().map(|(scheme, value)| Identifier { scheme, value }).collect();
        let activities: BTreeSet<Activity> = items(Attribute::Activity).filter_map(|f| f.item.parse().ok()).collect();
        let endpoints = items(Attribute::Endpoint).filter_map(published).collect();
        let certificates = items(Attribute::Certificate).filter_map(published).collect();
        let keys = items(Attribute::MessageKey).filter_map(published).collect();
        let contacts = items(Attribute::Contact).filter_map(|f| serde_json::from_str(&f.piece.value).ok()).collect();
        Vasp {
            id: self.id,
            kind: self.kind,
            status: own(Attribute::Status).and_then(word).unwrap_or(VaspStatus::Listed),
            legal_name: own(Attribute::LegalName).unwrap_or_default().to_owned(),
            other_names,
            country: own(Attribute::Country).and_then(|c| c.parse().ok()),
            lei: own(Attribute::Lei).and_then(|l| l.parse().ok()),
            lei_status: None,
            identifiers,
            activities: activities.into_iter().collect(),
            contacts,
            website: own(Attribute::Website).map(str::to_owned),
            registered_address: own(Attribute::RegisteredAddress).map(str::to_owned),
            group: own(Attribute::Group).and_then(|g| g.parse().ok()),
            licences: self.licences.iter().map(|anchor| self.licence_on(anchor, date, snapshots)).collect(),
            domains: self.domains_on(date),
            delegations: self.delegations_on(date).collect(),
            endpoints,
            certificates,
            keys,
            evidence: self.evidence_on(date, snapshots),
        }
    }

    /// The domains named on a day, each once: of what several origins say of a host the strongest counts, and hosts below it
    /// only where the same origin says so.
    fn domains_on(&self, date: Date) -> Vec<VaspDomain> {
        let mut domains: BTreeMap<&str, (DomainStatus, bool)> = BTreeMap::new();
        for named in self.on(None, date).filter(|f| f.attribute == Attribute::Domain) {
            let covers = |f: &Fact| (f.attribute, &f.origin, &f.item) == (Attribute::DomainScope, &named.origin, &named.item);
            let scope = self.on(None, date).find(|f| covers(f)).and_then(|f| word(&f.piece.value));
            let said = (word(&named.piece.value).unwrap_or(DomainStatus::Unproven), scope == Some(DomainScope::Subdomains));
            let known = domains.entry(named.item.as_str()).or_insert(said);
            // A proof, also one that was lost, says more than a name in a register.
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

    /// Returns the delegations on a day; one origin's confirmation is enough, since only the last of both sides is told so.
    pub fn delegations_on(&self, date: Date) -> impl Iterator<Item = (DelegatedPath, DelegationStatus)> {
        let named = self.on(None, date).filter(|f| f.attribute == Attribute::Delegation);
        named.filter_map(|f| Some((f.item.parse().ok()?, word(&f.piece.value)?)))
    }

    /// Returns the next day after `date` on which the record reads differently, as far as the facts tell.
    #[must_use]
    pub fn next_change(&self, date: Date) -> Option<Date> {
        let stated = |fact: &Fact| match fact.attribute {
            Attribute::LicenceStart | Attribute::LicenceEnd => [fact.piece.value.parse().ok(), None],
            Attribute::LicenceActivity => read_activity_dates(&fact.piece.value).map_or([None; 2], Into::into),
            _ => [None, None],
        };
        let days = self.facts.iter().flat_map(|fact| [fact.piece.from, fact.piece.to].into_iter().chain(stated(fact)));
        days.flatten().filter(|day| *day > date).min()
    }

    fn licence_on(&self, anchor: &LicenceAnchor, date: Date, snapshots: &Snapshots) -> Licence {
        let id = Some(anchor.id);
        let own = |attribute| self.value(id, attribute, date);
        let said = |attribute| self.on(id, date).filter(move |f| f.attribute == attribute).map(|f| f.piece.value.as_str());
        let listings = self.listings(id);
        // Where an authority's register shows the licence, its word counts, not also the member's.
        let counts = |f: &&Fact| listings.is_empty() || listings.contains_key(f.origin.as_str());
        let mut activities: Vec<LicensedActivity> = self
            .on(id, date)
            .filter(|f| f.attribute == Attribute::LicenceActivity)
            .filter(counts)
            .filter_map(|f| {
                let (activity, (valid_from, valid_to)) = (f.item.parse().ok()?, read_activity_dates(&f.piece.value)?);
                Some(LicensedActivity { activity, valid_from, valid_to })
            })
            .collect();
        activities.sort_by(|a, b| a.activity.cmp(&b.activity));
        let territories: BTreeSet<_> = self
            .on(id, date)
            .filter(|f| f.attribute == Attribute::LicenceTerritory)
            .filter(counts)
            .filter_map(|f| f.item.parse().ok())
            .collect();
        let sightings = listings.iter().map(|(origin, listing)| sightings(listing, snapshots.get(*origin)));
        let (first_seen, last_seen) = sightings.fold((None, None), |(first, last): Sighted, (f, l)| {
            (first.into_iter().chain(f).min(), last.into_iter().chain(l).max())
        });
        // Shown by one register is shown; unknown to all says nothing.
        let says = |word| listings.values().any(|listing| listing.timeline().value_on(date) == Some(word));
        let listed = says(LISTED) || !says(NOT_LISTED);
        Licence {
            id: anchor.id,
            authority: anchor.authority.clone(),
            regime: anchor.regime.clone(),
            number: own(Attribute::LicenceNumber).map(str::to_owned),
            activities,
            territories: territories.into_iter().collect(),
            valid_from: own(Attribute::LicenceStart).and_then(|d| d.parse().ok()),
            // The worst of what several say.
            valid_to: said(Attribute::LicenceEnd).filter_map(|d| d.parse().ok()).min(),
            standing: said(Attribute::LicenceStanding).filter_map(word).max().unwrap_or_default(),
            listed,
            source: last_seen.map_or_else(|| self.licence_source(id), |(_, source)| source.to_owned()),
            first_seen: first_seen.map(|(day, _)| day),
            last_seen: last_seen.map(|(day, _)| day),
        }
    }

    /// The page that a licence is told from where no register shows it.
    fn licence_source(&self, licence: Option<LicenceId>) -> String {
        self.facts.iter().find(|f| f.licence == licence).map(|f| f.source.clone()).unwrap_or_default()
    }

    /// One line an attribute: where its value comes from and when that source last confirmed it.
    fn evidence_on(&self, date: Date, snapshots: &Snapshots) -> Vec<Evidence> {
        let listings = self.listings(None);
        let shown = |attribute: Attribute| {
            !matches!(
                attribute,
                Attribute::Listing
                    | Attribute::RegisterName
                    | Attribute::Status
                    | Attribute::EntityKey
                    | Attribute::DomainScope
                    | Attribute::Delegation
                    | Attribute::Contact
                    | Attribute::Endpoint
                    | Attribute::Certificate
                    | Attribute::MessageKey
                    | Attribute::ScreeningDecision
                    | Attribute::MergedInto
            )
        };
        let recorded = |attribute: &str| self.evidence.iter().any(|e| e.attribute == attribute);
        let mut evidence: Vec<Evidence> = self
            .on(None, date)
            .filter(|f| shown(f.attribute))
            // What the registry approved is believed for what was recorded, where something was.
            .filter(|f| ![REGISTRY, MEMBER].contains(&f.origin.as_str()) || !recorded(f.attribute.as_str()))
            .map(|f| {
                let listing = listings.get(f.origin.as_str());
                let confirmed = listing.and_then(|listing| sightings(listing, snapshots.get(&f.origin)).1);
                Evidence {
                    attribute: f.attribute.as_str().to_owned(),
                    method: method(&f.origin).to_owned(),
                    source: confirmed.map_or(f.source.as_str(), |(_, source)| source).to_owned(),
                    verified_at: confirmed.map(|(day, _)| day).or(f.piece.from).map(Date::start),
                    expires_at: None,
                }
            })
            .collect();
        evidence.extend(self.evidence.iter().map(|e| Evidence {
            attribute: e.attribute.clone(),
            method: e.method.clone(),
            source: e.source.clone(),
            verified_at: Some(e.verified_at),
            expires_at: e.expires_at,
        }));
        evidence.sort();
        evidence.dedup();
        evidence
    }
}

/// A snapshot that showed a record: its day and file.
type Sighting<'a> = Option<(Date, &'a str)>;
type Sighted<'a> = (Sighting<'a>, Sighting<'a>);

/// Returns the first and the last snapshot that showed a record.
fn sightings<'a>(listing: &Listing, read: Option<&'a Vec<(Date, String)>>) -> Sighted<'a> {
    let read = read.map_or(&[][..], Vec::as_slice);
    let days: Vec<Date> = read.iter().map(|(day, _)| *day).collect();
    let file = |seen: Option<Date>| read.iter().find(|(day, _)| Some(*day) == seen).map(|(day, file)| (*day, file.as_str()));
    let (first, last) = listing.sightings(&days);
    (file(first), file(last))
}

#[cfg(test)]
mod tests;
