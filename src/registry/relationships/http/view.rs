//! How relationships are shown to the organisation whose they are.

use serde::Serialize;
use utoipa::ToSchema;

use crate::http::listing::pages;
use crate::proposals::http::ProposalView;
use crate::relationships::{KeptRelationship, TrackState};
use vasp_rules::due_diligence::DueDiligenceStatus;
use vasp_rules::relationship::{
    Change, Conditions, Event, Incident, Relationship, RepeatStep, Terms, Track, TrackChange, TrackDecision,
};
use vasp_words::country::Country;
use vasp_words::ids::{RelationshipId, UserId, VaspId};
use vasp_words::lei::Lei;
use vasp_words::time::{Date, UtcTime};

pages! {
    /// A page of relationships.
    RelationshipListView as RelationshipList of RelationshipView;
}

/// What your organisation decided about a counterparty. Nobody else reads any of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Relationship)]
pub(crate) struct RelationshipView {
    /// Null where nothing was ever kept.
    id: Option<RelationshipId>,
    /// Rises with every change; 0 where nothing was ever kept.
    version: u32,
    vasp: CounterpartyView,
    /// FATF R.16.
    travel_rule: TrackView,
    /// FATF R.13.
    correspondent: TrackView,
    /// What holds for both tracks, of your own decision about this record; null where there is none.
    terms: Option<Terms>,
    /// What waits for a second person; null if nothing does.
    proposal: Option<ProposalView>,
    /// What would change by it.
    proposed_change: Option<ProposedChangeView>,
    /// Exchanges that failed.
    failures: FailuresView,
    /// Versions, newest first, at most 500; empty in lists.
    history: Vec<MadeView>,
}

/// The counterparty.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RelationshipCounterparty)]
struct CounterpartyView {
    id: VaspId,
    /// Null where the directory has the record no longer.
    legal_name: Option<String>,
    lei: Option<Lei>,
    country: Option<Country>,
}

/// Where one track stands today.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RelationshipTrack)]
struct TrackView {
    status: DueDiligenceStatus,
    completed_at: Option<UtcTime>,
    /// The last day on which an approval counts.
    review_due: Option<Date>,
    conditions: Conditions,
    reason: Option<String>,
    terminated_for_aml: bool,
    /// Ids of the users who decided, the proposer first.
    decided_by: Vec<UserId>,
    by_senior_management: bool,
    /// Id of the group for which it was decided, where it was not for this record; else null.
    inherited_from: Option<VaspId>,
    /// Id of the record for which it was decided, where that was merged into this one; else null.
    merged_from: Option<VaspId>,
    /// What is missing from the file.
    #[schema(value_type = Vec<String>, example = json!(["decision"]))]
    missing: Vec<&'static str>,
}

/// What is to change, in its own members.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RelationshipProposedChange)]
struct ProposedChangeView {
    travel_rule: Option<TrackChange>,
    correspondent: Option<TrackChange>,
    terms: Option<Terms>,
}

/// Exchanges that failed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RelationshipFailures)]
struct FailuresView {
    /// Those of the time that the policy names.
    count: usize,
    /// How far the organisation went.
    step: Option<RepeatStep>,
    /// Oldest first, at most 500.
    items: Vec<Incident>,
}

/// A version.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RelationshipVersion)]
struct MadeView {
    version: u32,
    event: Event,
    at: UtcTime,
    /// Id of the user.
    by: UserId,
    reason: Option<String>,
    /// As decided then.
    travel_rule: DueDiligenceStatus,
    /// As decided then.
    correspondent: DueDiligenceStatus,
}

impl From<KeptRelationship> for RelationshipView {
    fn from(of: KeptRelationship) -> Self {
        let kept = of.kept.as_ref();
        Self {
            id: kept.map(|kept| kept.id),
            version: of.version(),
            vasp: CounterpartyView {
                id: of.vasp_id,
                legal_name: of.vasp.as_ref().map(|vasp| vasp.legal_name.clone()),
                lei: of.vasp.as_ref().and_then(|vasp| vasp.lei),
                country: of.vasp.as_ref().and_then(|vasp| vasp.country),
            },
            travel_rule: TrackView::of(Track::TravelRule, &of.travel_rule),
            correspondent: TrackView::of(Track::Correspondent, &of.correspondent),
            terms: kept.map(|kept| kept.terms.clone()),
            proposal: of.proposal.as_ref().map(ProposalView::from),
            proposed_change: of.proposal.as_ref().and_then(|proposal| proposal.content::<Change>().ok()).map(Into::into),
            failures: FailuresView {
                count: of.failures,
                step: kept.and_then(|kept| kept.step),
                items: kept.map(|kept| kept.incidents.clone()).unwrap_or_default(),
            },
            history: of.history.iter().map(MadeView::from).collect(),
        }
    }
}

impl TrackView {
    fn of(track: Track, state: &TrackState) -> Self {
        let decision = state.by.as_ref().map_or_else(TrackDecision::default, |by| by.track(track).clone());
        Self {
            status: state.status,
            completed_at: decision.decided_at,
            review_due: decision.review_due,
            conditions: decision.conditions,
            reason: decision.reason,
            terminated_for_aml: decision.terminated_for_aml,
            decided_by: decision.decided_by,
            by_senior_management: decision.by_senior_management,
            inherited_from: state.inherited_from,
            merged_from: state.merged_from,
            missing: state.missing.iter().map(|needed| needed.as_str()).collect(),
        }
    }
}

impl From<Change> for ProposedChangeView {
    fn from(Change { travel_rule, correspondent, terms, reason: _ }: Change) -> Self {
        Self { travel_rule, correspondent, terms }
    }
}

impl From<&Relationship> for MadeView {
    fn from(of: &Relationship) -> Self {
        Self {
            version: of.version,
            event: of.made.event,
            at: of.made.at,
            by: of.made.by,
            reason: of.made.reason.clone(),
            travel_rule: of.travel_rule.status,
            correspondent: of.correspondent.status,
        }
    }
}
