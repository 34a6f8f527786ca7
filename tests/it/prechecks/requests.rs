//! Which requests are refused, and where the fault is said to be.

use serde_json::{Value, json};
use vasp_addresses::travel_address::TravelAddress;

use super::world::{ALSTER, LAGOON, OWN, UNKNOWN, World, lei};
use crate::support::{Answer, Database, on_every_database};

fn request(beneficiary: Value) -> Value {
    json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": beneficiary})
}

fn somewhere() -> Value {
    request(json!({"jurisdiction": "SG"}))
}

/// The request with a member replaced; `/` parts a path.
fn with(path: &str, value: Value) -> Value {
    let mut body = somewhere();
    let mut place = &mut body;
    for part in path.split('/') {
        place = &mut place[part];
    }
    *place = value;
    body
}

#[track_caller]
fn expect_fault(answer: &Answer, status: u16, code: &str, pointer: &str, fault: &str) {
    let problem = answer.problem(status, code);
    assert_eq!((problem["errors"][0]["pointer"].as_str(), problem["errors"][0]["code"].as_str()), (Some(pointer), Some(fault)));
}

#[on_every_database(World::start)]
fn faults_of_form_are_named_with_their_place(world: World) {
    let owner = world.vasp_id(ALSTER);

    for (body, pointer, fault) in [
        (with("beneficary", json!({})), "/beneficary", "unknown_member"),
        (with("beneficiary/adress", json!("x")), "/beneficiary/adress", "unknown_member"),
        (with("transfer/fiat", json!({"amount": "1"})), "/transfer/fiat/currency", "missing_member"),
        (with("transfer/fiat", json!({"amount": "-1", "currency": "EUR"})), "/transfer/fiat/amount", "invalid_value"),
        (with("transfer/date", json!("2026-02-30")), "/transfer/date", "invalid_value"),
        (with("transfer/originator_type", json!("robot")), "/transfer/originator_type", "invalid_value"),
        (with("direction", json!("sideways")), "/direction", "invalid_value"),
        (with("as_of", json!("yesterday")), "/as_of", "invalid_value"),
        (with("as_of", json!("seq:1000000")), "/as_of", "in_the_future"),
        (with("as_of", json!("2026-06-01T12:00:01Z")), "/as_of", "in_the_future"),
        (with("policy", json!("Strict")), "/policy", "invalid_value"),
        (with("policy", json!("strict")), "/policy", "unknown_policy"),
        (with("policy", json!("default@4000000000")), "/policy", "unknown_policy"),
        (with("alternatives", json!("yes")), "/alternatives", "invalid_value"),
        (with("originator/certificate_sha256", json!("00")), "/originator/certificate_sha256", "invalid_value"),
        (json!({"beneficiary": {"jurisdiction": "SG"}}), "/direction", "missing_member"),
        (json!({"direction": "outgoing"}), "/beneficiary", "missing_member"),
        (request(json!({})), "/beneficiary", "missing_member"),
        (request(json!({"jurisdiction": "SG", "vasp": owner})), "/beneficiary/jurisdiction", "invalid_value"),
        (request(json!({"address": UNKNOWN, "vasp": owner})), "/beneficiary/vasp", "invalid_value"),
        (request(json!({"vasp": owner, "network": "eip155:1"})), "/beneficiary/network", "invalid_value"),
        (request(json!({"jurisdiction": "SG", "memo": "1"})), "/beneficiary/memo", "invalid_value"),
        (request(json!({"vasp": owner, "declared": {"kind": "self_hosted"}})), "/beneficiary/declared", "invalid_value"),
        (request(json!({"jurisdiction": "SG", "customer_country": "XX"})), "/beneficiary/customer_country", "invalid_value"),
        (request(json!({"vasp": "529900HNOAA1KXQJUQ28"})), "/beneficiary/vasp", "invalid_value"),
        (request(json!({"vasp": "vasp_nonsense"})), "/beneficiary/vasp", "invalid_value"),
        (
            request(json!({"address": UNKNOWN, "network": "eip155:1", "declared": {"kind": "vasp", "vasp": "vasp_nonsense"}})),
            "/beneficiary/declared/vasp",
            "invalid_value",
        ),
        (request(json!({"jurisdiction": "XX"})), "/beneficiary/jurisdiction", "unknown_jurisdiction"),
        (with("originator/jurisdiction", json!("Germany")), "/originator/jurisdiction", "unknown_jurisdiction"),
        (with("provided_fields", json!(["originator.name", "shoe_size"])), "/provided_fields/1", "unknown_field"),
    ] {
        expect_fault(&world.post("/v1/prechecks", &body), 422, "invalid_request", pointer, fault);
    }
}

/// Source: docs/addresses.md, "Names of networks".
/// Addresses: the Bitcoin wiki's, EIP-55's, and the example of Avalanche's X-Chain in the table of networks.
#[on_every_database(World::start)]
fn names_of_networks_are_read_by_resolve_and_precheck(world: World) {
    let (legacy, evm) = ("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed");
    let x_chain = "X-avax164klxn22zr2g4q4m3k03zy8skrpgrt36sqm5r4";
    let resolve = |network: &str, address: &str| {
        world.post("/v1/resolve", &json!({"subjects": [{"subject": address, "network": network}]})).answered(200)["results"][0]
            .clone()
    };

    for (network, address, id) in [
        ("BTC", legacy, "bip122:000000000019d6689c085ae165831e93"),
        ("avax", evm, "eip155:43114"),
        ("AVAX", x_chain, "avax:imji8papUf2EhV3le337w1vgFauqkJg-"),
    ] {
        let asked = world.ask(json!({"address": address, "network": network}));
        assert_eq!(asked["resolution"]["subject"]["network"], id, "{asked}");
        assert_eq!(resolve(network, address)["subject"]["network"], id);
    }
    for (network, address, fault) in [
        ("LUNA", "terra1dcegyrekltswvyy0xy69ydgxn9x8x32zdtapd8", "ambiguous_network"),
        ("USDT", evm, "unsupported_network"),
        ("erc20", evm, "unsupported_network"),
    ] {
        let asked = world.post("/v1/prechecks", &request(json!({"address": address, "network": network})));
        expect_fault(&asked, 422, "invalid_subject", "/beneficiary/network", fault);
        assert_eq!(resolve(network, address)["problem"]["errors"][0]["code"], fault);
    }
}

/// Contracts: Tether, "Supported protocols". Addresses: TRON's documentation, Monero's donation address.
#[on_every_database(World::start)]
fn an_asset_is_read_by_its_ticker_beside_the_network(world: World) {
    let monero = "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A";
    let evm = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
    let body = |asset: &str, network: Option<&str>, address: &str| {
        let mut body = request(json!({"address": address}));
        if let Some(network) = network {
            body["beneficiary"]["network"] = network.into();
        }
        body["transfer"]["asset"] = asset.into();
        body
    };
    let ask = |asset: &str, network, address: &str| world.post("/v1/prechecks", &body(asset, network, address)).answered(200);

    let tron = ask("usdt", Some("TRX"), "TT2X2yyubp7qpAWYYNE5JQWBtoZ7ikQFsY");
    assert_eq!(tron["transfer"]["asset"], "tron:0x2b6653dc/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t");
    let private = ask("XMR", Some("monero"), monero);
    assert_eq!(private["transfer"]["asset"], "monero:418015bb9ae982a1975da7d79277c270/slip44:128");
    assert!(private["reasons"].to_string().contains("transfer.asset_anonymity_enhanced"), "{private}");
    let id = "tron:0x2b6653dc/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t";
    assert_eq!(ask(id, Some("tron"), "TT2X2yyubp7qpAWYYNE5JQWBtoZ7ikQFsY")["transfer"]["asset"], id);
    // Two ids of one ledger.
    ask("eip155:728126428/slip44:195", Some("tron"), "TT2X2yyubp7qpAWYYNE5JQWBtoZ7ikQFsY");

    for (asset, network, address, code) in [
        ("USDT", None, evm, "ambiguous_asset"),
        ("XMR", Some("eip155:1"), evm, "unknown_asset"),
        ("US DT", Some("eip155:1"), evm, "invalid_asset"),
        ("eip155:1/erc20:6fa0be17e4bea2fcfa22ef89bf8ac9aab0ab0fc9", Some("eip155:1"), evm, "invalid_asset"),
        ("monero:mainnet/slip44:128", Some("eip155:1"), evm, "unknown_asset"),
    ] {
        let refused = world.post("/v1/prechecks", &body(asset, network, address)).problem(422, "invalid_request");
        let error = &refused["errors"][0];
        assert_eq!((&error["code"], &error["pointer"]), (&json!(code), &json!("/transfer/asset")), "{refused}");
    }
}

/// Bitcoin's example address of the Bitcoin wiki, Ethereum's of EIP-55, each with one character changed.
#[on_every_database(World::start)]
fn a_bad_address_says_what_is_wrong_with_it(world: World) {
    let bitcoin = "bip122:000000000019d6689c085ae165831e93";

    for (network, address, pointer, fault) in [
        (bitcoin, "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3", "/beneficiary/address", "checksum_mismatch"),
        ("eip155:1", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD", "/beneficiary/address", "checksum_mismatch"),
        ("eip155:1", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeA", "/beneficiary/address", "wrong_length"),
        ("eip155:1", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "/beneficiary/address", "wrong_network"),
        ("nonsense", UNKNOWN, "/beneficiary/network", "unsupported_network"),
        (bitcoin, &"0f".repeat(32), "/beneficiary/address", "transaction_id"),
        ("eip155:1", &format!("0x{}", "0f".repeat(32)), "/beneficiary/address", "transaction_id"),
    ] {
        let body = request(json!({"address": address, "network": network}));
        expect_fault(&world.post("/v1/prechecks", &body), 422, "invalid_subject", pointer, fault);
    }
    let body = request(json!({"travel_address": "ta2W2HPKfHxgSgrzY178knqXHg1H3jfeQrwQ9JrKBs9wx"}));
    let problem = world.post("/v1/prechecks", &body).problem(422, "invalid_subject");
    assert_eq!(problem["errors"][0]["pointer"], "/beneficiary/travel_address");
    let spelt = TravelAddress::from_url("Pay.coinmotion.com/inquiries/12345?t=i").unwrap();
    let body = request(json!({"travel_address": spelt.as_str()}));
    expect_fault(
        &world.post("/v1/prechecks", &body),
        422,
        "invalid_subject",
        "/beneficiary/travel_address",
        "not_in_normal_form",
    );
    for other in ["travel_address", "vasp", "jurisdiction"] {
        let body = request(json!({other: "any", "network": "eip155:1"}));
        expect_fault(&world.post("/v1/prechecks", &body), 422, "invalid_request", "/beneficiary/network", "invalid_value");
    }
    let account = json!({"address": format!("eip155:1:{LAGOON}")});
    assert_eq!(world.ask(account)["resolution"]["status"], "owned");
}

#[on_every_database(World::start)]
fn asset_of_another_network_than_the_address_is_refused(world: World) {
    let (bitcoin, ether) = ("bip122:000000000019d6689c085ae165831e93/slip44:0", "eip155:1/slip44:60");
    let bare = "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2";
    let ask = |beneficiary: Value, asset: &str| {
        let mut body = request(beneficiary);
        body["transfer"] = json!({"asset": asset});
        body
    };

    for (beneficiary, asset) in [
        (json!({"address": LAGOON, "network": "eip155:1"}), bitcoin),
        (json!({"address": LAGOON, "network": "eip155:1"}), "eip155:10/slip44:60"),
        (json!({"address": format!("eip155:10:{LAGOON}")}), ether),
        // An address that may lie on several networks, none of them the asset's.
        (json!({"address": LAGOON}), bitcoin),
        (json!({"address": bare}), ether),
    ] {
        let body = ask(beneficiary, asset);
        let answer = world.post("/v1/prechecks", &body);
        expect_fault(&answer, 422, "asset_network_mismatch", "/transfer/asset", "asset_network_mismatch");
        let batch = world.post("/v1/prechecks/batch", &json!({"prechecks": [body, somewhere()]})).json();
        assert_eq!(batch["results"][0]["problem"]["code"], "asset_network_mismatch", "{batch}");
        assert!(batch["results"][1]["id"].is_string(), "{batch}");
    }
    for (beneficiary, asset) in [
        (json!({"address": LAGOON, "network": "eip155:1"}), "eip155:1/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"),
        (json!({"address": LAGOON}), "eip155:10/slip44:60"),
        (json!({"address": bare}), bitcoin),
        // A network that is not in the table, and no address at all.
        (json!({"address": LAGOON, "network": "eip155:1"}), "eip155:77777777778/slip44:60"),
        (json!({"jurisdiction": "SG"}), ether),
    ] {
        world.post("/v1/prechecks", &ask(beneficiary, asset)).with(200);
    }
    let incoming = json!({"direction": "incoming", "originator": {"vasp": lei(ALSTER)}, "transfer": {"asset": bitcoin},
                          "beneficiary": {"jurisdiction": "DE", "address": LAGOON, "network": "eip155:1"}});
    world.post("/v1/prechecks", &incoming).problem(422, "asset_network_mismatch");
}

/// The batch, and an organisation that has no VASP at all, are no way around the leave.
#[on_every_database(World::start)]
fn batch_and_placeless_caller_need_the_leave_too(world: World) {
    let placeless = world.organisation("Elsewhere", None, &["precheck"]).1;
    let body = json!({"prechecks": [with("originator/vasp", json!(lei(ALSTER)))]});

    for key in [world.key.as_str(), placeless.as_str()] {
        let batch = world.post_as(key, "/v1/prechecks/batch", &body).json();
        assert_eq!(batch["results"][0]["problem"]["code"], "not_delegated", "{batch}");
    }
}

#[on_every_database]
fn only_the_callers_own_vasp_can_be_the_originator(database: Database) {
    let world = World::start_with(database, |settings| settings.public_read = true);
    let acting_for = |vasp: &str| with("originator/vasp", json!(vasp));
    let placeless = world.organisation("Elsewhere", None, &["precheck"]).1;
    let no_place = json!({"direction": "outgoing", "beneficiary": {"jurisdiction": "SG"}});

    assert_eq!(world.post("/v1/prechecks", &acting_for(&lei(OWN))).status.as_u16(), 200);
    assert_eq!(world.post("/v1/prechecks", &acting_for(&world.vasp_id(OWN))).status.as_u16(), 200);
    world.post("/v1/prechecks", &acting_for(&lei(ALSTER))).problem(403, "not_delegated");
    world.post_as(&placeless, "/v1/prechecks", &acting_for(&lei(OWN))).problem(403, "not_delegated");
    world.post_as("", "/v1/prechecks", &acting_for(&lei(OWN))).problem(403, "not_delegated");
    assert_eq!(world.post("/v1/prechecks", &no_place).json()["obligations"]["originator"]["jurisdiction"], "DE");
    for key in [placeless.as_str(), ""] {
        let answer = world.post_as(key, "/v1/prechecks", &no_place);
        expect_fault(&answer, 422, "invalid_request", "/originator/jurisdiction", "missing_member");
    }
}

/// A merge leads on to the record that stayed, which is another's to speak for.
#[on_every_database(World::start)]
fn whoever_was_merged_into_another_speaks_for_nobody_and_names_its_jurisdiction(world: World) {
    let (own, stays) = (world.vasp_id(OWN), world.vasp_id(ALSTER));
    let no_place = json!({"direction": "outgoing", "beneficiary": {"jurisdiction": "SG"}});
    assert_eq!(world.post("/v1/prechecks", &no_place).status.as_u16(), 200);

    world.decide(&own, &[("status", "retired"), ("merged_into", &stays)]);

    let answer = world.post("/v1/prechecks", &no_place);
    expect_fault(&answer, 422, "invalid_request", "/originator/jurisdiction", "missing_member");
    assert!(answer.text.contains(&format!("merged into {stays}")), "{answer:?}");
    for acting in [own, stays] {
        world.post("/v1/prechecks", &with("originator/vasp", json!(acting))).problem(403, "not_delegated");
    }
    assert_eq!(world.post("/v1/prechecks", &somewhere()).status.as_u16(), 200);
}

#[on_every_database(World::start)]
fn a_batch_keeps_its_order_and_names_faults_by_their_place(world: World) {
    let bad_address = request(json!({"address": "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3", "network": "bitcoin"}));
    let batch = json!({"prechecks": [
        somewhere(), bad_address, with("originator/vasp", json!(lei(ALSTER))), with("policy", json!("strict")),
        request(json!({"jurisdiction": "IR"})), with("record", json!(false)),
    ]});

    let answer = world.post("/v1/prechecks/batch", &batch);

    assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "private, no-store"));
    let results = answer.json()["results"].as_array().unwrap().clone();
    assert_eq!(results.len(), 6);
    let problem = |place: usize| {
        let problem = &results[place]["problem"];
        (problem["status"].as_u64().unwrap(), problem["code"].clone(), problem["errors"][0]["pointer"].clone())
    };
    assert_eq!(problem(1), (422, json!("invalid_subject"), json!("/prechecks/1/beneficiary/address")));
    assert_eq!(problem(2).0, 403);
    assert_eq!(problem(3), (422, json!("invalid_request"), json!("/prechecks/3/policy")));
    assert_eq!(results[1]["problem"]["request_id"], answer.header("x-request-id"));
    assert_eq!((&results[0]["recommendation"], &results[4]["recommendation"]), (&json!("hold"), &json!("reject")));
    assert_eq!(results[5]["id"], Value::Null);
    for place in [0, 4] {
        assert_eq!(world.kept(&results[place]["id"]), results[place]);
    }
}

#[on_every_database(World::start)]
fn a_batch_has_1_to_1000_prechecks(world: World) {
    let batch = |count: usize| {
        let one = with("policy", json!("strict"));
        world.post("/v1/prechecks/batch", &json!({"prechecks": vec![one; count]}))
    };

    for count in [0, 1_001] {
        expect_fault(&batch(count), 422, "invalid_request", "/prechecks", "invalid_value");
    }
    let results = batch(1_000).json()["results"].as_array().unwrap().clone();
    assert_eq!(results.len(), 1_000);
    assert_eq!(results[999]["problem"]["errors"][0]["pointer"], "/prechecks/999/policy");
    let mixed = json!({"prechecks": [with("nonsense", json!(1)), somewhere()]});
    let results = world.post("/v1/prechecks/batch", &mixed).json()["results"].clone();
    let fault = &results[0]["problem"]["errors"][0];
    assert_eq!((&fault["pointer"], &fault["code"]), (&json!("/prechecks/0/nonsense"), &json!("unknown_member")));
    assert!(results[1]["id"].is_string());
}
