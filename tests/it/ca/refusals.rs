//! Requests that get no certificate, and certificates that end with the record behind them.

use serde_json::{Value, json};

use super::{Openssl, World};
use crate::support::{Database, on_every_database};

#[on_every_database(World::new)]
fn requests_that_prove_nothing_or_ask_for_too_much_are_refused_in_words(world: World) {
    let Some(openssl) = Openssl::here() else { return };
    let member = world.member("Lagoon Exchange AG", &[("one.example.com", false)]);
    let sound = openssl.ec_csr();
    let key = openssl.said("genpkey -algorithm ED25519");
    let ec = "-algorithm EC -pkeyopt ec_paramgen_curve:P-256";
    let rsa = |bits: u32| format!("-algorithm RSA -pkeyopt rsa_keygen_bits:{bits}");
    let tampered = {
        let der = openssl.run("req -in csr.pem -outform DER").stdout;
        let mut der = if der.is_empty() { panic!("no DER") } else { der };
        let at = der.len() / 2;
        der[at] ^= 1;
        openssl.file("bad.der", &der);
        vasp_pki::ca::to_pem("CERTIFICATE REQUEST", &der)
    };
    for (csr, codes) in [
        ("nonsense".to_owned(), &["unreadable_csr"][..]),
        (key, &["private_key"]),
        (format!("{sound}{sound}"), &["unreadable_csr"]),
        (sound.replace("CERTIFICATE REQUEST", "CERTIFICATE"), &["unreadable_csr"]),
        ("x".repeat(20_000), &["too_large"]),
        (tampered, &["no_proof_of_possession", "unreadable_csr", "key_refused"]),
        (openssl.csr(&rsa(1_024), ""), &["key_refused"]),
        (openssl.csr("-algorithm EC -pkeyopt ec_paramgen_curve:P-521", ""), &["key_refused"]),
        (openssl.csr("-algorithm EC -pkeyopt ec_paramgen_curve:secp256k1", ""), &["key_refused"]),
        (openssl.csr(&rsa(2_048), " -sha1"), &["signature_algorithm"]),
        (openssl.csr(ec, " -addext basicConstraints=CA:TRUE"), &["asks_for_authority"]),
        (openssl.csr(ec, " -addext subjectAltName=DNS:bank.example.net"), &["domain_not_proven"]),
        (openssl.csr(ec, " -addext subjectAltName=IP:192.0.2.1"), &["other_name"]),
    ] {
        if csr.len() > 10_000 {
            // Longer than the tests' server reads at all.
            assert_eq!(world.ask(&member, &csr, &["tls_client"]).status, 413);
            continue;
        }
        let answer = world.ask(&member, &csr, &["tls_client"]);
        let problem = answer.problem(422, "invalid_request");
        let code = problem["errors"][0]["code"].as_str().unwrap().to_owned();
        assert!(codes.contains(&code.as_str()), "{codes:?}: {problem}");
        assert_eq!(problem["errors"][0]["pointer"], "/csr");
    }
    assert_eq!(world.operator.read(&world.registry, "/v1/ca/certificates")["items"], json!([]));
}

#[on_every_database(World::new)]
fn only_a_verified_record_gets_one_and_a_server_has_a_name(world: World) {
    let Some(openssl) = Openssl::here() else { return };
    let csr = openssl.ec_csr();
    for status in ["suspended", "revoked", "listed"] {
        let member = world.member_with("Held Back AG", &[], &[("status", "", status)]);
        world.ask(&member, &csr, &["tls_client"]).problem(409, "illegal_step");
    }
    let nameless = world.member("No Domain AG", &[]);
    let problem = world.ask(&nameless, &csr, &["tls_server"]).problem(422, "invalid_request");
    assert_eq!(problem["errors"][0]["code"], "no_proven_domain");
    world.ask(&nameless, &csr, &[]).problem(422, "invalid_request");

    // The legal name stands in for a name of a server.
    let issued = world.issued(&nameless, &csr, &["tls_client"]);
    openssl.take(&world, &issued);
    assert!(openssl.said("x509 -in leaf.pem -noout -subject -nameopt RFC2253").contains("CN=No Domain AG"));
}

#[on_every_database(World::new)]
fn a_key_is_one_vasp_s_and_never_used_again_once_compromised(world: World) {
    let Some(openssl) = Openssl::here() else { return };
    let (one, other) = (world.member("One AG", &[("one.example.com", false)]), world.member("Other AG", &[]));
    let csr = openssl.ec_csr();
    let code = |answer: crate::support::Answer| answer.problem(409, "conflict")["errors"][0]["code"].clone();

    let first = world.issued(&one, &csr, &["tls_client"]);
    let renewed = world.issued(&one, &csr, &["tls_client"]);

    assert_ne!(first["serial"], renewed["serial"]);
    assert_eq!(code(world.ask(&other, &csr, &["tls_client"])), "key_in_use");
    assert_eq!(world.revoke(&first["serial"], "key_compromise").status, 200);
    // A thief of the key could use the renewed certificate.
    openssl.take(&world, &renewed);
    let verified = openssl.verify(&world, "");
    assert!(!verified.0 && verified.1.contains("certificate revoked"), "{verified:?}");
    assert_eq!(code(world.ask(&one, &csr, &["tls_client"])), "key_compromised");
}

#[on_every_database(World::new)]
fn a_suspension_ends_the_certificates_in_its_own_transaction(world: World) {
    let Some(openssl) = Openssl::here() else { return };
    let member = world.member("Lagoon Exchange AG", &[("one.example.com", false)]);
    let issued = world.issued(&member, &openssl.ec_csr(), &["tls_client", "tls_server"]);
    let other = world.member("Other AG", &[]);
    let untouched = world.issued(&other, &openssl.ec_csr(), &["tls_client"]);
    let path = format!("/v1/vasps/{}/cases", member.vasp());
    let case = world.operator.done(&world.registry, &path, &json!({"reason": "they lost their licence"}));
    let case = case["id"].as_str().unwrap();
    world.operator.done(&world.registry, &format!("/v1/cases/{case}/take"), &Value::Null);
    let before = world.crl_number();

    let suspend = json!({"decision": "suspend", "reason": "they lost their licence"});
    world.operator.done(&world.registry, &format!("/v1/cases/{case}/propose"), &suspend);

    assert_eq!(world.crl_number(), before + 1);
    openssl.take(&world, &issued);
    let verified = openssl.verify(&world, "");
    assert!(!verified.0 && verified.1.contains("certificate revoked"), "{verified:?}");
    assert!(openssl.said("crl -in crl.pem -noout -text").contains("Privilege Withdrawn"));
    openssl.take(&world, &untouched);
    assert!(openssl.verify(&world, "").0);
    world.ask(&member, &openssl.ec_csr(), &["tls_client"]).problem(409, "illegal_step");
    let page = world.operator.read(&world.registry, &format!("/v1/ca/certificates?vasp={}", member.vasp()));
    assert_eq!(page["items"][0]["revocation_reason"], "privilege_withdrawn");
}

#[on_every_database]
fn without_an_authority_nothing_is_issued_and_nothing_breaks(database: Database) {
    let Some(openssl) = Openssl::here() else { return };
    let registry = crate::support::Registry::start(database);
    assert_eq!(registry.client.get("/v1/ca").json()["items"], json!([]));
    registry.client.get("/v1/ca/ca_00000000000000000000000000.crl").problem(404, "not_found");
    registry.client.get("/v1/ca/nonsense.crt").problem(404, "not_found");
    assert!(openssl.ec_csr().starts_with("-----BEGIN"));
}
