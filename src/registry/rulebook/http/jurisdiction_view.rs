//! A jurisdiction of the rulebook, in a few words and with its rule on a date.

use serde::Serialize;
use utoipa::ToSchema;

use vasp_rules::rulebook::{Jurisdiction, JurisdictionKind, Regulator, RuleVersion, TravelRuleStatus};
use vasp_words::time::Date;

/// A jurisdiction or regime in a few words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = JurisdictionSummary)]
pub(crate) struct JurisdictionSummaryView {
    /// Country, or regime of one; `EU` is the Union's own, `FATF` the standard.
    #[schema(example = "AE-VARA")]
    id: String,
    name: String,
    kind: JurisdictionKind,
    /// The regime inside the country.
    regime: Option<String>,
    /// The country of a regime.
    parent: Option<String>,
    /// Other names it may be asked for by.
    aliases: Vec<String>,
    /// Memberships that rules turn on.
    #[schema(example = json!(["EU", "EEA"]))]
    groups: Vec<String>,
    /// Whether a Travel Rule binds there today.
    status: TravelRuleStatus,
    /// The version that holds today; null: unknown.
    rule_version: Option<String>,
}

/// A jurisdiction or regime with the version of its rule that holds on a date.
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
    /// Laws by name.
    regulations: Vec<String>,
    notes: Vec<String>,
    /// The asked date.
    date: Date,
    /// The version that holds on the date; null: unknown, which is not "no requirement".
    rule: Option<RuleVersion>,
    /// The next day on which another version begins or the last one ends.
    next_change: Option<Date>,
    /// Every known version, oldest first.
    versions: Vec<KnownVersionView>,
}

/// A version of a rule and when it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = KnownRuleVersion)]
pub(crate) struct KnownVersionView {
    version_id: String,
    effective_from: Date,
    /// First day it no longer holds; null: open.
    effective_to: Option<Date>,
    /// Whether it binds.
    travel_rule: TravelRuleStatus,
}

fn groups(entry: &Jurisdiction) -> Vec<String> {
    // A group writes itself as the rulebook does.
    entry.groups.iter().filter_map(|group| serde_json::to_value(group).ok()?.as_str().map(str::to_owned)).collect()
}

impl JurisdictionSummaryView {
    /// Returns an entry in a few words, with what holds on a date.
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
    /// Returns an entry with the rule that holds on a date.
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
