//! How a counterparty is reached, and with which key, from the member's endpoint to the gateway's pre-check: on its proven domain,
//! with a certificate of the registry that OpenSSL accepts and that opens this API, until it is revoked.

use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_record::role::{OrganisationKind, Role};
use vasp_registry::ca::{init_ca, prepare_root};

use super::{NO_BODY, Story};
use crate::ca::world::Openssl;
use crate::support::{Badge, Database, Internet, Registry, TlsFiles, on_every_database};

const COVE: &str = "cove.example.com";

/// Proves the member's domain and what lies below it.
fn prove(story: &Story, internet: &Internet) {
    let asked = json!({"domain": COVE, "covers_subdomains": true});
    let text = story.registry.post_as(&story.member, "/v1/vasps/mine/domains", &asked).json()["challenge"]["dns_txt"].clone();
    internet.publish(&[(text["name"].as_str().unwrap(), text["value"].as_str().unwrap())]);
    story.registry.post_as(&story.member, &format!("/v1/vasps/mine/domains/{COVE}/verify"), &NO_BODY).with(200);
}

/// What `openssl verify` says of a certificate beside the CRL of today.
fn verified(story: &Story, openssl: &Openssl, issued: &Value) -> (bool, String) {
    for (name, member) in [("leaf.pem", "certificate"), ("chain.pem", "chain"), ("root.pem", "root")] {
        openssl.file(name, issued[member].as_str().unwrap());
    }
    let authorities = story.registry.get_as(&story.gateway, "/v1/ca").json();
    let issuing = authorities["items"].as_array().unwrap().last().unwrap()["crl"].as_str().unwrap().to_owned();
    let (status, _, crl) = story.registry.client.download(&issuing, &[("authorization", &story.gateway.bearer)]);
    assert_eq!(status, 200);
    openssl.file("crl.der", crl);
    openssl.said("crl -inform DER -in crl.der -out crl.pem");
    let at = story.registry.clock.now().micros() / 1_000_000;
    let arguments = format!(
        "verify -x509_strict -purpose sslclient -CAfile root.pem -untrusted chain.pem -CRLfile crl.pem -crl_check -attime {at} leaf.pem"
    );
    let output = openssl.run(&arguments);
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    (output.status.success(), said)
}

/// The pre-check of a gateway that speaks TRP too, towards the member.
fn checks(story: &Story, gateway: &crate::support::Person, vasp: &str) -> Value {
    let asked =
        json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": {"vasp": vasp}, "record": false});
    story.registry.post_as(gateway, "/v1/prechecks", &asked).answered(200)
}

fn outcome(precheck: &Value, check: &str) -> Value {
    let all = precheck["checks"].as_array().unwrap();
    all.iter().find(|one| one["check"] == check).unwrap()["code"].clone()
}

/// A registry with TLS and an authority, which looks domains up in the test's own Internet.
fn with_authority(database: Database, files: &TlsFiles, internet: &Internet) -> Registry {
    let registry = Registry::start_tls_calling(database, files, Some(internet.outbound()), |_| ());
    let (now, mut rng) = (registry.clock.now(), registry.random.fork());
    let root = prepare_root(&registry.registry, "Test Registry", now, &mut rng).unwrap();
    init_ca(&registry.registry, "Test Registry", &root, now, &mut rng).unwrap();
    registry
}

/// The certificate of the member's own server.
fn server() -> Badge {
    Badge::made(&format!("trp.{COVE}"), |params| {
        params.subject_alt_names = vec![rcgen::SanType::DnsName(format!("trp.{COVE}").try_into().unwrap())];
        params.distinguished_name.push(rcgen::DnType::OrganizationName, "Lagoon Exchange GmbH");
        params.distinguished_name.push(rcgen::DnType::CountryName, "DE");
        params.key_usages = vec![rcgen::KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    })
}

#[on_every_database]
fn a_member_is_reached_at_its_endpoint_and_its_certificate_opens_this_api_until_it_is_revoked(database: Database) {
    let Some(openssl) = Openssl::here() else { return };
    let (internet, files) = (Internet::start(&[COVE]), TlsFiles::new());
    let story = Story::of(with_authority(database, &files, &internet));
    let vasp = story.verified();
    assert_eq!(outcome(&checks(&story, &story.gateway, &vasp), "protocol"), "protocol.none_on_record");

    // An endpoint stands on a proven domain only.
    let endpoint = json!({"protocol": "trp", "versions": ["3.2.1"], "location": {"kind": "url", "url": format!("https://trp.{COVE}/inquiries")}});
    let refused = story.registry.post_as(&story.member, "/v1/vasps/mine/endpoints", &endpoint);
    assert_eq!(refused.problem(422, "invalid_request")["errors"][0]["code"], "domain_not_proven");
    prove(&story, &internet);
    let published = story.registry.post_as(&story.member, "/v1/vasps/mine/endpoints", &endpoint).with(201);

    // Its server's certificate is its own; that of its client comes from the registry.
    let pinned = json!({"use": "tls_server", "pem": server().pem, "root_set": "pinned", "endpoint": published.json()["id"]});
    let answer = story.registry.post_as(&story.member, "/v1/vasps/mine/certificates", &pinned).with(201);
    let findings = answer.json()["certificate"]["findings"].as_array().unwrap_or_else(|| panic!("{answer:?}")).clone();
    assert!(findings.iter().all(|found| found["severity"] == "info"), "{findings:?}");
    let asked = json!({"csr": openssl.ec_csr(), "use": "tls_client", "dns_names": [COVE]});
    let issued = story.registry.post_as(&story.member, "/v1/vasps/mine/certificates/csr", &asked).with(201);
    let issued = issued.json();
    let said = verified(&story, &openssl, &issued);
    assert!(said.0, "{said:?}");

    // It opens this API, for the member.
    openssl.said("pkcs8 -topk8 -nocrypt -in key.pem -outform DER -out key.der");
    openssl.said("x509 -in leaf.pem -outform DER -out leaf.der");
    let badge = Badge { der: openssl.read("leaf.der"), pem: String::new(), key: openssl.read("key.der"), with: vec![] };
    let mut line = files.connect(story.registry.address, Some(&badge));
    let session = line.get("/v1/session").json();
    assert_eq!((&session["id"], &session["scopes"]), (&issued["credential"], &json!(["resolve", "precheck"])), "{session}");
    let shown = format!("/v1/resolve?kind=certificate_sha256&subject={}", issued["sha256"].as_str().unwrap());
    assert_eq!(line.get(&shown).json()["owners"][0]["vasp"]["id"], json!(vasp));

    // What a gateway learns before the transfer. Nobody has looked at the endpoint yet, and it says so.
    let precheck = checks(&story, &story.gateway, &vasp);
    assert_eq!(precheck["routes"][0]["protocol"], "trp", "{precheck}");
    assert_eq!(outcome(&precheck, "protocol"), "protocol.ours_unknown");
    assert_eq!(outcome(&precheck, "certificate"), "certificate.valid", "{precheck}");

    // Revoked, it is refused on the open connection, stands on the CRL, and names nobody any more.
    let path = format!("/v1/vasps/mine/certificates/{}/revoke", issued["certificates"][0]["id"].as_str().unwrap());
    story.registry.post_as(&story.member, &path, &json!({"reason": "key_compromise"})).with(200);
    let refused = line.get("/v1/session");
    assert_eq!(refused.problem(401, "unauthenticated")["errors"][0]["code"], "certificate_revoked");
    let said = verified(&story, &openssl, &issued);
    assert!(!said.0 && said.1.contains("certificate revoked"), "{said:?}");
    let other = story.registry.person_of_new(OrganisationKind::Gateway, &[Role::Compliance]);
    assert_eq!(story.registry.get_as(&other, &shown).json()["status"], "not_found");
}
