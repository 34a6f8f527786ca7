//! `healthcheck`: what it says about a server, and that it says it soon, whatever answers.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Output};

use vasp_clock::Stopwatch;
use vasp_registry::http::Readiness;

use crate::support::{Database, Registry, assert_refused, command};

/// A check of the server at an address.
fn check(address: SocketAddr) -> Command {
    command(&["healthcheck", "--url", &format!("http://{address}")])
}

#[track_caller]
fn assert_says(output: &Output, code: i32, line: &str) {
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!((output.status.code(), said.lines().count()), (Some(code), 1), "{output:?}");
    assert!(said.contains(line), "{said}");
    assert!(output.stderr.is_empty(), "{output:?}");
}

/// Answers one connection with these bytes and keeps it open until the client leaves.
fn answering(bytes: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(bytes.as_bytes()).unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
    });
    address
}

#[test]
fn readiness_decides_the_exit_code() {
    let registry = Registry::start(Database::sqlite());
    for (readiness, code, line) in [
        (Readiness::Ready, 0, format!("http://{} is ready", registry.address)),
        (Readiness::Degraded, 0, format!("http://{} is degraded", registry.address)),
        (Readiness::NotReady, 1, format!("http://{} is not ready", registry.address)),
    ] {
        registry.set_readiness(readiness);

        assert_says(&check(registry.address).output().unwrap(), code, &line);
    }
}

#[test]
fn server_is_found_by_the_setting_it_listens_by() {
    let registry = Registry::start(Database::sqlite());
    let listen = format!("0.0.0.0:{}", registry.address.port());
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("listen = \"{listen}\"")).unwrap();
    let expected = format!("http://{} is ready", registry.address);

    let by_variable = command(&["healthcheck"]).env("VASP_REGISTRY_LISTEN", &listen).output().unwrap();
    let by_file = command(&["healthcheck"]).env("VASP_REGISTRY_CONFIG", file.path()).output().unwrap();

    assert_says(&by_variable, 0, &expected);
    assert_says(&by_file, 0, &expected);
}

#[test]
fn proxies_are_for_the_outside() {
    let registry = Registry::start(Database::sqlite());
    let mut check = check(registry.address);
    check.envs(["http_proxy", "HTTP_PROXY", "ALL_PROXY"].map(|name| (name, "http://127.0.0.1:1")));

    assert_says(&check.output().unwrap(), 0, "is ready");
}

#[test]
fn nobody_there_is_not_ready() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();

    assert_says(&check(free).output().unwrap(), 1, "does not answer: ");
}

#[test]
fn a_server_that_says_nothing_is_given_up_soon() {
    let start = Stopwatch::start();

    let output = check(answering("")).output().unwrap();

    assert_says(&output, 1, "does not answer: ");
    assert!(start.elapsed_micros() < 10_000_000);
}

#[test]
fn answers_of_others_are_not_taken_for_readiness() {
    for (answer, line) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "not in the form of a registry's answer"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 23\r\n\r\n{\"status\":\"marvellous\"}", "not in the form of a registry's answer"),
        ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "answers 404"),
        ("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n", "answers 302"),
        ("SSH-2.0-OpenSSH_9.2\r\n", "does not answer: "),
    ] {
        assert_says(&check(answering(answer)).output().unwrap(), 1, line);
    }
}

#[test]
fn nonsense_is_refused() {
    for url in ["localhost:8080", "ftp://localhost", "http://user:hunter2@localhost", "http://localhost/readyz", ""] {
        assert_refused(&command(&["healthcheck", "--url", url]).output().unwrap(), "--url");
    }
    assert_refused(&command(&["healthcheck", "--listen", "127.0.0.1:0"]).output().unwrap(), "--url");
}
