//! Where an organisation stands with one counterparty: its own relationship with it, or that with its group where it has none of its
//! own on a track; after a merge of records all that were kept with either.

use std::collections::HashMap;

use super::super::due_diligence::{DueDiligenceStatus, StatusClass};
use super::{Relationship, Track};
use vasp_words::ids::VaspId;
use vasp_words::time::Date;

/// All relationships of one organisation, by counterparty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relationships(HashMap<VaspId, Relationship>);

/// A relationship that applies to a counterparty, and why where it is not its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applying<'a> {
    /// The relationship.
    pub relationship: &'a Relationship,
    /// The group that it is kept with, where the counterparty belongs to that group.
    pub inherited_from: Option<VaspId>,
    /// The record that it was kept with, where that turned out to be the counterparty's.
    pub merged_from: Option<VaspId>,
}

/// What applies on one track.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrackStanding<'a> {
    /// Which relationships: the counterparty's own where one was decided, else its group's.
    pub applying: Vec<Applying<'a>>,
    /// The group's, where the counterparty's own decision counts instead.
    pub set_aside: Vec<Applying<'a>>,
}

/// What applies on both tracks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing<'a> {
    /// FATF R.16.
    pub travel_rule: TrackStanding<'a>,
    /// FATF R.13.
    pub correspondent: TrackStanding<'a>,
}

impl FromIterator<Relationship> for Relationships {
    fn from_iter<I: IntoIterator<Item = Relationship>>(all: I) -> Self {
        Self(all.into_iter().map(|one| (one.vasp, one)).collect())
    }
}

impl Relationships {
    /// Returns the relationship with exactly this record.
    #[must_use]
    pub fn get(&self, vasp: VaspId) -> Option<&Relationship> {
        self.0.get(&vasp)
    }

    /// Returns all of them, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Relationship> {
        self.0.values()
    }

    /// Tells whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns what applies to a counterparty: its ids (its own first, then those of the records merged into it) and those of its group.
    #[must_use]
    pub fn standing(&self, ids: &[VaspId], group: &[VaspId]) -> Standing<'_> {
        let kept_with = |ids: &[VaspId], from: Option<VaspId>| -> Vec<Applying<'_>> {
            let one = |(place, id): (usize, &VaspId)| {
                let merged_from = (place > 0).then_some(*id);
                Some(Applying { relationship: self.0.get(id)?, inherited_from: from, merged_from })
            };
            ids.iter().enumerate().filter_map(one).collect()
        };
        let (own, groups) = (kept_with(ids, None), kept_with(group, group.first().copied()));
        let of = |track| TrackStanding::of(track, &own, &groups);
        Standing { travel_rule: of(Track::TravelRule), correspondent: of(Track::Correspondent) }
    }
}

impl<'a> Standing<'a> {
    /// Returns what applies on a track.
    #[must_use]
    pub fn track(&self, track: Track) -> &TrackStanding<'a> {
        match track {
            Track::TravelRule => &self.travel_rule,
            Track::Correspondent => &self.correspondent,
        }
    }
}

impl<'a> TrackStanding<'a> {
    /// An entity's own decision counts before its group's; where there is none, the group's does. Never the other way round.
    fn of(track: Track, own: &[Applying<'a>], group: &[Applying<'a>]) -> Self {
        let is_decided = |one: &&Applying<'_>| one.relationship.track(track).status.class() != StatusClass::Undecided;
        let decided = group.iter().filter(is_decided).copied();
        if own.iter().any(|one| is_decided(&one)) {
            return Self { applying: own.to_vec(), set_aside: decided.collect() };
        }
        Self { applying: own.iter().copied().chain(decided).collect(), set_aside: vec![] }
    }

    /// Returns where the track stands on a day: the worst of what was decided; where nothing was, how far it is.
    #[must_use]
    pub fn status_on(&self, track: Track, day: Date) -> DueDiligenceStatus {
        let statuses = || self.applying.iter().map(|one| one.relationship.track(track).status_on(day));
        let decided = statuses().filter(|status| status.class() != StatusClass::Undecided).min();
        decided.or_else(|| statuses().max()).unwrap_or(DueDiligenceStatus::NotStarted)
    }

    /// Returns the relationship that makes the status.
    #[must_use]
    pub fn deciding(&self, track: Track, day: Date) -> Option<Applying<'a>> {
        let status = self.status_on(track, day);
        self.applying.iter().find(|one| one.relationship.track(track).status_on(day) == status).copied()
    }
}

#[cfg(test)]
mod tests;
