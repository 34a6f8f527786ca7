//! Revocation lists that the registry fetches itself, from where a certificate says that its issuer publishes them.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use rcgen::{CertificateRevocationListParams, KeyIdMethod, RevocationReason, RevokedCertParams, SerialNumber};
use serde_json::json;
use vasp_clock::Clock;
use vasp_registry::certificates;

use super::lab::{Lab, at, chain, key, offset, server};
use super::published::World;
use crate::support::{Database, Internet, on_every_database};

/// What lies at the place by HTTP; none: nobody answers as they should.
type Place = Arc<Mutex<Option<Vec<u8>>>>;

/// Serves the place on a port of its own, as long as the process lives.
fn serve(place: &Place) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, place) = (listener.local_addr().unwrap().port(), Arc::clone(place));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let (mut head, mut byte) = (Vec::new(), [0]);
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
                head.push(byte[0]);
            }
            let (status, body) = match &*place.lock().unwrap() {
                Some(body) => ("200 OK", body.clone()),
                None => ("404 Not Found", Vec::new()),
            };
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            drop(stream.write_all(&[head.as_bytes(), &body].concat()));
        }
    });
    port
}

fn list(number: u64, revoked: &[u8]) -> Vec<u8> {
    let entry = |serial: &u8| RevokedCertParams {
        serial_number: SerialNumber::from_slice(&[*serial]),
        revocation_time: offset!("2026-11-18T08:30:00Z"),
        reason_code: Some(RevocationReason::KeyCompromise),
        invalidity_date: None,
    };
    let list = CertificateRevocationListParams {
        this_update: offset!("2026-11-19T00:00:00Z"),
        next_update: offset!("2026-11-27T00:00:00Z"),
        crl_number: SerialNumber::from(number),
        issuing_distribution_point: None,
        revoked_certs: revoked.iter().map(entry).collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    list.signed_by(&Lab::get().below).unwrap().der().to_vec()
}

/// Before, a certificate that its issuer revoked stayed good until its own member brought the list.
#[on_every_database]
fn the_registry_fetches_the_issuers_list_and_a_certificate_on_it_is_revoked_for_every_reader(database: Database) {
    let (internet, place) = (Internet::start(&["crl.example.com"]), Place::default());
    let world = World::calling(database, Some(internet.outbound_with(|laboratory| laboratory.http_port = Some(serve(&place)))));
    let member = world.member("Example VASP GmbH");
    let mut params = server();
    params.serial_number = Some(SerialNumber::from_slice(&[0x51]));
    let body = json!({"use": "tls_server", "pem": chain(&params, &key(), &Lab::get().below), "root_set": "pinned"});
    let id = world.publish(&member, &body)["certificate"]["id"].as_str().unwrap().to_owned();
    let fetch = || {
        let registry = &world.registry;
        certificates::fetch_due_lists(&registry.registry, registry.clock.now(), &mut registry.random.fork()).unwrap()
    };
    let own = || world.ask(&member, "GET", &format!("/{id}"), None).json().to_string();
    let set = |served: Option<Vec<u8>>| *place.lock().unwrap() = served;

    assert_eq!(fetch(), 0, "nothing is there");
    assert!(own().contains("revocation_unknown"));
    world.registry.clock.set(at("2026-11-20T18:00:00Z"));
    set(Some(vec![b'0'; 1024 * 1024 + 1]));
    assert_eq!(fetch(), 0, "too long");
    world.registry.clock.set(at("2026-11-21T00:00:00Z"));
    set(Some(list(7, &[])));
    assert_eq!((fetch(), fetch()), (1, 0), "kept for a day");
    assert!(own().contains("revocation_good"));
    world.registry.clock.set(at("2026-11-27T06:00:00Z"));
    set(None);
    assert_eq!(fetch(), 0);
    assert!(!own().contains("revocation_good"), "a list past its next update says nothing good");

    world.registry.clock.set(at("2026-11-27T12:00:00Z"));
    set(Some(list(8, &[0x51])));
    assert_eq!(fetch(), 1);

    let seen = world.seen(member.vasp());
    assert_eq!((&seen[0]["state"], &seen[0]["revocation_reason"]), (&json!("revoked"), &json!("key_compromise")));
    world.registry.clock.set(at("2026-11-30T12:00:00Z"));
    assert_eq!(fetch(), 0, "a revoked one is asked about no more");
}
