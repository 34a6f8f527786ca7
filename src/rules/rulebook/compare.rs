//! Compares versions of several rules member by member, for people who compare regimes.

use std::collections::BTreeMap;

use super::model::RuleVersion;
use serde_json::{Value, json};

/// Members that describe the version itself, not its requirements. All other members are compared.
const APART: [&str; 9] = [
    "version_id",
    "inherited_from",
    "data_from",
    "effective_from",
    "effective_to",
    "date_precision",
    "clauses",
    "sources",
    "notes",
];

/// One member of several rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparedMember {
    /// The JSON pointer of the member.
    pub pointer: String,
    /// Whether all rules have the same value.
    pub same: bool,
    /// One value per rule; null if the rule does not have the member, or if there is no rule.
    pub values: Vec<Value>,
}

/// Compares rules member by member, ordered by member. Lists are compared as a whole.
#[must_use]
pub fn compare_rules(rules: &[Option<&RuleVersion>]) -> Vec<ComparedMember> {
    let mut rows = BTreeMap::<String, Vec<Value>>::new();
    for (place, rule) in rules.iter().enumerate() {
        let Some(rule) = rule else { continue };
        let mut leaves = Vec::new();
        collect(String::new(), json!(rule), &mut leaves);
        for (pointer, value) in leaves {
            let values = rows.entry(pointer).or_insert_with(|| vec![Value::Null; rules.len()]);
            if let Some(cell) = values.get_mut(place) {
                *cell = value;
            }
        }
    }
    let compared = |(pointer, values): (String, Vec<Value>)| {
        let same = values.windows(2).all(|pair| matches!(pair, [one, other] if one == other));
        ComparedMember { pointer, same, values }
    };
    rows.into_iter().map(compared).collect()
}

fn collect(pointer: String, value: Value, leaves: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, value) in members {
                if !(pointer.is_empty() && APART.contains(&name.as_str())) {
                    collect(format!("{pointer}/{name}"), value, leaves);
                }
            }
        }
        leaf => leaves.push((pointer, leaf)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rulebook::Rulebook;

    #[test]
    fn rules_stand_side_by_side_with_what_is_the_same() {
        let book = Rulebook::embedded().unwrap();
        let on = |id: &str| book.version_on(&id.parse().unwrap(), "2025-01-01".parse().unwrap());
        let rows = compare_rules(&[on("DE"), on("CH"), on("SG"), on("KZ")]);
        let row = |pointer: &str| rows.iter().find(|row| row.pointer == pointer).unwrap();

        assert_eq!(row("/threshold/kind").values, [json!("zero"), json!("zero"), json!("amount"), Value::Null]);
        assert_eq!(row("/retention_years").values, [json!(5), json!(10), json!(5), Value::Null]);
        assert!(!row("/travel_rule").same);
        assert!(rows.iter().all(|row| row.values.len() == 4 && !row.pointer.starts_with("/sources")));
        // The member states' data differ in nothing but retention.
        let two = compare_rules(&[on("FR"), on("IT")]);
        assert!(
            two.iter().all(|row| row.same || row.pointer.starts_with("/retention")),
            "{:?}",
            two.iter().find(|row| !row.same)
        );
    }
}
