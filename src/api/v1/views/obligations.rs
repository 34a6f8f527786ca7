//! What both sides of a transfer owe: the answer of `POST /v1/obligations`, and a part of every pre-check.

use std::borrow::Cow;

use serde::Serialize;
use utoipa::openapi::schema::{AnyOfBuilder, ArrayBuilder, Schema};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::rule_values::{
    BatchScopeView, BelowThresholdView, BeneficiaryActionView, ComparatorView, ConfidenceView, CorrespondentDutyView,
    DataCollectionView, ExemptionView, FlowScopeView, FlowView, OriginatorActionView, PersonScopeView, SourceKindView,
    ThresholdKindView, ThresholdPurposeView, TimingRuleView, TravelRuleDutyView, TravelRuleStatusView, VerificationMethodView,
    WalletScopeView, WalletVerificationCodeView, WalletVerificationView,
};
use crate::domain::money::Money;
use crate::domain::obligations::{
    AppliedThreshold, MissingDataActions, Obligations, SelfHostedDuty, SideObligations, SourcedOneOf,
};
use crate::domain::rulebook::{FieldCode, OnRequest, OneOf, Source, ThresholdEntry};

/// What both sides owe, each by its own rule on the date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Obligations)]
pub(crate) struct ObligationsView {
    /// The originator side's.
    flow: FlowView,
    originator: SideObligationsView,
    beneficiary: SideObligationsView,
    /// What either rule requires.
    #[schema(example = json!(["originator.name"]))]
    required_fields: Vec<String>,
    /// One alternative of each, by either rule.
    one_of: Vec<SourcedOneOfView>,
    /// Required and not among `provided_fields`.
    missing_fields: Vec<String>,
    /// Alternatives of which none is wholly among `provided_fields`.
    missing_one_of: Vec<SourcedOneOfView>,
}

/// What one side owes by its own rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SideObligations)]
pub(crate) struct SideObligationsView {
    /// As asked; null where it is not known.
    #[schema(example = "DE")]
    jurisdiction: Option<String>,
    /// By this side's rule; cross-border where a side is not known.
    flow: FlowView,
    /// The version that holds on the date; null: unknown.
    #[schema(example = "EU-TFR@2024-12-30")]
    rule_version: Option<String>,
    status: TravelRuleStatusView,
    /// Whether `status` is `in_force`.
    in_force: bool,
    /// Null where it cannot be told: no amount, another currency, or the source leaves it open.
    above_threshold: Option<bool>,
    threshold: Option<ThresholdView>,
    /// What holds below, where the amount is below.
    below_threshold: Option<BelowThresholdView>,
    /// Why the rule asks nothing of this transfer although it binds.
    exemption: Option<ExemptionView>,
    counterparty_due_diligence: DiligenceDutiesView,
    /// All of these.
    required_fields: Vec<String>,
    /// One alternative of each of these.
    one_of: Vec<OneOfView>,
    /// These where the sender has them.
    if_available: Vec<String>,
    /// Not sent at once, but due when asked for.
    on_request: Vec<OnRequestView>,
    timing: Option<TimingRuleView>,
    /// Null: not stated.
    batch_allowed: Option<bool>,
    batch_scope: Option<BatchScopeView>,
    missing_data_action: MissingDataActionsView,
    /// Null: not stated.
    retention_years: Option<u16>,
    self_hosted: SelfHostedView,
    confidence: ConfidenceView,
    /// What the version rests on.
    sources: Vec<SourceView>,
}

/// Both duties to examine the counterparty, which regulators keep apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DiligenceDuties)]
pub(crate) struct DiligenceDutiesView {
    /// FATF Recommendation 16.
    travel_rule: TravelRuleDutyView,
    /// FATF Recommendation 13.
    correspondent: CorrespondentDutyView,
}

/// The threshold that decided. Members other than `kind` are null unless that is `amount`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Threshold)]
pub(crate) struct ThresholdView {
    kind: ThresholdKindView,
    purpose: Option<ThresholdPurposeView>,
    scope: Option<FlowScopeView>,
    person: Option<PersonScopeView>,
    #[schema(example = "1000")]
    amount: Option<String>,
    /// ISO 4217.
    #[schema(example = "EUR")]
    currency: Option<String>,
    comparator: Option<ComparatorView>,
    /// Whether the source settles the exact amount.
    equality_certain: Option<bool>,
    /// Whether linked transfers count together; null: not stated.
    linked_transactions_aggregated: Option<bool>,
    /// The same threshold in other currencies.
    alternatives: Vec<MoneyView>,
    note: Option<String>,
}

/// One amount from which something changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ThresholdEntry)]
pub(crate) struct ThresholdEntryView {
    purpose: ThresholdPurposeView,
    scope: FlowScopeView,
    person: PersonScopeView,
    #[schema(example = "1000")]
    amount: String,
    /// ISO 4217.
    #[schema(example = "EUR")]
    currency: String,
    comparator: ComparatorView,
    /// Whether the source settles the exact amount.
    equality_certain: bool,
    /// Whether linked transfers count together; null: not stated.
    linked_transactions_aggregated: Option<bool>,
    /// The same threshold in other currencies.
    alternatives: Vec<MoneyView>,
    note: Option<String>,
}

/// An amount of a currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Money)]
pub(crate) struct MoneyView {
    /// A decimal number.
    #[schema(example = "1000.50")]
    amount: String,
    /// ISO 4217.
    #[schema(example = "EUR")]
    currency: String,
}

/// Alternatives, of which one must be there with all its fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = OneOf)]
pub(crate) struct OneOfView {
    #[schema(example = json!([["originator.address"], ["originator.birth", "originator.place_of_birth"]]))]
    alternatives: Vec<Vec<String>>,
}

/// Alternatives and the rule versions that state them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SourcedOneOf)]
pub(crate) struct SourcedOneOfView {
    alternatives: Vec<Vec<String>>,
    #[schema(example = json!(["EU-TFR@2024-12-30"]))]
    from: Vec<String>,
}

/// Data that is not sent at once but due when asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = OnRequest)]
pub(crate) struct OnRequestView {
    required: Vec<String>,
    one_of: Vec<OneOfView>,
    within_business_days: u16,
}

/// What the side does when data is missing: the sender's actions for the originator, the receiver's for the beneficiary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(crate) enum MissingDataActionsView {
    Originator(Vec<OriginatorActionView>),
    Beneficiary(Vec<BeneficiaryActionView>),
}

impl PartialSchema for MissingDataActionsView {
    /// The empty list is both sides', so this is `anyOf`; derived it would be `oneOf`.
    fn schema() -> RefOr<Schema> {
        let side = |name: &str| ArrayBuilder::new().items(Ref::from_schema_name(name));
        let sides = AnyOfBuilder::new()
            .item(side(&OriginatorActionView::name()))
            .item(side(&BeneficiaryActionView::name()))
            .description(Some("What the side does when data is missing: the sender's actions or the receiver's"));
        sides.into()
    }
}

impl ToSchema for MissingDataActionsView {
    fn name() -> Cow<'static, str> {
        "MissingDataActions".into()
    }

    fn schemas(all: &mut Vec<(String, RefOr<Schema>)>) {
        all.push((OriginatorActionView::name().into_owned(), OriginatorActionView::schema()));
        all.push((BeneficiaryActionView::name().into_owned(), BeneficiaryActionView::schema()));
    }
}

/// What a rule asks about self-hosted addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SelfHosted)]
pub(crate) struct SelfHostedView {
    verification: WalletVerificationView,
    code: Option<WalletVerificationCodeView>,
    /// The amount that decides.
    threshold: Option<ThresholdEntryView>,
    methods: Vec<VerificationMethodView>,
    /// Whose addresses; null without a rule.
    applies_to: Option<WalletScopeView>,
    /// Whether data is collected; null without a rule.
    data_collection: Option<DataCollectionView>,
}

/// What a rule version rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RuleSource)]
pub(crate) struct SourceView {
    kind: SourceKindView,
    /// Record, address or law.
    r#ref: String,
    /// When it said so: a day, month or year.
    as_of: String,
    note: Option<String>,
}

fn codes(codes: &[FieldCode]) -> Vec<String> {
    codes.iter().map(ToString::to_string).collect()
}

fn alternatives(one_of: &OneOf) -> Vec<Vec<String>> {
    one_of.alternatives.iter().map(|alternative| codes(alternative)).collect()
}

fn each<'a, T, V: From<&'a T>>(items: &'a [T]) -> Vec<V> {
    items.iter().map(V::from).collect()
}

impl From<&Obligations> for ObligationsView {
    fn from(owed: &Obligations) -> Self {
        Self {
            flow: owed.flow.into(),
            originator: (&owed.originator).into(),
            beneficiary: (&owed.beneficiary).into(),
            required_fields: codes(&owed.required_fields),
            one_of: each(&owed.one_of),
            missing_fields: codes(&owed.missing_fields),
            missing_one_of: each(&owed.missing_one_of),
        }
    }
}

impl From<&SideObligations> for SideObligationsView {
    fn from(side: &SideObligations) -> Self {
        let duties = side.counterparty_due_diligence;
        Self {
            jurisdiction: side.jurisdiction.as_ref().map(ToString::to_string),
            flow: side.flow.into(),
            rule_version: side.rule_version.as_ref().map(ToString::to_string),
            status: side.status.into(),
            in_force: side.in_force,
            above_threshold: side.above_threshold,
            threshold: side.threshold.as_ref().map(ThresholdView::from),
            below_threshold: side.below_threshold.map(BelowThresholdView::from),
            exemption: side.exemption.map(ExemptionView::from),
            counterparty_due_diligence: DiligenceDutiesView {
                travel_rule: duties.travel_rule.into(),
                correspondent: duties.correspondent.into(),
            },
            required_fields: codes(&side.required_fields),
            one_of: each(&side.one_of),
            if_available: codes(&side.if_available),
            on_request: each(&side.on_request),
            timing: side.timing.map(TimingRuleView::from),
            batch_allowed: side.batch_allowed,
            batch_scope: side.batch_scope.map(BatchScopeView::from),
            missing_data_action: (&side.missing_data_action).into(),
            retention_years: side.retention_years,
            self_hosted: (&side.self_hosted).into(),
            confidence: side.confidence.into(),
            sources: each(&side.sources),
        }
    }
}

impl From<&AppliedThreshold> for ThresholdView {
    fn from(threshold: &AppliedThreshold) -> Self {
        let entry = threshold.entry.as_ref();
        Self {
            kind: threshold.kind.into(),
            purpose: entry.map(|entry| entry.purpose.into()),
            scope: entry.map(|entry| entry.scope.into()),
            person: entry.map(|entry| entry.person.into()),
            amount: entry.map(|entry| entry.amount.to_string()),
            currency: entry.map(|entry| entry.currency.to_string()),
            comparator: entry.map(|entry| entry.comparator.into()),
            equality_certain: entry.map(|entry| entry.equality_certain),
            linked_transactions_aggregated: entry.and_then(|entry| entry.linked_transactions_aggregated),
            alternatives: entry.map(|entry| each(&entry.alternatives)).unwrap_or_default(),
            note: entry.and_then(|entry| entry.note.clone()),
        }
    }
}

impl From<&ThresholdEntry> for ThresholdEntryView {
    fn from(entry: &ThresholdEntry) -> Self {
        Self {
            purpose: entry.purpose.into(),
            scope: entry.scope.into(),
            person: entry.person.into(),
            amount: entry.amount.to_string(),
            currency: entry.currency.to_string(),
            comparator: entry.comparator.into(),
            equality_certain: entry.equality_certain,
            linked_transactions_aggregated: entry.linked_transactions_aggregated,
            alternatives: each(&entry.alternatives),
            note: entry.note.clone(),
        }
    }
}

impl From<&Money> for MoneyView {
    fn from(money: &Money) -> Self {
        Self { amount: money.amount.to_string(), currency: money.currency.to_string() }
    }
}

impl From<&OneOf> for OneOfView {
    fn from(one_of: &OneOf) -> Self {
        Self { alternatives: alternatives(one_of) }
    }
}

impl From<&SourcedOneOf> for SourcedOneOfView {
    fn from(sourced: &SourcedOneOf) -> Self {
        Self { alternatives: alternatives(&sourced.one_of), from: sourced.from.iter().map(ToString::to_string).collect() }
    }
}

impl From<&OnRequest> for OnRequestView {
    fn from(later: &OnRequest) -> Self {
        let within_business_days = later.within_business_days;
        Self { required: codes(&later.required), one_of: each(&later.one_of), within_business_days }
    }
}

impl From<&MissingDataActions> for MissingDataActionsView {
    fn from(actions: &MissingDataActions) -> Self {
        match actions {
            MissingDataActions::Originator(actions) => Self::Originator(actions.iter().copied().map(Into::into).collect()),
            MissingDataActions::Beneficiary(actions) => Self::Beneficiary(actions.iter().copied().map(Into::into).collect()),
        }
    }
}

impl From<&SelfHostedDuty> for SelfHostedView {
    fn from(duty: &SelfHostedDuty) -> Self {
        Self {
            verification: duty.verification.into(),
            code: duty.code.map(WalletVerificationCodeView::from),
            threshold: duty.threshold.as_ref().map(ThresholdEntryView::from),
            methods: duty.methods.iter().copied().map(VerificationMethodView::from).collect(),
            applies_to: duty.applies_to.map(WalletScopeView::from),
            data_collection: duty.data_collection.map(DataCollectionView::from),
        }
    }
}

impl From<&Source> for SourceView {
    fn from(source: &Source) -> Self {
        let Source { kind, reference, as_of, note } = source;
        Self { kind: (*kind).into(), r#ref: reference.clone(), as_of: as_of.clone(), note: note.clone() }
    }
}
