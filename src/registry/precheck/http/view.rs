//! View of a pre-check's answer. It borrows from the answer, so that rendering copies each text once. The members of its parts have the
//! order of RFC 8785, in which receipts digest them.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::verdict::{ConditionView, NextStepView, NoteView, ReasonView, Scope};
use crate::brands::http::PrecheckBrandView;
use crate::directory::Owed;
use crate::http::DirectoryView;
use crate::node::{Registry, Silence, ValidUntil, Written};
use crate::precheck::{Alternative, ENGINE, Instead, PrecheckAnswer};
use crate::resolve::http::ResolutionView;
use crate::vasps::http::{EntityView, VaspSummaryView};
use vasp_pki::ClaimIdKey;
use vasp_pki::receipt::canonical_json;
use vasp_record::environment::Environment;
use vasp_rules::due_diligence::DueDiligenceStatus;
use vasp_rules::obligations::Obligations;
use vasp_rules::policy::{Circumstance, Recommendation};
use vasp_rules::precheck::{CheckCode, CheckName, CheckOutcome, CheckResult, Evidence, EvidenceOf, TrackAnswer};
use vasp_rules::routes::{Nearest, Route, Routes};
use vasp_words::caip::Caip19;
use vasp_words::ids::PrecheckId;
use vasp_words::time::{Date, UtcTime};

/// The answer of a pre-check.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Precheck)]
pub(crate) struct PrecheckView<'a> {
    /// Id of the recorded pre-check; null if it was not recorded.
    #[schema(example = "pre_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    pub(crate) id: Option<String>,
    /// `sandbox` in a sandbox, where everything is invented; a live registry leaves this member out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) environment: Option<Environment>,
    recommendation: Recommendation,
    /// Whether you asked about an address or Travel Address. A `proceed` about a counterparty alone does not approve any address.
    scope: Scope,
    /// Whether the outcome of any check is unknown.
    incomplete: bool,
    /// Why the recommendation is not `proceed`, worst first.
    #[schema(value_type = Vec<ReasonView>)]
    reasons: Vec<ReasonView<'a>>,
    /// Who owns the address; null if you named a VASP or jurisdiction.
    #[schema(value_type = Option<ResolutionView>)]
    resolution: Option<ResolutionView<'a>>,
    /// The counterparty's legal entity; null if none is settled.
    #[schema(value_type = Option<VaspSummaryView>)]
    counterparty: Option<Written>,
    /// The asset that you named by its ticker, CAIP-19; absent if you named none, or by its id.
    #[schema(value_type = Option<String>, example = "eip155:1/slip44:60")]
    #[serde(skip_serializing_if = "Option::is_none")]
    asset: Option<&'a Caip19>,
    /// Other entities that the counterparty may be, instead of or besides the settled one.
    counterparty_candidates: Vec<EntityView>,
    /// The brand that the address leads to, with the entities that may be behind it and what would settle which; null if it leads to
    /// none.
    brand: Option<PrecheckBrandView>,
    /// The thirteen checks; always all of them, in this order.
    #[schema(value_type = Vec<CheckView>)]
    checks: Vec<CheckView<'a>>,
    due_diligence: DueDiligenceView,
    #[schema(value_type = Obligations)]
    obligations: Written,
    /// Routes to the counterparty.
    #[schema(value_type = Vec<RouteView>)]
    routes: Vec<RouteView<'a>>,
    /// What must be met before you send data or assets, or credit the customer. At least one for `proceed_with_conditions`, none for
    /// `reject`.
    #[schema(value_type = Vec<ConditionView>)]
    conditions: Vec<ConditionView<'a>>,
    /// Steps that would help to go ahead. At least one for `hold` and `reject`.
    #[schema(value_type = Vec<NextStepView>)]
    next_steps: Vec<NextStepView<'a>>,
    /// Findings for information only; they have no consequences.
    #[schema(value_type = Vec<NoteView>)]
    notes: Vec<NoteView<'a>>,
    /// The policy that judged, `name@version`.
    #[schema(example = "default@5")]
    policy: String,
    /// Version of the rulebook.
    rulebook: &'a str,
    /// The program version that computed the answer.
    engine: &'static str,
    directory: DirectoryView,
    valid_until: ValidUntil,
    /// Other jurisdictions that lead to a better recommendation, best first; null if you did not ask for them.
    #[schema(value_type = Option<Vec<AlternativeView>>)]
    alternatives: Option<Vec<AlternativeView<'a>>>,
    /// The answer in plain sentences, the decisive ones first; null if you did not ask for it.
    #[schema(value_type = Option<Vec<String>>)]
    explanation: Option<&'a [String]>,
    /// The signed receipt (compact JWS); null if the pre-check was not recorded. Always the last member.
    #[schema(example = "eyJhbGciOiJFZERTQSIsImtpZCI6Ii4uLiJ9.eyJpc3MiOiIuLi4ifQ.c2lnbmF0dXJl")]
    receipt: Option<&'a str>,
}

/// A change that leads to a better recommendation. Either `counterparty` or `own_jurisdiction` says what would change.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Alternative)]
pub(crate) struct AlternativeView<'a> {
    /// Another legal entity of the counterparty's group, at an address of its own; null if the change is on your side.
    counterparty: Option<EntityView>,
    /// Another country of your own group, as the jurisdiction of your side; null if the change is the counterparty.
    #[schema(example = "IE")]
    own_jurisdiction: Option<&'a str>,
    recommendation: Recommendation,
    /// Codes of the reasons why the recommendation would not be `proceed`, worst first.
    #[schema(value_type = Vec<CheckCode>)]
    reasons: &'a [CheckCode],
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Check)]
pub(crate) struct CheckView<'a> {
    check: CheckName,
    #[schema(example = "identity.register_only")]
    code: CheckCode,
    detail: &'a str,
    #[schema(value_type = Vec<EvidenceView>)]
    evidence: Vec<EvidenceView<'a>>,
    outcome: CheckOutcome,
}

/// One dated source of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = CheckEvidence)]
pub(crate) struct EvidenceView<'a> {
    #[schema(value_type = Option<String>)]
    id: Option<Cow<'a, str>>,
    #[schema(example = "licence")]
    kind: &'static str,
    observed_at: Option<UtcTime>,
    #[schema(value_type = String)]
    source: Cow<'a, str>,
    valid_until: Option<UtcTime>,
}

/// Your organisation's own due diligence, in two tracks that regulators keep apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DueDiligence)]
pub(crate) struct DueDiligenceView {
    /// FATF R.13.
    correspondent: DueDiligenceTrackView,
    /// FATF R.16.
    travel_rule: DueDiligenceTrackView,
}

/// One track of the due diligence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DueDiligenceTrack)]
pub(crate) struct DueDiligenceTrackView {
    completed_at: Option<UtcTime>,
    /// Id of the group that the decision was made for; null if it was made for this entity.
    inherited_from: Option<String>,
    /// What is missing from the file: `decision`, `review`, `senior_management_approval`, `risk_rating`, `agreement_reference`,
    /// `responsibilities`, `questionnaire`.
    #[schema(value_type = Vec<String>, example = json!(["decision"]))]
    missing: Vec<&'static str>,
    /// The last day on which the approval is valid.
    review_due: Option<Date>,
    status: DueDiligenceStatus,
}

impl From<&TrackAnswer> for DueDiligenceTrackView {
    fn from(answer: &TrackAnswer) -> Self {
        Self {
            completed_at: answer.completed_at,
            inherited_from: answer.inherited_from.map(|id| id.to_string()),
            missing: answer.missing.iter().map(|needed| needed.as_str()).collect(),
            review_due: answer.review_due,
            status: answer.status,
        }
    }
}

/// A route to the counterparty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Route)]
pub(crate) struct RouteView<'a> {
    /// All reasons in words; null if you can use the route.
    #[schema(value_type = Option<String>)]
    detail: Option<Cow<'a, str>>,
    /// Id of the counterparty's endpoint.
    #[schema(example = "end_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    endpoint: String,
    /// Protocol, such as `trp`.
    #[schema(example = "trp")]
    protocol: String,
    /// The rank; 1 is the best.
    rank: usize,
    /// The code of why you cannot use it; null if you can. If no route is usable, the last item can name the nearest way instead, with
    /// `over_bridge` or `join_protocol`.
    #[schema(example = "endpoint_paused")]
    reason: Option<&'static str>,
    /// Whether you can use the route now.
    usable: bool,
    /// The newest version that both sides speak. It is the counterparty's newest if your versions are not on record. Null if versions
    /// do not matter.
    #[schema(example = "3.2.1")]
    version: Option<&'a str>,
}

impl<'a> PrecheckView<'a> {
    /// Renders an answer of a registry.
    pub(crate) fn of(answer: &'a PrecheckAnswer, id: Option<PrecheckId>, registry: &'a Registry, silence: Silence) -> Self {
        let ids = registry.directory().claim_ids();
        let (generation, outcome) = (answer.generation.as_ref(), &answer.outcome);
        let documents = generation.documents();
        let alternatives = answer.alternatives.as_ref();
        Self {
            id: id.map(|id| id.to_string()),
            environment: registry.environment().said(),
            recommendation: outcome.recommendation,
            scope: if answer.asks_of_transfer { Scope::Transfer } else { Scope::Counterparty },
            incomplete: outcome.incomplete,
            reasons: outcome.reasons.iter().map(ReasonView::from).collect(),
            resolution: answer.resolution.as_ref().map(|resolution| ResolutionView::in_precheck(resolution, ids, silence)),
            counterparty: answer.counterparty.as_ref().map(|vasp| VaspSummaryView::written(vasp, generation, answer.at)),
            asset: answer.asset.as_ref(),
            counterparty_candidates: answer.candidates.iter().map(|vasp| EntityView::from(vasp.as_ref())).collect(),
            brand: answer.brand.as_ref().map(|told| {
                let incoming = outcome.circumstances.iter().any(|one| one == Circumstance::Incoming);
                let question = if incoming { "originator.customer_country" } else { "beneficiary.customer_country" };
                PrecheckBrandView::of(told, generation.records(), question)
            }),
            checks: outcome.checks.iter().map(|check| CheckView::of(check, ids)).collect(),
            due_diligence: DueDiligenceView {
                correspondent: (&outcome.correspondent).into(),
                travel_rule: (&outcome.travel_rule).into(),
            },
            obligations: written(&answer.owed),
            routes: RouteView::all(answer.routes.as_ref()),
            conditions: outcome.conditions.iter().map(ConditionView::from).collect(),
            next_steps: outcome.next_steps.iter().map(|step| NextStepView::of(step, outcome.counterparty)).collect(),
            notes: outcome.notes.iter().map(NoteView::from).collect(),
            policy: answer.policy.to_string(),
            rulebook: &documents.rulebook.value.version,
            engine: ENGINE,
            directory: DirectoryView::from(generation),
            valid_until: silence.shortens(answer.holds),
            receipt: None,
            alternatives: alternatives.map(|found| found.iter().map(AlternativeView::from).collect()),
            explanation: answer.explanation.as_deref(),
        }
    }
}

/// Returns the obligations as text, in the order of RFC 8785. Answers with the same obligations share it.
fn written(owed: &Owed) -> Written {
    Written::kept_as(&owed.text, || {
        let text = serde_json::to_string(&owed.obligations).ok()?;
        RawValue::from_string(canonical_json(&text).ok()?).ok()
    })
}

impl<'a> From<&'a Alternative> for AlternativeView<'a> {
    fn from(alternative: &'a Alternative) -> Self {
        let (counterparty, own_jurisdiction) = match &alternative.instead {
            Instead::Counterparty(vasp) => (Some(EntityView::from(vasp.as_ref())), None),
            Instead::OwnCountry(country) => (None, Some(country.as_str())),
        };
        Self { counterparty, own_jurisdiction, recommendation: alternative.recommendation, reasons: &alternative.reasons }
    }
}

impl<'a> CheckView<'a> {
    fn of(check: &'a CheckResult, ids: &ClaimIdKey) -> Self {
        Self {
            check: check.check(),
            code: check.code,
            detail: &check.detail,
            evidence: check.evidence.iter().map(|evidence| EvidenceView::of(evidence, ids)).collect(),
            outcome: check.outcome(),
        }
    }
}

impl<'a> EvidenceView<'a> {
    pub(crate) fn of(evidence: &'a Evidence, ids: &ClaimIdKey) -> Self {
        let id = match &evidence.of {
            EvidenceOf::Claim(number) => Some(Cow::Owned(ids.public_id(*number))),
            other => other.id(),
        };
        Self {
            id,
            kind: evidence.of.kind(),
            observed_at: evidence.observed_at,
            source: evidence.source.as_str().into(),
            valid_until: evidence.valid_until,
        }
    }

    /// Returns a view that outlives the evidence.
    pub(crate) fn into_owned(self) -> EvidenceView<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        EvidenceView {
            id: self.id.map(owned),
            kind: self.kind,
            observed_at: self.observed_at,
            source: owned(self.source),
            valid_until: self.valid_until,
        }
    }
}

impl<'a> RouteView<'a> {
    /// Renders the routes, best first; the nearest way comes last.
    fn all(routes: Option<&'a Routes>) -> Vec<Self> {
        let Some(routes) = routes else { return vec![] };
        let route = |route: &'a Route| {
            let words: Vec<&str> = route.obstacles.iter().map(|obstacle| obstacle.detail.as_str()).collect();
            Self {
                detail: (!words.is_empty()).then(|| words.join(" ").into()),
                endpoint: route.endpoint.to_string(),
                protocol: route.protocol.to_string(),
                rank: 0,
                reason: route.obstacles.first().map(|obstacle| obstacle.reason.as_str()),
                usable: route.is_usable(),
                version: route.version.as_deref(),
            }
        };
        let nearest = |near: &Nearest| {
            let obstacle = near.obstacle();
            Self {
                detail: Some(obstacle.detail.into()),
                endpoint: near.endpoint().to_string(),
                protocol: near.protocol().to_string(),
                rank: 0,
                reason: Some(obstacle.reason.as_str()),
                usable: false,
                version: None,
            }
        };
        let all = routes.items.iter().map(route).chain(routes.nearest.iter().map(nearest));
        all.zip(1..).map(|(view, rank)| Self { rank, ..view }).collect()
    }
}
