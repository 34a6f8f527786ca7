//! The rulebook's file form: the same members as its schema. A version that extends a rule set takes the members that it does
//! not state from there. Files with inheritance and files with inheritance already applied can both be read.

use super::RulebookError;
use super::clauses::Clauses;
use super::error::Inconsistency;
use super::fields::{RuleData, nullable, present, unique_map};
use super::model::{
    Batch, CounterpartyScope, DueDiligence, Jurisdiction, MissingData, Regulator, RuleVersion, SelfHosted, Source, Sunrise,
    Timing,
};
use super::prohibited_asset::ProhibitedAsset;
use super::threshold::{Threshold, ThresholdEntry};
use super::values::{BelowThreshold, Confidence, DatePrecision, DomesticArea, Flow, Group, JurisdictionKind, TravelRuleStatus};
use serde::Deserialize;
use vasp_words::rule_names::{FieldCode, JurisdictionId, RuleVersionId};
use vasp_words::time::Date;

/// The meaning of a field code and its place in IVMS101.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldMeaning {
    /// The description.
    pub description: String,
    /// The place in IVMS101.
    pub ivms101: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RulebookFile {
    pub(super) schema_version: String,
    pub(super) title: String,
    pub(super) generated_on: Date,
    pub(super) baseline_as_of: String,
    pub(super) public_text_as_of: String,
    #[serde(rename = "conventions", deserialize_with = "unique_map")]
    _conventions: Vec<(String, String)>,
    pub(super) unknown_jurisdiction: UnknownJurisdiction,
    #[serde(deserialize_with = "unique_map")]
    pub(super) field_codes: Vec<(FieldCode, FieldMeaning)>,
    #[serde(deserialize_with = "unique_map")]
    pub(super) rule_sets: Vec<(String, RuleSetFile)>,
    pub(super) jurisdictions: Vec<JurisdictionFile>,
}

/// The only status an unknown jurisdiction can have.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum OnlyUnknown {
    Unknown,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UnknownJurisdiction {
    #[serde(rename = "travel_rule")]
    _travel_rule: OnlyUnknown,
    #[serde(rename = "counterparty_due_diligence")]
    _counterparty_due_diligence: DueDiligence,
    pub(super) confidence: Confidence,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleSetFile {
    #[serde(rename = "name")]
    _name: String,
    #[serde(rename = "applies_to_groups", default)]
    _applies_to_groups: Vec<String>,
    #[serde(rename = "note", default, deserialize_with = "present")]
    _note: Option<String>,
    pub(super) rules: Vec<RuleFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JurisdictionFile {
    pub(super) id: JurisdictionId,
    pub(super) iso2: String,
    #[serde(deserialize_with = "nullable")]
    pub(super) regime: Option<String>,
    #[serde(deserialize_with = "nullable")]
    pub(super) parent: Option<JurisdictionId>,
    pub(super) kind: JurisdictionKind,
    name: String,
    pub(super) aliases: Vec<String>,
    groups: Vec<Group>,
    #[serde(deserialize_with = "nullable")]
    pub(super) extends: Option<String>,
    vasp_terms: Vec<String>,
    regulators: Vec<Regulator>,
    regulations: Vec<String>,
    pub(super) seed_records: Vec<u8>,
    #[serde(rename = "identification_confidence", deserialize_with = "nullable")]
    _identification_confidence: Option<Confidence>,
    pub(super) rules: Vec<RuleFile>,
    #[serde(default)]
    notes: Vec<String>,
}

impl JurisdictionFile {
    pub(super) fn with_rules(self, rules: Vec<RuleVersion>) -> Jurisdiction {
        Jurisdiction {
            id: self.id,
            regime: self.regime,
            parent: self.parent,
            kind: self.kind,
            name: self.name,
            aliases: self.aliases,
            groups: self.groups,
            vasp_terms: self.vasp_terms,
            regulators: self.regulators,
            regulations: self.regulations,
            notes: self.notes,
            rules,
        }
    }
}

/// A version in the file's form. The members from `travel_rule` on may be missing if the version extends another.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleFile {
    pub(super) version_id: RuleVersionId,
    #[serde(deserialize_with = "nullable")]
    pub(super) extends: Option<RuleVersionId>,
    #[serde(default, deserialize_with = "present")]
    pub(super) inherited_from: Option<RuleVersionId>,
    pub(super) effective_from: Date,
    #[serde(deserialize_with = "nullable")]
    pub(super) effective_to: Option<Date>,
    date_precision: DatePrecision,
    sources: Vec<Source>,
    confidence: Confidence,
    #[serde(default, deserialize_with = "present")]
    known_through: Option<Date>,
    #[serde(default)]
    unread: Option<String>,
    #[serde(default, deserialize_with = "present")]
    prohibited_assets: Option<Vec<ProhibitedAsset>>,
    #[serde(default, deserialize_with = "present")]
    travel_rule: Option<TravelRuleStatus>,
    #[serde(default, deserialize_with = "present")]
    flows: Option<Vec<Flow>>,
    #[serde(default, deserialize_with = "present")]
    domestic_area: Option<DomesticArea>,
    #[serde(default, deserialize_with = "present")]
    counterparty_scope: Option<CounterpartyScope>,
    #[serde(default, deserialize_with = "present")]
    threshold: Option<Threshold>,
    #[serde(default, deserialize_with = "present")]
    below_threshold: Option<BelowThreshold>,
    #[serde(default, deserialize_with = "present")]
    max_amount: Option<ThresholdEntry>,
    #[serde(default, deserialize_with = "present")]
    counterparty_due_diligence: Option<DueDiligence>,
    #[serde(default, deserialize_with = "present")]
    data: Option<Option<RuleData>>,
    #[serde(default, deserialize_with = "present")]
    timing: Option<Timing>,
    #[serde(default, deserialize_with = "present")]
    batch: Option<Batch>,
    #[serde(default, deserialize_with = "present")]
    self_hosted: Option<SelfHosted>,
    #[serde(default, deserialize_with = "present")]
    missing_data: Option<MissingData>,
    #[serde(default, deserialize_with = "present")]
    retention_years: Option<Option<u16>>,
    #[serde(default, deserialize_with = "present")]
    retention_text: Option<String>,
    #[serde(default, deserialize_with = "present")]
    sunrise: Option<Sunrise>,
    #[serde(default, deserialize_with = "present")]
    clauses: Option<Clauses>,
    #[serde(rename = "source_words", default, deserialize_with = "present")]
    _source_words: Option<String>,
    #[serde(default)]
    notes: Option<Vec<String>>,
}

/// Returns the version's own member, otherwise that of `base`.
fn member<T: Clone>(
    own: Option<T>,
    base: Option<&RuleVersion>,
    of: fn(&RuleVersion) -> &T,
    name: &str,
    at: &str,
) -> Result<T, Inconsistency> {
    own.or_else(|| base.map(of).cloned()).ok_or_else(|| {
        Inconsistency::new(at, format!("`{name}` is missing; only a version that extends a rule-set version may leave it out"))
    })
}

/// Returns the own items, then the other items of the base: inherited text keeps its sources and remarks.
fn own_then_inherited<T: Clone + PartialEq>(mut own: Vec<T>, base: Option<&[T]>) -> Vec<T> {
    for item in base.unwrap_or_default() {
        if !own.contains(item) {
            own.push(item.clone());
        }
    }
    own
}

impl RuleFile {
    /// Applies inheritance. `bases` are the versions of the rule sets; `at` is the place of this version in the file.
    pub(super) fn resolve(self, bases: &[RuleVersion], at: &str) -> Result<RuleVersion, Inconsistency> {
        let at = format!("{at} ({})", self.version_id);
        let inherited_from = self.extends.clone().or_else(|| self.inherited_from.clone());
        let base = match &inherited_from {
            Some(id) => Some(bases.iter().find(|base| base.id == *id).ok_or_else(|| unknown_base(&at, id, bases))?),
            None => None,
        };
        // In a file with inheritance already applied, every member is present. The base then only shows where the data came from.
        let lender = base.filter(|_| self.extends.is_some());
        let data = member(self.data, lender, |b| &b.data, "data", &at)?;
        let data_from = base.filter(|b| b.data == data).map_or_else(|| self.version_id.clone(), |b| b.id.clone());
        let sources = own_then_inherited(self.sources, lender.map(|b| b.sources.as_slice()));
        let of_sources = sources.iter().filter_map(|source| last_day(&source.as_of)).max();
        let known = [self.known_through, lender.map(|b| b.known_through), of_sources.filter(|_| self.known_through.is_none())];
        Ok(RuleVersion {
            known_through: known.into_iter().flatten().max().unwrap_or(self.effective_from),
            unread: self.unread.or_else(|| lender.and_then(|b| b.unread.clone())),
            prohibited_assets: self.prohibited_assets.or_else(|| lender.map(|b| b.prohibited_assets.clone())).unwrap_or_default(),
            travel_rule: member(self.travel_rule, lender, |b| &b.travel_rule, "travel_rule", &at)?,
            flows: member(self.flows, lender, |b| &b.flows, "flows", &at)?,
            domestic_area: member(self.domestic_area, lender, |b| &b.domestic_area, "domestic_area", &at)?,
            counterparty_scope: member(self.counterparty_scope, lender, |b| &b.counterparty_scope, "counterparty_scope", &at)?,
            threshold: member(self.threshold, lender, |b| &b.threshold, "threshold", &at)?,
            below_threshold: member(self.below_threshold, lender, |b| &b.below_threshold, "below_threshold", &at)?,
            max_amount: self.max_amount.or_else(|| lender.and_then(|b| b.max_amount.clone())),
            counterparty_due_diligence: member(
                self.counterparty_due_diligence,
                lender,
                |b| &b.counterparty_due_diligence,
                "counterparty_due_diligence",
                &at,
            )?,
            timing: member(self.timing, lender, |b| &b.timing, "timing", &at)?,
            batch: member(self.batch, lender, |b| &b.batch, "batch", &at)?,
            self_hosted: member(self.self_hosted, lender, |b| &b.self_hosted, "self_hosted", &at)?,
            missing_data: member(self.missing_data, lender, |b| &b.missing_data, "missing_data", &at)?,
            retention_years: member(self.retention_years, lender, |b| &b.retention_years, "retention_years", &at)?,
            retention_text: self.retention_text.or_else(|| lender.and_then(|b| b.retention_text.clone())),
            sunrise: member(self.sunrise, lender, |b| &b.sunrise, "sunrise", &at)?,
            clauses: self.clauses.or_else(|| lender.map(|b| b.clauses.clone())).unwrap_or_default(),
            notes: own_then_inherited(self.notes.unwrap_or_default(), lender.map(|b| b.notes.as_slice())),
            id: self.version_id,
            inherited_from,
            data_from,
            data,
            effective_from: self.effective_from,
            effective_to: self.effective_to,
            date_precision: self.date_precision,
            sources,
            confidence: self.confidence,
        })
    }
}

/// Returns the last day of a month, or the day itself; of a year the first day, because nobody knows which day of it is meant.
pub(super) fn last_day(text: &str) -> Option<Date> {
    let month_ends = |first: Date| (28..=31).rev().find_map(|day| Date::new(first.year(), first.month(), day));
    let month = || month_ends(format!("{text}-01").parse().ok()?);
    text.parse().ok().or_else(month).or_else(|| format!("{text}-01-01").parse().ok())
}

fn unknown_base(at: &str, id: &RuleVersionId, bases: &[RuleVersion]) -> Inconsistency {
    let known: Vec<&str> = bases.iter().map(|base| base.id.as_str()).collect();
    Inconsistency::new(at, format!("extends `{id}`, which is not a rule-set version; known: {}", known.join(", ")))
}

/// Reads the file form; the error names the place.
pub(super) fn read(text: &str) -> Result<RulebookFile, RulebookError> {
    super::error::read_json(text).map_err(|(path, reason)| RulebookError::Malformed { path, reason })
}
