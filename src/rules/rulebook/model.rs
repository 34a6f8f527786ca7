//! One dated version of a jurisdiction's rule, and the jurisdiction it belongs to, with inheritance already applied.

use super::clauses::Clauses;
use super::fields::{RuleData, amount, nullable, nullable_amount, present};
use super::threshold::{Threshold, ThresholdEntry};
use super::values::{
    BatchScope, BelowThreshold, BeneficiaryAction, Comparator, Confidence, DataCollection, DatePrecision, DomesticArea,
    DueDiligenceDuty, DueDiligenceScope, Flow, Group, JurisdictionKind, OriginatorAction, RepeatedFailure, ScopeKind, SourceKind,
    SunriseTreatment, TimingRule, TravelRuleStatus, Verification, VerificationMethod, WalletScope,
};
use serde::{Deserialize, Serialize};
use vasp_words::country::Country;
use vasp_words::money::{Amount, Currency, Money};
use vasp_words::rule_names::{JurisdictionId, RuleVersionId};
use vasp_words::time::Date;

/// An amount as the rulebook writes it: a JSON number with its currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileMoney {
    #[serde(deserialize_with = "amount")]
    amount: Amount,
    currency: Currency,
}

impl From<FileMoney> for Money {
    fn from(money: FileMoney) -> Self {
        Self { amount: money.amount, currency: money.currency }
    }
}

/// Towards whom a rule holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CounterpartyScope {
    /// All, or at home and listed.
    pub kind: ScopeKind,
    /// The listed countries.
    pub countries: Vec<Country>,
}

/// What a rule asks about examining the counterparty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DueDiligence {
    /// The duty.
    pub required: DueDiligenceDuty,
    /// Towards whom; none where there is no duty.
    #[serde(deserialize_with = "nullable")]
    pub applies_to: Option<DueDiligenceScope>,
    /// From which amount on.
    #[serde(deserialize_with = "nullable_amount")]
    pub min_amount: Option<Amount>,
    /// Its currency.
    #[serde(deserialize_with = "nullable")]
    pub min_currency: Option<Currency>,
    /// How it is compared.
    #[serde(deserialize_with = "nullable")]
    pub min_comparator: Option<Comparator>,
    /// Whether the publisher only assumed the duty.
    pub inferred: bool,
    /// The rulebook's summary.
    pub text_summary: String,
}

/// When data must reach the other side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timing {
    /// The rule.
    pub rule: TimingRule,
    /// Whether afterwards is allowed, if the source says.
    #[serde(deserialize_with = "nullable")]
    pub post_facto_allowed: Option<bool>,
    /// The source's words; empty where they are not kept.
    pub words: String,
}

/// Whether transfers may be batched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// Whether, if the source says.
    #[serde(deserialize_with = "nullable")]
    pub allowed: Option<bool>,
    /// Which transfers.
    pub scope: BatchScope,
    /// The rulebook's summary.
    pub text_summary: String,
}

/// What a rule asks where the other side is a self-hosted address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelfHosted {
    /// Whether data is collected.
    pub data_collection: DataCollection,
    /// Whether control is verified.
    pub verification: Verification,
    /// Above which amount.
    #[serde(deserialize_with = "nullable")]
    pub threshold: Option<ThresholdEntry>,
    /// Whose addresses.
    pub applies_to: WalletScope,
    /// How.
    pub methods: Vec<VerificationMethod>,
    /// The rulebook's summary.
    pub text_summary: String,
}

/// What happens when data is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MissingData {
    /// At the sender.
    pub originator_side: Vec<OriginatorAction>,
    /// At the receiver.
    pub beneficiary_side: Vec<BeneficiaryAction>,
    /// Whether the receiver chooses by risk, if the source says.
    #[serde(deserialize_with = "nullable")]
    pub risk_based: Option<bool>,
    /// When it happens again and again.
    pub repeated_failure: Vec<RepeatedFailure>,
    /// The rulebook's summary.
    pub text_summary: String,
}

/// How counterparties without a rule of their own are treated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sunrise {
    /// The treatment.
    pub treatment: SunriseTreatment,
    /// The rulebook's summary.
    pub text_summary: String,
}

/// What a version rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = RuleSource))]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Kind of source.
    pub kind: SourceKind,
    /// A record, web address or law.
    #[serde(rename = "ref")]
    pub reference: String,
    /// The day, month or year at which the source stated it.
    pub as_of: String,
    /// Remark of the rulebook.
    #[serde(default, deserialize_with = "present")]
    pub note: Option<String>,
}

/// A supervisor. Its name is a label only: nothing is looked up by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Regulator {
    /// Name.
    pub name: String,
    /// Short form; may be empty.
    pub abbr: String,
}

/// One dated version of a rule: all that the rulebook says of it, by the rulebook's own names, with inheritance applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RuleVersion {
    /// Its id.
    #[serde(rename = "version_id")]
    pub id: RuleVersionId,
    /// The version of a shared rule set that it inherits members from; null if there is none.
    pub inherited_from: Option<RuleVersionId>,
    /// The version that states the data: the base where `data` is inherited, else this one.
    pub data_from: RuleVersionId,
    /// First day.
    pub effective_from: Date,
    /// First day it no longer holds; none: open.
    pub effective_to: Option<Date>,
    /// How exactly the first day is known.
    pub date_precision: DatePrecision,
    /// Whether it is binding.
    pub travel_rule: TravelRuleStatus,
    /// The flows that it applies to.
    pub flows: Vec<Flow>,
    /// What it counts as domestic.
    pub domestic_area: DomesticArea,
    /// The counterparties that it applies to.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub counterparty_scope: CounterpartyScope,
    /// Its thresholds.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub threshold: Threshold,
    /// What holds below.
    pub below_threshold: BelowThreshold,
    /// The highest amount towards counterparties that are not authorised there; null if the rule sets none.
    pub max_amount: Option<ThresholdEntry>,
    /// What it asks about examining the counterparty.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub counterparty_due_diligence: DueDiligence,
    /// The required data, by kind of originator, flow, and amount above or below the threshold; null if none is stated or due.
    #[cfg_attr(feature = "schema", schema(value_type = Option<Object>))]
    pub data: Option<RuleData>,
    /// When.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub timing: Timing,
    /// Batches.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub batch: Batch,
    /// Self-hosted addresses.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub self_hosted: SelfHosted,
    /// Missing data.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub missing_data: MissingData,
    /// How many years records must be kept; null if the rule does not state it.
    pub retention_years: Option<u16>,
    /// Remark on that.
    pub retention_text: Option<String>,
    /// How the rule treats counterparties that have no rule of their own.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub sunrise: Sunrise,
    /// Where in the law it is written.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub clauses: Clauses,
    /// What this version rests on; at least one.
    pub sources: Vec<Source>,
    /// How sure the rulebook is.
    pub confidence: Confidence,
    /// Remarks of the rulebook.
    pub notes: Vec<String>,
}

/// A jurisdiction or regime with its rule's versions, oldest first and without gaps; written without them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Jurisdiction {
    /// Its id.
    pub id: JurisdictionId,
    /// The regime inside the country.
    pub regime: Option<String>,
    /// The country of a regime, which need not have an entry of its own.
    pub parent: Option<JurisdictionId>,
    /// What it is.
    pub kind: JurisdictionKind,
    /// English name.
    pub name: String,
    /// Other names it is asked for by.
    pub aliases: Vec<String>,
    /// Memberships.
    pub groups: Vec<Group>,
    /// Local terms for a VASP.
    pub vasp_terms: Vec<String>,
    /// Supervisors.
    pub regulators: Vec<Regulator>,
    /// Laws by name.
    pub regulations: Vec<String>,
    /// Remarks of the rulebook.
    pub notes: Vec<String>,
    /// Versions, oldest first; at least one.
    #[serde(skip)]
    pub rules: Vec<RuleVersion>,
}

impl RuleVersion {
    /// Tells whether the version holds on `date`; its end is exclusive.
    #[must_use]
    pub fn holds_on(&self, date: Date) -> bool {
        self.effective_from <= date && self.effective_to.is_none_or(|end| date < end)
    }

    /// Tells whether data is due under it: in force, or in the grace of a rule already applied in part.
    ///
    /// Source: `jurisdictions/README.md`, How to look up, 3.
    #[must_use]
    pub fn asks_for_data(&self) -> bool {
        matches!(self.travel_rule, TravelRuleStatus::InForce | TravelRuleStatus::Grace)
    }
}

impl Jurisdiction {
    /// Returns the version that holds on `date`.
    #[must_use]
    pub fn version_on(&self, date: Date) -> Option<&RuleVersion> {
        self.rules.iter().find(|version| version.holds_on(date))
    }

    /// Returns the next day after `date` on which another version begins or the last one ends.
    #[must_use]
    pub fn next_change(&self, date: Date) -> Option<Date> {
        self.rules.iter().flat_map(|v| [Some(v.effective_from), v.effective_to]).flatten().filter(|day| *day > date).min()
    }
}
