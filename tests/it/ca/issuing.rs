//! What is issued, as OpenSSL reads it.

use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_record::fact::REGISTRY;

use super::world::LEI;
use super::{Openssl, World};
use crate::support::{assert_audit_recomputes, assert_log_recomputes, on_every_database};

const EC: &str = "-algorithm EC -pkeyopt ec_paramgen_curve:P-256";

#[on_every_database(World::new)]
fn openssl_accepts_a_certificate_until_it_is_revoked(world: World) {
    let Some(openssl) = Openssl::here() else { return };
    let member = world.member("Müller & Söhne Handels AG", &[("one.example.com", false), ("two.example.org", true)]);
    let issued = world.issued(&member, &openssl.ec_csr(), &["tls_client", "tls_server"]);
    openssl.take(&world, &issued);

    let server = openssl.verify(&world, " -purpose sslserver -verify_hostname one.example.com");
    let client = openssl.verify(&world, " -purpose sslclient");
    let elsewhere = openssl.verify(&world, " -purpose sslserver -verify_hostname a.one.example.com");
    assert!(server.0 && client.0, "{server:?} {client:?}");
    assert!(!elsewhere.0 && elsewhere.1.contains("hostname mismatch"), "{elsewhere:?}");

    world.revoke(&issued["serial"], "key_compromise").with(200);
    openssl.take(&world, &issued);
    let after = openssl.verify(&world, "");
    assert!(!after.0 && after.1.contains("certificate revoked"), "{after:?}");
    let text = openssl.said("crl -in crl.pem -noout -text -CAfile chain.pem");
    assert!(text.contains("verify OK") && text.contains("Key Compromise") && text.contains("X509v3 CRL Number"), "{text}");
    assert!(text.to_lowercase().contains(issued["serial"].as_str().unwrap()), "{text}");

    assert_log_recomputes(world.registry.registry.store());
    assert_audit_recomputes(world.registry.registry.store());
}

#[on_every_database(World::new)]
fn what_nobody_has_evidence_for_stands_in_no_subject(world: World) {
    let Some(openssl) = Openssl::here() else { return };
    let member = world.member_with("Quicksand Trading AG", &[("one.example.com", false)], &[("status", "", "verified")]);
    // As a record verified before evidence was asked for has it.
    world.registry.say_from(REGISTRY, member.vasp(), &[("lei", "", LEI), ("country", "", "CH")]);
    assert_eq!(world.registry.client.get(&format!("/v1/vasps/{}", member.vasp())).json()["lei"], LEI);

    let issued = world.issued(&member, &openssl.ec_csr(), &["tls_client"]);

    openssl.take(&world, &issued);
    let subject = openssl.said("x509 -in leaf.pem -noout -subject -nameopt RFC2253");
    assert_eq!(subject.trim(), "subject=CN=one.example.com,O=Quicksand Trading AG");
    assert!(!openssl.said("x509 -in leaf.pem -noout -text").contains(LEI));
}

#[on_every_database(World::new)]
fn subject_names_and_bounds_are_the_registry_s_and_not_the_request_s(world: World) {
    let Some(openssl) = Openssl::here() else { return };
    let member = world.member("Lagoon Exchange AG", &[("one.example.com", false)]);
    let issued = world.issued(&member, &openssl.ec_csr(), &["tls_client", "tls_server"]);
    openssl.take(&world, &issued);

    let text = openssl.said("x509 -in leaf.pem -noout -text -nameopt RFC2253,-esc_msb,utf8");
    for line in [
        "Subject: CN=one.example.com,organizationIdentifier=LEIXG-506700GE1G29325QX363,O=Lagoon Exchange AG,C=CH",
        "Issuer: CN=Test Registry Issuing CA 1,O=Test Registry",
        "DNS:one.example.com\n",
        "X509v3 Key Usage: critical\n                Digital Signature\n",
        "X509v3 Extended Key Usage: critical\n                TLS Web Server Authentication, TLS Web Client Authentication\n",
        "X509v3 Basic Constraints: critical\n                CA:FALSE\n",
        "1.3.6.1.4.1.52266.1: \n                ..506700GE1G29325QX363\n",
        "X509v3 Authority Key Identifier",
        "X509v3 Subject Key Identifier",
        // NOW, five minutes back, and 90 days later less a second.
        "Not Before: Jun  1 11:55:00 2026 GMT",
        "Not After : Aug 30 11:54:59 2026 GMT",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(!text.contains("example.net"), "{text}");
    let authority = world.authorities().last().unwrap()["id"].as_str().unwrap().to_owned();
    let url = format!("http://registry.example.org/v1/ca/{authority}");
    assert!(text.contains(&format!("URI:{url}.crl")) && text.contains(&format!("CA Issuers - URI:{url}.crt")), "{text}");
    assert_eq!(issued["crl_url"], format!("{url}.crl"));

    let issuing = openssl.said("x509 -in chain.pem -noout -text");
    let root = openssl.said("x509 -in root.pem -noout -text");
    assert!(issuing.contains("CA:TRUE, pathlen:0") && issuing.contains("Certificate Sign, CRL Sign"), "{issuing}");
    assert!(root.contains("CA:TRUE, pathlen:1") && root.contains("secp384r1"), "{root}");

    // What readers see of it: one certificate a use.
    let history = world.registry.client.get(&format!("/v1/vasps/{}/history", member.vasp())).json();
    let kinds: Vec<&Value> = history["items"].as_array().unwrap().iter().map(|item| &item["kind"]).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "certificate_changed").count(), 2, "{kinds:?}");
    let page = world.operator.read(&world.registry, &format!("/v1/ca/certificates?vasp={}", member.vasp()));
    assert_eq!(page["items"][0]["serial"], issued["serial"]);
    let ids: Vec<&Value> = issued["certificates"].as_array().unwrap().iter().map(|known| &known["id"]).collect();
    assert_eq!(json!(ids), page["items"][0]["certificates"]);
}

#[on_every_database(World::new)]
fn keys_of_every_kind_that_is_taken_get_one(world: World) {
    let Some(openssl) = Openssl::here() else { return };
    let member = world.member("Lagoon Exchange AG", &[("one.example.com", true)]);
    for key in [
        "-algorithm RSA -pkeyopt rsa_keygen_bits:2048",
        EC,
        "-algorithm EC -pkeyopt ec_paramgen_curve:P-384",
        "-algorithm ED25519",
    ] {
        // What the request asks for and is proven is no reason to refuse it.
        let csr = openssl.csr(key, " -addext subjectAltName=DNS:one.example.com");

        let issued = world.issued(&member, &csr, &["tls_client"]);

        openssl.take(&world, &issued);
        let verified = openssl.verify(&world, " -purpose sslclient");
        assert!(verified.0, "{key}: {verified:?}");
        assert!(!openssl.verify(&world, " -purpose sslserver").0, "{key}");
    }
}

#[on_every_database(World::new)]
fn names_are_chosen_among_what_is_proven(world: World) {
    let Some(openssl) = Openssl::here() else { return };
    let member = world.member("Lagoon Exchange AG", &[("one.example.com", false), ("two.example.org", true)]);
    let ask = |names: Value| {
        let body = json!({"csr": openssl.ec_csr(), "use": "tls_server", "dns_names": names});
        member.post(&world.registry, "/v1/vasps/mine/certificates/csr", &body)
    };

    let issued = ask(json!(["api.two.example.org"]));
    assert_eq!(issued.json()["dns_names"], json!(["api.two.example.org"]), "{issued:?}");
    for stranger in ["api.one.example.com", "example.org", "other.example.net"] {
        let problem = ask(json!([stranger])).problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["code"], "domain_not_proven", "{stranger}");
    }
}

/// Serial numbers are random, so their order says nothing.
#[on_every_database(World::new)]
fn issued_certificates_are_listed_oldest_first_and_page_by_page(world: World) {
    let Some(openssl) = Openssl::here() else { return };
    let member = world.member("Lagoon Exchange AG", &[("one.example.com", true)]);
    let now = world.registry.clock.now();
    let issued: Vec<Value> = (0..5)
        .map(|second| {
            world.registry.clock.set(now.plus_secs(second));
            world.issued(&member, &openssl.ec_csr(), &["tls_client"])["serial"].clone()
        })
        .collect();

    let (mut listed, mut cursor) = (vec![], String::new());
    loop {
        let page = world.operator.read(&world.registry, &format!("/v1/ca/certificates?limit=2{cursor}"));
        listed.extend(page["items"].as_array().unwrap().iter().map(|item| item["serial"].clone()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }

    assert_eq!(listed, issued);
}
