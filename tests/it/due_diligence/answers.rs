//! Drafts, submissions and their signatures: versions, differences, faults by place, and that nothing lies open in the database.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use vasp_record::role::{Role, Scope, UserKind};

use super::world::*;
use crate::ca::world::Openssl;
use crate::support::{assert_audit_recomputes, assert_log_recomputes, dump, on_every_database};

#[on_every_database(Scene::new)]
fn a_draft_is_changed_on_the_version_that_was_read_and_handed_in_as_a_version(scene: Scene) {
    let registry = &scene.world.registry;
    let begun = scene.draft();
    assert_eq!((&begun["version"], &begun["document"]["number"], &begun["statement"]), (&json!(0), &json!(1), &Value::Null));
    assert_eq!(begun["tracks"][0]["complete"], false);

    let first = scene.change("0", &json!({"answers": {"aml.officer": {"value": "yes", "note": SECRET}}}));
    assert_eq!((first.status.as_u16(), first.header("etag")), (200, "\"1\""));
    assert!(!first.text.contains(SECRET), "answers to writes may be kept: they repeat no answer");
    let draft = scene.draft();
    assert_eq!(draft["document"]["answers"]["aml.officer"]["value"], "yes");
    assert_eq!(draft["document"]["answers"]["aml.officer"]["answered_on"], "2026-06-01");

    let one = scene.submitted();
    assert_eq!((&one["number"], &one["stands"], &one["questionnaire"]), (&json!(1), &json!(true), &json!("counterparty@1")));
    scene.amend(&json!({"answers": {"aml.officer": {"value": "no"}, "aml.records": {"value": 5}}}));
    let two = scene.submitted();
    let shown = |id: &Value| {
        let path = format!("/v1/questionnaires/submissions/{}", id.as_str().unwrap());
        scene.answering.read(registry, &path)
    };
    let (shown_one, shown_two) = (shown(&one["id"]), shown(&two["id"]));
    assert_eq!((&shown_one["stands"], &shown_two["stands"]), (&json!(false), &json!(true)));
    let answer = |value: Value, note: Value| json!({"value": value, "evidence": [], "note": note});
    assert_eq!(
        shown_two["differences"],
        json!([
            {"item": "aml.officer", "from": answer(json!("yes"), json!(SECRET)), "to": answer(json!("no"), Value::Null)},
            {"item": "aml.records", "from": null, "to": answer(json!(5), Value::Null)},
        ])
    );
    assert_eq!(shown_two["signature"]["kind"], "attestation");
    assert_eq!(shown_two["signature"]["by"]["user"], json!(scene.answering.user));
    let listed = scene.answering.read(registry, "/v1/questionnaires/submissions?limit=1");
    assert_eq!((&listed["items"][0]["id"], listed["next_cursor"].is_string()), (&two["id"], true));
    let next = format!("/v1/questionnaires/submissions?limit=1&cursor={}", listed["next_cursor"].as_str().unwrap());
    assert_eq!(scene.answering.read(registry, &next)["items"][0]["id"], one["id"]);

    let withdrawn = scene.answering.done(registry, "/v1/questionnaires/withdraw", &json!({}));
    assert_eq!((&withdrawn["id"], &withdrawn["stands"]), (&two["id"], &json!(false)));
    assert_eq!(withdrawn["withdrawn_at"], "2026-06-01T12:00:00Z");
    scene.answering.post(registry, "/v1/questionnaires/withdraw", &json!({})).problem(404, "not_found");
    let store = registry.registry.store();
    assert_log_recomputes(store);
    assert_audit_recomputes(store);
}

#[on_every_database(Scene::new)]
fn every_fault_is_named_by_its_place_and_nothing_is_changed(scene: Scene) {
    let unknown = "00".repeat(32);
    let body = json!({
        "answers": {
            "aml.officer": {"value": "maybe"},
            "aml.records": {"value": 1000},
            "no.such": {"value": "yes"},
        },
        "ownership": {"as_of": "2026-05-01", "parties": [{"id": "p", "kind": "natural_person", "name": OWNER, "country": "CH"}],
            "links": [{"owner": "p", "owned": "self", "basis_points": 6000}, {"owner": "q", "owned": "self", "basis_points": 1}]},
    });
    let problem = scene.change("0", &body).problem(422, "invalid_request");
    let places: Vec<&str> = problem["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
    let expected = ["/answers/aml.officer/value", "/answers/aml.records/value", "/answers/no.such", "/ownership/links/1/owner"];
    assert_eq!(places, expected);
    assert!(!problem.to_string().contains(OWNER));

    let foreign = json!({"answers": {"aml.programme": {"value": "yes", "evidence": [unknown]}}});
    let problem = scene.change("0", &foreign).problem(422, "invalid_request");
    assert_eq!(problem["errors"][0]["pointer"], "/answers/aml.programme/evidence/0");
    assert_eq!(problem["errors"][0]["code"], "unknown_document");
    let wrong = json!({"answers": {"aml.officer": {"value": "yes", "colour": 1}}});
    let problem = scene.change("0", &wrong).problem(422, "invalid_request");
    assert_eq!(problem["errors"][0]["pointer"], "/answers/aml.officer/colour");
    assert_eq!(scene.draft()["version"], 0);
    scene.hand_in(&json!({})).problem(404, "not_found");
    scene.amend(&json!({"answers": {}}));
    let empty = scene.hand_in(&json!({})).problem(422, "invalid_request");
    assert_eq!(empty["errors"][0]["code"], "nothing_answered");
    // Another's document is no evidence of one's own.
    let theirs = scene.document(&scene.world.registry.person_with(scene.asker.organisation, &[Role::Editor], &[Scope::Member]));
    let stolen = json!({"answers": {"aml.programme": {"value": "yes", "evidence": [theirs]}}});
    scene.change("1", &stolen).problem(422, "invalid_request");
}

#[on_every_database(Scene::new)]
fn a_published_key_signs_the_statement_over_the_canonical_document(scene: Scene) {
    let registry = &scene.world.registry;
    let editor = &scene.answering;
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let point = pair.public_key().as_ref();
    let jwk = json!({"kty": "EC", "crv": "P-256", "x": URL_SAFE_NO_PAD.encode(&point[1..33]), "y": URL_SAFE_NO_PAD.encode(&point[33..])});
    let jws = |text: &str| {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256"}"#), URL_SAFE_NO_PAD.encode(text));
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap()))
    };
    let pending = editor.done(registry, "/v1/vasps/mine/keys", &json!({"use": "signing", "jwk": jwk}));
    let proof = json!({"jws": jws(pending["challenge"].as_str().unwrap())});
    let key = editor.done(registry, &format!("/v1/vasps/mine/keys/{}/proof", pending["id"].as_str().unwrap()), &proof);
    scene.amend(&json!({"answers": {"aml.officer": {"value": "yes"}}, "ownership": owners()}));

    let draft = scene.draft();
    // By another implementation of RFC 8785: members of these objects are ASCII, so sorting by bytes is its order.
    let canonical = serde_json::to_string(&draft["document"]).unwrap();
    let sha256 = hex::encode(digest(&SHA256, canonical.as_bytes()));
    assert_eq!(draft["document_sha256"], sha256);
    let statement = draft["statement"].as_str().unwrap();
    assert!(statement.ends_with(&format!("\nsha256: {sha256}")) && statement.contains(&scene.answering.vasp().to_string()));

    let other = scene.hand_in(&json!({"key": key["id"], "jws": jws("something else")})).problem(422, "invalid_request");
    assert_eq!(other["errors"][0]["code"], "signature_mismatch");
    let half = scene.hand_in(&json!({"key": key["id"]})).problem(422, "invalid_request");
    assert_eq!(half["errors"][0]["code"], "one_signature");
    let taken = scene.hand_in(&json!({"key": key["id"], "jws": jws(statement)})).with(201);
    let path = format!("/v1/questionnaires/submissions/{}", taken.json()["id"].as_str().unwrap());
    let shown = editor.read(registry, &path);
    assert_eq!((&shown["signature"]["kind"], &shown["statement"]), (&json!("message_key"), &json!(statement)));
    assert_eq!((&shown["signature"]["by"]["key"], &shown["document"]), (&key["id"], &draft["document"]));
    // The next draft has another digest, so that a signature is used once.
    assert_ne!(scene.draft()["document_sha256"], json!(sha256));

    editor.done(
        registry,
        &format!("/v1/vasps/mine/keys/{}/revoke", key["id"].as_str().unwrap()),
        &json!({"reason": "superseded"}),
    );
    let statement = scene.draft()["statement"].as_str().unwrap().to_owned();
    let revoked = scene.hand_in(&json!({"key": key["id"], "jws": jws(&statement)})).problem(422, "invalid_request");
    assert_eq!(revoked["errors"][0]["code"], "unknown_key");
}

#[on_every_database(Scene::new)]
fn a_published_certificate_signs_the_statement_until_it_is_revoked(scene: Scene) {
    let Some(openssl) = Openssl::here() else { return };
    let issued = scene.world.issued(&scene.answering, &openssl.ec_csr(), &["tls_client"]);
    let id = &issued["certificates"][0]["id"];
    scene.amend(&json!({"answers": {"aml.officer": {"value": "yes"}}}));
    let sign = |text: &str| {
        openssl.file("statement", text);
        openssl.said("dgst -sha256 -sign key.pem -out statement.sig statement");
        STANDARD.encode(openssl.read("statement.sig"))
    };
    let statement = scene.draft()["statement"].as_str().unwrap().to_owned();

    let other = scene.hand_in(&json!({"certificate": id, "signature": sign("something else")})).problem(422, "invalid_request");
    assert_eq!(other["errors"][0]["pointer"], "/signature");
    assert_eq!(other["errors"][0]["code"], "signature_mismatch");
    scene.hand_in(&json!({"certificate": id, "signature": "no base64"})).problem(422, "invalid_request");
    scene.hand_in(&json!({"certificate": id, "signature": sign(&statement)})).with(201);
    scene.give(&json!({}));
    let signature = scene.file(&scene.asker)["level_b"]["shared"]["signature"].clone();
    assert_eq!((&signature["kind"], &signature["id"], &signature["digest"]), (&json!("certificate"), id, &issued["sha256"]));

    assert_eq!(scene.world.revoke(&issued["serial"], "key_compromise").status, 200);
    let statement = scene.draft()["statement"].as_str().unwrap().to_owned();
    let revoked = scene.hand_in(&json!({"certificate": id, "signature": sign(&statement)})).problem(422, "invalid_request");
    assert_eq!(revoked["errors"][0]["code"], "unknown_certificate");
}

#[on_every_database(Scene::new)]
fn a_program_attests_nothing(scene: Scene) {
    scene.amend(&json!({"answers": {"aml.officer": {"value": "yes"}}}));
    let home = scene.answering.organisation;
    let machine = scene.world.registry.user_with(home, UserKind::Machine, &[Role::Editor], (&[Scope::Member], None));
    let answer = machine.send(&scene.world.registry, "POST", SUBMIT, &[("if-match", "\"1\"")], &json!({}));
    answer.problem(403, "forbidden");
}

/// Every byte that the database has; none where no program can tell.
fn every_byte(scene: &Scene) -> Option<Vec<u8>> {
    let database = &scene.world.registry.database;
    let Some(file) = database.file() else { return dump(&database.url.whole()) };
    let log = std::fs::read(file.with_extension("db-wal")).unwrap_or_default();
    Some([std::fs::read(file).unwrap(), log].concat())
}

#[on_every_database(Scene::new)]
fn no_answer_and_no_owner_lies_open_in_the_database_or_the_log(scene: Scene) {
    let key = [("idempotency-key", "once"), ("if-match", "\"0\"")];
    let body = json!({"answers": {"audit.independent": {"value": "yes", "note": SECRET}}, "ownership": owners()});
    scene.answering.send(&scene.world.registry, "PATCH", DRAFT, &key, &body).with(200);
    scene.all_answered();
    scene.give(&json!({"ownership": true}));
    assert!(scene.file(&scene.asker).to_string().contains(OWNER));

    let Some(held) = every_byte(&scene) else { return };
    let holds = |text: &str| held.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("questionnaire.submit"), "the audit chain is part of what was searched");
    // PostgreSQL's dump has bytes in hex.
    for secret in [SECRET, OWNER, "Verborgen Holding"] {
        assert!(!holds(secret) && !holds(&hex::encode(secret)), "{secret} lies open");
    }
    let changes = scene.world.registry.client.get("/v1/vasps?view=full");
    assert!(!changes.text.contains(OWNER));
}
