//! Labels whose owner is a mixer, a darknet market, a scam, a provider that ended or no VASP at all are told as what they are, by
//! `seed/brands/kinds.json`.
//!
//! Source: docs/prechecks.md, "What to do with an answer".

use serde_json::{Value, json};
use vasp_registry::imports::ImportFormat;

use super::expect::{check, finding, reasons};
use super::world::{ALSTER, UNKNOWN, UNLICENSED, World, all_fields, lei};
use crate::support::{Database, on_every_database};

/// Addresses on Ethereum and the keys that label them.
pub(super) const MIXER: (&str, &str) = ("0x1000000000000000000000000000000000002001", "blenderio");
const UNSURE_MIXER: (&str, &str) = ("0x1000000000000000000000000000000000002002", "chipmixer");
const MARKET: (&str, &str) = ("0x1000000000000000000000000000000000002003", "hydramarket");
const UNSURE_MARKET: (&str, &str) = ("0x1000000000000000000000000000000000002004", "agoramarket");
const SCAM: (&str, &str) = ("0x1000000000000000000000000000000000002005", "pinkdrainer");
const ENDED: (&str, &str) = ("0x1000000000000000000000000000000000002006", "ftx");
const DEX: (&str, &str) = ("0x1000000000000000000000000000000000002007", "1inch");
const BRIDGE: (&str, &str) = ("0x1000000000000000000000000000000000002008", "rubic-exchange");
const POOL: (&str, &str) = ("0x1000000000000000000000000000000000002009", "f2pool");
pub(super) const SEIZED: (&str, &str) = ("0x100000000000000000000000000000000000200b", "bitzlato");
/// Labelled for the whole family of networks only.
const FAMILY_MIXER: (&str, &str) = ("0x100000000000000000000000000000000000200a", "blenderio");

pub(super) fn world(database: Database) -> World {
    let world = World::start(database);
    let row = |network: &str, (address, key): (&str, &str)| {
        format!("{network},{address},{key},Brand {key},,exchange,labels@0:{key}.csv,\n")
    };
    let exact =
        [MIXER, UNSURE_MIXER, MARKET, UNSURE_MARKET, SCAM, ENDED, DEX, BRIDGE, POOL, SEIZED].map(|one| row("eip155:1", one));
    let rows = exact.concat() + &row("eip155:*", FAMILY_MIXER);
    let labels = format!("network,address,entity,entity_name,label,category,source,added_date\n{rows}");
    world.import(ImportFormat::ClaimsCsv, "kinds.csv", &labels);
    world
}

pub(super) fn at(address: &str, declared: Value) -> Value {
    json!({"address": address, "network": "eip155:1", "declared": declared})
}

/// Recommendation and what the check `identity` found.
fn told(answer: &Value) -> (String, String) {
    (answer["recommendation"].as_str().unwrap().to_owned(), finding(answer, "identity"))
}

fn says(recommendation: &str, identity: &str) -> (String, String) {
    (recommendation.to_owned(), identity.to_owned())
}

#[on_every_database(world)]
fn a_sure_label_of_a_mixer_or_a_darknet_market_rejects_and_another_holds(world: World) {
    let ask = |place: (&str, &str)| told(&world.ask(at(place.0, Value::Null)));

    assert_eq!(ask(MIXER), says("reject", "fail identity.mixer"));
    assert_eq!(ask(MARKET), says("reject", "fail identity.darknet"));
    assert_eq!(ask(UNSURE_MIXER), says("hold", "fail identity.mixer"));
    assert_eq!(ask(UNSURE_MARKET), says("hold", "fail identity.darknet"));
    assert_eq!(ask(FAMILY_MIXER), says("hold", "fail identity.mixer"));
    let by_id = world.ask(json!({"vasp": world.group_id("blenderio")}));
    assert_eq!(told(&by_id), says("hold", "fail identity.mixer"), "no label on a network was asked about");

    let answer = world.ask(at(MIXER.0, Value::Null));
    assert_eq!((reasons(&answer)[0], &answer["next_steps"][0]["code"]), ("identity.mixer", &json!("do_not_transact")));
    let evidence = check(&answer, "identity")["evidence"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&evidence["kind"], &evidence["id"]), (&json!("brand_kind"), &json!("blenderio")));
    assert!(evidence["source"].as_str().unwrap().contains("OFAC"), "{evidence}");
}

#[on_every_database(world)]
fn no_declaration_makes_a_mixer_anything_else(world: World) {
    let declarations = [
        json!({"kind": "self_hosted", "own_wallet": true}),
        json!({"kind": "self_hosted", "own_wallet": false}),
        json!({"kind": "vasp", "vasp": lei(ALSTER)}),
    ];

    for declared in declarations {
        let answer = world.ask(at(MIXER.0, declared.clone()));
        assert_eq!(told(&answer), says("reject", "fail identity.mixer"), "{declared}");
    }
}

#[on_every_database(world)]
fn a_scam_and_a_provider_that_ended_are_held(world: World) {
    let (scam, ended) = (world.ask(at(SCAM.0, Value::Null)), world.ask(at(ENDED.0, Value::Null)));

    assert_eq!(told(&scam), says("hold", "fail identity.scam"));
    assert_eq!(told(&ended), says("hold", "fail identity.defunct"));
    assert_eq!(ended["next_steps"][0]["code"], "correct_address", "{ended}");
    let before = world.ask_with(at(ENDED.0, Value::Null), json!({"date": "2022-11-10"}));
    assert_eq!(finding(&before, "identity"), "unknown identity.group_only", "it had not ended then");
}

/// Creditors of FTX are paid in crypto-assets; authorities seized Bitzlato.
#[on_every_database(world)]
fn a_deposit_from_an_estate_is_ordinary_and_a_seizure_is_confidential(world: World) {
    let deposit = json!({"direction": "incoming", "originator": {"address": ENDED.0, "network": "eip155:1"},
                         "beneficiary": {"jurisdiction": "DE"}, "provided_fields": all_fields()});
    let deposit = world.post("/v1/prechecks", &deposit).answered(200);
    assert_eq!(told(&deposit), says("proceed_with_conditions", "warn identity.estate"));
    assert!(deposit["conditions"].as_array().unwrap().iter().any(|one| one["code"] == "check_source"), "{deposit}");

    let seized = world.ask(at(SEIZED.0, Value::Null));
    assert_eq!(told(&seized), says("hold", "fail identity.seized"));
    let reason = seized["reasons"].as_array().unwrap().iter().find(|one| one["code"] == "identity.seized").unwrap().clone();
    assert_eq!(reason["confidential"], true);
}

#[on_every_database(world)]
fn what_is_no_vasp_is_judged_as_somebody_elses_wallet(world: World) {
    let codes = |answer: &Value| -> Vec<String> {
        answer["conditions"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect()
    };
    let others = world.ask(at(UNKNOWN, json!({"kind": "self_hosted", "own_wallet": false})));

    for place in [DEX, BRIDGE, POOL] {
        for own in [None, Some(true), Some(false)] {
            let declared = own.map_or(Value::Null, |own| json!({"kind": "self_hosted", "own_wallet": own}));
            let answer = world.ask(at(place.0, declared.clone()));
            assert_eq!(told(&answer), says("proceed_with_conditions", "warn identity.not_a_vasp"), "{} {declared}", place.1);
            assert_eq!(codes(&answer), codes(&others), "{} {declared}", place.1);
            assert_eq!(finding(&answer, "licence"), "not_applicable licence.self_hosted");
        }
    }
    assert!(codes(&others).contains(&"identify_third_party".to_owned()), "{others}");
    let mismatch = world.ask(at(DEX.0, json!({"kind": "vasp", "vasp": lei(ALSTER)})));
    assert_eq!(mismatch["recommendation"], "hold", "it is not the VASP that was declared");
}

#[on_every_database(world)]
fn an_entity_is_what_its_brand_is(world: World) {
    let link = format!("group_key,lei,source,as_of\nftx,{},read by hand,2026-05-20\n", lei(UNLICENSED));
    world.import(ImportFormat::GroupLinks, "more.csv", &link);

    let (by_id, declared) =
        (world.ask(json!({"vasp": lei(UNLICENSED)})), world.ask(at(ENDED.0, json!({"kind": "vasp", "vasp": lei(UNLICENSED)}))));

    for answer in [by_id, declared] {
        assert_eq!(told(&answer), says("hold", "fail identity.defunct"), "{answer}");
    }
}
