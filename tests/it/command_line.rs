//! The binary itself: settings, exit codes, what it prints, how it stops.

use std::net::TcpListener;

use serde_json::Value;

use crate::support::{Client, Server, assert_refused, command};

#[test]
fn serve_says_where_it_listens_answers_and_stops_when_asked() {
    for signal in ["TERM", "INT"] {
        let server = Server::start(command(&["serve", "--listen", "127.0.0.1:0"]));

        assert_eq!(Client::new(server.address).get("/healthz").status.as_u16(), 200);
        let (code, log) = server.stop(signal);

        assert_eq!(code, Some(0), "{signal}: {log}");
    }
}

#[test]
fn log_lines_are_json_and_name_the_route_but_not_what_was_asked() {
    let server = Server::start(command(&["serve", "--listen=127.0.0.1:0", "--log-format=json", "--log-level=trace"]));
    let headers = [
        ("authorization", "Bearer secretkey"),
        ("x-request-id", "mine"),
        ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
    ];

    Client::new(server.address).get_with("/problems/secretcode?subject=secretquery", &headers);
    let (_, log) = server.stop("TERM");

    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let line = lines.iter().find(|line| line["message"] == "answered").unwrap_or_else(|| panic!("{log}"));
    assert_eq!((&line["http.method"], &line["http.route"]), (&"GET".into(), &"/problems/{code}".into()));
    assert_eq!((&line["http.status"], &line["span"]["request.id"]), (&404.into(), &"mine".into()));
    assert_eq!(line["span"]["trace.id"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert!(line["duration_us"].is_u64());
    assert!(!log.contains("secret"), "{log}");
}

#[test]
fn options_beat_variables_and_variables_beat_the_file() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "listen = \"127.0.0.1:1\"\nlog_level = \"error\"\nbody_limit_bytes = 5").unwrap();
    let mut serve = command(&["serve", "--listen", "127.0.0.1:0", "--config", file.path().to_str().unwrap()]);
    serve.env("VASP_REGISTRY_LISTEN", "127.0.0.1:2").env("VASP_REGISTRY_LOG_LEVEL", "info");

    let server = Server::start(serve);
    Client::new(server.address).get("/healthz");
    let (code, log) = server.stop("TERM");

    assert_eq!(code, Some(0));
    assert!(log.contains("/healthz"), "{log}");
}

#[test]
fn unknown_settings_are_refused_by_name() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "listten = \"127.0.0.1:0\"").unwrap();

    let by_file = command(&["serve", "--config", file.path().to_str().unwrap()]).output().unwrap();
    let by_variable = command(&["serve"]).env("VASP_REGISTRY_LISTTEN", "x").output().unwrap();
    let by_option = command(&["serve", "--listten=x"]).output().unwrap();

    assert_refused(&by_file, "unknown key `listten`");
    assert_refused(&by_variable, "the environment variable VASP_REGISTRY_LISTTEN is unknown");
    assert_refused(&by_option, "--listten");
}

#[test]
fn address_that_is_taken_is_said_in_one_sentence() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();

    let output = command(&["serve", "--listen", &address]).output().unwrap();

    assert_refused(&output, &format!("error: cannot listen at {address}: Address already in use"));
    assert_eq!(String::from_utf8_lossy(&output.stderr).lines().count(), 1);
}

#[test]
fn openapi_prints_the_committed_document() {
    let output = command(&["openapi"]).output().unwrap();

    assert!(output.status.success());
    let same = output.stdout == include_bytes!("../../openapi/openapi.json");
    assert!(same, "openapi/openapi.json is stale: cargo run -- openapi > openapi/openapi.json");
}
