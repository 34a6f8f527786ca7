//! Combines the data of the two sides: what is sent must satisfy both. The result does not depend on the order of the sides.

use std::collections::{BTreeMap, BTreeSet};

use super::{SideObligations, SourcedField, SourcedOnRequest, SourcedOneOf};
use crate::rulebook::{FieldCode, OnRequest, OneOf, RuleVersionId};

/// Returns the fields that either side requires, sorted.
pub(super) fn required(one: &SideObligations, other: &SideObligations) -> Vec<SourcedField> {
    sourced([one, other].map(|side| (side, &side.required_fields)))
}

/// Returns the fields that either side wants if available, without those that a side requires, sorted.
pub(super) fn if_available(one: &SideObligations, other: &SideObligations) -> Vec<SourcedField> {
    let mut fields = sourced([one, other].map(|side| (side, &side.if_available)));
    fields.retain(|sourced| [one, other].iter().all(|side| !side.required_fields.contains(&sourced.field)));
    fields
}

fn sourced(sides: [(&SideObligations, &Vec<FieldCode>); 2]) -> Vec<SourcedField> {
    let mut all = BTreeMap::<&FieldCode, BTreeSet<&RuleVersionId>>::new();
    for (side, fields) in sides {
        fields.iter().for_each(|field| all.entry(field).or_default().extend(&side.data_from));
    }
    all.into_iter().map(|(field, from)| SourcedField { field: field.clone(), from: versions(from) }).collect()
}

fn versions(from: BTreeSet<&RuleVersionId>) -> Vec<RuleVersionId> {
    from.into_iter().cloned().collect()
}

/// Returns the data that either side wants only on request, shortest deadline first. Equal requests appear once.
pub(super) fn on_request(one: &SideObligations, other: &SideObligations) -> Vec<SourcedOnRequest> {
    let mut all = Vec::<(&OnRequest, BTreeSet<&RuleVersionId>)>::new();
    for side in [one, other] {
        for item in &side.on_request {
            match all.iter_mut().find(|(known, _)| *known == item) {
                Some((_, from)) => from.extend(&side.data_from),
                None => all.push((item, side.data_from.iter().collect())),
            }
        }
    }
    let mut sourced: Vec<_> =
        all.into_iter().map(|(item, from)| SourcedOnRequest { on_request: item.clone(), from: versions(from) }).collect();
    sourced.sort_by(|a, b| (a.on_request.within_business_days, &a.from).cmp(&(b.on_request.within_business_days, &b.from)));
    sourced
}

/// Returns the groups of alternatives of either side, sorted. Equal groups appear once; their order inside a rule has no meaning.
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
    let sourced = |(item, from): (&OneOf, BTreeSet<&RuleVersionId>)| SourcedOneOf { one_of: item.clone(), from: versions(from) };
    merged.into_values().map(sourced).collect()
}
