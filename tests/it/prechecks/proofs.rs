//! Proofs of who controls a self-hosted address, sent along with a pre-check.
//!
//! Source: docs/prechecks.md, "Proofs of who controls a self-hosted address".

use serde_json::{Value, json};

use super::expect::{finding, reasons};
use super::world::{LAGOON, LIFFEY, OWN, World, all_fields, lei};
use crate::member_claims::world::Wallet;
use crate::support::{Database, on_every_database};

/// The world's clock stands at 2026-06-01T12:00:00Z.
const LATELY: &str = "2026-06-01T11:30:00Z";

fn signed(wallet: &Wallet, message: &str) -> Value {
    let mut proof = wallet.prove(message);
    let message = proof.as_object_mut().unwrap().remove("challenge").unwrap();
    proof["message"] = message;
    proof
}

fn text(whom: &str, address: &str, time: &str) -> String {
    format!("{whom} asks: I control {address}. {time}")
}

fn to(wallet: &Wallet, own_wallet: Value, proofs: Value) -> Value {
    json!({"direction": "outgoing", "provided_fields": all_fields(), "transfer": {"fiat": {"amount": "5000", "currency": "EUR"}},
           "beneficiary": {"address": wallet.address(), "network": "eip155:1", "declared": {"kind": "self_hosted", "own_wallet": own_wallet}},
           "proofs": proofs})
}

fn answer(world: &World, body: &Value) -> Value {
    world.post("/v1/prechecks", body).answered(200)
}

fn conditions(answer: &Value) -> Vec<&str> {
    answer["conditions"].as_array().unwrap().iter().map(|condition| condition["code"].as_str().unwrap()).collect()
}

#[on_every_database]
fn a_bound_proof_meets_proof_of_control_and_is_kept_and_replayed(database: Database) {
    let (world, wallet) = (World::start(database), Wallet::new(7));
    let asked = answer(&world, &to(&wallet, json!(true), json!([])));
    assert_eq!((conditions(&asked), &asked["conditions"][0]["met_by"]), (vec!["proof_of_control"], &json!("request")));

    for whom in ["Own Bank AG", &lei(OWN), &world.vasp_id(OWN)] {
        let proof = signed(&wallet, &text(whom, &wallet.address(), LATELY));
        let proven = answer(&world, &to(&wallet, json!(true), json!([proof])));
        assert_eq!(finding(&proven, "attribution"), "pass attribution.self_hosted_proven");
        assert_eq!((&proven["recommendation"], conditions(&proven)), (&json!("proceed"), vec![]), "{whom}");
        assert!(proven["notes"].as_array().unwrap().iter().any(|note| note["code"] == "attribution.self_hosted_proven"));
        world.set_clock("2026-07-01T12:00:00Z");
        let path = format!("/v1/prechecks/{}/replay", proven["id"].as_str().unwrap());
        let again = world.post("/v1/prechecks", &to(&wallet, json!(true), json!([proof]))).json();
        assert!(reasons(&again).contains(&"transfer.proof_not_bound"), "a month later it is too old");
        let replay = world.post(&path, &Value::Null).json();
        assert_eq!((&replay["same"], &replay["differences"]), (&json!(true), &json!([])));
        world.set_clock("2026-06-01T12:00:00Z");
    }
    let incoming = json!({"direction": "incoming", "provided_fields": all_fields(),
        "originator": to(&wallet, json!(true), Value::Null)["beneficiary"], "transfer": {"fiat": {"amount": "5000", "currency": "EUR"}},
        "proofs": [signed(&wallet, &text("Own Bank AG", &wallet.address(), LATELY))]});
    assert_eq!(answer(&world, &incoming)["recommendation"], "proceed");
}

/// Wallets take typed data as an object.
#[on_every_database]
fn typed_data_may_be_an_object(database: Database) {
    let (world, wallet) = (World::start(database), Wallet::new(7));
    let mut proof = signed(&wallet, &text("Own Bank AG", &wallet.address(), LATELY));
    let texts = json!([{"name": "contents", "type": "string"}]);
    proof["scheme"] = json!("eip712");
    proof["message"] = json!({"types": {"EIP712Domain": [], "Mail": texts}, "primaryType": "Mail", "domain": {}, "message": {"contents": "hello"}});

    let told = answer(&world, &to(&wallet, json!(true), json!([proof])));

    assert!(reasons(&told).contains(&"transfer.proof_not_bound"), "read, and signed by nobody: {told}");
}

/// Whose wallet it is, a signature does not say.
#[on_every_database]
fn a_proof_by_a_third_party_never_identifies_it(database: Database) {
    let (world, wallet) = (World::start(database), Wallet::new(7));
    let proof = json!([signed(&wallet, &text("Own Bank AG", &wallet.address(), LATELY))]);

    for own_wallet in [json!(false), Value::Null] {
        let others = answer(&world, &to(&wallet, own_wallet, proof.clone()));
        assert_eq!(finding(&others, "attribution"), "pass attribution.self_hosted_proven");
        assert_eq!(others["recommendation"], "proceed_with_conditions");
        assert_eq!(conditions(&others), vec!["identify_third_party"]);
    }
    // An address that somebody is known to own stays that one's.
    let mut owned = to(&wallet, json!(true), proof);
    owned["beneficiary"]["address"] = json!(LAGOON);
    let owned = answer(&world, &owned);
    assert_eq!(finding(&owned, "attribution"), "fail attribution.declared_self_hosted_but_owned");
    assert!(reasons(&owned).contains(&"transfer.proof_not_bound"));
}

#[on_every_database]
fn a_proof_that_was_made_for_somebody_else_or_long_ago_holds(database: Database) {
    let (world, wallet, other) = (World::start(database), Wallet::new(7), Wallet::new(8));
    let good = |whom: &str, time: &str| signed(&wallet, &text(whom, &wallet.address(), time));
    let mut forged = good("Own Bank AG", LATELY);
    forged["signature"] = signed(&other, &text("Own Bank AG", &wallet.address(), LATELY))["signature"].clone();
    let placeless = world.organisation("Elsewhere", None, &["precheck"]).1;

    for bad in [
        good("Alster Krypto AG", LATELY),
        good("Own Bank AG", "2026-05-31T11:59:59Z"),
        good("Own Bank AG", "2026-06-01T12:02:00Z"),
        good("Own Bank AG", "today"),
        signed(&wallet, &format!("Own Bank AG, {LATELY}")),
        signed(&other, &text("Own Bank AG", &other.address(), LATELY)),
        forged,
        wallet.prove("no challenge"),
    ] {
        let both = json!([good("Own Bank AG", LATELY), bad]);
        for proofs in [json!([bad]), both] {
            let answer = answer(&world, &to(&wallet, json!(true), proofs));
            assert_eq!((&answer["recommendation"], reasons(&answer)[0]), (&json!("hold"), "transfer.proof_not_bound"), "{bad}");
            assert_eq!(answer["reasons"][0]["check"], "transfer");
            assert_eq!(answer["next_steps"][0]["code"], "obtain_data");
            assert!(answer["reasons"][0]["detail"].as_str().unwrap().chars().count() <= 200, "{answer}");
        }
    }
    let mut asked = to(&wallet, json!(true), json!([good("Own Bank AG", LATELY)]));
    asked["originator"] = json!({"jurisdiction": "DE"});
    let nobodys = world.post_as(&placeless, "/v1/prechecks", &asked).json();
    assert!(reasons(&nobodys).contains(&"transfer.proof_not_bound"), "nobody is named who asks");
}

#[on_every_database]
fn proofs_are_limited_belong_to_an_address_and_to_the_idempotency_key(database: Database) {
    let (world, wallet) = (World::start(database), Wallet::new(7));
    let proof = signed(&wallet, &text("Own Bank AG", &wallet.address(), LATELY));
    let mut two_forms = proof.clone();
    two_forms["challenge"] = json!("x");
    let mut unread = proof.clone();
    unread["colour"] = json!("red");
    let five = json!([proof, proof, proof, proof, proof]);
    let mut named = to(&wallet, json!(true), json!([proof]));
    named["beneficiary"] = json!({"vasp": lei(LIFFEY)});

    for (body, pointer, code) in [
        (to(&wallet, json!(true), five), "/proofs", "too_many"),
        (to(&wallet, json!(true), json!([two_forms])), "/proofs/0", "invalid_value"),
        (named, "/proofs", "invalid_value"),
    ] {
        let problem = world.post("/v1/prechecks", &body).problem(422, "invalid_request");
        assert_eq!((&problem["errors"][0]["pointer"], &problem["errors"][0]["code"]), (&json!(pointer), &json!(code)));
    }
    assert_eq!(world.post("/v1/prechecks", &to(&wallet, json!(true), json!([unread]))).status.as_u16(), 422);
    let bearer = format!("Bearer {}", world.key);
    let headers = [("content-type", "application/json"), ("authorization", bearer.as_str()), ("idempotency-key", "one")];
    let send = |body: &Value| world.registry.client.send("POST", "/v1/prechecks", &headers, &body.to_string());
    let first = send(&to(&wallet, json!(true), json!([proof]))).json();
    assert_eq!(send(&to(&wallet, json!(true), json!([proof]))).json(), first);
    send(&to(&wallet, json!(true), json!([]))).problem(422, "idempotency_key_reused");
}
