//! A database file under a second name, a schema that somebody changed, another name of the registry: each would have one process write
//! what the other does not see, or undo what was acknowledged, and is refused or told.
//!
//! Source: docs/faults.md.

use std::path::Path;
use std::process::{Command, Output};

use diesel::connection::SimpleConnection;

use crate::support::{Client, Database, Deployment, Server, assert_refused, connect_to_file, is_root, not_run};

/// Has a command write into a file of this name.
fn create_in(deployment: &Deployment, file: &Path) -> Output {
    let mut create = deployment.command(&["organisation", "create", "--name", "Second"]);
    create.env("VASP_REGISTRY_DATABASE", format!("sqlite://{}", file.display())).output().unwrap()
}

#[test]
fn a_file_with_two_names_is_refused_under_both() {
    let deployment = Deployment::new(Database::sqlite());
    let file = deployment.database.file().unwrap();
    let second = deployment.file_named("second.db");
    std::fs::hard_link(file, &second).unwrap();

    for name in [file, &second] {
        assert_refused(&create_in(&deployment, name), "has a second name (a hard link)");
    }
    std::fs::remove_file(&second).unwrap();
    assert!(create_in(&deployment, file).status.success());
}

#[test]
fn a_file_that_another_process_has_open_under_another_name_is_refused() {
    let deployment = Deployment::new(Database::sqlite());
    let (file, moved) = (deployment.database.file().unwrap(), deployment.file_named("moved.db"));
    let mut open = connect_to_file(file);
    open.batch_execute("SELECT value FROM counters").unwrap();
    assert!(create_in(&deployment, file).status.success(), "two processes may use one name");

    std::fs::rename(file, &moved).unwrap();

    assert_refused(&create_in(&deployment, &moved), "that process uses another name");
    std::fs::rename(&moved, file).unwrap();
    drop(open);
    assert!(create_in(&deployment, file).status.success());
}

#[test]
fn a_file_that_is_mounted_without_its_folder_is_refused() {
    if !is_root() {
        return not_run("a file that is mounted without its folder: only root can mount one");
    }
    let deployment = Deployment::new(Database::sqlite());
    let (file, place) = (deployment.database.file().unwrap(), deployment.file("mounted.db", ""));
    let create = deployment.command(&["organisation", "create", "--name", "Second"]);
    let mut mounted = Command::new("unshare");
    mounted.args(["--mount", "sh", "-c", "mount --bind \"$1\" \"$2\" && shift 2 && exec \"$@\"", "sh"]).args([file, &place]);
    mounted.arg(create.get_program()).args(create.get_args());
    mounted.envs(create.get_envs().filter_map(|(name, value)| Some((name, value?))));
    mounted.env("VASP_REGISTRY_DATABASE", format!("sqlite://{}", place.display()));

    let output = mounted.output().unwrap();

    assert_refused(&output, "is mounted without its folder");
}

#[test]
fn a_server_that_signs_under_another_name_than_the_first_says_so() {
    let deployment = Deployment::new(Database::sqlite());
    let said = |issuer: &str| {
        let mut serve = deployment.serve();
        serve.args(["--issuer", issuer, "--log-level", "warn"]);
        let (code, log) = Server::start(serve).stop("TERM");
        assert_eq!(code, Some(0), "{log}");
        log.contains("under another name than the one that the log began with")
    };

    let first = ["https://one.example", "https://one.example/", "https://two.example", "https://one.example"].map(said);

    assert_eq!(first, [false, false, true, false]);
}

/// Where the disk of the head's file is lost, nothing tells of entries that are lost.
#[test]
fn a_head_of_the_log_that_is_missing_is_said() {
    let deployment = Deployment::new(Database::sqlite());
    let head = deployment.file_named("head");
    let said = || {
        let mut serve = deployment.serve();
        serve.args(["--log-head", head.to_str().unwrap(), "--log-level", "warn", "--create"]);
        let server = Server::start(serve);
        while !head.exists() {
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        let (_, log) = server.stop("TERM");
        assert!(log.contains("is set although the registry exists"), "{log}");
        log.contains("whether entries of the log were lost cannot be told")
    };

    said();
    assert!(!said());
    std::fs::remove_file(&head).unwrap();
    assert!(said());
}

#[test]
fn a_report_is_refused_before_the_import_if_it_cannot_be_written_or_is_another_file() {
    let deployment = Deployment::new(Database::sqlite());
    let labels = deployment.file("labels.csv", "network,address,entity,entity_name,label,category,source,added_date\n");
    let (file, missing) = (deployment.database.file().unwrap(), deployment.file_named("missing/report.json"));
    let import = |report: &Path| {
        let arguments = ["import", "claims-csv", labels.to_str().unwrap(), "--report", report.to_str().unwrap()];
        deployment.command(&arguments).output().unwrap()
    };
    let before = std::fs::read(file).unwrap();

    assert_refused(&import(file), "is another file, not an older report");
    assert_refused(&import(&missing), "cannot write the report");

    assert_eq!(std::fs::read(file).unwrap(), before);
    let report = deployment.file_named("report.json");
    for _ in 0..2 {
        assert!(import(&report).status.success(), "an older report is replaced");
    }
    assert!(std::fs::read_to_string(report).unwrap().starts_with('['));
}

#[test]
fn a_folder_of_sources_that_is_missing_is_said_at_the_start() {
    let deployment = Deployment::new(Database::sqlite());
    let mut serve = deployment.serve();
    serve.args(["--sources-from", "/nonexistent/sources", "--log-level", "warn"]);
    let server = Server::start(serve);
    Client::new(server.address).get("/healthz");

    let (_, log) = server.stop("TERM");

    assert!(log.contains("there is no such folder of sources"), "{log}");
}
