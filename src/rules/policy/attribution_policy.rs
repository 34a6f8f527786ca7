//! The part of a policy that says how strong the attribution of an address must be, depending on the worth of the transfer. The check
//! `attribution` applies it.
//!
//! Source: docs/policies.md, "Strength by value".

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use vasp_record::claim::Strength;
use vasp_words::money::{Amount, Currency, Money};

/// The part of a policy about attribution.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributionPolicy {
    /// The minimum strengths. All lines that fit apply, and the strongest decides.
    #[serde(default)]
    pub minimum_strength: Vec<MinimumStrength>,
}

/// The minimum strength for transfers from a certain worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MinimumStrength {
    /// From this worth on, inclusive; null for every transfer.
    pub from: Option<Money>,
    /// The minimum strength.
    pub strength: Strength,
}

impl MinimumStrength {
    /// Takes the stricter side if the worth cannot be compared: it is not known, or is in another currency.
    fn fits(&self, worth: Option<Money>) -> bool {
        match (self.from, worth) {
            (None, _) | (Some(_), None) => true,
            (Some(from), Some(worth)) => worth.currency != from.currency || worth.amount >= from.amount,
        }
    }
}

impl AttributionPolicy {
    /// Returns the minimum strength for a transfer of this worth; `None` if every strength is enough.
    #[must_use]
    pub fn required(&self, worth: Option<Money>) -> Option<Strength> {
        self.minimum_strength.iter().filter(|line| line.fits(worth)).map(|line| line.strength).max()
    }

    /// Returns the first line that repeats the worth of an earlier line, counted from 1.
    pub(super) fn repeated(&self) -> Option<usize> {
        let mut seen = BTreeSet::new();
        let key = |line: &MinimumStrength| line.from.map(|from| (from.currency, from.amount));
        (1..).zip(&self.minimum_strength).find(|(_, line)| !seen.insert(key(line))).map(|(place, _)| place)
    }

    /// Returns where this part asks for less than another does. The required strength changes only at the worths that lines name, and never
    /// falls as the worth rises. So it is enough to compare at these worths, at a worth of zero, and for an unknown worth. In a currency
    /// that no line names, as much is required as for an unknown worth.
    pub(super) fn looser_than(&self, other: &Self) -> Vec<String> {
        let named: BTreeSet<Worth> = self.worths().chain(other.worths()).collect();
        let mut asked: Vec<Option<Money>> = vec![None];
        asked.extend(named.iter().map(|(currency, amount)| Some(Money { amount: *amount, currency: *currency })));
        asked.extend(named.iter().map(|(currency, _)| Some(Money { amount: Amount::ZERO, currency: *currency })));
        let looser = asked.into_iter().find(|worth| self.required(*worth) < other.required(*worth));
        let word = |strength: Option<Strength>| strength.map_or("any", words);
        looser
            .map(|worth| {
                let at = worth
                    .map_or_else(|| "of unknown value".to_owned(), |worth| format!("of {} {}", worth.amount, worth.currency));
                let (less, more) = (word(self.required(worth)), word(other.required(worth)));
                format!("attribution: for a transfer {at}, the policy accepts {less} strength instead of {more}")
            })
            .into_iter()
            .collect()
    }

    fn worths(&self) -> impl Iterator<Item = Worth> {
        self.minimum_strength.iter().filter_map(|line| line.from.map(|from| (from.currency, from.amount)))
    }
}

/// Returns a strength in the word that policies use.
#[must_use]
pub fn words(strength: Strength) -> &'static str {
    match strength {
        Strength::Attributed => "attributed",
        Strength::Attested => "attested",
        Strength::Proven => "proven",
    }
}

type Worth = (Currency, Amount);

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(lines: &[(Option<&str>, Strength)]) -> AttributionPolicy {
        let line = |(from, strength): &(Option<&str>, Strength)| MinimumStrength { from: from.map(worth), strength: *strength };
        AttributionPolicy { minimum_strength: lines.iter().map(line).collect() }
    }

    fn worth(text: &str) -> Money {
        let (amount, currency) = text.split_once(' ').unwrap();
        Money { amount: amount.parse().unwrap(), currency: currency.parse().unwrap() }
    }

    #[test]
    fn from_the_worth_on_more_is_asked_and_what_cannot_be_compared_is_on_the_stricter_side() {
        let asks = policy(&[
            (None, Strength::Attributed),
            (Some("1000 EUR"), Strength::Attested),
            (Some("50000 EUR"), Strength::Proven),
        ]);
        let required = |text: &str| asks.required(Some(worth(text)));

        assert_eq!(required("999.99 EUR"), Some(Strength::Attributed));
        assert_eq!(required("1000 EUR"), Some(Strength::Attested));
        assert_eq!(required("1000.00 EUR"), Some(Strength::Attested));
        assert_eq!(required("50000 EUR"), Some(Strength::Proven));
        assert_eq!(required("1 USD"), Some(Strength::Proven));
        assert_eq!(asks.required(None), Some(Strength::Proven));
        assert_eq!(AttributionPolicy::default().required(None), None);
    }

    #[test]
    fn asking_later_or_for_less_is_looser_and_asking_earlier_or_for_more_is_not() {
        let base = policy(&[(Some("1000 EUR"), Strength::Attested)]);
        let looser = |other: &AttributionPolicy| !other.looser_than(&base).is_empty();

        assert!(!looser(&base));
        assert!(looser(&AttributionPolicy::default()));
        assert!(looser(&policy(&[(Some("1000.01 EUR"), Strength::Attested)])));
        assert!(looser(&policy(&[(Some("1000 EUR"), Strength::Attributed)])));
        assert!(looser(&policy(&[(Some("1000 USD"), Strength::Attested)])), "one dollar is comparable here and was not there");
        assert!(!looser(&policy(&[(Some("999 EUR"), Strength::Attested)])));
        assert!(!looser(&policy(&[(Some("1000 EUR"), Strength::Proven)])));
        assert!(!looser(&policy(&[(None, Strength::Attested)])));
        assert!(!looser(&policy(&[(None, Strength::Attributed), (Some("1000 EUR"), Strength::Attested)])));
    }
}
