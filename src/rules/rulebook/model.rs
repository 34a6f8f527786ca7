//! One dated version of a jurisdiction's rule, and its jurisdiction. Inheritance is already applied.

use super::clauses::Clauses;
use super::fields::{RuleData, amount, nullable, nullable_amount, present};
use super::prohibited_asset::ProhibitedAsset;
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

/// An amount in the rulebook's notation: a JSON number with its currency.
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

/// The counterparties for which a rule is valid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CounterpartyScope {
    /// Whether the rule covers all providers, or only domestic ones and those in listed countries.
    pub kind: ScopeKind,
    /// The listed countries.
    pub countries: Vec<Country>,
}

/// The rule's requirements for due diligence on the counterparty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DueDiligence {
    /// The kind of duty.
    pub required: DueDiligenceDuty,
    /// The counterparties that must be examined; `None` if there is no duty.
    #[serde(deserialize_with = "nullable")]
    pub applies_to: Option<DueDiligenceScope>,
    /// The amount from which the duty exists.
    #[serde(deserialize_with = "nullable_amount")]
    pub min_amount: Option<Amount>,
    /// The amount's currency.
    #[serde(deserialize_with = "nullable")]
    pub min_currency: Option<Currency>,
    /// How a transfer's amount is compared with it.
    #[serde(deserialize_with = "nullable")]
    pub min_comparator: Option<Comparator>,
    /// Whether the publisher only inferred the duty.
    pub inferred: bool,
    /// The rulebook's summary.
    pub text_summary: String,
}

/// When the data must reach the other side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timing {
    /// The required time.
    pub rule: TimingRule,
    /// Whether the data may follow afterwards, if the source says.
    #[serde(deserialize_with = "nullable")]
    pub post_facto_allowed: Option<bool>,
    /// The source's words; empty if they were not kept.
    pub words: String,
}

/// Whether transfers may be sent in batches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// Whether batches are allowed, if the source says.
    #[serde(deserialize_with = "nullable")]
    pub allowed: Option<bool>,
    /// The transfers that may be batched.
    pub scope: BatchScope,
    /// The rulebook's summary.
    pub text_summary: String,
}

/// The rule's requirements if the other side is a self-hosted address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelfHosted {
    /// Whether data must be collected.
    pub data_collection: DataCollection,
    /// Whether control of the address must be verified.
    pub verification: Verification,
    /// The amount above which it must be verified.
    #[serde(deserialize_with = "nullable")]
    pub threshold: Option<ThresholdEntry>,
    /// Whose addresses must be verified.
    pub applies_to: WalletScope,
    /// The accepted methods.
    pub methods: Vec<VerificationMethod>,
    /// The rulebook's summary.
    pub text_summary: String,
}

/// What happens when data is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MissingData {
    /// The actions of the sending provider.
    pub originator_side: Vec<OriginatorAction>,
    /// The actions of the receiving provider.
    pub beneficiary_side: Vec<BeneficiaryAction>,
    /// Whether the receiving provider chooses by risk, if the source says.
    #[serde(deserialize_with = "nullable")]
    pub risk_based: Option<bool>,
    /// The consequences of repeated failures.
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

/// A source of a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = RuleSource))]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The kind of source.
    pub kind: SourceKind,
    /// A record, an address or a law.
    #[serde(rename = "ref")]
    pub reference: String,
    /// The date of the source's statement: a day, month or year.
    pub as_of: String,
    /// A remark of the rulebook.
    #[serde(default, deserialize_with = "present")]
    pub note: Option<String>,
}

/// A supervisor. Its name is only a label: the program looks nothing up by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Regulator {
    /// The name.
    pub name: String,
    /// The short form; may be empty.
    pub abbr: String,
}

/// One dated version of a rule: all that the rulebook says of it, by the rulebook's own names, with inheritance applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RuleVersion {
    /// The version's id.
    #[serde(rename = "version_id")]
    pub id: RuleVersionId,
    /// The version of the rule set from which this version inherits members.
    pub inherited_from: Option<RuleVersionId>,
    /// The version that states the data: the base version if `data` is inherited, otherwise this version.
    pub data_from: RuleVersionId,
    /// The first day on which the version is valid.
    pub effective_from: Date,
    /// The first day on which the version is no longer valid; `None` if its end is open.
    pub effective_to: Option<Date>,
    /// How exactly the first day is known.
    pub date_precision: DatePrecision,
    /// Whether the rule is binding.
    pub travel_rule: TravelRuleStatus,
    /// The flows that the rule covers.
    pub flows: Vec<Flow>,
    /// The area that the rule treats as domestic.
    pub domestic_area: DomesticArea,
    /// The counterparties that the rule covers.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub counterparty_scope: CounterpartyScope,
    /// The rule's thresholds.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub threshold: Threshold,
    /// What applies below the threshold.
    pub below_threshold: BelowThreshold,
    /// The highest amount of a transfer with a counterparty that is not authorised in the rule's jurisdiction; null if the rule sets none.
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
    /// A remark on record keeping.
    pub retention_text: Option<String>,
    /// How counterparties without a rule of their own are treated.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub sunrise: Sunrise,
    /// The clauses of the law that contain the rule.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub clauses: Clauses,
    /// The assets that the law forbids its firms to transfer.
    #[cfg_attr(feature = "schema", schema(value_type = Vec<Object>))]
    pub prohibited_assets: Vec<ProhibitedAsset>,
    /// The sources of this version; at least one.
    pub sources: Vec<Source>,
    /// How sure the rulebook is about this version. It is `high` only if a source is the text of the law, read within the year before the
    /// rulebook was made.
    pub confidence: Confidence,
    /// The last day up to which changes of this rule were looked for.
    pub known_through: Date,
    /// What is reported of the version, if nobody read its text yet; null for a version that was read. What the version before it
    /// requires is then due as well.
    pub unread: Option<String>,
    /// Remarks of the rulebook.
    pub notes: Vec<String>,
}

/// A jurisdiction or regime with the versions of its rule, oldest first and without gaps. Its JSON does not contain the versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Jurisdiction {
    /// The jurisdiction's id.
    pub id: JurisdictionId,
    /// The name of the regime inside the country.
    pub regime: Option<String>,
    /// The country of a regime, which need not have an entry of its own.
    pub parent: Option<JurisdictionId>,
    /// The kind of jurisdiction.
    pub kind: JurisdictionKind,
    /// English name.
    pub name: String,
    /// Other names under which it can be requested.
    pub aliases: Vec<String>,
    /// Its memberships in groups.
    pub groups: Vec<Group>,
    /// The local terms for a VASP.
    pub vasp_terms: Vec<String>,
    /// Supervisors.
    pub regulators: Vec<Regulator>,
    /// The names of its laws.
    pub regulations: Vec<String>,
    /// Remarks of the rulebook.
    pub notes: Vec<String>,
    /// The versions, oldest first; at least one.
    #[serde(skip)]
    pub rules: Vec<RuleVersion>,
}

impl RuleVersion {
    /// Returns whether the version is valid on `date`; its end is exclusive.
    #[must_use]
    pub fn holds_on(&self, date: Date) -> bool {
        self.effective_from <= date && self.effective_to.is_none_or(|end| date < end)
    }

    /// Returns whether data is due under the version: it is in force, or in a grace period in which it already applies in part.
    ///
    /// Source: docs/rulebook.md, "How a rule is read".
    #[must_use]
    pub fn asks_for_data(&self) -> bool {
        matches!(self.travel_rule, TravelRuleStatus::InForce | TravelRuleStatus::Grace)
    }
}

impl Jurisdiction {
    /// Returns the version that is valid on `date`.
    #[must_use]
    pub fn version_on(&self, date: Date) -> Option<&RuleVersion> {
        self.rules.iter().find(|version| version.holds_on(date))
    }

    /// Returns the next day after `date` on which another version begins, the last version ends, or an asset becomes prohibited or free.
    #[must_use]
    pub fn next_change(&self, date: Date) -> Option<Date> {
        let of_versions = self.rules.iter().flat_map(|v| [Some(v.effective_from), v.effective_to]);
        let of_assets = self.rules.iter().flat_map(|v| &v.prohibited_assets).flat_map(ProhibitedAsset::changes);
        of_versions.chain(of_assets).flatten().filter(|day| *day > date).min()
    }

    /// Returns the newest version before `rule` whose text was read, if the text of `rule` was not.
    #[must_use]
    pub fn read_before(&self, rule: &RuleVersion) -> Option<&RuleVersion> {
        let is_earlier = |one: &&RuleVersion| one.unread.is_none() && one.effective_from < rule.effective_from;
        rule.unread.as_ref().and_then(|_| self.rules.iter().rev().find(is_earlier))
    }
}
