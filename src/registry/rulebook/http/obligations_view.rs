//! View of the duties of both sides of a transfer: the answer of `POST /v1/obligations`, and a part of every pre-check.

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

/// The duties of both sides, each under its own rule on the date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Obligations)]
pub(crate) struct ObligationsView {
    /// The flow under the originator side's rule.
    flow: Flow,
    originator: SideObligationsView,
    beneficiary: SideObligationsView,
    /// The fields that at least one of the two rules requires.
    #[schema(example = json!(["originator.name"]))]
    required_fields: Vec<FieldCode>,
    /// The same fields, each with the rule versions that require it.
    required_from: Vec<SourcedField>,
    /// Fields that a rule asks for if the sender has them, and that neither rule requires.
    if_available_from: Vec<SourcedField>,
    /// Fields that are not sent at once but are due on request, under either rule.
    on_request_from: Vec<SourcedOnRequestView>,
    /// Groups of alternatives. One alternative of each group is due under either rule.
    one_of: Vec<SourcedOneOfView>,
    /// Required fields that are not among `provided_fields`.
    missing_fields: Vec<FieldCode>,
    /// Groups without any alternative that is completely among `provided_fields`.
    missing_one_of: Vec<SourcedOneOfView>,
    /// The last day up to which the rulebook includes changes of the law.
    known_through: Date,
    /// Whether the transfer's date is after that day. Rules may have changed since, and this answer does not include such changes.
    after_known_through: bool,
}

/// The duties of one side under its own rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SideObligations)]
pub(crate) struct SideObligationsView {
    /// The jurisdiction that you named; null if it is unknown.
    jurisdiction: Option<JurisdictionId>,
    /// The flow under this side's rule; cross-border if a side is unknown.
    flow: Flow,
    /// The version that is valid on the date; null if it is unknown.
    rule_version: Option<RuleVersionId>,
    status: TravelRuleStatus,
    /// Whether `status` is `in_force`.
    in_force: bool,
    /// Whether the amount is above the threshold. Null if there is no threshold: none is set for this flow, the rule is not binding, or
    /// the transfer is exempt. Also null if that cannot be determined, with the reason in `undetermined`. Then the data for amounts
    /// above the threshold is due.
    above_threshold: Option<bool>,
    /// The amount that was compared with the threshold; null if none was.
    counted: Option<CountedView>,
    /// Why `above_threshold` cannot be determined; null if it can, or if there is no threshold.
    undetermined: Option<UndeterminedView>,
    threshold: Option<ThresholdView>,
    /// What the rule requires below the threshold; null if the amount is not below it.
    below_threshold: Option<BelowThreshold>,
    /// Why the rule requires nothing for this transfer although it is binding; null if there is no exemption.
    exemption: Option<Exemption>,
    /// The legal basis of the exemption, if it is not among the rule's own `sources`.
    #[schema(example = "Regulation (EU) 2023/1113 Art. 2(4)(a)")]
    exemption_source: Option<String>,
    /// The highest amount towards counterparties that are not authorised there; null if the rule sets none for this transfer.
    max_amount: Option<MaxAmountView>,
    counterparty_due_diligence: CounterpartyDiligence,
    /// What happens with the data listed here: it travels to the counterparty's VASP, or you only hold it; null if no data is asked
    /// for.
    data_handling: Option<DataHandling>,
    /// All of these fields are required.
    required_fields: Vec<FieldCode>,
    /// One alternative of each of these groups is required.
    one_of: Vec<OneOf>,
    /// These fields are due if the sender has them.
    if_available: Vec<FieldCode>,
    /// These fields are not sent at once but are due on request.
    on_request: Vec<OnRequestView>,
    timing: Option<TimingRule>,
    /// Whether data may travel in a batch; null if the rule does not state it.
    batch_allowed: Option<bool>,
    batch_scope: Option<BatchScope>,
    missing_data_action: MissingDataActions,
    /// How many years records must be kept; null if the rule does not state it.
    retention_years: Option<u16>,
    self_hosted: SelfHostedView,
    confidence: Confidence,
    /// The sources of the version.
    sources: Vec<SourceView>,
}

/// What a rule requires for self-hosted addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SelfHosted)]
pub(crate) struct SelfHostedView {
    verification: WalletVerification,
    code: Option<WalletVerificationCode>,
    /// The amount that decides whether control must be verified; null if no amount decides.
    threshold: Option<ThresholdEntryView>,
    methods: Vec<VerificationMethod>,
    /// Whose addresses it applies to; null if there is no rule.
    applies_to: Option<WalletScope>,
    /// Whether data is collected; null if there is no rule.
    data_collection: Option<DataCollection>,
    /// If the amount decides and cannot be compared, the reason why; otherwise null.
    undetermined: Option<UndeterminedView>,
}

/// A source of a rule version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RuleSource)]
pub(crate) struct SourceView {
    kind: SourceKind,
    /// A record, web address or law.
    r#ref: String,
    /// The day, month or year at which the source stated it.
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
