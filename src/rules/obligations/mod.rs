//! The obligations of both sides of a transfer, each by its own jurisdiction's rule on the date. This is a pure function of the rulebook
//! and the request. Its answer serialises in the shape of `POST /v1/obligations`. Callers: `precheck`, the app's `api`.
//!
//! If the sources leave room, the stricter reading applies. An amount that cannot be compared with the threshold counts as
//! above it for the data (and `undetermined` says why). An unknown counterparty counts as inside a rule's scope. An unknown
//! owner of a self-hosted address counts as the customer. Data for a self-hosted address is due unless the rule says otherwise.
//! A rule that is not binding yet lists no data; its other members have the values of its version, with `in_force: false`. For
//! a self-hosted address `data_handling` is `held`: there is no provider that could receive the data.

mod owed;
mod request;
#[cfg(feature = "schema")]
mod schema;
mod side;
mod stricter;
#[cfg(test)]
mod tests;
mod union;

use super::rulebook::{
    BatchScope, BelowThreshold, BeneficiaryAction, Comparator, Confidence, Counted, DataCollection, DueDiligenceDuty, FieldCode,
    Flow, FlowScope, JurisdictionId, OnRequest, OneOf, OriginatorAction, PersonScope, RuleVersionId, Source, ThresholdEntry,
    ThresholdKind, ThresholdPurpose, TimingRule, TravelRuleStatus, UndeterminedThreshold, VerificationMethod, WalletScope,
};
use serde::Serialize;
use vasp_words::closed_list::closed_list;
use vasp_words::money::{Amount, Currency, Money};
use vasp_words::time::Date;

pub use owed::{ValueUse, obligations, obligations_and_basis};
pub use request::{CounterpartyKind, ObligationsRequest, Particulars, check_linked_total};
pub use stricter::UnreadRule;

/// What must travel with a transfer, by the law of both sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Obligations {
    /// The flow under the originator side's rule.
    pub flow: Flow,
    /// What the law of the originator's side demands.
    pub originator: SideObligations,
    /// What the law of the beneficiary's side demands.
    pub beneficiary: SideObligations,
    /// The fields that at least one of the two rules requires.
    pub required_fields: Vec<FieldCode>,
    /// The same fields, each with the rule versions that require it.
    pub required_from: Vec<SourcedField>,
    /// Fields that a rule asks for if the sender has them, and that neither rule requires.
    pub if_available_from: Vec<SourcedField>,
    /// Fields that are not sent at once but are due on request, under either rule.
    pub on_request_from: Vec<SourcedOnRequest>,
    /// Groups of alternatives. One alternative of each group is due under either rule.
    pub one_of: Vec<SourcedOneOf>,
    /// Required fields that are not among `provided_fields`.
    pub missing_fields: Vec<FieldCode>,
    /// Groups without any alternative that is completely among `provided_fields`.
    pub missing_one_of: Vec<SourcedOneOf>,
    /// The last day up to which changes of both sides' rules were looked for.
    pub known_through: Date,
    /// Whether the transfer's date is after that day. Rules may have changed since, and this answer does not include such changes.
    pub after_known_through: bool,
}

/// A field and the rule versions that require it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SourcedField {
    /// The code of the field.
    pub field: FieldCode,
    /// The rule versions that require it, sorted.
    pub from: Vec<RuleVersionId>,
}

/// Data that is due on request, and the rule versions that require it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SourcedOnRequest {
    /// The data, and the number of days to answer.
    #[serde(flatten)]
    pub on_request: OnRequest,
    /// The rule versions that require it, sorted.
    pub from: Vec<RuleVersionId>,
}

/// A group of alternatives and the rule versions that state it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SourcedOneOf {
    /// The alternatives; one must be present with all its fields.
    #[serde(flatten)]
    pub one_of: OneOf,
    /// The rule versions that state it (the shared rule set if data is inherited), sorted.
    pub from: Vec<RuleVersionId>,
}

closed_list! {
    /// Why a binding rule requires nothing for this transfer.
    pub enum Exemption {
        /// The rule does not cover this flow.
        FlowNotCovered = "flow_not_covered",
        /// The rule does not cover the counterparty's country.
        CounterpartyNotCovered = "counterparty_not_covered",
        /// Both sides are providers acting on their own behalf.
        Proprietary = "proprietary",
    }
}

impl Exemption {
    /// Returns the legal basis of the exemption, if it is not one of the rule's own sources.
    #[must_use]
    pub fn source(self, rule: Option<&RuleVersionId>) -> Option<&'static str> {
        let by_union_law = rule.is_some_and(|id| id.as_str().starts_with("EU-TFR@"));
        match self {
            Self::FlowNotCovered | Self::CounterpartyNotCovered => None,
            Self::Proprietary if by_union_law => Some("Regulation (EU) 2023/1113 Art. 2(4)(a)"),
            Self::Proprietary => {
                Some("FATF, Interpretive Note to Recommendation 16, para. 4(b); the national law was not checked for this")
            }
        }
    }
}

closed_list! {
    /// Whether the Travel Rule requires due diligence on the counterparty. `not_established`: the source does not say, which
    /// never means "not required".
    pub enum TravelRuleDuty {
        /// Not known: there is no record, or the amount or counterparty that decides is not known.
        Unknown = "unknown",
        /// The source does not say; this never means "not required".
        NotEstablished = "not_established",
        /// Required.
        Yes = "yes",
        /// This rule does not require it here.
        No = "no",
    }

    /// The extent of a duty that is `yes`.
    pub enum TravelRuleDutyCode {
        /// Depending on the risk.
        RiskBased = "risk_based",
        /// Always.
        Required = "required",
    }

    /// What happens to the data that a rule requires.
    pub enum DataHandling {
        /// The asker obtains and keeps it; nothing is sent.
        Held = "held",
        /// The asker sends it to the counterparty's provider.
        Travels = "travels",
    }

    /// Whether the enhanced due diligence of a correspondent relationship is due.
    pub enum CorrespondentDuty {
        /// Not known: there is no record, or what decides is not known.
        Unknown = "unknown",
        /// The source does not say.
        NotEstablished = "not_established",
        /// Required.
        Yes = "yes",
        /// There is no correspondent relationship, or the duty does not cover it.
        NotApplicable = "not_applicable",
    }
}

/// Both duties to examine the counterparty; regulators treat them separately.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = DiligenceDuties))]
pub struct CounterpartyDiligence {
    /// The duty under FATF Recommendation 16.
    pub travel_rule: TravelRuleDuty,
    /// The extent of a `travel_rule` duty that is `yes`; `None` otherwise.
    pub code: Option<TravelRuleDutyCode>,
    /// The duty under FATF Recommendation 13.
    pub correspondent: CorrespondentDuty,
}

impl TravelRuleDutyCode {
    /// Returns the extent of a duty that is `yes`, from the rulebook's value.
    pub(super) fn of(duty: TravelRuleDuty, required: DueDiligenceDuty) -> Option<Self> {
        match (duty, required) {
            (TravelRuleDuty::Yes, DueDiligenceDuty::Required) => Some(Self::Required),
            (TravelRuleDuty::Yes, DueDiligenceDuty::RiskBased) => Some(Self::RiskBased),
            _ => None,
        }
    }
}

/// The maximum amount that a rule allows for a counterparty that is not authorised there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MaxAmount {
    /// The maximum amount.
    pub limit: ThresholdEntry,
    /// Whether the amount exceeds the limit; null if that cannot be determined.
    pub exceeded: Option<bool>,
    /// Why it is not known whether the amount is above it.
    pub undetermined: Option<UndeterminedThreshold>,
}

/// The threshold that decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = Threshold))]
pub struct AppliedThreshold {
    /// Whether there is one. The other members are null unless this is `amount`.
    pub kind: ThresholdKind,
    /// What changes from the amount on.
    pub purpose: Option<ThresholdPurpose>,
    /// For which flows.
    pub scope: Option<FlowScope>,
    /// For whom.
    pub person: Option<PersonScope>,
    /// The amount.
    pub amount: Option<Amount>,
    /// ISO 4217.
    pub currency: Option<Currency>,
    /// How an amount is compared with it.
    pub comparator: Option<Comparator>,
    /// Whether the source settles the case that the amount is exactly the threshold.
    pub equality_certain: Option<bool>,
    /// Whether linked transfers count together; null if the source does not state it.
    pub linked_transactions_aggregated: Option<bool>,
    /// The same threshold in other currencies.
    pub alternatives: Vec<Money>,
    /// Remark of the rulebook.
    pub note: Option<String>,
}

impl AppliedThreshold {
    /// Returns the threshold of a rule, with the entry for the transfer's flow and person if its kind is `amount`.
    fn of(kind: ThresholdKind, entry: Option<&ThresholdEntry>) -> Self {
        Self {
            kind,
            purpose: entry.map(|entry| entry.purpose),
            scope: entry.map(|entry| entry.scope),
            person: entry.map(|entry| entry.person),
            amount: entry.map(|entry| entry.amount),
            currency: entry.map(|entry| entry.currency),
            comparator: entry.map(|entry| entry.comparator),
            equality_certain: entry.map(|entry| entry.equality_certain),
            linked_transactions_aggregated: entry.and_then(|entry| entry.linked_transactions_aggregated),
            alternatives: entry.map(|entry| entry.alternatives.clone()).unwrap_or_default(),
            note: entry.and_then(|entry| entry.note.clone()),
        }
    }
}

closed_list! {
    /// Whether control of a self-hosted address must be verified.
    pub enum WalletVerification {
        /// Not known: there is no record, or the amount cannot be compared.
        Unknown = "unknown",
        /// The source does not say; this never means "not required".
        NotEstablished = "not_established",
        /// Required.
        Yes = "yes",
        /// This rule does not require it here.
        No = "no",
        /// Both sides are providers: there is no self-hosted address.
        NotApplicable = "not_applicable",
    }

    /// The extent of a duty that is `yes`.
    pub enum WalletVerificationCode {
        /// Depending on the risk.
        RiskBased = "risk_based",
    }
}

/// The rule's requirements for self-hosted addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = SelfHosted))]
pub struct SelfHostedDuty {
    /// Whether control must be verified.
    pub verification: WalletVerification,
    /// The extent of a duty that is `yes`; `None` otherwise.
    pub code: Option<WalletVerificationCode>,
    /// The amount that decides whether control must be verified; null if no amount decides.
    pub threshold: Option<ThresholdEntry>,
    /// The methods by which control may be verified.
    pub methods: Vec<VerificationMethod>,
    /// Whose addresses the duty covers; `None` without a rule.
    pub applies_to: Option<WalletScope>,
    /// Whether data is collected; null if there is no rule.
    pub data_collection: Option<DataCollection>,
    /// If the amount decides: why it is not known whether control must be verified.
    pub undetermined: Option<UndeterminedThreshold>,
}

/// The side's actions when data is missing: the sender's actions for the originator, the receiver's actions for the beneficiary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum MissingDataActions {
    /// The sender's actions.
    Originator(Vec<OriginatorAction>),
    /// The receiver's actions.
    Beneficiary(Vec<BeneficiaryAction>),
}

/// The obligations of one side by its own rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SideObligations {
    /// The side's jurisdiction, as in the request.
    pub jurisdiction: Option<JurisdictionId>,
    /// Whether the transfer is domestic by this rule; cross-border if the place of a side is not known.
    pub flow: Flow,
    /// The version that is valid on the date; `None` if the rulebook has none.
    pub rule_version: Option<RuleVersionId>,
    /// Whether the rule is binding.
    pub status: TravelRuleStatus,
    /// Whether `status` is `in_force`.
    pub in_force: bool,
    /// Whether the amount is above the threshold. Null if there is no threshold: none is set for this flow, the rule is not binding, or
    /// the transfer is exempt. Also null if that cannot be determined, with the reason in `undetermined`. Then the data for amounts
    /// above the threshold is due.
    pub above_threshold: Option<bool>,
    /// The amount that was compared with the threshold; null if none was.
    pub counted: Option<Counted>,
    /// Why `above_threshold` cannot be determined; null if it can, or if there is no threshold.
    pub undetermined: Option<UndeterminedThreshold>,
    /// The threshold; `None` without a rule, or if the rule sets no threshold for this flow.
    pub threshold: Option<AppliedThreshold>,
    /// What the rule requires below the threshold; null if the amount is not below it.
    pub below_threshold: Option<BelowThreshold>,
    /// Why the rule requires nothing for this transfer although it is binding; null if there is no exemption.
    pub exemption: Option<Exemption>,
    /// The legal basis of the exemption, if it is not among the rule's own `sources`.
    #[cfg_attr(feature = "schema", schema(example = "Regulation (EU) 2023/1113 Art. 2(4)(a)"))]
    pub exemption_source: Option<&'static str>,
    /// The duties to examine the counterparty.
    pub counterparty_due_diligence: CounterpartyDiligence,
    /// The highest amount towards counterparties that are not authorised there; null if the rule sets none for this transfer.
    pub max_amount: Option<MaxAmount>,
    /// What happens with the data listed here: it travels to the counterparty's VASP, or you only hold it; null if no data is asked
    /// for.
    pub data_handling: Option<DataHandling>,
    /// All of these fields are required.
    pub required_fields: Vec<FieldCode>,
    /// One alternative of each of these groups is required.
    pub one_of: Vec<OneOf>,
    /// These fields are due if the sender has them.
    pub if_available: Vec<FieldCode>,
    /// Data that is not sent immediately, but is due on request.
    pub on_request: Vec<OnRequest>,
    /// When the data must reach the other side; `None` without a rule.
    pub timing: Option<TimingRule>,
    /// Whether data may travel in a batch; null if the rule does not state it.
    pub batch_allowed: Option<bool>,
    /// The transfers that may be sent in batches; `None` without a rule.
    pub batch_scope: Option<BatchScope>,
    /// The actions when data is missing.
    pub missing_data_action: MissingDataActions,
    /// How many years records must be kept; null if the rule does not state it.
    pub retention_years: Option<u16>,
    /// The requirements for self-hosted addresses.
    pub self_hosted: SelfHostedDuty,
    /// The version, if it is reported but nobody read its text yet; null if it was read. What the version before it requires is then due
    /// as well.
    pub unread: Option<UnreadRule>,
    /// The last day up to which changes of the version were looked for; null without a rule.
    pub known_through: Option<Date>,
    /// How sure the rulebook is about this version.
    pub confidence: Confidence,
    /// The sources of the version.
    pub sources: Vec<Source>,
    /// The version whose text states the data; not part of the answer.
    #[serde(skip)]
    pub data_from: Option<RuleVersionId>,
}
