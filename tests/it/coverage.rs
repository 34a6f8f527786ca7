//! `/v1/coverage`: what the directory knows by country and by network.

use serde_json::{Value, json};
use vasp_registry::imports::ImportFormat;

use crate::filled::{Filled, LEIS, entity};
use crate::support::on_every_database;

const CLAIMS: &[u8] = include_bytes!("../fixtures/claims/labels.csv");

fn line<'a>(coverage: &'a Value, of: &str, name: &str, wanted: &str) -> &'a Value {
    coverage[of].as_array().unwrap().iter().find(|line| line[name] == wanted).unwrap()
}

/// It is 1 June 2026; the registry's policy takes a register for 120 days.
#[on_every_database(Filled::start)]
fn countries_count_licences_in_force_and_those_seen_too_long_ago(mut filled: Filled) {
    let mut swiss = entity(LEIS[2], "C AG");
    swiss.country = Some("CH".parse().unwrap());
    let mut ended = entity(LEIS[1], "B GmbH");
    ended.licences[0].valid_to = Some("2025-12-01".parse().unwrap());
    let all = vec![entity(LEIS[0], "A GmbH"), ended, swiss];

    filled.read_at("2025-12-16T08:00:00Z", "2025-12-15", all.clone());

    let counted = json!({
        "country": "AT", "entities": 2, "verified": 0, "licensed": 1, "licence_stale": 1, "reachable": 0, "endpoint_unproven": 0,
        "with_key": 0, "oldest_seen": "2025-12-15", "newest_seen": "2025-12-15"
    });
    let coverage = filled.read("/v1/coverage");
    assert_eq!(line(&coverage, "countries", "country", "AT"), &counted);
    assert_eq!(line(&coverage, "countries", "country", "CH")["entities"], 1);

    filled.read_at("2026-05-16T08:00:00Z", "2026-05-15", all);

    let coverage = filled.read("/v1/coverage");
    let austria = line(&coverage, "countries", "country", "AT");
    let seen = ["licensed", "licence_stale", "newest_seen"].map(|member| austria[member].clone());
    assert_eq!(seen, [json!(1), json!(0), json!("2026-05-15")]);
}

#[on_every_database(Filled::start)]
fn networks_say_what_not_found_means_there(filled: Filled) {
    filled.registry.client.get("/v1/coverage").problem(401, "unauthenticated");
    filled.registry.import(ImportFormat::ClaimsCsv, "labels.csv", CLAIMS);

    let coverage = filled.read("/v1/coverage");
    let of = |network: &str, member: &str| line(&coverage, "networks", "network", network)[member].clone();

    // As `/v1/networks` counts them: one label of OKX, and one that names only the family.
    assert_eq!((of("eip155:1", "claims"), of("eip155:1", "proven")), (json!(2), json!(0)));
    assert_eq!(of("eip155:1", "not_found"), "not_among_known");
    assert_eq!(of("bip122:12a765e31ffd4059bada1e25190f6e98", "not_found"), "nothing_known");
    assert_eq!(coverage["networks"][0]["network"], "eip155:1");
}

#[on_every_database(Filled::start)]
fn the_page_shows_the_same_counts_without_a_script(mut filled: Filled) {
    filled.registry.client.get("/coverage").problem(401, "unauthenticated");
    let mut named = entity(LEIS[0], "A <b>GmbH</b>");
    named.country = Some("AT".parse().unwrap());
    filled.read_at("2026-05-16T08:00:00Z", "2026-05-15", vec![named]);
    filled.registry.import(ImportFormat::ClaimsCsv, "labels.csv", CLAIMS);

    let answer = filled.get("/coverage");

    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(answer.header("content-security-policy").contains("default-src 'none'"), "{answer:?}");
    let row = "<th scope=\"row\">Austria (AT)</th><td>1</td><td>0</td><td>1</td><td>0</td><td>0</td><td>0</td><td>0</td><td>2026-05-15</td>";
    assert!(answer.text.contains(row), "{}", answer.text);
    assert!(answer.text.contains("<th scope=\"row\">Ethereum</th><td>2</td><td>0</td>"), "{}", answer.text);
    assert!(!answer.text.contains("<script"), "{}", answer.text);
}
