//! How what waits for a reviewer begins to count without one: nobody says otherwise any more, or the address's key signs.

use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_registry::claims::count_unopposed;
use vasp_registry::node::Registry;
use vasp_store::StoreOptions;

use super::allowance::{days, operator, pending, world};
use super::world::{Wallet, World, address, owned_by};
use crate::support::{Person, on_every_database};

fn path(claim: &Value, tail: &str) -> String {
    format!("/v1/claims/{}{tail}", claim["id"].as_str().unwrap())
}

fn withdraw(world: &World, party: &Person, claim: &Value) {
    assert_eq!(world.change(party, "DELETE", &path(claim, ""), "*", &Value::Null).status.as_u16(), 200);
}

/// Runs the job that looks for claims which nobody contradicts any more.
fn look(world: &World, registry: &Registry) -> usize {
    count_unopposed(registry, world.registry.clock.now(), &mut world.registry.random.fork()).unwrap()
}

#[on_every_database(world)]
fn what_waits_counts_without_another_word_when_the_other_side_is_gone(world: World) {
    let (exchange, newcomer, gateway) = (world.member("Alpha"), world.member("Beta"), world.gateway());
    let node = world.node(StoreOptions::default());
    let a_day = json!({"expires_at": world.registry.clock.now().plus_secs(86_400).to_string()});
    let theirs = [json!({}), a_day, json!({})];
    let theirs = [1, 2, 3].map(|number| world.claim(&exchange, &address(number), &theirs[usize::try_from(number).unwrap() - 1]));
    let own = [1, 2, 3].map(|number| world.claim(&newcomer, &address(number), &json!({})));
    assert!(own.iter().all(|claim| claim["state"] == "pending_review"));
    withdraw(&world, &exchange, &theirs[0]);
    assert_eq!(look(&world, &world.registry.registry), 1);
    days(&world, 2);
    assert_eq!(world.owners(&gateway, &address(2)).0, "not_found");

    let counted = [look(&world, &node), look(&world, &world.registry.registry)];

    assert_eq!(counted, [1, 0], "one node or the other");
    world.registry.registry.let_others_know();
    for number in [1, 2] {
        assert_eq!(world.owners(&gateway, &address(number)), owned_by(&newcomer));
    }
    assert_eq!(world.owners(&gateway, &address(3)), owned_by(&exchange));
    let shown = world.get(&newcomer, &path(&own[1], "")).json();
    assert_eq!((&shown["state"], &shown["asserted_at"]), (&json!("live"), &json!(world.registry.clock.now().to_string())));
    let waiting = world.get(&newcomer, "/v1/claims?state=pending_review").json();
    assert_eq!(waiting["items"], json!([world.get(&newcomer, &path(&own[2], "")).json()]));
    assert_eq!(pending(&world, &operator(&world))[0]["count"], json!(1));
    // Whoever is suspended says nothing new.
    world.set_status(&newcomer, "suspended");
    withdraw(&world, &exchange, &theirs[2]);
    assert_eq!(look(&world, &world.registry.registry), 0);
    world.set_status(&newcomer, "verified");
    assert_eq!(look(&world, &world.registry.registry), 1);
}

#[on_every_database(world)]
fn a_claim_that_waits_because_of_a_hidden_one_counts_at_once_when_its_key_signs(world: World) {
    let (squatter, owner, friend) = (world.member("Beta"), world.member("Alpha"), world.gateway());
    let wallet = Wallet::new(1);
    let hidden = json!({"visibility": "named", "named": [friend.organisation.to_string()]});
    world.claim(&squatter, &wallet.address(), &hidden);
    let waits = world.claim(&owner, &wallet.address(), &json!({}));
    assert_eq!((&waits["state"], &waits["disputed"]), (&json!("live"), &json!(false)), "it does not learn why");
    assert_eq!(world.owners(&friend, &wallet.address()), owned_by(&squatter));

    let challenge = world.post(&owner, &path(&waits, "/challenge"), &json!({})).json();
    let proof = wallet.prove(challenge["challenge"].as_str().unwrap());
    assert_eq!(world.post(&owner, &path(&waits, "/proof"), &proof).status.as_u16(), 200);

    for reader in [&friend, &world.gateway()] {
        assert_eq!(world.owners(reader, &wallet.address()), owned_by(&owner));
    }
}
