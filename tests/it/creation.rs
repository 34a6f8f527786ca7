//! A registry begins where that is said, and nowhere else: a lost disk, an empty file in the place of a database, or a new server of
//! PostgreSQL under an old name is never taken for a registry that has nothing in it.
//!
//! Source: docs/operator.md, "2. Create the registry".

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use crate::support::{Database, Server, assert_refused, command, on_every_database};

/// The command on this database without leave to begin one.
fn without_leave(arguments: &[&str], url: &str) -> Command {
    let mut command = command(arguments);
    command.env_remove("VASP_REGISTRY_CREATE").env("VASP_REGISTRY_DATABASE", url);
    command
}

const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];

/// Every file below a folder and its bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entry = |entry: std::fs::DirEntry| match entry.path() {
        path if path.is_dir() => files(&path).into_iter().collect::<Vec<_>>(),
        path => vec![(path.display().to_string(), std::fs::read(&path).unwrap())],
    };
    std::fs::read_dir(folder).unwrap().map(Result::unwrap).flat_map(entry).collect()
}

#[on_every_database]
fn no_command_begins_a_registry_by_itself(database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    let run = |arguments: &[&str]| {
        let mut command = without_leave(arguments, &database.url.whole());
        command.env("VASP_REGISTRY_MASTER_KEY_FILE", &key).output().unwrap()
    };

    for arguments in [&SERVE[..], &["serve", "--listen", "127.0.0.1:0", "--migrate"], &["migrate"]] {
        assert_refused(&run(arguments), "--create");
    }
    assert!(!database.file().is_some_and(Path::exists) && !key.exists(), "nothing was made");
    assert!(run(&["migrate", "--create"]).status.success());
    assert!(run(&["migrate"]).status.success(), "it is there now");
}

#[test]
fn an_empty_file_is_no_database() {
    let database = Database::sqlite();
    let file = database.file().unwrap();
    std::fs::write(file, "").unwrap();

    assert_refused(&without_leave(&SERVE, &database.url.whole()).output().unwrap(), "is empty: give the right database");
    let server = Server::start(without_leave(&[&SERVE[..], &["--create"]].concat(), &database.url.whole()));
    assert_eq!(server.stop("TERM").0, Some(0));
}

#[test]
fn what_a_lost_database_left_is_not_begun_anew() {
    for left in ["master-key", "documents/a"] {
        let database = Database::sqlite();
        let path = database.file().unwrap();
        let left = Path::new(&format!("{}.{left}", path.display())).to_owned();
        std::fs::create_dir_all(left.parent().unwrap()).unwrap();
        std::fs::write(&left, "x").unwrap();

        let refused = without_leave(&[&SERVE[..], &["--create"]].concat(), &database.url.whole()).output().unwrap();

        assert_refused(&refused, "put the database back or `restore` a backup");
        assert!(!path.exists());
        std::fs::remove_file(&left).unwrap();
        assert_eq!(
            Server::start(without_leave(&[&SERVE[..], &["--create"]].concat(), &database.url.whole())).stop("TERM").0,
            Some(0)
        );
    }
}

#[test]
fn a_dry_run_writes_nothing_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("registry.db").display());
    let run = |arguments: &[&str]| {
        let output = without_leave(arguments, &url).output().unwrap();
        // 1: rows wait, as those of an authority that nobody knows.
        assert!(output.status.code().is_some_and(|code| code < 2), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let seed = |name: &str| format!("{}/seed/{name}", env!("CARGO_MANIFEST_DIR"));
    run(&["migrate", "--create"]);
    let before = files(folder.path());

    for (format, file) in [
        ("register-json", "registers/esma-casps-2026-08-22.json"),
        ("claims-csv", "claims.csv"),
        ("lists", "lists.json"),
        ("rulebook", "rulebook.json"),
        ("sanctions-json", "sanctions.json"),
        ("policy", "policy.json"),
    ] {
        run(&["import", format, &seed(file), "--dry-run", "--partial", "--observed-on", "2026-11-20"]);
        assert!(files(folder.path()) == before, "{format}: {:?}", files(folder.path()).keys());
    }
}

/// Source: docs/faults.md.
#[on_every_database]
fn a_database_of_another_program_is_refused_and_nothing_in_it_changes(database: Database) {
    database.run("CREATE TABLE invoices (number BIGINT PRIMARY KEY); INSERT INTO invoices VALUES (7)");
    let folder = tempfile::tempdir().unwrap();
    let state = || match database.file() {
        Some(file) => files(file.parent().unwrap()),
        None => BTreeMap::from([(
            "tables".to_owned(),
            database.number("COUNT(*)", "pg_tables WHERE schemaname = 'public'").to_le_bytes().to_vec(),
        )]),
    };
    let before = state();
    let labels = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/claims/labels.csv");
    let commands: [&[&str]; 7] = [
        &["migrate"],
        &["migrate", "--create"],
        &SERVE,
        &["serve", "--listen", "127.0.0.1:0", "--create", "--migrate"],
        &["import", "claims-csv", labels],
        &["organisation", "create", "--name", "Gateway"],
        &["verify", "database"],
    ];
    for arguments in commands {
        let mut command = without_leave(arguments, &database.url.whole());
        command.env("VASP_REGISTRY_MASTER_KEY_FILE", folder.path().join("key"));
        assert_refused(&command.output().unwrap(), "is not a registry's: it has tables of another program");
        assert!(state() == before, "{arguments:?} changed it");
    }
    for arguments in [&["upgrade-check"][..], &["doctor"]] {
        let asked = without_leave(arguments, &database.url.whole()).output().unwrap();
        let said = String::from_utf8_lossy(&asked.stdout);
        assert_eq!(asked.status.code(), Some(1), "{said}");
        assert!(said.contains("is not a registry's"), "{said}");
        assert!(state() == before, "{arguments:?} changed it");
    }
}

/// A refusal for the schema's version leaves the file as it was, too.
#[test]
fn a_file_whose_schema_is_refused_stays_byte_for_byte() {
    // Before, the advice in the last case was `--create`, for a database full of records.
    let cases = [
        ("20200101000001", "version of this program"),
        ("99990101900000", "version of this program"),
        ("", "of which version: stop"),
    ];
    for (version, said) in cases {
        let database = Database::sqlite();
        let file = database.file().unwrap();
        let other = rusqlite::Connection::open(file).unwrap();
        let made = "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP); \
                    CREATE TABLE log_head (id SMALLINT NOT NULL PRIMARY KEY, sequence BIGINT NOT NULL);";
        other.execute_batch(made).unwrap();
        other.execute("INSERT INTO __diesel_schema_migrations SELECT ?1, NULL WHERE ?1 <> ''", [version]).unwrap();
        other.close().unwrap();
        let before = files(file.parent().unwrap());

        for arguments in [&SERVE[..], &["migrate"], &["organisation", "create", "--name", "Gateway"]] {
            let refused = without_leave(arguments, &database.url.whole()).output().unwrap();
            assert_refused(&refused, said);
            assert!(files(file.parent().unwrap()) == before, "{arguments:?}");
        }
    }
}

/// Before, such a registry could not be started again, because it was taken for a sandbox.
#[test]
fn a_name_under_test_is_refused_before_a_registry_is_created() {
    for option in ["--issuer", "--public-url"] {
        let database = Database::sqlite();
        let arguments = [&SERVE[..], &["--create", option, "https://registry.test"]].concat();

        let refused = without_leave(&arguments, &database.url.whole()).output().unwrap();

        assert_refused(&refused, "is a sandbox's name");
        assert_eq!(files(database.file().unwrap().parent().unwrap()), BTreeMap::new(), "nothing was made");
    }
}

/// Source: docs/faults.md.
#[test]
fn a_port_that_is_taken_is_said_before_a_registry_is_created() {
    let database = Database::sqlite();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();

    let refused = without_leave(&["serve", "--create", "--listen", &address], &database.url.whole()).output().unwrap();

    assert_refused(&refused, &address);
    assert_eq!(files(database.file().unwrap().parent().unwrap()), BTreeMap::new(), "nothing was made");
}
