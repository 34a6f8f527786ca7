//! Fields and alternative groups of fields, with the rule versions that require them.

use serde::Serialize;
use utoipa::ToSchema;

use vasp_rules::obligations::{SourcedOnRequest, SourcedOneOf};
use vasp_rules::rulebook::{FieldCode, OnRequest, OneOf, RuleVersionId};

/// Alternative groups of fields, and the rule versions that state them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SourcedOneOf)]
pub(crate) struct SourcedOneOfView {
    alternatives: Vec<Vec<FieldCode>>,
    #[schema(example = json!(["EU-TFR@2024-12-30"]))]
    from: Vec<RuleVersionId>,
}

/// Data that need not be sent at once, but must be given on request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = OnRequest)]
pub(crate) struct OnRequestView {
    required: Vec<FieldCode>,
    one_of: Vec<OneOf>,
    within_business_days: u16,
}

/// Data that must be given on request, and the rule versions that say so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SourcedOnRequest)]
pub(crate) struct SourcedOnRequestView {
    required: Vec<FieldCode>,
    one_of: Vec<OneOf>,
    within_business_days: u16,
    #[schema(example = json!(["CH@2020-01-01"]))]
    from: Vec<RuleVersionId>,
}

pub(crate) fn each<'a, T, V: From<&'a T>>(items: &'a [T]) -> Vec<V> {
    items.iter().map(V::from).collect()
}

impl From<&SourcedOnRequest> for SourcedOnRequestView {
    fn from(sourced: &SourcedOnRequest) -> Self {
        let OnRequestView { required, one_of, within_business_days } = (&sourced.on_request).into();
        Self { required, one_of, within_business_days, from: sourced.from.clone() }
    }
}

impl From<&SourcedOneOf> for SourcedOneOfView {
    fn from(sourced: &SourcedOneOf) -> Self {
        Self { alternatives: sourced.one_of.alternatives.clone(), from: sourced.from.clone() }
    }
}

impl From<&OnRequest> for OnRequestView {
    fn from(later: &OnRequest) -> Self {
        let within_business_days = later.within_business_days;
        Self { required: later.required.clone(), one_of: later.one_of.clone(), within_business_days }
    }
}
