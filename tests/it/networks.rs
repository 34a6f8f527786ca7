//! `/v1/networks`: the table, and what each reader may know of claims on it.

use serde_json::{Value, json};
use vasp_registry::imports::ImportFormat;

use crate::filled::{Filled, fault};
use crate::support::{Database, on_every_database};

const CLAIMS: &[u8] = include_bytes!("../fixtures/claims/labels.csv");

#[test]
fn network_is_found_by_id_and_by_alias() {
    let filled = Filled::start(Database::sqlite());

    let bitcoin = filled.read("/v1/networks/bip122:000000000019d6689c085ae165831e93");

    insta::assert_json_snapshot!("network", bitcoin);
    assert_eq!(filled.read("/v1/networks/btc"), bitcoin);
    assert_eq!(filled.read("/v1/networks/tron:728126428")["caip2"], "tron:0x2b6653dc");
    assert_eq!(filled.read("/v1/networks/eip155%3A1")["family"], "eip155:*");
    assert_eq!(filled.read("/v1/networks/XBT"), bitcoin);
    fault(&filled.get("/v1/networks/AVAX"), "invalid_request", "{caip2}");
    fault(&filled.get("/v1/vasps?network=AVAX"), "invalid_request", "?network");
    let standard = filled.get("/v1/networks/ERC20").problem(404, "not_found");
    assert!(standard["detail"].as_str().unwrap().contains("`ERC20` is a token standard"), "{standard}");
    for unknown in ["USDT", "eip155:*", "nothing", "eip155:0", "unknown:bep2"] {
        let problem = filled.get(&format!("/v1/networks/{unknown}")).problem(404, "not_found");
        assert!(problem["detail"].as_str().unwrap().contains("/v1/networks"), "{problem}");
    }
}

#[on_every_database(Filled::start_public)]
fn coverage_counts_the_claims_of_a_network_and_its_family(filled: Filled) {
    filled.registry.import(ImportFormat::ClaimsCsv, "labels.csv", CLAIMS);
    let coverage = |network: &str| filled.read(&format!("/v1/networks/{network}"))["coverage"].clone();
    let claims = |network: &str| coverage(network)["claims"].clone();

    // One label of OKX; on Ethereum one of OKX and one that names only the family; the rest of the file is rejected.
    assert_eq!(
        coverage("bitcoin"),
        json!({"network": "bip122:000000000019d6689c085ae165831e93", "claims": 1, "entities": 0, "groups": 1,
               "newest": "2022-08-28T00:00:00Z"})
    );
    assert_eq!((claims("eip155:1"), claims("eip155:137"), claims("tron:0x2b6653dc")), (json!(2), json!(1), json!(1)));
    assert_eq!(claims("bip122:12a765e31ffd4059bada1e25190f6e98"), 0);
    // Imported labels are public.
    let public = filled.registry.client.get("/v1/networks/eip155:1").json();
    assert_eq!(public["coverage"], coverage("eip155:1"));
}

#[test]
fn walk_sees_every_network_once_in_one_order() {
    let filled = Filled::start(Database::sqlite());
    let ids = |items: &[Value]| items.iter().map(|item| item["caip2"].as_str().unwrap().to_owned()).collect::<Vec<_>>();

    let all = ids(&filled.walk("/v1/networks", 1_000));

    assert_eq!(all[0], "bip122:000000000019d6689c085ae165831e93");
    assert_eq!(all.iter().collect::<std::collections::BTreeSet<_>>().len(), all.len());
    assert_eq!(ids(&filled.walk("/v1/networks", 97)), all);
    for cursor in ["x", "00", &hex("eip155:0"), &hex("not a network")] {
        fault(&filled.get(&format!("/v1/networks?cursor={cursor}")), "invalid_request", "?cursor");
    }
    fault(&filled.get("/v1/networks?limit=1001"), "invalid_request", "?limit");
    fault(&filled.get("/v1/networks?testnet=true"), "invalid_request", "?testnet");
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn unchanged_network_is_not_sent_again() {
    let filled = Filled::start(Database::sqlite());
    let tag = filled.get("/v1/networks/btc").header("etag").to_owned();

    assert_eq!(filled.get_with("/v1/networks/btc", &[("if-none-match", &tag)]).status.as_u16(), 304);
    filled.registry.import(ImportFormat::ClaimsCsv, "labels.csv", CLAIMS);
    assert_eq!(filled.get_with("/v1/networks/btc", &[("if-none-match", &tag)]).status.as_u16(), 200);
}
