//! A database file that is removed or exchanged under a running server: the server ends with one sentence, and writes nothing into a
//! file that nobody will open again.
//!
//! Source: docs/faults.md.

use std::path::Path;

use crate::support::{Client, Database, Deployment, PrivatePostgres, Server, assert_busy, connect_to_file};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

/// Has a fault made under a running server, and asserts that the server ends by itself and says `why` in one line.
#[track_caller]
fn assert_ends(deployment: &Deployment, why: &str, fault: impl FnOnce(&Path)) {
    let server = Server::start(deployment.serve());
    let client = Client::new(server.address);
    // On a busy machine the server may refuse its first writes for a while (503).
    while let Some(busy) = deployment.ask(&client, 0).filter(|answer| answer.status.as_u16() != 200) {
        assert_busy(&busy);
    }

    fault(deployment.database.file().unwrap_or(Path::new("")));

    // Whoever asks before the server is gone is not told that anything was kept.
    if let Some(answer) = deployment.ask(&client, 0).filter(|_| deployment.database.file().is_some()) {
        assert_ne!(answer.status.as_u16(), 200, "{answer:?}");
    }
    let (code, log) = server.ends();
    assert_eq!(code, Some(1), "{log}");
    assert_eq!(log.matches("the process ends: ").count(), 1, "one sentence: {log}");
    assert!(log.lines().last().unwrap().contains(why), "{log}");
}

/// A whole database file of another registry, closed in good order.
fn another(deployment: &Deployment) -> std::path::PathBuf {
    let other = Deployment::new(Database::sqlite());
    Server::start(other.serve()).stop("TERM");
    let place = deployment.database.file().unwrap().with_extension("another");
    std::fs::copy(other.database.file().unwrap(), &place).unwrap();
    place
}

#[test]
fn a_removed_file_ends_the_server() {
    let deployment = Deployment::new(Database::sqlite());

    assert_ends(&deployment, "no longer exists", |file| std::fs::remove_file(file).unwrap());
}

#[test]
fn another_file_in_its_place_ends_the_server() {
    let deployment = Deployment::new(Database::sqlite());
    let another = another(&deployment);

    assert_ends(&deployment, "is another file than the server opened", |file| std::fs::rename(&another, file).unwrap());
}

/// The database that took its place has its own log, and is not damaged by what happened to the other.
#[test]
fn another_file_with_all_that_is_beside_it_gone_ends_the_server_and_is_not_called_damaged() {
    let deployment = Deployment::new(Database::sqlite());
    let another = another(&deployment);
    let beside = |end: &str| {
        let mut name = deployment.database.file().unwrap().as_os_str().to_owned();
        name.push(end);
        std::path::PathBuf::from(name)
    };

    assert_ends(&deployment, "is another file than the server opened", |file| {
        ["-wal", "-shm"].iter().for_each(|end| std::fs::remove_file(beside(end)).unwrap());
        std::fs::rename(&another, file).unwrap();
    });

    assert!(!beside("-damaged").exists());
}

#[test]
fn an_older_copy_in_its_place_ends_the_server() {
    let deployment = Deployment::new(Database::sqlite());
    let copy = deployment.database.file().unwrap().with_extension("copy");

    assert_ends(&deployment, "is another file than the server opened", |file| {
        std::fs::copy(file, &copy).unwrap();
        std::fs::rename(&copy, file).unwrap();
    });
}

/// What is removed beside an open database.
struct Removed {
    ends: &'static [&'static str],
    /// Whether somebody reads all the time, so that the log is not moved into the file.
    read: bool,
    /// Whether a command writes before the server ends.
    written: bool,
}

/// SQLite removes neither while the file is open. What was acknowledged stays: the server moves what the removed log holds into the file.
#[test]
fn a_removed_log_or_index_ends_the_server_and_what_was_acknowledged_stays() {
    let (log, index, both) = (&["-wal"][..], &["-shm"][..], &["-wal", "-shm"][..]);
    for Removed { ends, read, written } in [
        Removed { ends: log, read: true, written: false },
        Removed { ends: log, read: false, written: true },
        Removed { ends: index, read: true, written: false },
        Removed { ends: index, read: false, written: true },
        Removed { ends: both, read: true, written: false },
    ] {
        let deployment = Deployment::new(Database::sqlite());
        let server = Server::start(deployment.serve());
        let client = Client::new(server.address);
        let file = deployment.database.file().unwrap();
        let reader = read.then(|| {
            let mut reader = connect_to_file(file);
            reader.batch_execute("BEGIN; SELECT value FROM counters").unwrap();
            reader
        });
        let kept = crate::support::acknowledged(&deployment.ask(&client, 3).unwrap().with(200));
        if written {
            // By then the log is moved, so that a command can read the file.
            std::thread::sleep(std::time::Duration::from_millis(1500));
        }

        for end in ends {
            let mut name = file.as_os_str().to_owned();
            name.push(end);
            std::fs::remove_file(&name).unwrap();
        }
        let made = written.then(|| deployment.command(&["organisation", "create", "--name", "Second"]).output().unwrap());
        if let Some(answer) = deployment.ask(&client, 0) {
            assert_ne!(answer.status.as_u16(), 200, "{ends:?}: {answer:?}");
        }
        drop(reader);
        let (code, log) = server.ends();

        assert_eq!(code, Some(1), "{log}");
        assert!(log.contains(" no longer exists") || log.contains(" is another file"), "{log}");
        let server = Server::start(deployment.serve());
        deployment.assert_readable(server.address, &kept);
        if let Some(made) = made.filter(|made| made.status.success()) {
            let organisation = String::from_utf8(made.stdout).unwrap();
            deployment.said(&["user", "create", "--organisation", organisation.trim(), "--name", "Program", "--machine"]);
        }
    }
}

#[test]
fn another_registry_under_the_same_name_ends_the_server() {
    let Some(postgres) = PrivatePostgres::start("another registry under the name of a database") else { return };
    let mut admin = PgConnection::establish(&postgres.url("postgres")).unwrap();
    let [deployment, other] = ["ours", "other"].map(|name| {
        admin.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        Deployment::new(Database::at(postgres.url(name).parse().unwrap()))
    });
    Server::start(other.serve()).stop("TERM");

    assert_ends(&deployment, "the process ends: the database was replaced or restored to an older state", |_| {
        // The server connects again at once: it is kept out in between.
        for sql in [
            "ALTER DATABASE ours ALLOW_CONNECTIONS false",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN ('ours', 'other')",
            "SELECT pg_sleep(0.3)",
            "ALTER DATABASE ours RENAME TO aside",
            "ALTER DATABASE other RENAME TO ours",
        ] {
            admin.batch_execute(sql).unwrap();
        }
    });
}
