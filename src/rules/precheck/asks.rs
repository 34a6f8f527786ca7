//! What requires a condition: the asker's own rule with the clause of the law, the policy, or the asker's own decision.

use super::super::policy::ConditionCode;
use super::{CheckName, PrecheckInput};

/// What requires a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asks {
    /// The asker's own rule.
    Rule {
        /// The rule's version.
        id: String,
        /// The clause of the law; `None` if the rulebook names no clause.
        clause: Option<String>,
    },
    /// The policy.
    Policy(String),
    /// The asking organisation's decision about the counterparty.
    Relationship,
}

impl Asks {
    /// Returns the asker's own rule with the clause on which a condition of a check is based. If no version of the rule is on record, it is
    /// the policy that asks: nobody knows of a law that does.
    pub(super) fn by_rule(condition: ConditionCode, check: CheckName, input: &PrecheckInput<'_>) -> Self {
        let own = input.own_side;
        let side = input.own.clauses.map(|all| if input.own.incoming { &all.beneficiary } else { &all.originator });
        let clause = side.and_then(|side| match (check, condition) {
            (_, ConditionCode::MissingDataAction) => side.missing_data.clone(),
            (CheckName::Attribution, _) => side.self_hosted.clone(),
            (_, ConditionCode::ProvideMissingData | ConditionCode::SendDataByOtherMeans) => side.data.clone(),
            (CheckName::Protocol, ConditionCode::FirstPartyOnly | ConditionCode::ProofOfControl) => side.sunrise.clone(),
            _ => None,
        });
        match &own.rule_version {
            Some(version) => Self::Rule { id: version.to_string(), clause },
            None => Self::Policy(input.policy.to_string()),
        }
    }
}
