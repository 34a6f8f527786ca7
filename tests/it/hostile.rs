//! What no decent client sends: broken framing, floods, nesting, bytes that are no text, clients that dribble or hold on.
//! Each is refused in words where HTTP leaves room for them, none is a fault of the server, and the others are served.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::num::{NonZeroU16, NonZeroU32};
use std::time::Duration;

use serde_json::{Value, json};
use vasp_clock::Stopwatch;

use crate::support::{Database, Registry, talk};

/// A server that waits for nobody longer than a second.
fn registry() -> Registry {
    Registry::start_with(Database::sqlite(), |settings| {
        settings.public_read = true;
        settings.request_timeout_secs = NonZeroU16::MIN;
        settings.keep_alive_secs = NonZeroU16::MIN;
    })
}

/// A request with a body of JSON, as bytes; `framing` is the header that tells its length.
fn request(path: &str, framing: &str, body: &[u8]) -> Vec<u8> {
    let head =
        format!("POST {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n{framing}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn post(path: &str, body: &[u8]) -> Vec<u8> {
    request(path, &format!("Content-Length: {}", body.len()), body)
}

fn get(target: &[u8], headers: &[u8]) -> Vec<u8> {
    [b"GET ".as_slice(), target, b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n", headers, b"\r\n"].concat()
}

/// Sends bytes and returns status and body of the only answer; 0 where the connection ends without one.
#[track_caller]
fn ask(registry: &Registry, bytes: &[u8]) -> (u16, String) {
    let answer = talk(registry.address, bytes);
    assert!(answer.matches("HTTP/1.1 ").count() <= 1, "answered twice: {answer}");
    let status = answer.split(' ').nth(1).map_or(0, |status| status.parse().unwrap());
    (status, answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
}

/// Asserts that the answer is a problem document, and returns it.
#[track_caller]
fn problem(registry: &Registry, bytes: &[u8], status: u16, code: &str) -> Value {
    let (found, body) = ask(registry, bytes);
    let document: Value = serde_json::from_str(&body).unwrap_or_else(|error| panic!("{found}, {error}: {body}"));
    assert_eq!((found, document["code"].as_str()), (status, Some(code)), "{document}");
    document
}

/// Asserts that a problem comes within a time, whatever becomes of the connection then.
#[track_caller]
fn problem_within(registry: &Registry, bytes: &[u8], limit_ms: u64, status: u16, code: &str) {
    let (watch, mut stream) = (Stopwatch::start(), TcpStream::connect(registry.address).unwrap());
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.write_all(bytes).unwrap();
    let (mut answer, mut buffer) = (String::new(), [0; 4_096]);
    while !answer.ends_with("\"errors\":[]}") {
        let count = stream.read(&mut buffer).unwrap();
        assert!(count > 0, "the answer ends early: {answer}");
        answer += std::str::from_utf8(&buffer[..count]).unwrap();
    }
    assert!(watch.elapsed_micros() < limit_ms * 1_000, "it took {} µs", watch.elapsed_micros());
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    assert!(answer.contains(&format!("\"code\":\"{code}\"")), "{answer}");
}

#[track_caller]
fn assert_serves(registry: &Registry) {
    assert_eq!(registry.client.get("/healthz").status.as_u16(), 200);
}

const ROUTES: [&str; 4] = ["/v1/prechecks", "/v1/prechecks/batch", "/v1/obligations", "/v1/resolve"];

#[test]
fn requests_that_break_http_are_refused_once_and_the_connection_ends() {
    let registry = registry();
    let chunked = b"2\r\n{}\r\n0\r\n\r\n";
    let smuggled = b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";

    for bytes in [
        request("/v1/obligations", "Content-Length: 5\r\nTransfer-Encoding: chunked", smuggled),
        request("/v1/obligations", "Transfer-Encoding: chunked\r\nContent-Length: 5", smuggled),
        request("/v1/obligations", "Content-Length: 2\r\nContent-Length: 3", b"{} "),
        request("/v1/obligations", "Content-Length: 2\r\nContent-Length: 2", b"{}"),
        request("/v1/obligations", "Content-Length: 2, 2", b"{}"),
        request("/v1/obligations", "Content-Length: +2", b"{}"),
        request("/v1/obligations", "Content-Length: -2", b"{}"),
        request("/v1/obligations", "Content-Length: 99999999999999999999999", b"{}"),
        request("/v1/obligations", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", chunked),
        request("/v1/obligations", "Transfer-Encoding: xchunked", chunked),
        request("/v1/obligations", "Transfer-Encoding: gzip, chunked", chunked),
        request("/v1/obligations", "Transfer-Encoding: chunked, identity", chunked),
        request("/v1/obligations", "Transfer-Encoding : chunked", chunked),
        get(b"/healthz", b"X-A: b\r\n c\r\n"),
        get(b"/healthz", b"X-A : b\r\n"),
        get(b"/healthz", b"X-A: b\0c\r\n"),
        get(b"/healthz", b"Host: b\r\n"),
        get(b"/v1/vasps/\0", b""),
        get(b"/v1/vasps/\xff", b""),
        get(b"/v1/resolve?subject=\xff", b""),
        b"GE(T /healthz HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(),
        b"GET /healthz HTTP/1.1\r\n\r\n".to_vec(),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(),
    ] {
        let (status, body) = ask(&registry, &bytes);

        // The parser of HTTP answers before any of ours runs: a bare 400.
        assert_eq!((status, body.as_str()), (400, ""), "{}", String::from_utf8_lossy(&bytes));
    }

    assert_serves(&registry);
}

#[test]
fn broken_chunks_are_refused_in_words() {
    let registry = registry();

    for body in ["ffffffffffffffffff\r\n{}\r\n0\r\n\r\n", "-2\r\n{}\r\n0\r\n\r\n", "zz\r\n{}\r\n0\r\n\r\n", "2\r\n{}zz0\r\n\r\n"]
    {
        problem(&registry, &request("/v1/obligations", "Transfer-Encoding: chunked", body.as_bytes()), 400, "malformed_request");
    }
    let sound = request("/v1/obligations", "Transfer-Encoding: chunked", b"2;extension=1\r\n{}\r\n0\r\n\r\n");
    problem(&registry, &sound, 422, "invalid_request");
}

#[test]
fn bodies_beyond_the_limit_are_refused_however_they_are_framed() {
    let registry = registry();
    let large = vec![b' '; 10_001];
    let chunk = [format!("{:x}\r\n", large.len()).as_bytes(), &large, b"\r\n0\r\n\r\n"].concat();

    for path in ROUTES {
        problem(&registry, &post(path, &large), 413, "payload_too_large");
        problem(&registry, &request(path, "Transfer-Encoding: chunked", &chunk), 413, "payload_too_large");
    }
}

#[test]
fn a_length_beyond_the_limit_is_refused_before_the_body_comes() {
    let registry = registry();

    for length in ["10001", "100000000", "18446744073709551615"] {
        // The body would be waited for a second.
        problem_within(
            &registry,
            &request("/v1/prechecks", &format!("Content-Length: {length}"), b"{"),
            900,
            413,
            "payload_too_large",
        );
    }
}

#[test]
fn bodies_that_end_early_are_given_up() {
    let registry = registry();

    for path in ROUTES {
        problem_within(&registry, &request(path, "Content-Length: 100", b"{\"direction\":"), 5_000, 408, "request_timeout");
        problem_within(&registry, &request(path, "Transfer-Encoding: chunked", b"5\r\n{}"), 5_000, 408, "request_timeout");
        problem(&registry, &post(path, b"{\"direction\":"), 400, "malformed_request");
        problem(&registry, &post(path, b""), 400, "malformed_request");
    }
}

#[test]
fn nesting_is_refused_at_every_place() {
    let registry = registry();
    let deep = |open: &str, close: &str, depth| format!("{}{}", open.repeat(depth), close.repeat(depth));

    for path in ROUTES {
        for depth in [130, 1_600] {
            let arrays = deep("[", "]", depth);
            let objects = deep("{\"a\":", "}", depth).replace(":}", ":0}");
            let members = ["transfer", "subjects", "prechecks"].map(|name| format!("{{\"{name}\":{arrays}}}"));
            for body in [arrays, objects].iter().chain(&members) {
                let (status, answer) = ask(&registry, &post(path, body.as_bytes()));
                // An item of a batch is refused inside a 200.
                let refused = status == 200 && answer.contains("\"problem\":");
                assert!([400, 422].contains(&status) || refused, "{status} {answer}");
            }
        }
        problem(&registry, &post(path, "[".repeat(10_000).as_bytes()), 400, "malformed_request");
    }
    // Inside an item of a batch, which is kept as text until it is its turn.
    let item = format!("{{\"subjects\":[{{\"subject\":{}}}]}}", deep("[", "]", 100));
    let (status, body) = ask(&registry, &post("/v1/resolve", item.as_bytes()));
    assert_eq!(status, 200, "{body}");
    assert!(body.contains("\"code\":\"invalid_request\""), "{body}");
    assert_serves(&registry);
}

/// Writes a member twice, the second time with another value.
fn twice(body: &Value, path: &[&str]) -> String {
    let (last, parents) = path.split_last().unwrap();
    let mut marked = body.clone();
    let holder = parents.iter().fold(&mut marked, |value, name| match name.parse::<usize>() {
        Ok(index) => &mut value[index],
        Err(_) => &mut value[*name],
    });
    let value = holder[*last].take();
    let whole = marked.to_string();
    let place = format!("\"{last}\":null");
    assert_eq!(whole.matches(&place).count(), 1, "{whole}");
    whole.replace(&place, &format!("\"{last}\":{value},\"{last}\":{value}"))
}

#[test]
fn a_member_that_stands_twice_is_refused_at_every_level() {
    let registry = registry();
    let precheck = json!({
        "direction": "outgoing", "originator": {"jurisdiction": "DE"}, "record": false, "provided_fields": [],
        "beneficiary": {"address": "1NDyJtNTjmwk5xPNhjgAMu4HDHigtobu1s", "network": "bitcoin", "declared": {"kind": "self_hosted", "own_wallet": true}},
        "transfer": {"amount": "1", "fiat": {"amount": "2000", "currency": "EUR"}, "date": "2026-05-01", "correspondent": false},
    });
    let obligations = json!({
        "originator": {"jurisdiction": "DE"}, "beneficiary": {"jurisdiction": "SG"}, "provided_fields": [],
        "transfer": {"fiat": {"amount": "900", "currency": "EUR"}, "date": "2026-05-01", "proprietary": false},
    });
    let batch = json!({"prechecks": [precheck.clone()]});
    let subjects = json!({"subjects": [{"subject": "bitpanda.com", "kind": "domain"}]});

    for (path, body, members) in [
        ("/v1/prechecks", &precheck, vec!["direction", "originator", "beneficiary", "transfer", "provided_fields", "record"]),
        ("/v1/prechecks", &precheck, vec!["originator/jurisdiction"]),
        ("/v1/prechecks", &precheck, vec!["beneficiary/address", "beneficiary/network", "beneficiary/declared"]),
        ("/v1/prechecks", &precheck, vec!["beneficiary/declared/kind", "beneficiary/declared/own_wallet"]),
        ("/v1/prechecks", &precheck, vec!["transfer/amount", "transfer/fiat", "transfer/date", "transfer/correspondent"]),
        ("/v1/prechecks", &precheck, vec!["transfer/fiat/currency"]),
        ("/v1/obligations", &obligations, vec!["originator", "beneficiary", "transfer", "provided_fields"]),
        ("/v1/obligations", &obligations, vec!["beneficiary/jurisdiction", "transfer/fiat", "transfer/date"]),
        ("/v1/obligations", &obligations, vec!["transfer/fiat/amount", "transfer/fiat/currency"]),
        ("/v1/prechecks/batch", &batch, vec!["prechecks"]),
        ("/v1/resolve", &subjects, vec!["subjects"]),
    ] {
        registry.client.post(path, body).with(200);
        for member in members {
            let names: Vec<&str> = member.split('/').collect();
            let document = problem(&registry, &post(path, twice(body, &names).as_bytes()), 422, "invalid_request");

            assert_eq!(document["errors"][0]["code"], "duplicate_member", "{member}: {document}");
        }
    }
    // Inside an item of a batch.
    for (path, body, member) in [
        ("/v1/prechecks/batch", &batch, ["prechecks", "0", "direction"]),
        ("/v1/resolve", &subjects, ["subjects", "0", "subject"]),
    ] {
        let (status, answer) = ask(&registry, &post(path, twice(body, &member).as_bytes()));
        assert_eq!(status, 200, "{answer}");
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["results"][0]["problem"]["errors"][0]["code"], "duplicate_member", "{answer}");
    }
}

#[test]
fn bytes_that_are_no_text_are_refused_wherever_they_stand() {
    let registry = registry();

    for bytes in [b"\xff".as_slice(), b"\xc0\x80", b"\xed\xa0\x80", b"\0", b"\x1f", b"\\ud800", b"\\u00", b"\\x00"] {
        for path in ROUTES {
            let body = [b"{\"originator\":{\"jurisdiction\":\"", bytes, b"\"}}"].concat();
            let (status, answer) = ask(&registry, &post(path, &body));
            assert!(status == 400 || (status == 422 && path != "/v1/obligations"), "{status} {answer}");
        }
    }
    problem(&registry, &post("/v1/obligations", b"\xef\xbb\xbf{}"), 400, "malformed_request");
    // An escaped NUL is text; it names nothing.
    problem(&registry, &post("/v1/obligations", br#"{"originator":{"jurisdiction":"D\u0000"}}"#), 422, "invalid_request");
    for target in ["/v1/vasps?q=caf%e9", "/v1/vasps?%ff=1", "/v1/networks?cursor=%ff", "/v1/lists/FATF-GREY?date=%ff"] {
        let document = problem(&registry, &get(target.as_bytes(), b""), 422, "invalid_request");
        assert_eq!(document["errors"][0]["code"], "not_utf8", "{document}");
    }
    for target in [
        "/v1/vasps/%ff",
        "/v1/vasps/%00",
        "/v1/networks/%ff",
        "/v1/jurisdictions/%00",
        "/problems/%ff",
        "/docs/%2e%2e%2f%00",
        "/%zz%",
    ] {
        let (status, answer) = ask(&registry, &get(target.as_bytes(), b""));
        assert!([404, 422].contains(&status), "{target}: {status} {answer}");
    }
    problem(&registry, &get(b"/v1/networks", b"Authorization: Bearer \xff\xfe\r\n"), 401, "unauthenticated");
    // Two, of which the first counted.
    let (_, bearer) = registry.api_key("resolve", None);
    let line = format!("Authorization: {bearer}\r\n");
    assert_eq!(ask(&registry, &get(b"/v1/vasps", line.as_bytes())).0, 200);
    for target in [&b"/v1/vasps"[..], b"/v1/resolve?subject=0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed&network=eip155:1"] {
        let twice = get(target, format!("{line}Authorization: Bearer other\r\n").as_bytes());
        problem(&registry, &twice, 401, "unauthenticated");
    }
    let (status, _) = ask(
        &registry,
        &get(b"/v1/networks", b"X-Request-Id: \xff\r\ntraceparent: \xff\r\nAccept: \xff\r\nIf-None-Match: \xff\r\n"),
    );
    assert_eq!(status, 200);
}

#[test]
fn compressed_bodies_are_refused_unread() {
    let registry = registry();

    for encoding in ["gzip", "deflate", "br", "zstd", "gzip, gzip"] {
        let head = format!("Content-Length: 4\r\nContent-Encoding: {encoding}");
        problem(&registry, &request("/v1/resolve", &head, b"\x1f\x8b\x08\0"), 415, "unsupported_media_type");
    }
}

#[test]
fn endless_query_strings_are_refused_or_cut() {
    let registry = registry();
    let long = "a".repeat(60_000);

    problem(&registry, &get(format!("/v1/resolve?subject={long}").as_bytes(), b""), 422, "invalid_subject");
    problem(&registry, &get(format!("/v1/resolve?subject=a&memo={long}").as_bytes(), b""), 422, "invalid_subject");
    problem(&registry, &get(format!("/v1/networks?cursor={long}").as_bytes(), b""), 422, "invalid_request");
    problem(&registry, &get(format!("/v1/vasps?{}", "a=b&".repeat(15_000)).as_bytes(), b""), 422, "invalid_request");
    problem(&registry, &get(format!("/v1/vasps?{}", "limit=1&".repeat(8_000)).as_bytes(), b""), 422, "invalid_request");
    let refused = problem(&registry, &get(format!("/v1/vasps/{long}").as_bytes(), b""), 422, "invalid_request");
    assert!(refused.to_string().len() < 2_000, "the refusal repeats what was sent: {refused}");
    // Beyond 65,535 bytes the parser of HTTP takes no target.
    assert_eq!(ask(&registry, &get(format!("/{}", "a".repeat(70_000)).as_bytes(), b"")).0, 400);
    assert_serves(&registry);
}

#[test]
fn floods_of_headers_are_refused() {
    let registry = registry();

    for (headers, status) in [
        ("X-A: b\r\n".repeat(90), 200),
        ("X-A: b\r\n".repeat(200), 431),
        (format!("X-A: {}\r\n", "b".repeat(100_000)), 200),
        (format!("X-A: {}\r\n", "b".repeat(200_000)), 431),
    ] {
        let (found, body) = ask(&registry, &get(b"/healthz", headers.as_bytes()));

        // A client that still sends may see the connection end instead of the answer.
        assert!(found == status || (found == 0 && headers.len() > 131_072), "{found} {body}");
    }
    assert_serves(&registry);
}

#[test]
fn strange_methods_and_targets_are_answered_in_words() {
    let registry = registry();
    let with = |line: &str| format!("{line} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").into_bytes();

    for line in ["TRACE /healthz", "BREW /healthz", "get /healthz", "DELETE /v1/vasps"] {
        problem(&registry, &with(line), 405, "method_not_allowed");
    }
    for line in ["OPTIONS *", "GET http://other/nothing", "GET //v1/networks", "GET /v1/../v1/networks", "GET /V1/networks"] {
        problem(&registry, &with(line), 404, "not_found");
    }
}

/// Sends bytes one by one, a while apart, until the server ends the connection; returns what it answered.
fn dribble(registry: &Registry, head: &str) -> String {
    let mut stream = TcpStream::connect(registry.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    let (watch, mut answer, mut buffer) = (Stopwatch::start(), Vec::new(), [0; 1_024]);
    while watch.elapsed_micros() < 20_000_000 {
        // Waiting for an answer is the pause between two bytes.
        match stream.read(&mut buffer) {
            Ok(0) => return String::from_utf8(answer).unwrap(),
            Ok(count) => answer.extend(&buffer[..count]),
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {
                if stream.write_all(b"a").is_err() {
                    return String::from_utf8(answer).unwrap();
                }
            }
            Err(_) => return String::from_utf8(answer).unwrap(),
        }
    }
    panic!("the connection is still open");
}

#[test]
fn clients_that_dribble_are_cut_off_while_others_are_served() {
    let registry = registry();
    let body = "POST /v1/obligations HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n";

    std::thread::scope(|scope| {
        let heads: Vec<_> = (0..20).map(|_| scope.spawn(|| dribble(&registry, "GET /healthz HTTP/1.1\r\nX-A: "))).collect();
        let bodies: Vec<_> = (0..20).map(|_| scope.spawn(|| dribble(&registry, body))).collect();
        while heads.iter().chain(&bodies).any(|thread| !thread.is_finished()) {
            assert_serves(&registry);
        }
        for answer in heads.into_iter().map(|thread| thread.join().unwrap()) {
            assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408 "), "{answer}");
        }
        for answer in bodies.into_iter().map(|thread| thread.join().unwrap()) {
            assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("\"code\":\"request_timeout\""), "{answer}");
        }
    });
}

#[test]
fn connections_that_ask_to_become_something_else_do_not_stay_open() {
    let registry = registry();

    for bytes in [
        b"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n".as_slice(),
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
    ] {
        let watch = Stopwatch::start();
        let answer = talk(registry.address, bytes);

        assert!(answer.starts_with("HTTP/1.1 200 ") || answer.starts_with("HTTP/1.1 404 "), "{answer}");
        assert!(watch.elapsed_micros() < 10_000_000, "the connection stayed open");
    }
}

#[test]
fn a_chunked_body_that_never_ends_does_not_keep_the_connection() {
    let registry = registry();

    for bytes in [
        request("/v1/obligations", "Transfer-Encoding: chunked", b"5\r\n{}"),
        get(b"/healthz", b"Transfer-Encoding: chunked\r\n"),
    ] {
        let watch = Stopwatch::start();
        let answer = talk(registry.address, &bytes);

        assert!(answer.starts_with("HTTP/1.1 "), "{answer}");
        assert!(watch.elapsed_micros() < 10_000_000, "the connection stayed open");
    }
}

#[test]
fn idle_connections_up_to_the_limit_give_way() {
    let registry = Registry::start_with(Database::sqlite(), |settings| {
        settings.max_connections = NonZeroU32::new(20).unwrap();
        settings.request_timeout_secs = NonZeroU16::MIN;
        settings.keep_alive_secs = NonZeroU16::MIN;
    });
    let idle: Vec<TcpStream> = (0..40).map(|_| TcpStream::connect(registry.address).unwrap()).collect();

    assert_serves(&registry);

    drop(idle);
}
