//! What an address's own key proves.

use serde_json::{Value, json};

use super::world::{Wallet, World, address, owned_by};
use crate::support::{Answer, Database, Person, on_every_database};

fn path(claim: &Value, rest: &str) -> String {
    format!("/v1/claims/{}{rest}", claim["id"].as_str().unwrap())
}

#[track_caller]
fn challenge(world: &World, member: &Person, claim: &Value) -> String {
    world.post(member, &path(claim, "/challenge"), &json!({})).answered(201)["challenge"].as_str().unwrap().to_owned()
}

fn fault(answer: &Answer) -> Value {
    answer.problem(422, "invalid_request")["errors"][0]["code"].clone()
}

#[on_every_database(World::start)]
fn a_signature_by_the_addresss_key_proves_the_claim_and_outweighs_others(world: World) {
    let (member, rival, gateway) = (world.member("Alpha"), world.member("Beta"), world.gateway());
    let wallet = Wallet::new(7);
    world.claim(&rival, &wallet.address(), &json!({}));
    let claim = world.claim(&member, &wallet.address(), &json!({"visibility": "public"}));
    assert_eq!(world.owners(&gateway, &wallet.address()).0, "conflicted");
    let text = challenge(&world, &member, &claim);
    assert!(text.contains("Registry: registry.example.org\n") && text.contains(&format!("VASP: {}\n", member.vasp())));

    let proven = world.post(&member, &path(&claim, "/proof"), &wallet.prove(&text)).json();

    assert_eq!((&proven["strength"], &proven["verified_at"]), (&json!("proven"), &json!("2026-06-01T12:00:00Z")));
    assert_eq!((&proven["visibility"], &proven["replaces"]), (&json!("public"), &claim["id"]));
    let found = world.ask(&gateway, &wallet.address());
    assert_eq!((&found["status"], &found["owners"][0]["vasp"]["id"]), (&json!("owned"), &json!(member.vasp())));
    assert_eq!(found["owners"][0]["claim"]["method"], "proof_of_control");
    assert_eq!(found["related_claims"][0]["relation"], "outweighed_by_proof");
    // A change keeps the proof.
    let changed = world.change(&member, "PATCH", &path(&proven, ""), "*", &json!({"role": "cold"})).json();
    assert_eq!((&changed["strength"], &changed["verified_at"]), (&json!("proven"), &proven["verified_at"]));
}

#[on_every_database(World::start)]
fn a_challenge_is_good_for_one_answer_in_its_time_by_whom_it_was_given_to(world: World) {
    let (member, other) = (world.member("Alpha"), world.member("Beta"));
    let (wallet, second) = (Wallet::new(7), Wallet::new(8));
    let claim = world.claim(&member, &wallet.address(), &json!({}));
    let theirs = world.claim(&other, &second.address(), &json!({}));
    let prove = |party: &Person, claim: &Value, proof: &Value| world.post(party, &path(claim, "/proof"), proof);
    let text = challenge(&world, &member, &claim);

    assert_eq!(fault(&prove(&member, &claim, &second.prove(&text))), "challenge_mismatch");
    let mut forged = wallet.prove(&text);
    forged["signature"] = second.prove(&text)["signature"].clone();
    let refused = prove(&member, &claim, &forged);
    assert_eq!(fault(&refused), "wrong_key");
    assert!(!refused.text.to_lowercase().contains(wallet.address().get(2..).unwrap()), "{refused:?}");
    let other_text = challenge(&world, &other, &theirs);
    assert_eq!(fault(&prove(&member, &claim, &second.prove(&other_text))), "unknown_challenge", "another's");
    let invented = text.replace("Nonce: ", "Nonce: 0").replacen("0\n", "\n", 1);
    assert_ne!(fault(&prove(&member, &claim, &wallet.prove(&invented))), "");
    let later = text.replace("12:15:00Z", "12:14:00Z");
    assert_eq!(fault(&prove(&member, &claim, &wallet.prove(&later))), "unknown_challenge", "an altered text");
    // A refused answer does not use the challenge up.
    let proven = prove(&member, &claim, &wallet.prove(&text)).json();
    assert_eq!(proven["strength"], "proven");
    assert_eq!(fault(&prove(&member, &proven, &wallet.prove(&text))), "used_challenge");
    let again = challenge(&world, &member, &proven);
    prove(&member, &claim, &wallet.prove(&again)).problem(409, "illegal_step");
    world.registry.clock.set("2026-06-01T12:15:01Z".parse().unwrap());
    assert_eq!(fault(&prove(&member, &proven, &wallet.prove(&again))), "expired_challenge");
}

#[on_every_database(World::start)]
fn a_proof_whose_time_is_over_comes_back_by_another_signature_only(world: World) {
    let (member, gateway, wallet) = (world.member("Alpha"), world.gateway(), Wallet::new(7));
    let claim = world.claim(&member, &wallet.address(), &json!({}));
    let prove = |claim: &Value| {
        let text = challenge(&world, &member, claim);
        world.post(&member, &path(claim, "/proof"), &wallet.prove(&text)).json()
    };
    let proven = prove(&claim);
    assert_eq!(proven["expires_at"], "2027-06-01T12:00:00Z");
    world.registry.clock.set("2027-06-01T12:00:00Z".parse().unwrap());

    let body = json!({"expires_at": "2028-01-01T00:00:00Z"});
    let extended = world.change(&member, "PATCH", &path(&proven, ""), "*", &body);

    let detail = extended.problem(409, "illegal_step")["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("Sign with its key again"), "{detail}");
    assert_eq!(world.owners(&gateway, &wallet.address()).0, "not_found");
    let anew = prove(&proven);
    assert_eq!((&anew["strength"], &anew["replaces"]), (&json!("proven"), &proven["id"]));
    assert_eq!(world.owners(&gateway, &wallet.address()), owned_by(&member));
}

#[test]
fn a_registry_without_a_name_and_a_network_without_proofs_make_no_challenge() {
    let world = World::start_with(Database::sqlite(), |settings| settings.registry_name = None);
    let member = world.member("Alpha");
    let claim = world.claim(&member, &address(1), &json!({}));
    world.post(&member, &path(&claim, "/challenge"), &json!({})).problem(409, "illegal_step");
}
