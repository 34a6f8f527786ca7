//! What requires a condition: the asker's own rule with the clause of the law, the policy, or the asker's own decision. And what of the question
//! conditions and steps ask for.

use super::super::policy::{ConditionCode, QuestionMember};
use super::{CheckName, PrecheckInput, PrecheckOutcome};

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

impl PrecheckInput<'_> {
    /// Returns whether the question gives a member.
    pub(crate) fn gives(&self, member: QuestionMember) -> bool {
        match member {
            QuestionMember::CustomerCountry => self.customer_country.is_some(),
            QuestionMember::Correspondent => self.relationship.transfer.correspondent.is_some(),
            QuestionMember::ProvidedFields => self.own.provided.is_some(),
        }
    }
}

impl PrecheckOutcome {
    /// Returns the answer without asking for what the question gives: a line of a policy names all members that would help.
    pub(super) fn asking_for_the_rest(mut self, input: &PrecheckInput<'_>) -> Self {
        let by_conditions = self.conditions.iter_mut().map(|condition| &mut condition.asks);
        let asks = by_conditions.chain(self.next_steps.iter_mut().map(|step| &mut step.asks));
        asks.for_each(|members| members.retain(|member| !input.gives(*member)));
        self
    }
}
