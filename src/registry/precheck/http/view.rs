//! View of a pre-check's answer.

use serde::Serialize;
use utoipa::ToSchema;

use super::verdict::{ConditionView, NextStepView, NoteView, ReasonView, Scope};
use crate::http::{DirectoryView, Written};
use crate::node::{Silence, ValidUntil};
use crate::precheck::{Alternative, ENGINE, Instead, PrecheckAnswer};
use crate::resolve::http::ResolutionView;
use crate::vasps::http::{EntityView, VaspSummaryView};
use vasp_pki::ClaimIdKey;
use vasp_rules::due_diligence::DueDiligenceStatus;
use vasp_rules::obligations::Obligations;
use vasp_rules::policy::Recommendation;
use vasp_rules::precheck::{CheckCode, CheckName, CheckOutcome, CheckResult, Evidence, EvidenceOf, TrackAnswer};
use vasp_rules::routes::{Nearest, Route, Routes};
use vasp_words::ids::PrecheckId;
use vasp_words::time::{Date, UtcTime};

/// The answer of a pre-check.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Precheck)]
pub(crate) struct PrecheckView {
    /// Id of the recorded pre-check; null if it was not recorded.
    #[schema(example = "pre_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    pub(crate) id: Option<String>,
    recommendation: Recommendation,
    /// Whether you asked about an address or Travel Address. A `proceed` about a counterparty alone does not approve any address.
    scope: Scope,
    /// Whether the outcome of any check is unknown.
    incomplete: bool,
    /// Why the recommendation is not `proceed`, worst first.
    reasons: Vec<ReasonView>,
    /// Who owns the address; null if you named a VASP or jurisdiction.
    #[schema(value_type = Option<ResolutionView>)]
    resolution: Option<Written>,
    /// The counterparty's legal entity; null if none is settled.
    counterparty: Option<VaspSummaryView>,
    /// Other entities that the counterparty may be, instead of or besides the settled one.
    counterparty_candidates: Vec<EntityView>,
    /// The thirteen checks; always all of them, in this order.
    checks: Vec<CheckView>,
    due_diligence: DueDiligenceView,
    obligations: Obligations,
    /// Routes to the counterparty.
    routes: Vec<RouteView>,
    /// What must be met before you send data or assets, or credit the customer. At least one for `proceed_with_conditions`, none for
    /// `reject`.
    conditions: Vec<ConditionView>,
    /// Steps that would help to go ahead. At least one for `hold` and `reject`.
    next_steps: Vec<NextStepView>,
    /// Findings for information only; they have no consequences.
    notes: Vec<NoteView>,
    /// The policy that judged, `name@version`.
    #[schema(example = "default@5")]
    policy: String,
    /// Version of the rulebook.
    rulebook: String,
    /// The program version that computed the answer.
    engine: String,
    directory: DirectoryView,
    valid_until: ValidUntil,
    /// Other jurisdictions that lead to a better recommendation, best first; null if you did not ask for them.
    alternatives: Option<Vec<AlternativeView>>,
    /// The answer in plain sentences, the decisive ones first; null if you did not ask for it.
    explanation: Option<Vec<String>>,
    /// The signed receipt (compact JWS); null if the pre-check was not recorded. Always the last member.
    #[schema(example = "eyJhbGciOiJFZERTQSIsImtpZCI6Ii4uLiJ9.eyJpc3MiOiIuLi4ifQ.c2lnbmF0dXJl")]
    receipt: Option<String>,
}

/// A change that leads to a better recommendation. Either `counterparty` or `own_jurisdiction` says what would change.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Alternative)]
pub(crate) struct AlternativeView {
    /// Another legal entity of the counterparty's group, at an address of its own; null if the change is on your side.
    counterparty: Option<EntityView>,
    /// Another country of your own group, as the jurisdiction of your side; null if the change is the counterparty.
    #[schema(example = "IE")]
    own_jurisdiction: Option<String>,
    recommendation: Recommendation,
    /// Codes of the reasons why the recommendation would not be `proceed`, worst first.
    reasons: Vec<CheckCode>,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Check)]
pub(crate) struct CheckView {
    check: CheckName,
    outcome: CheckOutcome,
    #[schema(example = "identity.register_only")]
    code: CheckCode,
    detail: String,
    evidence: Vec<EvidenceView>,
}

/// One dated source of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = CheckEvidence)]
pub(crate) struct EvidenceView {
    #[schema(example = "licence")]
    kind: &'static str,
    id: Option<String>,
    source: String,
    observed_at: Option<UtcTime>,
    valid_until: Option<UtcTime>,
}

/// Your organisation's own due diligence, in two tracks that regulators keep apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DueDiligence)]
pub(crate) struct DueDiligenceView {
    /// FATF R.16.
    travel_rule: DueDiligenceTrackView,
    /// FATF R.13.
    correspondent: DueDiligenceTrackView,
}

/// One track of the due diligence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DueDiligenceTrack)]
pub(crate) struct DueDiligenceTrackView {
    status: DueDiligenceStatus,
    completed_at: Option<UtcTime>,
    /// The last day on which the approval is valid.
    review_due: Option<Date>,
    /// What is missing from the file: `decision`, `review`, `senior_management_approval`, `risk_rating`, `agreement_reference`,
    /// `responsibilities`, `questionnaire`.
    #[schema(value_type = Vec<String>, example = json!(["decision"]))]
    missing: Vec<&'static str>,
    /// Id of the group that the decision was made for; null if it was made for this entity.
    inherited_from: Option<String>,
}

impl From<&TrackAnswer> for DueDiligenceTrackView {
    fn from(answer: &TrackAnswer) -> Self {
        Self {
            status: answer.status,
            completed_at: answer.completed_at,
            review_due: answer.review_due,
            missing: answer.missing.iter().map(|needed| needed.as_str()).collect(),
            inherited_from: answer.inherited_from.map(|id| id.to_string()),
        }
    }
}

/// A route to the counterparty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Route)]
pub(crate) struct RouteView {
    /// Protocol, such as `trp`.
    #[schema(example = "trp")]
    protocol: String,
    /// Id of the counterparty's endpoint.
    #[schema(example = "end_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    endpoint: String,
    /// Whether you can use the route now.
    usable: bool,
    /// The code of why you cannot use it; null if you can. If no route is usable, the last item can name the nearest way instead, with
    /// `over_bridge` or `join_protocol`.
    #[schema(example = "endpoint_paused")]
    reason: Option<&'static str>,
    /// All reasons in words; null if you can use the route.
    detail: Option<String>,
    /// The newest version that both sides speak. It is the counterparty's newest if your versions are not on record. Null if versions
    /// do not matter.
    #[schema(example = "3.2.1")]
    version: Option<String>,
    /// The rank; 1 is the best.
    rank: usize,
}

impl PrecheckView {
    /// Renders an answer. `ids` turns claim numbers into public ids.
    pub(crate) fn of(answer: &PrecheckAnswer, id: Option<PrecheckId>, ids: &ClaimIdKey, silence: Silence) -> Self {
        let (generation, outcome) = (&answer.generation, &answer.outcome);
        let documents = generation.documents();
        Self {
            id: id.map(|id| id.to_string()),
            recommendation: outcome.recommendation,
            scope: if answer.asks_of_transfer { Scope::Transfer } else { Scope::Counterparty },
            incomplete: outcome.incomplete,
            reasons: outcome.reasons.iter().map(ReasonView::from).collect(),
            resolution: answer.resolution.as_ref().map(|resolution| Written::of(&ResolutionView::of(resolution, ids, silence))),
            counterparty: answer.counterparty.as_ref().map(|vasp| VaspSummaryView::of(vasp, generation, answer.at)),
            counterparty_candidates: answer.candidates.iter().map(|vasp| EntityView::from(vasp.as_ref())).collect(),
            checks: outcome.checks.iter().map(|check| CheckView::of(check, ids)).collect(),
            due_diligence: DueDiligenceView {
                travel_rule: (&outcome.travel_rule).into(),
                correspondent: (&outcome.correspondent).into(),
            },
            obligations: answer.obligations.clone(),
            routes: RouteView::all(answer.routes.as_ref()),
            conditions: outcome.conditions.iter().map(ConditionView::from).collect(),
            next_steps: outcome.next_steps.iter().map(|step| NextStepView::of(step, outcome.counterparty)).collect(),
            notes: outcome.notes.iter().map(NoteView::from).collect(),
            policy: answer.policy.to_string(),
            rulebook: documents.rulebook.value.version.clone(),
            engine: ENGINE.to_owned(),
            directory: DirectoryView::from(generation.as_ref()),
            valid_until: silence.shortens(answer.holds),
            receipt: None,
            alternatives: answer.alternatives.as_ref().map(|found| found.iter().map(AlternativeView::from).collect()),
            explanation: answer.explanation.clone(),
        }
    }
}

impl From<&Alternative> for AlternativeView {
    fn from(alternative: &Alternative) -> Self {
        let (counterparty, own_jurisdiction) = match &alternative.instead {
            Instead::Counterparty(vasp) => (Some(EntityView::from(vasp.as_ref())), None),
            Instead::OwnCountry(country) => (None, Some(country.as_str().to_owned())),
        };
        let reasons = alternative.reasons.clone();
        Self { counterparty, own_jurisdiction, recommendation: alternative.recommendation, reasons }
    }
}

impl CheckView {
    fn of(check: &CheckResult, ids: &ClaimIdKey) -> Self {
        Self {
            check: check.check(),
            outcome: check.outcome(),
            code: check.code,
            detail: check.detail.clone(),
            evidence: check.evidence.iter().map(|evidence| EvidenceView::of(evidence, ids)).collect(),
        }
    }
}

impl EvidenceView {
    pub(crate) fn of(evidence: &Evidence, ids: &ClaimIdKey) -> Self {
        let id = match &evidence.of {
            EvidenceOf::Claim(number) => Some(ids.public_id(*number)),
            other => other.id(),
        };
        Self {
            kind: evidence.of.kind(),
            id,
            source: evidence.source.clone(),
            observed_at: evidence.observed_at,
            valid_until: evidence.valid_until,
        }
    }
}

impl RouteView {
    /// Renders the routes, best first; the nearest way comes last.
    fn all(routes: Option<&Routes>) -> Vec<Self> {
        let Some(routes) = routes else { return vec![] };
        let route = |route: &Route| {
            let words: Vec<&str> = route.obstacles.iter().map(|obstacle| obstacle.detail.as_str()).collect();
            Self {
                protocol: route.protocol.to_string(),
                endpoint: route.endpoint.to_string(),
                usable: route.is_usable(),
                reason: route.obstacles.first().map(|obstacle| obstacle.reason.as_str()),
                detail: (!words.is_empty()).then(|| words.join(" ")),
                version: route.version.clone(),
                rank: 0,
            }
        };
        let nearest = |near: &Nearest| {
            let obstacle = near.obstacle();
            Self {
                protocol: near.protocol().to_string(),
                endpoint: near.endpoint().to_string(),
                usable: false,
                reason: Some(obstacle.reason.as_str()),
                detail: Some(obstacle.detail),
                version: None,
                rank: 0,
            }
        };
        let all = routes.items.iter().map(route).chain(routes.nearest.iter().map(nearest));
        all.zip(1..).map(|(view, rank)| Self { rank, ..view }).collect()
    }
}
