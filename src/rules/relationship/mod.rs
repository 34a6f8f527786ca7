//! One organisation's private standing with one counterparty, a legal entity or a group: what it decided on each of the two tracks,
//! on which terms, and who decided it. Pure: no rows, no clock. Kept by `service::relationships`, applied by `domain::precheck`; nobody
//! but that organisation ever reads any of it.

mod change;
mod incident;
mod policy_needs;
mod standing;
mod terms;

pub use change::{Change, ChangeFault, TrackChange, Transition};
pub use incident::{Incident, IncidentKind, RepeatStep};
pub use policy_needs::{Needed, missing_of, needs_senior_management};
pub use standing::{Applying, Relationships, Standing, TrackStanding};
pub use terms::{AgreedRoute, Conditions, LicenceSeen, Limits, RiskRating, Terms};
use vasp_words::closed_list::closed_list;

use super::due_diligence::DueDiligenceStatus;
use serde::{Deserialize, Serialize};
use vasp_words::ids::{RelationshipId, UserId, VaspId};
use vasp_words::time::{Date, UtcTime};

closed_list! {
    /// One of the two kinds of due diligence that regulators keep apart.
    ///
    /// Source: FATF Recommendations 16 (and its guidance of October 2021, sections 196 to 201) and 13.
    pub enum Track {
        /// Counterparty due diligence for the Travel Rule.
        TravelRule = "travel_rule",
        /// Correspondent due diligence.
        Correspondent = "correspondent",
    }
}

/// What was decided on one track.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrackDecision {
    /// As decided; that an approval has expired is told when it is read.
    pub status: DueDiligenceStatus,
    /// When it was decided; none where nothing was.
    pub decided_at: Option<UtcTime>,
    /// The last day on which an approval counts.
    pub review_due: Option<Date>,
    /// What has to be met.
    pub conditions: Conditions,
    /// Why.
    pub reason: Option<String>,
    /// Whether it was ended for reasons of money laundering or terrorist financing.
    ///
    /// Source: Directive (EU) 2015/849 Art. 19b, last subparagraph: such decisions are documented.
    pub terminated_for_aml: bool,
    /// Who decided it, the proposer first.
    pub decided_by: Vec<UserId>,
    /// Whether one of them decided as senior management.
    pub by_senior_management: bool,
}

impl Default for TrackDecision {
    fn default() -> Self {
        Self {
            status: DueDiligenceStatus::NotStarted,
            decided_at: None,
            review_due: None,
            conditions: Conditions::default(),
            reason: None,
            terminated_for_aml: false,
            decided_by: vec![],
            by_senior_management: false,
        }
    }
}

impl TrackDecision {
    /// Returns where the track stands on a day: an approval counts through its review date.
    #[must_use]
    pub fn status_on(&self, day: Date) -> DueDiligenceStatus {
        let over = self.status.is_approval() && self.review_due.is_none_or(|due| due < day);
        if over { DueDiligenceStatus::Expired } else { self.status }
    }
}

closed_list! {
    /// What made a version of a relationship.
    pub enum Event as "RelationshipEvent" {
        /// A change waits for a second person.
        Proposed = "proposed",
        /// A second person approved what was proposed.
        Approved = "approved",
        /// One person decided alone, as the organisation's policy allows.
        DecidedAlone = "decided_alone",
        /// A second person declined what was proposed.
        Declined = "declined",
        /// Whoever proposed took it back.
        Withdrawn = "withdrawn",
        /// Something was restricted, at once.
        Restricted = "restricted",
        /// A failed exchange was noted.
        IncidentNoted = "incident_noted",
    }
}

/// Who made a version, when and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Made {
    /// What was done.
    pub event: Event,
    /// When.
    pub at: UtcTime,
    /// By whom.
    pub by: UserId,
    /// Why.
    pub reason: Option<String>,
}

/// One organisation's standing with one counterparty, as it was left by its last change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relationship {
    /// Id.
    pub id: RelationshipId,
    /// With whom: an entity or a group.
    pub vasp: VaspId,
    /// Rises with every change, from 1.
    pub version: u32,
    /// FATF R.16.
    pub travel_rule: TrackDecision,
    /// FATF R.13.
    pub correspondent: TrackDecision,
    /// What holds for both.
    pub terms: Terms,
    /// Failed exchanges, oldest first.
    pub incidents: Vec<Incident>,
    /// How far the organisation went because of them.
    pub step: Option<RepeatStep>,
    /// What made this version.
    pub made: Made,
}

impl Relationship {
    /// Begins one about which nothing was decided yet.
    #[must_use]
    pub fn begin(id: RelationshipId, vasp: VaspId, made: Made) -> Self {
        Self {
            id,
            vasp,
            version: 0,
            travel_rule: TrackDecision::default(),
            correspondent: TrackDecision::default(),
            terms: Terms::default(),
            incidents: vec![],
            step: None,
            made,
        }
    }

    /// Returns what was decided on a track.
    #[must_use]
    pub fn track(&self, track: Track) -> &TrackDecision {
        match track {
            Track::TravelRule => &self.travel_rule,
            Track::Correspondent => &self.correspondent,
        }
    }

    /// Returns what was decided on a track, to be changed.
    pub fn track_mut(&mut self, track: Track) -> &mut TrackDecision {
        match track {
            Track::TravelRule => &mut self.travel_rule,
            Track::Correspondent => &mut self.correspondent,
        }
    }

    /// Returns the next version, made by `made`.
    #[must_use]
    pub fn next(&self, made: Made) -> Self {
        Self { version: self.version.saturating_add(1), made, ..self.clone() }
    }

    /// Returns how many exchanges failed within some days before `day`, that day included.
    #[must_use]
    pub fn failures(&self, day: Date, within_days: u16) -> usize {
        let counts = |incident: &&Incident| {
            let age = day.days_since(incident.occurred_at.date());
            (0..i64::from(within_days)).contains(&age)
        };
        self.incidents.iter().filter(counts).count()
    }
}
