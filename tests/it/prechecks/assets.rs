//! Assets that the policy names as anonymity-enhanced.
//!
//! Source: docs/policies.md, "Assets"; SLIP-44.

use serde_json::{Value, json};

use super::expect::{check, finding, reasons};
use super::world::{ALSTER, LISTED, UNKNOWN, World, lei};
use crate::support::on_every_database;

const MONERO: &str = "monero:418015bb9ae982a1975da7d79277c270";
const ZCASH: &str = "bip122:00040fe8ec8471911baa1db1266ea15d";
/// Examples of `seed/networks.json`. The second is also an address of Flux, if no network is said.
const ON_MONERO: &str = "48X4rKu5aeKFvLqrv3KmRV3XK7k9CdekAWvduncUoUXnGXEmjtESoG6aVtDHTkUU4pBN6WKbVjhrk5SVjCChH1iqSoWLs9W";
const ON_ZCASH: &str = "t1Yfrf1dssDLmaMBsq2LFKWPbS5vH3nGpa2";

#[on_every_database(World::start)]
fn an_anonymity_enhanced_asset_asks_for_enhanced_due_diligence_also_where_it_is_left_out(world: World) {
    let ask = |address: &str, network: Value, asset: Value| {
        let to = json!({"address": address, "network": network, "declared": {"kind": "vasp", "vasp": lei(ALSTER)}});
        let answer = world.ask_with(to, json!({"asset": asset}));
        let told = reasons(&answer).contains(&"transfer.asset_anonymity_enhanced");
        let asked = answer["conditions"].as_array().unwrap().iter().any(|one| one["code"] == "enhanced_due_diligence");
        assert_eq!(told, asked, "{answer}");
        assert!(!told || answer["recommendation"] != "proceed");
        told
    };
    let asset = |network: &str, number: u32| json!(format!("{network}/slip44:{number}"));

    assert!(ask(ON_MONERO, json!(MONERO), asset(MONERO, 128)));
    assert!(ask(ON_MONERO, json!(MONERO), Value::Null), "its network has no other asset");
    assert!(ask(ON_MONERO, Value::Null, Value::Null));
    assert!(ask(ON_MONERO, json!(MONERO), asset(MONERO, 0)), "a wrong number is no other asset");
    assert!(ask(ON_ZCASH, json!(ZCASH), asset(ZCASH, 133)));
    assert!(ask(ON_ZCASH, Value::Null, Value::Null), "it can be on Zcash");
    assert!(!ask(UNKNOWN, json!("eip155:1"), asset("eip155:1", 60)) && !ask(UNKNOWN, json!("eip155:1"), Value::Null));
}

/// Source: Tether, "Supported Protocols".
#[on_every_database(World::start)]
fn a_tokens_contract_as_the_destination_has_to_be_confirmed(world: World) {
    const USDT: &str = "0xdAC17F958D2ee523a2206206994597C13D831ec7";
    let told = |address: &str, network: &str| {
        let to = json!({"address": address, "network": network, "declared": {"kind": "vasp", "vasp": lei(ALSTER)}});
        let answer = world.ask_with(to, json!({}));
        reasons(&answer).contains(&"transfer.to_token_contract")
    };

    assert!(told(USDT, "eip155:1") && told("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "tron:0x2b6653dc"));
    assert!(!told(USDT, "eip155:10") && !told(UNKNOWN, "eip155:1"));
}

/// Before, a list that names a token's contract was not asked about the asset.
#[on_every_database(World::start)]
fn a_listed_contract_of_the_asset_is_rejected_as_a_listed_address_is(world: World) {
    for to in [json!({"vasp": lei(ALSTER)}), json!({"address": UNKNOWN, "network": "eip155:1"})] {
        let ask = |contract: &str| world.ask_with(to.clone(), json!({"asset": format!("eip155:1/erc20:{contract}")}));
        let (listed, other) = (ask(LISTED), ask(UNKNOWN));

        assert_eq!(finding(&listed, "sanctions"), "fail sanctions.address_listed");
        let detail = check(&listed, "sanctions")["detail"].as_str().unwrap().to_owned();
        assert!(detail.starts_with("The contract of the asset is on a screening list: SOMEBODY LISTED"), "{detail}");
        assert_eq!(listed["recommendation"], "reject");
        assert!(!reasons(&other).contains(&"sanctions.address_listed"), "{other}");
    }
}

#[on_every_database(World::start)]
fn a_counterparty_asked_about_alone_is_asked_about_with_the_asset(world: World) {
    let told = |asset: Value| {
        let answer = world.ask_with(json!({"vasp": lei(ALSTER)}), json!({"asset": asset}));
        reasons(&answer).contains(&"transfer.asset_anonymity_enhanced")
    };

    assert!(told(json!(format!("{MONERO}/slip44:128"))) && !told(Value::Null));
}
