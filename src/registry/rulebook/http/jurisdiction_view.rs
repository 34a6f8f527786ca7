//! Views of a jurisdiction of the rulebook: a summary, and the jurisdiction with its rule on a date.

use serde::Serialize;
use utoipa::ToSchema;

use super::obligations_view::SourceView;
use super::threshold_view::ThresholdEntryView;
use vasp_rules::rulebook::{
    Batch, BelowThreshold, Confidence, CounterpartyScope, DatePrecision, DomesticArea, DueDiligence, Flow, Jurisdiction,
    JurisdictionKind, MissingData, Regulator, RuleData, RuleVersion, SelfHosted, Sunrise, Threshold, Timing, TravelRuleStatus,
};
use vasp_words::time::Date;

/// A summary of a jurisdiction or regime.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = JurisdictionSummary)]
pub(crate) struct JurisdictionSummaryView {
    /// A country, or a regime within one. `EU` is the rule of the Union itself; `FATF` is the standard.
    #[schema(example = "AE-VARA")]
    id: String,
    name: String,
    kind: JurisdictionKind,
    /// The regime within the country; null if the entry is the country itself.
    regime: Option<String>,
    /// The country of a regime; null if the entry is not a regime.
    parent: Option<String>,
    /// Other names that requests may use.
    aliases: Vec<String>,
    /// Memberships that affect which rules apply.
    #[schema(example = json!(["EU", "EEA"]))]
    groups: Vec<String>,
    /// Whether a Travel Rule is binding there today.
    status: TravelRuleStatus,
    /// The version that is valid today; null if it is unknown.
    rule_version: Option<String>,
}

/// A jurisdiction or regime, with the version of its rule that is valid on a date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Jurisdiction)]
pub(crate) struct JurisdictionView {
    #[schema(example = "DE")]
    id: String,
    name: String,
    kind: JurisdictionKind,
    regime: Option<String>,
    parent: Option<String>,
    aliases: Vec<String>,
    groups: Vec<String>,
    /// Local terms for a VASP.
    vasp_terms: Vec<String>,
    regulators: Vec<Regulator>,
    /// The names of the laws.
    regulations: Vec<String>,
    notes: Vec<String>,
    /// The date that you asked for.
    date: Date,
    /// The version that is valid on the date. Null if it is unknown, which does not mean "no requirement".
    rule: Option<RuleVersionView>,
    /// The next day on which another version begins or the last one ends; null if none is known.
    next_change: Option<Date>,
    /// All known versions, oldest first.
    versions: Vec<KnownVersionView>,
}

/// A version of a rule, with its period of validity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = KnownRuleVersion)]
pub(crate) struct KnownVersionView {
    version_id: String,
    effective_from: Date,
    /// The first day on which it is no longer valid; null if it has no end.
    effective_to: Option<Date>,
    /// Whether it is binding.
    travel_rule: TravelRuleStatus,
}

/// One version of a rule with everything that the rulebook states about it. Members have the rulebook's own names. Inheritance is
/// applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RuleVersion)]
pub(crate) struct RuleVersionView {
    version_id: String,
    /// The version of a shared rule set that it inherits members from; null if there is none.
    inherited_from: Option<String>,
    effective_from: Date,
    effective_to: Option<Date>,
    date_precision: DatePrecision,
    /// Whether it is binding.
    travel_rule: TravelRuleStatus,
    /// The flows that it applies to.
    flows: Vec<Flow>,
    domestic_area: DomesticArea,
    /// The counterparties that it applies to.
    #[schema(value_type = Object)]
    counterparty_scope: CounterpartyScope,
    #[schema(value_type = Object)]
    threshold: Threshold,
    below_threshold: BelowThreshold,
    /// The highest amount towards counterparties that are not authorised there; null if the rule sets none.
    max_amount: Option<ThresholdEntryView>,
    #[schema(value_type = Object)]
    counterparty_due_diligence: DueDiligence,
    /// The required data, by kind of originator, flow, and amount above or below the threshold; null if none is stated or due.
    #[schema(value_type = Option<Object>)]
    data: Option<RuleData>,
    #[schema(value_type = Object)]
    timing: Timing,
    #[schema(value_type = Object)]
    batch: Batch,
    #[schema(value_type = Object)]
    self_hosted: SelfHosted,
    #[schema(value_type = Object)]
    missing_data: MissingData,
    /// How many years records must be kept; null if the rule does not state it.
    retention_years: Option<u16>,
    retention_text: Option<String>,
    /// How the rule treats counterparties that have no rule of their own.
    #[schema(value_type = Object)]
    sunrise: Sunrise,
    sources: Vec<SourceView>,
    confidence: Confidence,
    notes: Vec<String>,
}

fn groups(entry: &Jurisdiction) -> Vec<String> {
    // Serialising the group gives the rulebook's own spelling.
    entry.groups.iter().filter_map(|group| serde_json::to_value(group).ok()?.as_str().map(str::to_owned)).collect()
}

impl JurisdictionSummaryView {
    /// Returns the summary of an entry on a date.
    pub(crate) fn on(entry: &Jurisdiction, date: Date) -> Self {
        let rule = entry.version_on(date);
        Self {
            id: entry.id.to_string(),
            name: entry.name.clone(),
            kind: entry.kind,
            regime: entry.regime.clone(),
            parent: entry.parent.as_ref().map(ToString::to_string),
            aliases: entry.aliases.clone(),
            groups: groups(entry),
            status: rule.map_or(TravelRuleStatus::Unknown, |rule| rule.travel_rule),
            rule_version: rule.map(|rule| rule.id.to_string()),
        }
    }
}

impl JurisdictionView {
    /// Returns an entry with the rule that is valid on a date.
    pub(crate) fn on(entry: &Jurisdiction, date: Date) -> Self {
        Self {
            id: entry.id.to_string(),
            name: entry.name.clone(),
            kind: entry.kind,
            regime: entry.regime.clone(),
            parent: entry.parent.as_ref().map(ToString::to_string),
            aliases: entry.aliases.clone(),
            groups: groups(entry),
            vasp_terms: entry.vasp_terms.clone(),
            regulators: entry.regulators.clone(),
            regulations: entry.regulations.clone(),
            notes: entry.notes.clone(),
            date,
            rule: entry.version_on(date).map(RuleVersionView::from),
            next_change: entry.next_change(date),
            versions: entry.rules.iter().map(KnownVersionView::from).collect(),
        }
    }
}

impl From<&RuleVersion> for KnownVersionView {
    fn from(rule: &RuleVersion) -> Self {
        Self {
            version_id: rule.id.to_string(),
            effective_from: rule.effective_from,
            effective_to: rule.effective_to,
            travel_rule: rule.travel_rule,
        }
    }
}

impl From<&RuleVersion> for RuleVersionView {
    fn from(rule: &RuleVersion) -> Self {
        Self {
            version_id: rule.id.to_string(),
            inherited_from: rule.inherited_from.as_ref().map(ToString::to_string),
            effective_from: rule.effective_from,
            effective_to: rule.effective_to,
            date_precision: rule.date_precision,
            travel_rule: rule.travel_rule,
            flows: rule.flows.to_vec(),
            domestic_area: rule.domestic_area,
            counterparty_scope: rule.counterparty_scope.clone(),
            threshold: rule.threshold.clone(),
            below_threshold: rule.below_threshold,
            max_amount: rule.max_amount.as_ref().map(ThresholdEntryView::from),
            counterparty_due_diligence: rule.counterparty_due_diligence.clone(),
            data: rule.data.clone(),
            timing: rule.timing.clone(),
            batch: rule.batch.clone(),
            self_hosted: rule.self_hosted.clone(),
            missing_data: rule.missing_data.clone(),
            retention_years: rule.retention_years,
            retention_text: rule.retention_text.clone(),
            sunrise: rule.sunrise.clone(),
            sources: rule.sources.iter().map(SourceView::from).collect(),
            confidence: rule.confidence,
            notes: rule.notes.clone(),
        }
    }
}
