//! Puts the two sides' data together: what must travel satisfies both. The result does not depend on the sides' order.

use std::collections::{BTreeMap, BTreeSet};

use super::{SideObligations, SourcedOneOf};
use crate::domain::rulebook::{FieldCode, OneOf, RuleVersionId};

/// Fields that either side requires, sorted.
pub(super) fn required(one: &SideObligations, other: &SideObligations) -> Vec<FieldCode> {
    let all: BTreeSet<_> = one.required_fields.iter().chain(&other.required_fields).collect();
    all.into_iter().cloned().collect()
}

/// Alternatives of either side, the same ones once, sorted. Their order inside a rule carries no meaning.
pub(super) fn one_of(one: &SideObligations, other: &SideObligations) -> Vec<SourcedOneOf> {
    let mut merged = BTreeMap::<BTreeSet<BTreeSet<&FieldCode>>, (&OneOf, BTreeSet<&RuleVersionId>)>::new();
    for side in [one, other] {
        for item in &side.one_of {
            let key = item.alternatives.iter().map(|codes| codes.iter().collect()).collect();
            let (first, from) = merged.entry(key).or_insert((item, BTreeSet::new()));
            *first = (*first).min(item);
            from.extend(&side.data_from);
        }
    }
    let sourced = |(item, from): (&OneOf, BTreeSet<&RuleVersionId>)| SourcedOneOf {
        one_of: item.clone(),
        from: from.into_iter().cloned().collect(),
    };
    merged.into_values().map(sourced).collect()
}
