//! One line of the table of a policy.

use serde::{Deserialize, Serialize};

use super::words::{Actor, Circumstance, Circumstances, ConditionCode, Consequence, QuestionMember, StepCode};
use crate::precheck::{CheckCode, CheckName, CheckOutcome};
use vasp_words::text::Text;

/// A condition that a line sets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyCondition {
    /// The code of the condition.
    pub code: ConditionCode,
    /// What exactly has to be met, as a sentence.
    pub detail: Text,
    /// Who asks for the condition.
    #[serde(default)]
    pub asked_by: AskedBy,
    /// Who acts, if it is not the usual actor; null for the usual actor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fulfilled_by: Option<Actor>,
    /// The members of the question, of which each would meet it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asks: Vec<QuestionMember>,
}

/// Who asks for a condition in a line of a policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskedBy {
    /// The policy itself.
    #[default]
    Policy,
    /// The asking organisation's own rule.
    Rule,
}

/// A step that a line asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyStep {
    /// The code of the step.
    pub code: StepCode,
    /// What to do, as a sentence.
    pub detail: Text,
    /// The members of the question that it asks for, each of which would help.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asks: Vec<QuestionMember>,
}

/// One line of the table. The first line that fits a finding decides its consequence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyRule {
    /// The check that the line is about; null for every check.
    pub check: Option<CheckName>,
    /// The outcome that the line is about; null for every outcome of the codes.
    pub outcome: Option<CheckOutcome>,
    /// The codes that the line is about; empty for every code of the check and outcome.
    #[serde(default)]
    pub codes: Vec<CheckCode>,
    /// The circumstances that must all hold besides the finding; empty if the line always fits.
    #[serde(default)]
    pub when: Vec<Circumstance>,
    /// The consequence of the finding.
    pub consequence: Consequence,
    /// The conditions that must be met.
    #[serde(default)]
    pub conditions: Vec<PolicyCondition>,
    /// The steps that help to resolve a `hold` or `reject`.
    #[serde(default)]
    pub next_steps: Vec<PolicyStep>,
    /// The reason, for the reader.
    pub why: String,
}

impl PolicyRule {
    /// Tells whether the line is about a code.
    #[must_use]
    pub fn is_about(&self, code: CheckCode) -> bool {
        self.outcome.is_none_or(|outcome| outcome == code.outcome())
            && self.check.is_none_or(|check| check == code.check())
            && (self.codes.is_empty() || self.codes.contains(&code))
    }

    /// Tells whether the line fits under all circumstances.
    #[must_use]
    pub fn is_unconditional(&self) -> bool {
        self.when.is_empty()
    }

    /// Returns the circumstances that must hold besides the finding.
    #[must_use]
    pub fn circumstances(&self) -> Circumstances {
        self.when.iter().copied().collect()
    }
}
