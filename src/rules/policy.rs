//! Policy: versioned data that turns what the checks found into a recommendation. The table is `seed/policy.json`, written
//! to be read by a compliance officer; here is only its strict reader and the one rule that applies it: every line that
//! fits counts, the worst wins. Callers: `precheck`, and the service that loads organisations' own policies.

mod attribution_policy;
mod comparison;
mod protocol_policy;
mod reference;
mod relationship_policy;
mod schema;
mod screening_policy;
mod table;

pub use attribution_policy::{AttributionPolicy, MinimumStrength, words as strength_word};
pub use protocol_policy::ProtocolPolicy;
pub use reference::{PolicyName, PolicyReference, PolicyReferenceError};
pub use relationship_policy::{CorrespondentTrigger, RelationshipPolicy, RepeatedFailures, RequiredOfTracks};
pub use schema::schema;
pub use screening_policy::{
    AddressesBind, Binding, BindingLists, ElsewhereLists, NameScores, RegimeOf, ScreeningPolicy, ScreeningPolicyError, StateGroup,
};
use vasp_words::closed_list::closed_list;

use std::collections::BTreeSet;
use std::fmt;

use super::precheck::{CheckCode, CheckName, CheckOutcome};
use super::protocol::ProtocolId;
use super::rulebook::JurisdictionId;
use serde::{Deserialize, Serialize};
use table::Table;
use vasp_words::country::Country;

closed_list! {
    /// What the registry recommends, worst first. The VASP decides. Take a value you do not know for `hold`.
    pub enum Recommendation {
        /// Do not send.
        Reject = "reject",
        /// Do not send before a person has looked.
        Hold = "hold",
        /// Send if the conditions are met.
        ProceedWithConditions = "proceed_with_conditions",
        /// Send.
        Proceed = "proceed",
    }

    /// What has to be met.
    pub enum ConditionCode {
        /// Apply enhanced due diligence.
        EnhancedDueDiligence = "enhanced_due_diligence",
        /// Have the customer prove control of the self-hosted address.
        ProofOfControl = "proof_of_control",
        /// Only between accounts of one and the same person.
        FirstPartyOnly = "first_party_only",
        /// Only up to the amount that the detail states.
        MaxAmount = "max_amount",
        /// What else the organisation agreed with the counterparty, which the detail states.
        AsAgreed = "as_agreed",
    }

    /// When a condition of a line applies.
    pub enum ConditionWhen {
        /// Whenever the line fits.
        Always = "always",
        /// Only where the originator's rule asks for it, or whether it asks cannot be told.
        ARuleAsks = "a_rule_asks",
    }
}

/// A condition that a line of the policy attaches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyCondition {
    /// Which.
    pub code: ConditionCode,
    /// When.
    pub when: ConditionWhen,
    /// What exactly has to be met, as a sentence.
    pub detail: String,
}

/// One line of the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyRule {
    /// The check it is about; none: every check.
    pub check: Option<CheckName>,
    /// The outcome it is about.
    pub outcome: CheckOutcome,
    /// The one code it is about; none: every code of that outcome.
    pub code: Option<CheckCode>,
    /// What is recommended.
    pub recommendation: Recommendation,
    /// What has to be met.
    #[serde(default)]
    pub conditions: Vec<PolicyCondition>,
    /// The reason, for the reader.
    pub why: String,
}

impl PolicyRule {
    /// Tells whether the line is about a code.
    #[must_use]
    pub fn fits(&self, code: CheckCode) -> bool {
        self.outcome == code.outcome()
            && self.check.is_none_or(|check| check == code.check())
            && self.code.is_none_or(|own| own == code)
    }
}

/// How old a source may be, in whole days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgeLimit {
    /// Older than this warns.
    pub warn_after: u16,
    /// Older than this is unknown; none: never.
    pub unknown_after: Option<u16>,
}

/// Limits of age by class of source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FreshnessLimits {
    /// Registers of authorities, and GLEIF's.
    pub register: AgeLimit,
    /// Sanctions lists.
    pub screening_list: AgeLimit,
    /// FATF and EU lists.
    pub jurisdiction_list: AgeLimit,
    /// The rulebook.
    pub rulebook: AgeLimit,
}

/// One version of a policy, read and checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    name: String,
    version: u32,
    about: String,
    freshness_days: FreshnessLimits,
    prohibited_jurisdictions: Vec<JurisdictionId>,
    #[serde(default = "ProtocolPolicy::shipped")]
    protocols: ProtocolPolicy,
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

/// Why a policy is refused.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// Not of the form, or an unknown field, check, outcome or code.
    #[error("the policy does not read: {detail}")]
    Form {
        /// What and where.
        detail: String,
    },
    /// The name or version cannot be cited as `name@version`.
    #[error("the policy needs a name of a-z, 0-9, `_` or `-` and a version from 1, not `{0}`")]
    Name(String),
    /// A line names a code that another check or outcome gives.
    #[error("line {line}: `{code}` is a code of check {check}, outcome {outcome}; the line says otherwise")]
    CodeElsewhere {
        /// The line, counted from 1.
        line: usize,
        /// The code.
        code: CheckCode,
        /// Its check.
        check: CheckName,
        /// Its outcome.
        outcome: CheckOutcome,
    },
    /// Two lines are about the same thing.
    #[error("line {line} repeats an earlier one")]
    Repeated {
        /// The line, counted from 1.
        line: usize,
    },
    /// An outcome could be met by no line.
    #[error("no line without a check says what outcome {0} means")]
    Uncovered(CheckOutcome),
    /// An age limit that could not be reached in order.
    #[error("unknown_after {unknown_after} does not come after warn_after {warn_after}")]
    Limits {
        /// Days until a warning.
        warn_after: u16,
        /// Days until unknown.
        unknown_after: u16,
    },
    /// What it says of relationships cannot be applied.
    #[error("relationships: {0}")]
    Relationships(String),
    /// A protocol is named twice in one list.
    #[error("protocol `{0}` is named twice")]
    Protocol(ProtocolId),
    /// The part about screening makes no sense.
    #[error("screening: {0}")]
    Screening(#[source] ScreeningPolicyError),
    /// Two lines of the strengths asked are about the same worth.
    #[error("attribution.minimum_strength: line {line} repeats the worth of an earlier one")]
    Strength {
        /// The line, counted from 1.
        line: usize,
    },
    /// Not a country or a regime of one.
    #[error("`{0}` is not a country or regime such as `KP` or `AE-VARA`")]
    Jurisdiction(JurisdictionId),
}

impl Policy {
    /// Returns the policy that the registry ships with, `default@3`.
    ///
    /// # Errors
    /// `PolicyError` if the embedded file is broken, which the tests rule out.
    pub fn embedded() -> Result<Self, PolicyError> {
        Self::from_json(include_str!("data/policy.json"))
    }

    /// Reads and checks a policy.
    ///
    /// # Errors
    /// `PolicyError`, naming the line that is wrong and what would be right.
    pub fn from_json(text: &str) -> Result<Self, PolicyError> {
        let mut policy: Self = serde_json::from_str(text).map_err(|error| PolicyError::Form { detail: error.to_string() })?;
        policy.check_name()?;
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
        policy.table = Table::of(&policy.rules);
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

    /// Returns what it is for, in the words of its author.
    #[must_use]
    pub fn about(&self) -> &str {
        &self.about
    }

    /// Returns how strong attributions must be.
    #[must_use]
    pub fn attribution(&self) -> &AttributionPolicy {
        &self.attribution
    }

    /// Returns the limits of age.
    #[must_use]
    pub fn freshness(&self) -> &FreshnessLimits {
        &self.freshness_days
    }

    /// Returns what it says of protocols.
    #[must_use]
    pub fn protocols(&self) -> &ProtocolPolicy {
        &self.protocols
    }

    /// Returns what it says of screening lists.
    #[must_use]
    pub fn screening(&self) -> &ScreeningPolicy {
        &self.screening
    }

    /// Returns what it says of relationships with counterparties.
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

    /// Returns the lines that fit a code; `from_json` has made sure that there is one.
    pub fn lines_for(&self, code: CheckCode) -> impl Iterator<Item = &PolicyRule> {
        self.table.lines(code).iter().filter_map(|place| self.rules.get(*place))
    }

    /// Returns the line that decides what a code comes to: the first of the worst that fit.
    #[must_use]
    pub fn decisive_line(&self, code: CheckCode) -> Option<&PolicyRule> {
        self.lines_for(code).min_by_key(|rule| rule.recommendation)
    }

    /// Returns what a code comes to: the worst of the lines that fit; `hold` if none did.
    #[must_use]
    pub fn recommend(&self, code: CheckCode) -> Recommendation {
        self.table.recommend(code)
    }

    fn check_name(&self) -> Result<(), PolicyError> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
        let named = !self.name.is_empty() && self.name.len() <= 60 && self.name.chars().all(plain);
        if named && self.version > 0 { Ok(()) } else { Err(PolicyError::Name(self.to_string())) }
    }

    fn check_rules(&self) -> Result<(), PolicyError> {
        let mut seen = BTreeSet::new();
        for (line, rule) in (1..).zip(&self.rules) {
            if let Some(code) = rule.code
                && (rule.check != Some(code.check()) || rule.outcome != code.outcome())
            {
                return Err(PolicyError::CodeElsewhere { line, code, check: code.check(), outcome: code.outcome() });
            }
            if !seen.insert((rule.check, rule.outcome, rule.code)) {
                return Err(PolicyError::Repeated { line });
            }
        }
        let outcomes = CheckCode::ALL.iter().map(|code| code.outcome());
        match outcomes.into_iter().find(|outcome| !seen.contains(&(None, *outcome, None))) {
            Some(uncovered) => Err(PolicyError::Uncovered(uncovered)),
            None => Ok(()),
        }
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

/// The policy as records cite it, `default@3`.
impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::super::precheck::CheckCode as C;
    use super::Recommendation::{Hold, Proceed, ProceedWithConditions, Reject};
    use super::*;

    fn edited(from: &str, to: &str) -> Result<Policy, PolicyError> {
        let text = include_str!("../../seed/policy.json");
        assert!(text.contains(from));
        Policy::from_json(&text.replacen(from, to, 1))
    }

    /// Source: wire contract, "default policy".
    #[test]
    fn the_embedded_policy_is_the_table_of_the_contract() {
        let policy = Policy::embedded().unwrap();
        assert_eq!(policy.to_string(), "default@3");
        let reject = [
            C::SanctionsAddressListed,
            C::SanctionsNameListed,
            C::SanctionsOwned50,
            C::IdentityRevoked,
            C::LicenceWithdrawn,
            C::JurisdictionCountermeasures,
            C::JurisdictionBanned,
            C::JurisdictionProhibited,
            C::ShellVaspNoPresence,
        ];
        let cautious = [CheckName::Attribution, CheckName::Identity, CheckName::Licence, CheckName::Sanctions];
        for code in C::ALL.iter().copied() {
            let expected = match code.outcome() {
                CheckOutcome::Fail if reject.contains(&code) => Reject,
                CheckOutcome::Fail => Hold,
                CheckOutcome::Unknown if cautious.contains(&code.check()) => Hold,
                CheckOutcome::Unknown | CheckOutcome::Warn => ProceedWithConditions,
                CheckOutcome::Pass | CheckOutcome::NotApplicable => Proceed,
            };
            assert_eq!(policy.recommend(code), expected, "{code}");
        }
    }

    #[test]
    fn the_embedded_limits_are_those_of_the_contract() {
        let limits = *Policy::embedded().unwrap().freshness();
        let pair = |limit: AgeLimit| (limit.warn_after, limit.unknown_after);

        assert_eq!(pair(limits.register), (30, Some(120)));
        assert_eq!(pair(limits.screening_list), (7, Some(30)));
        assert_eq!(pair(limits.jurisdiction_list), (200, None));
        assert_eq!(pair(limits.rulebook), (400, None));
    }

    #[test]
    fn a_wrong_policy_is_refused_with_the_reason() {
        let unknown = edited("licence.withdrawn", "licence.taken").unwrap_err().to_string();
        assert!(unknown.contains("`licence.taken` is not known; near it are "), "{unknown}");
        let member = edited("\"about\"", "\"abuot\"").unwrap_err().to_string();
        assert!(member.contains("unknown field `abuot`"), "{member}");
        let moved = edited("\"code\": \"licence.withdrawn\"", "\"code\": \"lei.retired\"");
        assert!(matches!(moved, Err(PolicyError::CodeElsewhere { line: 3, code: C::LeiRetired, .. })));
        let uncovered = edited("{\"outcome\": \"warn\"", "{\"check\": \"lei\", \"outcome\": \"warn\"");
        assert!(matches!(uncovered, Err(PolicyError::Uncovered(CheckOutcome::Warn))));
        let repeated = edited("{\"outcome\": \"warn\"", "{\"outcome\": \"fail\"");
        assert!(matches!(repeated, Err(PolicyError::Repeated { .. })));
        assert!(matches!(edited("\"unknown_after\": 120", "\"unknown_after\": 30"), Err(PolicyError::Limits { .. })));
        assert!(matches!(edited("\"version\": 3", "\"version\": 0"), Err(PolicyError::Name(_))));
        assert!(matches!(edited("tions\": []", "tions\": [\"ZZ\"]"), Err(PolicyError::Jurisdiction(_))));
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

    /// Source: issue 6, the list of protocols.
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

    /// Source: issue 7 (single control only where the policy allows it); SFC AML guideline section 12.13.6(e).
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
        let line = r#"{"check": "attribution", "outcome": "pass", "code": "attribution.attributed", "recommendation": "hold", "why": "x"},"#;
        let policy = edited("\"rules\": [", &format!("\"rules\": [{line}")).unwrap();

        assert_eq!(policy.recommend(C::AttributionAttributed), Hold);
        assert_eq!(policy.recommend(C::AttributionAttested), Proceed);
    }
}
