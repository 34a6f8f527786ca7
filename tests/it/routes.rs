//! Routes and the checks `protocol` and `certificate` over HTTP, from published endpoints to the answer.

use serde_json::{Value, json};
use vasp_record::certificate::{CertificateStatus, PublishedCertificate};
use vasp_record::endpoint::{Endpoint, EndpointStatus, MaintenanceWindow};

use crate::prechecks::expect::{check, finding};
use crate::prechecks::world::{ALSTER, LIFFEY, OWN, World};
use crate::support::on_every_database;
use crate::support::published::{certificate, endpoint, member_of};

const HOST: &str = "trp.alster.example.org";

fn trp(number: u8, host: &str, version: &str) -> Endpoint {
    endpoint(number, "trp", &[version], json!({"kind": "url", "url": format!("https://{host}/transfers")}))
}

/// A world where the asker speaks TRP and CODE, and Alster too, on a proven domain with a good certificate.
fn world(database: crate::support::Database) -> (World, String) {
    let world = World::start(database);
    let (own, alster) = (world.vasp_id(OWN), world.vasp_id(ALSTER));
    world.registry.prove_domain(&own, "own.example.org");
    world.registry.prove_domain(&alster, "alster.example.org");
    world.registry.publish(&own, &trp(51, "trp.own.example.org", "3.1.0"));
    world.registry.publish(&own, &member_of(52, "code"));
    world.registry.publish(&alster, &trp(1, HOST, "3.2.1"));
    world.registry.publish(&alster, &certificate(1, HOST));
    (world, alster)
}

/// Routes as `<protocol> <reason or ok>`.
fn routes(answer: &Value) -> Vec<String> {
    let all = answer["routes"].as_array().unwrap();
    for (route, rank) in all.iter().zip(1..) {
        assert_eq!((&route["rank"], route["usable"].as_bool().unwrap()), (&json!(rank), route["reason"].is_null()));
        assert_eq!(route["detail"].is_null(), route["reason"].is_null());
    }
    all.iter()
        .map(|route| format!("{} {}", route["protocol"].as_str().unwrap(), route["reason"].as_str().unwrap_or("ok")))
        .collect()
}

#[on_every_database(world)]
fn common_protocols_are_ranked_and_judged_with_evidence((world, alster): (World, String)) {
    world.registry.publish(&alster, &member_of(2, "gtr"));

    let answer = world.ask(json!({"vasp": alster}));

    assert_eq!(routes(&answer), ["trp ok", "gtr not_spoken_by_us"]);
    assert_eq!(answer["routes"][0]["endpoint"], "end_00000000000000000000000001");
    assert_eq!(answer["routes"][0]["version"], "3.2.1");
    // Nobody has looked at the endpoint yet, which is no silent pass.
    assert_eq!(finding(&answer, "protocol"), "warn protocol.health_unknown");
    assert_eq!(finding(&answer, "certificate"), "pass certificate.valid");
    assert_eq!(check(&answer, "protocol")["evidence"][0]["id"], "end_00000000000000000000000001");
    assert_eq!(check(&answer, "certificate")["evidence"][0]["id"], "crt_00000000000000000000000001");
    assert_eq!(check(&answer, "certificate")["evidence"][0]["valid_until"], "2026-12-31T23:59:59Z");
    let kept = world.kept(&answer["id"]);
    assert_eq!(kept["routes"], answer["routes"]);
}

#[on_every_database(world)]
fn a_protocol_without_certificates_makes_the_check_not_applicable((world, alster): (World, String)) {
    world.registry.publish(&alster, &member_of(2, "code"));
    let paused = Endpoint { status: EndpointStatus::Paused, ..trp(1, HOST, "3.2.1") };
    world.registry.publish(&alster, &paused);

    let answer = world.ask(json!({"vasp": alster}));

    assert_eq!(routes(&answer), ["code ok", "trp endpoint_paused"]);
    assert_eq!(finding(&answer, "protocol"), "pass protocol.common_not_probed");
    assert_eq!(finding(&answer, "certificate"), "not_applicable certificate.protocol_without");
}

#[on_every_database(world)]
fn what_stands_against_a_route_is_told((world, alster): (World, String)) {
    let good = certificate(1, HOST);
    let ask = |transfer: Value| {
        let answer = world.ask_with(json!({"vasp": alster}), transfer);
        (routes(&answer)[0].clone(), finding(&answer, "certificate"), finding(&answer, "protocol"))
    };
    let none = "fail protocol.none_usable".to_owned();
    let valid = "pass certificate.valid".to_owned();

    // Each of the other reasons is a case of the unit tests.
    world.registry.publish(&alster, &trp(1, "trp.elsewhere.example.org", "3.2.1"));
    let (first, _, protocol) = ask(json!({}));
    assert_eq!((first.as_str(), &protocol), ("trp domain_not_proven", &none));
    let narrow = Endpoint { networks: vec!["eip155:1".parse().unwrap()], ..trp(1, HOST, "3.2.1") };
    world.registry.publish(&alster, &narrow);
    let bitcoin = "bip122:000000000019d6689c085ae165831e93/slip44:0";
    assert_eq!(ask(json!({"asset": bitcoin})), ("trp network_not_served".to_owned(), valid.clone(), none.clone()));
    assert_eq!(ask(json!({"asset": "eip155:1/slip44:60"})).0, "trp ok");
    let revoked = PublishedCertificate { status: CertificateStatus::Revoked, ..good.clone() };
    world.registry.publish(&alster, &revoked);
    assert_eq!(ask(json!({})), ("trp certificate_revoked".to_owned(), "fail certificate.revoked".to_owned(), none.clone()));
    let ended = PublishedCertificate { not_after: "2026-06-01T11:59:59Z".parse().unwrap(), ..good.clone() };
    world.registry.publish(&alster, &ended);
    assert_eq!(ask(json!({})), ("trp certificate_expired".to_owned(), "fail certificate.expired".to_owned(), none));
    let soon = PublishedCertificate { not_after: "2026-06-08T11:59:59Z".parse().unwrap(), ..good };
    world.registry.publish(&alster, &soon);
    assert_eq!(ask(json!({})).1, "warn certificate.expires_within_7_days");
}

#[on_every_database(world)]
fn data_that_an_endpoint_needs_is_held_against_what_is_provided((world, alster): (World, String)) {
    let ask = |provided: Option<Value>| {
        let mut body = json!({"direction": "outgoing", "beneficiary": {"vasp": alster}});
        if let Some(provided) = provided {
            body["provided_fields"] = provided;
        }
        world.post("/v1/prechecks", &body).json()
    };

    assert_eq!(routes(&ask(None)), ["trp ok"]);
    assert_eq!(routes(&ask(Some(json!(["originator.name", "beneficiary.name"])))), ["trp ok"]);
    let lacking = ask(Some(json!(["originator.name"])));
    assert_eq!(routes(&lacking), ["trp required_data_missing"]);
    assert!(lacking["routes"][0]["detail"].as_str().unwrap().contains("beneficiary.name"), "{lacking}");
}

#[on_every_database(world)]
fn without_a_common_protocol_the_nearest_way_is_told((world, alster): (World, String)) {
    let gone = Endpoint { status: EndpointStatus::Withdrawn, ..trp(1, HOST, "3.2.1") };
    world.registry.publish(&alster, &gone);
    world.registry.publish(&alster, &member_of(2, "verifyvasp"));

    let far = world.ask(json!({"vasp": alster}));
    assert_eq!(routes(&far), ["verifyvasp bridge_country_limited", "verifyvasp join_protocol"]);
    assert_eq!(finding(&far, "protocol").as_str(), "fail protocol.no_common");
    assert_eq!(far["recommendation"], "proceed_with_conditions");
    world.registry.publish(&alster, &member_of(3, "gtr"));
    let bridged = world.ask(json!({"vasp": alster}));
    assert_eq!(routes(&bridged).last().unwrap(), "gtr over_bridge");
    assert_eq!(finding(&bridged, "protocol"), "warn protocol.bridge_only");
    let mail = endpoint(4, "email", &[], json!({"kind": "email", "address": "travel-rule@alster.example.org"}));
    world.registry.publish(&alster, &mail);
    let by_mail = world.ask(json!({"vasp": alster}));
    assert_eq!((routes(&by_mail)[0].as_str(), finding(&by_mail, "protocol").as_str()), ("email ok", "warn protocol.email_only"));
}

#[on_every_database(world)]
fn an_asker_without_endpoints_is_told_that_its_side_is_unknown((world, alster): (World, String)) {
    let placeless = world.organisation("Elsewhere", None, &["precheck"]).1;
    let body = json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": {"vasp": alster}});

    let answer = world.post_as(&placeless, "/v1/prechecks", &body).json();

    assert_eq!(routes(&answer), vec!["trp ok".to_owned()]);
    assert_eq!(finding(&answer, "protocol"), "unknown protocol.ours_unknown");
}

#[on_every_database(world)]
fn an_answer_ends_where_maintenance_begins((world, alster): (World, String)) {
    let window = MaintenanceWindow {
        from: "2026-06-01T12:00:20Z".parse().unwrap(),
        to: "2026-06-01T13:00:00Z".parse().unwrap(),
        reason: None,
    };
    world.registry.publish(&alster, &Endpoint { maintenance: vec![window], ..trp(1, HOST, "3.2.1") });

    assert_eq!(world.ask(json!({"vasp": alster}))["valid_until"], "2026-06-01T12:00:20Z");
}

/// A pre-check says the same of an identifier as the record does.
#[on_every_database(world)]
fn an_identifier_that_nobody_confirmed_is_no_route((world, alster): (World, String)) {
    let code = member_of(2, "code");
    world.registry.publish_unconfirmed(&alster, &code);

    let best = |wanted: &str| {
        let answer = world.ask(json!({"vasp": alster}));
        assert!(routes(&answer).contains(&format!("code {wanted}")), "{:?}", routes(&answer));
    };
    best("declared");
    world.registry.publish(&world.vasp_id(LIFFEY), &Endpoint { location: code.location.clone(), ..member_of(53, "code") });
    best("identifier_conflicted");
    world.registry.publish(&alster, &code);
    best("ok");
}
