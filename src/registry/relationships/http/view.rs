//! Relationships as the API shows them to the organisation that owns them.

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
use vasp_words::ids::{ApprovalRuleId, RelationshipId, UserId, VaspId};
use vasp_words::lei::Lei;
use vasp_words::text::sentence;
use vasp_words::time::{Date, UtcTime};

pages! {
    /// A page of relationships.
    RelationshipListView as RelationshipList of RelationshipView;
}

/// Your organisation's decisions about a counterparty. Nobody else can read them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Relationship)]
pub(crate) struct RelationshipView {
    /// Null if nothing was ever stored.
    id: Option<RelationshipId>,
    /// Increases with every change; 0 if nothing was ever stored.
    version: u32,
    vasp: CounterpartyView,
    /// The track of FATF R.16.
    travel_rule: TrackView,
    /// The track of FATF R.13.
    correspondent: TrackView,
    /// The terms for both tracks, from your own decision about this record; null if there is none.
    terms: Option<Terms>,
    /// The proposal that waits for a second person; null if none waits.
    proposal: Option<ProposalView>,
    /// The change that the proposal would make; null if none waits.
    proposed_change: Option<ProposedChangeView>,
    /// Failed exchanges.
    failures: FailuresView,
    /// Versions, newest first, at most 500; empty in lists.
    history: Vec<MadeView>,
}

/// The counterparty.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RelationshipCounterparty)]
struct CounterpartyView {
    id: VaspId,
    /// Null if the directory no longer has the record.
    legal_name: Option<String>,
    lei: Option<Lei>,
    country: Option<Country>,
}

/// The state of one track today.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RelationshipTrack)]
struct TrackView {
    status: DueDiligenceStatus,
    completed_at: Option<UtcTime>,
    /// The last day on which an approval is valid.
    review_due: Option<Date>,
    conditions: Conditions,
    reason: Option<String>,
    terminated_for_aml: bool,
    /// Ids of the users who decided, the proposer first.
    decided_by: Vec<UserId>,
    by_senior_management: bool,
    /// Id of the rule by which it was approved; null if it was decided for this counterparty alone.
    by_rule: Option<ApprovalRuleId>,
    /// Why that rule approves it no more; null if it does.
    left_rule: Option<String>,
    /// Id of the group for which it was decided; null if it was decided for this record.
    inherited_from: Option<VaspId>,
    /// Id of the record for which it was decided, if that record was merged into this one; else null.
    merged_from: Option<VaspId>,
    /// The parts that are missing from the file.
    #[schema(value_type = Vec<String>, example = json!(["decision"]))]
    missing: Vec<&'static str>,
}

/// The proposed change; null for each member that stays unchanged.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RelationshipProposedChange)]
struct ProposedChangeView {
    travel_rule: Option<TrackChange>,
    correspondent: Option<TrackChange>,
    terms: Option<Terms>,
}

/// Failed exchanges.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RelationshipFailures)]
struct FailuresView {
    /// The number of failures in the period that the policy names.
    count: usize,
    /// How far the organisation went because of them.
    step: Option<RepeatStep>,
    /// The failures, oldest first, at most 500.
    items: Vec<Incident>,
}

/// A version of the relationship.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RelationshipVersion)]
struct MadeView {
    version: u32,
    event: Event,
    at: UtcTime,
    /// Id of the user who made it.
    by: UserId,
    reason: Option<String>,
    /// The status as decided then.
    travel_rule: DueDiligenceStatus,
    /// The status as decided then.
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
            by_rule: decision.by_rule,
            left_rule: decision.lapsed.as_deref().map(sentence),
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
