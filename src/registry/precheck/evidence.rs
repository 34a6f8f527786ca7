//! The evidence of a pre-check: how the verdict came about. It borrows from the answer, so that rendering copies each text once. Its text is
//! canonical (RFC 8785), whatever the order of the members here; `rendering` writes it.

use std::borrow::Cow;

use serde::Serialize;
use utoipa::ToSchema;

use super::rendering::Rendering;
use super::verdict::{NoteView, customer_country};
use super::{Alternative, Instead};
use crate::brands::http::PrecheckBrandView;
use crate::resolve::http::ResolutionView;
use crate::vasp_lists::http::place;
use crate::vasps::http::EntityView;
use vasp_pki::ClaimIdKey;
use vasp_pki::receipt::CanonicalText;
use vasp_rules::due_diligence::DueDiligenceStatus;
use vasp_rules::obligations::Obligations;
use vasp_rules::policy::Recommendation;
use vasp_rules::precheck::{CheckCode, CheckName, CheckOutcome, CheckResult, Evidence, EvidenceOf, TrackAnswer};
use vasp_rules::routes::{Nearest, Route, Routes};
use vasp_rules::rulebook::FieldCode;
use vasp_rules::vasp_list::ListedBy;
use vasp_words::time::{Date, UtcTime};

/// The evidence of a pre-check: how the verdict came about.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct PrecheckEvidence<'a> {
    /// Other jurisdictions that lead to a better recommendation, best first; null if you did not ask for them.
    #[schema(value_type = Option<Vec<AlternativeView>>)]
    alternatives: Option<Vec<AlternativeView<'a>>>,
    /// The brand that the address leads to, with the entities that may be behind it and what would settle which; null if it leads to
    /// none.
    brand: Option<PrecheckBrandView>,
    /// The thirteen checks; always all of them, in this order.
    #[schema(value_type = Vec<CheckView>)]
    checks: Vec<CheckView<'a>>,
    due_diligence: DueDiligenceView,
    /// The answer in plain sentences; null if you did not ask for them.
    #[schema(value_type = Option<Vec<String>>)]
    explanation: Option<&'a [String]>,
    /// Findings for information only; they have no consequences.
    #[schema(value_type = Vec<NoteView>)]
    notes: Vec<NoteView<'a>>,
    #[schema(value_type = Obligations)]
    obligations: CanonicalText,
    /// Who owns the address; null if you named a VASP or jurisdiction.
    #[schema(value_type = Option<ResolutionView>)]
    resolution: Option<ResolutionView<'a>>,
    /// Routes to the counterparty, best first.
    #[schema(value_type = Vec<RouteView>)]
    routes: Vec<RouteView<'a>>,
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

/// The place of a counterparty in a list of VASPs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RouteListing)]
pub(crate) struct RouteListingView {
    /// The day on which the provider handed the list out.
    as_of: Date,
    /// By what the counterparty was found in it.
    found_by: ListedBy,
    /// The network's identifier, or the place.
    #[schema(example = "MAkGAda4ac")]
    id: String,
    /// The file.
    source: String,
}

/// A route to the counterparty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Route)]
pub(crate) struct RouteView<'a> {
    /// All reasons in words; null if you can use the route.
    #[schema(value_type = Option<String>)]
    detail: Option<Cow<'a, str>>,
    /// Id of the counterparty's endpoint; null if the route comes from a list of VASPs.
    #[schema(example = "end_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    endpoint: Option<String>,
    /// Where the list has the counterparty; null if the counterparty published its endpoint itself.
    #[schema(value_type = Option<RouteListingView>)]
    listed: Option<RouteListingView>,
    /// Codes of the data that the receiver needs and that are not in `provided_fields`; empty if you left it out.
    #[schema(value_type = Vec<String>, example = json!(["originator.date_of_birth"]))]
    missing_fields: &'a [FieldCode],
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

impl<'a> PrecheckEvidence<'a> {
    /// Renders the evidence of an answer.
    pub(super) fn of(from: &Rendering<'a>) -> Self {
        let ids = from.registry.directory().claim_ids();
        let (answer, records) = (from.answer, from.answer.generation.records());
        let outcome = &answer.outcome;
        Self {
            alternatives: answer.alternatives.as_ref().map(|found| found.iter().map(AlternativeView::from).collect()),
            brand: answer.brand.as_ref().map(|brand| PrecheckBrandView::of(brand, records, customer_country(answer))),
            checks: outcome.checks.iter().map(|check| CheckView::of(check, ids)).collect(),
            due_diligence: DueDiligenceView {
                correspondent: (&outcome.correspondent).into(),
                travel_rule: (&outcome.travel_rule).into(),
            },
            explanation: answer.explanation.as_deref(),
            notes: outcome.notes.iter().map(NoteView::from).collect(),
            obligations: CanonicalText::kept(Some(&answer.owed.text), || &answer.owed.obligations),
            resolution: answer.resolution.as_ref().map(|found| ResolutionView::in_precheck(found, ids, from.silence)),
            routes: RouteView::all(answer.routes.as_ref()),
        }
    }
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

impl RouteListingView {
    fn of(route: &Route) -> Option<Self> {
        let listing = route.listing.as_ref()?;
        let id = place(route.location.clone());
        Some(Self { as_of: listing.as_of, found_by: listing.by, id, source: listing.source.clone() })
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
                endpoint: route.listing.is_none().then(|| route.endpoint.to_string()),
                listed: RouteListingView::of(route),
                missing_fields: &route.missing_fields,
                protocol: route.protocol.to_string(),
                rank: 0,
                reason: route.obstacles.first().map(|obstacle| obstacle.reason.as_str()),
                usable: route.is_usable(),
                version: route.version.as_deref(),
            }
        };
        let nearest = |near: &'a Nearest| {
            let obstacle = near.obstacle();
            let of = routes.items.iter().find(|route| route.endpoint == near.endpoint());
            Self {
                detail: Some(obstacle.detail.into()),
                endpoint: of.filter(|route| route.listing.is_none()).map(|route| route.endpoint.to_string()),
                listed: of.and_then(RouteListingView::of),
                missing_fields: near.missing_fields(),
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
