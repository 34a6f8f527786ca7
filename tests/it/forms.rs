//! A key in its forms: claims, conflicts, proofs and screening by what follows from an address, or from the key that a proof showed.
//! Addresses: key 01…01 on all networks, and a script, by Python (`hashlib`) from BIP-141, BIP-173, BIP-341 and BIP-86.

use serde_json::{Value, json};
use vasp_store::StoreError;

use crate::member_claims::world::{Wallet, World};
use crate::prechecks::expect::finding;
use crate::support::{Person, on_every_database};
use vasp_registry::claims::keep_controllers;
use vasp_registry::imports::ImportFormat;

const BITCOIN: &str = "bip122:000000000019d6689c085ae165831e93";
const KEY: &str = "1C6Rc3w25VHud3dLDamutaqfKWqhrLRTaD";
const SEGWIT: &str = "bc1q0xcqpzrky6eff2g52qdye53xkk9jxkvrh6yhyw";
const NESTED: &str = "35LM1A29K95ADiQ8rJ9uEfVZCKffZE4D9i";
const UNCOMPRESSED: &str = "1BCwRkTsYzK5aNK4sdF7Bpti3PhrkPtLc4";
const TAPROOT: &str = "bc1p33wm0auhr9kkahzd6l0kqj85af4cswn276hsxg6zpz85xe2r0y8syx4e5t";
const NESTED_ON_LITECOIN: &str = "MBYVK3S7GFvb2Dg2xB9F4JjxX2G7aoRhps";
const KEY_ON_DOGECOIN: &str = "DGEX9JsfNuCCA3ovxAmUSM1GCea1BpY4Et";
const NESTED_ON_DOGECOIN: &str = "9v5bk163PCx485mcGRpKUo7vtu3he8Tcvd";
const SCRIPT: &str = "bc1qyxszwzmlv6s7fsjex0cn58j6rwa5w46hspefxryp3yf3l8r24tsskmj8au";
const NESTED_SCRIPT: &str = "3CBe1wzwHnXn9AJo69FiuKGZqXa32ZqBWh";

fn claim(world: &World, party: &Person, (network, address): (&str, &str)) -> Value {
    world.post(party, "/v1/claims", &json!({"network": network, "address": address, "role": "hot"})).answered(201)
}

fn prove(world: &World, party: &Person, claim: &Value, (address, header): (&str, u8)) {
    let path = format!("/v1/claims/{}", claim["id"].as_str().unwrap());
    let challenge = world.post(party, &format!("{path}/challenge"), &json!({})).answered(201);
    let proof = Wallet::new(1).prove_bitcoin((BITCOIN, address), header, challenge["challenge"].as_str().unwrap());
    assert_eq!(world.post(party, &format!("{path}/proof"), &proof).answered(200)["strength"], "proven");
}

/// Status and owners.
fn asked(world: &World, party: &Person, (network, address): (&str, &str)) -> (String, Vec<String>) {
    let body = json!({"subjects": [{"subject": address, "network": network}]});
    let answer = world.post(party, "/v1/resolve", &body).answered(200)["results"][0].clone();
    let owners = answer["owners"].as_array().unwrap_or_else(|| panic!("{network} {address}: {answer}"));
    let ids = owners.iter().map(|owner| owner["vasp"]["id"].as_str().unwrap().to_owned()).collect();
    (answer["status"].as_str().unwrap().to_owned(), ids)
}

/// Source: docs/addresses.md, "Forms of a key" (one account).
#[on_every_database(World::start)]
fn who_claims_the_nested_form_contradicts_the_claim_on_the_key(world: World) {
    let (nora, mia, gateway) = (world.member("Alpha"), world.member("Beta"), world.gateway());
    claim(&world, &nora, ("bitcoin", KEY));
    claim(&world, &nora, ("bitcoin", SCRIPT));
    let owned = |party: &Person| ("owned".to_owned(), vec![party.vasp().to_string()]);
    for text in [KEY, SEGWIT, NESTED, SCRIPT, NESTED_SCRIPT] {
        assert_eq!(asked(&world, &gateway, ("bitcoin", text)), owned(&nora), "{text}");
    }

    let second = [NESTED, NESTED_SCRIPT].map(|text| claim(&world, &mia, ("bitcoin", text))["disputed"].clone());

    assert_eq!(second, [json!(true), json!(true)]);
    for text in [KEY, SEGWIT, NESTED, SCRIPT, NESTED_SCRIPT] {
        assert_eq!(asked(&world, &gateway, ("bitcoin", text)).0, "conflicted", "{text}");
    }
    // Without SegWit a script stands alone.
    assert_eq!(claim(&world, &mia, ("dogecoin", NESTED_ON_DOGECOIN))["disputed"], false);
    assert_eq!(asked(&world, &gateway, ("dogecoin", NESTED_ON_DOGECOIN)), owned(&mia));
    assert_eq!(asked(&world, &gateway, ("dogecoin", KEY_ON_DOGECOIN)).0, "not_found");
}

/// Source: docs/addresses.md, "Forms of a key" (one account): a proof of either shows the key.
#[on_every_database(World::start)]
fn a_proof_of_the_key_owns_its_nested_form_and_the_other_way_round(world: World) {
    let (nora, mia, gateway) = (world.member("Alpha"), world.member("Beta"), world.gateway());
    let owned = ("owned".to_owned(), vec![nora.vasp().to_string()]);
    for (text, header) in [(KEY, 31), (NESTED, 35)] {
        let own = claim(&world, &nora, ("bitcoin", text));
        claim(&world, &mia, ("bitcoin", NESTED));

        prove(&world, &nora, &own, (text, header));

        for place in [
            ("bitcoin", KEY),
            ("bitcoin", SEGWIT),
            ("bitcoin", NESTED),
            ("litecoin", NESTED_ON_LITECOIN),
            ("dogecoin", KEY_ON_DOGECOIN),
        ] {
            assert_eq!(asked(&world, &gateway, place), owned, "{text} {place:?}");
        }
        assert_eq!(asked(&world, &gateway, ("dogecoin", NESTED_ON_DOGECOIN)).0, "not_found");
        // Another table of networks keeps under which key the proof counts.
        let store = world.registry.registry.store();
        store.derive::<_, StoreError>(|conn| conn.reclassify(&[], b"another table")).unwrap();
        keep_controllers(store).unwrap();
        assert_eq!(asked(&world, &gateway, ("litecoin", NESTED_ON_LITECOIN)), owned);
        for party in [&nora, &mia] {
            let listed = world.get(party, "/v1/claims?state=live").answered(200);
            for one in listed["items"].as_array().unwrap() {
                let path = format!("/v1/claims/{}", one["id"].as_str().unwrap());
                world.change(party, "DELETE", &path, "*", &Value::Null);
            }
        }
    }
}

/// Source: docs/addresses.md, "Forms of a key" (contradicts).
#[on_every_database(World::start)]
fn what_follows_from_a_shown_key_is_not_owned_but_contradicted(world: World) {
    let (nora, mia, gateway) = (world.member("Alpha"), world.member("Beta"), world.gateway());
    let ethereum = Wallet::new(1).address();
    let forms = [("bitcoin", UNCOMPRESSED), ("bitcoin", TAPROOT), ("eip155:1", ethereum.as_str())];
    let own = claim(&world, &nora, ("bitcoin", KEY));
    assert_eq!(claim(&world, &mia, forms[0])["disputed"], false, "before the proof nobody knows the key");

    prove(&world, &nora, &own, (KEY, 31));

    assert_eq!(forms[1..].iter().map(|place| asked(&world, &gateway, *place).0).collect::<Vec<_>>(), ["not_found", "not_found"]);
    for place in &forms[1..] {
        assert_eq!(claim(&world, &mia, *place)["disputed"], true, "{place:?}");
    }
    for place in forms {
        assert_eq!(asked(&world, &gateway, place).0, "conflicted", "{place:?}");
    }
    assert_eq!(asked(&world, &gateway, ("bitcoin", KEY)), ("owned".to_owned(), vec![nora.vasp().to_string()]));
    // A change of the claim keeps what the proof showed, and its end ends that, too.
    let live = world.get(&nora, "/v1/claims?state=live").answered(200)["items"][0]["id"].as_str().unwrap().to_owned();
    let changed = world.change(&nora, "PATCH", &format!("/v1/claims/{live}"), "*", &json!({"role": "cold"})).answered(200);
    assert_eq!(asked(&world, &gateway, forms[1]).0, "conflicted");
    world.change(&nora, "DELETE", &format!("/v1/claims/{}", changed["id"].as_str().unwrap()), "*", &Value::Null).answered(200);
    assert_eq!(asked(&world, &gateway, forms[1]).1, [mia.vasp().to_string()]);
}

/// A list names the Ethereum address of the key that signed for a Bitcoin address. Source: docs/addresses.md, "Forms of a key" (lists).
#[on_every_database(World::start)]
fn what_follows_from_a_shown_key_is_screened(world: World) {
    let (nora, gateway) = (world.member("Alpha"), world.gateway());
    let entry = json!({"uid": "7", "name": "NOBODY", "aliases": [], "programs": ["TEST"],
                       "addresses": [{"currency": "ETH", "text": Wallet::new(1).address()}]});
    let list = json!({"id": "EU-SANCTIONS", "as_of": "2026-05-28", "source": "invented", "entries": [entry]});
    world.registry.import_shrunk(ImportFormat::SanctionsJson, "list.json", list.to_string().into_bytes());
    let screened = || {
        let body = json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"},
                          "beneficiary": {"network": "bitcoin", "address": SEGWIT}, "record": false});
        finding(&world.post(&gateway, "/v1/prechecks", &body).answered(200), "sanctions")
    };
    let own = claim(&world, &nora, ("bitcoin", KEY));
    assert_ne!(screened(), "fail sanctions.address_listed");

    prove(&world, &nora, &own, (KEY, 31));

    assert_eq!(screened(), "fail sanctions.address_listed");
}
