//! How relationships are shown to the organisation whose they are.

use serde::Serialize;
use utoipa::ToSchema;

use crate::api::listing::pages;
use crate::api::proposals::ProposalView;
use crate::api::v1::views::{MoneyView, mirrored};
use crate::service::relationships::{KeptRelationship, TrackState};
use vasp_rules::due_diligence::DueDiligenceStatus;
use vasp_rules::relationship::{
    Change, Conditions, Event, Incident, IncidentKind, Limits, Relationship, RepeatStep, RiskRating, Terms, Track, TrackChange,
    TrackDecision,
};
use vasp_words::time::{Date, UtcTime};

mirrored! { "snake_case":
    /// How far an organisation went because of exchanges that failed.
    #[schema(as = RepeatStep)]
    RepeatStepView of RepeatStep { Reported, Ended, Limited, Warned }

    /// Where a track of a relationship stands, worst first.
    #[schema(as = RelationshipStatus)]
    StatusView of DueDiligenceStatus {
        Refused, Terminated, Suspended, Expired, NotStarted, InProgress, ApprovedWithConditions, Approved,
    }
}

pages! {
    /// A page of relationships.
    RelationshipListView as RelationshipList of RelationshipView;
}

/// What your organisation decided about a counterparty. Nobody else reads any of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Relationship)]
pub(crate) struct RelationshipView {
    /// Null where nothing was ever kept.
    #[schema(example = "rel_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    id: Option<String>,
    /// Rises with every change; 0 where nothing was ever kept.
    version: u32,
    vasp: CounterpartyView,
    /// FATF R.16.
    travel_rule: TrackView,
    /// FATF R.13.
    correspondent: TrackView,
    /// What holds for both tracks, of your own decision about this record; null where there is none.
    terms: Option<TermsView>,
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
    id: String,
    /// Null where the directory has the record no longer.
    legal_name: Option<String>,
    lei: Option<String>,
    #[schema(example = "DE")]
    country: Option<String>,
}

/// Where one track stands today.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RelationshipTrack)]
struct TrackView {
    status: StatusView,
    #[schema(value_type = Option<String>, format = DateTime)]
    completed_at: Option<UtcTime>,
    /// The last day on which an approval counts.
    #[schema(value_type = Option<String>, format = Date)]
    review_due: Option<Date>,
    conditions: ConditionsView,
    reason: Option<String>,
    terminated_for_aml: bool,
    /// Ids of the users who decided, the proposer first.
    decided_by: Vec<String>,
    by_senior_management: bool,
    /// Id of the group for which it was decided, where it was not for this record; else null.
    inherited_from: Option<String>,
    /// Id of the record for which it was decided, where that was merged into this one; else null.
    merged_from: Option<String>,
    /// What is missing from the file.
    #[schema(value_type = Vec<String>, example = json!(["decision"]))]
    missing: Vec<&'static str>,
}

/// What has to be met.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RelationshipConditions)]
struct ConditionsView {
    first_party_only: bool,
    max_amount: Option<MoneyView>,
    enhanced_due_diligence: bool,
    proof_of_control: bool,
    other: Option<String>,
}

/// What holds for both tracks.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RelationshipTerms)]
struct TermsView {
    limits: LimitsView,
    networks: Vec<String>,
    assets: Vec<String>,
    risk: Option<RiskRating>,
    risk_note: Option<String>,
    agreement_reference: Option<String>,
    responsibilities: Option<String>,
    questionnaire_version: Option<u32>,
}

/// Most that may be sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RelationshipLimits)]
struct LimitsView {
    per_transfer: Option<MoneyView>,
    per_day: Option<MoneyView>,
    per_month: Option<MoneyView>,
}

/// What is to change, in its own members.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RelationshipProposedChange)]
struct ProposedChangeView {
    travel_rule: Option<ProposedTrackView>,
    correspondent: Option<ProposedTrackView>,
    terms: Option<TermsView>,
}

/// What is proposed on a track.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RelationshipProposedTrack)]
struct ProposedTrackView {
    status: StatusView,
    #[schema(value_type = Option<String>, format = Date)]
    review_due: Option<Date>,
    conditions: ConditionsView,
    terminated_for_aml: bool,
}

/// Exchanges that failed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RelationshipFailures)]
struct FailuresView {
    /// Those of the time that the policy names.
    count: usize,
    /// How far the organisation went.
    step: Option<RepeatStepView>,
    /// Oldest first, at most 500.
    items: Vec<FailureView>,
}

/// An exchange that failed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RelationshipFailure)]
struct FailureView {
    kind: IncidentKind,
    #[schema(value_type = String, format = DateTime)]
    occurred_at: UtcTime,
    note: Option<String>,
    step: Option<RepeatStepView>,
}

/// A version.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RelationshipVersion)]
struct MadeView {
    version: u32,
    event: Event,
    #[schema(value_type = String, format = DateTime)]
    at: UtcTime,
    /// Id of the user.
    by: String,
    reason: Option<String>,
    /// As decided then.
    travel_rule: StatusView,
    /// As decided then.
    correspondent: StatusView,
}

impl From<KeptRelationship> for RelationshipView {
    fn from(of: KeptRelationship) -> Self {
        let kept = of.kept.as_ref();
        Self {
            id: kept.map(|kept| kept.id.to_string()),
            version: of.version(),
            vasp: CounterpartyView {
                id: of.vasp_id.to_string(),
                legal_name: of.vasp.as_ref().map(|vasp| vasp.legal_name.clone()),
                lei: of.vasp.as_ref().and_then(|vasp| Some(vasp.lei?.as_str().to_owned())),
                country: of.vasp.as_ref().and_then(|vasp| Some(vasp.country?.as_str().to_owned())),
            },
            travel_rule: TrackView::of(Track::TravelRule, &of.travel_rule),
            correspondent: TrackView::of(Track::Correspondent, &of.correspondent),
            terms: kept.map(|kept| (&kept.terms).into()),
            proposal: of.proposal.as_ref().map(ProposalView::from),
            proposed_change: of.proposal.as_ref().and_then(|proposal| proposal.content().ok()).as_ref().map(Into::into),
            failures: FailuresView {
                count: of.failures,
                step: kept.and_then(|kept| kept.step).map(Into::into),
                items: kept.iter().flat_map(|kept| &kept.incidents).map(FailureView::from).collect(),
            },
            history: of.history.iter().map(MadeView::from).collect(),
        }
    }
}

impl TrackView {
    fn of(track: Track, state: &TrackState) -> Self {
        let decision = state.by.as_ref().map_or_else(TrackDecision::default, |by| by.track(track).clone());
        Self {
            status: state.status.into(),
            completed_at: decision.decided_at,
            review_due: decision.review_due,
            conditions: (&decision.conditions).into(),
            reason: decision.reason,
            terminated_for_aml: decision.terminated_for_aml,
            decided_by: decision.decided_by.iter().map(ToString::to_string).collect(),
            by_senior_management: decision.by_senior_management,
            inherited_from: state.inherited_from.map(|id| id.to_string()),
            merged_from: state.merged_from.map(|id| id.to_string()),
            missing: state.missing.iter().map(|needed| needed.as_str()).collect(),
        }
    }
}

impl From<&Conditions> for ConditionsView {
    fn from(of: &Conditions) -> Self {
        Self {
            first_party_only: of.first_party_only,
            max_amount: of.max_amount.as_ref().map(Into::into),
            enhanced_due_diligence: of.enhanced_due_diligence,
            proof_of_control: of.proof_of_control,
            other: of.other.clone(),
        }
    }
}

impl From<&Terms> for TermsView {
    fn from(of: &Terms) -> Self {
        let Limits { per_transfer, per_day, per_month } = of.limits;
        Self {
            limits: LimitsView {
                per_transfer: per_transfer.as_ref().map(Into::into),
                per_day: per_day.as_ref().map(Into::into),
                per_month: per_month.as_ref().map(Into::into),
            },
            networks: of.networks.iter().map(ToString::to_string).collect(),
            assets: of.assets.iter().map(ToString::to_string).collect(),
            risk: of.risk,
            risk_note: of.risk_note.clone(),
            agreement_reference: of.agreement_reference.clone(),
            responsibilities: of.responsibilities.clone(),
            questionnaire_version: of.questionnaire_version,
        }
    }
}

impl From<&Change> for ProposedChangeView {
    fn from(of: &Change) -> Self {
        let track = |change: &TrackChange| ProposedTrackView {
            status: change.status.into(),
            review_due: change.review_due,
            conditions: (&change.conditions).into(),
            terminated_for_aml: change.terminated_for_aml,
        };
        Self {
            travel_rule: of.travel_rule.as_ref().map(track),
            correspondent: of.correspondent.as_ref().map(track),
            terms: of.terms.as_ref().map(Into::into),
        }
    }
}

impl From<&Incident> for FailureView {
    fn from(of: &Incident) -> Self {
        Self { kind: of.kind, occurred_at: of.occurred_at, note: of.note.clone(), step: of.step.map(Into::into) }
    }
}

impl From<&Relationship> for MadeView {
    fn from(of: &Relationship) -> Self {
        Self {
            version: of.version,
            event: of.made.event,
            at: of.made.at,
            by: of.made.by.to_string(),
            reason: of.made.reason.clone(),
            travel_rule: of.travel_rule.status.into(),
            correspondent: of.correspondent.status.into(),
        }
    }
}
