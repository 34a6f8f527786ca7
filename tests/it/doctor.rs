//! `doctor` finds what is wrong on a machine, changes nothing, and says what to do; so does `upgrade-check` before a newer program takes over.
//!
//! Source: docs/running.md, "Monitoring".

use std::fs::Permissions;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use serde_json::Value;

use crate::support::{Database, Server, command, connect_to_file, on_every_database};

/// A doctor for this database, who is told of an address that nobody listens on.
fn doctor(database: &Database) -> Command {
    asked(database, "doctor")
}

/// The newer program, before it takes over.
fn upgrade_check(database: &Database) -> Command {
    asked(database, "upgrade-check")
}

fn asked(database: &Database, name: &str) -> Command {
    let mut command = command(&[name, "--json", "--listen", "127.0.0.1:0"]);
    command.env_remove("VASP_REGISTRY_CREATE").env("VASP_REGISTRY_DATABASE", database.url.whole());
    command
}

/// What a doctor finds: the exit code, and of each check its health and detail.
fn found(doctor: &mut Command) -> (Option<i32>, Value) {
    let output = doctor.output().unwrap();
    assert!(output.stderr.is_empty(), "{output:?}");
    let findings: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let by_check = findings.iter().map(|one| (one["check"].as_str().unwrap().to_owned(), one.clone()));
    (output.status.code(), Value::Object(by_check.collect()))
}

/// Asserts that one check has this health, and that its detail says something.
#[track_caller]
fn assert_found((code, findings): &(Option<i32>, Value), check: &str, health: &str, says: &str) {
    let one = &findings[check];
    assert_eq!(one["health"], health, "{findings:#}");
    assert!(one["detail"].as_str().unwrap().contains(says), "{one:#}");
    if health == "failed" {
        assert_eq!(*code, Some(1), "{findings:#}");
    }
}

/// A registry on a database, whose first server has made the master key.
fn begun(database: &Database, key: &Path) {
    let mut serve = command(&["serve", "--listen", "127.0.0.1:0", "--create"]);
    serve.env("VASP_REGISTRY_DATABASE", database.url.whole()).env("VASP_REGISTRY_MASTER_KEY_FILE", key);
    assert_eq!(Server::start(serve).stop("TERM").0, Some(0));
}

#[on_every_database]
fn a_registry_in_order_has_no_failure_and_is_left_as_it_was(database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    begun(&database, &key);
    let bytes = || database.file().map(|file| std::fs::read(file).unwrap());
    let before = bytes();

    let all = found(doctor(&database).env("VASP_REGISTRY_MASTER_KEY_FILE", &key));

    assert_eq!(all.0, Some(0), "{:#}", all.1);
    assert_found(&all, "database", "ok", "sequence");
    for (check, says) in [("writes", "taken back"), ("clock", ""), ("master key", "opens all")] {
        assert_found(&all, check, "ok", says);
    }
    // Before, a registry with no source at all was `ok`.
    assert_found(&all, "sources", "warning", "none imported, so pre-checks find nothing there: register, screening list");
    assert_found(&all, "address", "ok", "is free");
    assert_found(&all, "certificate", "ok", "");
    assert!(bytes() == before, "the file is as it was");
}

#[test]
fn without_a_database_the_rest_is_still_looked_at() {
    let database = Database::sqlite();

    let all = found(&mut doctor(&database));

    assert_found(&all, "database", "failed", "migrate --create");
    for check in ["writes", "clock", "master key", "sources"] {
        assert_found(&all, check, "unknown", "cannot be opened");
    }
    assert_found(&all, "address", "ok", "is free");
    assert!(!database.file().unwrap().exists(), "nothing was made");
}

#[on_every_database]
fn a_master_key_that_is_lost_or_wrong_is_found(database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let [key, other] = ["key", "other"].map(|name| folder.path().join(name));
    begun(&database, &key);
    begun(&Database::sqlite(), &other);
    let with = |key: &Path| found(doctor(&database).env("VASP_REGISTRY_MASTER_KEY_FILE", key));

    assert_found(&with(&folder.path().join("missing")), "master key", "failed", "put it back");
    assert_found(&with(&other), "master key", "failed", "does not open");
    std::fs::set_permissions(&key, Permissions::from_mode(0o644)).unwrap();
    assert_found(&with(&key), "master key", "failed", "chmod 600");
}

#[test]
fn a_log_from_the_future_and_a_file_that_others_can_read_are_found() {
    let database = Database::sqlite();
    let file = database.file().unwrap();
    begun(&database, &file.with_extension("key"));
    database.run("UPDATE log_head SET recorded_at = recorded_at + 86400000000");
    std::fs::set_permissions(file, Permissions::from_mode(0o644)).unwrap();

    let all = found(doctor(&database).env("VASP_REGISTRY_MASTER_KEY_FILE", file.with_extension("key")));

    assert_found(&all, "clock", "failed", "seconds after now");
    assert_found(&all, "file mode", "warning", "chmod 600");
}

/// Source: docs/faults.md.
#[test]
fn what_others_can_do_with_files_and_a_database_in_memory_are_found() {
    let folder = tempfile::tempdir_in("/dev/shm").unwrap();
    let (file, key) = (folder.path().join("registry.db"), folder.path().join("key"));
    let url = format!("sqlite://{}", file.display());
    let on_it = |name: &str| {
        let mut command = command(&[name, "--listen", "127.0.0.1:0"]);
        command.env_remove("VASP_REGISTRY_CREATE").env("VASP_REGISTRY_DATABASE", &url).env("VASP_REGISTRY_MASTER_KEY_FILE", &key);
        command
    };
    let mut serve = on_it("serve");
    serve.arg("--create");
    let server = Server::start(serve);
    let log = server.stop("TERM").1;
    assert!(log.contains("is kept in memory, so a restart of the machine loses it"), "{log}");
    let all = found(on_it("doctor").arg("--json"));
    assert_found(&all, "disk", "warning", "kept in memory");
    assert_found(&all, "file mode", "ok", "only its owner");

    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
    assert_found(&found(on_it("doctor").arg("--json")), "file mode", "warning", "can exchange the files");

    let settings = folder.path().join("registry.toml");
    std::fs::write(&settings, "smtp_url = \"smtps://registry:secret@mail.example.org\"\n").unwrap();
    for (mode, told) in [(0o644, true), (0o600, false)] {
        std::fs::set_permissions(&settings, Permissions::from_mode(mode)).unwrap();
        let output = on_it("doctor").arg("--config").arg(&settings).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr).contains("a password in a URL"), told, "{mode:o} {output:?}");
    }
}

#[on_every_database]
fn tables_that_every_role_may_use_are_found(database: Database) {
    if database.file().is_some() {
        return;
    }
    let key = tempfile::tempdir().unwrap();
    let key = key.path().join("key");
    begun(&database, &key);
    database.run("GRANT SELECT ON users TO PUBLIC");

    let all = found(doctor(&database).env("VASP_REGISTRY_MASTER_KEY_FILE", &key));

    assert_found(&all, "database", "warning", "(users): run `REVOKE");
}

#[test]
fn the_address_is_free_or_a_registry_answers_there() {
    let database = Database::sqlite();
    let key = database.file().unwrap().with_extension("key");
    begun(&database, &key);
    let stranger = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut serve = command(&["serve", "--listen", "127.0.0.1:0"]);
    serve.env("VASP_REGISTRY_DATABASE", database.url.whole()).env("VASP_REGISTRY_MASTER_KEY_FILE", &key);
    let server = Server::start(serve);
    let at = |address: String| {
        let mut doctor = command(&["doctor", "--json", "--listen", &address]);
        found(doctor.env("VASP_REGISTRY_DATABASE", database.url.whole()).env("VASP_REGISTRY_MASTER_KEY_FILE", &key))
    };

    assert_found(&at(server.address.to_string()), "address", "ok", "is ready");
    assert_found(&at(stranger.local_addr().unwrap().to_string()), "address", "failed", "is taken");
    assert_found(&at("192.0.2.1:80".to_owned()), "address", "failed", "cannot listen on 192.0.2.1:80");
    assert_found(&at("0.0.0.0:0".to_owned()), "certificate", "warning", "--tls-certificate");
}

#[test]
fn a_person_reads_a_table() {
    let database = Database::sqlite();
    let mut doctor = command(&["doctor", "--listen", "127.0.0.1:0"]);

    let output = doctor.env("VASP_REGISTRY_DATABASE", database.url.whole()).output().unwrap();

    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.starts_with("check") && said.lines().nth(1).unwrap().contains("FAILED"), "{said}");
}

#[on_every_database]
fn a_newer_program_says_that_it_can_take_over_and_leaves_everything_as_it_was(database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    begun(&database, &key);
    let bytes = || database.file().map(|file| std::fs::read(file).unwrap());
    let before = bytes();

    let all = found(upgrade_check(&database).env("VASP_REGISTRY_MASTER_KEY_FILE", &key));

    assert_eq!(all.0, Some(0), "{:#}", all.1);
    for (check, says) in [
        ("program", env!("CARGO_PKG_VERSION")),
        ("schema", "no migration is needed"),
        ("data", "a server starts on it"),
        ("master key", "opens all"),
        ("order", "backup --verify"),
    ] {
        assert_found(&all, check, "ok", says);
    }
    assert!(bytes() == before, "the file is as it was");
}

#[test]
fn what_organisations_keep_for_themselves_is_opened_and_what_cannot_be_read_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("registry.db");
    let sandbox = ["sandbox", "--listen", "127.0.0.1:0", "--log-level=warn", "--data", folder.path().to_str().unwrap()];
    assert_eq!(Server::start(command(&sandbox)).stop("TERM").0, Some(0));
    let check = || {
        let mut check = command(&["upgrade-check", "--json", "--listen", "127.0.0.1:0"]);
        check.env_remove("VASP_REGISTRY_CREATE").env("VASP_REGISTRY_DATABASE", format!("sqlite://{}", file.display()));
        found(check.env("VASP_REGISTRY_MASTER_KEY_FILE", folder.path().join("master-key")))
    };

    assert_found(&check(), "data", "ok", "organisations keep for themselves");

    diesel::RunQueryDsl::execute(diesel::sql_query("UPDATE relationships SET sealed = X'00'"), &mut connect_to_file(&file))
        .unwrap();
    assert_found(&check(), "data", "failed", "organisations keep for themselves cannot be read, such as org_");
}

#[test]
fn where_a_migration_is_needed_the_data_is_not_read_and_nothing_is_left_out() {
    let database = Database::sqlite();
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    begun(&database, &key);
    // A version that only adds something, of a program that never made this one.
    database.change_row("UPDATE __diesel_schema_migrations SET version = '99990101000000'");

    let all = found(upgrade_check(&database).env("VASP_REGISTRY_MASTER_KEY_FILE", &key));

    assert_eq!(all.0, Some(0), "{:#}", all.1);
    assert_found(&all, "schema", "warning", "older than this program");
    for check in ["data", "clock", "master key"] {
        assert_found(&all, check, "unknown", "because of the schema");
    }
}

#[test]
fn a_program_that_is_too_old_for_the_data_says_so_before_it_takes_over() {
    let database = Database::sqlite();
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    begun(&database, &key);
    // A newer program ended something.
    let ran = "INSERT INTO __diesel_schema_migrations (version) VALUES ('20270301900003')";
    database.change_row(ran);

    let all = found(upgrade_check(&database).env("VASP_REGISTRY_MASTER_KEY_FILE", &key));

    assert_found(&all, "schema", "failed", "run the newer version");
    assert_found(&all, "data", "unknown", "because of the schema");
    let missing = Database::sqlite();
    assert_found(&found(&mut upgrade_check(&missing)), "schema", "failed", "registry.db");
}

#[test]
fn what_is_for_one_start_only_and_was_left_in_the_environment_is_named() {
    let database = Database::sqlite();
    let with = |left: &[&str]| {
        let mut doctor = doctor(&database);
        doctor.envs(left.iter().map(|name| (*name, "true"))).env("VASP_REGISTRY_ACCEPT_CLOCK", "false");
        found(&mut doctor)
    };

    assert_found(&with(&[]), "environment", "ok", "");
    let left = with(&["VASP_REGISTRY_CREATE", "VASP_REGISTRY_ACCEPT_FORK"]);
    assert_found(&left, "environment", "warning", "remove after it: VASP_REGISTRY_CREATE, VASP_REGISTRY_ACCEPT_FORK");
}

/// Before, `doctor` did not read what `serve` refuses or fails at.
#[test]
fn settings_with_which_no_server_starts_are_named() {
    let database = Database::sqlite();
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    let empty = empty.to_str().unwrap();
    let with = |settings: &[(&str, &str)]| {
        let mut doctor = doctor(&database);
        doctor.envs(settings.iter().copied());
        doctor
    };

    assert_found(&found(&mut with(&[])), "settings", "ok", "");
    for (settings, says) in [
        (&[("VASP_REGISTRY_PROBE_CERTIFICATE", "/nowhere/chain.pem")][..], "--probe-key"),
        (&[("VASP_REGISTRY_PROBE_CERTIFICATE", "/nowhere/chain.pem"), ("VASP_REGISTRY_PROBE_KEY", empty)], "/nowhere/chain.pem"),
        (&[("VASP_REGISTRY_TRISA_ROOTS", "/nowhere/roots.pem")], "/nowhere/roots.pem"),
        (&[("VASP_REGISTRY_PRIVATE_ROOTS", empty)], "empty.pem"),
        (&[("VASP_REGISTRY_SMTP_URL", "smtps://mail.example")], "--mail-from"),
    ] {
        assert_found(&found(&mut with(settings)), "settings", "failed", says);
    }
    // No connection comes from it, and all callers would share the proxy's limits.
    let refused = with(&[("VASP_REGISTRY_TRUSTED_PROXY", "0.0.0.0")]).output().unwrap();
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.status.code() == Some(2) && told.contains("is the address of no proxy"), "{told}");
    let file = folder.path().join("settings.toml");
    std::fs::write(&file, "trusted_proxy = [\"::\"]").unwrap();
    let refused = with(&[("VASP_REGISTRY_CONFIG", file.to_str().unwrap())]).output().unwrap();
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && told.contains(":: is the address of no proxy"), "{told}");
}

/// Before, if a role's search path began with an empty schema, the registry behind it was called empty, and the look at it left a table.
#[on_every_database]
fn a_registry_in_a_later_schema_of_the_search_path_is_told_and_nothing_is_made(database: Database) {
    if database.file().is_some() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    begun(&database, &folder.path().join("key"));
    let url = database.url.whole();
    let mut client = PgConnection::establish(&url).unwrap();
    client.batch_execute("CREATE SCHEMA own").unwrap();
    let mark = if url.contains('?') { '&' } else { '?' };

    let mut doctor = doctor(&database);
    doctor.env("VASP_REGISTRY_DATABASE", format!("{url}{mark}options=-csearch_path%3Down,public"));
    let all = found(doctor.env("VASP_REGISTRY_MASTER_KEY_FILE", folder.path().join("key")));

    assert_found(&all, "database", "failed", "tables are in the schema public, but search_path begins with another one");
    client.batch_execute("DROP SCHEMA own RESTRICT").expect("it is empty");
}

/// Before, nothing looked at sources that were imported by hand, so a list of 2021 was `ok`.
#[test]
fn sources_that_were_imported_by_hand_are_looked_at_and_what_is_too_old_is_named() {
    let database = Database::sqlite();
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    begun(&database, &key);
    let list = folder.path().join("list.json");
    let import = |day: &str| {
        let text = serde_json::json!({"id": "XX-LIST", "as_of": day, "source": "a list", "entries": [
            {"uid": "1", "name": "SOMEBODY", "aliases": [], "programs": ["TEST"], "addresses": []}]});
        std::fs::write(&list, text.to_string()).unwrap();
        let mut import = command(&["import", "sanctions-json", list.to_str().unwrap()]);
        import.env("VASP_REGISTRY_DATABASE", database.url.whole()).env("VASP_REGISTRY_MASTER_KEY_FILE", &key);
        let done = import.output().unwrap();
        assert_eq!(done.status.code(), Some(0), "{done:?}");
    };

    import("2021-07-07");

    let all = found(doctor(&database).env("VASP_REGISTRY_MASTER_KEY_FILE", &key));
    assert_found(&all, "sources", "warning", "too old to confirm anything: ");
    assert_found(&all, "sources", "warning", "XX-LIST (2021-07-07)");
    let said = all.1["sources"]["detail"].as_str().unwrap();
    assert!(said.contains("nothing there: register;"), "a list is there: {said}");
}
