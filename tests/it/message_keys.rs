//! A member's keys for Travel Rule messages: announced, proven by signature or decryption, replaced with an overlap, revoked, and
//! what everybody sees of it. The clock is moved by hand.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeySize, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::ca::world::World;
use crate::support::{Answer, Database, Person, assert_audit_recomputes, assert_log_recomputes, on_every_database};
use crate::write_races::at_once;

const DAY: i64 = 86_400;

/// A key that signs.
struct Signer {
    pair: EcdsaKeyPair,
}

impl Signer {
    fn new() -> Self {
        Self { pair: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap() }
    }

    fn jwk(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        json!({"kty": "EC", "crv": "P-256", "x": URL_SAFE_NO_PAD.encode(&point[1..33]), "y": URL_SAFE_NO_PAD.encode(&point[33..])})
    }

    fn jws(&self, text: &str) -> String {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256"}"#), URL_SAFE_NO_PAD.encode(text));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

fn announce(world: &World, member: &Person, body: &Value) -> Answer {
    member.post(&world.registry, "/v1/vasps/mine/keys", body)
}

fn prove(world: &World, member: &Person, pending: &Value, proof: &Value) -> Answer {
    member.post(&world.registry, &format!("/v1/vasps/mine/keys/{}/proof", pending["id"].as_str().unwrap()), proof)
}

/// Names a signing key and proves it.
#[track_caller]
fn published(world: &World, member: &Person, signer: &Signer) -> Value {
    let pending = announce(world, member, &json!({"use": "signing", "jwk": signer.jwk()})).with(201);
    let pending = pending.json();
    prove(world, member, &pending, &json!({"jws": signer.jws(pending["challenge"].as_str().unwrap())})).answered(200)
}

fn listed(world: &World, member: &Person, query: &str) -> Vec<Value> {
    let (path, key) = (format!("/v1/vasps/{}/keys{query}", member.vasp()), world.registry.api_key("resolve", None).1);
    world.registry.client.get_with(&path, &[("authorization", &key)]).answered(200)["items"].as_array().unwrap().clone()
}

fn begin(database: Database) -> (World, Person) {
    let world = World::new(database);
    let member = world.member("Lagoon Exchange AG", &[("one.example.com", false)]);
    (world, member)
}

#[track_caller]
fn code(answer: &Answer, status: u16, problem: &str) -> Value {
    answer.problem(status, problem)["errors"][0]["code"].clone()
}

#[on_every_database(begin)]
fn a_signing_key_is_published_replaced_and_revoked_and_stays_listed((world, member): (World, Person)) {
    let (first, second) = (Signer::new(), Signer::new());
    let pending = announce(&world, &member, &json!({"use": "signing", "jwk": first.jwk()})).json();
    assert_eq!(listed(&world, &member, ""), Vec::<Value>::new());
    assert_eq!(member.read(&world.registry, "/v1/vasps/mine/keys")["pending"][0]["id"], pending["id"]);
    let text = pending["challenge"].as_str().unwrap();
    assert!(text.contains(&member.vasp().to_string()) && text.contains(pending["thumbprint"].as_str().unwrap()), "{text}");

    let one = prove(&world, &member, &pending, &json!({"jws": first.jws(text)})).with(200);
    let one = one.json();
    assert_eq!((&one["status"], &one["algorithm"], &one["use"]), (&json!("active"), &json!("EC P-256"), &json!("signing")));
    let shown = listed(&world, &member, "");
    assert_eq!((shown.len(), &shown[0]), (1, &one));
    assert_eq!((&shown[0]["jwk"]["x"], &shown[0]["jwk"]["use"]), (&first.jwk()["x"], &json!("sig")));
    let between = world.registry.client.get(&format!("/v1/vasps/{}/keys", member.vasp())).json()["directory"]["sequence"].clone();

    world.registry.advance(DAY);
    let two = published(&world, &member, &second);
    let shown = listed(&world, &member, "");
    assert_eq!((&shown[0]["status"], &shown[1]["status"]), (&json!("rotating"), &json!("active")));
    assert_eq!((&shown[0]["rotates_until"], &shown[1]["id"]), (&json!("2026-06-09T12:00:00Z"), &two["id"]));
    // The answer may not be used beyond the overlap.
    world.registry.advance(7 * DAY - 30);
    let answer = world.registry.client.get(&format!("/v1/vasps/{}/keys", member.vasp())).json();
    assert_eq!(answer["valid_until"], "2026-06-09T12:00:00Z");
    assert_eq!(answer["items"][0]["status"], "rotating");
    world.registry.advance(30);
    let over = &listed(&world, &member, "")[0];
    assert_eq!(over["status"], "revoked");
    assert_eq!(over["revoked_at"], "2026-06-09T12:00:00Z");
    assert_eq!(over["revocation_reason"], "superseded");

    let path = format!("/v1/vasps/mine/keys/{}/revoke", two["id"].as_str().unwrap());
    let revoked = member.done(&world.registry, &path, &json!({"reason": "key_compromise"}));
    assert_eq!((&revoked["status"], &revoked["revocation_reason"]), (&json!("revoked"), &json!("key_compromise")));
    let again = member.done(&world.registry, &path, &json!({"reason": "superseded"}));
    assert_eq!(again["revocation_reason"], "key_compromise");
    assert_eq!(listed(&world, &member, "").len(), 2);
    // As the registry knew it between the two.
    let then = listed(&world, &member, &format!("?as_of=seq:{between}"));
    assert_eq!((then.len(), &then[0]["status"]), (1, &json!("active")));
    let record = world.registry.client.get(&format!("/v1/vasps/{}", member.vasp())).json();
    assert_eq!(record["keys"], json!(listed(&world, &member, "")));

    assert_eq!(world.registry.trigger_kinds(member.vasp()), ["key_rotation", "key_rotation"]);
    let store = world.registry.registry.store();
    assert_log_recomputes(store);
    assert_audit_recomputes(store);
}

#[on_every_database(begin)]
fn a_key_to_encrypt_to_is_proven_by_decrypting((world, member): (World, Person)) {
    let private = PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap();
    let der: PublicKeyX509Der<'_> = private.public_key().as_der().unwrap();
    let pem = vasp_pki::ca::to_pem("PUBLIC KEY", der.as_ref());
    let pending = announce(&world, &member, &json!({"use": "encryption", "pem": pem})).json();
    let challenge = pending["challenge"].as_str().unwrap();
    assert_eq!(
        code(&prove(&world, &member, &pending, &json!({"plaintext": "guessed"})), 422, "invalid_request"),
        "no_proof_of_possession"
    );
    assert_eq!(code(&prove(&world, &member, &pending, &json!({"jws": "a.b.c"})), 422, "invalid_request"), "other_proof");

    let parts: Vec<Vec<u8>> = challenge.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap()).collect();
    let private = OaepPrivateDecryptingKey::new(private).unwrap();
    let mut room = vec![0; private.min_output_size()];
    let key = private.decrypt(&OAEP_SHA256_MGF1SHA256, &parts[1], &mut room, None).unwrap().to_vec();
    let key = aws_lc_rs::aead::LessSafeKey::new(aws_lc_rs::aead::UnboundKey::new(&aws_lc_rs::aead::AES_256_GCM, &key).unwrap());
    let mut sealed = [parts[3].clone(), parts[4].clone()].concat();
    let header = challenge.split_once('.').unwrap().0;
    let nonce = aws_lc_rs::aead::Nonce::try_assume_unique_for_key(&parts[2]).unwrap();
    let text = key.open_in_place(nonce, aws_lc_rs::aead::Aad::from(header.as_bytes()), &mut sealed).unwrap();
    let proof = json!({"plaintext": std::str::from_utf8(text).unwrap()});
    let proven = prove(&world, &member, &pending, &proof);

    assert_eq!(proven.status, 200, "{proven:?}");
    assert_eq!((proven.json()["pem"].as_str(), &proven.json()["algorithm"]), (Some(pem.as_str()), &json!("RSA 2048")));
    // A proof counts once, and so does a key.
    prove(&world, &member, &pending, &proof).problem(404, "not_found");
    assert_eq!(code(&announce(&world, &member, &json!({"use": "encryption", "pem": pem})), 409, "conflict"), "key_in_use");
    // A key of another use is not replaced by it.
    published(&world, &member, &Signer::new());
    assert!(listed(&world, &member, "").iter().all(|key| key["status"] == "active"));
}

#[on_every_database(begin)]
fn private_keys_wrong_proofs_and_strangers_are_refused((world, member): (World, Person)) {
    let (own, other) = (Signer::new(), Signer::new());
    let mut private = own.jwk();
    private["d"] = json!("870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE");
    let answer = announce(&world, &member, &json!({"use": "signing", "jwk": private}));
    assert_eq!(code(&answer, 422, "invalid_request"), "private_key");
    assert!(answer.text.contains("leaked") && !answer.text.contains("870MB6"), "{answer:?}");
    let pem = json!({"use": "signing", "pem": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"});
    assert_eq!(code(&announce(&world, &member, &pem), 422, "invalid_request"), "private_key");
    let ed = Ed25519KeyPair::generate().unwrap();
    let ed = json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(ed.public_key().as_ref())});
    assert_eq!(code(&announce(&world, &member, &json!({"use": "encryption", "jwk": ed})), 422, "invalid_request"), "key_refused");
    announce(&world, &member, &json!({"use": "signing"})).problem(422, "invalid_request");
    announce(&world, &member, &json!({"use": "signing", "jwk": own.jwk(), "overlap_days": 31})).problem(422, "invalid_request");

    let pending = announce(&world, &member, &json!({"use": "signing", "jwk": own.jwk()})).json();
    let text = pending["challenge"].as_str().unwrap();
    for wrong in [other.jws(text), own.jws("another text"), "nonsense".to_owned()] {
        assert_eq!(
            code(&prove(&world, &member, &pending, &json!({"jws": wrong})), 422, "invalid_request"),
            "no_proof_of_possession"
        );
    }
    // What is not published cannot be revoked, and the answer says so of one's own key only.
    let revoke = format!("/v1/vasps/mine/keys/{}/revoke", pending["id"].as_str().unwrap());
    let refused = member.post(&world.registry, &revoke, &json!({"reason": "superseded"})).problem(409, "illegal_step");
    assert!(refused["detail"].as_str().unwrap().contains("not proven"), "{refused}");
    // Neither a member's nor another's key answers to a stranger.
    let stranger = world.member("Stranger AG", &[]);
    prove(&world, &stranger, &pending, &json!({"jws": own.jws(text)})).problem(404, "not_found");
    stranger.post(&world.registry, &revoke, &json!({"reason": "superseded"})).problem(404, "not_found");
    let held_back = world.member_with("Held Back AG", &[], &[("status", "", "suspended")]);
    announce(&world, &held_back, &json!({"use": "signing", "jwk": own.jwk()})).problem(409, "illegal_step");
    world.registry.advance(3_600);
    assert_eq!(code(&prove(&world, &member, &pending, &json!({"jws": own.jws(text)})), 409, "conflict"), "challenge_expired");

    let key = published(&world, &member, &own);
    let path = format!("/v1/vasps/mine/keys/{}/revoke", key["id"].as_str().unwrap());
    stranger.post(&world.registry, &path, &json!({"reason": "superseded"})).problem(404, "not_found");
    // Another VASP cannot take a key over.
    assert_eq!(code(&announce(&world, &stranger, &json!({"use": "signing", "jwk": own.jwk()})), 409, "conflict"), "key_in_use");
}

#[on_every_database(begin)]
fn of_two_proofs_at_once_one_publishes_the_key((world, member): (World, Person)) {
    let signer = Signer::new();
    let pending = |()| announce(&world, &member, &json!({"use": "signing", "jwk": signer.jwk()})).json();
    let pending = [pending(()), pending(())];
    let proofs = pending.each_ref().map(|pending| json!({"jws": signer.jws(pending["challenge"].as_str().unwrap())}));

    let statuses = at_once(4, |number| {
        loop {
            let status = prove(&world, &member, &pending[number % 2], &proofs[number % 2]).status.as_u16();
            if ![412, 503].contains(&status) {
                return status;
            }
        }
    });

    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(listed(&world, &member, "").len(), 1);
}
