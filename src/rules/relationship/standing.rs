//! The status of an organisation with one counterparty. The counterparty's own relationship applies. If it has no decision on a track, the
//! relationship with its group applies. After a merge of records, the relationships with all merged records apply.

use std::collections::HashMap;

use super::super::due_diligence::{DueDiligenceStatus, StatusClass};
use super::{Relationship, RiskRating, Track};
use vasp_words::ids::VaspId;
use vasp_words::time::Date;

/// All relationships of one organisation, by counterparty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relationships(HashMap<VaspId, Relationship>);

/// A relationship that applies to a counterparty, and why it applies if it is with another record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applying<'a> {
    /// The relationship.
    pub relationship: &'a Relationship,
    /// The counterparty's group, if the relationship is with the group; `None` if it is with the counterparty itself.
    pub inherited_from: Option<VaspId>,
    /// The record that the relationship was with before it was merged into the counterparty's; `None` if it was with the counterparty
    /// itself.
    pub merged_from: Option<VaspId>,
}

/// The relationships that apply on one track.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrackStanding<'a> {
    /// The applying relationships. If one with the counterparty itself is decided, these are its own; otherwise those of its group are
    /// added.
    pub applying: Vec<Applying<'a>>,
    /// Decided relationships with the group that do not apply, because the counterparty's own decision applies.
    pub set_aside: Vec<Applying<'a>>,
}

/// The relationships that apply on both tracks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing<'a> {
    /// The Travel Rule track (FATF R.16).
    pub travel_rule: TrackStanding<'a>,
    /// The correspondent track (FATF R.13).
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

    /// Returns all of them, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = &Relationship> {
        self.0.values()
    }

    /// Tells whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns those with a counterparty and its group.
    #[must_use]
    pub fn of_party(&self, ids: &[VaspId], group: &[VaspId]) -> Self {
        ids.iter().chain(group).filter_map(|id| self.0.get(id)).cloned().collect()
    }

    /// Returns the relationships that apply to a counterparty. `ids` holds its own id first, then the ids of records merged into it.
    /// `group` holds the ids of its group.
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
    /// Returns the relationships that apply on a track.
    #[must_use]
    pub fn track(&self, track: Track) -> &TrackStanding<'a> {
        match track {
            Track::TravelRule => &self.travel_rule,
            Track::Correspondent => &self.correspondent,
        }
    }

    /// Tells whether the organisation rated the counterparty as prohibited, or refused it or ended the relationship on one of the tracks.
    #[must_use]
    pub fn is_declined(&self) -> bool {
        let ends = |status| matches!(status, DueDiligenceStatus::Refused | DueDiligenceStatus::Terminated);
        let declines =
            |track: Track, kept: &Relationship| ends(kept.track(track).status) || kept.terms.risk == Some(RiskRating::Prohibited);
        Track::ALL.iter().any(|track| self.track(*track).applying.iter().any(|one| declines(*track, one.relationship)))
    }
}

impl<'a> TrackStanding<'a> {
    /// An entity's own decision comes before its group's. If it has none, its group's decision applies. A decision on an entity never
    /// applies to its group.
    fn of(track: Track, own: &[Applying<'a>], group: &[Applying<'a>]) -> Self {
        let is_decided = |one: &&Applying<'_>| one.relationship.track(track).status.class() != StatusClass::Undecided;
        let decided = group.iter().filter(is_decided).copied();
        if own.iter().any(|one| is_decided(&one)) {
            return Self { applying: own.to_vec(), set_aside: decided.collect() };
        }
        Self { applying: own.iter().copied().chain(decided).collect(), set_aside: vec![] }
    }

    /// Returns the status of the track on a day: the worst decided status, or the most advanced one if nothing is decided.
    #[must_use]
    pub fn status_on(&self, track: Track, day: Date) -> DueDiligenceStatus {
        let statuses = || self.applying.iter().map(|one| one.relationship.track(track).status_on(day));
        let decided = statuses().filter(|status| status.class() != StatusClass::Undecided).min();
        decided.or_else(|| statuses().max()).unwrap_or(DueDiligenceStatus::NotStarted)
    }

    /// Returns the relationship that gives the track its status.
    #[must_use]
    pub fn deciding(&self, track: Track, day: Date) -> Option<Applying<'a>> {
        let status = self.status_on(track, day);
        self.applying.iter().find(|one| one.relationship.track(track).status_on(day) == status).copied()
    }
}

#[cfg(test)]
mod tests;
