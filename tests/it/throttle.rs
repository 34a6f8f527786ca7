//! Rates: what is told on every answer, when it is refused, and that one caller's greed is nobody else's trouble.

use std::io::Read;
use std::num::NonZeroU32;

use flate2::read::GzDecoder;
use serde_json::{Value, json};
use ureq::http::HeaderMap;
use vasp_registry::config::Rate;
use vasp_registry::serve::PAGES;

use vasp_record::role::{OrganisationKind, Scope};

use crate::every_route::absent;
use crate::support::contract::{document, operations};
use crate::support::{Database, Person, Registry};

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

    assert_eq!(one.header("ratelimit"), "\"organisation\";r=999;t=1");
    assert_eq!(one.header("ratelimit-policy"), "\"organisation\";q=1000;w=100");
    assert_eq!(public.header("ratelimit"), "\"address\";r=500;t=125", "{public:?}");
    assert_eq!(refused.header("ratelimit"), "\"address\";r=499;t=126", "problems tell it too: {refused:?}");
    assert_eq!(registry.client.get("/healthz").header("ratelimit"), "");
}

/// Before, 1,000 addresses of Ethereum without a network were answered at the price of 1,000 plain questions.
#[test]
fn an_address_without_its_network_costs_each_network_of_the_answer_and_a_long_body_its_bytes() {
    let registry = registry();
    let address = |number: usize| format!("0x{:040x}", (1_u128 << 100) + u128::try_from(number).unwrap());
    // To ask what is left costs one question, too.
    let left = || -> usize {
        let told = registry.client.get("/v1/vasps/nonsense").header("ratelimit").to_owned();
        told.split(['=', ';']).nth(2).unwrap().parse().unwrap()
    };
    let ask = |path: &str| registry.client.get(&format!("/v1/resolve?subject={path}")).answered(200);
    let post = |first: usize| {
        let subjects: Vec<Value> = (first..first + 100).map(|number| json!({"subject": address(number)})).collect();
        registry.client.post("/v1/resolve", &json!({"subjects": subjects})).answered(200)["results"].take()
    };

    ask(&format!("{}&network=eip155:1", address(1)));
    assert_eq!(left(), 998);
    let bare = ask(&address(1));
    assert_eq!((bare["candidates"].as_array().unwrap().len(), left()), (6, 991));
    assert!(bare["coverage"].as_array().unwrap().len() <= 6, "a family is listed once: {bare}");
    post(100);
    assert_eq!(left(), 390);
    let answered = post(200).as_array().unwrap().iter().filter(|answer| answer["status"] == "not_found").count();
    assert_eq!(answered, 58, "100 for the batch, and five more for each answer");
    registry.client.get("/v1/vasps/nonsense").problem(429, "rate_limited");

    let (_, key) = registry.api_key("resolve", None);
    let headers = [("authorization", key.as_str()), ("content-type", "application/json")];
    let long = registry.client.send("POST", "/v1/resolve", &headers, &format!("{}{}", batch(1), " ".repeat(40_960)));
    assert_eq!(long.with(200).header("ratelimit"), "\"organisation\";r=990;t=1");
}

/// What is the same for everybody, with the type that it has.
const FIXED: [(&str, &str); 5] = [
    ("/openapi.json", "application/json"),
    ("/docs/gateway", "text/html; charset=utf-8"),
    ("/docs/gateway.md", "text/markdown; charset=utf-8"),
    ("/problems", "text/html; charset=utf-8"),
    ("/problems/not_found", "text/html; charset=utf-8"),
];

#[test]
fn documentation_and_problem_pages_cost_questions_and_are_refused_beyond_the_rate() {
    let registry = registry();

    let mut left = 1_000;
    for (path, _) in FIXED {
        let (_, headers, body) = registry.client.download(path, &[("accept-encoding", "identity")]);
        // Source: docs/running.md: a question for each 64 KiB.
        left -= body.len().div_ceil(65_536);
        assert!(headers["ratelimit"].to_str().unwrap().starts_with(&format!("\"address\";r={left};")), "{path}");
    }
    assert!(left < 990, "the OpenAPI document costs its bytes: {left}");
    assert!(registry.client.get("/docs").header("ratelimit").starts_with(&format!("\"address\";r={};", left - 1)));
    registry.client.get("/docs/nothing").problem(404, "not_found");
    registry.client.get("/problems/nothing").problem(404, "not_found");
    assert_eq!(registry.client.post("/v1/resolve", &batch(left - 3)).header("ratelimit"), "\"address\";r=0;t=250");

    for (path, _) in FIXED {
        registry.client.get(path).problem(429, "rate_limited");
    }
    registry.client.get("/docs").problem(429, "rate_limited");
    assert_eq!(registry.client.get("/healthz").status.as_u16(), 200, "what watches the server is not refused");
}

#[test]
fn documentation_and_problem_pages_come_compressed_with_an_entity_tag() {
    let registry = registry();
    for (path, content_type) in FIXED {
        let ask = |headers: &[(&str, &str)]| registry.client.download(path, headers);
        let header =
            |headers: &HeaderMap, name: &str| headers.get(name).map_or(String::new(), |value| value.to_str().unwrap().to_owned());

        let (status, plain_headers, plain) = ask(&[("accept-encoding", "identity")]);
        assert_eq!((status, header(&plain_headers, "content-encoding")), (200, String::new()), "{path}");
        assert_eq!(header(&plain_headers, "content-type"), content_type, "{path}");
        for asked in ["gzip", "br;q=1.0, gzip;q=0.8, *;q=0.1", "deflate, gzip"] {
            let (status, headers, body) = ask(&[("accept-encoding", asked)]);
            let mut unpacked = Vec::new();
            GzDecoder::new(body.as_slice()).read_to_end(&mut unpacked).unwrap();
            assert_eq!((status, header(&headers, "content-encoding").as_str()), (200, "gzip"), "{path}");
            assert!(unpacked == plain && body.len() < plain.len(), "{path}");
            assert!(header(&headers, "vary").to_lowercase().contains("accept-encoding"), "{path}");
            assert_ne!(header(&headers, "etag"), header(&plain_headers, "etag"), "{path}: each form has a tag of its own");

            let tag = header(&headers, "etag");
            let (status, headers, body) = ask(&[("accept-encoding", asked), ("if-none-match", &tag)]);
            assert_eq!((status, header(&headers, "etag"), body.len()), (304, tag, 0), "{path}");
        }
        for asked in ["gzip;q=0", "identity;q=1, gzip;q=0.5", "zstd"] {
            let (_, headers, body) = ask(&[("accept-encoding", asked)]);
            assert!(header(&headers, "content-encoding").is_empty() && body == plain, "{path}: {asked}");
        }
        assert_eq!(ask(&[("accept-encoding", "identity"), ("if-none-match", "\"other\"")]).0, 200, "{path}");
    }
    let json = registry.client.get_with("/problems/not_found", &[("accept", "application/json")]);
    let page = registry.client.get("/problems/not_found");
    assert!(json.header("vary").contains("Accept, ") && json.header("etag") != page.header("etag"), "{json:?}");
    assert_eq!(json.header("content-type"), "application/json");
}

#[test]
fn who_asks_too_often_is_refused_until_time_has_passed() {
    let registry = registry();
    let (_, key) = registry.api_key("resolve", None);
    let (_, other) = registry.api_key("resolve", None);
    let ask = |key: &str| registry.client.get_with("/v1/resolve?subject=example.com", &[("authorization", key)]);
    let headers = [("authorization", key.as_str()), ("content-type", "application/json")];
    let whole = registry.client.send("POST", "/v1/resolve", &headers, &batch(1_000).to_string());
    assert_eq!((whole.status.as_u16(), whole.header("ratelimit")), (200, "\"organisation\";r=0;t=100"));

    let refused = ask(&key);

    refused.problem(429, "rate_limited");
    assert_eq!((refused.header("retry-after"), refused.header("ratelimit")), ("1", "\"organisation\";r=0;t=100"));
    let too_large = registry.client.send("POST", "/v1/resolve", &headers, &batch(501).to_string());
    assert_eq!(too_large.problem(429, "rate_limited")["errors"], json!([]));
    assert_eq!(ask(&other).status.as_u16(), 200);
    registry.clock.set("2026-06-01T12:00:01Z".parse().unwrap());
    assert_eq!(ask(&key).header("ratelimit"), "\"organisation\";r=9;t=100");
}

/// Before, fifty keys were fifty rates.
#[test]
fn all_keys_of_an_organisation_share_its_rate() {
    let registry = registry();
    let home = registry.home(OrganisationKind::Gateway, None);
    let keys = [(); 3].map(|()| registry.person_with(home, &[], &[Scope::Resolve]));
    let left = |who: &Person| who.get(&registry, "/v1/resolve?subject=example.com").header("ratelimit").to_owned();

    let told: Vec<String> = keys.iter().map(left).collect();

    assert_eq!(told, ["999;t=1", "998;t=1", "997;t=1"].map(|rest| format!("\"organisation\";r={rest}")));
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
    let labels = format!(r#"method="GET",route="/v1/vasps/{{vasp}}",status="{asked}""#);
    let count = format!("vasp_registry_http_request_duration_seconds_count{{{labels}}} 1");
    assert!(shown.text.lines().any(|line| line == count), "{}", shown.text);
    for name in [
        "vasp_registry_directory_sequence ",
        "vasp_registry_directory_silent_milliseconds ",
        "vasp_registry_precheck_commit_rows_count 0",
        "vasp_registry_pool_connections{kind=\"read\"} ",
        "vasp_registry_claim_keys{kind=\"memory\"} 0",
        "vasp_registry_source_known_through_seconds{source=\"rulebook\"} ",
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

/// Before, whoever had a /48 of IPv6 had 65,536 rates.
#[test]
fn an_ipv6_network_has_the_rate_of_four_addresses_and_a_site_that_of_sixteen() {
    let registry = Registry::start_with(Database::sqlite(), |settings| {
        (settings.public_rate, settings.public_read) = (rate(1, 1_000), true);
        settings.body_limit_bytes = NonZeroU32::new(100_000).unwrap();
        settings.trusted_proxies = vec![std::net::IpAddr::from(std::net::Ipv4Addr::LOCALHOST)];
    });
    // The third group of digits is of the /48, the fourth of the /56 and the /64.
    let spend = |network: usize, subscriber: usize| {
        let from = format!("2001:db8:1:{network:02x}{subscriber:02x}::1");
        let headers = [("content-type", "application/json"), ("x-forwarded-for", from.as_str())];
        registry.client.send("POST", "/v1/resolve", &headers, &batch(1_000).to_string()).status.as_u16()
    };

    assert_eq!([0, 1, 2, 3, 4].map(|subscriber| spend(0, subscriber)), [200, 200, 200, 200, 429], "a /56 has four");
    let all: Vec<u16> =
        (1..5).flat_map(|network| (0..4).map(move |subscriber| (network, subscriber))).map(|(n, s)| spend(n, s)).collect();
    assert_eq!(all.iter().filter(|status| **status == 200).count(), 12, "a /48 has sixteen: {all:?}");
    assert_eq!(spend_elsewhere(&registry), 200);
}

/// Spends an address's rate from another site.
fn spend_elsewhere(registry: &Registry) -> u16 {
    let headers = [("content-type", "application/json"), ("x-forwarded-for", "2001:db8:2::1")];
    registry.client.send("POST", "/v1/resolve", &headers, &batch(1_000).to_string()).status.as_u16()
}

/// Before, the 2.9 MB of `/openapi.json` cost one question, and so did a page of 1,000 networks, which takes 50 ms of processor time.
#[test]
fn what_anybody_may_read_costs_questions_by_its_size() {
    /// Bytes that one question may buy.
    const MOST_BYTES: usize = 200_000;
    let registry = Registry::start_with(Database::sqlite(), |settings| {
        (settings.public_rate, settings.public_read, settings.public_metrics) = (rate(1, 100_000), true, true);
    });
    let left = |headers: &str| -> usize { headers.split(['=', ';']).nth(2).unwrap().parse().unwrap() };
    let mut before = 100_000;
    let (mut dear, mut looked) = (Vec::new(), 0);
    let operations = operations(document()).filter(|(method, ..)| *method == "get").map(|(_, path, operation)| {
        let takes_limit = operation["parameters"].as_array().is_some_and(|all| all.iter().any(|one| one["name"] == "limit"));
        format!("{}{}", absent("get", path), if takes_limit { "?limit=1000" } else { "" })
    });
    let pages = PAGES.iter().filter(|(method, path)| *method == "get" && !path.contains('{')).map(|(_, path)| (*path).to_owned());
    for path in operations.chain(pages).chain(["/docs/operator".to_owned(), "/docs/api/get_vasp".to_owned()]) {
        let answer = registry.client.get(&path);
        let told = answer.header("ratelimit");
        if told.is_empty() {
            assert!(answer.text.len() < 10_000, "{path} is free");
            continue;
        }
        let questions = before - left(told);
        before = left(told);
        looked += 1;
        if answer.text.len() > questions * MOST_BYTES {
            dear.push(format!("{path}: {} bytes for {questions}", answer.text.len()));
        }
    }
    assert!(looked > 100, "{looked}");
    assert_eq!(dear, [""; 0]);
}
