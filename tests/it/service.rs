//! The server itself: health, readiness, documentation, request ids, headers, stopping.

use serde_json::json;
use vasp_registry::http::{ProblemCode, Readiness};
use vasp_registry::serve::document_json;

use crate::support::{Database, Registry, on_every_database};

fn registry() -> Registry {
    Registry::start(Database::sqlite())
}

#[on_every_database(Registry::start)]
fn health_says_ok_on_every_database(registry: Registry) {
    let answer = registry.client.get("/healthz");

    assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({"status": "ok"})));
}

#[test]
fn readiness_follows_what_the_services_say() {
    let registry = registry();

    assert_eq!(registry.client.get("/readyz").json(), json!({"status": "ready", "reasons": []}));
    registry.set_readiness(Readiness::Degraded);
    assert_eq!(registry.client.get("/readyz").json(), json!({"status": "degraded", "reasons": []}));
    registry.set_readiness(Readiness::NotReady);
    let answer = registry.client.get("/readyz");
    answer.problem(503, "not_ready");
    assert_eq!(answer.header("retry-after"), "1");
}

#[test]
fn served_and_committed_openapi_documents_equal_the_code() {
    let registry = registry();
    let committed = include_str!("../../openapi/openapi.json");

    let generated = document_json().unwrap();

    assert!(
        committed == generated,
        "openapi/openapi.json is stale: cargo run --features describe -- openapi > openapi/openapi.json"
    );
    let served = registry.client.get("/openapi.json");
    assert_eq!((served.text.as_str(), served.header("content-type")), (committed, "application/json"));
}

#[test]
fn every_operation_of_the_document_has_an_id_a_summary_and_a_known_tag() {
    let document = registry().client.get("/openapi.json").json();
    let tags: Vec<_> = document["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();

    assert_eq!(document["openapi"], "3.1.0");
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            assert!(operation["operationId"].is_string(), "{method} {path}");
            assert!(operation["summary"].is_string(), "{method} {path}");
            assert!(tags.contains(&&operation["tags"][0]), "{method} {path}");
            assert!(operation["responses"]["default"].is_object(), "{method} {path}");
        }
    }
}

/// Generated clients compare these texts: they must be what is sent, snake_case or a list's or GLEIF's own upper case.
#[test]
fn every_value_of_an_enumeration_is_spelt_as_it_is_sent() {
    fn check(place: &str, value: &serde_json::Value) {
        for text in value["enum"].as_array().into_iter().flatten().filter_map(|v| v.as_str()) {
            let mixed = text.chars().any(|c| c.is_ascii_uppercase()) && text.chars().any(|c| c.is_ascii_lowercase());
            assert!(!mixed && !text.contains(' '), "{place}: {text}");
        }
        match value {
            serde_json::Value::Object(members) => members.iter().for_each(|(name, v)| check(&format!("{place}/{name}"), v)),
            serde_json::Value::Array(items) => items.iter().for_each(|v| check(place, v)),
            _ => (),
        }
    }
    check("", &registry().client.get("/openapi.json").json());
}

#[test]
fn every_problem_code_has_a_page_and_a_record() {
    let registry = registry();
    let list = registry.client.get_with("/problems", &[("accept", "application/json")]).json();
    let listed: Vec<_> = list["items"].as_array().unwrap().iter().map(|item| item["code"].clone()).collect();

    assert_eq!(listed, ProblemCode::ALL.iter().map(|code| json!(code.as_str())).collect::<Vec<_>>());
    for code in ProblemCode::ALL {
        let path = format!("/problems/{}", code.as_str());
        let page = registry.client.get_with(&path, &[("accept", "text/html,application/xhtml+xml,*/*;q=0.8")]);
        assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "text/html; charset=utf-8"));
        assert!(page.text.contains(code.as_str()) && page.text.contains(code.meaning()) && page.text.contains(code.remedy()));
        let record = registry.client.get_with(&path, &[("accept", "application/problem+json, application/json")]).json();
        assert_eq!(record["code"], code.as_str());
        assert_eq!(record["status"], code.status());
    }
    assert!(registry.client.get("/problems").text.contains("href=\"/problems/not_found\""));
}

#[test]
fn sane_request_id_is_echoed_and_others_are_replaced() {
    let registry = registry();
    let id_for = |given: &str| {
        let answer = registry.client.get_with("/healthz", &[("x-request-id", given)]);
        answer.header("x-request-id").to_owned()
    };

    assert_eq!(id_for("my-id_0.9"), "my-id_0.9");
    for given in ["", "two words", "semi;colon", &"x".repeat(129)] {
        let id = id_for(given);
        assert!(id.starts_with("req_") && id.len() == 30, "{given}: {id}");
    }
    let first = registry.client.get("/healthz").header("x-request-id").to_owned();
    assert_ne!(first, registry.client.get("/healthz").header("x-request-id"));
    let refused = registry.client.get_with("/nothing", &[("x-request-id", "mine")]);
    assert_eq!(refused.problem(404, "not_found")["request_id"], "mine");
}

#[test]
fn new_request_ids_sort_by_time() {
    let registry = registry();
    let early = registry.client.get("/healthz").header("x-request-id").to_owned();

    registry.clock.set("2026-06-01T12:00:01Z".parse().unwrap());

    let late = registry.client.get("/healthz");
    assert!(early.as_str() < late.header("x-request-id"));
}

#[on_every_database(Registry::start)]
fn each_registry_has_a_database_of_its_own(first: Registry) {
    let second = Registry::start(Database::sqlite());

    assert_ne!(first.database.url, second.database.url);
}

#[test]
fn security_headers_are_on_every_answer() {
    let registry = registry();

    for path in ["/healthz", "/nothing", "/docs/gateway", "/problems", "/probe/panic", "/probe/fail"] {
        let answer = registry.client.get_with(path, &[("origin", "https://elsewhere.example")]);
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}");
        let is_page = answer.header("content-type").starts_with("text/html");
        let of_pages = if is_page { ["DENY", "no-referrer"] } else { ["", ""] };
        assert_eq!([answer.header("x-frame-options"), answer.header("referrer-policy")], of_pages, "{path}");
        assert!(!answer.headers.keys().any(|name| name.as_str().starts_with("access-control-")), "{path}");
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
    }
}

#[test]
fn head_answers_like_get_without_a_body() {
    let registry = registry();

    let answer = registry.client.send("HEAD", "/healthz", &[], "");

    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, ""));
    assert_eq!(answer.header("content-length"), registry.client.get("/healthz").text.len().to_string());
}

#[test]
fn graceful_stop_finishes_what_is_under_way() {
    let registry = registry();
    let address = registry.address;
    // Connections go to the workers in turn, and a worker that is still starting would drop what waits for it.
    for _ in 0..4 {
        assert!(
            crate::support::talk(address, b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").contains(" 200 ")
        );
    }
    let under_way = std::thread::spawn(move || crate::support::talk(address, b"GET /probe/slow HTTP/1.1\r\nHost: a\r\n\r\n"));
    // The stop must come while the request is under way: the probe takes 300 ms.
    std::thread::sleep(std::time::Duration::from_millis(100));

    registry.stop();
    registry.wait();

    let answer = under_way.join().unwrap();
    assert!(answer.ends_with("done"), "{answer:?}");
}
