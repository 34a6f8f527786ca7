//! `backup` and `restore` on both databases: a copy made while others write, put back elsewhere, answers as the registry did at that
//! moment, its log verifies, and work goes on; half a copy is never taken for a whole one.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use rand_core::RngCore;
use serde_json::Value;
use vasp_store::StoreError;

use crate::crash::{seeded, wait_below};
use crate::support::{
    Client, Database, Deployment, Recorded, Server, SetAtEnd, SmallDisk, assert_refused, assert_undamaged, connect_to_file,
    on_every_database, open_store,
};

/// A deployment with some labels in it.
fn filled(database: Database) -> Deployment {
    let deployment = Deployment::new(database);
    fill(&deployment);
    deployment
}

fn fill(deployment: &Deployment) {
    let labels = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/claims/labels.csv");
    let output = deployment.command(&["import", "claims-csv", labels.to_str().unwrap()]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "some rows of it cannot be read");
}

/// Runs a command with the documents of this deployment in a folder of its own.
fn run(deployment: &Deployment, arguments: &[&str]) -> Output {
    let mut command = deployment.command(arguments);
    command.env("VASP_REGISTRY_DOCUMENTS", deployment.file_named("documents")).output().unwrap()
}

fn back_up(deployment: &Deployment, to: &Path, options: &[&str]) -> Output {
    run(deployment, &[&["backup", "--to", to.to_str().unwrap()], options].concat())
}

fn restore(deployment: &Deployment, from: &Path, options: &[&str]) -> Output {
    run(deployment, &[&["restore", "--from", from.to_str().unwrap()], options].concat())
}

#[track_caller]
fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn sequence(database: &Database) -> i64 {
    open_store(database, 1).read::<_, StoreError>(|conn| Ok(conn.log_head()?.sequence)).unwrap()
}

/// Tells whether there is anything in a database.
fn is_there(database: &Database) -> bool {
    match database.file() {
        Some(file) => file.exists(),
        None => PgConnection::establish(&database.url.whole()).unwrap().batch_execute("SELECT sequence FROM log_head").is_ok(),
    }
}

/// Every file in a folder whose name begins like that of `path`.
fn beside(path: &Path) -> Vec<PathBuf> {
    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
    let entries = std::fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|entry| entry.file_name().unwrap().to_str().unwrap().starts_with(&name)).collect()
}

/// Takes away what a clock gave an answer.
fn forget_moments(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.remove("valid_until");
            members.values_mut().for_each(forget_moments);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_moments),
        _ => {}
    }
}

/// What the registry answers on questions that do not change by themselves.
fn answers(deployment: &Deployment, client: &Client) -> Vec<Value> {
    let paths = [
        "/v1/vasps?limit=100&view=full",
        "/v1/resolve?subject=1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2&network=bip122:000000000019d6689c085ae165831e93",
        "/v1/resolve?subject=0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed&network=eip155:1",
    ];
    let read = |path: &str| {
        let answer = deployment.get(client, path).with(200);
        let mut body = answer.json();
        forget_moments(&mut body);
        body
    };
    paths.iter().map(|path| read(path)).collect()
}

/// Before, `backup` said that a backup was made, and the next stop of the server removed it.
#[test]
fn a_backup_is_not_written_where_the_database_keeps_its_own_files() {
    let deployment = Deployment::new(Database::sqlite());
    let file = deployment.database.file().unwrap();
    let link = deployment.file_named("link");
    std::os::unix::fs::symlink(file.parent().unwrap(), &link).unwrap();

    for end in ["-wal", "-shm", "-journal", "-writer", "-import", ".documents"] {
        let mut name = file.file_name().unwrap().to_owned();
        name.push(end);
        let to = link.join(name);
        assert_refused(&back_up(&deployment, &to, &[]), "is a name that the database itself uses");
        assert!(!to.exists());
    }
}

#[on_every_database(filled)]
fn a_backup_made_while_others_write_answers_elsewhere_and_goes_on(deployment: Deployment) {
    let sealed = deployment.file_named("documents").join("org_x");
    std::fs::create_dir_all(&sealed).unwrap();
    std::fs::write(sealed.join("ab".repeat(32)), b"sealed").unwrap();
    let server = Server::start(deployment.serve());
    let client = Client::new(server.address);
    let to = deployment.file_named("kept.backup");

    let (before, during, stop) = (Mutex::new(Vec::<Recorded>::new()), Mutex::new(Vec::new()), AtomicBool::new(false));
    let made = std::thread::scope(|scope| {
        let _end = SetAtEnd(&stop);
        before.lock().unwrap().extend(crate::support::acknowledged(&deployment.ask(&client, 8).unwrap()));
        for gateway in 0..2 {
            let (deployment, during, stop, address) = (&deployment, &during, &stop, server.address);
            scope.spawn(move || deployment.keep_asking(address, gateway, during, stop));
        }
        back_up(&deployment, &to, &["--verify"])
    });
    let made = said(&made);
    let original = answers(&deployment, &client);
    assert_eq!(server.stop("TERM").0, Some(0));

    assert!(made.contains("log: verified, ") && made.contains("documents: 1 files"), "{made}");
    assert!(!during.into_inner().unwrap().is_empty(), "others wrote meanwhile");
    let key = std::fs::read(deployment.file_named("master-key")).unwrap();
    let backup = std::fs::read(&to).unwrap();
    assert!(key.split(|byte| byte.is_ascii_whitespace()).filter(|word| word.len() > 20).count() > 0);
    for word in key.split(|byte| byte.is_ascii_whitespace()).filter(|word| word.len() > 20) {
        assert!(!backup.windows(word.len()).any(|window| window == word), "the master key is not in it");
    }

    // Documents that were removed from beside a backup.
    let (kept, check) = (deployment.file_named("kept.backup.documents/org_x").join("ab".repeat(32)), ["backup", "--check"]);
    let checked = || run(&deployment, &[check[0], check[1], to.to_str().unwrap()]);
    assert!(said(&checked()).contains("so are 1 files of documents"));
    std::fs::write(&kept, b"Sealed").unwrap();
    assert_eq!(checked().status.code(), Some(1), "changed");
    let refused = restore(&deployment.on(Database::beside(&deployment.database)), &to, &[]);
    assert!(
        refused.status.code() == Some(2)
            && String::from_utf8_lossy(&refused.stderr).contains("is not the one that `backup` wrote")
    );
    std::fs::write(kept.with_file_name("cd".repeat(32)), b"sealed").unwrap();
    std::fs::write(&kept, b"sealed").unwrap();
    let unknown = checked();
    assert!(
        unknown.status.code() == Some(2)
            && String::from_utf8_lossy(&unknown.stderr).contains("1 files of documents beside it have no")
    );
    std::fs::remove_file(kept.with_file_name("cd".repeat(32))).unwrap();
    std::fs::remove_file(&kept).unwrap();
    assert_eq!(checked().status.code(), Some(1), "removed");
    std::fs::write(&kept, b"sealed").unwrap();

    let elsewhere = deployment.on(Database::beside(&deployment.database));
    let put_back = said(&restore(&elsewhere, &to, &[]));
    assert!(put_back.contains("log: verified, "), "{put_back}");
    assert_eq!(std::fs::read(elsewhere.file_named("documents/org_x").join("ab".repeat(32))).unwrap(), b"sealed");
    assert_undamaged(&elsewhere.database);
    let server = Server::start(elsewhere.serve());
    let client = Client::new(server.address);
    assert_eq!(answers(&elsewhere, &client), original);
    elsewhere.assert_readable(server.address, &before.into_inner().unwrap());
    let fresh = crate::support::acknowledged(&elsewhere.ask(&client, 0).unwrap());
    elsewhere.assert_readable(server.address, &fresh);
    assert_eq!(server.stop("TERM").0, Some(0));
    let head = sequence(&elsewhere.database);
    let more = elsewhere.file("more.csv", "network,address,entity,entity_name,label,category,source,added_date\neip155:1,0x00000000000000000000000000000000000000aa,new,,,exchange,more,\n");
    assert!(elsewhere.command(&["import", "claims-csv", more.to_str().unwrap()]).output().unwrap().status.success());
    assert_eq!(sequence(&elsewhere.database), head + 2);
    assert_undamaged(&elsewhere.database);
}

#[on_every_database(filled)]
fn nothing_is_overwritten_unless_told_and_what_stood_there_is_kept(deployment: Deployment) {
    let to = deployment.file_named("kept.backup");
    said(&back_up(&deployment, &to, &[]));
    let (bytes, backed_up) = (std::fs::read(&to).unwrap(), sequence(&deployment.database));

    assert_refused(&back_up(&deployment, &to, &[]), "already exists: a backup never replaces");
    assert_refused(&restore(&deployment, &to, &[]), "give --replace");
    let server = Server::start(deployment.serve());
    assert_refused(&restore(&deployment, &to, &["--replace"]), "another process uses");
    assert_eq!(server.stop("TERM").0, Some(0));
    let head = sequence(&deployment.database);
    let more = deployment.file("more.csv", "network,address,entity,entity_name,label,category,source,added_date\neip155:1,0x00000000000000000000000000000000000000aa,new,,,exchange,more,\n");
    assert!(deployment.command(&["import", "claims-csv", more.to_str().unwrap()]).output().unwrap().status.success());
    assert_eq!(sequence(&deployment.database), head + 2);

    for _ in 0..2 {
        let replaced = said(&restore(&deployment, &to, &["--replace"]));
        assert!(replaced.contains("the previous data was moved to: "), "{replaced}");
        assert_eq!(sequence(&deployment.database), backed_up);
    }

    assert_undamaged(&deployment.database);
    assert_eq!(std::fs::read(&to).unwrap(), bytes, "the backup is only read");
    match deployment.database.file() {
        Some(file) => {
            let aside = file.with_file_name("registry.db.replaced-0");
            let old = Database::at(format!("sqlite://{}", aside.display()).parse().unwrap());
            assert_eq!(sequence(&old), head + 2);
        }
        None => deployment.database.run("SELECT sequence FROM replaced_0.log_head; SELECT 1 FROM replaced_1.log_head"),
    }
    let again = deployment.file_named("again.backup");
    said(&back_up(&deployment, &again, &["--verify"]));
    let elsewhere = deployment.on(Database::beside(&deployment.database));
    said(&restore(&elsewhere, &again, &[]));
    assert_eq!(sequence(&elsewhere.database), backed_up);
}

/// Before, the backup of another registry, also one with the same master key, took the place of this one.
#[on_every_database(filled)]
fn a_backup_of_another_registry_replaces_this_one_only_if_that_is_accepted(deployment: Deployment) {
    let other = deployment.on(Database::beside(&deployment.database));
    assert!(other.command(&["migrate", "--create"]).output().unwrap().status.success());
    fill(&other);
    let to = deployment.file_named("others.backup");
    said(&back_up(&other, &to, &[]));
    let before = sequence(&deployment.database);

    let refused = restore(&deployment, &to, &["--replace"]);

    assert_refused(&refused, "is of another registry than the one in its place: the backup's log began at 2");
    assert_refused(&refused, ", the other's began at 2");
    assert_eq!(sequence(&deployment.database), before);
    assert_undamaged(&deployment.database);
    let accepted = restore(&deployment, &to, &["--replace", "--accept-fork"]);
    assert!(said(&accepted).contains("the previous data was moved to: "));
    assert!(String::from_utf8_lossy(&accepted.stderr).contains("warning: the backup is of another registry"), "{accepted:?}");
}

/// Before, the restored file opened with the log of the lost one, and was damaged.
#[test]
fn a_log_that_is_left_of_a_lost_database_is_not_taken_for_that_of_the_restored_one() {
    let deployment = filled(Database::sqlite());
    let to = deployment.file_named("kept.backup");
    said(&back_up(&deployment, &to, &[]));
    let server = Server::start(deployment.serve());
    let client = Client::new(server.address);
    let mut reader = connect_to_file(deployment.database.file().unwrap());
    reader.batch_execute("BEGIN; SELECT value FROM counters").unwrap();
    crate::support::acknowledged(&deployment.ask(&client, 8).unwrap());
    server.kill();
    drop(reader);
    let file = deployment.database.file().unwrap();
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    // The reader's end may have moved the log.
    if !Path::new(&log).exists() {
        std::fs::write(&log, b"the end of a log").unwrap();
    }
    std::fs::remove_file(file).unwrap();

    assert_refused(&restore(&deployment, &to, &[]), "-wal already exists");
    said(&restore(&deployment, &to, &["--replace"]));

    assert_undamaged(&deployment.database);
    let server = Server::start(deployment.serve());
    assert_eq!(server.stop("TERM").0, Some(0));
}

#[on_every_database]
fn what_is_damaged_torn_or_none_is_refused_and_leaves_the_place_as_it_was(database: Database) {
    let deployment = filled(database);
    let whole = deployment.file_named("kept.backup");
    said(&back_up(&deployment, &whole, &[]));
    let bytes = std::fs::read(&whole).unwrap();
    let elsewhere = deployment.on(Database::beside(&deployment.database));

    for (name, content) in [("torn", &bytes[..bytes.len() * 2 / 3]), ("text", b"no backup at all"), ("empty", b"")] {
        let file = deployment.file_named(name);
        std::fs::write(&file, content).unwrap();
        assert_refused(&restore(&elsewhere, &file, &[]), "is not a complete backup of this database");
        assert!(!is_there(&elsewhere.database), "{name}");
    }
    assert_refused(&restore(&elsewhere, &deployment.file_named("missing"), &[]), "cannot");

    deployment.database.run("UPDATE change_payloads SET payload = '{}' WHERE sequence = 1");
    let altered = deployment.file_named("altered.backup");
    assert_refused(
        &back_up(&deployment, &altered, &["--verify"]),
        "change_payloads, 1: the payload does not match its payload_commitment",
    );
    assert_eq!(beside(&altered), [""; 0].map(PathBuf::from));
    said(&back_up(&deployment, &altered, &[]));
    assert_refused(&restore(&elsewhere, &altered, &[]), "change_payloads, 1: the payload does not match its payload_commitment");
    assert!(!is_there(&elsewhere.database));

    said(&restore(&elsewhere, &whole, &[]));
    assert_undamaged(&elsewhere.database);
}

/// A file that is read twice can give other bytes at the second time. A pipe can be read once.
#[test]
fn restore_sums_the_bytes_that_it_copies() {
    let deployment = filled(Database::sqlite());
    let (kept, piped) = (deployment.file_named("kept.backup"), deployment.file_named("piped.backup"));
    said(&back_up(&deployment, &kept, &[]));
    std::fs::copy(deployment.file_named("kept.backup.sha256"), deployment.file_named("piped.backup.sha256")).unwrap();
    assert!(Command::new("mkfifo").arg(&piped).status().unwrap().success());
    let (whole, to) = (std::fs::read(&kept).unwrap(), piped.clone());
    let elsewhere = deployment.on(Database::beside(&deployment.database));

    let writer = std::thread::spawn(move || std::fs::write(to, whole));
    let restored = restore(&elsewhere, &piped, &[]);

    said(&restored);
    assert!(!String::from_utf8_lossy(&restored.stderr).contains("warning: there is no"));
    writer.join().unwrap().unwrap();
    assert_eq!(sequence(&elsewhere.database), sequence(&deployment.database));
}

/// Before, 53 of 90 flipped bits came back with the restored database.
#[on_every_database(filled)]
fn a_flipped_bit_of_a_backup_is_found_by_restore_and_by_a_check(deployment: Deployment) {
    let to = deployment.file_named("kept.backup");
    // Before, the files that killed backups left filled the disk, and nobody was told.
    std::fs::write(deployment.file_named("old.backup.unfinished-4194304"), "half").unwrap();
    let made = back_up(&deployment, &to, &[]);
    said(&made);
    assert!(String::from_utf8_lossy(&made.stderr).contains("warning: old.backup.unfinished-4194304 is of a backup"));
    let (name, sum) = (to.to_str().unwrap(), deployment.file_named("kept.backup.sha256"));
    let by_coreutils =
        Command::new("sha256sum").args(["--check", "kept.backup.sha256"]).current_dir(to.parent().unwrap()).output();
    assert!(by_coreutils.unwrap().status.success(), "the form of sha256sum");
    assert!(said(&run(&deployment, &["backup", "--check", name])).contains("its bytes are those"));
    let (whole, mut rng) = (std::fs::read(&to).unwrap(), seeded(72));

    for _ in 0..15 {
        let mut bytes = whole.clone();
        let place = usize::try_from(rng.next_u64() % u64::try_from(bytes.len()).unwrap()).unwrap();
        bytes[place] ^= 1 << (rng.next_u32() % 8);
        std::fs::write(&to, bytes).unwrap();
        let elsewhere = deployment.on(Database::beside(&deployment.database));
        assert_refused(&restore(&elsewhere, &to, &[]), "its bytes are not those that `backup` wrote");
        assert!(!is_there(&elsewhere.database), "byte {place}");
        let checked = run(&deployment, &["backup", "--check", name]);
        assert_eq!(checked.status.code(), Some(1), "byte {place}");
    }

    std::fs::write(&to, whole).unwrap();
    std::fs::remove_file(sum).unwrap();
    assert_refused(&run(&deployment, &["backup", "--check", name]), "there is no");
    let elsewhere = deployment.on(Database::beside(&deployment.database));
    let restored = restore(&elsewhere, &to, &[]);
    assert!(restored.status.success());
    assert!(String::from_utf8_lossy(&restored.stderr).contains("a changed byte in it may not be noticed"));
}

#[on_every_database(filled)]
fn a_backup_of_a_newer_program_is_refused(deployment: Deployment) {
    deployment.database.run("INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')");
    let to = deployment.file_named("kept.backup");
    said(&back_up(&deployment, &to, &[]));
    let elsewhere = deployment.on(Database::beside(&deployment.database));

    assert_refused(&restore(&elsewhere, &to, &[]), "made by a newer version of this program");

    assert!(!is_there(&elsewhere.database));
}

/// An older program on a database that a newer one contracted.
#[on_every_database(filled)]
fn a_database_that_a_newer_program_contracted_is_not_backed_up(deployment: Deployment) {
    let (newer, to) =
        ("INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101900000')", deployment.file_named("kept.backup"));

    // Nor one of which nobody knows what it is: the copy could not be restored.
    let lost = "does not say of which version";
    for (sql, said) in [
        (newer, "run the newer version"),
        ("DELETE FROM __diesel_schema_migrations", lost),
        ("DROP TABLE __diesel_schema_migrations", lost),
    ] {
        deployment.database.run(sql);
        for options in [&[][..], &["--verify"]] {
            assert_refused(&back_up(&deployment, &to, options), said);
        }
    }
    assert_eq!(beside(&to), [""; 0].map(PathBuf::from));
}

#[on_every_database]
fn a_damaged_database_says_so_in_one_sentence_and_names_restore(database: Database) {
    // What is damaged of a server's files its own tools tell.
    let Some(file) = database.file().map(Path::to_owned) else { return };
    let deployment = filled(database);
    let mut bytes = std::fs::read(&file).unwrap();
    let page = 4096;
    bytes.get_mut(page..).unwrap().chunks_mut(page).for_each(|page| page.fill(0xa5));
    std::fs::write(&file, bytes).unwrap();

    for arguments in [&["serve", "--listen", "127.0.0.1:0"][..], &["verify", "database"], &["ask", "5299005V5GBSN2A4C303"]] {
        assert_refused(
            &run(&deployment, arguments),
            "the database is damaged: stop every process that uses it and `restore` a backup",
        );
    }
}

#[on_every_database]
fn a_database_and_a_backup_of_an_earlier_program_are_refused_by_every_command(database: Database) {
    let deployment = Deployment::empty(database);
    deployment.database.run(
        "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, \
             run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP); \
             INSERT INTO __diesel_schema_migrations (version) VALUES ('20261120000001'), ('20261120000002'); \
             CREATE TABLE log_head (id SMALLINT NOT NULL PRIMARY KEY, sequence BIGINT NOT NULL)",
    );
    let sentence = "error: an earlier version of this program created this database (migration 20261120000001), and this version \
                        cannot upgrade it: use that version, or start with an empty database\n";
    let refused = |output: Output| {
        assert_refused(&output, sentence);
        assert_eq!(String::from_utf8_lossy(&output.stderr), sentence);
    };
    let labels = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/claims/labels.csv");
    let (labels, to) = (labels.to_str().unwrap(), deployment.file_named("kept.backup"));
    let commands: [&[&str]; 13] = [
        &["migrate"],
        &["serve", "--listen", "127.0.0.1:0"],
        &["serve", "--listen", "127.0.0.1:0", "--migrate"],
        &["import", "claims-csv", labels],
        &["organisation", "create", "--name", "Gateway"],
        &["user", "create", "--organisation", "org_01jz0000000000000000000000", "--name", "Somebody"],
        &["api-key", "create", "--user", "usr_01jz0000000000000000000000", "--scope", "resolve"],
        &["ca", "show"],
        &["keys", "show"],
        &["ask", "5299005V5GBSN2A4C303"],
        &["verify", "database"],
        &["backup", "--to", to.to_str().unwrap()],
        &["backup", "--verify", "--to", to.to_str().unwrap()],
    ];

    for arguments in commands {
        refused(run(&deployment, arguments));
    }

    assert_eq!(beside(&to), [""; 0].map(PathBuf::from));
    let elsewhere = Deployment::empty(Database::beside(&deployment.database));
    copy(&deployment.database, &to);
    refused(restore(&elsewhere, &to, &[]));
    assert!(!is_there(&elsewhere.database));
    deployment.database.run("INSERT INTO log_head VALUES (1, 1)");
}

/// Copies a database as a backup is made, without the program.
fn copy(database: &Database, to: &Path) {
    match database.file() {
        Some(file) => drop(std::fs::copy(file, to).unwrap()),
        None => std::fs::write(to, crate::support::dump_to_restore(&database.url.whole()).unwrap()).unwrap(),
    }
}

#[on_every_database]
fn programs_of_postgresql_that_are_missing_or_too_old_are_named(database: Database) {
    if database.file().is_some() {
        return; // It needs none.
    }
    let deployment = filled(database);
    let (to, bin) = (deployment.file_named("kept.backup"), deployment.file_named("bin"));
    std::fs::create_dir(&bin).unwrap();
    let with_path = |arguments: &[&str]| deployment.command(arguments).env("PATH", &bin).output().unwrap();
    let backup = ["backup", "--to", to.to_str().unwrap()];

    assert_refused(&with_path(&backup), "pg_dump is not on the PATH");
    std::fs::write(bin.join("pg_dump"), "#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n").unwrap();
    let executable = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o755);
    std::fs::set_permissions(bin.join("pg_dump"), executable).unwrap();
    assert_refused(&with_path(&backup), "pg_dump on the PATH has version 9 and the server has");
    assert!(beside(&to).is_empty());
}

#[on_every_database(filled)]
fn a_backup_that_is_killed_or_finds_no_room_is_not_there(deployment: Deployment) {
    let mut rng = seeded(59);
    let to = deployment.file_named("kept.backup");
    let mut unfinished = 0;
    for attempt in 0..8 {
        let mut child = deployment.command(&["backup", "--to", to.to_str().unwrap()]).stdout(Stdio::null()).spawn().unwrap();
        // The first is killed before it can have done anything.
        wait_below(&mut rng, Duration::from_millis(if attempt == 0 { 1 } else { 400 }));
        drop(child.kill());
        if child.wait().unwrap().success() {
            let elsewhere = deployment.on(Database::beside(&deployment.database));
            said(&restore(&elsewhere, &to, &[]));
            std::fs::remove_file(&to).unwrap();
        } else {
            unfinished += 1;
            if to.exists() {
                // Killed after it had its name: then it is whole.
                let elsewhere = deployment.on(Database::beside(&deployment.database));
                said(&restore(&elsewhere, &to, &[]));
                std::fs::remove_file(&to).unwrap();
            }
        }
    }
    assert!(unfinished > 0, "some were killed under way");

    let disk = SmallDisk::new(2);
    disk.fill(None, 8_192);
    let there = disk.path().join("kept.backup");
    let command = deployment.command(&["backup", "--to", there.to_str().unwrap()]);
    let full = disk.command(&command, Some(8_192)).output().unwrap();
    let said = String::from_utf8_lossy(&full.stderr);
    assert_eq!(full.status.code(), Some(2), "{said}");
    assert!(deployment.database.file().is_none() || (said.contains("cannot write") && said.contains("kept.backup")), "{said}");
    assert_eq!(beside(&there), [""; 0].map(PathBuf::from));
}

#[on_every_database(filled)]
fn a_restore_that_is_killed_is_done_again_and_half_of_it_never_counts(deployment: Deployment) {
    let mut rng = seeded(60);
    let from = deployment.file_named("kept.backup");
    said(&back_up(&deployment, &from, &[]));
    let backed_up = sequence(&deployment.database);
    let mut unfinished = 0;
    for attempt in 0..5 {
        let place = deployment.on(Database::beside(&deployment.database));
        let mut command = place.command(&["restore", "--from", from.to_str().unwrap()]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        wait_below(&mut rng, Duration::from_millis(if attempt == 0 { 1 } else { 600 }));
        drop(child.kill());
        unfinished += usize::from(!child.wait().unwrap().success());
        if place.database.file().is_some() && is_there(&place.database) {
            assert_eq!(sequence(&place.database), backed_up, "what has its name is whole");
        }

        // A program of PostgreSQL that the killed process had started goes on until it is done.
        let mut again = restore(&place, &from, &["--replace"]);
        for _ in 0..100 {
            if again.status.success() {
                break;
            }
            std::thread::sleep(Duration::from_millis(200));
            again = restore(&place, &from, &["--replace"]);
        }
        said(&again);
        assert_eq!(sequence(&place.database), backed_up);
        assert_undamaged(&place.database);
    }
    assert!(unfinished > 0, "some were killed under way");
}
