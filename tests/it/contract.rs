//! What the OpenAPI document says of keys and versions is what the server does, and its form is the one that generated clients need.
//! That answers have the form that it describes is held with every answer of every test (`support/contract.rs`).

mod breaking;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use vasp_record::role::OrganisationKind::Operator;
use vasp_record::role::Role;

use crate::every_route::access::is_closed;
use crate::support::contract::{document, operations, takes, texts};
use crate::support::{Registry, on_every_database};

/// Calls `look` with every object of a document, and its place.
fn each_object(place: &str, value: &Value, look: &mut dyn FnMut(&str, &Value)) {
    match value {
        Value::Object(members) => {
            look(place, value);
            members.iter().for_each(|(name, member)| each_object(&format!("{place}/{name}"), member, look));
        }
        Value::Array(items) => items.iter().enumerate().for_each(|(n, item)| each_object(&format!("{place}/{n}"), item, look)),
        _ => {}
    }
}

#[test]
fn every_operation_says_who_may_use_it() {
    for (method, path, operation) in operations(document()) {
        assert!(
            operation["description"].as_str().unwrap().contains("Access: ") || operation["tags"][0] == "service",
            "{method} {path}"
        );
        if is_closed(method, path) {
            let security = operation["security"].as_array().unwrap();
            assert!(!security.is_empty() && !security.contains(&json!({})), "{method} {path}");
            assert!(operation["x-access"].is_array(), "{method} {path}");
        }
        for requirement in operation["security"].as_array().unwrap() {
            for (scheme, scopes) in requirement.as_object().unwrap() {
                assert!(document()["components"]["securitySchemes"].get(scheme).is_some(), "{scheme}");
                let ways: Vec<&str> =
                    operation["x-access"].as_array().into_iter().flatten().filter_map(|way| way["scope"].as_str()).collect();
                assert!(texts(scopes).iter().all(|scope| ways.contains(scope)), "{method} {path}");
                assert_eq!(texts(scopes).is_empty(), ways.is_empty(), "{method} {path}");
            }
        }
    }
}

/// Writes that take no idempotency key: what changes nothing, what signs in or out, and what is told by its content that it is the same.
const WITHOUT_KEY: [&str; 24] = [
    "confirm_totp",
    "create_challenge",
    "create_prechecks",
    "create_session",
    "delete_oidc_link",
    "delete_session",
    "delete_sessions",
    "delete_totp",
    "finish_oidc",
    "get_obligations",
    "give_second_factor",
    "parse_addresses",
    "redeem_enrolment",
    "replay_precheck",
    "reset_sandbox",
    "resolve_batch",
    "rotate_recovery_codes",
    "simulate_policy",
    "start_oidc",
    "start_totp",
    "trigger_sandbox_event",
    "update_password",
    "update_sandbox_clock",
    "update_test_names",
];

#[test]
fn writes_name_their_idempotency_key_and_their_version() {
    let writes = operations(document()).filter(|(method, ..)| *method != "get");
    let without = writes.filter(|(.., operation)| takes(operation, "Idempotency-Key").is_none());
    let without: BTreeSet<&str> = without.map(|(.., operation)| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(without, BTreeSet::from(WITHOUT_KEY));

    for (method, path, operation) in operations(document()) {
        let needs_version = texts(&operation["x-problem-codes"]).contains(&"version_needed");
        assert_eq!(takes(operation, "If-Match").is_some_and(|one| one["required"] == true), needs_version, "{method} {path}");
        let replays =
            operation["responses"].as_object().unwrap().values().any(|one| one["headers"].get("Idempotency-Replayed").is_some());
        assert_eq!(replays, takes(operation, "Idempotency-Key").is_some(), "{method} {path}");
    }
}

#[on_every_database(Registry::start)]
fn the_documents_pattern_of_an_idempotency_key_is_the_servers(registry: Registry) {
    let admin = registry.person_of_new(Operator, &[Role::Admin]);
    let document = document();
    let parameters = &document["paths"]["/v1/organisations"]["post"]["parameters"];
    let key = parameters.as_array().unwrap().iter().find(|parameter| parameter["name"] == "Idempotency-Key").unwrap();
    let pattern = regex_lite::Regex::new(key["schema"]["pattern"].as_str().unwrap()).unwrap();
    let longest = "k".repeat(255);
    let too_long = "k".repeat(256);
    let right = ["a", "a b", "a\"", "\"a\"", "\" a \"", "\"a\"b\"", "b ", "c\t", longest.as_str()];
    let wrong = ["\"", "\"\"", "\"a", "\"a b", "a\u{e9}b", too_long.as_str()];

    for (key, status) in right.map(|key| (key, 201)).into_iter().chain(wrong.map(|key| (key, 400))) {
        let body = json!({"name": "Alster Exchange", "kind": "member"});
        let answer = registry.send_as(&admin, "POST", "/v1/organisations", &[("idempotency-key", key)], &body);
        assert_eq!(answer.status.as_u16(), status, "{key:?}: {answer:?}");
        assert_eq!(pattern.is_match(key), status == 201, "{key:?}");
    }
}

/// The verbs of operation ids: one for one thing. `create` makes, `update` changes members, `replace` puts whole, `delete` removes what
/// leaves no trace, `end` and `withdraw` leave one.
const VERBS: [&str; 46] = [
    "acknowledge",
    "adopt",
    "approve",
    "challenge",
    "compare",
    "confirm",
    "count",
    "create",
    "decline",
    "delete",
    "disable",
    "dismiss",
    "enable",
    "end",
    "export",
    "finish",
    "get",
    "give",
    "import",
    "invite",
    "list",
    "merge",
    "parse",
    "pause",
    "probe",
    "propose",
    "prove",
    "record",
    "redeem",
    "refuse",
    "replace",
    "replay",
    "resend",
    "reset",
    "resolve",
    "restrict",
    "resume",
    "revoke",
    "rotate",
    "simulate",
    "start",
    "submit",
    "take",
    "test",
    "trigger",
    "upload",
];
const MORE_VERBS: [&str; 3] = ["update", "verify", "withdraw"];

/// Pre-checks are questions, which may be recorded; they are answered with 200.
const QUESTIONS: [&str; 2] = ["/v1/prechecks", "/v1/prechecks/batch"];

#[test]
fn operation_ids_are_unique_and_begin_with_a_known_verb() {
    let ids: Vec<&str> = operations(document()).map(|(.., operation)| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    let verb = |id: &&str| id.trim_start_matches("member_").split('_').next().unwrap().to_owned();

    let used: BTreeSet<String> = ids.iter().map(verb).collect();

    assert_eq!(used, VERBS.iter().chain(&MORE_VERBS).map(ToString::to_string).collect());
    for (method, path, operation) in operations(document()) {
        let verb = verb(&operation["operationId"].as_str().unwrap());
        let reads = ["get", "list", "compare", "export", "resolve"].contains(&verb.as_str());
        assert!(method != "get" || reads, "{method} {path}: {verb}");
        assert!(method != "put" || verb == "replace", "{method} {path}: {verb}");
        assert!(method != "patch" || verb == "update", "{method} {path}: {verb}");
        let creates = operation["responses"]["201"].is_object() || QUESTIONS.contains(&path);
        assert!(verb != "create" || creates, "{method} {path}: {verb}");
    }
}

#[test]
fn schemas_have_the_form_that_generated_clients_need() {
    let schemas = document()["components"]["schemas"].as_object().unwrap();
    let named = |schema: &Value| schema["$ref"].as_str().map(|place| &schemas[place.rsplit('/').next().unwrap()]).cloned();
    let kind = |schema: &Value| schema["type"].as_str().unwrap_or_default().to_owned();
    each_object("", &document()["components"]["schemas"], &mut |place, schema| {
        let Some(choices) = schema["oneOf"].as_array() else { return };
        let nullable = choices.iter().any(|one| kind(one) == "null");
        let others: Vec<&Value> = choices.iter().filter(|one| kind(one) != "null").collect();
        assert!(
            !nullable || others.iter().all(|one| one.get("$ref").is_some()),
            "{place}: a plain type or null is a list of types"
        );
        let objects: Vec<Value> =
            others.iter().filter_map(|one| named(one)).filter(|one| one.get("properties").is_some()).collect();
        assert!(others.iter().all(|one| one.get("properties").is_none()), "{place}: a variant has no name");
        for (n, one) in objects.iter().enumerate().filter(|_| schema.get("discriminator").is_none()) {
            for other in objects.iter().skip(n + 1) {
                let apart = |a: &Value, b: &Value| texts(&a["required"]).iter().any(|name| b["properties"].get(name).is_none());
                assert!(apart(one, other) && apart(other, one), "{place}: nothing tells the variants apart");
            }
        }
    });
}

#[test]
fn the_document_names_its_server_its_messages_and_one_default_answer() {
    let document = document();
    assert_eq!(document["servers"][0]["url"], "/");
    assert_eq!(document["webhooks"].as_object().unwrap().keys().collect::<Vec<_>>(), ["alert", "test"]);
    for (method, path, operation) in operations(document) {
        let default = &operation["responses"]["default"];
        // People who send a form get a page.
        if operation["requestBody"]["content"].get("application/x-www-form-urlencoded").is_some() {
            let media: Vec<_> = default["content"].as_object().unwrap().keys().collect();
            assert_eq!(media, ["application/problem+json", "text/html"], "{method} {path}");
        } else {
            assert_eq!(default["$ref"], "#/components/responses/Problem", "{method} {path}");
        }
        for code in texts(&operation["x-problem-codes"]) {
            let code: vasp_registry::http::ProblemCode = code.parse().unwrap();
            assert!(operation["responses"].get(code.status().to_string()).is_some(), "{method} {path}: {code}");
        }
    }
}
