//! Policy: versioned data that turns the findings of the checks into a recommendation. The table is `seed/policy.json`, which a compliance
//! officer can read. This module holds its strict reader and the one rule that applies it: the first line that fits a finding decides. Its
//! callers are `precheck` and the service that loads the policies of organisations.

mod asset_policy;
mod attribution_policy;
mod comparison;
mod demonstration;
mod line;
mod protocol_policy;
mod reference;
mod relationship_policy;
mod risk_policy;
mod schema;
mod screening_policy;
mod table;
mod unknown_names;
mod words;

#[cfg(test)]
mod default_tests;

pub use asset_policy::AssetPolicy;
pub use attribution_policy::{AttributionPolicy, MinimumStrength, words as strength_word};
pub use line::{AskedBy, PolicyCondition, PolicyRule, PolicyStep};
pub use protocol_policy::ProtocolPolicy;
pub use reference::{PolicyName, PolicyReference, PolicyReferenceError};
pub use relationship_policy::{CorrespondentTrigger, RelationshipPolicy, RepeatedFailures, RequiredOfTracks};
pub use risk_policy::RiskPolicy;
pub use schema::schema;
pub use screening_policy::{
    AddressesBind, BindingLists, NameScores, RegimeOf, ScreeningPolicy, ScreeningPolicyError, StateGroup,
};
use std::collections::BTreeSet;
use std::fmt;
pub use words::{
    Actor, Before, Circumstance, Circumstances, ConditionCode, Consequence, MetBy, QuestionMember, Recommendation, StepCode,
};

use super::precheck::{CheckCode, CheckName, CheckOutcome};
use super::protocol::ProtocolId;
use super::rulebook::JurisdictionId;

use serde::{Deserialize, Serialize};
use table::Table;
use vasp_words::country::Country;

/// Limits for the age of a source, in whole days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgeLimit {
    /// Above this age the source gives a warning.
    pub warn_after: u16,
    /// Above this age the result is unknown; null if it never becomes unknown.
    pub unknown_after: Option<u16>,
}

impl AgeLimit {
    /// Returns whether a source that is so many days old says nothing any more.
    #[must_use]
    pub fn is_passed(self, days: i64) -> bool {
        self.unknown_after.is_some_and(|most| days > i64::from(most))
    }
}

/// Limits of age by class of source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FreshnessLimits {
    /// The registers of authorities, and the GLEIF data.
    pub register: AgeLimit,
    /// Sanctions lists.
    pub screening_list: AgeLimit,
    /// The FATF and EU lists of jurisdictions.
    pub jurisdiction_list: AgeLimit,
    /// The rulebook.
    pub rulebook: AgeLimit,
}

/// Maximum number of circumstances that lines about one finding may use: a comparison of two policies tries all their combinations.
const CIRCUMSTANCES_MAX: usize = 6;

/// One version of a policy, read and checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    name: String,
    version: u32,
    about: String,
    freshness_days: FreshnessLimits,
    prohibited_jurisdictions: Vec<JurisdictionId>,
    #[serde(default = "AssetPolicy::shipped")]
    assets: AssetPolicy,
    #[serde(default = "ProtocolPolicy::shipped")]
    protocols: ProtocolPolicy,
    #[serde(default = "RiskPolicy::always")]
    risk_based: RiskPolicy,
    #[serde(default = "ScreeningPolicy::shipped")]
    screening: ScreeningPolicy,
    #[serde(default)]
    attribution: AttributionPolicy,
    #[serde(default = "RelationshipPolicy::shipped")]
    relationships: RelationshipPolicy,
    rules: Vec<PolicyRule>,
    #[serde(skip)]
    table: Table,
}

/// The reason why a policy is refused.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The form is wrong, or a field, check, outcome or code is unknown.
    #[error("the policy does not read: {detail}")]
    Form {
        /// The fault and its place.
        detail: String,
    },
    /// The name or version cannot be cited as `name@version`.
    #[error("the policy needs a name of a-z, 0-9, `_` or `-` and a version from 1, not `{0}`")]
    Name(String),
    /// A line names a code that belongs to another check or outcome.
    #[error("line {line}: `{code}` is a code of check {check}, outcome {outcome}; the line says otherwise")]
    CodeElsewhere {
        /// The line, counted from 1.
        line: usize,
        /// The code.
        code: CheckCode,
        /// The check of the code.
        check: CheckName,
        /// The outcome of the code.
        outcome: CheckOutcome,
    },
    /// A line holds or rejects, but names no next step.
    #[error("line {line} holds or rejects and names no next step")]
    NoStep {
        /// The line, counted from 1.
        line: usize,
    },
    /// A line sets a condition, but names none.
    #[error("line {line} makes a condition and names none")]
    NoCondition {
        /// The line, counted from 1.
        line: usize,
    },
    /// A line names conditions, but passes the finding or only notes it.
    #[error("line {line} names conditions, and its consequence is no `condition`, `hold` or `reject`")]
    IdleCondition {
        /// The line, counted from 1.
        line: usize,
    },
    /// A line names next steps, but neither holds nor rejects.
    #[error("line {line} names next steps, and its consequence is neither `hold` nor `reject`")]
    IdleStep {
        /// The line, counted from 1.
        line: usize,
    },
    /// A line never decides, because earlier lines decide everything that it is about.
    #[error("line {line} decides nothing: line {earlier} and those before it decide all that it is about")]
    NeverReached {
        /// The line, counted from 1.
        line: usize,
        /// The last of these earlier lines.
        earlier: usize,
    },
    /// No line without circumstances is about this finding.
    #[error("no line without circumstances says what `{0}` comes to")]
    Uncovered(CheckCode),
    /// The lines about a finding use too many circumstances, so that policies could no longer be compared.
    #[error("lines tell more than {CIRCUMSTANCES_MAX} circumstances apart for `{0}`")]
    Circumstances(CheckCode),
    /// The limit for unknown does not come after the limit for a warning.
    #[error("unknown_after {unknown_after} does not come after warn_after {warn_after}")]
    Limits {
        /// Days until a warning.
        warn_after: u16,
        /// Days until unknown.
        unknown_after: u16,
    },
    /// The part about relationships cannot be applied.
    #[error("relationships: {0}")]
    Relationships(String),
    /// A protocol is named twice in one list.
    #[error("protocol `{0}` is named twice")]
    Protocol(ProtocolId),
    /// The part about screening is wrong.
    #[error("screening: {0}")]
    Screening(#[source] ScreeningPolicyError),
    /// Two lines of `minimum_strength` name the same worth.
    #[error("attribution.minimum_strength: line {line} repeats the worth of an earlier one")]
    Strength {
        /// The line, counted from 1.
        line: usize,
    },
    /// The id is not a country or a regime of one.
    #[error("`{0}` is not a country or regime such as `KP` or `AE-VARA`")]
    Jurisdiction(JurisdictionId),
}

impl Policy {
    /// Returns the policy that the registry ships with, `default@6`.
    ///
    /// # Errors
    /// `PolicyError` if the embedded file is broken, which the tests rule out.
    pub fn embedded() -> Result<Self, PolicyError> {
        Self::from_json(include_str!("data/policy.json"))
    }

    /// Reads and checks a policy.
    ///
    /// # Errors
    /// `PolicyError` names the line that is wrong and says what would be right.
    pub fn from_json(text: &str) -> Result<Self, PolicyError> {
        let mut policy: Self = serde_json::from_str(text).map_err(|error| PolicyError::Form { detail: error.to_string() })?;
        policy.check_name()?;
        policy.table = Table::of(&policy.rules);
        policy.check_rules()?;
        policy.check_limits()?;
        if let Some(twice) = policy.protocols.repeated() {
            return Err(PolicyError::Protocol(twice.clone()));
        }
        policy.screening.check().map_err(PolicyError::Screening)?;
        if let Some(fault) = policy.relationships.fault() {
            return Err(PolicyError::Relationships(fault));
        }
        for id in &policy.prohibited_jurisdictions {
            if id.country().is_none() {
                return Err(PolicyError::Jurisdiction(id.clone()));
            }
        }
        if let Some(line) = policy.attribution.repeated() {
            return Err(PolicyError::Strength { line });
        }
        Ok(policy)
    }

    /// Returns the name, without the version.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the version, counted from 1.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Returns the purpose of the policy, in the words of its author.
    #[must_use]
    pub fn about(&self) -> &str {
        &self.about
    }

    /// Returns the part about assets.
    #[must_use]
    pub fn assets(&self) -> &AssetPolicy {
        &self.assets
    }

    /// Returns the part about attribution: how strong it must be.
    #[must_use]
    pub fn attribution(&self) -> &AttributionPolicy {
        &self.attribution
    }

    /// Returns whether data of any age count, of every class of source.
    #[must_use]
    pub fn has_no_age_limits(&self) -> bool {
        let FreshnessLimits { register, screening_list, jurisdiction_list, rulebook } = self.freshness_days;
        let has_none = [register, screening_list, jurisdiction_list, rulebook].iter().all(|limit| limit.unknown_after.is_none());
        has_none && self.screening.unknown_after_days.is_none()
    }

    /// Returns the limits of age for sources.
    #[must_use]
    pub fn freshness(&self) -> &FreshnessLimits {
        &self.freshness_days
    }

    /// Returns the part about protocols.
    #[must_use]
    pub fn protocols(&self) -> &ProtocolPolicy {
        &self.protocols
    }

    /// Returns the part about screening lists.
    #[must_use]
    pub fn screening(&self) -> &ScreeningPolicy {
        &self.screening
    }

    /// Returns the part about duties that the law leaves to risk.
    #[must_use]
    pub fn risk_based(&self) -> &RiskPolicy {
        &self.risk_based
    }

    /// Returns the part about relationships with counterparties.
    #[must_use]
    pub fn relationships(&self) -> &RelationshipPolicy {
        &self.relationships
    }

    /// Returns the lines of the table.
    #[must_use]
    pub fn rules(&self) -> &[PolicyRule] {
        &self.rules
    }

    /// Tells whether the policy prohibits a country or this regime of it.
    #[must_use]
    pub fn prohibits(&self, country: Country, jurisdiction: Option<&JurisdictionId>) -> bool {
        self.prohibited_jurisdictions.iter().any(|id| id.as_str() == country.as_str() || Some(id) == jurisdiction)
    }

    /// Returns the first line that fits a finding: it decides. `from_json` makes sure that there is one.
    #[must_use]
    pub fn line_for(&self, code: CheckCode, so: Circumstances) -> Option<&PolicyRule> {
        self.rules.get(self.table.first(code, so)?)
    }

    /// Returns the consequence of a finding; `hold` if no line fits.
    #[must_use]
    pub fn decide(&self, code: CheckCode, so: Circumstances) -> Consequence {
        self.line_for(code, so).map_or(Consequence::Hold, |line| line.consequence)
    }

    fn check_name(&self) -> Result<(), PolicyError> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
        let named = !self.name.is_empty() && self.name.len() <= 60 && self.name.chars().all(plain);
        if named && self.version > 0 { Ok(()) } else { Err(PolicyError::Name(self.to_string())) }
    }

    fn check_rules(&self) -> Result<(), PolicyError> {
        for (line, rule) in (1..).zip(&self.rules) {
            let elsewhere = |code: &&CheckCode| {
                rule.check.is_some_and(|check| check != code.check())
                    || rule.outcome.is_some_and(|outcome| outcome != code.outcome())
            };
            if let Some(code) = rule.codes.iter().find(elsewhere) {
                return Err(PolicyError::CodeElsewhere { line, code: *code, check: code.check(), outcome: code.outcome() });
            }
            let (conditions, steps) = (rule.conditions.is_empty(), rule.next_steps.is_empty());
            match rule.consequence {
                Consequence::Reject | Consequence::Hold if steps => return Err(PolicyError::NoStep { line }),
                Consequence::Condition if conditions => return Err(PolicyError::NoCondition { line }),
                Consequence::Note | Consequence::Pass if !conditions => return Err(PolicyError::IdleCondition { line }),
                Consequence::Condition | Consequence::Note | Consequence::Pass if !steps => {
                    return Err(PolicyError::IdleStep { line });
                }
                _ => {}
            }
        }
        if let Some(code) = CheckCode::ALL.iter().find(|code| self.circumstances_told(**code) > CIRCUMSTANCES_MAX) {
            return Err(PolicyError::Circumstances(*code));
        }
        if let Some((line, earlier)) = self.table.never_reached(&self.rules) {
            return Err(PolicyError::NeverReached { line, earlier });
        }
        let falls_through = |code: &&CheckCode| !self.rules.iter().any(|rule| rule.is_unconditional() && rule.is_about(**code));
        match CheckCode::ALL.iter().find(falls_through) {
            Some(code) => Err(PolicyError::Uncovered(*code)),
            None => Ok(()),
        }
    }

    /// Counts the circumstances that the lines about a finding use.
    fn circumstances_told(&self, code: CheckCode) -> usize {
        let lines = self.rules.iter().filter(|rule| rule.is_about(code));
        lines.flat_map(|rule| &rule.when).collect::<BTreeSet<_>>().len()
    }

    fn check_limits(&self) -> Result<(), PolicyError> {
        let limits = &self.freshness_days;
        for limit in [limits.register, limits.screening_list, limits.jurisdiction_list, limits.rulebook] {
            if let Some(unknown_after) = limit.unknown_after
                && unknown_after <= limit.warn_after
            {
                return Err(PolicyError::Limits { warn_after: limit.warn_after, unknown_after });
            }
        }
        Ok(())
    }
}

/// The policy as records cite it, `default@6`.
impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::super::precheck::CheckCode as C;
    use super::*;

    const STEP: &str = r#"{"code": "ask_counterparty", "detail": "Ask."}"#;

    fn edited(from: &str, to: &str) -> Result<Policy, PolicyError> {
        let text = include_str!("../../seed/policy.json");
        assert!(text.contains(from));
        Policy::from_json(&text.replacen(from, to, 1))
    }

    #[test]
    fn the_embedded_limits_are_those_of_the_contract() {
        let limits = *Policy::embedded().unwrap().freshness();
        let pair = |limit: AgeLimit| (limit.warn_after, limit.unknown_after);

        assert_eq!(pair(limits.register), (30, Some(120)));
        assert_eq!(pair(limits.screening_list), (7, Some(30)));
        assert_eq!(pair(limits.jurisdiction_list), (120, Some(135)));
        assert_eq!(pair(limits.rulebook), (365, Some(400)));
    }

    #[test]
    fn a_wrong_policy_is_refused_with_the_reason() {
        let unknown = edited("licence.withdrawn", "licence.taken").unwrap_err().to_string();
        assert!(unknown.contains("`licence.taken` is not known; similar words are "), "{unknown}");
        let member = edited("\"about\"", "\"abuot\"").unwrap_err().to_string();
        assert!(member.contains("unknown field `abuot`"), "{member}");
        let moved = edited("[\"licence.withdrawn\"]", "[\"lei.retired\"]");
        assert!(matches!(moved, Err(PolicyError::CodeElsewhere { line: 5, code: C::LeiRetired, .. })));
        let uncovered = edited("{\"outcome\": \"warn\"", "{\"check\": \"lei\", \"outcome\": \"warn\"");
        assert!(matches!(uncovered, Err(PolicyError::Uncovered(code)) if code.outcome() == CheckOutcome::Warn));
        let first = format!(
            "\"rules\": [{{\"outcome\": \"fail\", \"consequence\": \"hold\", \"why\": \"x\", \"next_steps\": [{}]}},",
            STEP
        );
        assert!(matches!(edited("\"rules\": [", &first), Err(PolicyError::NeverReached { line: 2, earlier: 1 })));
        let without = |line: &str| {
            edited(
                "\"rules\": [",
                &format!("\"rules\": [{{\"outcome\": \"fail\", \"when\": [\"approved\"], \"why\": \"x\", {line}}},"),
            )
        };
        assert!(matches!(without("\"consequence\": \"hold\""), Err(PolicyError::NoStep { line: 1 })));
        assert!(matches!(without("\"consequence\": \"condition\""), Err(PolicyError::NoCondition { line: 1 })));
        assert!(matches!(
            without(&format!("\"consequence\": \"note\", \"next_steps\": [{STEP}]")),
            Err(PolicyError::IdleStep { line: 1 })
        ));
        let idle = "\"consequence\": \"pass\", \"conditions\": [{\"code\": \"check_source\", \"detail\": \"x\"}]";
        assert!(matches!(without(idle), Err(PolicyError::IdleCondition { line: 1 })));
        assert!(matches!(edited("\"unknown_after\": 120", "\"unknown_after\": 30"), Err(PolicyError::Limits { .. })));
        assert!(matches!(edited("\"version\": 6", "\"version\": 0"), Err(PolicyError::Name(_))));
        assert!(matches!(edited("tions\": []", "tions\": [\"ZZ\"]"), Err(PolicyError::Jurisdiction(_))));
    }

    /// Source: docs/policies.md, "Assets"; SLIP-44 (128 Monero, 133 Zcash).
    #[test]
    fn a_policy_of_before_the_assets_names_those_of_the_default() {
        let text = include_str!("../../seed/policy.json");
        let (head, rest) = text.split_once("  \"assets\": {").unwrap();
        let old = format!("{head}{}", rest.split_once("  },\n").unwrap().1);

        let policy = Policy::from_json(&old).unwrap();

        assert!(!old.contains("anonymity_enhanced\":"));
        assert_eq!(policy.assets(), Policy::embedded().unwrap().assets());
        let named: Vec<String> = policy.assets().anonymity_enhanced.iter().map(ToString::to_string).collect();
        assert!(named[0].ends_with("/slip44:128") && named[1].ends_with("/slip44:133") && named.len() == 2, "{named:?}");
        let looser = edited("/slip44:133", "/slip44:1").unwrap().looser_than(&policy);
        assert!(looser[0].contains("slip44:133 is no longer listed as anonymity-enhanced"), "{looser:?}");
    }

    #[test]
    fn a_policy_of_before_the_protocols_still_reads() {
        let text = include_str!("../../seed/policy.json");
        let (head, rest) = text.split_once("  \"protocols\": {").unwrap();
        let old = format!("{head}{}", rest.split_once("  },\n").unwrap().1);

        let policy = Policy::from_json(&old).unwrap();

        assert!(!old.contains("last_resort"));
        assert_eq!(policy.protocols(), Policy::embedded().unwrap().protocols());
    }

    /// Source: docs/endpoints.md, "Publish": e-mail is the last resort.
    #[test]
    fn every_protocol_of_the_registry_has_its_place_and_email_is_last() {
        let policy = Policy::embedded().unwrap();
        let protocols = super::super::protocol::Protocols::embedded().unwrap();

        assert!(protocols.iter().all(|protocol| policy.protocols().order.contains(&protocol.id)));
        assert_eq!(policy.protocols().order.last().unwrap().as_str(), "email");
        assert_eq!(policy.protocols().order[0].as_str(), "trp");
        assert!(matches!(edited("\"trp\",", "\"trp\", \"trp\","), Err(PolicyError::Protocol(_))));
    }

    #[test]
    fn a_policy_of_before_the_relationships_still_reads() {
        let text = include_str!("../../seed/policy.json");
        let (head, rest) = text.split_once("  \"relationships\": {").unwrap();
        let old = format!("{head}{}", rest.split_once("\n  },\n").unwrap().1);

        let policy = Policy::from_json(&old).unwrap();

        assert!(!old.contains("single_control"));
        assert_eq!(policy.relationships(), Policy::embedded().unwrap().relationships());
    }

    /// Source: docs/relationships.md, "Who does what" and "The policy's part"; SFC AML guideline section 12.13.6(e).
    #[test]
    fn the_embedded_policy_asks_for_two_people_and_for_senior_management_in_hong_kong() {
        let policy = Policy::embedded().unwrap();
        let relationships = policy.relationships();
        assert!(!relationships.single_control);
        assert_eq!(relationships.senior_management_in, ["HK".parse().unwrap()]);

        let wrong = edited("\"correspondent\": [\"risk_rating\"", "\"correspondent\": [\"decision\"");
        assert!(matches!(wrong, Err(PolicyError::Relationships(_))));
        assert!(matches!(edited("[\"HK\"]", "[\"ZZ\"]"), Err(PolicyError::Relationships(_))));
    }

    #[test]
    fn a_policy_may_prohibit_a_country_or_one_regime_of_it() {
        let policy = edited("tions\": []", "tions\": [\"RU\", \"AE-VARA\"]").unwrap();
        let country = |code: &str| code.parse::<Country>().unwrap();

        assert!(policy.prohibits(country("RU"), None));
        assert!(policy.prohibits(country("AE"), Some(&"AE-VARA".parse().unwrap())));
        assert!(!policy.prohibits(country("AE"), Some(&"AE-ADGM".parse().unwrap())));
    }

    #[test]
    fn a_policy_may_ask_for_more_than_third_party_data() {
        let line = format!(
            r#"{{"check": "attribution", "codes": ["attribution.attributed"], "consequence": "hold", "why": "x", "next_steps": [{STEP}]}},"#
        );
        let policy = edited("\"rules\": [", &format!("\"rules\": [{line}")).unwrap();

        assert_eq!(policy.decide(C::AttributionAttributed, Circumstances::default()), Consequence::Hold);
        assert_eq!(policy.decide(C::AttributionAttested, Circumstances::default()), Consequence::Pass);
    }
}
