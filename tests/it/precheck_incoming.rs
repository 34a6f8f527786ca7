//! Pre-checks of incoming transfers: the sides swap, the sender is named by VASP, certificate, common name or jurisdiction, and the
//! address that it came to must be the caller's own.

use serde_json::{Value, json};
use vasp_record::certificate::{CertificateStatus, PublishedCertificate};

use crate::prechecks::expect::{check, finding};
use crate::prechecks::world::{ALSTER, HARBOUR, LIFFEY, OWN, UNKNOWN, World, lei};
use crate::support::published::{certificate, sha256};
use crate::support::{Answer, on_every_database};

const NAME: &str = "trp.alster.example.org";

fn ask(world: &World, originator: Value, beneficiary: Value) -> Answer {
    world.post("/v1/prechecks", &json!({"direction": "incoming", "originator": originator, "beneficiary": beneficiary}))
}

fn attribution(answer: &Value) -> (String, &str) {
    (finding(answer, "attribution"), answer["recommendation"].as_str().unwrap())
}

#[on_every_database(World::start)]
fn the_sides_swap(world: World) {
    let body = json!({"direction": "incoming", "originator": {"vasp": lei(LIFFEY)}, "provided_fields": ["originator.name"]});

    let answer = world.post("/v1/prechecks", &body).json();

    assert_eq!(answer["counterparty"]["legal_name"], "Liffey Custody Limited");
    let sides = ["originator", "beneficiary"].map(|side| answer["obligations"][side]["jurisdiction"].clone());
    assert_eq!(sides, [json!("IE"), json!("DE")]);
    let missing = answer["obligations"]["missing_fields"].as_array().unwrap();
    assert!(!missing.contains(&json!("originator.name")) && missing.contains(&json!("beneficiary.name")), "{missing:?}");
    assert_eq!(attribution(&answer).0, "not_applicable attribution.vasp_named");
    assert_eq!((&answer["resolution"], finding(&answer, "licence").as_str()), (&Value::Null, "pass licence.in_force"));
    let kept = world.kept(&answer["id"]);
    assert_eq!(kept, answer);
    let only = ask(&world, json!({"jurisdiction": "SG"}), json!({})).json();
    assert_eq!(attribution(&only).0.as_str(), "unknown attribution.no_counterparty");
    assert_eq!(only["obligations"]["originator"]["jurisdiction"], "SG");
}

#[on_every_database(World::start)]
fn a_certificate_that_was_shown_names_the_sender_while_it_is_good(world: World) {
    let alster = world.vasp_id(ALSTER);
    let by_digest = || ask(&world, json!({"certificate_sha256": sha256(1)}), json!({})).json();
    let by_name = |name: &str| ask(&world, json!({"common_name": name}), json!({})).json();

    assert_eq!(attribution(&by_digest()), ("unknown attribution.certificate_unknown".to_owned(), "hold"));
    assert_eq!(attribution(&by_name(NAME)), ("unknown attribution.common_name_unknown".to_owned(), "hold"));
    world.registry.publish(&alster, &certificate(1, NAME));
    let found = by_digest();
    assert_eq!(attribution(&found).0, "pass attribution.certificate_published");
    assert_eq!(found["counterparty"]["id"], json!(alster));
    assert_eq!(found["resolution"]["subject"]["kind"], "certificate_sha256");
    let cited: Vec<&str> =
        check(&found, "attribution")["evidence"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(cited, ["declaration", "certificate"]);
    assert_eq!(attribution(&by_name("TRP.alster.example.org")).0, "pass attribution.common_name_published");
    assert_eq!(attribution(&by_name("trp.alster.example")).0, "unknown attribution.common_name_unknown");
    let revoked = PublishedCertificate { status: CertificateStatus::Revoked, ..certificate(1, NAME) };
    world.registry.publish(&alster, &revoked);
    let refused = by_digest();
    assert_eq!(attribution(&refused), ("fail attribution.certificate_revoked".to_owned(), "hold"));
    assert_eq!((&refused["counterparty"], &refused["candidates"][0]["id"]), (&Value::Null, &json!(alster)));
    let expired = PublishedCertificate { chain_not_after: "2026-06-01T11:59:59Z".parse().unwrap(), ..certificate(1, NAME) };
    world.registry.publish(&alster, &expired);
    assert_eq!(attribution(&by_digest()), ("fail attribution.certificate_expired".to_owned(), "hold"));
}

#[on_every_database(World::start)]
fn the_address_that_it_came_to_must_be_the_callers_own(world: World) {
    let at = |address: &str| ask(&world, json!({"vasp": lei(LIFFEY)}), json!({"address": address, "network": "eip155:1"})).json();

    // The labels name Harbour's brand, which is Alster's.
    let other = at(HARBOUR);
    assert_eq!(attribution(&other), ("fail attribution.beneficiary_mismatch".to_owned(), "hold"));
    assert_eq!(other["counterparty"]["legal_name"], "Liffey Custody Limited");
    assert_eq!(attribution(&at(UNKNOWN)).0, "not_applicable attribution.vasp_named");
    let own = world.vasp_id(ALSTER).parse().unwrap();
    let alsters = world.organisation("Alster", Some(own), &["precheck"]).1;
    let body = json!({"direction": "incoming", "originator": {"vasp": lei(LIFFEY)}, "beneficiary": {"address": HARBOUR, "network": "eip155:1"}});
    assert_eq!(attribution(&world.post_as(&alsters, "/v1/prechecks", &body).json()).0, "not_applicable attribution.vasp_named");
    let placeless = world.organisation("Elsewhere", None, &["precheck"]).1;
    let mut named = body.clone();
    named["beneficiary"]["jurisdiction"] = json!("DE");
    let answer = world.post_as(&placeless, "/v1/prechecks", &named).json();
    assert_eq!(attribution(&answer).0, "warn attribution.beneficiary_unconfirmed");
}

#[on_every_database(World::start)]
fn bad_questions_are_refused_with_their_place(world: World) {
    for (originator, beneficiary, code, pointer, fault) in [
        (json!({}), json!({}), "invalid_request", "/originator", "missing_member"),
        (
            json!({"vasp": lei(LIFFEY), "common_name": NAME}),
            json!({}),
            "invalid_request",
            "/originator/common_name",
            "invalid_value",
        ),
        (json!({"vasp": "nonsense"}), json!({}), "invalid_request", "/originator/vasp", "invalid_value"),
        (json!({"jurisdiction": "XX"}), json!({}), "invalid_request", "/originator/jurisdiction", "unknown_jurisdiction"),
        (json!({"certificate_sha256": "00"}), json!({}), "invalid_subject", "/originator/certificate_sha256", "wrong_length"),
        (json!({"common_name": ""}), json!({}), "invalid_subject", "/originator/common_name", "wrong_length"),
        (
            json!({"customer_country": "XX", "vasp": lei(LIFFEY)}),
            json!({}),
            "invalid_request",
            "/originator/customer_country",
            "invalid_value",
        ),
    ] {
        let problem = ask(&world, originator, beneficiary).problem(422, code);
        assert_eq!(problem["errors"][0]["pointer"].as_str(), Some(pointer));
        assert_eq!(problem["errors"][0]["code"].as_str(), Some(fault));
    }
}

#[on_every_database(World::start)]
fn bad_own_sides_are_refused_with_their_place(world: World) {
    let sender = json!({"vasp": lei(LIFFEY)});

    for (originator, beneficiary, code, pointer, fault) in [
        (
            sender.clone(),
            json!({"declared": {"kind": "self_hosted"}}),
            "invalid_request",
            "/beneficiary/declared",
            "invalid_value",
        ),
        (sender.clone(), json!({"network": "eip155:1"}), "invalid_request", "/beneficiary/network", "invalid_value"),
        (
            sender.clone(),
            json!({"address": "x", "travel_address": "y"}),
            "invalid_request",
            "/beneficiary/travel_address",
            "invalid_value",
        ),
        (
            sender.clone(),
            json!({"address": "0x1", "network": "eip155:1"}),
            "invalid_subject",
            "/beneficiary/address",
            "wrong_length",
        ),
    ] {
        let problem = ask(&world, originator, beneficiary).problem(422, code);
        assert_eq!(problem["errors"][0]["pointer"].as_str(), Some(pointer));
        assert_eq!(problem["errors"][0]["code"].as_str(), Some(fault));
    }
}

#[on_every_database(World::start)]
fn only_the_callers_own_side_can_be_the_beneficiary(world: World) {
    let sender = json!({"vasp": lei(LIFFEY)});

    ask(&world, sender.clone(), json!({"vasp": lei(ALSTER)})).problem(403, "not_delegated");
    assert_eq!(ask(&world, sender.clone(), json!({"vasp": lei(OWN)})).status.as_u16(), 200);
    let placeless = world.organisation("Elsewhere", None, &["precheck"]).1;
    let body = json!({"direction": "incoming", "originator": sender});
    let problem = world.post_as(&placeless, "/v1/prechecks", &body).problem(422, "invalid_request");
    assert_eq!(problem["errors"][0]["pointer"], "/beneficiary/jurisdiction");
}
