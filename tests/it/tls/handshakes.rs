//! Clients that shake hands badly, slowly or not at all.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::num::{NonZeroU16, NonZeroU32};
use std::time::Duration;

use rcgen::KeyPair;
use vasp_clock::Stopwatch;

use crate::support::{Badge, Database, Registry, TlsFiles};

fn started(request_timeout_secs: u16) -> (TlsFiles, Registry) {
    let files = TlsFiles::new();
    let registry = Registry::start_tls(Database::sqlite(), &files, |settings| {
        settings.request_timeout_secs = NonZeroU16::new(request_timeout_secs).unwrap();
        // All who connect here have one address.
        settings.max_connections_of_address = NonZeroU32::new(1_000).unwrap();
    });
    (files, registry)
}

/// Sends bytes, and returns what comes back until the server closes the connection.
fn talk(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.write_all(bytes).unwrap();
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Ok(_) => {}
        // Closed with bytes of ours unread.
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "the server closes the connection"),
    }
    answer
}

/// A ClientHello that offers nothing newer than TLS 1.1.
///
/// Source: RFC 4346, section 7.4.1.2, in a record of RFC 4346, section 6.2.1.
fn hello_of_tls_1_1() -> Vec<u8> {
    let mut body = vec![3, 2];
    body.extend([7; 32]);
    // No session, two cipher suites (AES with RSA), no compression.
    body.extend([0, 0, 4, 0, 0x2f, 0, 0x35, 1, 0]);
    let length = u8::try_from(body.len()).unwrap();
    [&[22, 3, 1, 0, length + 4, 1, 0, 0, length], &body[..]].concat()
}

#[test]
fn plain_http_garbage_and_old_versions_get_an_alert_and_a_close() {
    let (files, registry) = started(10);

    let old = talk(registry.address, &hello_of_tls_1_1());
    // Source: RFC 5246, section 7.2: an alert record, fatal; handshake_failure or protocol_version.
    assert!(matches!(old[..], [21, 3, _, 0, 2, 2, 40 | 70]), "{old:?}");
    for bytes in [&b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"[..], &[0xff; 300], &[22, 3, 1, 0xff, 0xff, 1], b"\r\n\r\n\r\n\r\n"]
    {
        let answer = talk(registry.address, bytes);
        assert!(answer.is_empty() || answer[0] == 21, "no more than an alert: {answer:?}");
        assert!(!String::from_utf8_lossy(&answer).contains("HTTP"), "{answer:?}");
    }

    assert_eq!(files.connect(registry.address, None).get("/healthz").status.as_u16(), 200);
}

#[test]
fn who_says_nothing_is_given_up_after_the_time_for_requests() {
    let (files, registry) = started(1);
    let start = Stopwatch::start();

    let silent = talk(registry.address, b"");
    let begun = talk(registry.address, &[22, 3, 1, 2, 0, 1]);

    assert_eq!((silent.len(), begun.len()), (0, 0));
    let elapsed = start.elapsed_micros();
    assert!((1_000_000..20_000_000).contains(&elapsed), "{elapsed} µs");
    assert_eq!(files.connect(registry.address, None).get("/healthz").status.as_u16(), 200);
}

/// 256 handshakes at once, the usual limit of a worker, must not keep others out until they are given up.
#[test]
fn many_who_say_nothing_keep_nobody_else_out() {
    let (files, registry) = started(60);
    let silent: Vec<TcpStream> = (0..300).map(|_| TcpStream::connect(registry.address).unwrap()).collect();
    let start = Stopwatch::start();

    let answer = files.connect(registry.address, None).get("/healthz");

    assert_eq!(answer.status.as_u16(), 200);
    assert!(start.elapsed_micros() < 20_000_000);
    drop(silent);
}

/// Before, connections of an address were counted only once they had shaken hands; whoever began handshakes without end was not counted.
#[test]
fn handshakes_count_against_their_address_before_they_begin() {
    let files = TlsFiles::new();
    let registry = Registry::start_tls(Database::sqlite(), &files, |settings| {
        settings.request_timeout_secs = NonZeroU16::new(60).unwrap();
        settings.max_connections_of_address = NonZeroU32::new(4).unwrap();
        settings.public_metrics = true;
    });
    let _begun: Vec<TcpStream> = (0..4).map(|_| TcpStream::connect(registry.address).unwrap()).collect();

    let refused = talk(registry.address, &[22, 3, 1, 2, 0, 1]);
    assert!(refused.is_empty(), "{refused:?}");
    assert!(files.try_connect(registry.address, None).is_none(), "its places are taken by those that shake hands");

    // As with any connection, of those that hold a place the one that has been idle for longest makes place after a second.
    std::thread::sleep(Duration::from_millis(1_100));
    registry.advance(60);
    let metrics = files.connect(registry.address, None).get("/metrics").text;
    let line = metrics
        .lines()
        .find(|line| line.starts_with("vasp_registry_connections_refused_total"))
        .unwrap_or_else(|| panic!("{metrics}"));
    assert!(line.rsplit(' ').next().unwrap().parse::<u64>().unwrap() >= 2, "{line}");
}

/// Whoever begins one handshake after the other, and ends each, holds few places, and costs a signature each time.
#[test]
fn an_address_shakes_hands_so_often_and_no_more() {
    let files = TlsFiles::new();
    let registry = Registry::start_tls(Database::sqlite(), &files, |settings| {
        settings.max_connections_of_address = NonZeroU32::new(20).unwrap();
        settings.public_metrics = true;
    });

    let done = (0..60).filter(|_| files.try_connect(registry.address, None).is_some()).count();

    assert_eq!(done, 20, "the clock stands still");
}

#[test]
fn a_slow_request_over_tls_is_given_up() {
    let (files, registry) = started(1);
    let mut line = files.connect(registry.address, None);

    let answer = line.ask("POST", "/probe/body", &[("content-length", "1000")], &serde_json::Value::Null);

    assert!([400, 408].contains(&answer.status.as_u16()), "{answer:?}");
}

#[test]
fn a_certificate_without_its_key_opens_nothing() {
    let (files, registry) = started(10);
    let honest = Badge::new("alpha");
    let thief = Badge { key: KeyPair::generate().unwrap().serialize_der(), ..honest.clone() };

    assert!(files.try_connect(registry.address, Some(&thief)).is_none());
    assert!(files.try_connect(registry.address, Some(&honest)).is_some());
}

#[test]
fn certificates_that_are_too_large_too_many_or_none_are_not_read() {
    let (files, registry) = started(10);
    let badge = Badge::new("alpha");
    let names = |count: usize| {
        Badge::made("large", |params| {
            let name = |n: usize| rcgen::SanType::DnsName(format!("host-{n}.example.org").try_into().unwrap());
            params.subject_alt_names = (0..count).map(name).collect();
        })
    };
    let sent = |badge: &Badge| files.try_connect(registry.address, Some(badge)).is_some();

    assert!(sent(&Badge { with: vec![badge.der.clone(); 8], ..badge.clone() }));
    assert!(!sent(&Badge { with: vec![badge.der.clone(); 9], ..badge.clone() }));
    assert!(sent(&names(100)));
    assert!(!sent(&names(1_000)), "20 kB");
    assert!(!sent(&Badge { with: vec![names(600).der, names(600).der, names(600).der], ..badge.clone() }), "36 kB");
    assert!(!sent(&Badge { der: b"no certificate".to_vec(), ..badge.clone() }));
    assert!(!sent(&Badge { der: [badge.der.clone(), vec![0]].concat(), ..badge.clone() }));
}
