//! What the claims of a suspended or revoked VASP are worth: nothing against whoever said so before, and no less than before
//! against whoever came later.

use serde_json::{Value, json};
use vasp_addresses::network::NetworkTable;
use vasp_addresses::subject::read_subject;
use vasp_clock::Clock;
use vasp_record::claim::{Reader, Visibility};
use vasp_record::resolution::ResolutionStatus;
use vasp_registry::imports::ImportFormat;
use vasp_registry::resolve::resolve;
use vasp_store::StoreOptions;

use super::allowance::{self, conflicted, import};
use super::world::{World, address, owned_by};
use crate::support::{Person, controllers, on_every_database};

fn a_minute_later(world: &World) {
    world.registry.advance(60);
}

/// Says a claim anew, which begins another one in its place.
fn renew(world: &World, party: &Person, claim: &Value) {
    let path = format!("/v1/claims/{}", claim["id"].as_str().unwrap());
    assert_eq!(world.change(party, "PATCH", &path, "*", &json!({"role": "cold"})).status.as_u16(), 200);
}

/// Before, suspending and revoking the liar lifted none of the conflicts that it had made.
#[on_every_database(World::start)]
fn suspending_or_revoking_a_liar_lifts_its_conflicts(world: World) {
    let (honest, liar, gateway) = (world.member("Alpha"), world.member("Beta"), world.gateway());
    let own = world.claim(&honest, &address(1), &json!({}));
    a_minute_later(&world);
    world.claim(&liar, &address(1), &json!({}));
    a_minute_later(&world);
    renew(&world, &honest, &own);
    assert_eq!(world.owners(&gateway, &address(1)).0, "conflicted");

    for status in ["suspended", "revoked"] {
        world.set_status(&liar, status);
        assert_eq!(world.owners(&gateway, &address(1)), owned_by(&honest), "{status}");
        let beside = &world.ask(&gateway, &address(1))["related_claims"][0];
        assert_eq!((&beside["relation"], &beside["vasp"]["id"]), (&json!("claimant_halted"), &json!(liar.vasp())));
    }
    world.set_status(&liar, "verified");
    assert_eq!(world.owners(&gateway, &address(1)).0, "conflicted", "lifted, it contradicts again");
}

/// Before, a label that its source gives no date counted as younger than every claim.
#[on_every_database(World::start)]
fn a_label_without_a_date_is_as_old_as_its_import(world: World) {
    let (liar, gateway) = (world.member("Beta"), world.gateway());
    world.claim(&liar, &address(2), &json!({}));
    a_minute_later(&world);
    let row = |number| format!("eip155:1,{},brand,Brand,,exchange,test@0:a,\n", address(number));
    let labels = format!("network,address,entity,entity_name,label,category,source,added_date\n{}{}", row(1), row(2));
    world.registry.import(ImportFormat::ClaimsCsv, "labels.csv", labels.into_bytes().leak());
    a_minute_later(&world);
    world.claim(&liar, &address(1), &json!({}));
    assert_eq!(world.owners(&gateway, &address(1)).0, "conflicted");

    world.set_status(&liar, "suspended");

    let answer = world.ask(&gateway, &address(1));
    assert_eq!((&answer["status"], &answer["owners"][0]["vasp"]["legal_name"]), (&json!("owned"), &json!("Brand")));
    assert_eq!(answer["owners"][0]["asserted_at"], Value::Null, "its source still gives no date");
    assert_eq!(world.owners(&gateway, &address(2)).0, "conflicted", "what was said before the import is older");
    // A directory that is loaded anew answers the same.
    let node = world.node(StoreOptions::default());
    let (now, place) = (world.registry.clock.now(), address(1));
    let subject = read_subject(NetworkTable::embedded(), &place, None, Some("eip155:1"), None).unwrap();
    let found = resolve(&node, &node.pin(now), subject, Reader::Gateway, now).unwrap();
    assert_eq!(found.resolution.status, ResolutionStatus::Owned);
}

/// Before, when a suspension was lifted, all that the VASP said contradicted others again at once.
#[on_every_database(allowance::world)]
fn a_lifted_suspension_lets_as_many_claims_contradict_again_as_the_allowance_has(world: World) {
    let (exchange, liar, gateway) = allowance::sixty(&world);
    let (reviewer, node) = (allowance::operator(&world), world.node(StoreOptions::default()));
    world.submission(&liar);
    a_minute_later(&world);
    import(&world, &liar, (1..=60).chain([200]).map(address));
    let cases = |reviewer: &Person| allowance::pending(&world, reviewer);
    let count_all = |reviewer: &Person| {
        let path = format!("/v1/claims/pending/{}/count", cases(reviewer)[0]["case"].as_str().unwrap());
        world.post(reviewer, &path, &json!({"rows": "all", "reason": "both say so"})).json()["counted"].clone()
    };
    assert_eq!((count_all(&reviewer), conflicted(&world, &gateway, 1..=60)), (json!(50), 60));
    // An older label, which came after it, stands undisputed.
    world.label(&address(200), Visibility::Gateways);
    allowance::days(&world, 91);
    let reviewer = allowance::operator(&world);
    world.decide(&reviewer, &liar, "suspend");
    assert_eq!(conflicted(&world, &gateway, (1..=60).chain([200])), 0);

    world.decide(&reviewer, &liar, "reinstate");

    assert_eq!(conflicted(&world, &gateway, 1..=60), 10);
    assert_eq!(conflicted(&world, &gateway, 1..=10), 10, "the oldest");
    assert_eq!(world.owners(&gateway, &address(60)), owned_by(&exchange));
    let waiting = world.get(&liar, "/v1/claims?state=pending_review&limit=100").json()["items"].clone();
    assert_eq!((waiting.as_array().unwrap().len(), &cases(&reviewer)[0]["count"]), (51, &json!(51)));
    let before = world.get(&liar, &format!("/v1/claims/{}", waiting[0]["replaces"].as_str().unwrap())).json();
    assert_eq!((&before["state"], &before["replaced_by"]), (&json!("replaced"), &waiting[0]["id"]));
    assert_eq!(world.claim(&liar, &address(300), &json!({}))["state"], "live");
    // Another node comes to the same, and so does one that starts.
    node.directory().catch_up().unwrap();
    let standing = |registry: &vasp_registry::node::Registry| -> Vec<usize> {
        let generation = registry.pin(world.registry.clock.now());
        let key = |number: u64| controllers(104, &hex::decode(address(number).trim_start_matches("0x")).unwrap());
        let at = |number| registry.directory().claims_at(&key(number), &generation).unwrap().len();
        (1..=60).chain([200, 300]).map(at).collect()
    };
    let here = standing(&world.registry.registry);
    assert_eq!(here.iter().filter(|claims| **claims == 2).count(), 10, "{here:?}");
    assert_eq!([standing(&node), standing(&world.node(StoreOptions::default()))], [here.clone(), here]);
    assert_eq!((count_all(&reviewer), conflicted(&world, &gateway, 1..=60)), (json!(51), 60));
}

#[on_every_database(World::start)]
fn a_suspension_hands_an_address_to_nobody_who_came_later(world: World) {
    let (victim, liar, gateway) = (world.member("Alpha"), world.member("Beta"), world.gateway());
    let own = world.claim(&victim, &address(1), &json!({}));
    world.claim(&victim, &address(2), &json!({}));
    a_minute_later(&world);
    world.claim(&liar, &address(1), &json!({}));
    a_minute_later(&world);
    renew(&world, &victim, &own);

    world.set_status(&victim, "suspended");

    assert_eq!(world.owners(&gateway, &address(1)).0, "conflicted", "saying it anew does not make it younger");
    assert_eq!(world.owners(&gateway, &address(2)), owned_by(&victim), "asking finds whom the registry warns of");
    let status = &world.ask(&gateway, &address(2))["owners"][0]["vasp"]["status"];
    assert_eq!(status, "suspended");
    a_minute_later(&world);
    world.claim(&liar, &address(2), &json!({}));
    assert_eq!(world.owners(&gateway, &address(2)).0, "conflicted");
}
