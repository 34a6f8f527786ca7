//! What shows that a condition is met, and what does not.
//!
//! Source: docs/prechecks.md, "What was then done".

use serde_json::{Value, json};
use vasp_record::role::OrganisationKind::Gateway;

use super::outcomes::{CLAIMED, Desk, met, outcome_of};
use super::world::{LIFFEY, UNKNOWN, World, all_fields, lei};
use crate::member_claims::world::Wallet;
use crate::policies::Office;
use crate::support::on_every_database;

#[on_every_database(World::start)]
fn what_proves_nothing_is_refused_by_name(world: World) {
    let desk = Desk::new(world);
    let (answer, stranger) = (desk.asked(), Office::new(&desk.world, Gateway, None));
    let theirs = stranger.ask(&desk.world, json!({"address": CLAIMED, "network": "eip155:1"}));
    let of_another_firm = desk.office.ask(&desk.world, json!({"vasp": lei(LIFFEY)}));
    assert!(of_another_firm["counterparty"]["id"] != answer["counterparty"]["id"], "{of_another_firm}");
    let in_iran = json!({"address": CLAIMED, "network": "eip155:1", "customer_country": "IR"});
    let rejected = desk.office.ask(&desk.world, in_iran);
    assert_eq!((&rejected["recommendation"], &rejected["counterparty"]), (&json!("reject"), &answer["counterparty"]));
    let with = |change: &dyn Fn(&mut Value)| {
        let mut said = met("c1");
        change(&mut said);
        json!({"conditions": [said]})
    };
    for (body, pointer) in [
        (with(&|said| said["id"] = json!("c99")), "/conditions/0/id"),
        (json!({"conditions": [met("c1"), met("c1")]}), "/conditions/1/id"),
        (with(&|said| said["by"] = Value::Null), "/conditions/0/by"),
        (with(&|said| said["proof"] = Value::Null), "/conditions/0/proof"),
        (with(&|said| said["proof"] = json!({})), "/conditions/0/proof"),
        (with(&|said| said["proof"] = json!({"text": "a", "document_sha256": "ab".repeat(32)})), "/conditions/0/proof"),
        (with(&|said| said["proof"] = json!({"document_sha256": "ab"})), "/conditions/0/proof/document_sha256"),
        (with(&|said| said["proof"] = json!({"precheck": answer["id"]})), "/conditions/0/proof/precheck"),
        (with(&|said| said["proof"] = json!({"precheck": theirs["id"]})), "/conditions/0/proof/precheck"),
        (with(&|said| said["proof"] = json!({"precheck": of_another_firm["id"]})), "/conditions/0/proof/precheck"),
        (with(&|said| said["proof"] = json!({"precheck": rejected["id"]})), "/conditions/0/proof/precheck"),
        (json!({"result": "sold"}), "/result"),
        (json!({"result": "refused", "transaction": "two words"}), "/transaction"),
        (json!({"note": "Nothing."}), ""),
    ] {
        let problem = desk.say(&answer, &body).problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{body}");
    }
    assert_eq!(desk.read(&answer)["entries"], json!([]));
    stranger.ada.post(&desk.world.registry, &outcome_of(&answer), &json!({"result": "refused"})).problem(404, "not_found");
    stranger.ada.get(&desk.world.registry, &outcome_of(&answer)).problem(404, "not_found");
}

/// What is met outside leaves no other trace than its proof. Source of the condition: Regulation (EU) 2023/1113 Art. 16(2).
#[on_every_database(World::start)]
fn the_words_of_a_program_meet_no_condition_that_is_met_outside(world: World) {
    let desk = Desk::new(world);
    let question = json!({"direction": "incoming", "provided_fields": all_fields(), "transfer": {"fiat": {"amount": "1500", "currency": "EUR"}},
        "originator": {"address": UNKNOWN, "network": "eip155:1", "declared": {"kind": "self_hosted", "own_wallet": false}}});
    let answer = desk.world.post_as(&desk.program, "/v1/prechecks", &question).answered(200);
    let condition = &answer["conditions"][0];
    assert_eq!((&condition["code"], &condition["met_by"]), (&json!("identify_third_party"), &json!("outside")));
    let with = |proof: Value| json!({"conditions": [{"id": "c1", "met": true, "by": "the bank", "proof": proof}]});
    let words = with(json!({"text": "She is known to us."}));

    for bearer in [&format!("Bearer {}", desk.program), &desk.office.ada.bearer] {
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let client = &desk.world.registry.client;
        let refused = client.send("POST", &outcome_of(&answer), &headers, &words.to_string()).problem(422, "invalid_request");
        let error = &refused["errors"][0];
        assert_eq!((&error["pointer"], &error["code"]), (&json!("/conditions/0/proof/text"), &json!("not_allowed")));
    }
    desk.say(&answer, &with(json!({"document_sha256": "ab".repeat(32)}))).with(201);
    let ada = desk.signed_in(&desk.office.ada);
    let headers = [("authorization", ada.bearer.as_str()), ("content-type", "application/json")];
    desk.world.registry.client.send("POST", &outcome_of(&answer), &headers, &words.to_string()).with(201);
}

/// A signature counts as in the question: of the transfer's own address, over a text that names the asker, not older than a day.
#[on_every_database(World::start)]
fn a_signature_is_checked_when_it_is_recorded(world: World) {
    let (desk, wallet, other) = (Desk::new(world), Wallet::new(7), Wallet::new(8));
    let question = json!({"direction": "outgoing", "provided_fields": all_fields(), "transfer": {"fiat": {"amount": "5000", "currency": "EUR"}},
        "beneficiary": {"address": wallet.address(), "network": "eip155:1", "declared": {"kind": "self_hosted", "own_wallet": true}}});
    let answer = desk.office.ada.post(&desk.world.registry, "/v1/prechecks", &question).answered(200);
    assert_eq!(answer["conditions"][0]["code"], "proof_of_control");
    let signed = |wallet: &Wallet, whom: &str| {
        let mut proof = wallet.prove(&format!("{whom} asks: I control {}. 2026-06-01T11:30:00Z", wallet.address()));
        proof["message"] = proof.as_object_mut().unwrap().remove("challenge").unwrap();
        let said = json!({"id": "c1", "met": true, "by": "the customer", "proof": {"signature": proof}});
        json!({"conditions": [said], "result": "released"})
    };

    for wrong in [signed(&other, "Own Bank AG"), signed(&wallet, "Alster Krypto AG")] {
        let problem = desk.say(&answer, &wrong).problem(422, "invalid_request");
        let error = &problem["errors"][0];
        assert_eq!((&error["pointer"], &error["code"]), (&json!("/conditions/0/proof/signature"), &json!("not_proven")));
    }
    let done = desk.say(&answer, &signed(&wallet, "Own Bank AG")).answered(201);

    assert_eq!((&done["open"], &done["open_conditions"]), (&json!(false), &json!([])));
}
