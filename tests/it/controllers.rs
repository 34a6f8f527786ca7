//! One key, one account, one answer: claims and conflicts by what controls an account, in every spelling and on every network of its class.
//! Vectors: `src/addresses/address/controller/tests.rs`, which names their sources.

use serde_json::{Value, json};
use vasp_record::role::{Role, Scope};

use crate::member_claims::world::{Wallet, World};
use crate::support::{Person, on_every_database};

fn claim_on(world: &World, party: &Person, (network, address): (&str, &str)) -> Value {
    let body = json!({"network": network, "address": address, "role": "hot"});
    world.post(party, "/v1/member/claims", &body).answered(201)
}

fn prove(world: &World, party: &Person, claim: &Value, wallet: &Wallet) {
    let path = format!("/v1/member/claims/{}", claim["id"].as_str().unwrap());
    let challenge = world.post(party, &format!("{path}/challenge"), &json!({})).answered(201);
    let proof = wallet.prove(challenge["challenge"].as_str().unwrap());
    assert_eq!(world.post(party, &format!("{path}/proof"), &proof).answered(200)["strength"], "proven");
}

/// Status, owners, and how the first owner's claim names the network.
fn asked(world: &World, party: &Person, (network, address): (&str, &str)) -> (String, Vec<String>, Value) {
    let body = json!({"subjects": [{"subject": address, "network": network}]});
    let answer = world.post(party, "/v1/resolve", &body).answered(200)["results"][0].clone();
    let owners = answer["owners"].as_array().unwrap_or_else(|| panic!("{network} {address}: {answer}"));
    let ids = owners.iter().map(|owner| owner["vasp"]["id"].as_str().unwrap().to_owned()).collect();
    (answer["status"].as_str().unwrap().to_owned(), ids, owners.first().map_or(Value::Null, |one| one["network_match"].clone()))
}

/// Issue 42, 1.
#[on_every_database(World::start)]
fn a_proven_wallet_is_nobody_elses_on_any_network_of_its_class(world: World) {
    let (owner, other, gateway) = (world.member("Alpha"), world.member("Beta"), world.gateway());
    let wallet = Wallet::new(1);
    let address = wallet.address();
    let first = claim_on(&world, &owner, ("eip155:1", &address));
    let reader = world.registry.person_with(owner.organisation, &[Role::Admin], &[Scope::Member, Scope::Precheck]);
    let alert =
        |world: &World| world.get(&reader, "/v1/member/alerts").json()["items"].to_string().contains("own.claim_disputed");

    // Before the proof, who claims the key elsewhere contradicts it.
    let second = claim_on(&world, &other, ("eip155:8453", &address));
    assert_eq!((&second["disputed"], alert(&world)), (&json!(true), true));
    assert_eq!(asked(&world, &gateway, ("eip155:8453", &address)).0, "conflicted");
    assert_eq!(asked(&world, &gateway, ("eip155:1", &address)).0, "conflicted");
    let nobodys = asked(&world, &gateway, ("eip155:10", &address));
    assert_eq!(nobodys, ("not_found".to_owned(), vec![], Value::Null), "what is not proven owns nothing elsewhere");

    prove(&world, &owner, &first, &wallet);

    let id = owner.vasp().to_string();
    for (network, matched) in [("eip155:1", "exact"), ("eip155:8453", "class"), ("eip155:10", "class"), ("eip155:361", "class")] {
        assert_eq!(
            asked(&world, &gateway, (network, &address)),
            ("owned".to_owned(), vec![id.clone()], json!(matched)),
            "{network}"
        );
    }
    let on_base = world.post(&gateway, "/v1/resolve", &json!({"subjects": [{"subject": address, "network": "eip155:8453"}]}));
    let related = on_base.answered(200)["results"][0]["related_claims"].clone();
    assert_eq!((&related[0]["relation"], &related[0]["owner"]), (&json!("outweighed_by_proof"), &Value::Null));
    assert_eq!(related[0]["vasp"]["id"], json!(other.vasp()));
    // Keys of TRON's accounts can be exchanged: no proof travels there.
    let on_tron = ("eip155:728126428", address.as_str());
    assert_eq!(asked(&world, &gateway, on_tron).0, "not_found");
    claim_on(&world, &other, on_tron);
    assert_eq!(asked(&world, &gateway, on_tron).0, "conflicted");
}

/// Issue 42, 3: 20 of 27 such pairs were `not_found`.
#[on_every_database(World::start)]
fn what_is_claimed_in_one_spelling_is_owned_in_the_other(world: World) {
    const XDC: &str = "xdc7e5f4552091a69125d5dfcb7b8c2659029395bdf";
    let (owner, gateway) = (world.member("Alpha"), world.gateway());
    let key = "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf";
    let pairs = [
        (("litecoin", "ME4AKqfzRoeU6AyLS8pkxaa9aPJxVqkHyc"), ("litecoin", "37r21xG2Ugo3HfhSLFqR8wKkFgiWSHXimp")),
        (("zcash", "t1V9mnyk5Z5cTNMCkLbaDwSskgJZucTLdgW"), ("zcash", "tex10wur2u9clts5dcpu2vc6qg93uzyj7cca2xm732")),
        (
            ("bitcoin-cash", "bitcoincash:qr6m7j9njldwwzlg9v7v53unlr4jkmx6eylep8ekg2"),
            ("bitcoin-cash", "bitcoincash:zr6m7j9njldwwzlg9v7v53unlr4jkmx6eycnjehshe"),
        ),
        (
            ("ecash", "ecash:qpm2qsznhks23z7629mms6s4cwef74vcwva87rkuu2"),
            ("ecash", "etoken:qpm2qsznhks23z7629mms6s4cwef74vcwvnehpqmca"),
        ),
        (("hedera", "0.0.1234"), ("eip155:295", "0x00000000000000000000000000000000000004d2")),
        (
            ("filecoin", "f410f2oekwcmo2pueydmaq53eic2i62crtbeyuzx2gmy"),
            ("eip155:314", "0xd388ab098ed3e84c0d808776440b48f685198498"),
        ),
        (("filecoin", "f01234"), ("eip155:314", "0xff000000000000000000000000000000000004d2")),
        (
            ("harmony", "one1a0x3d6xpmr6f8wsyaxd9v36pytvp48zckswvv9"),
            ("eip155:1666600000", "0xeBCD16e8c1D8f493bA04E99a56474122D81A9c58"),
        ),
        (("theta", key), ("eip155:361", key)),
        (("eip155:50", XDC), ("eip155:50", key)),
        (("tron", "TMVQGm1qAQYVdetCeGRRkTWYYrLXuHK2HC"), ("eip155:728126428", key)),
        (
            ("internet-computer", "2vxsx-fae"),
            ("internet-computer", "1c7a48ba6a562aa9eaa2481a9049cdf0433b9738c992d698c31d8abf89cadc79"),
        ),
    ];
    let id = owner.vasp().to_string();
    for (claimed, spelt) in pairs {
        claim_on(&world, &owner, claimed);
        for place in [claimed, spelt] {
            assert_eq!(asked(&world, &gateway, place), ("owned".to_owned(), vec![id.clone()], json!("exact")), "{place:?}");
        }
    }
    let bare = world.get(&gateway, &format!("/v1/resolve?subject={XDC}")).answered(200);
    assert_eq!((&bare["status"], &bare["owners"][0]["network"]), (&json!("owned"), &json!("eip155:50")));
}
