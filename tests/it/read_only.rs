//! Commands that only read need no writing: they work for a user who may write neither the database file nor its folder.

use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::process::{Command, Output};

use crate::support::{Database, Deployment, not_run};

/// The user and group "nobody" of Debian. Source: Debian Policy 9.2.2.
const NOBODY: u32 = 65_534;

/// Takes from everybody but root the right to write a folder's files and itself; the master key stays its reader's alone.
fn take_no_writes(folder: &Path) {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    for path in entries.chain([folder.to_owned()]) {
        let mode = if path.is_dir() { 0o500 } else { 0o400 };
        chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    }
}

/// Runs a command as a user who owns nothing that it could write.
fn as_nobody(command: &Command) -> Output {
    let mut other = Command::new("setpriv");
    other.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => other.env(name, value),
            None => other.env_remove(name),
        };
    }
    other.output().unwrap()
}

/// Whether this user may become another one.
fn may_become_nobody() -> bool {
    let setpriv = Command::new("setpriv").args(["--reuid=65534", "--regid=65534", "--clear-groups", "true"]).status();
    let may = setpriv.is_ok_and(|status| status.success());
    if !may {
        not_run("reading as another user: this user may not become one");
    }
    may
}

#[test]
fn a_database_that_cannot_be_read_is_not_called_read_only() {
    if !may_become_nobody() {
        return;
    }
    let deployment = Deployment::new(Database::sqlite());
    let file = deployment.database.file().unwrap();
    take_no_writes(file.parent().unwrap());
    chown(file, Some(0), Some(0)).unwrap();
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();

    let refused = as_nobody(&deployment.command(&["ask", "example.org"]));

    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("the file cannot be read: Permission denied"), "{said}");
    assert!(!said.contains("read-only"), "{said}");
}

#[test]
fn commands_that_only_read_work_without_permission_to_write() {
    if !may_become_nobody() {
        return;
    }
    for is_closed in [false, true] {
        let deployment = Deployment::new(Database::sqlite());
        let file = deployment.database.file().unwrap().to_owned();
        let name = |end: &str| file.with_file_name(format!("registry.db{end}"));
        let kept = rusqlite::Connection::open(&file).unwrap();
        kept.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        drop(kept);
        if is_closed {
            // As the last process leaves it that closes the database.
            [name("-wal"), name("-shm")].iter().for_each(|beside| drop(std::fs::remove_file(beside)));
        } else {
            // As a process leaves it that is killed.
            [name("-wal"), name("-shm")].iter().for_each(|beside| drop(std::fs::File::create(beside).unwrap()));
        }
        take_no_writes(file.parent().unwrap());
        take_no_writes(deployment.file_named("master-key").parent().unwrap());
        assert_all_read(&deployment);
    }
}

/// Asserts that commands that only read work for a user who may not write, and that others are refused.
fn assert_all_read(deployment: &Deployment) {
    let reading: [&[&str]; 5] = [
        &["ask", "0x0000000000000000000000000000000000000001", "--network", "eip155:1"],
        &["ask", "0x0000000000000000000000000000000000000001", "--network", "eip155:1", "--from", "DE"],
        &["keys", "show"],
        &["ca", "show"],
        &["verify", "database"],
    ];

    let refused = as_nobody(&deployment.command(&["organisation", "create", "--name", "Other"]));

    assert_eq!(refused.status.code(), Some(2), "this user may not write: {refused:?}");
    for arguments in reading {
        let read = as_nobody(&deployment.command(arguments));
        let said = String::from_utf8_lossy(&read.stderr);
        assert!(!said.contains("error") && read.status.code() != Some(2), "{arguments:?}: {said}");
    }
}
