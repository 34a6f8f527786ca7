//! The whole body of every answer that a caller without credentials can get, on one story: a licensed VASP with brand, domain, endpoint,
//! certificate and key, some of its addresses, and what the registry ships. A new route needs a line here.

use std::collections::{BTreeMap, BTreeSet};

use regex_lite::{Captures, Regex};
use serde_json::{Value, json};

use crate::every_route::access::is_private;
use crate::prechecks::world::{ALSTER, HARBOUR, LAGOON, UNKNOWN, World, lei};
use crate::support::published::{certificate, endpoint};
use crate::support::{Database, on_every_database};

/// Routes whose whole answer is no snapshot, with the reason.
const NO_SNAPSHOT: [(&str, &str); 21] = [
    ("/.well-known/jwks.json", "random keys; tests of trust read them"),
    ("/metrics", "figures of this process; tests of metrics read them"),
    ("/openapi.json", "a committed document, compared as a whole"),
    ("/problems", "made from the table of codes; tests of problems read it"),
    ("/v1/ca", "this registry has no authority; tests of ca read it"),
    ("/v1/ca/{authority}.crl", "binary"),
    ("/v1/ca/{authority}.crt", "binary"),
    ("/v1/log/checkpoint", "random signature; tests of trust read it"),
    ("/v1/log/proof/consistency", "hashes over random salts; tests of trust read them"),
    ("/v1/log/proof/inclusion", "hashes over random salts; tests of trust read them"),
    ("/v1/log/tile/{tile}", "binary"),
    ("/v1/policies/schema", "a committed document"),
    ("/v1/vasps/{vasp}/certificates/{certificate}", "a real chain, which differs at each run; tests of certificates read it"),
    ("/v1/vasps/{vasp}/domains/{domain}", "an item of the list of domains"),
    ("/v1/vasps/{vasp}/endpoints/{endpoint}", "an item of the list of endpoints"),
    ("/v1/objections/{id}", "made for its challenger alone; tests of challenges read it"),
    ("/v1/sandbox/events", "only a sandbox has it; tests of the sandbox read it"),
    ("/v1/sandbox/clock", "only a sandbox has it; tests of the sandbox read it"),
    ("/v1/sandbox/scenarios", "only a sandbox has it; tests of the sandbox read it"),
    ("/v1/coverage", "a line for each network; tests of coverage read it"),
    ("/v1/changes", "hashes over random salts; tests of changes read them"),
];

/// Routes that answer nobody without credentials, although their path does not show it.
const NOT_PUBLIC: [&str; 6] = [
    "/v1/prechecks",
    "/v1/prechecks/{id}",
    "/v1/prechecks/{id}/evidence",
    "/v1/prechecks/{id}/outcome",
    "/v1/prechecks/{id}/report",
    "/v1/vasps/{vasp}/access-requests",
];

/// Each question: the route, the name of its snapshot, and the path; `{LEI}` is the LEI of the VASP that the story is about.
const ASKED: [(&str, &str, &str); 32] = [
    ("/healthz", "healthz", "/healthz"),
    ("/readyz", "readyz", "/readyz"),
    ("/problems/{code}", "problem_page", "/problems/ambiguous_lei"),
    ("/v1/authorities", "authorities", "/v1/authorities?country=AT"),
    ("/v1/brands", "brands", "/v1/brands?limit=2"),
    ("/v1/brands/{id}", "brand_in_a_country", "/v1/brands/binance?country=JP"),
    ("/v1/jurisdictions", "jurisdictions", "/v1/jurisdictions?limit=3"),
    ("/v1/jurisdictions/compare", "jurisdictions_compared", "/v1/jurisdictions/compare?ids=DE,CH&date=2026-01-01"),
    ("/v1/jurisdictions/{id}", "jurisdiction_of_a_regime", "/v1/jurisdictions/AE-VARA?date=2026-01-01"),
    ("/v1/lists/{list}", "list", "/v1/lists/FATF-BLACK?date=2026-05-28"),
    ("/v1/networks", "networks", "/v1/networks?limit=2"),
    ("/v1/networks/{caip2}", "network_with_memos", "/v1/networks/xrpl:0"),
    ("/v1/picker", "picker", "/v1/picker?q=alster&country=DE"),
    ("/v1/protocols", "protocols", "/v1/protocols?limit=2"),
    ("/v1/protocols/{id}", "protocol", "/v1/protocols/trisa"),
    ("/v1/resolve", "resolve_address", "/v1/resolve?subject=0x1000000000000000000000000000000000001002&network=eip155:1"),
    ("/v1/resolve", "resolve_disputed", "/v1/resolve?subject=0x1000000000000000000000000000000000001003&network=eip155:1"),
    ("/v1/resolve", "resolve_domain", "/v1/resolve?subject=alster-exchange.com"),
    ("/v1/resolve", "resolve_lei", "/v1/resolve?subject={LEI}"),
    ("/v1/resolve", "resolve_unreadable", "/v1/resolve?subject=0x00000000000000000000000000000000000010&network=eip155:1"),
    ("/v1/sources", "sources", "/v1/sources"),
    ("/v1/vasps", "vasps_found", "/v1/vasps?q=alstr"),
    ("/v1/vasps", "vasps_found_in_full", "/v1/vasps?q=alstr&view=full"),
    ("/v1/vasps/{vasp}", "vasp", "/v1/vasps/{LEI}"),
    ("/v1/vasps/{vasp}/certificates", "certificates", "/v1/vasps/{LEI}/certificates"),
    ("/v1/vasps/{vasp}/domains", "domains", "/v1/vasps/{LEI}/domains"),
    ("/v1/vasps/{vasp}/endpoints", "endpoints", "/v1/vasps/{LEI}/endpoints"),
    ("/v1/vasps/{vasp}/due-diligence", "due_diligence", "/v1/vasps/{LEI}/due-diligence"),
    ("/v1/vasps/{vasp}/endpoints/history", "endpoints_history", "/v1/vasps/{LEI}/endpoints/history"),
    ("/v1/vasps/{vasp}/health", "health", "/v1/vasps/{LEI}/health"),
    ("/v1/vasps/{vasp}/history", "history", "/v1/vasps/{LEI}/history"),
    ("/v1/vasps/{vasp}/keys", "keys", "/v1/vasps/{LEI}/keys"),
];

/// Numbers the ids of an answer in the order in which they come, because they are random, and leaves out signatures and hashes.
fn steady(mut body: Value) -> Value {
    leave_out(&mut body);
    let ids = Regex::new("(alr|case|clm|crt|cse|end|evd|key|lic|org|pck|pre|rel|req|usr|vasp)_[0-9a-z]{26}").unwrap();
    let mut known = BTreeMap::new();
    let text = body.to_string();
    let numbered = ids.replace_all(&text, |found: &Captures<'_>| {
        let next = known.len() + 1;
        format!("{}_[{}]", &found[1], known.entry(found[0].to_owned()).or_insert(next))
    });
    serde_json::from_str(&numbered).unwrap()
}

fn leave_out(body: &mut Value) {
    match body {
        Value::Object(members) => {
            for (name, value) in members {
                if ["receipt", "commitment", "salt", "digest", "evidence_digest"].contains(&name.as_str()) && !value.is_null() {
                    *value = json!("[random]");
                }
                leave_out(value);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(leave_out),
        _ => {}
    }
}

#[on_every_database]
fn every_public_body_is_as_it_was_looked_at(database: Database) {
    let world = World::start_with(database, |settings| settings.public_read = true);
    let vasp = world.vasp_id(ALSTER);
    world.registry.prove_domain(&vasp, "alster-exchange.com");
    let location = json!({"kind": "url", "url": "https://travel.alster-exchange.com/"});
    world.registry.publish(&vasp, &endpoint(1, "trp", &["3.1.0"], location));
    world.registry.publish(&vasp, &certificate(1, "travel.alster-exchange.com"));
    let client = &world.registry.client;

    for (_, name, path) in ASKED {
        let answer = client.get_with(&path.replace("{LEI}", &lei(ALSTER)), &[("accept", "application/json")]);
        assert_eq!(answer.status.as_u16(), if name == "resolve_unreadable" { 422 } else { 200 }, "{name}: {answer:?}");
        insta::assert_json_snapshot!(name, steady(answer.json()));
    }
    let subjects = [LAGOON, HARBOUR, UNKNOWN].map(|address| json!({"subject": address, "network": "eip155:1"}));
    let precheck = json!({
        "direction": "outgoing", "originator": {"jurisdiction": "DE"},
        "beneficiary": {"vasp": lei(ALSTER)}, "transfer": {"fiat": {"amount": "1500.00", "currency": "EUR"}},
    });
    let obligations = json!({
        "originator": {"jurisdiction": "DE"}, "beneficiary": {"jurisdiction": "SG"},
        "transfer": {"date": "2026-05-30", "fiat": {"amount": "1500.00", "currency": "EUR"}},
    });
    for (name, path, body) in [
        ("resolve_batch", "/v1/resolve", json!({"subjects": subjects})),
        ("resolve_batch_compact", "/v1/resolve?view=compact", json!({"subjects": subjects})),
        ("networks_parse", "/v1/networks/parse", json!({"addresses": [{"address": "rEb8TK3gBgk5auZkwc6sHnwrGVJH8DuaLh"}]})),
        ("precheck", "/v1/prechecks", precheck),
        ("obligations", "/v1/obligations", obligations),
    ] {
        insta::assert_json_snapshot!(name, steady(client.post(path, &body).answered(200)));
    }
}

#[on_every_database(World::start)]
fn no_public_route_is_forgotten(world: World) {
    let document = world.registry.client.get("/openapi.json").json();
    let paths = document["paths"].as_object().unwrap().iter().filter(|(_, item)| item.get("get").is_some());
    let public: BTreeSet<&str> = paths.map(|(path, _)| path.as_str()).filter(|path| !is_private("get", path)).collect();
    let asked = ASKED.iter().map(|(route, ..)| *route);

    let named = asked.chain(NO_SNAPSHOT.iter().map(|(route, _)| *route)).chain(NOT_PUBLIC);
    assert_eq!(named.collect::<BTreeSet<_>>(), public);
    for path in NOT_PUBLIC {
        let path = path.replace("{id}", &lei(ALSTER)).replace("{vasp}", &lei(ALSTER));
        assert_eq!(world.registry.client.get(&path).status.as_u16(), 401, "{path}");
    }
}
