//! Every way in which a request can be refused before a service is asked.

use serde_json::{Value, json};

use crate::support::{Answer, Database, Registry, on_every_database};

fn registry() -> Registry {
    Registry::start(Database::sqlite())
}

fn post_as(registry: &Registry, content_type: &str, body: &str) -> Answer {
    registry.client.send("POST", "/probe/body", &[("content-type", content_type)], body)
}

#[test]
fn well_formed_body_is_taken() {
    let registry = registry();
    let letter = json!({"to": "a", "pages": [{"number": 1}]});

    let answer = registry.client.post("/probe/body", &letter);

    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/json"));
    assert_eq!(answer.json(), letter);
    assert_eq!(post_as(&registry, "application/json; charset=utf-8", &letter.to_string()).json(), letter);
}

#[test]
fn unknown_route_is_not_found() {
    let registry = registry();

    registry.client.get("/v1/nothing?subject=secret").problem(404, "not_found");
    registry.client.get("/healthz/").problem(404, "not_found");
    registry.client.get("/%00/../%ff").problem(404, "not_found");
}

#[test]
fn unknown_method_is_refused_with_those_allowed() {
    let registry = registry();

    let answer = registry.client.send("DELETE", "/healthz", &[], "");
    answer.problem(405, "method_not_allowed");
    assert_eq!(answer.header("allow"), "GET, HEAD");
}

#[test]
fn body_that_is_no_json_is_malformed_with_its_place() {
    let registry = registry();

    let problem = post_as(&registry, "application/json", "{\"to\": \"a\",\n oops}").problem(400, "malformed_request");

    assert!(problem["detail"].as_str().unwrap().contains("line 2 column 2"), "{problem}");
    post_as(&registry, "application/json", "").problem(400, "malformed_request");
    post_as(&registry, "application/json", &"[".repeat(9_000)).problem(400, "malformed_request");
}

#[test]
fn faults_in_a_body_are_named_with_pointer_and_code() {
    let registry = registry();
    let fault_of = |body| {
        let problem = registry.client.post("/probe/body", &body).problem(422, "invalid_request");
        (problem["errors"][0]["pointer"].clone(), problem["errors"][0]["code"].clone())
    };

    assert_eq!(fault_of(json!({"to": "a", "from": "b"})), (json!("/from"), json!("unknown_member")));
    assert_eq!(fault_of(json!({})), (json!("/to"), json!("missing_member")));
    assert_eq!(fault_of(json!({"to": "a", "pages": [{"number": 300}]})), (json!("/pages/0/number"), json!("invalid_value")));
}

#[test]
fn faults_in_query_and_path_are_named() {
    let registry = registry();

    assert_eq!(registry.client.get("/probe/query?limit=5").json(), json!({"limit": 5}));
    let problem = registry.client.get("/probe/query?limit=5&offset=1").problem(422, "invalid_request");
    assert_eq!(problem["errors"][0]["pointer"], "?offset");
    let problem = registry.client.get("/probe/query").problem(422, "invalid_request");
    assert_eq!((&problem["errors"][0]["pointer"], &problem["errors"][0]["code"]), (&json!("?limit"), &json!("missing_member")));
    registry.client.get("/probe/path/300").problem(422, "invalid_request");
}

#[test]
fn body_that_is_not_announced_as_plain_json_is_refused() {
    let registry = registry();
    let compressed = [("content-type", "application/json"), ("content-encoding", "gzip")];

    let answer = post_as(&registry, "text/plain", "{}");
    answer.problem(415, "unsupported_media_type");
    assert_eq!(answer.header("accept"), "application/json");
    registry.client.send("POST", "/probe/body", &[], "{}").problem(415, "unsupported_media_type");
    registry.client.send("POST", "/probe/body", &compressed, "{}").problem(415, "unsupported_media_type");
}

#[test]
fn body_over_the_limit_is_refused_and_one_at_the_limit_is_read() {
    let registry = registry();
    let body_of = |len: usize| format!("{{\"to\":\"{}\"}}", "a".repeat(len - 9));

    assert_eq!(post_as(&registry, "application/json", &body_of(10_000)).status.as_u16(), 200);
    let problem = post_as(&registry, "application/json", &body_of(10_001)).problem(413, "payload_too_large");
    assert_eq!(problem["detail"], "The body is larger than 10000 bytes.");
}

#[test]
fn failure_inside_is_answered_with_fixed_text() {
    let registry = registry();

    let failed = registry.client.get("/probe/fail");

    failed.problem(500, "internal_error");
    assert!(!failed.text.contains("secret"), "{}", failed.text);
}

#[test]
fn panic_in_a_handler_is_a_problem_and_the_server_lives_on() {
    let registry = registry();

    for _ in 0..3 {
        let answer = registry.client.get("/probe/panic");
        answer.problem(500, "internal_error");
        assert!(!answer.text.contains("secret"), "{}", answer.text);
    }

    assert_eq!(registry.client.get("/healthz").status.as_u16(), 200);
}

#[test]
fn bare_error_of_a_handler_becomes_a_problem() {
    let registry = registry();

    registry.client.get("/probe/bare").problem(404, "not_found");
}

/// All faults of a body are told at once.
#[on_every_database(Registry::start)]
fn a_refusal_names_every_fault_in_the_form_of_the_body(registry: Registry) {
    let (reviewer, _) = registry.two_operators();
    let faults = |path: &str, body: &Value| -> Vec<(String, String)> {
        let problem = registry.post_as(&reviewer, path, body).problem(422, "invalid_request");
        let all = problem["errors"].as_array().unwrap().clone();
        let text = |one: &Value, member: &str| one[member].as_str().unwrap().to_owned();
        all.iter().map(|one| (text(one, "pointer"), text(one, "code"))).collect()
    };
    let fault = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());

    let ruling = json!({"ruled_out": "yes", "reson": "x"});
    let mut of_ruling = faults("/v1/brands/candidates/brc_0000000000000000/propose", &ruling);
    of_ruling.sort();
    let expected = [fault("/reason", "missing_member"), fault("/reson", "unknown_member"), fault("/ruled_out", "invalid_value")];
    assert_eq!(of_ruling, expected);

    let amendment = json!({"authorities": [{"id": 5, "name": "A", "country": "MU"}, "x"]});
    let of_amendment = faults("/v1/authorities/amendments", &amendment);
    for pointer in ["/authorities/0/id", "/authorities/0/regime", "/authorities/0/registration", "/authorities/1"] {
        assert!(of_amendment.iter().any(|(at, _)| at == pointer), "{pointer}: {of_amendment:?}");
    }
    let places: std::collections::BTreeSet<_> = of_amendment.iter().map(|(at, _)| at).collect();
    assert_eq!(places.len(), of_amendment.len(), "each place once: {of_amendment:?}");

    let precheck =
        json!({"direction": "sideways", "originator": {"jurisdiction": 5}, "beneficiary": {"adress": "x"}, "transfer": []});
    let (_, key) = registry.api_key("precheck", None);
    let headers = [("authorization", key.as_str()), ("content-type", "application/json")];
    let refused = registry.client.send("POST", "/v1/prechecks", &headers, &precheck.to_string()).problem(422, "invalid_request");
    for pointer in ["/direction", "/originator/jurisdiction", "/beneficiary/adress", "/transfer"] {
        assert!(refused["errors"].as_array().unwrap().iter().any(|one| one["pointer"] == pointer), "{pointer}: {refused:#}");
    }
}

#[test]
fn a_wrong_item_of_a_batch_is_told_what_each_of_its_members_needs() {
    let registry = Registry::start(Database::sqlite());
    let (_, key) = registry.api_key("resolve", None);
    let headers = [("authorization", key.as_str()), ("content-type", "application/json")];
    for (path, list, member) in [("/v1/networks/parse", "addresses", "address"), ("/v1/resolve", "subjects", "subject")] {
        let body = json!({list: [{member: 5, "zone": "x"}]}).to_string();

        let answer = registry.client.send("POST", path, &headers, &body).json();

        let faults = answer["results"][0]["problem"]["errors"].as_array().unwrap().iter();
        let mut faults: Vec<_> =
            faults.map(|fault| [&fault["pointer"], &fault["detail"]].map(|text| text.as_str().unwrap())).collect();
        faults.sort();
        let (wrong, unknown) = (format!("/{list}/0/{member}"), format!("/{list}/0/zone"));
        let needed = [[wrong.as_str(), "a text is needed here, not a number"], [unknown.as_str(), "there is no member `zone`"]];
        assert_eq!(faults, needed, "{answer:#}");
    }
}

#[test]
fn a_body_that_is_no_form_at_all_gets_twenty_faults() {
    let registry = Registry::start(Database::sqlite());
    let (reviewer, _) = registry.two_operators();
    let path = "/v1/brands/candidates/brc_0000000000000000/propose";
    let members: Value = (0..500).map(|number| (format!("m{number:03}"), json!("x"))).collect();

    let many = registry.post_as(&reviewer, path, &members).problem(422, "invalid_request");

    assert_eq!(many["errors"].as_array().unwrap().len(), 20);
}
