//! Payment URIs in resolve, in pre-checks and among the addresses to parse. Sources: BIP-21; ERC-681; XLS-5d; what is right of each standard
//! is tested beside its reader.

use serde_json::{Value, json};

use crate::prechecks::world::{LAGOON, World};
use crate::support::{Answer, Database, on_every_database};

/// XLS-5d, test vectors of the reference implementation.
const ACCOUNT: &str = "rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf";

/// A URI that asks for 1.5 ether at an address whose owner is known.
fn uri() -> String {
    format!("ethereum:{LAGOON}@1?value=1.5e18&label=Jane%20Roe")
}

fn request(beneficiary: Value) -> Value {
    json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": beneficiary})
}

#[track_caller]
fn expect_fault(answer: &Answer, code: &str, pointer: &str, fault: &str) {
    let problem = answer.problem(422, code);
    assert_eq!((problem["errors"][0]["pointer"].as_str(), problem["errors"][0]["code"].as_str()), (Some(pointer), Some(fault)));
}

#[on_every_database(World::start)]
fn a_payment_uri_has_the_owner_of_its_address(world: World) {
    let ask =
        |subject: &str| world.post("/v1/resolve", &json!({"subjects": [{"subject": subject}]})).json()["results"][0].clone();
    let answer = ask(&uri());
    let plain = ask(&format!("eip155:1:{LAGOON}"));

    assert_eq!((&answer["status"], &answer["owners"]), (&json!("owned"), &plain["owners"]));
    let subject = &answer["subject"];
    assert_eq!(
        (&subject["kind"], &subject["network"], &subject["address"]),
        (&json!("address"), &json!("eip155:1"), &json!(LAGOON))
    );
    let taken = json!({"standard": "erc681", "network": "eip155:1", "memo": null, "amount": "1.5", "base_units": null,
                       "asset": "eip155:1/slip44:60", "token": null, "vasp": null, "ignored": ["label"]});
    assert_eq!(subject["payment_uri"], taken);
    assert!(plain["subject"].get("payment_uri").is_none());
    assert!(!answer.to_string().contains("Jane"), "a label may name a person");
    assert_eq!(ask("lightning:lnbc1")["problem"]["errors"][0]["code"], "lightning_invoice");
}

#[on_every_database(World::start)]
fn a_pre_check_takes_amount_and_asset_from_the_uri(world: World) {
    let answer = world.post("/v1/prechecks", &request(json!({"address": uri()}))).answered(200);

    let transfer = &answer["transfer"];
    assert_eq!((&transfer["amount"], &transfer["asset"]), (&json!("1.5"), &json!("eip155:1/slip44:60")));
    let side = &transfer["beneficiary"];
    assert_eq!((&side["address"], &side["network"]), (&json!(LAGOON), &json!("eip155:1")));
    assert_eq!(side["payment_uri"]["standard"], "erc681");
    assert_eq!(answer["resolution"]["status"], "owned");
    let plain = world.post("/v1/prechecks", &request(json!({"address": LAGOON, "network": "eip155:1"}))).answered(200);
    assert_eq!(answer["recommendation"], plain["recommendation"]);
}

#[on_every_database(World::start)]
fn members_that_contradict_the_uri_are_refused_and_both_are_named(world: World) {
    let ask = |beneficiary: Value, transfer: Value| {
        let mut body = request(beneficiary);
        body["transfer"] = transfer;
        world.post("/v1/prechecks", &body)
    };
    let at = || json!({"address": uri()});

    for (transfer, member, both) in [
        (json!({"amount": "2"}), "/transfer/amount", ["1.5", "is 2"]),
        (
            json!({"asset": "eip155:1/erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7"}),
            "/transfer/asset",
            ["slip44:60", "erc20:0xdAC1"],
        ),
        (json!({"asset": "USDT"}), "/transfer/asset", ["slip44:60", "erc20:0xdAC1"]),
    ] {
        let answer = ask(at(), transfer);
        expect_fault(&answer, "invalid_request", member, "payment_uri_contradiction");
        let detail = answer.json()["errors"][0]["detail"].as_str().unwrap().to_owned();
        assert!(both.iter().all(|one| detail.contains(one)) && detail.contains("beneficiary.address"), "{detail}");
    }
    ask(at(), json!({"amount": "1.50", "asset": "ETH"})).with(200);
    let elsewhere = ask(json!({"address": uri(), "network": "eip155:10"}), json!({}));
    expect_fault(&elsewhere, "invalid_subject", "/beneficiary/network", "wrong_network");
    let tagged = ask(json!({"address": format!("{ACCOUNT}?dt=1"), "memo": "2"}), json!({}));
    expect_fault(&tagged, "invalid_subject", "/beneficiary/memo", "memo_invalid");
    let twice = ask(json!({"address": format!("ethereum:{LAGOON}@1?value=1&value=2")}), json!({}));
    expect_fault(&twice, "invalid_subject", "/beneficiary/address", "payment_uri_contradiction");
}

#[test]
fn a_parsed_address_may_stand_in_a_uri() {
    let world = World::start(Database::sqlite());

    let texts = json!({"addresses": [{"address": format!("xrpl:{ACCOUNT}?dt=7")}, {"address": "bitcoin:1NDyJtNTjmwk5xPNhjgAMu4HDHigtobu1s?req-x=1"}]});
    let results = world.post("/v1/networks/parse", &texts).json()["results"].clone();

    assert_eq!(results[0]["readings"][0]["caip10"], format!("xrpl:0:{ACCOUNT}"));
    assert_eq!((&results[0]["readings"][0]["memo"], &results[0]["payment_uri"]["standard"]), (&json!("7"), &json!("xrpl")));
    assert_eq!(results[1]["problem"]["errors"][0]["code"], "payment_uri_parameter");
}
