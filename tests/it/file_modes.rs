//! Who may read the files of a registry: what it makes is its owner's alone, and a master key that others may read is refused.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use vasp_clock::Random;
use vasp_pki::MasterKeys;

use crate::support::{Client, Database, Deployment, Server, TlsFiles, assert_refused, on_every_database};

/// The same command under a umask that takes nothing away.
fn careless(command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", "umask 000; exec \"$@\"", "sh"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
}

/// Everything below a folder that users other than its owner may read or write.
fn open_to_others(folder: &Path) -> Vec<(PathBuf, u32)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            found.push((entry.path(), mode));
        }
        if entry.path().is_dir() {
            found.extend(open_to_others(&entry.path()));
        }
    }
    found
}

#[on_every_database]
fn whatever_is_made_is_its_owners_alone_under_any_umask(database: Database) {
    let file = database.file().map(Path::to_path_buf);
    let deployment = Deployment::empty(database);
    let run = |arguments: &[&str]| {
        let output = careless(&deployment.command(arguments)).output().unwrap();
        assert_ne!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let labels = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/claims/labels.csv");
    let (report, backup) = (deployment.file_named("report.json"), deployment.file_named("copy.backup"));

    run(&["migrate"]);
    let server = Server::start(careless(&deployment.serve()));
    run(&["import", "claims-csv", labels.to_str().unwrap(), "--report", report.to_str().unwrap()]);
    run(&["backup", "--to", backup.to_str().unwrap()]);

    assert!(report.exists() && backup.exists() && deployment.file_named("master-key").exists());
    assert_eq!(open_to_others(&deployment.file_named("")), []);
    if let Some(file) = file {
        let beside = |suffix: &str| vasp_store::with_suffix(&file, suffix);
        assert!(file.exists() && beside("-wal").exists() && beside("-shm").exists() && beside("-import").exists());
        assert_eq!(open_to_others(file.parent().unwrap()), []);
    }
    assert_eq!(server.stop("TERM").0, Some(0));
}

#[on_every_database(Deployment::new)]
fn a_master_key_that_others_may_read_is_refused_unless_a_flag_says_so(deployment: Deployment) {
    let key = deployment.file_named("master-key");
    assert_eq!(Server::start(deployment.serve()).stop("TERM").0, Some(0));

    for mode in [0o644, 0o640, 0o440, 0o604, 0o620, 0o602] {
        set_permissions(&key, Permissions::from_mode(mode)).unwrap();
        let output = deployment.serve().output().unwrap();
        assert_refused(&output, &format!("{} has mode {mode:04o}", key.display()));
        assert_refused(&output, &format!("`chmod 600 {}`", key.display()));
        assert_eq!(String::from_utf8_lossy(&output.stderr).lines().count(), 1);
    }

    // As Kubernetes mounts it.
    set_permissions(&key, Permissions::from_mode(0o440)).unwrap();
    let mut told = deployment.serve();
    told.env("VASP_REGISTRY_READABLE_MASTER_KEY", "true");
    for command in [told, deployment.command(&["serve", "--listen=127.0.0.1:0", "--readable-master-key"])] {
        let server = Server::start(command);
        assert_eq!(Client::new(server.address).get("/healthz").status.as_u16(), 200);
        assert_eq!(server.stop("TERM").0, Some(0));
    }
    set_permissions(&key, Permissions::from_mode(0o400)).unwrap();
    assert_eq!(Server::start(deployment.serve()).stop("TERM").0, Some(0));
}

/// Before, the keys of TLS and of the authority were taken whoever could read them.
#[on_every_database]
fn a_key_of_tls_or_of_the_authority_that_others_may_read_is_refused_unless_a_flag_says_so(database: Database) {
    let (deployment, files) = (Deployment::new(database), TlsFiles::new());
    let settings = files.settings();
    let with_tls = |more: &[&str]| {
        let mut serve = deployment.serve();
        serve.arg("--tls-certificate").arg(&settings.certificate).arg("--tls-key").arg(&settings.key).args(more);
        serve
    };
    let root = deployment.file_named("root.pem");
    let root = root.to_str().unwrap();
    assert_eq!(Server::start(with_tls(&[])).stop("TERM").0, Some(0));
    deployment.said(&["ca", "init", "--root-key-out", root]);

    for mode in [0o644, 0o640, 0o602] {
        set_permissions(&settings.key, Permissions::from_mode(mode)).unwrap();
        assert_refused(
            &with_tls(&[]).output().unwrap(),
            &format!("the TLS key file {} has mode {mode:04o}", settings.key.display()),
        );
        set_permissions(root, Permissions::from_mode(mode)).unwrap();
        let rotated = deployment.command(&["ca", "rotate", "--root-key", root]).output().unwrap();
        assert_refused(&rotated, &format!("the root key file {root} has mode {mode:04o}"));
    }
    assert_eq!(Server::start(with_tls(&["--readable-master-key"])).stop("TERM").0, Some(0));
    deployment.said(&["ca", "rotate", "--root-key", root, "--readable-master-key"]);
}

/// Before, for an hour nothing told that the key under which all was sealed existed in memory alone.
#[test]
fn a_key_file_that_is_exchanged_under_a_running_server_is_told_once_and_soon() {
    let deployment = Deployment::new(Database::sqlite());
    let (key, kept) = (deployment.file_named("master-key"), deployment.file_named("kept-key"));
    let server = Server::start(deployment.serve());
    std::fs::rename(&key, &kept).unwrap();
    std::fs::copy(&kept, &key).unwrap();
    std::fs::write(&key, MasterKeys::generate(&mut Random::seeded(1).fork()).to_text()).unwrap();
    std::thread::sleep(Duration::from_secs(7));
    std::fs::remove_file(&key).unwrap();
    std::thread::sleep(Duration::from_secs(12));
    std::fs::rename(&kept, &key).unwrap();

    let (code, log) = server.stop("TERM");

    assert_eq!(code, Some(0), "{log}");
    for told in ["has other keys", "is gone"] {
        assert_eq!(log.matches(&format!("the file of the master keys {told}")).count(), 1, "{log}");
    }
}
