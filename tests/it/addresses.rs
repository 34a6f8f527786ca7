//! `POST /v1/networks/parse`, and claims on accounts that an address and a memo name together.

use serde_json::{Value, json};
use vasp_registry::imports::ImportFormat;

use crate::filled::{Filled, fault};
use crate::support::{Database, on_every_database};

/// Source: ripple-address-codec, test cases of XLS-5d: the account with tag 11747, with tag 1, and without.
const TAGGED: &str = "X7AcgcsBL6XDcUb289X4mJ8djcdyKaLFuhLRuNXPrDeJd9A";
const TAG_1: &str = "X7AcgcsBL6XDcUb289X4mJ8djcdyKaGZMhc9YTE92ehJ2Fu";
const CLASSIC: &str = "r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59";

fn parse(filled: &Filled, addresses: Value) -> Vec<Value> {
    filled.post("/v1/networks/parse", &json!({ "addresses": addresses })).json()["results"].as_array().unwrap().clone()
}

#[test]
fn addresses_are_brought_into_their_canonical_spelling() {
    let filled = Filled::start(Database::sqlite());

    let results = parse(
        &filled,
        json!([
            {"address": TAGGED},
            {"address": CLASSIC, "network": "ripple", "memo": "7"},
            {"address": "bitcoincash:QPM2QSZNHKS23Z7629MMS6S4CWEF74VCWVY22GDX6A"},
            {"address": "BITCOINCASH:QPM2QSZNHKS23Z7629MMS6S4CWEF74VCWVY22GDX6A", "network": "bch"},
            {"address": "binance", "network": "eos"},
        ]),
    );

    let of_tag = json!({"address": CLASSIC, "memo": "11747", "memo_rule": "required_by_custodians", "format": "x-address",
                        "checksum": "mandatory", "networks": ["xrpl:0"], "caip10": format!("xrpl:0:{CLASSIC}")});
    assert_eq!(results[0], json!({"readings": [of_tag]}));
    assert_eq!((&results[1]["readings"][0]["memo"], &results[1]["readings"][0]["format"]), (&json!("7"), &json!("classic")));
    assert_eq!(results[2]["problem"]["errors"][0]["code"], "mixed_case");
    assert_eq!(results[3]["readings"][0]["address"], "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a");
    assert_eq!((&results[4]["readings"][0]["checksum"], &results[4]["readings"][0]["memo"]), (&json!("none"), &Value::Null));
}

#[test]
fn bare_address_names_every_network_with_its_spelling_once() {
    let filled = Filled::start(Database::sqlite());

    let readings = parse(&filled, json!([{"address": "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"}]))[0]["readings"].clone();

    // Source: EIP-55 and EIP-1191, "Test Cases".
    let spelt = |address: &str| readings.as_array().unwrap().iter().find(|one| one["address"] == address).unwrap().clone();
    assert_eq!(readings[0]["address"], "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed");
    assert_eq!((&readings[0]["networks"], &readings[0]["caip10"]), (&json!(["eip155:1", "eip155:*"]), &Value::Null));
    assert_eq!(spelt("0x5aaEB6053f3e94c9b9a09f33669435E7ef1bEAeD")["networks"], json!(["eip155:30"]));
    assert_eq!(spelt("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed")["networks"], json!(["near:mainnet"]));
}

#[test]
fn refusals_help_and_do_not_hurt_the_others() {
    let filled = Filled::start(Database::sqlite());

    let results = parse(
        &filled,
        json!([
            {"address": "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"},
            {"address": "1\u{410}1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"},
            {"address": "binance"},
            {"address": TAGGED, "memo": "1"},
            {"address": "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "network": "tron:mainnet"},
            {"address": "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "network": "nothing"},
            {"address": "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "chain": "btc"},
            {"address": "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "network": "btc"},
        ]),
    );

    let said: Vec<(&str, &str)> = results[..7]
        .iter()
        .map(|result| &result["problem"]["errors"][0])
        .map(|error| (error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap()))
        .collect();
    assert_eq!(
        said,
        [
            ("/addresses/0/address", "checksum_mismatch"),
            ("/addresses/1/address", "invalid_character"),
            ("/addresses/2/address", "network_needed"),
            ("/addresses/3/memo", "memo_invalid"),
            ("/addresses/4/address", "wrong_network"),
            ("/addresses/5/network", "unsupported_network"),
            ("/addresses/6/chain", "unknown_member"),
        ]
    );
    let detail = |at: usize| results[at]["problem"]["errors"][0]["detail"].as_str().unwrap().to_owned();
    // The last character is wrong; the right one, `a`, is not told.
    assert!(detail(0).ends_with("if one character was mistyped, it is character 34"), "{}", detail(0));
    assert!(detail(1).contains("U+0410") && detail(1).contains("looks like `A`"), "{}", detail(1));
    assert!(results[7]["readings"].is_array());
}

#[test]
fn batches_have_limits() {
    let filled = Filled::start(Database::sqlite());
    // What is no address at all is short: bodies have a limit.
    let batch = |count: usize| json!({"addresses": vec![0; count]});

    fault(&filled.post("/v1/networks/parse", &batch(0)), "invalid_request", "/addresses");
    fault(&filled.post("/v1/networks/parse", &batch(1_001)), "invalid_request", "/addresses");
    assert_eq!(filled.post("/v1/networks/parse", &batch(1_000)).json()["results"].as_array().unwrap().len(), 1_000);
    // Reading it is reading a network of that name.
    filled.get("/v1/networks/parse").problem(404, "not_found");
}

#[on_every_database(Filled::start)]
fn claim_on_a_tagged_address_is_the_tags_and_not_the_accounts(filled: Filled) {
    // The row's address is TAGGED.
    let labels = b"network,address,entity,entity_name,label,category,source,added_date\n\
            xrpl:0,X7AcgcsBL6XDcUb289X4mJ8djcdyKaLFuhLRuNXPrDeJd9A,alpha,Alpha,,exchange,test@0:a,\n";
    filled.registry.import(ImportFormat::ClaimsCsv, "labels.csv", labels);
    let ask = |query: &str| filled.read(&format!("/v1/resolve?network=xrpl:0&subject={query}"));

    let (plain, tagged, beside, other) = (ask(CLASSIC), ask(TAGGED), ask(&format!("{CLASSIC}&memo=11747")), ask(TAG_1));

    assert_eq!((&plain["status"], &plain["memo_claims_exist"]), (&json!("not_found"), &json!(true)));
    assert_eq!(plain["subject"]["memo_rule"], "required_by_custodians");
    assert_eq!((&tagged["status"], &tagged["owners"][0]["memo_matched"]), (&json!("owned"), &json!(true)));
    assert_eq!((&tagged["subject"]["address"], &tagged["subject"]["memo"]), (&json!(CLASSIC), &json!("11747")));
    assert_eq!(beside["owners"], tagged["owners"]);
    assert_eq!((&other["status"], &other["memo_claims_exist"]), (&json!("not_found"), &json!(true)));
}
