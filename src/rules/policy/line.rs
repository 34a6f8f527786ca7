//! One line of a policy's table.

use serde::{Deserialize, Serialize};

use super::words::{Actor, Circumstance, Circumstances, ConditionCode, Consequence, StepCode};
use crate::precheck::{CheckCode, CheckName, CheckOutcome};

/// A condition that a line makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyCondition {
    /// Which.
    pub code: ConditionCode,
    /// What exactly has to be met, as a sentence.
    pub detail: String,
    /// Who asks for it.
    #[serde(default)]
    pub asked_by: AskedBy,
    /// Who acts, where that is not who it usually is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fulfilled_by: Option<Actor>,
}

/// Who asks for a condition of a policy's line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskedBy {
    /// The policy itself.
    #[default]
    Policy,
    /// The asker's own rule.
    Rule,
}

/// A step that a line asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyStep {
    /// Which.
    pub code: StepCode,
    /// What to do, as a sentence.
    pub detail: String,
}

/// One line of the table. The first line that fits a finding decides what it comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyRule {
    /// The check it is about; none: every check.
    pub check: Option<CheckName>,
    /// The outcome it is about; none: every outcome of the codes.
    pub outcome: Option<CheckOutcome>,
    /// The codes it is about; none: every code of the check and outcome.
    #[serde(default)]
    pub codes: Vec<CheckCode>,
    /// What must be so beside the finding, all of it; none: whatever is so.
    #[serde(default)]
    pub when: Vec<Circumstance>,
    /// What follows.
    pub consequence: Consequence,
    /// What has to be met.
    #[serde(default)]
    pub conditions: Vec<PolicyCondition>,
    /// What would lead on.
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

    /// Tells whether the line holds whatever the circumstances are.
    #[must_use]
    pub fn is_unconditional(&self) -> bool {
        self.when.is_empty()
    }

    /// Returns what must be so beside the finding.
    #[must_use]
    pub fn circumstances(&self) -> Circumstances {
        self.when.iter().copied().collect()
    }
}
