//! The index of every text by which a VASP is found: names, group names, domains, websites, identifiers. It is built with the records of a
//! generation. The next generation's index shares its segments, and adds one for the records whose texts changed. This module selects the
//! texts that are worth a comparison. `vasp_record::search` decides how well a text matches a query.

mod codes;
mod grouped;
mod segment;
mod terms;

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use segment::Segment;
use terms::terms;

use super::records::Records;
use super::shared::SharedMap;
use vasp_record::search::{MatchKind, MatchedField, Score, SearchQuery};
use vasp_record::vasp::{Vasp, VaspKind};
use vasp_words::ids::VaspId;

/// A segment is joined with the one before unless that one is so many times as large. So there are few segments, and a text is seldom
/// indexed again.
const LARGER: usize = 4;

/// Every text by which the VASPs of a generation are found.
#[derive(Clone, Debug)]
pub struct SearchIndex {
    /// Segments with their numbers, the oldest and largest first.
    segments: Vec<(u32, Arc<Segment>)>,
    /// The segment that has a record's present texts, if it is not the first; `None` if the record is gone.
    moved: SharedMap<VaspId, Option<u32>>,
}

/// A VASP that matches a query, with its best term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The VASP.
    pub vasp: VaspId,
    /// The field that matched.
    pub field: MatchedField,
    /// The number of the text that matched, among those of the record.
    term: u16,
    /// How it matched.
    pub kind: MatchKind,
    /// How well it matched.
    pub score: Score,
}

impl SearchIndex {
    /// Builds the index from records.
    #[must_use]
    pub fn of<'a>(vasps: impl Iterator<Item = &'a Vasp> + Clone) -> Self {
        let groups = vasps.clone().filter(|vasp| vasp.kind == VaspKind::Group);
        let groups: HashMap<VaspId, &str> = groups.map(|vasp| (vasp.id, vasp.legal_name.as_str())).collect();
        Self::whole(Segment::of(vasps.collect(), |vasp| groups.get(&vasp.group?).copied()))
    }

    /// Builds the index of a generation's records.
    pub(super) fn of_records(records: &Records) -> Self {
        Self::whole(Segment::of(records.iter().map(AsRef::as_ref).collect(), |vasp| records.group_name(vasp)))
    }

    fn whole(segment: Segment) -> Self {
        Self { segments: vec![(0, Arc::new(segment))], moved: SharedMap::default() }
    }

    /// Returns the index in which the texts of `changed` records are those that they have in `records`; itself if nothing changed.
    pub(super) fn with(self: &Arc<Self>, changed: &BTreeSet<VaspId>, records: &Records) -> Arc<Self> {
        if changed.is_empty() {
            return Arc::clone(self);
        }
        let (mut ids, mut segments) = (changed.clone(), self.segments.clone());
        while let Some((number, last)) = segments.last()
            && last.ids().len() < ids.len().saturating_mul(LARGER)
        {
            ids.extend(last.ids().iter().copied().filter(|id| self.is_in(*number, *id)));
            segments.pop();
        }
        let Some(number) = segments.last().map(|(number, _)| number + 1) else {
            return Arc::new(Self::of_records(records));
        };
        let mut moved = self.moved.clone();
        let present: Vec<&Vasp> = ids.iter().filter_map(|id| records.of_own_id(*id)).collect();
        ids.iter().for_each(|id| {
            moved.insert(*id, None);
        });
        for record in &present {
            moved.insert(record.id, Some(number));
        }
        let segment = Segment::of(present, |record| records.group_name(record));
        segments.push((number, Arc::new(segment)));
        Arc::new(Self { segments, moved })
    }

    /// Returns whether a segment has the present texts of a record that it contains.
    fn is_in(&self, segment: u32, id: VaspId) -> bool {
        self.moved.get(&id).map_or(segment == 0, |now| *now == Some(segment))
    }

    /// Returns the VASPs that match a query and pass `wanted`, each once. Best first; equal ones ordered by field, then by id. It returns
    /// all that begin with the query, and the best of the others.
    #[must_use]
    pub fn find(&self, query: &SearchQuery, wanted: impl Fn(VaspId) -> bool) -> Vec<Hit> {
        let mut hits = Vec::new();
        for (number, segment) in &self.segments {
            segment.find(query, &|id| self.is_in(*number, id) && wanted(id), &mut hits);
        }
        hits.sort_unstable_by_key(|hit| (hit.vasp, hit.rank(), hit.term));
        hits.dedup_by_key(|hit| hit.vasp);
        hits.sort_unstable_by_key(Hit::rank);
        hits
    }
}

/// Returns the text of a record that matched, as the record has it.
pub(super) fn text_of<'a>(hit: &Hit, record: &'a Vasp, group: Option<&'a str>) -> Option<Cow<'a, str>> {
    terms(record, group).nth(usize::from(hit.term)).map(|term| term.text)
}

/// Returns whether two versions of a record are found by the same texts.
pub(super) fn same_texts(before: &Records, was: &Vasp, after: &Records, is: &Vasp) -> bool {
    terms(was, before.group_name(was)).eq(terms(is, after.group_name(is)))
}

impl Hit {
    /// Returns a sort key: better hits sort first.
    #[must_use]
    pub fn rank(&self) -> (Reverse<Score>, MatchedField, VaspId) {
        (Reverse(self.score), self.field, self.vasp)
    }
}

fn place(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
