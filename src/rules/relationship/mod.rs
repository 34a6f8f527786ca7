//! One organisation's private relationship with one counterparty, a legal entity or a group. It holds the decision on each of the two
//! tracks, the terms, and the people who decided. This module is pure: it has no database rows and no clock. `vasp_registry::relationships` keeps
//! relationships and the pre-check applies them. Nobody but that organisation ever reads them.

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
use vasp_words::ids::{ApprovalRuleId, RelationshipId, UserId, VaspId};
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

/// The decision on one track.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrackDecision {
    /// The status as decided. Whether an approval has expired is computed when it is read.
    pub status: DueDiligenceStatus,
    /// When it was decided; `None` if nothing was decided.
    pub decided_at: Option<UtcTime>,
    /// The last day on which the approval is valid; `None` if it is not an approval.
    pub review_due: Option<Date>,
    /// The conditions of the approval.
    pub conditions: Conditions,
    /// The reason for the decision; `None` if there is none.
    pub reason: Option<String>,
    /// Whether the relationship was ended because of money laundering or terrorist financing.
    ///
    /// Source: Directive (EU) 2015/849 Art. 19b, last subparagraph: such decisions are documented.
    pub terminated_for_aml: bool,
    /// The people who decided, the proposer first.
    pub decided_by: Vec<UserId>,
    /// Whether one of them decided for senior management.
    pub by_senior_management: bool,
    /// The rule by which it was approved; `None` if it was decided for this counterparty alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_rule: Option<ApprovalRuleId>,
    /// Why that rule covers the counterparty no more, as of the moment of reading; `None` if it does. Never stored.
    #[serde(skip)]
    pub lapsed: Option<String>,
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
            by_rule: None,
            lapsed: None,
        }
    }
}

impl TrackDecision {
    /// Returns the status of the track on a day. An approval is valid until the end of its review date, and one by a rule only while the rule
    /// covers the counterparty.
    #[must_use]
    pub fn status_on(&self, day: Date) -> DueDiligenceStatus {
        let over = self.status.is_approval() && (self.lapsed.is_some() || self.review_due.is_none_or(|due| due < day));
        if over { DueDiligenceStatus::Expired } else { self.status }
    }
}

closed_list! {
    /// The action that made a version of a relationship.
    pub enum Event as "RelationshipEvent" {
        /// Somebody proposed a change, which waits for a second person.
        Proposed = "proposed",
        /// A second person approved the proposal.
        Approved = "approved",
        /// One person decided alone, because the organisation's policy allows it.
        DecidedAlone = "decided_alone",
        /// A second person declined the proposal.
        Declined = "declined",
        /// The proposer withdrew the proposal.
        Withdrawn = "withdrawn",
        /// One person restricted the relationship, with immediate effect.
        Restricted = "restricted",
        /// Somebody recorded a failed exchange.
        IncidentNoted = "incident_noted",
    }
}

/// Who made a version, when and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Made {
    /// The action.
    pub event: Event,
    /// When it was done.
    pub at: UtcTime,
    /// The person who did it.
    pub by: UserId,
    /// The reason; `None` if there is none.
    pub reason: Option<String>,
}

/// One organisation's relationship with one counterparty, after its last change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relationship {
    /// The id.
    pub id: RelationshipId,
    /// The counterparty: an entity or a group.
    pub vasp: VaspId,
    /// The version, from 1; it rises with every change.
    pub version: u32,
    /// The decision on the Travel Rule track (FATF R.16).
    pub travel_rule: TrackDecision,
    /// The decision on the correspondent track (FATF R.13).
    pub correspondent: TrackDecision,
    /// The terms that apply to both tracks.
    pub terms: Terms,
    /// Failed exchanges, oldest first.
    pub incidents: Vec<Incident>,
    /// The furthest step that the organisation took because of them; `None` if it took none.
    pub step: Option<RepeatStep>,
    /// The action that made this version.
    pub made: Made,
}

impl Relationship {
    /// Creates a relationship about which nothing is decided yet.
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

    /// Returns the decision on a track.
    #[must_use]
    pub fn track(&self, track: Track) -> &TrackDecision {
        match track {
            Track::TravelRule => &self.travel_rule,
            Track::Correspondent => &self.correspondent,
        }
    }

    /// Returns the decision on a track, so that the caller can change it.
    pub fn track_mut(&mut self, track: Track) -> &mut TrackDecision {
        match track {
            Track::TravelRule => &mut self.travel_rule,
            Track::Correspondent => &mut self.correspondent,
        }
    }

    /// Returns the next version, made by the action `made`.
    #[must_use]
    pub fn next(&self, made: Made) -> Self {
        Self { version: self.version.saturating_add(1), made, ..self.clone() }
    }

    /// Returns how many exchanges failed within some days before `day`, including that day.
    #[must_use]
    pub fn failures(&self, day: Date, within_days: u16) -> usize {
        let counts = |incident: &&Incident| {
            let age = day.days_since(incident.occurred_at.date());
            (0..i64::from(within_days)).contains(&age)
        };
        self.incidents.iter().filter(counts).count()
    }
}
