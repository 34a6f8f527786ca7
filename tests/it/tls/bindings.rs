//! API keys that are bound to a client certificate.
//!
//! Source of the rule: RFC 8705, section 3.

use serde_json::{Value, json};
use vasp_record::role::{OrganisationKind, Role, Scope};

use super::{CERTIFICATES, World, assert_refused};
use crate::support::{Badge, Person, Registry, on_every_database};

const KEYS: &str = "/v1/api-keys";

fn bound(scopes: &[&str], badge: &Badge) -> Value {
    json!({"name": "bound", "scopes": scopes, "expires_at": null, "owner": null, "certificate_sha256": badge.sha256()})
}

fn bearer(made: &Value) -> String {
    format!("Bearer {}", made["secret"].as_str().unwrap())
}

#[on_every_database(World::new)]
fn a_bound_key_is_good_only_over_a_connection_with_its_certificate(world: World) {
    let (right, wrong) = (Badge::new("right"), Badge::new("wrong"));

    let made = world.person.done(&world.registry, KEYS, &bound(&["resolve"], &right));

    assert_eq!(made["api_key"]["certificate_sha256"], right.sha256());
    let ask = |badge: Option<&Badge>| world.connect(badge).ask_as(&bearer(&made), "GET", "/v1/networks", &Value::Null);
    assert_refused(&ask(None), "certificate_required");
    assert_refused(&ask(Some(&wrong)), "certificate_mismatch");
    assert_eq!(ask(Some(&right)).status.as_u16(), 200, "it need not be a credential itself");
    let listed = world.person.read(&world.registry, KEYS)["items"].as_array().unwrap().clone();
    assert_eq!((&listed[0]["certificate_sha256"], &listed[1]), (&Value::Null, &made["api_key"]));
    world.registry.clock.set("2026-09-01T00:00:01Z".parse().unwrap());
    assert_refused(&ask(Some(&right)), "certificate_expired");
}

#[on_every_database(World::new)]
fn a_wrong_secret_says_nothing_of_a_binding(world: World) {
    let made = world.person.done(&world.registry, KEYS, &bound(&["resolve"], &Badge::new("right")));
    let guess = bearer(&made).split_at(bearer(&made).len() - 64).0.to_owned() + &"0".repeat(64);

    let refused = world.connect(None).ask_as(&guess, "GET", "/v1/networks", &Value::Null);

    assert_eq!(refused.problem(401, "unauthenticated")["errors"], json!([]));
}

#[on_every_database(Registry::start)]
fn a_bound_key_is_no_good_where_there_is_no_tls(registry: Registry) {
    let person = registry.person_of(OrganisationKind::Gateway, None, &[], &[Scope::Admin, Scope::Resolve]);
    let made = person.done(&registry, KEYS, &bound(&["resolve"], &Badge::new("right")));

    let refused = registry.client.get_with("/v1/networks", &[("authorization", &bearer(&made))]);

    assert_refused(&refused, "certificate_required");
    let enrolment = person.post(&registry, CERTIFICATES, &json!({"scopes": ["resolve"]})).problem(422, "invalid_request");
    assert_eq!(enrolment["errors"][0]["code"], "possession_not_proven");
}

#[on_every_database(World::new)]
fn somebody_elses_use_of_a_bound_key_is_noted(world: World) {
    let admin = world.registry.person_of(OrganisationKind::Member, None, &[Role::Admin], &[Scope::Admin, Scope::Member]);
    let made = admin.done(&world.registry, KEYS, &bound(&["member"], &Badge::new("right")));
    let key = Person { bearer: bearer(&made), ..admin.clone() };

    assert_refused(&key.get(&world.registry, "/v1/vasps/mine/draft"), "certificate_required");
    let mut wrong = world.connect(Some(&Badge::new("wrong")));
    assert_refused(&wrong.ask_as(&key.bearer, "GET", "/v1/vasps/mine/draft", &Value::Null), "certificate_mismatch");

    let told = admin.read(&world.registry, "/v1/audit?limit=1000")["items"].as_array().unwrap().clone();
    let told: Vec<_> = told.iter().filter(|event| event["credential"] == made["api_key"]["id"]).collect();
    let mut codes: Vec<_> = told.iter().map(|event| event["details"]["code"].as_str().unwrap_or_default()).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["certificate_mismatch", "certificate_required"], "{told:?}");
    assert!(told.iter().all(|event| event["outcome"] == "refused"), "{told:?}");
}

#[on_every_database(World::new)]
fn rotation_keeps_the_binding_or_moves_it(world: World) {
    let (first, second) = (Badge::new("first"), Badge::new("second"));
    let made = world.person.done(&world.registry, KEYS, &bound(&["resolve"], &first));
    let rotate = |made: &Value, body: Value| {
        let path = format!("{KEYS}/{}/rotate", made["api_key"]["id"].as_str().unwrap());
        world.person.done(&world.registry, &path, &body)
    };

    let kept = rotate(&made, json!({"overlap_secs": 0}));
    let moved = rotate(&kept, json!({"overlap_secs": 3600, "certificate_sha256": second.sha256().to_uppercase()}));

    assert_eq!(kept["api_key"]["certificate_sha256"], first.sha256());
    assert_eq!(moved["api_key"]["certificate_sha256"], second.sha256());
    let ask = |made: &Value, badge: &Badge| {
        world.connect(Some(badge)).ask_as(&bearer(made), "GET", "/v1/networks", &Value::Null).status.as_u16()
    };
    assert_eq!([ask(&kept, &first), ask(&kept, &second)], [200, 401], "the overlap");
    assert_eq!([ask(&moved, &first), ask(&moved, &second)], [401, 200]);
}

#[on_every_database(World::new)]
fn a_bound_key_makes_only_bound_ones(world: World) {
    let badge = Badge::new("right");
    let made = world.person.done(&world.registry, KEYS, &bound(&["admin", "resolve"], &badge));
    let mut line = world.connect(Some(&badge));
    let unbound = json!({"name": "x", "scopes": ["resolve"], "expires_at": null, "owner": null});

    let refused = line.ask_as(&bearer(&made), "POST", KEYS, &unbound).problem(422, "invalid_request");

    assert_eq!(refused["errors"][0]["pointer"], "/certificate_sha256");
    line.ask_as(&bearer(&made), "POST", KEYS, &bound(&["resolve"], &Badge::new("other"))).with(201);
    let wrong = json!({"name": "x", "scopes": ["resolve"], "expires_at": null, "owner": null, "certificate_sha256": "ab"});
    line.ask_as(&bearer(&made), "POST", KEYS, &wrong).problem(422, "invalid_request");
}

#[on_every_database(World::new)]
fn revoking_a_certificate_ends_the_keys_that_are_bound_to_it(world: World) {
    let badge = Badge::new("right");
    let id = world.enrolled(&world.person, &badge, &["resolve"]);
    let made = world.person.done(&world.registry, KEYS, &bound(&["resolve"], &badge));
    let mut line = world.connect(Some(&badge));
    assert_eq!(line.ask_as(&bearer(&made), "GET", "/v1/networks", &Value::Null).status.as_u16(), 200);

    world.revoke(&world.person, &id);

    assert_refused(&line.ask_as(&bearer(&made), "GET", "/v1/networks", &Value::Null), "certificate_revoked");
}
