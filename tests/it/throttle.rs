//! Rates: what is told on every answer, when it is refused, and that one caller's greed is nobody else's trouble.

use std::num::NonZeroU32;

use serde_json::{Value, json};
use vasp_registry::config::Rate;

use crate::support::{Database, Registry};

fn rate(per_sec: u32, burst: u32) -> Option<Rate> {
    Some(Rate { per_sec: NonZeroU32::new(per_sec).unwrap(), burst: burst.try_into().unwrap() })
}

/// A registry whose callers may ask 1,000 questions at once, and 10 (an API key) or 4 (an address) a second.
fn registry() -> Registry {
    Registry::start_with(Database::sqlite(), |settings| {
        (settings.rate, settings.public_rate, settings.public_read) = (rate(10, 1_000), rate(4, 1_000), true);
        settings.body_limit_bytes = NonZeroU32::new(100_000).unwrap();
    })
}

fn batch(questions: usize) -> Value {
    json!({"subjects": vec![json!({"subject": "example.com"}); questions]})
}

#[test]
fn every_answer_tells_what_is_left_and_every_question_of_a_batch_counts() {
    let registry = registry();
    let (_, key) = registry.api_key("resolve", None);

    let one = registry.client.get_with("/v1/resolve?subject=example.com", &[("authorization", &key)]);
    let public = registry.client.post("/v1/resolve", &batch(500));
    let refused = registry.client.get("/v1/vasps/nonsense");

    assert_eq!((one.header("ratelimit"), one.header("ratelimit-policy")), ("\"key\";r=999;t=1", "\"key\";q=1000;w=100"));
    assert_eq!(public.header("ratelimit"), "\"address\";r=500;t=125", "{public:?}");
    assert_eq!(refused.header("ratelimit"), "\"address\";r=499;t=126", "problems tell it too: {refused:?}");
    assert_eq!(registry.client.get("/healthz").header("ratelimit"), "");
}

#[test]
fn who_asks_too_often_is_refused_until_time_has_passed() {
    let registry = registry();
    let (_, key) = registry.api_key("resolve", None);
    let (_, other) = registry.api_key("resolve", None);
    let ask = |key: &str| registry.client.get_with("/v1/resolve?subject=example.com", &[("authorization", key)]);
    let headers = [("authorization", key.as_str()), ("content-type", "application/json")];
    let whole = registry.client.send("POST", "/v1/resolve", &headers, &batch(1_000).to_string());
    assert_eq!((whole.status.as_u16(), whole.header("ratelimit")), (200, "\"key\";r=0;t=100"));

    let refused = ask(&key);

    refused.problem(429, "rate_limited");
    assert_eq!((refused.header("retry-after"), refused.header("ratelimit")), ("1", "\"key\";r=0;t=100"));
    let too_large = registry.client.send("POST", "/v1/resolve", &headers, &batch(501).to_string());
    assert_eq!(too_large.problem(429, "rate_limited")["errors"], json!([]));
    assert_eq!(ask(&other).status.as_u16(), 200);
    registry.clock.set("2026-06-01T12:00:01Z".parse().unwrap());
    assert_eq!(ask(&key).header("ratelimit"), "\"key\";r=9;t=100");
}

#[test]
fn guessing_keys_is_no_faster_than_asking_publicly() {
    let registry = registry();
    registry.client.post("/v1/resolve", &batch(999));
    let guess = || registry.client.get_with("/v1/resolve?subject=example.com", &[("authorization", "Bearer vr_x_00")]);

    guess().problem(401, "unauthenticated");
    let refused = guess();

    refused.problem(429, "rate_limited");
    assert_eq!(refused.header("retry-after"), "1");
}

#[test]
fn metrics_are_for_operators_unless_they_are_shown_to_everybody() {
    let registry = registry();
    let (_, operator) = registry.api_key("operator", None);
    let (_, gateway) = registry.api_key("resolve", None);
    let asked = registry.client.get("/v1/vasps/nonsense").status.as_u16();

    registry.client.get("/metrics").problem(401, "unauthenticated");
    registry.client.get_with("/metrics", &[("authorization", &gateway)]).problem(403, "forbidden");
    let shown = registry.client.get_with("/metrics", &[("authorization", &operator)]);

    assert_eq!(shown.header("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
    let labels = format!(r#"method="GET",route="/v1/vasps/{{id}}",status="{asked}""#);
    let count = format!("vasp_registry_http_request_duration_seconds_count{{{labels}}} 1");
    assert!(shown.text.lines().any(|line| line == count), "{}", shown.text);
    for name in [
        "vasp_registry_directory_sequence ",
        "vasp_registry_directory_silent_milliseconds ",
        "vasp_registry_precheck_commit_rows_count 0",
        "vasp_registry_pool_connections{kind=\"read\"} ",
        "vasp_registry_claim_keys{kind=\"memory\"} 0",
        "vasp_registry_source_observed_seconds{source=\"rulebook\"} ",
    ] {
        assert!(shown.text.contains(name), "{name}: {}", shown.text);
    }
    let open = Registry::start_with(Database::sqlite(), |settings| settings.public_metrics = true);
    assert_eq!(open.client.get("/metrics").status.as_u16(), 200);
}

#[test]
fn refusals_and_commits_are_counted() {
    let registry = registry();
    let (_, operator) = registry.api_key("operator", None);
    registry.client.post("/v1/resolve", &batch(1_000));
    registry.client.get("/v1/resolve?subject=example.com").problem(429, "rate_limited");

    let shown = registry.client.get_with("/metrics", &[("authorization", &operator)]);

    assert!(shown.text.contains("vasp_registry_http_rate_limited_total{kind=\"address\"} 1"), "{}", shown.text);
}
