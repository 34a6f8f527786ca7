//! `/v1/objections`: anybody says that a published field is wrong; operators read it and decide; nobody else sees what was said.

use serde_json::{Value, json};

use crate::support::{Database, Person, Registry, on_every_database};

const WRONG: &str = "The licence ended on 30 June 2026.";
const PAGE: &str = "https://register.example.org/firms/1";

fn challenge(vasp: &str, field: &str) -> Value {
    json!({"vasp": vasp, "field": field, "right": WRONG, "evidence_url": PAGE})
}

#[on_every_database(Registry::start)]
fn a_challenge_opens_a_case_and_its_state_can_be_read_until_two_people_decided(registry: Registry) {
    let vasp = registry.record("Alster Exchange GmbH", &[]).to_string();

    let opened = registry.client.post("/v1/objections", &challenge(&vasp, "licences"));

    assert_eq!(opened.status, 201, "{opened:?}");
    let opened = opened.json();
    // 14 days from the tests' instant, 1 June 2026, 12 o'clock.
    let told = ["vasp", "field", "state", "due_at", "closed_at"].map(|member| opened[member].clone());
    assert_eq!(told, [json!(vasp), json!("licences"), json!("open"), json!("2026-06-15T12:00:00Z"), Value::Null]);
    let href = opened["href"].as_str().unwrap();
    let read = registry.client.get(href).json();
    assert_eq!(read, opened);
    assert!(!read.to_string().contains("30 June"), "what was said is not published: {read}");

    let (alice, bob) = registry.two_operators();
    let cases = registry.get_as(&alice, "/v1/cases").json()["items"].clone();
    let [case] = cases.as_array().unwrap().as_slice() else { panic!("one case: {cases}") };
    let detail = &case["triggers"][0]["detail"];
    assert_eq!((&case["triggers"][0]["kind"], &detail["right"]), (&json!("public_challenge"), &json!(WRONG)));
    assert_eq!((&detail["evidence_url"], case["triggers"].as_array().unwrap().len()), (&json!(PAGE), 1));

    let case = format!("/v1/cases/{}", case["id"].as_str().unwrap());
    registry.post_as(&alice, &format!("{case}/take"), &Value::Null);
    registry.advance(60);
    let proposed = registry.post_as(&alice, &format!("{case}/propose"), &json!({"decision": "keep", "reason": "as it is"}));
    assert_eq!(bob.approve(&registry, &proposed.json()).status, 200);
    assert_eq!(registry.client.get(href).json()["state"], "closed");
    assert_eq!(registry.client.post("/v1/objections", &challenge(&vasp, "licences")).status, 201, "it may be said again");
}

#[on_every_database(Registry::start)]
fn what_cannot_be_meant_is_refused_with_what_would_be_right(registry: Registry) {
    let vasp = registry.record("Alster Exchange GmbH", &[]).to_string();
    let post = |body: &Value| registry.client.post("/v1/objections", body);
    let with = |member: &str, value: Value| {
        let mut body = challenge(&vasp, "licences");
        body[member] = value;
        body
    };

    let problem = post(&with("evidence_url", json!("javascript:alert(1)"))).problem(422, "invalid_request");
    assert_eq!(problem["errors"][0]["pointer"], "/evidence_url");
    let problem = post(&with("field", json!("licence"))).problem(422, "invalid_request");
    assert!(problem["errors"][0]["detail"].as_str().unwrap().contains("licences"), "{problem}");
    post(&with("right", json!(""))).problem(422, "invalid_request");
    post(&with("who", json!("me"))).problem(422, "invalid_request");
    post(&with("vasp", json!("vasp_00000000000000000000000000"))).problem(404, "not_found");
    registry.client.get("/v1/objections/1").problem(404, "not_found");
}

#[on_every_database(Registry::start)]
fn one_address_challenges_five_times_at_once_and_then_once_an_hour(registry: Registry) {
    let vasp = registry.record("Alster Exchange GmbH", &[]).to_string();
    let post = |field: &str| registry.client.post("/v1/objections", &challenge(&vasp, field));

    for field in ["website", "country", "lei", "domains", "claims"] {
        assert_eq!(post(field).status, 201);
    }
    let refused = post("keys");
    refused.problem(429, "rate_limited");
    assert!((3_590..=3_601).contains(&refused.header("retry-after").parse::<u32>().unwrap()), "{refused:?}");

    registry.advance(3_601);
    assert_eq!(post("keys").status, 201);
    post("status").problem(429, "rate_limited");
}

/// The challenged firm could otherwise end what others say of it, by a decision that was on its way already.
#[on_every_database(Registry::start)]
fn a_challenge_that_came_after_the_proposal_stops_no_decision_and_gets_a_case_of_its_own(registry: Registry) {
    let vasp = registry.record("Alster Exchange GmbH", &[]).to_string();
    let (alice, bob) = registry.two_operators();
    let read = registry.client.post("/v1/objections", &challenge(&vasp, "licences")).json();
    let case = only_case(&registry, &alice);
    registry.post_as(&alice, &format!("{case}/take"), &Value::Null);
    registry.advance(60);
    let proposed = registry.post_as(&alice, &format!("{case}/propose"), &json!({"decision": "keep", "reason": "as it is"}));
    registry.advance(60);
    let late = registry.client.post("/v1/objections", &challenge(&vasp, "website")).json();

    assert_eq!(bob.approve(&registry, &proposed.json()).status, 200);

    let state = |opened: &Value| registry.client.get(opened["href"].as_str().unwrap()).json()["state"].clone();
    assert_eq!((state(&read), state(&late)), (json!("closed"), json!("open")));
    let next = only_case(&registry, &alice);
    let told = registry.get_as(&alice, &next).json();
    assert_ne!(next, case);
    assert_eq!((&told["triggers"][0]["detail"]["field"], &told["triggers"][1]), (&json!("website"), &Value::Null));
}

#[on_every_database(Registry::start)]
fn challenges_of_one_field_keep_no_other_out_and_one_person_dismisses_them(registry: Registry) {
    let vasp = registry.record("Alster Exchange GmbH", &[]).to_string();
    let (alice, _) = registry.two_operators();
    let junk = registry.client.post("/v1/objections", &challenge(&vasp, "licences")).json();
    let witness = registry.client.post("/v1/objections", &challenge(&vasp, "licences")).with(201);
    assert_ne!(witness.json()["id"], junk["id"]);
    let case = only_case(&registry, &alice);
    assert_eq!(registry.get_as(&alice, &case).json()["triggers"].as_array().unwrap().len(), 2, "both are read");

    registry.post_as(&alice, &format!("{case}/take"), &Value::Null);
    let dismiss = json!({"decision": "dismiss", "reason": "the register shows the licence"});
    let dismissed = registry.post_as(&alice, &format!("{case}/propose"), &dismiss).answered(201);

    assert_eq!([&dismissed["state"], &dismissed["decided_by"]], [&json!("approved"), &json!(alice.user)]);
    let read = registry.get_as(&alice, &case).json();
    assert_eq!([&read["status"], &read["outcome"], &read["proposal"]], [&json!("closed"), &json!("dismiss"), &dismissed]);
    assert_eq!(registry.client.get(junk["href"].as_str().unwrap()).json()["state"], "closed");
}

#[on_every_database(Registry::start)]
fn a_case_with_more_than_challenges_needs_two_people(registry: Registry) {
    let vasp = registry.record("Alster Exchange GmbH", &[]).to_string();
    let (alice, _) = registry.two_operators();
    registry.client.post("/v1/objections", &challenge(&vasp, "licences"));
    let opened = registry.post_as(&alice, &format!("/v1/vasps/{vasp}/cases"), &json!({"reason": "the register changed"}));
    assert_eq!(opened.status.as_u16() / 100, 2, "{opened:?}");
    let case = only_case(&registry, &alice);
    registry.post_as(&alice, &format!("{case}/take"), &Value::Null);

    let refused = registry.post_as(&alice, &format!("{case}/propose"), &json!({"decision": "dismiss", "reason": "no"}));

    let refused = refused.problem(409, "illegal_step");
    assert!(refused["detail"].as_str().unwrap().contains("keep"), "{refused}");
}

/// Before, twenty addresses shut a record's challenges for everybody else.
#[test]
fn whoever_has_many_addresses_leaves_a_record_open_to_others() {
    let registry = Registry::start_with(Database::sqlite(), |settings| {
        settings.trusted_proxies = vec![std::net::IpAddr::from(std::net::Ipv4Addr::LOCALHOST)];
    });
    let (vasp, other) = (registry.record("Alster Exchange GmbH", &[]).to_string(), registry.record("Elbe GmbH", &[]).to_string());
    let from = |address: &str, vasp: &str| {
        let headers = [("content-type", "application/json"), ("x-forwarded-for", address)];
        registry.client.send("POST", "/v1/objections", &headers, &challenge(vasp, "licences").to_string())
    };
    let many = |network: usize| -> Vec<u16> {
        let addresses = (0..30).map(|host| format!("10.{network}.{host}.1"));
        addresses.map(|address| from(&address, &vasp).status.as_u16()).collect()
    };

    let made = many(0);
    assert_eq!(made.iter().filter(|status| **status == 201).count(), 20, "a neighbourhood has its share: {made:?}");
    assert_eq!(from("10.0.40.1", &other).status, 201, "the share is one of a record");
    for network in 1..5 {
        many(network);
    }
    assert_eq!(from("10.9.0.1", &vasp).status, 201, "all places are taken, and another neighbourhood is heard");
    from("10.9.0.2", &vasp).problem(409, "conflict");
}

/// Returns the path of the one open case.
fn only_case(registry: &Registry, who: &Person) -> String {
    let cases = registry.get_as(who, "/v1/cases").json()["items"].clone();
    let open: Vec<&Value> = cases.as_array().unwrap().iter().filter(|case| case["status"] != "closed").collect();
    let [case] = open.as_slice() else { panic!("one open case: {cases}") };
    format!("/v1/cases/{}", case["id"].as_str().unwrap())
}
