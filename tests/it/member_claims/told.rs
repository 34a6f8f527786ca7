//! What a member learns by claiming: each address that it newly claims tells it whether somebody else claims it, also where nobody does.

use std::num::NonZeroU32;

use serde_json::{Value, json};
use vasp_record::allowance::{Allowance, ClaimTerms};
use vasp_record::claim::{AddressRole, Visibility};
use vasp_registry::claims::{NewAttestation, attest};
use vasp_store::StoreOptions;

use super::allowance::{counts, days, import};
use super::world::{World, address, owned_by};
use crate::support::{Database, Person, on_every_database};

/// Claims a day of which a member is told whether others contradict them.
const TOLD: u32 = 5;

fn world(database: Database) -> World {
    World::start_with(database, |settings| {
        settings.not_found_budget = NonZeroU32::new(TOLD);
        settings.claims.allowance = Allowance::default();
    })
}

/// Claims an address through another node.
fn attest_elsewhere(world: &World, party: &Person, number: u64) {
    let node = world.node(StoreOptions::default());
    let terms = ClaimTerms { lifetime_secs: 86_400, allowance: Allowance::default(), told_a_day: Some(TOLD) };
    let new = NewAttestation {
        network: "eip155:1".to_owned(),
        address: address(number),
        memo: None,
        role: AddressRole::Hot,
        visibility: Visibility::Gateways,
        named: vec![],
        expires_at: None,
    };
    world.act(&node, party, |act| attest(act, &new, &terms)).unwrap();
    world.registry.registry.let_others_know();
}

/// Before, an import tested a million guessed addresses a day, because only contradictions counted.
#[on_every_database(world)]
fn each_newly_claimed_address_spends_what_a_member_is_told_whether_somebody_claims_it_or_not(world: World) {
    let (exchange, liar) = (world.member("Alpha"), world.member("Beta"));
    import(&world, &exchange, (1..=9).map(address));
    import(&world, &liar, (101..=103).map(address));
    let again = import(&world, &liar, (101..=103).map(address));
    assert_eq!(counts(&again), [0, 0, 0, 3], "what is said again spends nothing");
    attest_elsewhere(&world, &liar, 104);

    let fifth_and_sixth = import(&world, &liar, (1..=2).map(address));
    let (claimed, unclaimed) = (import(&world, &liar, (3..=3).map(address)), import(&world, &liar, (105..=105).map(address)));

    assert_eq!(counts(&fifth_and_sixth), [1, 0, 1, 0], "the fifth is told, the sixth not");
    for report in [&claimed, &unclaimed] {
        assert_eq!((counts(report), &report["pending_batch"], report["batch"].is_i64()), ([1, 0, 0, 0], &Value::Null, true));
        assert_eq!((&report["rows"][0]["outcome"], &report["rows"][0]["code"]), (&json!("added"), &Value::Null));
        let id = report["rows"][0]["claim"].as_str().unwrap();
        let shown = world.get(&liar, &format!("/v1/claims/{id}")).json();
        assert_eq!((&shown["state"], &shown["batch"]), (&json!("live"), &report["batch"]));
    }
    let single = world.claim(&liar, &address(4), &json!({}));
    assert_eq!((&single["state"], &single["disputed"]), (&json!("live"), &json!(false)));
    // None of it counts.
    let gateway = world.gateway();
    assert!((1..=4).all(|number| world.owners(&gateway, &address(number)) == owned_by(&exchange)));
    days(&world, 1);
    assert_eq!(counts(&import(&world, &liar, (5..=5).map(address))), [0, 0, 1, 0], "another day");
}

#[on_every_database(world)]
fn a_contradiction_within_the_allowance_is_not_told_either_once_enough_was_said(world: World) {
    let (exchange, liar, gateway) = (world.member("Alpha"), world.member("Beta"), world.gateway());
    days(&world, 31);
    import(&world, &exchange, (1..=2).map(address));
    import(&world, &liar, (101..=105).map(address));

    let report = import(&world, &liar, (1..=1).map(address));
    let single = world.claim(&liar, &address(2), &json!({}));

    assert_eq!((counts(&report), &single["disputed"]), ([1, 0, 0, 0], &json!(false)));
    assert_eq!(world.owners(&gateway, &address(1)).0, "conflicted");
}
