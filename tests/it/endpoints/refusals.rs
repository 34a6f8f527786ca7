//! What is not published, by whom, and what the refusal says.

use serde_json::{Value, json};

use super::{World, trp};
use crate::support::{Answer, Person, on_every_database};

/// Status, pointer and code of the first error.
fn fault(answer: &Answer) -> (u16, Value, Value) {
    let error = &answer.json()["errors"][0];
    (answer.status.as_u16(), error["pointer"].clone(), error["code"].clone())
}

fn invalid(pointer: &str, code: &str) -> (u16, Value, Value) {
    (422, json!(pointer), json!(code))
}

/// The body with one member otherwise.
fn with(member: &str, value: Value) -> Value {
    let mut body = trp("https://alpha.com/trp");
    body[member] = value;
    body
}

#[on_every_database(World::new)]
fn each_member_that_is_not_allowed_is_named(world: World) {
    let member = world.alpha();
    let url = |url: &str| with("location", json!({"kind": "url", "url": url}));
    let window = |from: &str, to: &str| with("maintenance", json!([{"from": from, "to": to}]));
    for (body, expected) in [
        (with("protocol", json!("nope")), invalid("/protocol", "unknown_protocol")),
        (with("protocol", json!("trisa")), invalid("/versions/0", "unknown_version")),
        (with("versions", json!(["9.9.9"])), invalid("/versions/0", "unknown_version")),
        (with("versions", json!([])), invalid("/versions", "version_needed")),
        (with("location", json!({"kind": "email", "address": "a@alpha.com"})), invalid("/location/kind", "location_not_allowed")),
        (url("http://alpha.com/trp"), invalid("/location/url", "https_required")),
        (url("https://a:b@alpha.com/trp"), invalid("/location/url", "userinfo_present")),
        (url("https://alpha.com/trp#a"), invalid("/location/url", "fragment_present")),
        (url("https://alpha.com:99999/trp"), invalid("/location/url", "invalid_port")),
        (url("https://169.254.169.254/latest"), invalid("/location/url", "host_not_public")),
        (url("https://evil.com/trp"), invalid("/location/url", "domain_not_proven")),
        (url("https://www.alpha.com/trp"), invalid("/location/url", "domain_not_proven")),
        (
            with("required_fields", json!({"incoming": ["shoe_size"]})),
            invalid("/required_fields/incoming/0", "unknown_field_code"),
        ),
        (with("networks", json!(["eip155:1", "nope:1"])), invalid("/networks/1", "unsupported_network")),
        (with("assets", json!(["ETH"])), invalid("/assets/0", "invalid_asset")),
        (window("2026-06-02T00:00:00Z", "2026-06-01T00:00:00Z"), invalid("/maintenance/0/to", "invalid_window")),
        (window("2026-05-02T00:00:00Z", "2026-05-03T00:00:00Z"), invalid("/maintenance/0/to", "window_over")),
        (window("2026-06-02T00:00:00Z", "2026-08-03T00:00:00Z"), invalid("/maintenance/0/to", "window_too_long")),
    ] {
        assert_eq!(fault(&world.post(&member, "", &body)), expected, "{body}");
    }
    // What has not the form is told by the parser, at its place.
    for (body, pointer) in [
        (with("protocol", json!("T R P")), "/protocol"),
        (with("regions", json!(["Germany"])), "/regions/0"),
        (with("location", json!({"kind": "fax"})), "/location/kind"),
        (with("location", json!({"kind": "url", "url": "https://alpha.com", "port": 1})), "/location"),
        (with("status", json!("active")), "/status"),
        (with("maintenance", json!([{"from": "tomorrow", "to": "2026-06-02T00:00:00Z"}])), "/maintenance/0/from"),
    ] {
        let found = fault(&world.post(&member, "", &body));
        assert_eq!(found.0, 422, "{body}");
        assert!(found.1.as_str().is_some_and(|found| pointer.starts_with(found)), "{body}: {found:?}");
    }
    assert_eq!(world.record(member.vasp())["endpoints"], json!([]));
    assert_eq!(world.registry.triggers(member.vasp()), []);
}

#[on_every_database(World::new)]
fn the_same_protocol_at_the_same_place_is_there_once(world: World) {
    let member = world.alpha();
    let first = world.trp(&member, "https://alpha.com/trp");
    let other = world.trp(&member, "https://alpha.com/other");

    for url in ["https://alpha.com/trp", "https://ALPHA.com:443/trp/"] {
        let answer = world.post(&member, "", &trp(url));
        assert_eq!(fault(&answer), (409, json!("/location"), json!("endpoint_exists")), "{url}");
        assert!(answer.problem(409, "conflict")["detail"].as_str().unwrap().contains(&first));
    }
    let moved = world.patch(&member, &other, "\"1\"", &json!({"location": {"kind": "url", "url": "https://alpha.com/trp"}}));
    assert_eq!(fault(&moved), (409, json!("/location"), json!("endpoint_exists")));
    // Another VASP at the same place is its own business, where it has shown that the place is its own too.
    let beta = world.registry.verified_member("Beta", &[("domain", "alpha.com", "proven")]);
    world.trp(&beta, "https://alpha.com/trp");
}

#[on_every_database(World::new)]
fn fifty_endpoints_are_enough(world: World) {
    let member = world.alpha();
    let ids: Vec<String> = (0..50).map(|n| world.trp(&member, &format!("https://alpha.com/{n}"))).collect();

    let full = world.post(&member, "", &trp("https://alpha.com/50"));
    assert_eq!(fault(&full), (409, json!(""), json!("too_many_endpoints")));
    world.send(&member, "DELETE", &format!("/{}", ids[7]), &[], &Value::Null);
    world.trp(&member, "https://alpha.com/50");
}

#[on_every_database(World::new)]
fn a_change_names_the_version_that_was_read(world: World) {
    let member = world.alpha();
    let id = world.trp(&member, "https://alpha.com/trp");
    let (own, body) = (format!("/{id}"), json!({"regions": ["DE"]}));
    assert_eq!(world.patch(&member, &id, "\"1\"", &body).status, 200);

    world.patch(&member, &id, "\"1\"", &json!({"regions": ["AT"]})).problem(412, "stale_version");
    assert_eq!(world.own(&member, &id).json()["regions"], json!(["DE"]));
    for (body, pointer) in [
        (json!({"protocol": "trisa"}), "/protocol"),
        (json!({"location": null}), "/location"),
        (json!({"status": "active"}), "/status"),
        (json!({"versions": ["9"]}), "/versions/0"),
        (json!({"location": {"kind": "url", "url": "https://evil.com"}}), "/location/url"),
    ] {
        let found = fault(&world.patch(&member, &id, "*", &body));
        assert_eq!((found.0, found.1), (422, json!(pointer)), "{body}");
    }
    let windows = |windows: Value| fault(&world.post(&member, &format!("{own}/maintenance"), &windows));
    assert_eq!(windows(json!({"from": "2026-05-01T00:00:00Z", "to": "2026-05-02T00:00:00Z"})), invalid("/to", "window_over"));
    assert_eq!(
        windows(json!({"from": "2026-06-02T00:00:00Z", "to": "2026-06-03T00:00:00Z", "reason": ""})),
        invalid("/reason", "invalid_value")
    );
}

/// Every step on an endpoint that is there no more, or is another's.
fn steps(id: &str) -> [(&'static str, String, Value); 5] {
    let own = format!("/{id}");
    let window = json!({"from": "2026-06-02T00:00:00Z", "to": "2026-06-03T00:00:00Z"});
    [
        ("GET", own.clone(), Value::Null),
        ("PATCH", own.clone(), json!({"regions": ["DE"]})),
        ("POST", format!("{own}/pause"), Value::Null),
        ("POST", format!("{own}/resume"), Value::Null),
        ("POST", format!("{own}/maintenance"), window),
    ]
}

#[on_every_database(World::new)]
fn what_is_anothers_is_answered_exactly_as_what_is_absent(world: World) {
    let (alpha, beta) = (world.alpha(), world.registry.verified_member("Beta", &[("domain", "beta.com", "proven")]));
    let id = world.trp(&alpha, "https://alpha.com/trp");
    let absent = "end_00000000000000000000000000";

    for place in 0..5 {
        let ask = |id: &str| {
            let (method, path, body) = steps(id)[place].clone();
            let answer = world.send(&beta, method, &path, &[("if-match", "*")], &body);
            answer.problem(404, "not_found")["detail"].clone()
        };
        assert_eq!(ask(&id), ask(absent));
    }
    let deleted = world.send(&beta, "DELETE", &format!("/{id}"), &[], &Value::Null);
    deleted.problem(404, "not_found");
    assert_eq!(world.usable(alpha.vasp()), (json!(true), Value::Null));
    world.send(&beta, "GET", "/nonsense", &[], &Value::Null).problem(422, "invalid_request");
}

#[on_every_database(World::new)]
fn a_withdrawn_endpoint_stays_withdrawn(world: World) {
    let member = world.alpha();
    let id = world.trp(&member, "https://alpha.com/trp");
    world.send(&member, "DELETE", &format!("/{id}"), &[], &Value::Null);

    for (method, path, body) in steps(&id).into_iter().skip(1) {
        world.send(&member, method, &path, &[("if-match", "*")], &body).problem(409, "illegal_step");
    }
}

/// A VASP that is held back may take back, not add.
#[on_every_database(World::new)]
fn a_suspended_vasp_restricts_and_nothing_else(world: World) {
    let member = world.alpha();
    let (first, second) = (world.trp(&member, "https://alpha.com/a"), world.trp(&member, "https://alpha.com/b"));
    let refused = |member: &Person| {
        world.post(member, "", &trp("https://alpha.com/c")).problem(409, "illegal_step");
        world.patch(member, &first, "*", &json!({"regions": ["DE"]})).problem(409, "illegal_step");
        let resume = format!("/{first}/resume");
        world.send(member, "POST", &resume, &[("if-match", "*")], &Value::Null).problem(409, "illegal_step");
    };
    world.registry.replace(member.vasp(), ("status", "", "suspended"));
    refused(&member);
    let window = json!({"from": "2026-06-02T00:00:00Z", "to": "2026-06-03T00:00:00Z"});
    assert_eq!(world.post(&member, &format!("/{first}/maintenance"), &window).status, 200);
    let paused = world.post(&member, &format!("/{first}/pause"), &Value::Null).json();
    assert_eq!((&paused["status"], &paused["reason"]), (&json!("paused"), &json!("vasp_not_verified")));
    let withdrawn = world.send(&member, "DELETE", &format!("/{second}"), &[], &Value::Null);
    assert_eq!(withdrawn.json()["status"], "withdrawn");

    world.registry.replace(member.vasp(), ("status", "", "revoked"));
    refused(&member);
    assert_eq!(world.send(&member, "DELETE", &format!("/{first}"), &[], &Value::Null).status, 200);
}

/// A record that turned out to be another speaks no longer, and what it published no longer counts.
#[on_every_database(World::new)]
fn a_merged_record_publishes_nothing(world: World) {
    let (member, stays) = (world.alpha(), world.registry.verified_member("Beta", &[("domain", "beta.com", "proven")]));
    let id = world.trp(&member, "https://alpha.com/trp");
    world.registry.replace(member.vasp(), ("merged_into", "", &stays.vasp().to_string()));

    world.post(&member, "", &trp("https://alpha.com/x")).problem(409, "illegal_step");
    world.patch(&member, &id, "*", &json!({"regions": ["DE"]})).problem(409, "illegal_step");
    world.post(&member, &format!("/{id}/pause"), &Value::Null).problem(409, "illegal_step");
    world.send(&member, "GET", &format!("/{id}"), &[], &Value::Null).problem(404, "not_found");
    assert_eq!(world.send(&member, "GET", "", &[], &Value::Null).json()["items"], json!([]));
    assert_eq!((&world.record(stays.vasp())["endpoints"], world.speaking("trp")), (&json!([]), vec![]));
}

#[on_every_database(World::new)]
fn a_record_that_nobody_verified_publishes_nothing(world: World) {
    for status in ["listed", "withdrawn"] {
        let member = world.alpha();
        world.registry.replace(member.vasp(), ("status", "", status));
        world.post(&member, "", &trp("https://alpha.com/trp")).problem(409, "illegal_step");
    }
}
