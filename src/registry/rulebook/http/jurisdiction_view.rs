//! Views of a jurisdiction of the rulebook: a summary, and the jurisdiction with its rule on a date.

use serde::Serialize;
use utoipa::ToSchema;

use vasp_rules::rulebook::{Jurisdiction, JurisdictionKind, Regulator, RuleVersion, TravelRuleStatus};
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
    /// The next day on which another version begins or the last one ends; null if none is known.
    rule: Option<RuleVersion>,
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

fn groups(entry: &Jurisdiction) -> Vec<String> {
    entry.groups.iter().map(ToString::to_string).collect()
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
            rule: entry.version_on(date).cloned(),
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
