//! What asks for a condition: the asker's own rule with the clause of the law, the policy, or the asker's own decision.

use super::super::policy::ConditionCode;
use super::{CheckName, PrecheckInput};

/// What asks for a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asks {
    /// The asker's own rule.
    Rule {
        /// Its version, or its jurisdiction where no version is on record.
        id: String,
        /// The clause of the law; none where the rulebook names none.
        clause: Option<String>,
    },
    /// The policy.
    Policy(String),
    /// What the asking organisation decided about the counterparty.
    Relationship,
}

impl Asks {
    /// Names the asker's own rule, with the clause that is behind a condition of a check.
    pub(super) fn by_rule(condition: ConditionCode, check: CheckName, input: &PrecheckInput<'_>) -> Self {
        let own = input.own_side;
        let side = if input.own.incoming { &own.clauses.beneficiary } else { &own.clauses.originator };
        let clause = match (check, condition) {
            (_, ConditionCode::MissingDataAction) => &side.missing_data,
            (CheckName::Attribution, _) => &side.self_hosted,
            (_, ConditionCode::ProvideMissingData | ConditionCode::SendDataByOtherMeans) => &side.data,
            (CheckName::Protocol, ConditionCode::FirstPartyOnly | ConditionCode::ProofOfControl) => &side.sunrise,
            _ => &None,
        };
        let id = own.rule_version.as_ref().map_or_else(|| own.jurisdiction.to_string(), ToString::to_string);
        Self::Rule { id, clause: clause.clone() }
    }
}
