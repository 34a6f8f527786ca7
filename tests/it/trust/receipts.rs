//! Receipts: which answers have one, that they are what was asked and answered, and that a replaced key still counts.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use vasp_pki::receipt::{Given, PublishedKeys, ReceiptVerdict, Verified, verify};
use vasp_record::signing_key::SigningPurpose;
use vasp_registry::transparency::rotate_signing_key;

use super::reader::{checkpoint, hash, jwks, keys_for};
use crate::prechecks::world::{LAGOON, World};
use crate::support::{Answer, Database, on_every_database};

/// With blanks, escapes and an order that no program writes.
pub(super) const REQUEST: &str = "{ \"transfer\" : {\"fiat\":{\"currency\":\"EUR\",\n\"amount\":\"1000\"}}, \"direction\":\"out\\u0067oing\",\
    \"beneficiary\":{\"network\":\"eip155:1\",\"address\":\"0x00000000000000000000000000000000000000a1\"},\"originator\":{\"jurisdiction\":\"DE\"}}";

impl World {
    fn send_text(&self, body: &str) -> Answer {
        let bearer = format!("Bearer {}", self.key);
        let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
        self.registry.client.send("POST", "/v1/prechecks?view=verdict", &headers, body)
    }

    fn verify(&self, answer: &str, request: Option<&str>) -> Verified {
        let keys = PublishedKeys::parse(&jwks(&self.registry.client).to_string()).unwrap();
        verify(Given { verdict: answer, evidence: None, request }, &keys).unwrap()
    }

    fn rotate(&self, purpose: SigningPurpose) -> (String, String) {
        let rotated = rotate_signing_key(&self.registry.registry, purpose, self.now(), &mut self.registry.random.fork()).unwrap();
        (rotated.ended, rotated.begun)
    }
}

fn decoded(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[on_every_database(World::start)]
fn a_recorded_answer_is_signed_with_all_that_it_rests_on(world: World) {
    let answer = world.send_text(REQUEST);

    let body = answer.json();
    let verified = world.verify(&answer.text, Some(REQUEST));
    assert_eq!((verified.verdict, &verified.findings), (ReceiptVerdict::Valid, &vec![]));
    let jws: Vec<&str> = body["receipt"].as_str().unwrap().split('.').collect();
    let keys = keys_for(&jwks(&world.registry.client), "receipt");
    assert_eq!(decoded(jws[0]), json!({"alg": "EdDSA", "typ": "precheck-receipt+jwt", "kid": keys[0]["kid"]}));
    let claims = decoded(jws[1]);
    let newest = checkpoint(&world.registry.client);
    for (member, value) in [
        ("iat", json!(1_780_315_200)),
        ("precheck_id", body["id"].clone()),
        ("recommendation", body["recommendation"].clone()),
        ("sequence", body["directory"]["sequence"].clone()),
        ("environment", Value::Null),
        ("iss", json!(newest.origin)),
    ] {
        assert_eq!(claims[member], value, "{member}");
    }
    assert!(claims["checkpoint"]["size"].as_i64() >= claims["sequence"].as_i64());
    assert_eq!(claims["checkpoint"]["size"].clone(), json!(newest.size));
    assert_eq!(hash(claims["checkpoint"]["root"].as_str().unwrap()), newest.root);
    let members: Vec<&str> = claims.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "checkpoint",
        "environment",
        "iat",
        "iss",
        "precheck_id",
        "recommendation",
        "request_digest",
        "sequence",
        "verdict_digest",
    ];
    assert_eq!(members, expected, "nothing of what was asked about");
    // The same request, laid out otherwise, and another one.
    let again: Value = serde_json::from_str(REQUEST).unwrap();
    assert_eq!(world.verify(&answer.text, Some(&again.to_string())).verdict, ReceiptVerdict::Valid);
    let other = world.verify(&answer.text, Some(&REQUEST.replace("1000", "1001")));
    assert_eq!((other.verdict, other.findings[0].part.to_string()), (ReceiptVerdict::Altered, "request".to_owned()));
    let read = world.get_as(&world.key, &format!("/v1/prechecks/{}", body["id"].as_str().unwrap()));
    assert_eq!(read.text, answer.text);
}

#[on_every_database]
fn what_was_not_recorded_has_no_receipt_and_each_of_a_batch_its_own(database: Database) {
    let world = World::start_with(database, |settings| settings.public_read = true);
    let one = json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": {"address": LAGOON, "network": "eip155:1"}});
    let other = json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": {"jurisdiction": "SG"}});
    let mut unrecorded = one.clone();
    unrecorded["record"] = json!(false);

    let answers = world
        .post("/v1/prechecks/batch?view=verdict", &json!({"prechecks": [one, unrecorded, {"direction": "outgoing"}, other]}))
        .json();
    let public = world.registry.client.post("/v1/prechecks", &one).json();

    let results = answers["results"].as_array().unwrap();
    assert_eq!((&public["receipt"], &results[1]["receipt"]), (&Value::Null, &Value::Null));
    assert_eq!((&public["id"], &results[1]["id"]), (&Value::Null, &Value::Null));
    assert!(results[2]["problem"].is_object());
    for (result, request) in [(&results[0], &one), (&results[3], &other)] {
        let verified = world.verify(&result.to_string(), Some(&request.to_string()));
        assert_eq!((verified.verdict, verified.findings), (ReceiptVerdict::Valid, vec![]));
    }
    assert_eq!(world.verify(&results[0].to_string(), Some(&other.to_string())).verdict, ReceiptVerdict::Altered);
}

#[on_every_database(World::start)]
fn a_key_that_was_replaced_still_counts_for_what_it_signed(world: World) {
    let old = world.send_text(REQUEST);
    let before = checkpoint(&world.registry.client);
    world.set_clock("2026-06-01T13:00:00Z");

    let (ended, begun) = world.rotate(SigningPurpose::Receipt);
    let (note_ended, note_begun) = world.rotate(SigningPurpose::Checkpoint);
    world.set_clock("2026-06-01T14:00:00Z");
    let new = world.send_text(REQUEST);

    let set = jwks(&world.registry.client);
    let keys = keys_for(&set, "receipt");
    let dates = |key: &Value| (key["kid"].clone(), key["nbf"].clone(), key["exp"].clone());
    assert_eq!(dates(&keys[0]), (json!(ended), json!(1_780_315_200), json!(1_780_318_860)), "a minute of overlap");
    assert_eq!(dates(&keys[1]), (json!(begun), json!(1_780_318_800), Value::Null));
    assert_eq!(keys_for(&set, "checkpoint").len(), 2);
    for (answer, key) in [(&old, &ended), (&new, &begun)] {
        let verified = world.verify(&answer.text, Some(REQUEST));
        assert_eq!((verified.verdict, verified.key_id.as_ref()), (ReceiptVerdict::Valid, Some(key)));
    }
    let after = checkpoint(&world.registry.client);
    assert_eq!((before.key_id, after.key_id, before.origin), (note_ended, note_begun, after.origin));
    let changes = world.get_as(&world.key, &format!("/v1/changes?since={}&limit=50", before.size)).json();
    let told: Vec<(&str, &str, &str)> = changes["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| {
            let said = |name: &str| change["payload"][name].as_str().unwrap();
            (said("event"), said("purpose"), said("kid"))
        })
        .collect();
    assert_eq!(
        told,
        [
            ("ended", "receipt", ended.as_str()),
            ("begun", "receipt", begun.as_str()),
            ("ended", "checkpoint", keys_for(&set, "checkpoint")[0]["kid"].as_str().unwrap()),
            ("begun", "checkpoint", keys_for(&set, "checkpoint")[1]["kid"].as_str().unwrap()),
        ]
    );
    // Somebody who has the old keys only.
    let known = PublishedKeys::parse(&json!({"keys": [keys[0]]}).to_string()).unwrap();
    assert_eq!(verify(Given { verdict: &new.text, ..Given::default() }, &known).unwrap().verdict, ReceiptVerdict::UnknownKey);
}

#[on_every_database]
fn receipts_name_the_registry_as_it_was_told(database: Database) {
    let registry = crate::support::Registry::start_issued_by(database, "https://registry.example.org");
    let bearer = registry.api_key("precheck", None).1;
    let body =
        json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": {"jurisdiction": "SG"}}).to_string();
    let answer =
        registry.client.send("POST", "/v1/prechecks", &[("content-type", "application/json"), ("authorization", &bearer)], &body);

    let answer = answer.json();
    let receipt = answer["receipt"].as_str().unwrap_or_else(|| panic!("{answer}"));

    assert_eq!(decoded(receipt.split('.').nth(1).unwrap())["iss"], "https://registry.example.org");
}
