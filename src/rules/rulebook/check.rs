//! Checks of a rulebook that involve several members: ids, inheritance, intervals, codes, thresholds.
//!
//! Whether the file covers all 73 seed records is not checked here: that is a duty of its writer, not of its reader.

use std::collections::{BTreeMap, BTreeSet};

use super::error::Inconsistency;
use super::file::{FieldMeaning, JurisdictionFile};
use super::model::RuleVersion;
use super::threshold::{PersonType, ThresholdEntry};
use super::values::{Flow, JurisdictionKind, ScopeKind, ThresholdKind, ThresholdPurpose, TravelRuleStatus, Verification};
use vasp_words::country::Country;
use vasp_words::rule_names::FieldCode;

/// The highest number of a seed record.
const SEED_RECORDS: u8 = 73;

/// Checks one version.
pub(super) fn version(rule: &RuleVersion, codes: &BTreeMap<FieldCode, FieldMeaning>, at: &str, found: &mut Vec<Inconsistency>) {
    let at = format!("{at} ({})", rule.id);
    let mut wrong = |detail: String| found.push(Inconsistency::new(&at, detail));
    if rule.effective_to.is_some_and(|end| end <= rule.effective_from) {
        wrong(format!("effective_to must be after effective_from, which is {}; the end is exclusive", rule.effective_from));
    }
    if (rule.threshold.kind == ThresholdKind::Amount) == rule.threshold.entries.is_empty() {
        wrong("threshold.entries needs an entry if threshold.kind is `amount`, and must be empty otherwise".into());
    }
    if deciding_overlap(rule) {
        wrong("threshold.entries: only one of obligation, full_data, verification may apply to one flow and person".into());
    }
    if rule.self_hosted.verification == Verification::AboveThreshold && rule.self_hosted.threshold.is_none() {
        wrong("self_hosted.threshold is required if self_hosted.verification is `above_threshold`".into());
    }
    if rule.self_hosted.threshold.as_ref().is_some_and(|t| t.purpose != ThresholdPurpose::SelfHostedVerification) {
        wrong("self_hosted.threshold.purpose must be `self_hosted_verification`".into());
    }
    let of_a_cap = |entry: &ThresholdEntry| entry.purpose == ThresholdPurpose::MaxAmount;
    if !rule.max_amount.iter().all(of_a_cap) || rule.threshold.entries.iter().any(of_a_cap) {
        wrong("max_amount must hold only entries of the purpose `max_amount`, and threshold.entries none of them".into());
    }
    if rule.counterparty_scope.kind == ScopeKind::All && !rule.counterparty_scope.countries.is_empty() {
        wrong("counterparty_scope.countries must be empty if its kind is `all`".into());
    }
    let diligence = &rule.counterparty_due_diligence;
    let minimum = [diligence.min_amount.is_some(), diligence.min_currency.is_some(), diligence.min_comparator.is_some()];
    if minimum.contains(&true) && minimum.contains(&false) {
        wrong("counterparty_due_diligence: give min_amount, min_currency and min_comparator together, or none of them".into());
    }
    if rule.sources.is_empty() {
        wrong("sources must name at least one source".into());
    }
    let unknown: BTreeSet<_> = rule.data.iter().flat_map(|d| d.codes()).filter(|code| !codes.contains_key(*code)).collect();
    if !unknown.is_empty() {
        wrong(format!("data names codes that field_codes does not have; add them there or correct them: {unknown:?}"));
    }
}

/// Returns whether two entries would decide the data of the same transfer.
fn deciding_overlap(rule: &RuleVersion) -> bool {
    let flows = [Flow::Domestic, Flow::CrossBorder];
    let cases = flows.into_iter().flat_map(|flow| [(flow, PersonType::Natural), (flow, PersonType::Legal)]);
    cases.into_iter().any(|(flow, person)| rule.threshold.entries.iter().filter(|e| e.decides_data(flow, person)).count() > 1)
}

/// Checks the versions of a standard: a standard alone binds nobody.
pub(super) fn standard(rules: &[RuleVersion], at: &str, found: &mut Vec<Inconsistency>) {
    for rule in rules.iter().filter(|rule| rule.asks_for_data()) {
        let detail = "a standard alone binds nobody: its travel_rule must be neither `in_force` nor `grace`";
        found.push(Inconsistency::new(format!("{at} ({})", rule.id), detail));
    }
}

/// Checks the order of a jurisdiction's versions.
pub(super) fn intervals(rules: &[RuleVersion], at: &str, found: &mut Vec<Inconsistency>) {
    if rules.is_empty() {
        found.push(Inconsistency::new(at, "rules must hold at least one version"));
    }
    for (earlier, later) in rules.iter().zip(rules.iter().skip(1)) {
        if earlier.effective_to != Some(later.effective_from) {
            let end = earlier.effective_to.map_or("open".to_owned(), |day| day.to_string());
            let detail = format!("gap or overlap: begins on {}, but {} ends {end}", later.effective_from, earlier.id);
            found.push(Inconsistency::new(format!("{at} ({})", later.id), detail));
        }
        if later.unread.is_some()
            && later.travel_rule == TravelRuleStatus::Banned
            && earlier.travel_rule != TravelRuleStatus::Banned
        {
            let detail = "a version that nobody read may add data and conditions: it must not say that the business is banned";
            found.push(Inconsistency::new(format!("{at} ({})", later.id), detail));
        }
    }
}

/// Ids and names that may occur only once, collected from the whole file.
#[derive(Default)]
pub(super) struct Seen {
    names: BTreeSet<String>,
    versions: BTreeSet<String>,
    records: BTreeSet<u8>,
}

impl Seen {
    /// Records a version's id.
    pub(super) fn version(&mut self, id: &str, at: &str, found: &mut Vec<Inconsistency>) {
        if !self.versions.insert(id.to_owned()) {
            found.push(Inconsistency::new(at, format!("version_id `{id}` occurs twice, expected once")));
        }
    }

    /// Checks a jurisdiction's own members.
    pub(super) fn jurisdiction(&mut self, entry: &JurisdictionFile, sets: &[&str], at: &str, found: &mut Vec<Inconsistency>) {
        let mut wrong = |detail: String| found.push(Inconsistency::new(format!("{at} ({})", entry.id), detail));
        let expected = entry.regime.as_ref().map_or(entry.iso2.clone(), |regime| format!("{}-{regime}", entry.iso2));
        if entry.id.as_str() != expected {
            wrong(format!("id must be iso2 and regime: `{expected}`"));
        }
        let of_no_country = matches!(entry.kind, JurisdictionKind::Supranational | JurisdictionKind::Standard);
        if !of_no_country && entry.iso2.parse::<Country>().is_err() {
            wrong(format!("iso2 `{}` is not an ISO 3166-1 alpha-2 code", entry.iso2));
        }
        if (entry.kind == JurisdictionKind::SubnationalRegime) != entry.regime.is_some() {
            wrong("regime is required if kind is `subnational_regime`, and not allowed otherwise".into());
        }
        if entry.parent.as_ref().is_some_and(|parent| parent.as_str() != entry.iso2) {
            wrong(format!("parent must be null or `{}`", entry.iso2));
        }
        if entry.extends.as_ref().is_some_and(|set| !sets.contains(&set.as_str())) {
            wrong(format!("extends does not name a known rule set; known: {}", sets.join(", ")));
        }
        for name in std::iter::once(entry.id.as_str()).chain(entry.aliases.iter().map(String::as_str)) {
            if !self.names.insert(name.to_lowercase()) {
                wrong(format!("duplicate id or alias `{name}`, expected once"));
            }
        }
        for record in &entry.seed_records {
            if !(1..=SEED_RECORDS).contains(record) || !self.records.insert(*record) {
                wrong(format!("seed_records: {record} is outside 1 to {SEED_RECORDS} or occurs in two jurisdictions"));
            }
        }
    }
}
