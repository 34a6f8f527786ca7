//! A full disk and a read-only one: a clear error, nothing that was acknowledged lost, and work goes on once there is room,
//! without a restart.

use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use vasp_clock::Stopwatch;
use vasp_registry::config::DatabaseUrl;

use crate::support::{
    Answer, Client, Database, Deployment, FailingDisk, PrivatePostgres, Recorded, Server, SmallDisk, acknowledged, assert_busy,
    assert_refused, assert_undamaged, connect_to_file, not_run,
};

/// Labels enough for some megabytes of rows.
fn labels(rows: u64) -> String {
    let mut text = "network,address,entity,entity_name,label,category,source,added_date\n".to_owned();
    for row in 0..rows {
        text.push_str(&format!("eip155:1,0x{row:040x},group-{},,,exchange,test@0:full.csv,\n", row % 7));
    }
    text
}

/// One line on standard error that names the disk; exit code 2.
#[track_caller]
fn assert_names_the_disk(output: &Output) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("the disk of the database") && said.lines().count() == 1, "{said}");
}

/// Asks until it is refused, or until so many were taken.
fn ask_until_refused(deployment: &Deployment, client: &Client, recorded: &mut Vec<Recorded>) -> bool {
    for _ in 0..2_000 {
        let answer = deployment.ask(client, 8).unwrap();
        if answer.status.as_u16() != 200 {
            assert_busy(&answer);
            return true;
        }
        recorded.extend(acknowledged(&answer));
    }
    false
}

/// A server and an import on a disk that runs full; `fill` leaves so many bytes free.
fn on_a_disk_that_runs_full(deployment: &Deployment, disk: &SmallDisk) {
    let server = Server::start(disk.command(&deployment.serve(), None));
    let client = Client::new(server.address);
    let (pid, mut recorded) = (Some(server.pid()), Vec::new());
    recorded.extend(acknowledged(&deployment.ask(&client, 0).unwrap()));
    let file = deployment.file("labels.csv", &labels(20_000));
    let import = deployment.command(&["import", "claims-csv", file.to_str().unwrap()]);

    for leave in [200_000, 0] {
        disk.fill(pid, leave);
        assert!(ask_until_refused(deployment, &client, &mut recorded), "the disk was to be full");
        // A smaller one may find room yet; what needs none is answered.
        for _ in 0..3 {
            let answer = deployment.ask(&client, 0).unwrap();
            match answer.status.as_u16() {
                200 => recorded.extend(acknowledged(&answer)),
                _ => assert_busy(&answer),
            }
            assert_eq!(deployment.get(&client, "/v1/vasps").status.as_u16(), 200);
        }
        assert_names_the_disk(&disk.command(&import, Some(100_000)).output().unwrap());
        deployment.assert_readable(server.address, &recorded[recorded.len().saturating_sub(50)..]);

        disk.free(pid);
        let answer = deployment.ask(&client, 0).unwrap().with(200);
        recorded.extend(acknowledged(&answer));
    }

    deployment.assert_readable(server.address, &recorded);
    assert_eq!(disk.command(&import, None).output().unwrap().status.code(), Some(0));
    let (code, log) = server.stop("TERM");
    assert_eq!(code, Some(0), "{log}");
    assert_undamaged(&deployment.database);
    deployment.assert_kept(&recorded);
}

fn sqlite_on(disk: &SmallDisk) -> Deployment {
    let url = format!("sqlite://{}", disk.path().join("registry.db").display());
    Deployment::new(Database::at(url.parse().unwrap()))
}

#[test]
fn a_full_disk_refuses_what_it_cannot_keep_and_loses_nothing() {
    let disk = SmallDisk::new(24);
    on_a_disk_that_runs_full(&sqlite_on(&disk), &disk);
}

#[test]
fn a_full_disk_of_postgresql_refuses_what_it_cannot_keep_and_loses_nothing() {
    let Some(postgres) = PrivatePostgres::start("a full disk under PostgreSQL") else { return };
    let disk = SmallDisk::new(24);
    if !disk.is_mounted() {
        return not_run("a full disk under PostgreSQL: nothing can be mounted here");
    }
    let database = postgres.database_on(disk.path());
    on_a_disk_that_runs_full(&Deployment::new(database), &disk);
}

#[test]
fn a_full_disk_at_the_first_start_is_said() {
    let disk = SmallDisk::new(1);
    let url: DatabaseUrl = format!("sqlite://{}", disk.path().join("registry.db").display()).parse().unwrap();
    disk.fill(None, 8_192);
    let mut serve = crate::support::command(&["serve", "--listen", "127.0.0.1:0"]);
    serve.env("VASP_REGISTRY_DATABASE", url.whole());

    assert_names_the_disk(&disk.command(&serve, Some(8_192)).output().unwrap());
}

/// What a process said that ends by itself; one that goes on is killed.
fn ended(mut child: Child) -> Output {
    let watch = Stopwatch::start();
    while child.try_wait().unwrap().is_none() {
        if watch.elapsed_micros() > 20_000_000 {
            child.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    child.wait_with_output().unwrap()
}

#[test]
fn a_read_only_disk_is_said_and_nothing_on_it_changes() {
    let elsewhere = Deployment::new(Database::sqlite());
    let labels = elsewhere.file("labels.csv", &labels(10));
    let from = elsewhere.database.file().unwrap();
    let names = ["registry.db", "registry.db-wal", "registry.db-shm"];
    for files in [&names[..1], &names[..]] {
        // With the files of the log as a process leaves them that was killed, and without.
        let mut open = connect_to_file(from);
        open.batch_execute("UPDATE counters SET value = value").unwrap();
        let disk = SmallDisk::new(8);
        for name in files {
            std::fs::copy(from.with_file_name(name), disk.path().join(name)).unwrap();
        }
        let bytes = || files.iter().map(|name| std::fs::read(disk.path().join(name)).unwrap()).collect::<Vec<_>>();
        let before = bytes();
        if !disk.make_read_only() {
            return not_run("a read-only disk: nothing can be mounted here, and permissions are nothing to root");
        }

        for arguments in [vec!["serve", "--listen", "127.0.0.1:0"], vec!["import", "claims-csv", labels.to_str().unwrap()]] {
            let mut command = elsewhere.command(&arguments);
            command.env("VASP_REGISTRY_DATABASE", format!("sqlite://{}", disk.path().join("registry.db").display()));
            let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            assert_refused(&ended(child), "the database is read-only");
        }
        assert_eq!(bytes(), before);
    }
}

/// Waits until `/readyz` gives a reason.
#[track_caller]
fn soon_says(deployment: &Deployment, client: &Client, reason: &str) {
    let watch = Stopwatch::start();
    loop {
        let text = deployment.get(client, "/readyz").text;
        if text.contains(&format!("\"{reason}\"")) {
            return;
        }
        assert!(watch.elapsed_micros() < 20_000_000, "not {reason} in 20 s: {text}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Before, such a lock was told after 20 seconds, while pre-checks waited.
#[test]
fn a_write_lock_that_somebody_keeps_is_told_and_forgotten() {
    let deployment = Deployment::new(Database::sqlite());
    let server = Server::start(deployment.serve());
    let client = Client::new(server.address);
    let mut other = connect_to_file(deployment.database.file().unwrap());

    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    soon_says(&deployment, &client, "no_writes");
    other.batch_execute("ROLLBACK").unwrap();

    soon_says(&deployment, &client, "ready");
}

/// Before, nothing counted the lines that were lost.
#[test]
fn a_log_that_takes_no_lines_is_counted() {
    let deployment = Deployment::new(Database::sqlite());
    let mut serve = deployment.serve();
    serve.args(["--public-metrics", "--log-level", "info"]);
    let mut unheard = Command::new("sh");
    unheard.args(["-c", r#"exec "$0" "$@" 2>/dev/full"#]).arg(serve.get_program()).args(serve.get_args());
    unheard.envs(serve.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let server = Server::start(unheard);
    let client = Client::new(server.address);

    let watch = Stopwatch::start();
    loop {
        let text = client.get("/metrics").with(200).text;
        let count = text.lines().find_map(|line| line.strip_prefix("vasp_registry_log_lines_dropped_total ")).unwrap();
        if count != "0" {
            break;
        }
        assert!(watch.elapsed_micros() < 60_000_000, "nothing is counted");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Before, six pre-checks were said to be stored nowhere, and the next process found all six.
#[test]
fn a_write_whose_flush_fails_is_not_said_to_be_lost_and_refusals_are_counted() {
    let Some(disk) = FailingDisk::new("a disk whose flush fails") else { return };
    let deployment = Deployment::new(Database::sqlite());
    let mut serve = deployment.serve();
    serve.arg("--public-metrics");
    disk.rule(&mut serve);
    let server = Server::start(serve);
    let client = Client::new(server.address);
    deployment.ask(&client, 0).unwrap().with(200);
    let stored = || deployment.database.number("COUNT(*)", "prechecks");
    let before = stored();

    disk.fail("flush");
    soon_says(&deployment, &client, "no_writes");
    for _ in 0..30 {
        deployment.ask(&client, 0).unwrap().problem(503, "outcome_unknown");
    }
    let metrics = client.get("/metrics").text;
    assert!(metrics.contains("vasp_registry_writes_refused_total{cause=\"disk_failed\"} 30"), "{metrics}");
    let log = server.kill();
    assert_eq!(log.matches("a request failed").count(), 1, "{log}");
    assert!(stored() > before, "the next process finds what was written before the flush");

    let server = Server::start(deployment.serve());
    deployment.ask(&Client::new(server.address), 0).unwrap().with(200);
    assert_eq!(server.stop("TERM").0, Some(0));
}

/// Source: docs/faults.md.
#[test]
fn a_disk_that_cannot_be_read_is_said_to_readers_as_what_it_is() {
    let Some(disk) = FailingDisk::new("a disk that cannot be read") else { return };
    let deployment = Deployment::new(Database::sqlite());
    let server = Server::start(deployment.serve());
    let asked = acknowledged(&deployment.ask(&Client::new(server.address), 0).unwrap().with(200));
    assert_eq!(server.stop("TERM").0, Some(0));
    let mut serve = deployment.serve();
    disk.rule(&mut serve);
    let server = Server::start(serve);
    let client = Client::new(server.address);

    disk.fail("read");
    let answer = deployment.get(&client, &format!("/v1/prechecks/{}", asked[0].id));
    answer.problem(503, "not_ready");
    assert!(answer.text.contains("cannot read the database"), "{}", answer.text);
    disk.mend();
    deployment.assert_readable(server.address, &asked);
    server.kill();
}

#[test]
fn a_limit_on_the_address_space_is_named_with_what_fails_under_it() {
    let deployment = Deployment::new(Database::sqlite());
    let serve = deployment.serve();
    let mut limited = std::process::Command::new("prlimit");
    limited.arg("--as=1000000000").arg(serve.get_program()).args(serve.get_args());
    limited.envs(serve.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let child = limited.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();

    let said = String::from_utf8_lossy(&ended(child).stderr).into_owned();

    assert!(said.contains("the address space of this process is limited to 953 MiB (`ulimit -v`)"), "{said}");
}

/// Before, the process was ended by a signal, without a word, again and again.
#[test]
fn a_limit_on_the_size_of_files_refuses_writes_and_ends_nothing() {
    let deployment = Deployment::new(Database::sqlite());
    let limit = std::fs::metadata(deployment.database.file().unwrap()).unwrap().len() + 500_000;
    let serve = deployment.serve();
    let mut limited = std::process::Command::new("prlimit");
    limited.arg(format!("--fsize={limit}")).arg(serve.get_program()).args(serve.get_args());
    limited.envs(serve.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let server = Server::start(limited);
    let client = Client::new(server.address);

    let mut answers: Vec<Answer> = Vec::new();
    while answers.len() < 1_000 && answers.last().is_none_or(|answer| answer.status == 200) {
        answers.push(deployment.ask(&client, 20).expect("the server is there"));
    }

    let refused = answers.pop().unwrap();
    assert_eq!(refused.status, 503, "{}", refused.text);
    let kept: Vec<_> = answers.iter().flat_map(acknowledged).collect();
    deployment.assert_readable(server.address, &kept[kept.len() - 20..]);
    let (code, log) = server.stop("TERM");
    assert_eq!(code, Some(0), "{log}");
    deployment.assert_kept(&kept);
}
