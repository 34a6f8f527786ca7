//! Lists VASPs: by name, LEI or id, and by what their records say. From memory; a position stays good when the directory
//! moves on, because it names the last record seen and not its place.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::{Fault, Page, Registry, ServiceError, VaspAnswer};
use crate::directory::{Generation, authorities};
use crate::domain::claim::Reader;
use crate::domain::country::Country;
use crate::domain::ids::VaspId;
use crate::domain::licence::LicenceStatus;
use crate::domain::name::NameKey;
use crate::domain::network::{Network, NetworkTable};
use crate::domain::time::UtcTime;
use crate::domain::vasp::{Vasp, VaspKind, VaspStatus};
use crate::domain::vasp_name::VaspName;

/// Which VASPs are asked for. Every member narrows the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VaspFilter {
    /// An id, an LEI, or a name or its beginning.
    pub q: Option<String>,
    /// Country of incorporation.
    pub country: Option<Country>,
    /// Where the record stands in its life.
    pub status: Option<VaspStatus>,
    /// Entity or group.
    pub kind: Option<VaspKind>,
    /// A Travel Rule protocol that it publishes.
    pub protocol: Option<String>,
    /// Id of an authority that licensed it.
    pub authority: Option<String>,
    /// Regime of a licence.
    pub regime: Option<String>,
    /// A network on which it owns claims.
    pub network: Option<String>,
    /// Changed at or after.
    pub updated_since: Option<UtcTime>,
}

/// A place in the list: the last record seen and, in a search by name, the name it was found by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaspPosition {
    /// The record.
    pub id: VaspId,
    /// The name.
    pub name: Option<String>,
}

/// Returns one page of the VASPs that fit, after a position.
///
/// # Errors
/// `ServiceError::Invalid` for a value that can fit nothing, with what would be right; `Directory`.
pub fn list_vasps(
    registry: &Registry,
    filter: &VaspFilter,
    after: Option<&VaspPosition>,
    limit: usize,
    reader: Reader,
    now: UtcTime,
) -> Result<(Arc<Generation>, Page<VaspAnswer, VaspPosition>), ServiceError> {
    let generation = registry.pin(now);
    let filter = Filter::read(filter, &generation, reader)?;
    let found = filter.found(after)?;
    let page = Page::of(found, limit, |(name, record)| VaspPosition { id: record.id, name: name.map(str::to_owned) });
    let answer = |(_, record): (Option<&str>, &Arc<Vasp>)| VaspAnswer::of(Arc::clone(&generation), Arc::clone(record), true, now);
    let page = Page { items: page.items.into_iter().map(answer).collect(), next: page.next };
    Ok((generation, page))
}

/// What a search is for.
enum Sought {
    Vasp(VaspName),
    Name(NameKey),
}

fn read_q(q: &str) -> Result<Sought, ServiceError> {
    if let Ok(name) = q.trim().parse() {
        return Ok(Sought::Vasp(name));
    }
    NameKey::of(q).map(Sought::Name).ok_or_else(|| {
        let detail = format!("`{}` has no letter or digit; give an id, an LEI, or a name or its beginning", cut(q));
        invalid("?q", "invalid_value", detail)
    })
}

/// Reads a network by CAIP-2 id or alias.
fn read_network(text: &str) -> Result<&'static Network, ServiceError> {
    NetworkTable::embedded().resolve_name(text).ok_or_else(|| {
        let detail = format!("`{}` is no network known here; GET /v1/networks lists them, for example eip155:1", cut(text));
        invalid("?network", "unsupported_network", detail)
    })
}

fn check_authority(id: &str) -> Result<(), ServiceError> {
    let known = authorities()?;
    if known.get(id).is_some() {
        return Ok(());
    }
    let ids: Vec<&str> = known.iter().map(|authority| authority.id.as_str()).collect();
    let detail = format!("`{}` is no authority's id; known are {}", cut(id), ids.join(", "));
    Err(invalid("?authority", "invalid_value", detail))
}

fn invalid(pointer: &str, code: &'static str, detail: String) -> ServiceError {
    ServiceError::Invalid(Fault { pointer: pointer.to_owned(), code, detail })
}

fn cut(text: &str) -> String {
    text.chars().take(40).collect()
}

/// A filter whose values are known to be of the right kind.
struct Filter<'a> {
    asked: &'a VaspFilter,
    generation: &'a Generation,
    owners: Option<BTreeSet<i64>>,
}

type Found<'a> = (Option<&'a str>, &'a Arc<Vasp>);

impl<'a> Filter<'a> {
    fn read(asked: &'a VaspFilter, generation: &'a Generation, reader: Reader) -> Result<Self, ServiceError> {
        asked.authority.as_deref().map(check_authority).transpose()?;
        let network = asked.network.as_deref().map(read_network).transpose()?;
        Ok(Self { asked, generation, owners: network.map(|network| generation.owners(network, reader)) })
    }

    /// Iterates over what fits, in the list's order, after a position.
    fn found(&'a self, after: Option<&'a VaspPosition>) -> Result<Box<dyn Iterator<Item = Found<'a>> + 'a>, ServiceError> {
        let records = self.generation.records();
        let sought = self.asked.q.as_deref().map(read_q).transpose()?;
        if after.is_some_and(|last| last.name.is_some() != matches!(sought, Some(Sought::Name(_)))) {
            let detail = "the cursor is that of another search; keep `q` as it was, or begin again without a cursor";
            return Err(invalid("?cursor", "invalid_value", detail.to_owned()));
        }
        let all: Box<dyn Iterator<Item = Found<'a>> + 'a> = match sought {
            None => Box::new(records.iter().map(|record| (None, record))),
            Some(Sought::Vasp(VaspName::Id(id))) => Box::new(records.get(id).into_iter().map(|record| (None, record))),
            Some(Sought::Vasp(VaspName::Lei(lei))) => Box::new(records.with_lei(lei).map(|record| (None, record))),
            Some(Sought::Name(key)) => Box::new(records.named(&key).map(|(name, record)| (Some(name), record))),
        };
        let passed = move |(name, record): &Found<'a>| {
            after.is_none_or(|last| (name.unwrap_or_default(), record.id) > (last.name.as_deref().unwrap_or_default(), last.id))
        };
        Ok(Box::new(all.filter(passed).filter(|(_, record)| self.fits(record))))
    }

    fn fits(&self, record: &Vasp) -> bool {
        let asked = self.asked;
        let known = || self.generation.known(record.id);
        asked.country.is_none_or(|country| record.country == Some(country))
            && asked.status.is_none_or(|status| record.status == status)
            && asked.kind.is_none_or(|kind| record.kind == kind)
            // Nothing publishes protocols yet.
            && asked.protocol.is_none()
            && self.has_licence(record)
            && self.owners.as_ref().is_none_or(|owners| known().is_some_and(|known| owners.contains(&known.number)))
            && asked.updated_since.is_none_or(|since| known().is_some_and(|known| known.updated_at >= since))
    }

    /// Whether one licence is both by the asked authority and of the asked regime.
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

/// The text is no position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no position in a list of VASPs")]
pub struct VaspPositionError;

impl FromStr for VaspPosition {
    type Err = VaspPositionError;
    fn from_str(text: &str) -> Result<Self, VaspPositionError> {
        let (id, name) = text.split_once(' ').map_or((text, None), |(id, name)| (id, Some(name)));
        Ok(Self { id: id.parse().map_err(|_| VaspPositionError)?, name: name.map(str::to_owned) })
    }
}

impl fmt::Display for VaspPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            None => self.id.fmt(f),
            Some(name) => write!(f, "{} {name}", self.id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn positions_are_read_as_written() {
        let id: VaspId = "vasp_00000000000000000000000000".parse().unwrap();
        for name in [None, Some(String::new()), Some("acme gmbh".to_owned())] {
            let position = VaspPosition { id, name };
            assert_eq!(position.to_string().parse(), Ok(position));
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in "\\PC*") {
            let _ = text.parse::<VaspPosition>();
        }
    }
}
