//! Fields and alternatives, with the rule versions that demand them.

use serde::Serialize;
use utoipa::ToSchema;

use vasp_rules::obligations::{SourcedField, SourcedOnRequest, SourcedOneOf};
use vasp_rules::rulebook::{FieldCode, OnRequest, OneOf, RuleVersionId};

/// Alternatives, of which one must be there with all its fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = OneOf)]
pub(crate) struct OneOfView {
    #[schema(example = json!([["originator.address"], ["originator.birth", "originator.place_of_birth"]]))]
    alternatives: Vec<Vec<String>>,
}

/// Alternatives and the rule versions that state them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SourcedOneOf)]
pub(crate) struct SourcedOneOfView {
    alternatives: Vec<Vec<String>>,
    #[schema(example = json!(["EU-TFR@2024-12-30"]))]
    from: Vec<String>,
}

/// Data that is not sent at once but due when asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = OnRequest)]
pub(crate) struct OnRequestView {
    required: Vec<String>,
    one_of: Vec<OneOfView>,
    within_business_days: u16,
}

/// A field and the rule versions that demand it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SourcedField)]
pub(crate) struct SourcedFieldView {
    #[schema(example = "originator.name")]
    field: String,
    #[schema(example = json!(["EU-TFR@2024-12-30"]))]
    from: Vec<String>,
}

/// Data that is due when asked for, and the rule versions that say so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SourcedOnRequest)]
pub(crate) struct SourcedOnRequestView {
    required: Vec<String>,
    one_of: Vec<OneOfView>,
    within_business_days: u16,
    #[schema(example = json!(["CH@2020-01-01"]))]
    from: Vec<String>,
}

pub(super) fn codes(codes: &[FieldCode]) -> Vec<String> {
    codes.iter().map(ToString::to_string).collect()
}

fn alternatives(one_of: &OneOf) -> Vec<Vec<String>> {
    one_of.alternatives.iter().map(|alternative| codes(alternative)).collect()
}

pub(super) fn each<'a, T, V: From<&'a T>>(items: &'a [T]) -> Vec<V> {
    items.iter().map(V::from).collect()
}

fn versions(from: &[RuleVersionId]) -> Vec<String> {
    from.iter().map(ToString::to_string).collect()
}

impl From<&SourcedField> for SourcedFieldView {
    fn from(sourced: &SourcedField) -> Self {
        Self { field: sourced.field.to_string(), from: versions(&sourced.from) }
    }
}

impl From<&SourcedOnRequest> for SourcedOnRequestView {
    fn from(sourced: &SourcedOnRequest) -> Self {
        let OnRequestView { required, one_of, within_business_days } = (&sourced.on_request).into();
        Self { required, one_of, within_business_days, from: versions(&sourced.from) }
    }
}

impl From<&OneOf> for OneOfView {
    fn from(one_of: &OneOf) -> Self {
        Self { alternatives: alternatives(one_of) }
    }
}

impl From<&SourcedOneOf> for SourcedOneOfView {
    fn from(sourced: &SourcedOneOf) -> Self {
        Self { alternatives: alternatives(&sourced.one_of), from: versions(&sourced.from) }
    }
}

impl From<&OnRequest> for OnRequestView {
    fn from(later: &OnRequest) -> Self {
        let within_business_days = later.within_business_days;
        Self { required: codes(&later.required), one_of: each(&later.one_of), within_business_days }
    }
}
