//! What the claims of a suspended or revoked VASP are worth: nothing against whoever said so before, and no less than before
//! against whoever came later.

use serde_json::{Value, json};
use vasp_clock::Clock;

use super::world::{Party, World, address};
use crate::support::on_every_database;

fn set_status(world: &World, party: &Party, status: &'static str) {
    let generation = world.registry.registry.pin(world.registry.clock.now());
    world.set_status(generation.number_of(party.vasp.parse().unwrap()).unwrap(), status);
}

fn a_minute_later(world: &World) {
    world.registry.clock.set(world.registry.clock.now().plus_secs(60));
}

/// Says a claim anew, which begins another one in its place.
fn renew(world: &World, party: &Party, claim: &Value) {
    let path = format!("/v1/member/claims/{}", claim["id"].as_str().unwrap());
    assert_eq!(world.change(party, "PATCH", &path, "*", &json!({"role": "cold"})).status.as_u16(), 200);
}

fn owned_by(party: &Party) -> (String, Vec<String>) {
    ("owned".to_owned(), vec![party.vasp.clone()])
}

/// Issue 21, attack 3: suspending and revoking the liar lifted none of the conflicts that it had made.
#[test]
fn suspending_or_revoking_a_liar_lifts_its_conflicts() {
    on_every_database(|database| {
        let world = World::start(database);
        let (honest, liar, gateway) = (world.member("Alpha"), world.member("Beta"), world.gateway());
        let own = world.claim(&honest, &address(1), &json!({}));
        a_minute_later(&world);
        world.claim(&liar, &address(1), &json!({}));
        a_minute_later(&world);
        renew(&world, &honest, &own);
        assert_eq!(world.owners(&gateway, &address(1)).0, "conflicted");

        for status in ["suspended", "revoked"] {
            set_status(&world, &liar, status);
            assert_eq!(world.owners(&gateway, &address(1)), owned_by(&honest), "{status}");
            let beside = &world.ask(&gateway, &address(1))["related_claims"][0];
            assert_eq!((&beside["relation"], &beside["vasp"]["id"]), (&json!("claimant_halted"), &json!(liar.vasp)));
        }
        set_status(&world, &liar, "verified");
        assert_eq!(world.owners(&gateway, &address(1)).0, "conflicted", "lifted, it contradicts again");
    });
}

#[test]
fn a_suspension_hands_an_address_to_nobody_who_came_later() {
    on_every_database(|database| {
        let world = World::start(database);
        let (victim, liar, gateway) = (world.member("Alpha"), world.member("Beta"), world.gateway());
        let own = world.claim(&victim, &address(1), &json!({}));
        world.claim(&victim, &address(2), &json!({}));
        a_minute_later(&world);
        world.claim(&liar, &address(1), &json!({}));
        a_minute_later(&world);
        renew(&world, &victim, &own);

        set_status(&world, &victim, "suspended");

        assert_eq!(world.owners(&gateway, &address(1)).0, "conflicted", "saying it anew does not make it younger");
        assert_eq!(world.owners(&gateway, &address(2)), owned_by(&victim), "asking finds whom the registry warns of");
        let status = &world.ask(&gateway, &address(2))["owners"][0]["vasp"]["status"];
        assert_eq!(status, "suspended");
        a_minute_later(&world);
        world.claim(&liar, &address(2), &json!({}));
        assert_eq!(world.owners(&gateway, &address(2)).0, "conflicted");
    });
}
