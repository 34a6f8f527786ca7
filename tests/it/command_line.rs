//! The binary itself: settings, exit codes, what it prints, how it stops.

use std::net::TcpListener;

use serde_json::Value;

use crate::support::{Client, Database, Server, assert_refused, command};

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
fn serve_says_what_it_serves_and_what_others_should_not_meet() {
    let begun = |arguments: &[&str]| Server::start(command(&[&["serve", "--listen"], arguments].concat())).stop("TERM").1;

    let (own, open) = (begun(&["127.0.0.1:0"]), begun(&["0.0.0.0:0"]));
    let public = |listen| begun(&[listen, "--public-url", "https://registry.example.org"]);
    let (named, behind_proxy) = (public("0.0.0.0:0"), public("127.0.0.1:0"));

    let (version, warnings) = (env!("CARGO_PKG_VERSION"), ["without TLS", "--public-url is not set"]);
    let told = |log: &str| warnings.map(|warning| log.contains(warning));
    for part in ["the registry serves", version, "registry.db", "directory.sequence=0"] {
        assert!(own.contains(part), "{part}: {own}");
    }
    assert_eq!(told(&own), [false; 2], "{own}");
    assert_eq!(told(&open), [true, true], "{open}");
    assert_eq!(told(&named), [true, false], "{named}");
    assert_eq!(told(&behind_proxy), [false, false], "{behind_proxy}");
}

/// A copy of the database file of a stopped server is complete.
///
/// Source: SQLite, "Write-Ahead Logging", section 2.2.
#[test]
fn a_server_that_stopped_leaves_one_file_without_a_log() {
    for _ in 0..3 {
        let database = Database::sqlite();
        let file = database.file().unwrap();
        let mut serve = command(&["serve", "--listen", "127.0.0.1:0", "--create"]);
        serve.env("VASP_REGISTRY_DATABASE", database.url.whole());

        let server = Server::start(serve);
        assert_eq!(server.stop("TERM").0, Some(0));

        assert!(file.metadata().unwrap().len() > 4_096, "more than the first page is in the file");
        assert!(!vasp_store::with_suffix(file, "-wal").exists());
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
fn unknown_settings_are_refused_by_name_and_misspelt_ones_get_a_suggestion() {
    let by_file = |text: &str| {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        command(&["serve", "--config", file.path().to_str().unwrap()]).output().unwrap()
    };
    let by_variable = |name: &str| command(&["serve"]).env(name, "x").output().unwrap();

    assert_refused(&by_file("listten = \"127.0.0.1:0\""), "unknown key `listten`");
    assert_refused(&by_variable("VASP_REGISTRY_LISTTEN"), "the environment variable VASP_REGISTRY_LISTTEN is unknown");
    assert_refused(&command(&["serve", "--listten=x"]).output().unwrap(), "--listten");
    assert_refused(&by_file("log_levl = \"info\""), "unknown key `log_levl`; did you mean `log_level`?");
    assert_refused(&by_variable("VASP_REGISTRY_LOG_LEVLE"), "did you mean `VASP_REGISTRY_LOG_LEVEL`?");
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
    assert!(same, "openapi/openapi.json is stale: cargo run --features describe -- openapi > openapi/openapi.json");
}

#[test]
fn misspelt_formats_and_networks_get_a_suggestion() {
    let database = Database::sqlite();
    let run = |arguments: &[&str]| {
        let mut command = command(arguments);
        command.env("VASP_REGISTRY_DATABASE", database.url.whole()).output().unwrap()
    };
    assert!(run(&["migrate", "--create"]).status.success());

    assert_refused(&run(&["import", "esma-caps", "x.csv"]), "`esma-caps` is not a format; did you mean `esma-casps`?");
    let address = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
    let misspelt = run(&["ask", "--network", "bitcion", address]);
    assert_refused(&misspelt, "network `bitcion` is not supported; did you mean `bitcoin`?");
    assert_refused(&run(&["ask", "--network", "zzzzzz", address]), "network `zzzzzz` is not supported; `GET /v1/networks`");
}

#[test]
fn restore_replaces_nothing_because_of_a_variable_and_makes_no_folder() {
    let restore = |more: &[&str]| command(&[&["restore", "--from", "backup.db"], more].concat());

    let replaced = restore(&[]).env("VASP_REGISTRY_REPLACE", "true").output().unwrap();
    assert_refused(&replaced, "the environment variable VASP_REGISTRY_REPLACE is unknown");
    let nowhere = restore(&["--database", "sqlite:///nonexistent/folder/registry.db"]).output().unwrap();
    assert_refused(&nowhere, "the folder /nonexistent/folder does not exist");
}

#[test]
fn migrate_tells_a_new_registry_from_one_that_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}", folder.path().join("new.db").display());
    let migrate = || command(&["migrate", "--create", "--database", &database]).output().unwrap();

    let (first, second) = (migrate(), migrate());

    assert!(String::from_utf8_lossy(&first.stdout).ends_with("new.db was created\n"), "{first:?}");
    assert!(String::from_utf8_lossy(&second.stdout).ends_with("new.db is up to date\n"), "{second:?}");
}

#[test]
fn lists_show_what_was_created_on_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}", folder.path().join("registry.db").display());
    let run = |arguments: &[&str]| {
        let output = command(arguments).env("VASP_REGISTRY_DATABASE", &database).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let first = |text: &str| serde_json::from_str::<Value>(text).unwrap()[0].clone();
    run(&["migrate", "--create"]);
    let organisation = run(&["organisation", "create", "--name", "Gateway"]);
    let user = run(&["user", "create", "--organisation", &organisation, "--name", "Machine", "--machine"]);
    let key = run(&["api-key", "create", "--user", &user, "--scope", "resolve"]);

    let organisations = first(&run(&["organisation", "list", "--json"]));
    let users = first(&run(&["user", "list", "--organisation", &organisation, "--json"]));
    let keys = run(&["api-key", "list", "--organisation", &organisation]);

    assert_eq!((organisations["id"].as_str(), organisations["kind"].as_str()), (Some(organisation.as_str()), Some("gateway")));
    assert_eq!((users["id"].as_str(), users["name"].as_str()), (Some(user.as_str()), Some("Machine")));
    assert!(keys.contains(&user) && keys.contains("resolve") && !keys.contains(&key), "{keys}");
}

#[test]
fn configuration_is_shown_with_where_each_value_comes_from() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "log_level = \"warn\"\nsmtp_url = \"smtps://name:secret@mail.example.org\"").unwrap();
    let mut show = command(&["config", "show", "--origin", "--config", file.path().to_str().unwrap()]);

    let output = show.env("VASP_REGISTRY_LISTEN", "127.0.0.1:9").output().unwrap();

    let text = String::from_utf8(output.stdout).unwrap();
    let line = |key: &str| -> Vec<&str> { text.lines().find(|line| line.starts_with(key)).unwrap().split_whitespace().collect() };
    assert_eq!(line("listen "), ["listen", "variable", "127.0.0.1:9"]);
    assert_eq!(line("log_level "), ["log_level", "file", "warn"]);
    assert_eq!(line("keep_alive_secs "), ["keep_alive_secs", "default", "75"]);
    assert!(!text.contains("secret"), "{text}");
}
