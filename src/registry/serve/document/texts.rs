//! Adapts schemas that come with shared value types to the API's document. Text types with a fixed format (ids, times, countries) are
//! described in place, not by reference. Types that no request contains may get new members later. So their schemas allow unknown members,
//! even if a library refuses them when it reads the type from a file. Used by `document`.

use std::collections::{BTreeMap, BTreeSet};

use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, Object, SchemaType, Type};
use utoipa::openapi::{OpenApi, RefOr, Schema};

use super::SCHEMAS;

/// Adapts the schemas of a document.
pub(crate) fn settle(document: &mut OpenApi) {
    let Some(components) = document.components.as_mut() else { return };
    let is_text = |schema: &RefOr<Schema>| matches!(schema, RefOr::T(Schema::Object(object)) if is_text(object));
    let texts: BTreeMap<String, RefOr<Schema>> = components.schemas.extract_if(.., |_, schema| is_text(schema)).collect();
    let mut in_requests = BTreeSet::new();
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            let contents = operation.request_body.iter().filter_map(held).flat_map(|body| body.content.values());
            for schema in contents.filter_map(held).filter_map(|content| content.schema.as_ref()) {
                collect(&mut schema.clone(), &components.schemas, &mut in_requests);
            }
            for parameter in operation.parameters.iter_mut().flatten() {
                let RefOr::T(parameter) = parameter else { continue };
                parameter.schema.iter_mut().for_each(|schema| put_texts_in_place(schema, &texts));
            }
        }
    }
    components.schemas.values_mut().for_each(|schema| put_texts_in_place(schema, &texts));
    for (_, schema) in components.schemas.iter_mut().filter(|(name, _)| !in_requests.contains(*name)) {
        leave_open(schema);
    }
}

/// Returns the item itself; `None` if it is only a reference.
fn held<T>(item: &RefOr<T>) -> Option<&T> {
    if let RefOr::T(item) = item { Some(item) } else { None }
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

/// Collects the names of all schemas that a schema refers to, directly or indirectly.
fn collect(schema: &mut RefOr<Schema>, all: &BTreeMap<String, RefOr<Schema>>, names: &mut BTreeSet<String>) {
    if let RefOr::Ref(reference) = schema {
        let name = reference.ref_location.trim_start_matches(SCHEMAS).to_owned();
        if let Some(mut named) = all.get(&name).cloned()
            && names.insert(name)
        {
            collect(&mut named, all, names);
        }
    }
    parts(schema).into_iter().for_each(|part| collect(part, all, names));
}

fn leave_open(schema: &mut RefOr<Schema>) {
    if let RefOr::T(Schema::Object(object)) = schema
        && matches!(object.additional_properties.as_deref(), Some(AdditionalProperties::FreeForm(false)))
    {
        object.additional_properties = None;
    }
    parts(schema).into_iter().for_each(leave_open);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::SCHEMAS;
    use crate::serve::docs::document;

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
        let document = serde_json::to_value(document()).unwrap();
        let mut named = BTreeSet::new();
        references(&document, &mut named);

        let described = document["components"]["schemas"].as_object().unwrap();
        let missing: Vec<_> = named.iter().filter(|name| !described.contains_key(**name)).collect();
        assert!(missing.is_empty(), "{missing:?}");
        assert!(named.len() > 100, "{}", named.len());
    }
}
