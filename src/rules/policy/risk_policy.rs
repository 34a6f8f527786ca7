//! The part of a policy that says from which worth on a duty applies that the law leaves to risk.
//!
//! Source: docs/policies.md, "Duties that depend on risk"; FATF, Interpretive Note to Recommendation 15, paragraph 7(a).

use serde::{Deserialize, Serialize};
use vasp_words::money::Money;

/// The part of a policy about duties that depend on risk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskPolicy {
    /// From each of these worths on, inclusive; one for each currency.
    pub from: Vec<Money>,
    /// The reason, in the words of its author.
    pub why: String,
}

impl RiskPolicy {
    /// Returns the part for policies that have none: the duties apply to every transfer.
    pub(super) fn always() -> Self {
        Self { from: vec![], why: String::new() }
    }

    /// Returns whether the duties apply to a transfer of this worth. They do if the worth cannot be compared: it is not known, or is in
    /// another currency.
    #[must_use]
    pub fn applies(&self, worth: Option<Money>) -> bool {
        let Some(worth) = worth else { return true };
        let mut from = self.from.iter().filter(|from| from.currency == worth.currency).peekable();
        from.peek().is_none() || from.any(|from| worth.amount >= from.amount)
    }

    /// Returns where this part applies to less than another does, as one sentence each. What applies changes only at the worths that it
    /// names, and never ends as the worth rises.
    pub(super) fn looser_than(&self, other: &Self) -> Vec<String> {
        let lowest =
            |part: &Self, of: &Money| part.from.iter().filter(|from| from.currency == of.currency).map(|from| from.amount).min();
        let looser = self.from.iter().filter(|from| match (lowest(self, from), lowest(other, from)) {
            (Some(ours), Some(theirs)) => ours > theirs && from.amount == ours,
            (ours, None) => ours == Some(from.amount) && !from.amount.is_zero(),
            (None, _) => false,
        });
        looser.map(|from| format!("risk_based: duties apply only from {} {} on", from.amount, from.currency)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(from: &[&str]) -> RiskPolicy {
        RiskPolicy { from: from.iter().map(|text| worth(text)).collect(), ..RiskPolicy::always() }
    }

    fn worth(text: &str) -> Money {
        let (amount, currency) = text.split_once(' ').unwrap();
        Money { amount: amount.parse().unwrap(), currency: currency.parse().unwrap() }
    }

    #[test]
    fn from_the_worth_on_and_where_it_cannot_be_compared_the_duties_apply() {
        let policy = part(&["1000 EUR", "1500 AUD"]);
        let applies = |text: &str| policy.applies(Some(worth(text)));

        assert!(!applies("10 AUD") && !applies("1499.99 AUD") && applies("1500 AUD"));
        assert!(!applies("999.99 EUR") && applies("1000.00 EUR") && applies("1 USD"));
        assert!(policy.applies(None) && RiskPolicy::always().applies(Some(worth("1 EUR"))));
    }

    #[test]
    fn a_higher_worth_or_a_further_currency_is_looser() {
        let base = part(&["1000 EUR"]);
        let looser = |other: &RiskPolicy| !other.looser_than(&base).is_empty();

        assert!(looser(&part(&["1000.01 EUR"])) && looser(&part(&["1000 EUR", "1000 USD"])) && looser(&part(&["1000 USD"])));
        assert!(!looser(&base) && !looser(&part(&["999 EUR"])) && !looser(&RiskPolicy::always()));
        assert!(base.looser_than(&RiskPolicy::always()) == ["risk_based: duties apply only from 1000 EUR on"]);
    }
}
