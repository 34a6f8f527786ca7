//! The rulebook: dated versions of each jurisdiction's Travel Rule. It reads the published file strictly, applies its
//! inheritance and answers which rule is valid on a date. Before a jurisdiction's first version, and without an entry, the
//! answer is unknown, never "no requirement". Callers: `obligations`, `precheck`, the importer.

mod check;
mod clauses;
mod compare;
mod difference;
mod error;
mod fields;
mod file;
mod measure;
mod model;
mod prohibited_asset;
mod strictness;
#[cfg(test)]
mod tests;
mod threshold;
mod values;

use std::collections::{BTreeMap, BTreeSet};

pub use clauses::{Clauses, SideClauses};
pub use compare::{ComparedMember, compare_rules};
pub use difference::{Difference, difference};
pub use error::{Inconsistency, RulebookError};
pub(crate) use error::{join, read_json};
pub use fields::{AboveBelow, FieldSet, FlowData, OnRequest, OneOf, RuleData};
pub use file::FieldMeaning;
pub use measure::{Basis, Counted, Measured, Undetermined, UndeterminedThreshold, Worth};
pub use model::{
    Batch, CounterpartyScope, DueDiligence, Jurisdiction, MissingData, Regulator, RuleVersion, SelfHosted, Source, Sunrise,
    Timing,
};
pub use prohibited_asset::{AssetClass, ProhibitedAsset};
pub use strictness::CountryRegimes;
pub use threshold::{PersonType, Threshold, ThresholdEntry};
pub use values::{
    BatchScope, BelowThreshold, BeneficiaryAction, Comparator, Confidence, DataCollection, DatePrecision, DomesticArea,
    DueDiligenceDuty, DueDiligenceScope, Flow, FlowScope, Group, JurisdictionKind, OriginatorAction, PersonScope,
    RepeatedFailure, ScopeKind, SourceKind, SunriseTreatment, ThresholdKind, ThresholdPurpose, TimingRule, TravelRuleStatus,
    Verification, VerificationMethod, WalletScope,
};
pub use vasp_words::rule_names::{FieldCode, JurisdictionId, NameError, RuleVersionId};

use vasp_words::country::Country;
use vasp_words::time::Date;

/// The rulebook that is compiled into the program.
pub const EMBEDDED: &str = include_str!("../data/rulebook.json");

/// Travel Rules by jurisdiction and date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rulebook {
    /// The version in answers: the creation day and the version of the schema, such as `2026-11-28+1.2.0`.
    pub version: String,
    /// The title.
    pub title: String,
    /// The creation day; the rulebook's age is counted from it.
    pub generated_on: Date,
    /// The month of the seed data from which the rulebook starts.
    pub baseline_as_of: String,
    /// The month up to which public texts were followed.
    pub public_text_as_of: String,
    /// The last day up to which changes of the law are known: the end of `public_text_as_of`.
    pub known_through: Date,
    /// The confidence of an answer about an unknown jurisdiction.
    pub unknown_confidence: Confidence,
    /// The data items that rules use.
    pub field_codes: BTreeMap<FieldCode, FieldMeaning>,
    jurisdictions: BTreeMap<JurisdictionId, Jurisdiction>,
    aliases: BTreeMap<String, JurisdictionId>,
}

/// The text names no jurisdiction.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is neither an ISO 3166-1 alpha-2 code nor a regime of the rulebook; its regimes are {}", known.join(", "))]
pub struct JurisdictionError {
    /// The refused text, cut to 40 characters.
    pub text: String,
    /// The regimes whose id is not a country code.
    pub known: Vec<String>,
}

/// A field code that the rulebook does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{code}` is not a field code; known are {}", known.join(", "))]
pub struct UnknownFieldCode {
    /// The place of the unknown code among the given codes, counted from 0.
    pub index: usize,
    /// The refused text, cut to 80 characters.
    pub code: String,
    /// Every known code, sorted.
    pub known: Vec<String>,
}

impl Rulebook {
    /// Reads a rulebook, with its inheritance still to apply or already applied, and checks it.
    ///
    /// # Errors
    /// `RulebookError::Malformed` if the text departs from the schema, `RulebookError::Inconsistent` if it contradicts
    /// itself.
    pub fn from_json(text: &str) -> Result<Self, RulebookError> {
        let file = file::read(text)?;
        if !file.schema_version.starts_with("1.") {
            let reason = format!("this program cannot read the schema version `{}`, expected 1.x", file.schema_version);
            return Err(RulebookError::Malformed { path: "schema_version".into(), reason });
        }
        build(file)
    }

    /// Returns the rulebook that is compiled into the program.
    ///
    /// # Errors
    /// The same as for `from_json`; a test ensures that the compiled text is valid.
    pub fn embedded() -> Result<Self, RulebookError> {
        Self::from_json(EMBEDDED)
    }

    /// Returns every jurisdiction, by id.
    pub fn jurisdictions(&self) -> impl Iterator<Item = &Jurisdiction> {
        self.jurisdictions.values()
    }

    /// Returns the entry with exactly this id.
    #[must_use]
    pub fn entry(&self, id: &JurisdictionId) -> Option<&Jurisdiction> {
        self.jurisdictions.get(id)
    }

    /// Returns the version that is valid for `id` on `date`; `None` if the rulebook does not know.
    #[must_use]
    pub fn version_on(&self, id: &JurisdictionId, date: Date) -> Option<&RuleVersion> {
        self.entry(id)?.version_on(date)
    }

    /// Returns the entries of a country: its own, if it has one, and its regimes. They are neighbours in the order of ids.
    pub fn entries_for_country(&self, country: Country) -> impl Iterator<Item = &Jurisdiction> {
        let from = self.jurisdictions.range(JurisdictionId::from(country)..);
        from.map(|(_, entry)| entry).take_while(move |entry| entry.id.area() == country.as_str())
    }

    /// Reads a jurisdiction in any notation that people use: an id or alias of the rulebook in upper or lower case, or a
    /// country code (with or without an entry in the rulebook).
    ///
    /// # Errors
    /// `JurisdictionError` if the text is none of these; the error lists the regimes.
    pub fn resolve_id(&self, text: &str) -> Result<JurisdictionId, JurisdictionError> {
        let known = || self.jurisdictions.keys().filter(|id| id.as_str().contains('-')).map(ToString::to_string).collect();
        self.aliases
            .get(&text.to_lowercase())
            .cloned()
            .or_else(|| text.parse::<Country>().ok().map(JurisdictionId::from))
            .ok_or_else(|| JurisdictionError { text: text.chars().take(40).collect(), known: known() })
    }

    /// Reads field codes.
    ///
    /// # Errors
    /// `UnknownFieldCode` for the first code that the rulebook does not have.
    pub fn read_field_codes<S: AsRef<str>>(&self, codes: &[S]) -> Result<BTreeSet<FieldCode>, UnknownFieldCode> {
        let known = |code: &str| code.parse::<FieldCode>().ok().filter(|code| self.field_codes.contains_key(code));
        let read = |(index, code): (usize, &S)| {
            known(code.as_ref()).ok_or_else(|| UnknownFieldCode {
                index,
                code: code.as_ref().chars().take(80).collect(),
                known: self.field_codes.keys().map(ToString::to_string).collect(),
            })
        };
        codes.iter().enumerate().map(read).collect()
    }

    /// Returns whether, on `date`, rules about providers outside the European Union treat providers there as inside. An EEA
    /// state is inside from the day on which its own rule takes over the Union's.
    ///
    /// Source: `seed/rulebook.json`, note on `EU-TFR@2024-12-30`.
    #[must_use]
    pub fn is_inside_eu(&self, id: &JurisdictionId, date: Date) -> bool {
        let Some(entry) = self.entry(id) else { return id.country().is_some_and(|country| country.is_eu()) };
        let takes_over = || entry.version_on(date).is_some_and(|v| v.asks_for_data() && v.inherited_from.is_some());
        entry.groups.contains(&Group::Eu) || (entry.groups.contains(&Group::Eea) && takes_over())
    }
}

/// Applies the inheritance and checks the whole rulebook. It reports every contradiction, not only the first.
fn build(file: file::RulebookFile) -> Result<Rulebook, RulebookError> {
    let mut found = Vec::new();
    let mut seen = check::Seen::default();
    let field_codes: BTreeMap<_, _> = file.field_codes.into_iter().collect();
    let mut set_names = Vec::new();
    let mut bases = Vec::new();
    for (name, set) in file.rule_sets {
        let rules = resolve_rules(set.rules, &[], &format!("rule_sets.{name}"), &mut found, &mut seen);
        rules
            .iter()
            .enumerate()
            .for_each(|(i, r)| check::version(r, &field_codes, &format!("rule_sets.{name}.rules[{i}]"), &mut found));
        bases.extend(rules);
        set_names.push(name);
    }
    if !found.is_empty() {
        // Versions that extend a broken one would only repeat its errors.
        return Err(RulebookError::Inconsistent(found));
    }
    let sets: Vec<&str> = set_names.iter().map(String::as_str).collect();
    let mut jurisdictions = BTreeMap::new();
    for (index, mut entry) in file.jurisdictions.into_iter().enumerate() {
        let at = format!("jurisdictions[{index}]");
        seen.jurisdiction(&entry, &sets, &at, &mut found);
        let rules = resolve_rules(std::mem::take(&mut entry.rules), &bases, &at, &mut found, &mut seen);
        rules.iter().enumerate().for_each(|(i, r)| check::version(r, &field_codes, &format!("{at}.rules[{i}]"), &mut found));
        check::intervals(&rules, &at, &mut found);
        if entry.kind == JurisdictionKind::Standard {
            check::standard(&rules, &at, &mut found);
        }
        jurisdictions.insert(entry.id.clone(), entry.with_rules(rules));
    }
    if !found.is_empty() {
        return Err(RulebookError::Inconsistent(found));
    }
    let known_through = known_through(&file.public_text_as_of)?;
    // Nothing is known of what was published after the rulebook was made.
    for rule in jurisdictions.values_mut().flat_map(|entry: &mut Jurisdiction| &mut entry.rules) {
        rule.known_through = rule.known_through.min(known_through);
    }
    Ok(Rulebook {
        known_through,
        version: format!("{}+{}", file.generated_on, file.schema_version),
        title: file.title,
        generated_on: file.generated_on,
        baseline_as_of: file.baseline_as_of,
        public_text_as_of: file.public_text_as_of,
        unknown_confidence: file.unknown_jurisdiction.confidence,
        field_codes,
        aliases: aliases(&jurisdictions),
        jurisdictions,
    })
}

/// Returns the last day up to which public texts were followed.
fn known_through(text: &str) -> Result<Date, RulebookError> {
    let day = file::last_day(text).filter(|_| text.len() > "2026".len());
    day.ok_or_else(|| RulebookError::Malformed {
        path: "public_text_as_of".into(),
        reason: "it must be a month (2026-07) or a day (2026-07-31)".into(),
    })
}

fn resolve_rules(
    rules: Vec<file::RuleFile>,
    bases: &[RuleVersion],
    at: &str,
    found: &mut Vec<Inconsistency>,
    seen: &mut check::Seen,
) -> Vec<RuleVersion> {
    let mut resolved = Vec::new();
    for (index, rule) in rules.into_iter().enumerate() {
        let at = format!("{at}.rules[{index}]");
        seen.version(rule.version_id.as_str(), &at, found);
        match rule.resolve(bases, &at) {
            Ok(version) => resolved.push(version),
            Err(wrong) => found.push(wrong),
        }
    }
    resolved
}

/// Returns the jurisdictions by id and alias in lower case.
fn aliases(jurisdictions: &BTreeMap<JurisdictionId, Jurisdiction>) -> BTreeMap<String, JurisdictionId> {
    let names = |entry: &Jurisdiction| {
        let id = entry.id.clone();
        std::iter::once(id.as_str().to_lowercase())
            .chain(entry.aliases.iter().map(|alias| alias.to_lowercase()))
            .map(|name| (name, id.clone()))
            .collect::<Vec<_>>()
    };
    jurisdictions.values().flat_map(names).collect()
}
