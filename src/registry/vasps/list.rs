//! Lists VASPs by a search text and by the content of their records. It works from memory. A position stays valid when the directory
//! changes: it holds the last record seen and how well that matched, not an index.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::VaspAnswer;
use crate::directory::{Generation, Hit, Records};
use crate::node::{Page, Registry, ServiceError, invalid};
use vasp_addresses::network::{Network, NetworkTable};
use vasp_record::authority::Authorities;
use vasp_record::claim::Reader;
use vasp_record::licence::LicenceStatus;
use vasp_record::search::{MatchKind, MatchedField, Score, SearchQuery};
use vasp_record::vasp::{Vasp, VaspKind, VaspStatus};
use vasp_rules::protocol::{ProtocolId, Protocols};
use vasp_words::country::Country;
use vasp_words::host::Host;
use vasp_words::ids::VaspId;
use vasp_words::lei::Lei;
use vasp_words::time::UtcTime;

/// Selects VASPs. Every member narrows the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VaspFilter {
    /// A name or a part of it, a domain, an LEI, an identifier or an id.
    pub q: Option<String>,
    /// Country of incorporation.
    pub country: Option<Country>,
    /// The status of the record.
    pub status: Option<VaspStatus>,
    /// Entity or group.
    pub kind: Option<VaspKind>,
    /// A Travel Rule protocol for which it has a usable endpoint.
    pub protocol: Option<String>,
    /// Id of an authority that licensed it.
    pub authority: Option<String>,
    /// The regime of a licence.
    pub regime: Option<String>,
    /// A network on which it owns claims.
    pub network: Option<String>,
    /// Its LEI.
    pub lei: Option<Lei>,
    /// A domain of its own, in Unicode or A-labels.
    pub domain: Option<Host>,
    /// An identifier of its own.
    pub identifier: Option<WantedIdentifier>,
    /// Only records that changed at or after this time.
    pub updated_since: Option<UtcTime>,
}

/// An identifier as a caller writes it: `scheme:value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedIdentifier {
    scheme: String,
    value: String,
}

impl FromStr for WantedIdentifier {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some((scheme, value)) if !scheme.is_empty() && !value.is_empty() => {
                Ok(Self { scheme: scheme.to_owned(), value: value.to_owned() })
            }
            _ => Err("an identifier is written as `scheme:value`, for example `entity_key:1234`"),
        }
    }
}

impl WantedIdentifier {
    /// Returns whether a record has it. Capitals do not matter.
    fn is_of(&self, record: &Vasp) -> bool {
        let same = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
        record.identifiers.iter().any(|known| same(&known.scheme, &self.scheme) && same(&known.value, &self.value))
    }
}

/// A position in the list: the last record seen and, in a search, how it matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VaspPosition {
    /// The record.
    pub id: VaspId,
    /// How well it matched, and which field matched. `None` without a search.
    pub matched: Option<(Score, MatchedField)>,
}

/// The part of a record that matched a search, and how it matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaspMatch {
    /// The field that matched.
    pub field: MatchedField,
    /// The text that matched, as the record has it.
    pub text: String,
    /// The kind of match.
    pub kind: MatchKind,
    /// The score of the match.
    pub score: Score,
}

/// A VASP in a list.
#[derive(Clone, Debug)]
pub struct ListedVasp {
    /// The record.
    pub answer: VaspAnswer,
    /// Why it is in the list. `None` without a search.
    pub matched: Option<VaspMatch>,
}

/// Returns one page of the matching VASPs, after a position. In a search the best matches come first; otherwise the list is sorted by
/// id.
///
/// # Errors
/// `ServiceError::Invalid` if a value can match nothing; the message says what would be correct. Also `Directory`.
pub fn list_vasps(
    registry: &Registry,
    filter: &VaspFilter,
    after: Option<&VaspPosition>,
    limit: usize,
    reader: Reader,
    now: UtcTime,
) -> Result<(Arc<Generation>, Page<ListedVasp, VaspPosition>), ServiceError> {
    let generation = registry.pin(now);
    let filter = Filter::read(filter, &generation, reader, now)?;
    let found = filter.found(after)?;
    let page = Page::of(found, limit, |(hit, record)| VaspPosition {
        id: record.id,
        matched: hit.as_ref().map(|hit| (hit.score, hit.field)),
    });
    let listed = |(hit, record): Found<'_>| ListedVasp {
        answer: VaspAnswer::of(Arc::clone(&generation), Arc::clone(record), true, now),
        matched: hit.map(|hit| VaspMatch::of(&hit, generation.records())),
    };
    let page = Page { items: page.items.into_iter().map(listed).collect(), next: page.next };
    Ok((generation, page))
}

fn read_q(q: &str) -> Result<SearchQuery, ServiceError> {
    SearchQuery::read(q).map_err(|error| {
        let detail = format!("`{}` cannot be used for a search: {error}", cut(q));
        invalid("?q", "invalid_value", detail)
    })
}

/// Reads a network by CAIP-2 id or another name.
fn read_network(text: &str) -> Result<&'static Network, ServiceError> {
    NetworkTable::embedded().read_name(text, None).map_err(|error| invalid("?network", error.code(), error.to_string()))
}

fn read_protocol(text: &str, known: &Protocols) -> Result<ProtocolId, ServiceError> {
    text.parse().ok().filter(|id| known.get(id).is_some()).ok_or_else(|| {
        let ids: Vec<&str> = known.iter().map(|protocol| protocol.id.as_str()).collect();
        let detail = format!("the registry does not know the protocol `{}`; it knows {}", cut(text), ids.join(", "));
        invalid("?protocol", "unknown_protocol", detail)
    })
}

fn check_authority(id: &str, known: &Authorities) -> Result<(), ServiceError> {
    if known.get(id).is_some() {
        return Ok(());
    }
    let country = id.get(..2).unwrap_or_default();
    let ids = known.iter().map(|authority| authority.id.as_str()).filter(|known| known.starts_with(country));
    let near = ids.take(5).collect::<Vec<_>>().join(", ");
    let near = if near.is_empty() { "such as DE-BAFIN".to_owned() } else { format!("known are {near}") };
    let detail = format!("`{}` is not the id of a known authority; {near}", cut(id));
    Err(invalid("?authority", "invalid_value", detail))
}

fn cut(text: &str) -> String {
    text.chars().take(40).collect()
}

/// A filter whose values were checked.
struct Filter<'a> {
    asked: &'a VaspFilter,
    generation: &'a Generation,
    owners: Option<BTreeSet<i64>>,
    /// The records that have the wanted LEI and the wanted domain.
    named: Option<BTreeSet<VaspId>>,
    protocol: Option<ProtocolId>,
    now: UtcTime,
}

/// A record and, in a search, how it matched.
type Found<'a> = (Option<Hit>, &'a Arc<Vasp>);

impl<'a> Filter<'a> {
    fn read(asked: &'a VaspFilter, generation: &'a Generation, reader: Reader, now: UtcTime) -> Result<Self, ServiceError> {
        let authorities = &generation.documents().authorities.value.table;
        asked.authority.as_deref().map(|id| check_authority(id, authorities)).transpose()?;
        let network = asked.network.as_deref().map(read_network).transpose()?;
        let protocol = asked.protocol.as_deref().map(|text| read_protocol(text, &generation.documents().protocols.value));
        let owners = network.map(|network| generation.owners(network, reader));
        let records = generation.records();
        let by_lei = asked.lei.map(|lei| records.with_lei(lei).map(|record| record.id).collect::<BTreeSet<_>>());
        let by_domain = asked.domain.as_ref().map(|host| records.with_domain(host).map(|(record, _)| record.id).collect());
        let named = match (by_lei, by_domain) {
            (Some(one), Some(other)) => Some(one.intersection(&other).copied().collect()),
            (one, other) => one.or(other),
        };
        Ok(Self { asked, generation, owners, named, protocol: protocol.transpose()?, now })
    }

    /// Iterates over the matching records after a position, in the list's order.
    fn found(&'a self, after: Option<&'a VaspPosition>) -> Result<Box<dyn Iterator<Item = Found<'a>> + 'a>, ServiceError> {
        let records = self.generation.records();
        let query = self.asked.q.as_deref().map(read_q).transpose()?;
        if after.is_some_and(|last| last.matched.is_some() != query.is_some()) {
            let detail = "the cursor belongs to another search; send the same `q`, or start again without a cursor";
            return Err(invalid("?cursor", "invalid_value", detail.to_owned()));
        }
        let Some(query) = query else {
            let passed = move |record: &&Arc<Vasp>| after.is_none_or(|last| record.id > last.id);
            let rest = records.iter().filter(passed).filter(|record| self.fits(record));
            return Ok(Box::new(rest.map(|record| (None, record))));
        };
        let searched_alone = *self.asked == VaspFilter { q: self.asked.q.clone(), ..VaspFilter::default() };
        let hits = records.search().find(&query, |id| searched_alone || records.get(id).is_some_and(|record| self.fits(record)));
        let after = after.and_then(|last| last.matched.map(|(score, field)| (Reverse(score), field, last.id)));
        let rest = hits.into_iter().filter(move |hit| after.is_none_or(|last| hit.rank() > last));
        Ok(Box::new(rest.filter_map(|hit| records.get(hit.vasp).map(|record| (Some(hit), record)))))
    }

    fn fits(&self, record: &Vasp) -> bool {
        let asked = self.asked;
        let known = || self.generation.known(record.id);
        self.named.as_ref().is_none_or(|named| named.contains(&record.id))
            && asked.identifier.as_ref().is_none_or(|wanted| wanted.is_of(record))
            && asked.country.is_none_or(|country| record.country == Some(country))
            && asked.status.is_none_or(|status| record.status == status)
            && asked.kind.is_none_or(|kind| record.kind == kind)
            && self.protocol.as_ref().is_none_or(|wanted| self.speaks(record, wanted))
            && self.has_licence(record)
            && self.owners.as_ref().is_none_or(|owners| known().is_some_and(|known| owners.contains(&known.number)))
            && asked.updated_since.is_none_or(|since| known().is_some_and(|known| known.updated_at >= since))
    }

    /// Returns whether the record has a usable endpoint for this protocol.
    fn speaks(&self, record: &Vasp, wanted: &ProtocolId) -> bool {
        let mut endpoints = record.endpoints.iter().filter(|endpoint| endpoint.protocol == *wanted);
        endpoints.any(|endpoint| self.generation.standing(endpoint, record, self.now).is_usable())
    }

    /// Returns whether a single licence matches both the authority and the regime.
    fn has_licence(&self, record: &Vasp) -> bool {
        let (authority, regime) = (self.asked.authority.as_deref(), self.asked.regime.as_deref());
        (authority.is_none() && regime.is_none())
            || record.licences.iter().any(|licence| {
                licence.status_on(self.generation.day()) != LicenceStatus::NotYetInForce
                    && authority.is_none_or(|id| licence.authority.id == id)
                    && regime.is_none_or(|regime| licence.regime.eq_ignore_ascii_case(regime))
            })
    }
}

/// The error for a text that is not a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a position in a list of VASPs")]
pub struct VaspPositionError;

impl FromStr for VaspPosition {
    type Err = VaspPositionError;
    fn from_str(text: &str) -> Result<Self, VaspPositionError> {
        let mut parts = text.split(' ');
        let id = parts.next().and_then(|id| id.parse().ok()).ok_or(VaspPositionError)?;
        let matched = match (parts.next(), parts.next(), parts.next()) {
            (None, ..) => None,
            (Some(score), Some(field), None) => {
                let field = MatchedField::from_text(field).ok_or(VaspPositionError)?;
                Some((score.parse().map_err(|_| VaspPositionError)?, field))
            }
            _ => return Err(VaspPositionError),
        };
        Ok(Self { id, matched })
    }
}

impl fmt::Display for VaspPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.matched {
            None => self.id.fmt(f),
            Some((score, field)) => write!(f, "{} {score} {}", self.id, field.as_str()),
        }
    }
}

impl VaspMatch {
    fn of(hit: &Hit, records: &Records) -> Self {
        Self { field: hit.field, text: records.matched_text(hit).into_owned(), kind: hit.kind, score: hit.score }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn positions_are_read_as_written() {
        let id: VaspId = "vasp_00000000000000000000000000".parse().unwrap();
        let matched = MatchedField::ALL.map(|field| Some(("0.776".parse().unwrap(), field)));
        for matched in [None].into_iter().chain(matched) {
            let position = VaspPosition { id, matched };
            assert_eq!(position.to_string().parse(), Ok(position));
        }
    }

    #[test]
    fn other_texts_are_no_positions() {
        let id = "vasp_00000000000000000000000000";
        for rest in [" ", " 1", " 1 name", " 2 lei", " 1 lei x", "x"] {
            assert_eq!(format!("{id}{rest}").parse::<VaspPosition>(), Err(VaspPositionError), "{rest}");
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in "\\PC*") {
            let _ = text.parse::<VaspPosition>();
        }
    }
}
