//! Limits on what one client may take: slow heads and bodies, idle connections, oversized and broken requests.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::num::{NonZeroU16, NonZeroU32};
use std::process::Command;
use std::time::Duration;

use vasp_clock::Stopwatch;

use crate::support::{Database, Registry, Server, command, talk};
use crate::write_races::at_once;

fn impatient() -> Registry {
    Registry::start_with(Database::sqlite(), |settings| {
        settings.request_timeout_secs = NonZeroU16::MIN;
        settings.keep_alive_secs = NonZeroU16::MIN;
    })
}

#[test]
fn slow_body_is_given_up() {
    let registry = impatient();
    let head = "POST /probe/body HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";

    let answer = talk(registry.address, head.as_bytes());

    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("\"code\":\"request_timeout\""), "{answer}");
}

#[test]
fn slow_head_is_given_up() {
    let registry = impatient();
    let start = Stopwatch::start();

    let answer = talk(registry.address, b"GET /healthz HTTP/1.1\r\nHost:");

    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(start.elapsed_micros() < 10_000_000);
}

#[test]
fn idle_connection_is_closed() {
    let registry = impatient();

    let answer = talk(registry.address, b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");

    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[test]
fn broken_requests_hurt_nobody_else() {
    let registry = impatient();

    for bytes in [
        "\0\0\0\0\r\n\r\n".to_owned(),
        "GET /healthz HTTP/9.9\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned(),
        format!("GET /{} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "a".repeat(200_000)),
        format!("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{}\r\n", "X-A: b\r\n".repeat(1_000)),
    ] {
        let answer = talk(registry.address, bytes.as_bytes());
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.0 4"), "{answer}");
    }

    assert_eq!(registry.client.get("/healthz").status.as_u16(), 200);
}

#[test]
fn connections_beyond_the_limit_wait_their_turn() {
    let registry = Registry::start_with(Database::sqlite(), |settings| settings.max_connections = NonZeroU32::new(2).unwrap());
    let ask = move || talk(registry.address, b"GET /probe/slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

    let answers = at_once(6, |_| ask());

    assert!(answers.iter().all(|answer| answer.ends_with("done")), "{answers:?}");
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream
}

/// Whether the server closed a connection over which nothing was sent, within ten seconds.
fn is_closed(stream: &mut TcpStream) -> bool {
    matches!(stream.read(&mut [0]), Ok(0) | Err(_))
}

fn held(of_address: u32, all: u32) -> Registry {
    Registry::start_with(Database::sqlite(), |settings| {
        settings.max_connections_of_address = NonZeroU32::new(of_address).unwrap();
        settings.max_connections = NonZeroU32::new(all).unwrap();
        (settings.request_timeout_secs, settings.keep_alive_secs) = (NonZeroU16::new(60).unwrap(), NonZeroU16::new(60).unwrap());
    })
}

/// Before, one address took all connections there are.
#[test]
fn one_address_has_so_many_connections_and_its_idle_ones_go_first() {
    let registry = held(4, 1_000);
    let ask = || talk(registry.address, b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    let mut idle: Vec<TcpStream> = (0..4).map(|_| connect(registry.address)).collect();
    assert!(ask().is_empty(), "none of its connections has been idle for a second");

    std::thread::sleep(Duration::from_millis(1_100));

    assert!(ask().starts_with("HTTP/1.1 200 "));
    assert!(is_closed(&mut idle[0]), "the oldest went");
    // The next may have gone too, where the connection that was refused was still being closed.
    idle[3].set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    assert_eq!(idle[3].read(&mut [0]).unwrap_err().kind(), std::io::ErrorKind::WouldBlock, "the youngest stays");
}

/// Before, whoever held all places kept everybody out until they timed out.
#[test]
fn connections_that_ask_nothing_make_place_when_all_places_are_taken() {
    let registry = held(1_000, 10);
    let _idle: Vec<TcpStream> = (0..30).map(|_| connect(registry.address)).collect();
    let start = Stopwatch::start();

    let answer = talk(registry.address, b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(start.elapsed_micros() < 20_000_000, "long before anything times out");
}

/// Before, a connection counted as busy while its body was waited for, so 44 addresses with half-sent bodies took all places.
#[test]
fn half_sent_bodies_make_place_when_all_places_are_taken() {
    let registry = held(1_000, 10);
    let (_, key) = registry.api_key("resolve", None);
    let half = |path: &str| {
        let head = format!("POST {path} HTTP/1.1\r\nHost: a\r\nAuthorization: {key}\r\nContent-Type: application/json\r\n");
        let mut stream = connect(registry.address);
        let framed =
            if path == "/v1/resolve" { "Content-Length: 100\r\n\r\n{" } else { "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n" };
        stream.write_all(format!("{head}{framed}").as_bytes()).unwrap();
        stream
    };

    let _held: Vec<TcpStream> = (0..15).flat_map(|_| [half("/probe/body"), half("/v1/resolve")]).collect();
    let answer = talk(registry.address, b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

/// What is known before the body is read is answered at once, and the connection ends with the answer.
#[test]
fn an_answer_that_is_known_before_the_body_ends_the_connection() {
    let registry = held(1_000, 10);
    let ask = |path: &str, framing: &str| {
        let (mut stream, mut answer) = (connect(registry.address), String::new());
        write!(stream, "POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n{framing}").unwrap();
        stream.read_to_string(&mut answer).expect("the server closes the connection, long before anything times out");
        answer
    };

    for framing in ["Content-Length: 1000\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"] {
        for (path, status) in [("/v1/policies", "401"), ("/nothing", "404"), ("/healthz", "405")] {
            let answer = ask(path, framing);
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{path} {framing}: {answer}");
        }
    }
}

/// Before, each connection took two descriptors, and nobody looked how many there are.
#[test]
fn a_server_takes_one_descriptor_a_connection_and_no_more_connections_than_fit() {
    let server = |shell: &str| {
        let serve = command(&["serve", "--listen", "127.0.0.1:0", "--log-level=warn", "--max-connections-of-address=5000"]);
        let mut limited = Command::new("sh");
        limited.args(["-c", &format!("{shell}exec \"$0\" \"$@\"")]).arg(serve.get_program()).args(serve.get_args());
        for (name, value) in serve.get_envs() {
            match value {
                Some(value) => limited.env(name, value),
                None => limited.env_remove(name),
            };
        }
        Server::start(limited)
    };
    let ask = |stream: &mut TcpStream| {
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        stream.read(&mut [0; 4_096]).unwrap()
    };
    let few = server("ulimit -Sn 100 && ulimit -Hn 300 && ");
    let descriptors = |server: &Server| std::fs::read_dir(format!("/proc/{}/fd", server.pid())).unwrap().count();
    let mut first = connect(few.address);
    ask(&mut first);
    let before = descriptors(&few);

    let mut open: Vec<TcpStream> = (0..40).map(|_| connect(few.address)).collect();
    assert!(open.iter_mut().all(|stream| ask(stream) > 0));

    let taken = descriptors(&few) - before;
    assert!((40..=44).contains(&taken), "{taken} descriptors for 40 connections");
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", few.pid())).unwrap();
    let files: Vec<&str> = limits.lines().find(|line| line.starts_with("Max open files")).unwrap().split_whitespace().collect();
    assert_eq!(files[3..5], ["300", "300"], "the limit is raised as far as it may be");
    // More than the limit of files: those beyond the places wait their turn, and the registry still opens its own files.
    open.extend((0..300).map(|_| connect(few.address)));
    let answer = talk(few.address, b"GET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let (code, log) = few.stop("TERM");
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("at most 150 connections instead of 10000") && !log.contains("Too many open files"), "{log}");
}

/// Before, all callers of a trusted proxy shared one allowance, and nobody was told why.
#[test]
fn a_proxy_that_names_no_caller_is_told() {
    for (trusted, name, value, said) in [
        ("127.0.0.1", "Forwarded", "for=203.0.113.7", Some("is trusted and writes no address")),
        ("127.0.0.1", "X-Real-IP", "203.0.113.7", Some("is trusted and writes no address")),
        ("127.0.0.1", "X-Forwarded-For", "unknown", Some("is trusted and writes no address")),
        ("127.0.0.1", "X-Forwarded-For", "203.0.113.7", None),
        ("192.0.2.1", "X-Forwarded-For", "203.0.113.7", Some("is not trusted")),
        ("192.0.2.1", "Forwarded", "for=203.0.113.7", None),
    ] {
        let database = Database::sqlite();
        let mut serve = command(&["serve", "--listen", "127.0.0.1:0", "--log-level=warn", "--trusted-proxy", trusted]);
        serve.env("VASP_REGISTRY_DATABASE", database.url.whole());
        let server = Server::start(serve);
        let asked = format!("GET /v1/networks HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{name}: {value}\r\n\r\n");
        let answer = talk(server.address, asked.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
        let (_, told) = server.stop("TERM");
        assert_eq!(told.contains("all its callers share one limit"), said.is_some(), "{name}: {told}");
        assert!(said.is_none_or(|said| told.contains(said)), "{name}: {told}");
    }
}
