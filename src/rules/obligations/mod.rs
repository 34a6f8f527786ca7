//! What both sides of a transfer owe, each by its own jurisdiction's rule on the date. A pure function of the rulebook and
//! the request; its answer serialises in the shape of `POST /v1/obligations`. Callers: `precheck`, the app's `api`.
//!
//! Where the sources leave room the stricter reading is taken: an amount that cannot be held against the threshold counts
//! as above it for the data (and `undetermined` says why), an unknown counterparty as inside a rule's scope, an unknown owner of a
//! self-hosted address as the customer, and data towards such an address as due unless the rule
//! says it is not. A rule that does not bind yet lists no data; its other members are what its version says, beside
//! `in_force: false`. Towards a self-hosted address `data_handling` is `held`: there is no provider that could receive the data.

mod request;
#[cfg(feature = "schema")]
mod schema;
mod side;
#[cfg(test)]
mod tests;
mod union;

use super::rulebook::{
    BatchScope, BelowThreshold, BeneficiaryAction, Comparator, Confidence, Counted, DataCollection, DueDiligenceDuty, FieldCode,
    Flow, FlowScope, JurisdictionId, OnRequest, OneOf, OriginatorAction, PersonScope, RuleVersionId, Rulebook, Source,
    ThresholdEntry, ThresholdKind, ThresholdPurpose, TimingRule, TravelRuleStatus, UndeterminedThreshold, VerificationMethod,
    WalletScope,
};
use serde::Serialize;
use vasp_words::closed_list::closed_list;
use vasp_words::money::{Amount, Currency, Money};
use vasp_words::time::Date;

pub use request::{CounterpartyKind, ObligationsRequest, Particulars};

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
    /// The last day up to which the rulebook includes changes of the law.
    pub known_through: Date,
    /// Whether the transfer's date is after that day. Rules may have changed since, and this answer does not include such changes.
    pub after_known_through: bool,
}

/// A field and the rule versions that demand it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SourcedField {
    /// Code of the field.
    pub field: FieldCode,
    /// The versions whose text it is, sorted.
    pub from: Vec<RuleVersionId>,
}

/// Data that is due on request, and the rule versions that say so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SourcedOnRequest {
    /// What, and in how many days.
    #[serde(flatten)]
    pub on_request: OnRequest,
    /// The versions whose text it is, sorted.
    pub from: Vec<RuleVersionId>,
}

/// Alternatives and the rule versions that state them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SourcedOneOf {
    /// One of these, wholly.
    #[serde(flatten)]
    pub one_of: OneOf,
    /// The versions whose text it is (the shared rule set where data is inherited), sorted.
    pub from: Vec<RuleVersionId>,
}

closed_list! {
    /// Why a rule that binds asks nothing of this transfer.
    pub enum Exemption {
        /// The rule does not hold for this flow.
        FlowNotCovered = "flow_not_covered",
        /// The rule does not hold towards the counterparty's country.
        CounterpartyNotCovered = "counterparty_not_covered",
        /// Both sides are providers acting on their own behalf.
        Proprietary = "proprietary",
    }
}

impl Exemption {
    /// Returns what the exemption rests on where that is not the rule's own sources.
    #[must_use]
    pub fn source(self, rule: Option<&RuleVersionId>) -> Option<&'static str> {
        let by_union_law = rule.is_some_and(|id| id.as_str().starts_with("EU-TFR@"));
        match self {
            Self::FlowNotCovered | Self::CounterpartyNotCovered => None,
            Self::Proprietary if by_union_law => Some("Regulation (EU) 2023/1113 Art. 2(4)(a)"),
            Self::Proprietary => {
                Some("FATF, Interpretive Note to Recommendation 16, para. 4(b); the national text was not read for this")
            }
        }
    }
}

closed_list! {
    /// Whether the counterparty must be examined for the Travel Rule. `not_established`: the source is silent, which is
    /// never "not required".
    pub enum TravelRuleDuty {
        /// Not known: no record, or the amount or counterparty that decides is not.
        Unknown = "unknown",
        /// The source is silent; never "not required".
        NotEstablished = "not_established",
        /// It must.
        Yes = "yes",
        /// This rule does not ask it here.
        No = "no",
    }

    /// How far a `yes` of the duty goes.
    pub enum TravelRuleDutyCode {
        /// By risk.
        RiskBased = "risk_based",
        /// Always.
        Required = "required",
    }

    /// What becomes of the data that a rule asks for.
    pub enum DataHandling {
        /// The asker obtains it and keeps it; nothing is sent.
        Held = "held",
        /// The asker sends it to the counterparty's provider.
        Travels = "travels",
    }

    /// Whether the enhanced diligence of a correspondent relationship is due.
    pub enum CorrespondentDuty {
        /// Not known: no record, or what decides is not.
        Unknown = "unknown",
        /// The source is silent.
        NotEstablished = "not_established",
        /// It is.
        Yes = "yes",
        /// No correspondent relationship, or out of the duty's scope.
        NotApplicable = "not_applicable",
    }
}

/// Both duties to examine the counterparty, which regulators keep apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = DiligenceDuties))]
pub struct CounterpartyDiligence {
    /// FATF Recommendation 16.
    pub travel_rule: TravelRuleDuty,
    /// How far a `yes` goes; `None` otherwise.
    pub code: Option<TravelRuleDutyCode>,
    /// FATF Recommendation 13.
    pub correspondent: CorrespondentDuty,
}

impl TravelRuleDutyCode {
    /// Returns how far a duty that is `yes` goes by the rulebook's value.
    pub(super) fn of(duty: TravelRuleDuty, required: DueDiligenceDuty) -> Option<Self> {
        match (duty, required) {
            (TravelRuleDuty::Yes, DueDiligenceDuty::Required) => Some(Self::Required),
            (TravelRuleDuty::Yes, DueDiligenceDuty::RiskBased) => Some(Self::RiskBased),
            _ => None,
        }
    }
}

/// The highest amount that a rule allows towards a counterparty that is not authorised there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MaxAmount {
    /// The cap.
    pub limit: ThresholdEntry,
    /// Whether the amount exceeds the limit; null if that cannot be determined.
    pub exceeded: Option<bool>,
    /// Why it cannot be determined; null if it can.
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
        /// Not known: no record, or the amount cannot be compared.
        Unknown = "unknown",
        /// The source is silent; never "not required".
        NotEstablished = "not_established",
        /// It must.
        Yes = "yes",
        /// This rule does not ask it here.
        No = "no",
        /// Between two providers: there is no self-hosted address.
        NotApplicable = "not_applicable",
    }

    /// How far a `yes` goes.
    pub enum WalletVerificationCode {
        /// By risk.
        RiskBased = "risk_based",
    }
}

/// What a rule asks about self-hosted addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = SelfHosted))]
pub struct SelfHostedDuty {
    /// Whether control must be verified.
    pub verification: WalletVerification,
    /// How far that goes.
    pub code: Option<WalletVerificationCode>,
    /// The amount that decides whether control must be verified; null if no amount decides.
    pub threshold: Option<ThresholdEntry>,
    /// How it may be verified.
    pub methods: Vec<VerificationMethod>,
    /// Whose addresses it applies to; null if there is no rule.
    pub applies_to: Option<WalletScope>,
    /// Whether data is collected; null if there is no rule.
    pub data_collection: Option<DataCollection>,
    /// If the amount decides and cannot be compared, the reason why; otherwise null.
    pub undetermined: Option<UndeterminedThreshold>,
}

/// What the side does when data is missing: the sender's actions for the originator, the receiver's for the beneficiary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum MissingDataActions {
    /// The sender's.
    Originator(Vec<OriginatorAction>),
    /// The receiver's.
    Beneficiary(Vec<BeneficiaryAction>),
}

/// What one side owes by its own rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SideObligations {
    /// The jurisdiction that you named; null if it is unknown.
    pub jurisdiction: Option<JurisdictionId>,
    /// The flow under this side's rule; cross-border if a side is unknown.
    pub flow: Flow,
    /// The version that is valid on the date; null if it is unknown.
    pub rule_version: Option<RuleVersionId>,
    /// Whether it binds.
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
    /// These fields are not sent at once but are due on request.
    pub on_request: Vec<OnRequest>,
    /// When the data must reach the other side; `None` without a rule.
    pub timing: Option<TimingRule>,
    /// Whether data may travel in a batch; null if the rule does not state it.
    pub batch_allowed: Option<bool>,
    /// Which transfers may be; `None` without a rule.
    pub batch_scope: Option<BatchScope>,
    /// What to do when data is missing.
    pub missing_data_action: MissingDataActions,
    /// How many years records must be kept; null if the rule does not state it.
    pub retention_years: Option<u16>,
    /// Self-hosted addresses.
    pub self_hosted: SelfHostedDuty,
    /// How sure the rulebook is.
    pub confidence: Confidence,
    /// The sources of the version.
    pub sources: Vec<Source>,
    /// The version whose text the data is; not part of the answer.
    #[serde(skip)]
    pub data_from: Option<RuleVersionId>,
}

/// Returns what the law of both sides demands of a transfer on its date.
#[must_use]
pub fn obligations(rulebook: &Rulebook, request: &ObligationsRequest) -> Obligations {
    let originator = side::owed(rulebook, request, side::Role::Originator);
    let beneficiary = side::owed(rulebook, request, side::Role::Beneficiary);
    let required_from = union::required(&originator, &beneficiary);
    let required_fields: Vec<FieldCode> = required_from.iter().map(|sourced| sourced.field.clone()).collect();
    let one_of = union::one_of(&originator, &beneficiary);
    let has = |code: &FieldCode| request.provided_fields.contains(code);
    Obligations {
        flow: originator.flow,
        missing_fields: required_fields.iter().filter(|code| !has(code)).cloned().collect(),
        missing_one_of: one_of.iter().filter(|sourced| !sourced.one_of.is_met(has)).cloned().collect(),
        if_available_from: union::if_available(&originator, &beneficiary),
        on_request_from: union::on_request(&originator, &beneficiary),
        known_through: rulebook.known_through,
        after_known_through: request.date > rulebook.known_through,
        originator,
        beneficiary,
        required_fields,
        required_from,
        one_of,
    }
}
