//! The picker of web pages, and the publishable keys that open it and nothing else.

use serde_json::{Value, json};
use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_words::ids::VaspId;

use crate::prechecks::world::{ALSTER, OWN, World};
use crate::support::{Answer, Database, Person, Registry, on_every_database};

const SHOP: &str = "https://shop.example.com";

/// A gateway whose VASP is in Germany, and its publishable key.
fn world(database: Database) -> (World, Person, String) {
    let world = World::start(database);
    let own: VaspId = world.vasp_id(OWN).parse().unwrap();
    let person = world.registry.person_of(
        OrganisationKind::Gateway,
        Some(own),
        &[Role::Admin],
        &[Scope::Admin, Scope::Resolve, Scope::Precheck],
    );
    let made = person.done(&world.registry, "/v1/api-keys", &key_body(json!([SHOP])));
    assert_eq!(made["api_key"]["origins"], json!([SHOP]));
    let key = made["secret"].as_str().unwrap().to_owned();
    assert!(key.starts_with("vr_pub_"), "{key}");
    (world, person, key)
}

fn key_body(origins: Value) -> Value {
    json!({"name": "page", "scopes": ["resolve"], "expires_at": null, "owner": null, "origins": origins})
}

fn ask(registry: &Registry, query: &str, origin: Option<&str>) -> Answer {
    let headers: Vec<(&str, &str)> = origin.map(|origin| ("origin", origin)).into_iter().collect();
    registry.client.get_with(&format!("/v1/picker?{query}"), &headers)
}

#[on_every_database(world)]
fn a_page_of_the_origin_finds_brands_and_entities((world, _, key): (World, Person, String)) {
    let answer = ask(&world.registry, &format!("q=harb&country=DE&key={key}"), Some(SHOP));

    assert_eq!(answer.headers["access-control-allow-origin"], SHOP);
    assert!(answer.headers["vary"].to_str().unwrap().contains("Origin"));
    let items = answer.answered(200)["items"].clone();
    let pick = &items[0];
    assert_eq!((&pick["kind"], &pick["id"], &pick["result"]), (&json!("brand"), &json!("harbour"), &json!("match")));
    assert_eq!(
        (&pick["entity"]["legal_name"], &pick["entity"]["id"]),
        (&json!("Alster Krypto AG"), &json!(world.vasp_id(ALSTER)))
    );
    // Source: Regulation (EU) 2023/1113, Art. 14: the beneficiary's name travels with the transfer.
    assert!(pick["ask"].as_array().unwrap().contains(&json!("beneficiary.name")), "{pick}");
    let by_name = ask(&world.registry, &format!("q=liffey&key={key}"), Some(SHOP)).answered(200);
    assert_eq!((&by_name["items"][0]["kind"], &by_name["items"][0]["entity"]["country"]), (&json!("entity"), &json!("IE")));
}

#[on_every_database(world)]
fn a_publishable_key_opens_nothing_else_and_no_other_page((world, person, key): (World, Person, String)) {
    let registry = &world.registry;
    for (origin, status) in [(None, 403), (Some("https://evil.example.com"), 403), (Some("null"), 403)] {
        let answer = ask(registry, &format!("q=harbour&key={key}"), origin);
        assert!(!answer.headers.contains_key("access-control-allow-origin"), "{origin:?}");
        answer.problem(status, "forbidden");
    }
    let bearer = format!("Bearer {key}");
    for path in ["/v1/resolve?subject=harbour.example.org", "/v1/vasps", "/v1/picker?q=harbour", "/v1/api-keys", "/v1/session"] {
        let headers = [("authorization", bearer.as_str()), ("origin", SHOP)];
        registry.client.get_with(path, &headers).problem(401, "unauthenticated");
    }
    // A secret key is none to publish.
    let secret = person.bearer.trim_start_matches("Bearer ");
    ask(registry, &format!("q=harbour&key={secret}"), Some(SHOP)).problem(401, "unauthenticated");
    let listed = person.read(registry, "/v1/api-keys")["items"].as_array().unwrap().clone();
    let made = listed.iter().find(|one| one["origins"] == json!([SHOP])).unwrap();
    let path = format!("/v1/api-keys/{}", made["id"].as_str().unwrap());
    person.send(registry, "DELETE", &path, &[], &Value::Null).answered(200);
    ask(registry, &format!("q=harbour&key={key}"), Some(SHOP)).problem(401, "unauthenticated");
}

#[on_every_database(world)]
fn what_a_publishable_key_cannot_be_is_refused((world, person, _): (World, Person, String)) {
    let registry = &world.registry;
    let fault = |body: &Value| {
        let problem = person.post(registry, "/v1/api-keys", body).problem(422, "invalid_request");
        problem["errors"][0]["pointer"].as_str().unwrap().to_owned()
    };
    let many: Vec<String> = (0..21).map(|number| format!("https://a{number}.example.com")).collect();

    assert_eq!(fault(&key_body(json!([]))), "/origins");
    assert_eq!(fault(&key_body(json!(many))), "/origins");
    assert_eq!(fault(&key_body(json!(["http://shop.example.com"]))), "/origins/0");
    let more = json!({"name": "x", "scopes": ["resolve", "precheck"], "expires_at": null, "owner": null, "origins": [SHOP]});
    assert_eq!(fault(&more), "/scopes");
    for query in ["q=h", "q=", "q=harbour&limit=0", "q=harbour&limit=21", "q=harbour&country=Germany"] {
        world.get_as(&world.key, &format!("/v1/picker?{query}")).problem(422, "invalid_request");
    }
    world.get_as(&world.key, "/v1/picker?q=harbour&limit=1").answered(200);
}

#[test]
fn each_network_address_has_its_own_rate() {
    let rate = |per_sec: u32, burst: u32| {
        let per_sec = std::num::NonZeroU32::new(per_sec).unwrap();
        Some(vasp_registry::config::Rate { per_sec, burst: burst.try_into().unwrap() })
    };
    let registry = Registry::start_with(Database::sqlite(), |settings| settings.public_rate = rate(1, 1_000));
    let person = registry.person_of(OrganisationKind::Gateway, None, &[], &[Scope::Admin, Scope::Resolve]);
    let made = person.done(&registry, "/v1/api-keys", &key_body(json!([SHOP])));
    let query = format!("q=harbour&key={}", made["secret"].as_str().unwrap());

    let first = ask(&registry, &query, Some(SHOP));
    assert!(first.headers["ratelimit"].to_str().unwrap().starts_with("\"address\";r=999"), "{:?}", first.headers);
    for _ in 1..1_000 {
        ask(&registry, &query, Some(SHOP));
    }
    let refused = ask(&registry, &query, Some(SHOP));
    // The page can read the refusal.
    assert_eq!(refused.headers["access-control-allow-origin"], SHOP);
    refused.problem(429, "rate_limited");
}
