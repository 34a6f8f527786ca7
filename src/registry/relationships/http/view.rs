//! How relationships are shown to the organisation whose they are.

use serde::Serialize;
use utoipa::ToSchema;

use crate::http::listing::pages;
use crate::http::mirrored::mirrored;
use crate::proposals::http::ProposalView;
use crate::relationships::{KeptRelationship, TrackState};
use crate::rulebook::http::MoneyView;
use vasp_rules::due_diligence::DueDiligenceStatus;
use vasp_rules::relationship::{
    Change, Conditions, Event, Incident, IncidentKind, Relationship, RepeatStep, RiskRating, Terms, Track, TrackChange,
    TrackDecision,
};
use vasp_words::country::Country;
use vasp_words::ids::{RelationshipId, UserId, VaspId};
use vasp_words::lei::Lei;
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
    id: Option<RelationshipId>,
    /// Rises with every change; 0 where nothing was ever kept.
    version: u32,
    vasp: CounterpartyView,
    /// FATF R.16.
    travel_rule: TrackView,
    /// FATF R.13.
    correspondent: TrackView,
    /// What holds for both tracks, of your own decision about this record; null where there is none.
    #[schema(value_type = Option<TermsView>)]
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
    #[schema(value_type = StatusView)]
    status: DueDiligenceStatus,
    completed_at: Option<UtcTime>,
    /// The last day on which an approval counts.
    review_due: Option<Date>,
    #[schema(value_type = ConditionsView)]
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

/// What has to be met.
#[derive(ToSchema)]
#[schema(as = RelationshipConditions)]
#[expect(dead_code, reason = "only its description is used")]
struct ConditionsView {
    first_party_only: bool,
    max_amount: Option<MoneyView>,
    enhanced_due_diligence: bool,
    proof_of_control: bool,
    other: Option<String>,
}

/// What holds for both tracks.
#[derive(ToSchema)]
#[schema(as = RelationshipTerms)]
#[expect(dead_code, reason = "only its description is used")]
struct TermsView {
    limits: LimitsView,
    networks: Vec<String>,
    assets: Vec<String>,
    risk: Option<RiskRating>,
    risk_note: Option<String>,
    agreement_reference: Option<String>,
    responsibilities: Option<String>,
    questionnaire_version: Option<u32>,
    route: Option<AgreedRouteView>,
    licence_seen: Option<LicenceSeenView>,
}

/// A way to exchange customers' data that you agreed on with the counterparty.
#[derive(ToSchema)]
#[schema(as = RelationshipRoute)]
#[expect(dead_code, reason = "only its description is used")]
pub(crate) struct AgreedRouteView {
    /// The protocol, as `GET /v1/protocols` names it.
    #[schema(example = "trp")]
    protocol: String,
}

/// A licence of the counterparty that you looked at yourself.
#[derive(ToSchema)]
#[schema(as = RelationshipLicenceSeen)]
#[expect(dead_code, reason = "only its description is used")]
pub(crate) struct LicenceSeenView {
    /// The authority that gave it.
    #[schema(min_length = 1, max_length = 80)]
    authority: String,
    /// Its number or reference.
    #[schema(min_length = 1, max_length = 40)]
    number: String,
    /// The day on which you looked at it; not in the future.
    seen_on: Date,
    /// Where you keep the proof.
    #[schema(min_length = 1, max_length = 4000)]
    evidence: String,
}

/// Most that may be sent.
#[derive(ToSchema)]
#[schema(as = RelationshipLimits)]
#[expect(dead_code, reason = "only its description is used")]
struct LimitsView {
    per_transfer: Option<MoneyView>,
    per_day: Option<MoneyView>,
    per_month: Option<MoneyView>,
}

/// What is to change, in its own members.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RelationshipProposedChange)]
struct ProposedChangeView {
    #[schema(value_type = Option<ProposedTrackView>)]
    travel_rule: Option<TrackChange>,
    #[schema(value_type = Option<ProposedTrackView>)]
    correspondent: Option<TrackChange>,
    #[schema(value_type = Option<TermsView>)]
    terms: Option<Terms>,
}

/// What is proposed on a track.
#[derive(ToSchema)]
#[schema(as = RelationshipProposedTrack)]
#[expect(dead_code, reason = "only its description is used")]
struct ProposedTrackView {
    status: StatusView,
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
    #[schema(value_type = Option<RepeatStepView>)]
    step: Option<RepeatStep>,
    /// Oldest first, at most 500.
    #[schema(value_type = Vec<FailureView>)]
    items: Vec<Incident>,
}

/// An exchange that failed.
#[derive(ToSchema)]
#[schema(as = RelationshipFailure)]
#[expect(dead_code, reason = "only its description is used")]
struct FailureView {
    kind: IncidentKind,
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
    at: UtcTime,
    /// Id of the user.
    by: UserId,
    reason: Option<String>,
    /// As decided then.
    #[schema(value_type = StatusView)]
    travel_rule: DueDiligenceStatus,
    /// As decided then.
    #[schema(value_type = StatusView)]
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
