//! What a client can rely on in answers. Every member is always there, perhaps null, except the few that `MAY_BE_ABSENT` names. Answers may
//! get new members, and lists of words may get new words.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{METHODS, SCHEMAS, each_object, each_operation, schemas};

/// The members that an answer leaves out if they have nothing to say (`skip_serializing_if`), by schema. They are never null. A test that
/// gets an answer without a member fails if it is not here.
pub(super) const MAY_BE_ABSENT: [(&str, &str); 50] = [
    ("CompactResolution", "memo_claims_exist"),
    ("Condition", "fulfilled_by"),
    ("HoldScope", "counterparty"),
    ("HoldScope", "precheck"),
    ("HoldScope", "recorded"),
    ("ImportedRow", "detail"),
    ("IvmsLegalPerson", "countryOfRegistration"),
    ("IvmsLegalPerson", "geographicAddress"),
    ("IvmsLegalPerson", "nationalIdentification"),
    ("OutcomeProof", "document_sha256"),
    ("OutcomeProof", "precheck"),
    ("OutcomeProof", "signature"),
    ("OutcomeProof", "text"),
    ("Owner", "brand"),
    ("ParseResultReadings", "payment_uri"),
    ("Precheck", "candidates_more"),
    ("Precheck", "evidence"),
    ("PrecheckParty", "address"),
    ("PrecheckParty", "certificate_sha256"),
    ("PrecheckParty", "common_name"),
    ("PrecheckParty", "customer_country"),
    ("PrecheckParty", "declared"),
    ("PrecheckParty", "jurisdiction"),
    ("PrecheckParty", "memo"),
    ("PrecheckParty", "network"),
    ("PrecheckParty", "payment_uri"),
    ("PrecheckParty", "travel_address"),
    ("PrecheckParty", "vasp"),
    ("PrecheckTransfer", "amount"),
    ("PrecheckTransfer", "asset"),
    ("PrecheckTransfer", "correspondent"),
    ("PrecheckTransfer", "fiat"),
    ("PrecheckTransfer", "first_party"),
    ("PrecheckTransfer", "linked_total"),
    ("PrecheckTransfer", "originator_type"),
    ("PrecheckTransfer", "proprietary"),
    ("Problem", "candidates"),
    ("Resolution", "claims_left_out"),
    ("Resolution", "related_reason"),
    ("Resolution", "environment"),
    ("ResolveResults", "directory"),
    ("ResolveResults", "environment"),
    ("ResolveResults", "valid_until"),
    ("ResolveResults", "vasps"),
    ("SigningKey", "exp"),
    ("SigningKey", "vkey"),
    ("Subject", "ledger"),
    ("Subject", "payment_uri"),
    ("Subject", "travel_address"),
    ("Subject", "warnings"),
];

/// Adapts all schemas of answers.
pub(super) fn settle(document: &mut Value) {
    let answered = names_in_answers(document);
    if let Some(schemas) = schemas(document) {
        for (name, schema) in schemas.iter_mut().filter(|(name, _)| answered.contains(*name)) {
            settle_schema(name, schema);
        }
    }
    each_operation(document, |_, operation| operation.get_mut("responses").into_iter().for_each(|part| settle_schema("", part)));
}

/// Adapts one schema of answers, with everything inside it.
pub(super) fn settle_schema(name: &str, schema: &mut Value) {
    each_object(schema, &mut |object| {
        require_members(name, object);
        if object.get("additionalProperties") == Some(&json!(false)) {
            object.remove("additionalProperties");
        }
        if object.get("enum").and_then(Value::as_array).is_some_and(|words| words.len() > 1) {
            object.insert("x-extensible-enum".to_owned(), json!(true));
        }
    });
}

/// Returns the names of the schemas that answers, or messages to webhooks, refer to.
pub(super) fn names_in_answers(document: &Value) -> BTreeSet<String> {
    let parts = operations_of(document).filter_map(|operation| operation.get("responses"));
    let shared = document.pointer("/components/responses").into_iter().chain(document.get("webhooks"));
    names_in(document, parts.chain(shared))
}

/// Returns the names of the schemas that requests refer to.
pub(super) fn names_in_requests(document: &Value) -> BTreeSet<String> {
    let parts = operations_of(document).flat_map(|operation| [operation.get("requestBody"), operation.get("parameters")]);
    names_in(document, parts.flatten())
}

fn operations_of(document: &Value) -> impl Iterator<Item = &Value> {
    let paths = document.get("paths").and_then(Value::as_object).into_iter().flat_map(Map::values);
    paths.flat_map(|item| METHODS.iter().filter_map(|method| item.get(*method)))
}

/// Returns the names of the schemas to which parts of a document refer, directly or indirectly.
fn names_in<'a>(document: &'a Value, parts: impl Iterator<Item = &'a Value>) -> BTreeSet<String> {
    let schemas = document.pointer("/components/schemas");
    let (mut names, mut open): (BTreeSet<String>, Vec<&Value>) = (BTreeSet::new(), parts.collect());
    while let Some(part) = open.pop() {
        for name in references(part) {
            if names.insert(name.to_owned()) {
                open.extend(schemas.and_then(|schemas| schemas.get(name)));
            }
        }
    }
    names
}

/// Returns the names of the schemas to which a part refers directly.
pub(super) fn references(part: &Value) -> Vec<&str> {
    match part {
        Value::Object(members) => {
            let own = members.get("$ref").and_then(Value::as_str).and_then(|place| place.strip_prefix(SCHEMAS));
            own.into_iter().chain(members.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => vec![],
    }
}

/// Makes the members of a schema required, except those that may be absent; these are never null.
fn require_members(name: &str, object: &mut Map<String, Value>) {
    let Some(Value::Object(members)) = object.get_mut("properties") else { return };
    let may_be_absent = |member: &str| MAY_BE_ABSENT.contains(&(name, member));
    members.iter_mut().filter(|(member, _)| may_be_absent(member)).for_each(|(_, schema)| take_null_away(schema));
    let required: Vec<&String> = members.keys().filter(|member| !may_be_absent(member)).collect();
    if !required.is_empty() {
        let required = json!(required);
        object.insert("required".to_owned(), required);
    }
}

fn take_null_away(schema: &mut Value) {
    let null = json!("null");
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|one| *one != null);
        if let [only] = types.as_slice() {
            let only = only.clone();
            if let Some(schema) = schema.as_object_mut() {
                schema.insert("type".to_owned(), only);
            }
        }
    }
    let Some(Value::Array(choices)) = schema.get_mut("oneOf") else { return };
    choices.retain(|one| one.get("type") != Some(&null));
    let only = if let [only] = choices.as_slice() { only.clone() } else { return };
    *schema = only;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::document;

    #[test]
    fn members_are_required_and_few_may_be_absent() {
        let mut schema = json!({"type": "object", "additionalProperties": false, "required": ["code"], "properties": {
            "code": {"type": "string"}, "claim": {"type": ["string", "null"]}, "detail": {"type": ["string", "null"]}}});

        settle_schema("ImportedRow", &mut schema);

        assert_eq!(schema["required"], json!(["claim", "code"]));
        assert_eq!(schema["properties"]["detail"]["type"], "string");
        assert_eq!(schema.get("additionalProperties"), None);
    }

    #[test]
    fn what_may_be_absent_exists() {
        for (schema, member) in MAY_BE_ABSENT {
            assert!(document()["components"]["schemas"][schema]["properties"].get(member).is_some(), "{schema}.{member}");
        }
    }

    #[test]
    fn lists_of_several_words_may_grow_and_tags_do_not() {
        let mut schema = json!([{"type": "string", "enum": ["a", "b"]}, {"type": "string", "enum": ["kind"]}]);

        settle_schema("", &mut schema);

        assert_eq!((&schema[0]["x-extensible-enum"], schema[1].get("x-extensible-enum")), (&json!(true), None));
    }
}
