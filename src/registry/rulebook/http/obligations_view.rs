//! What both sides of a transfer owe: the answer of `POST /v1/obligations`, and a part of every pre-check.

use serde::Serialize;
use utoipa::ToSchema;

use super::threshold_view::{CountedView, MaxAmountView, ThresholdEntryView, ThresholdView, UndeterminedView};
use crate::http::sourced::{OnRequestView, SourcedOnRequestView, SourcedOneOfView, each};
use vasp_rules::obligations::{
    CounterpartyDiligence, DataHandling, Exemption, MissingDataActions, Obligations, SelfHostedDuty, SideObligations,
    SourcedField, WalletVerification, WalletVerificationCode,
};
use vasp_rules::rulebook::{
    BatchScope, BelowThreshold, Confidence, DataCollection, FieldCode, Flow, JurisdictionId, OneOf, RuleVersionId, Source,
    SourceKind, TimingRule, TravelRuleStatus, VerificationMethod, WalletScope,
};
use vasp_words::time::Date;

/// What both sides owe, each by its own rule on the date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Obligations)]
pub(crate) struct ObligationsView {
    /// The originator side's.
    flow: Flow,
    originator: SideObligationsView,
    beneficiary: SideObligationsView,
    /// What either rule requires.
    #[schema(example = json!(["originator.name"]))]
    required_fields: Vec<FieldCode>,
    /// The same, each with the rule versions that demand it.
    required_from: Vec<SourcedField>,
    /// What either rule asks for where the sender has it, and neither requires.
    if_available_from: Vec<SourcedField>,
    /// What is not sent at once but due when asked for, by either rule.
    on_request_from: Vec<SourcedOnRequestView>,
    /// One alternative of each, by either rule.
    one_of: Vec<SourcedOneOfView>,
    /// Required and not among `provided_fields`.
    missing_fields: Vec<FieldCode>,
    /// Alternatives of which none is wholly among `provided_fields`.
    missing_one_of: Vec<SourcedOneOfView>,
    /// The last day up to which the rulebook knows of changes.
    known_through: Date,
    /// Whether the transfer is of a later day: rules may have changed since, and this answer does not know.
    after_known_through: bool,
}

/// What one side owes by its own rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SideObligations)]
pub(crate) struct SideObligationsView {
    /// As asked; null where it is not known.
    jurisdiction: Option<JurisdictionId>,
    /// By this side's rule; cross-border where a side is not known.
    flow: Flow,
    /// The version that holds on the date; null: unknown.
    rule_version: Option<RuleVersionId>,
    status: TravelRuleStatus,
    /// Whether `status` is `in_force`.
    in_force: bool,
    /// Null beside no threshold (none set for this flow, the rule does not bind, or the transfer is exempt). Also null if it cannot
    /// be told, with the reason in `undetermined`; the data above is then due.
    above_threshold: Option<bool>,
    /// What was held against the threshold; null where nothing was.
    counted: Option<CountedView>,
    /// Why it cannot be told.
    undetermined: Option<UndeterminedView>,
    threshold: Option<ThresholdView>,
    /// What holds below, where the amount is below.
    below_threshold: Option<BelowThreshold>,
    /// Why the rule asks nothing of this transfer although it binds.
    exemption: Option<Exemption>,
    /// What the exemption rests on, where that is not the rule's own `sources`.
    #[schema(example = "Regulation (EU) 2023/1113 Art. 2(4)(a)")]
    exemption_source: Option<String>,
    /// The highest amount towards counterparties that are not authorised there; null if the rule sets none for this transfer.
    max_amount: Option<MaxAmountView>,
    counterparty_due_diligence: CounterpartyDiligence,
    /// What becomes of the data below: it travels to the counterparty's provider, or it is only held; null if none is asked for.
    data_handling: Option<DataHandling>,
    /// All of these.
    required_fields: Vec<FieldCode>,
    /// One alternative of each of these.
    one_of: Vec<OneOf>,
    /// These where the sender has them.
    if_available: Vec<FieldCode>,
    /// Not sent at once, but due when asked for.
    on_request: Vec<OnRequestView>,
    timing: Option<TimingRule>,
    /// Null: not stated.
    batch_allowed: Option<bool>,
    batch_scope: Option<BatchScope>,
    missing_data_action: MissingDataActions,
    /// Null: not stated.
    retention_years: Option<u16>,
    self_hosted: SelfHostedView,
    confidence: Confidence,
    /// What the version rests on.
    sources: Vec<SourceView>,
}

/// What a rule asks about self-hosted addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SelfHosted)]
pub(crate) struct SelfHostedView {
    verification: WalletVerification,
    code: Option<WalletVerificationCode>,
    /// The amount that decides.
    threshold: Option<ThresholdEntryView>,
    methods: Vec<VerificationMethod>,
    /// Whose addresses; null without a rule.
    applies_to: Option<WalletScope>,
    /// Whether data is collected; null without a rule.
    data_collection: Option<DataCollection>,
    /// Why it cannot be told whether control must be verified, where the amount decides.
    undetermined: Option<UndeterminedView>,
}

/// What a rule version rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RuleSource)]
pub(crate) struct SourceView {
    kind: SourceKind,
    /// Record, address or law.
    r#ref: String,
    /// When it said so: a day, month or year.
    as_of: String,
    note: Option<String>,
}

impl From<&Obligations> for ObligationsView {
    fn from(owed: &Obligations) -> Self {
        Self {
            flow: owed.flow,
            originator: (&owed.originator).into(),
            beneficiary: (&owed.beneficiary).into(),
            required_fields: owed.required_fields.clone(),
            required_from: owed.required_from.clone(),
            if_available_from: owed.if_available_from.clone(),
            on_request_from: each(&owed.on_request_from),
            one_of: each(&owed.one_of),
            missing_fields: owed.missing_fields.clone(),
            missing_one_of: each(&owed.missing_one_of),
            known_through: owed.known_through,
            after_known_through: owed.after_known_through,
        }
    }
}

impl From<&SideObligations> for SideObligationsView {
    fn from(side: &SideObligations) -> Self {
        Self {
            jurisdiction: side.jurisdiction.clone(),
            flow: side.flow,
            rule_version: side.rule_version.clone(),
            status: side.status,
            in_force: side.in_force,
            above_threshold: side.above_threshold,
            counted: side.counted.as_ref().map(CountedView::from),
            undetermined: side.undetermined.map(UndeterminedView::from),
            threshold: side.threshold.as_ref().map(ThresholdView::from),
            below_threshold: side.below_threshold,
            exemption: side.exemption,
            exemption_source: side.exemption_source.map(str::to_owned),
            max_amount: side.max_amount.as_ref().map(MaxAmountView::from),
            counterparty_due_diligence: side.counterparty_due_diligence,
            data_handling: side.data_handling,
            required_fields: side.required_fields.clone(),
            one_of: side.one_of.clone(),
            if_available: side.if_available.clone(),
            on_request: each(&side.on_request),
            timing: side.timing,
            batch_allowed: side.batch_allowed,
            batch_scope: side.batch_scope,
            missing_data_action: side.missing_data_action.clone(),
            retention_years: side.retention_years,
            self_hosted: (&side.self_hosted).into(),
            confidence: side.confidence,
            sources: each(&side.sources),
        }
    }
}

impl From<&SelfHostedDuty> for SelfHostedView {
    fn from(duty: &SelfHostedDuty) -> Self {
        Self {
            verification: duty.verification,
            code: duty.code,
            threshold: duty.threshold.as_ref().map(ThresholdEntryView::from),
            methods: duty.methods.to_vec(),
            applies_to: duty.applies_to,
            data_collection: duty.data_collection,
            undetermined: duty.undetermined.map(UndeterminedView::from),
        }
    }
}

impl From<&Source> for SourceView {
    fn from(source: &Source) -> Self {
        let Source { kind, reference, as_of, note } = source;
        Self { kind: (*kind), r#ref: reference.clone(), as_of: as_of.clone(), note: note.clone() }
    }
}
