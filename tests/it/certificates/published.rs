//! Members publish certificates: what is taken and refused, whose one is, what readers see, revocation and expiry.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    CertificateParams, CertificateRevocationListParams, ExtendedKeyUsagePurpose, KeyIdMethod, KeyPair, RevocationReason,
    RevokedCertParams, SerialNumber, SigningKey,
};
use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_outbound::Outbound;
use vasp_pki::x509::parse_chain;
use vasp_registry::certificates;
use vasp_words::ids::VaspId;
use vasp_words::time::UtcTime;

use super::lab::{HOST, LEI, Lab, NOON, at, chain, key, offset, server};
use crate::support::{Answer, Database, Person, Registry, Said, on_every_database};

/// A registry at noon of the laboratory's day.
pub(super) struct World {
    pub(super) registry: Registry,
}

impl World {
    fn new(database: Database) -> Self {
        Self::calling(database, None)
    }

    pub(super) fn calling(database: Database, outbound: Option<Outbound>) -> Self {
        let registry = Registry::start_calling(database, outbound, |settings| settings.public_read = true);
        registry.clock.set(at(NOON));
        Self { registry }
    }

    /// A member of this legal name, whose record has proven the laboratory's domain if it has the laboratory's name.
    pub(super) fn member(&self, name: &str) -> Person {
        let proven =
            [("lei", "", LEI), ("domain", "vasp.example.com", "proven"), ("domain_scope", "vasp.example.com", "subdomains")];
        let own: &[Said<'_>] = if name == "Example VASP GmbH" { &proven } else { &[] };
        self.registry.verified_member(name, &[&[("country", "", "DE")], own].concat())
    }

    pub(super) fn ask(&self, member: &Person, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let path = format!("/v1/vasps/mine/certificates{path}");
        member.send(&self.registry, method, &path, &[], body.unwrap_or(&Value::Null))
    }

    #[track_caller]
    pub(super) fn publish(&self, member: &Person, body: &Value) -> Value {
        self.ask(member, "POST", "", Some(body)).answered(201)
    }

    /// Status and the codes of the errors of a refusal.
    fn refused(&self, member: &Person, path: &str, body: &Value) -> (u16, Vec<String>) {
        let answer = self.ask(member, "POST", path, Some(body));
        let errors = answer.json()["errors"].as_array().cloned().unwrap_or_default();
        (answer.status.as_u16(), errors.iter().map(|error| error["code"].as_str().unwrap().to_owned()).collect())
    }

    /// The certificates of a record, as everybody sees them.
    pub(super) fn seen(&self, vasp: VaspId) -> Vec<Value> {
        self.registry.client.get(&format!("/v1/vasps/{vasp}")).json()["certificates"].as_array().unwrap().clone()
    }
}

/// A chain for TLS clients, and its key.
fn client() -> (String, KeyPair) {
    let (mut params, key) = (server(), key());
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    (chain(&params, &key, &Lab::get().below), key)
}

/// The text of `docs/certificates.md`, signed.
fn proof(vasp: VaspId, pem: &str, certificate_use: &str, time: &str, key: &KeyPair) -> Value {
    let sha256 = parse_chain(pem.as_bytes()).unwrap().leaf.sha256;
    let text = format!(
        "vasp-registry certificate possession\nvasp: {vasp}\ncertificate: {sha256}\nuse: {certificate_use}\ntime: {time}"
    );
    json!({"signed_at": time, "signature": STANDARD.encode(key.sign(text.as_bytes()).unwrap())})
}

#[on_every_database(World::new)]
fn a_servers_certificate_on_a_proven_domain_is_published_and_seen_by_everybody(world: World) {
    let member = world.member("Example VASP GmbH");
    let pem = chain(&server(), &key(), &Lab::get().below);

    let own = world.publish(&member, &json!({"use": "tls_server", "pem": pem, "root_set": "pinned"}));

    let id = own["certificate"]["id"].as_str().unwrap().to_owned();
    assert!(id.starts_with("crt_") && own["chain"].as_array().unwrap().len() == 2, "{own}");
    let seen = world.seen(member.vasp());
    assert_eq!((seen.len(), &seen[0]["id"], &seen[0]["state"]), (1, &json!(id), &json!("active")));
    // From noon of 20 November to the end of 31 January.
    assert_eq!((&seen[0]["days_left"], &seen[0]["key"]), (&json!(72), &json!("EC P-256")));
    assert_eq!((&seen[0]["dns_names"], &seen[0]["root_set"]), (&json!([HOST]), &json!("pinned")));
    let codes: Vec<_> = seen[0]["findings"].as_array().unwrap().iter().map(|finding| finding["code"].clone()).collect();
    assert!(codes.contains(&json!("organisation_matches")) && codes.contains(&json!("pinned")), "{codes:?}");
    let document = world.registry.client.get(&format!("/v1/vasps/{}/certificates/{id}", member.vasp())).json();
    assert_eq!(document["pem"], own["pem"]);
    assert_eq!(parse_chain(document["pem"].as_str().unwrap().as_bytes()), parse_chain(pem.as_bytes()));
    assert_eq!(world.registry.trigger_kinds(member.vasp()), ["key_rotation"]);
    let history = world.registry.client.get(&format!("/v1/vasps/{}/history", member.vasp())).json();
    assert_eq!(history["items"][0]["kind"], "certificate_changed");
    assert_eq!(
        world.refused(&member, "", &json!({"use": "tls_server", "pem": pem, "root_set": "pinned"})),
        (409, vec!["already_published".into()])
    );
}

#[on_every_database(World::new)]
fn a_key_that_is_not_proven_publishes_nothing(world: World) {
    let (member, other) = (world.member("Example VASP GmbH"), world.member("Other AG"));
    let (pem, key) = client();
    let body = |proof: Value| json!({"use": "tls_client", "pem": pem, "root_set": "pinned", "proof": proof});
    let unproven = (422, vec!["possession_unproven".to_owned()]);

    let answer = world.ask(&member, "POST", "", Some(&body(Value::Null)));
    let detail = answer.json()["errors"][0]["detail"].as_str().unwrap().to_owned();
    assert!(
        detail.contains(&format!("vasp: {}\n", member.vasp())) && detail.ends_with("use: tls_client\ntime: 2026-11-20T12:00:00Z"),
        "{detail}"
    );
    // Another's key, another VASP, another use, another time, an hour and a second ago.
    let stranger = rcgen::KeyPair::generate().unwrap();
    for wrong in [
        proof(member.vasp(), &pem, "tls_client", NOON, &stranger),
        proof(other.vasp(), &pem, "tls_client", NOON, &key),
        proof(member.vasp(), &pem, "signing", NOON, &key),
        json!({"signed_at": "2026-11-20T12:00:01Z", "signature": proof(member.vasp(), &pem, "tls_client", NOON, &key)["signature"]}),
        proof(member.vasp(), &pem, "tls_client", "2026-11-20T10:59:59Z", &key),
    ] {
        assert_eq!(world.refused(&member, "", &body(wrong)), unproven);
    }
    assert!(world.seen(member.vasp()).is_empty());
    world.publish(&member, &body(proof(member.vasp(), &pem, "tls_client", NOON, &key)));

    // Whoever has the same certificate, even with its key, does not take it over; the names are not on a domain of its own either.
    assert_eq!(
        world.refused(&other, "", &body(proof(other.vasp(), &pem, "tls_client", NOON, &key))),
        (409, vec!["key_in_use".into()])
    );
    let on_others_domain =
        json!({"use": "tls_server", "pem": chain(&server(), &super::lab::key(), &Lab::get().below), "root_set": "pinned"});
    assert_eq!(world.refused(&other, "", &on_others_domain), unproven);
}

#[on_every_database(World::new)]
fn what_cannot_be_used_is_refused_with_every_reason(world: World) {
    let member = world.member("Example VASP GmbH");
    let refused = |body: Value| world.refused(&member, "", &body);
    let pem = chain(&server(), &key(), &Lab::get().below);

    assert_eq!(
        refused(json!({"use": "tls_client", "pem": pem, "root_set": "pinned"})),
        (422, vec!["extended_key_usage_unfit".into()])
    );
    assert_eq!(refused(json!({"use": "tls_server", "pem": pem})), (422, vec!["chain_untrusted".into()]));
    assert_eq!(
        refused(json!({"use": "tls_server", "pem": pem, "root_set": "trisa"})),
        (422, vec!["roots_not_configured".into()])
    );
    assert_eq!(refused(json!({"use": "tls_server", "pem": "x"})), (422, vec!["not_pem".into()]));
    assert_eq!(refused(json!({"use": "tls_server", "pem": key().serialize_pem()})), (422, vec!["private_key".into()]));
    let absent = json!({"use": "tls_server", "pem": pem, "root_set": "pinned", "endpoint": "end_00000000000000000000000000"});
    assert_eq!(refused(absent), (422, vec!["unknown_endpoint".into()]));
    let mut params = server();
    params.not_after = offset!("2026-11-20T11:59:59Z");
    params.key_usages = vec![rcgen::KeyUsagePurpose::KeyAgreement];
    let over = json!({"use": "tls_server", "pem": chain(&params, &key(), &Lab::get().below), "root_set": "pinned"});
    assert_eq!(refused(over), (422, vec!["expired".into(), "key_usage_unfit".into()]));
    assert!(world.seen(member.vasp()).is_empty());
    // The next one, before it is needed.
    let mut next = server();
    next.not_before = offset!("2026-12-01T00:00:00Z");
    world.publish(&member, &json!({"use": "tls_server", "pem": chain(&next, &key(), &Lab::get().below), "root_set": "pinned"}));
    assert_eq!(world.seen(member.vasp())[0]["state"], "not_yet_valid");
    world.registry.clock.set(at("2026-12-01T00:00:00Z"));
    assert_eq!(world.seen(member.vasp())[0]["state"], "active");
}

/// Before, a second firm could publish a certificate of the same key, and went on with it after the key was reported as compromised.
#[on_every_database(World::new)]
fn a_key_that_another_firm_published_or_that_was_compromised_is_refused(world: World) {
    let (one, other) = (world.member("Example VASP GmbH"), world.member("Other AG"));
    let key = key();
    let body = |member: &Person| {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let pem = chain(&params, &key, &Lab::get().below);
        let proof = proof(member.vasp(), &pem, "tls_client", NOON, &key);
        json!({"use": "tls_client", "pem": pem, "root_set": "pinned", "proof": proof})
    };
    let id = world.publish(&one, &body(&one))["certificate"]["id"].as_str().unwrap().to_owned();

    assert_eq!(world.refused(&other, "", &body(&other)), (409, vec!["key_in_use".into()]));
    world.publish(&one, &body(&one));
    let revoked = world.ask(&one, "POST", &format!("/{id}/revoke"), Some(&json!({"reason": "key_compromise"})));
    assert_eq!(revoked.status.as_u16(), 200, "{revoked:?}");
    let states: Vec<Value> = world.seen(one.vasp()).iter().map(|certificate| certificate["state"].clone()).collect();
    assert_eq!(states, ["revoked", "revoked"], "of one key both");
    for member in [&one, &other] {
        assert_eq!(world.refused(member, "", &body(member)), (409, vec!["key_compromised".into()]));
    }
}

/// Source: a review of this rule: a firm had its own issuer certify another firm's public key, then held that key and reported it as
/// compromised.
#[on_every_database(World::new)]
fn a_key_that_was_only_shown_is_nobodys(world: World) {
    let (one, other) = (world.member("Example VASP GmbH"), world.member("Other AG"));
    let key = key();
    let shown = json!({"use": "tls_server", "pem": chain(&server(), &key, &Lab::get().below), "root_set": "pinned"});
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let pem = chain(&params, &key, &Lab::get().below);
    let of = |member: &Person| {
        let proof = proof(member.vasp(), &pem, "tls_client", NOON, &key);
        json!({"use": "tls_client", "pem": pem, "root_set": "pinned", "proof": proof})
    };

    let id = world.publish(&one, &shown)["certificate"]["id"].as_str().unwrap().to_owned();
    let compromised =
        |path: &str, member: &Person| world.ask(member, "POST", path, Some(&json!({"reason": "key_compromise"}))).status;
    assert_eq!(compromised(&format!("/{id}/revoke"), &one).as_u16(), 200);

    let held = world.publish(&other, &of(&other))["certificate"]["id"].as_str().unwrap().to_owned();
    assert_eq!(world.refused(&one, "", &of(&one)), (409, vec!["key_compromised".into()]), "its own word");
    // Its holder's word counts, also if the certificate was revoked for another reason before.
    let superseded = world.ask(&other, "POST", &format!("/{held}/revoke"), Some(&json!({"reason": "superseded"})));
    assert_eq!(superseded.status.as_u16(), 200);
    assert_eq!(compromised(&format!("/{held}/revoke"), &other).as_u16(), 200);
    let third = world.member("Third SA");
    assert_eq!(world.refused(&third, "", &of(&third)), (409, vec!["key_compromised".into()]));
}

#[on_every_database(World::new)]
fn a_revoked_certificate_stays_listed_and_is_never_taken_again(world: World) {
    let member = world.member("Example VASP GmbH");
    let body = json!({"use": "tls_server", "pem": chain(&server(), &key(), &Lab::get().below), "root_set": "pinned"});
    let id = world.publish(&member, &body)["certificate"]["id"].as_str().unwrap().to_owned();
    let path = format!("/{id}/revoke");

    assert_eq!(world.ask(&member, "POST", &path, Some(&json!({"reason": "boredom"}))).status.as_u16(), 422);
    let answer = world.ask(&member, "POST", &path, Some(&json!({"reason": "superseded"})));

    assert_eq!((answer.status.as_u16(), answer.header("etag")), (200, "\"2\""), "{answer:?}");
    let seen = world.seen(member.vasp());
    let expected = (&json!("revoked"), &json!("superseded"), &json!("2026-11-20T12:00:00Z"));
    assert_eq!((&seen[0]["state"], &seen[0]["revocation_reason"], &seen[0]["revoked_at"]), expected);
    assert_eq!(seen[0]["findings"][0]["code"], "revoked");
    assert_eq!(world.refused(&member, &path, &json!({"reason": "superseded"})), (409, vec!["already_revoked".into()]));
    assert_eq!(world.refused(&member, "", &body), (409, vec!["certificate_revoked".into()]));
    assert_eq!(world.ask(&world.member("Other AG"), "POST", &path, Some(&json!({"reason": "superseded"}))).status.as_u16(), 404);
    assert_eq!(world.ask(&member, "GET", &format!("/{id}"), None).json()["certificate"]["state"], "revoked");
    assert_eq!(world.ask(&member, "GET", "", None).json()["items"].as_array().unwrap().len(), 1);
}

#[on_every_database]
fn the_issuers_list_revokes_for_every_reader(database: Database) {
    let (world, lab) = (World::new(database), Lab::get());
    let member = world.member("Example VASP GmbH");
    let mut params = server();
    params.serial_number = Some(SerialNumber::from_slice(&[0x51]));
    let (key, body) = (
        key(),
        |params: &CertificateParams, key: &rcgen::KeyPair| json!({"use": "tls_server", "pem": chain(params, key, &lab.below), "root_set": "pinned"}),
    );
    let id = world.publish(&member, &body(&params, &key))["certificate"]["id"].as_str().unwrap().to_owned();
    // Two more, one of the same key.
    params.serial_number = Some(SerialNumber::from_slice(&[0x52]));
    world.publish(&member, &body(&params, &key));
    params.serial_number = Some(SerialNumber::from_slice(&[0x53]));
    world.publish(&member, &body(&params, &super::lab::key()));
    let path = format!("/{id}/crl");
    let list = |number: u64, revoked_certs, issuer: &super::lab::Issuer| {
        let list = CertificateRevocationListParams {
            this_update: offset!("2026-11-19T00:00:00Z"),
            next_update: offset!("2026-11-27T00:00:00Z"),
            crl_number: SerialNumber::from(number),
            issuing_distribution_point: None,
            revoked_certs,
            key_identifier_method: KeyIdMethod::Sha256,
        };
        json!({"crl": list.signed_by(issuer).unwrap().pem().unwrap()})
    };
    let entry = RevokedCertParams {
        serial_number: SerialNumber::from_slice(&[0x51]),
        revocation_time: offset!("2026-11-18T08:30:00Z"),
        reason_code: Some(RevocationReason::KeyCompromise),
        invalidity_date: None,
    };

    assert_eq!(world.refused(&member, &path, &list(1, vec![], &lab.root)), (422, vec!["crl_other_issuer".into()]));
    assert_eq!(world.refused(&member, &path, &json!({"crl": "MAA="})), (422, vec!["crl_unreadable".into()]));
    assert_eq!(world.ask(&member, "POST", &path, Some(&list(7, vec![], &lab.below))).status.as_u16(), 200);
    let own = world.ask(&member, "GET", &format!("/{id}"), None).json().to_string();
    assert!(own.contains("revocation_good") && !own.contains("revocation_unknown"), "{own}");
    assert_eq!(world.refused(&member, &path, &list(6, vec![], &lab.below)), (409, vec!["crl_older".into()]));
    assert_eq!(world.seen(member.vasp())[0]["state"], "active");

    assert_eq!(world.ask(&member, "POST", &path, Some(&list(8, vec![entry], &lab.below))).status.as_u16(), 200);

    let seen = world.seen(member.vasp());
    let is_compromised =
        |one: &&Value| (&one["state"], &one["revocation_reason"]) == (&json!("revoked"), &json!("key_compromise"));
    let mut times: Vec<&Value> = seen.iter().filter(is_compromised).map(|one| &one["revoked_at"]).collect();
    times.sort_by_key(ToString::to_string);
    // A thief of the key could use both certificates. The list names the first; the registry revokes the second at its own time.
    assert_eq!(times, [&json!("2026-11-18T08:30:00Z"), &json!("2026-11-20T12:00:00Z")], "{seen:?}");
    assert_eq!(seen.iter().filter(|one| one["state"] == "active").count(), 1);
    assert_eq!(world.refused(&member, "", &body(&params, &key)), (409, vec!["key_compromised".into()]));
}

#[on_every_database(World::new)]
fn a_certificate_expires_at_the_second_and_its_case_opens_once(world: World) {
    let member = world.member("Example VASP GmbH");
    world.publish(
        &member,
        &json!({"use": "tls_server", "pem": chain(&server(), &key(), &Lab::get().below), "root_set": "pinned"}),
    );
    let look = |time: &str| {
        world.registry.clock.set(time.parse::<UtcTime>().unwrap());
        let seen = world.seen(member.vasp()).remove(0);
        (seen["state"].as_str().unwrap().to_owned(), seen["findings"][0]["code"].as_str().unwrap().to_owned())
    };
    let note = || {
        let (registry, now) = (&world.registry.registry, world.registry.clock.now());
        certificates::note_expired_certificates(registry, now, &mut world.registry.random.fork()).unwrap()
    };

    assert_ne!(look("2027-01-01T23:59:59Z").1, "expires_soon");
    assert_eq!(look("2027-01-02T00:00:00Z"), ("active".into(), "expires_soon".into()));
    assert_eq!(look("2027-01-31T23:59:59.999999Z"), ("active".into(), "expires_soon".into()));
    assert_eq!(note(), 0);
    assert_eq!(look("2027-02-01T00:00:00Z"), ("expired".into(), "expired".into()));
    assert_eq!((note(), note()), (1, 0));
    assert_eq!(world.registry.trigger_kinds(member.vasp()), ["key_rotation", "expiry"]);
}
