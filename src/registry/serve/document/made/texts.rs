//! Describes text types with a fixed format (ids, times, countries) in place, not by reference. Used by `document`.

use std::collections::BTreeMap;

use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, Object, SchemaType, Type};
use utoipa::openapi::{OpenApi, RefOr, Schema};

use super::{SCHEMAS, operations};

/// Adapts the schemas of a document.
pub(crate) fn settle(document: &mut OpenApi) {
    let Some(components) = document.components.as_mut() else { return };
    let is_text = |schema: &RefOr<Schema>| matches!(schema, RefOr::T(Schema::Object(object)) if is_text(object));
    let texts: BTreeMap<String, RefOr<Schema>> = components.schemas.extract_if(.., |_, schema| is_text(schema)).collect();
    let parameters = document.paths.paths.values_mut().flat_map(operations).filter_map(|operation| operation.parameters.as_mut());
    for parameter in parameters.flatten() {
        let RefOr::T(parameter) = parameter else { continue };
        parameter.schema.iter_mut().for_each(|schema| put_texts_in_place(schema, &texts));
    }
    components.schemas.values_mut().for_each(|schema| put_texts_in_place(schema, &texts));
}

fn is_text(object: &Object) -> bool {
    object.schema_type == Type::String.into() && object.enum_values.is_none()
}

/// Returns the direct parts of a schema.
fn parts(schema: &mut RefOr<Schema>) -> Vec<&mut RefOr<Schema>> {
    let RefOr::T(schema) = schema else { return vec![] };
    match schema {
        Schema::Array(array) => match &mut array.items {
            ArrayItems::RefOrSchema(items) => vec![items.as_mut()],
            ArrayItems::False => vec![],
        },
        Schema::Object(object) => {
            let more = object.additional_properties.as_deref_mut();
            let more = more.and_then(|more| if let AdditionalProperties::RefOr(more) = more { Some(more) } else { None });
            object.properties.values_mut().chain(more).collect()
        }
        Schema::OneOf(one) => one.items.iter_mut().collect(),
        Schema::AllOf(all) => all.items.iter_mut().collect(),
        Schema::AnyOf(any) => any.items.iter_mut().collect(),
        _ => vec![],
    }
}

/// Replaces references to texts by the texts themselves; "text or null" becomes one schema.
fn put_texts_in_place(schema: &mut RefOr<Schema>, texts: &BTreeMap<String, RefOr<Schema>>) {
    parts(schema).into_iter().for_each(|part| put_texts_in_place(part, texts));
    let settled = match schema {
        RefOr::Ref(reference) => {
            let text = reference.ref_location.strip_prefix(SCHEMAS).and_then(|name| texts.get(name));
            let Some(RefOr::T(Schema::Object(text))) = text else { return };
            let mut text = text.clone();
            text.description = Some(reference.description.clone()).filter(|said| !said.is_empty()).or(text.description);
            text
        }
        RefOr::T(Schema::OneOf(either)) => match either.items.as_slice() {
            [RefOr::T(Schema::Object(text)), RefOr::T(Schema::Object(null))]
                if is_text(text) && null.schema_type == Type::Null.into() =>
            {
                let mut text = text.clone();
                text.schema_type = SchemaType::from_iter([Type::String, Type::Null]);
                text
            }
            _ => return,
        },
        _ => return,
    };
    *schema = Schema::Object(settled).into();
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::super::SCHEMAS;
    use crate::serve::document;

    fn references<'a>(part: &'a Value, found: &mut BTreeSet<&'a str>) {
        match part {
            Value::Object(members) => {
                let name = members.get("$ref").and_then(Value::as_str).and_then(|place| place.strip_prefix(SCHEMAS));
                found.extend(name);
                members.values().for_each(|member| references(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => (),
        }
    }

    #[test]
    fn every_schema_that_is_named_is_described() {
        let document = document();
        let mut named = BTreeSet::new();
        references(document, &mut named);

        let described = document["components"]["schemas"].as_object().unwrap();
        let missing: Vec<_> = named.iter().filter(|name| !described.contains_key(**name)).collect();
        assert!(missing.is_empty(), "{missing:?}");
        assert!(named.len() > 100, "{}", named.len());
    }
}
