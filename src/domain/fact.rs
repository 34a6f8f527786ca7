//! Facts: single attributes of a VASP or of one of its licences, each with valid time, and the record that they make up
//! on a day. What the store keeps are facts; what readers see are records.

use std::collections::BTreeMap;

use super::country::Country;
use super::delegation::{DelegatedPath, DelegationStatus};
use super::elsewhere::Elsewhere;
use super::ids::{LicenceId, VaspId};
use super::lei::Lei;
use super::licence::{Activity, Authority, Licence, LicensedActivity, PublishedStanding};
use super::time::Date;
use super::timeline::{LISTED, Listing, NOT_LISTED, Piece, Timeline};
use super::vasp::{DomainScope, DomainStatus, Evidence, Identifier, OtherName, Vasp, VaspDomain, VaspKind, VaspStatus};
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, IntoDeserializer};

macro_rules! attributes {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// What a fact is about. The text of an attribute is stored and never renamed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Attribute { $($(#[$doc])* $name,)* }

        impl Attribute {
            /// Returns the stored text.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Returns the attribute of a stored text.
            #[must_use]
            pub fn from_text(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$name),)* _ => None }
            }
        }
    };
}

attributes! {
    /// Lifecycle status.
    Status = "status";
    /// Registered name; of a group its brand.
    LegalName = "legal_name";
    /// Item: the name; value: its type.
    OtherName = "other_name";
    /// Country of incorporation.
    Country = "country";
    /// Legal Entity Identifier.
    Lei = "lei";
    /// Website as the source wrote it.
    Website = "website";
    /// Registered address as the source wrote it.
    RegisteredAddress = "registered_address";
    /// Id of the group.
    Group = "group";
    /// Item: host; value: how far it is proven.
    Domain = "domain";
    /// Item: host; value: whether hosts below it count, as the origin that proved it says.
    DomainScope = "domain_scope";
    /// Item: host and path prefix; value: how far the platform and the VASP confirm it.
    Delegation = "delegation";
    /// Item: authority; value: normalised name. Only for matching entities without an LEI.
    RegisterName = "register_name";
    /// Key of a group in lists of labels.
    EntityKey = "entity_key";
    /// Whether the register's snapshots show it (`listed`, `not_listed`).
    Listing = "listing";
    /// First day of a licence, as published.
    LicenceStart = "licence_start";
    /// End of a licence, as published (exclusive).
    LicenceEnd = "licence_end";
    /// The authority's own number.
    LicenceNumber = "licence_number";
    /// Published standing other than granted.
    LicenceStanding = "licence_standing";
    /// Item: activity; value: its dates as `from/to`, empty where not published.
    LicenceActivity = "licence_activity";
    /// Item: country where it may be used.
    LicenceTerritory = "licence_territory";
}

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
            Attribute::Group => value.parse::<VaspId>().is_ok(),
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
            | Attribute::LicenceNumber => true,
        }
    }
}

/// How a fact of this origin was learnt.
fn method(origin: &str) -> &'static str {
    match origin {
        "claims-csv" => "address_label_list",
        "group-links" => "register_website",
        _ => "register_import",
    }
}

impl VaspFacts {
    fn on(&self, licence: Option<LicenceId>, date: Date) -> impl Iterator<Item = &Fact> {
        self.facts.iter().filter(move |f| f.licence == licence && f.piece.covers(date))
    }

    fn value(&self, licence: Option<LicenceId>, attribute: Attribute, date: Date) -> Option<&str> {
        self.on(licence, date).find(|f| f.attribute == attribute).map(|f| f.piece.value.as_str())
    }

    /// The listings of the VASP itself or of one licence, one a register that shows it.
    fn listings(&self, licence: Option<LicenceId>) -> BTreeMap<&str, Listing> {
        let mut pieces: BTreeMap<&str, Vec<Piece>> = BTreeMap::new();
        for fact in self.facts.iter().filter(|f| f.licence == licence && f.attribute == Attribute::Listing) {
            pieces.entry(fact.origin.as_str()).or_default().push(fact.piece.clone());
        }
        pieces.into_iter().map(|(origin, pieces)| (origin, Listing::new(Timeline::new(pieces)))).collect()
    }

    /// Returns the record on a day.
    #[must_use]
    pub fn record_on(&self, date: Date, snapshots: &Snapshots) -> Vasp {
        let own = |attribute| self.value(None, attribute, date);
        let items = |attribute| self.on(None, date).filter(move |f| f.attribute == attribute);
        let other_names =
            items(Attribute::OtherName).map(|f| OtherName { name: f.item.clone(), name_type: f.piece.value.clone() }).collect();
        let identifiers = items(Attribute::EntityKey)
            .map(|f| Identifier { scheme: "entity_key".to_owned(), value: f.piece.value.clone() })
            .collect();
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
            website: own(Attribute::Website).map(str::to_owned),
            registered_address: own(Attribute::RegisteredAddress).map(str::to_owned),
            group: own(Attribute::Group).and_then(|g| g.parse().ok()),
            licences: self.licences.iter().map(|anchor| self.licence_on(anchor, date, snapshots)).collect(),
            domains: self.domains_on(date),
            evidence: self.evidence_on(date, snapshots),
            elsewhere: Elsewhere::default(),
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
        let mut activities: Vec<LicensedActivity> = self
            .on(id, date)
            .filter(|f| f.attribute == Attribute::LicenceActivity)
            .filter_map(|f| {
                let (activity, (valid_from, valid_to)) = (f.item.parse().ok()?, read_activity_dates(&f.piece.value)?);
                Some(LicensedActivity { activity, valid_from, valid_to })
            })
            .collect();
        activities.sort_by(|a, b| a.activity.cmp(&b.activity));
        let mut territories: Vec<_> = self
            .on(id, date)
            .filter(|f| f.attribute == Attribute::LicenceTerritory)
            .filter_map(|f| f.item.parse().ok())
            .collect();
        territories.sort();
        let listings = self.listings(id);
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
            territories,
            valid_from: own(Attribute::LicenceStart).and_then(|d| d.parse().ok()),
            valid_to: own(Attribute::LicenceEnd).and_then(|d| d.parse().ok()),
            standing: own(Attribute::LicenceStanding).and_then(word).unwrap_or_default(),
            listed,
            source: last_seen.map(|(_, source)| source.to_owned()).unwrap_or_default(),
            first_seen: first_seen.map(|(day, _)| day),
            last_seen: last_seen.map(|(day, _)| day),
        }
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
            )
        };
        let mut evidence: Vec<Evidence> = self
            .on(None, date)
            .filter(|f| shown(f.attribute))
            .map(|f| {
                let listing = listings.get(f.origin.as_str());
                let confirmed = listing.and_then(|listing| sightings(listing, snapshots.get(&f.origin)).1);
                Evidence {
                    attribute: f.attribute.as_str().to_owned(),
                    method: method(&f.origin).to_owned(),
                    source: confirmed.map_or(f.source.as_str(), |(_, source)| source).to_owned(),
                    verified_on: confirmed.map(|(day, _)| day).or(f.piece.from),
                    expires_on: None,
                }
            })
            .collect();
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

/// Returns the JSON pointer into a record at which a fact shows, for its history.
///
/// Source: RFC 6901 for the escapes.
#[must_use]
pub fn pointer(licence: Option<LicenceId>, attribute: Attribute, item: &str) -> String {
    let item = item.replace('~', "~0").replace('/', "~1");
    let place = match attribute {
        Attribute::OtherName => format!("other_names/{item}"),
        Attribute::Domain => format!("domains/{item}"),
        Attribute::DomainScope => format!("domains/{item}/covers_subdomains"),
        Attribute::Delegation => format!("delegations/{item}"),
        Attribute::EntityKey => "identifiers/entity_key".to_owned(),
        Attribute::RegisterName => format!("register_names/{item}"),
        Attribute::LicenceStart => "valid_from".to_owned(),
        Attribute::LicenceEnd => "valid_to".to_owned(),
        Attribute::LicenceNumber => "number".to_owned(),
        Attribute::LicenceStanding => "standing".to_owned(),
        Attribute::LicenceActivity => format!("activities/{item}"),
        Attribute::LicenceTerritory => format!("territories/{item}"),
        Attribute::Listing
        | Attribute::Status
        | Attribute::LegalName
        | Attribute::Country
        | Attribute::Lei
        | Attribute::Website
        | Attribute::RegisteredAddress
        | Attribute::Group => attribute.as_str().to_owned(),
    };
    licence.map_or_else(|| format!("/{place}"), |id| format!("/licences/{id}/{place}"))
}

#[cfg(test)]
mod tests;
