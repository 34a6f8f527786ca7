//! A PostgreSQL server that one test may stop, restart and starve; the one of `TEST_DATABASE_URL` belongs to all. Started from
//! the newest installation there is, by `pg_ctl`, and gone when it is dropped.

use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use tempfile::TempDir;

use super::{Database, Relay};

/// A server of one test.
pub(crate) struct PrivatePostgres {
    bin: PathBuf,
    folder: TempDir,
    port: u16,
}

/// Says that a part of a test did not run, past the capture of the test's output: `scripts/test` repeats it at its end.
pub(crate) fn not_run(what: &str) {
    writeln!(std::io::stderr(), "NOT RUN  {what}").unwrap();
}

/// The folder of `initdb` and `pg_ctl`, the newest there is.
fn installation() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, bin)| bin.join("pg_ctl").exists() && bin.join("initdb").exists())
        .collect();
    found.sort();
    let on_path = std::env::split_paths(&std::env::var_os("PATH")?).find(|bin| bin.join("pg_ctl").exists());
    found.pop().map(|(_, bin)| bin).or(on_path)
}

/// Everything in a database as `pg_dump` writes it; none where there is no such program.
pub(crate) fn dump(url: &str) -> Option<Vec<u8>> {
    dumped(url, "plain")
}

/// Everything in a database, in the form that `pg_restore` reads.
pub(crate) fn dump_to_restore(url: &str) -> Option<Vec<u8>> {
    dumped(url, "custom")
}

fn dumped(url: &str, format: &str) -> Option<Vec<u8>> {
    let Some(program) = installation().map(|bin| bin.join("pg_dump")).filter(|program| program.exists()) else {
        not_run("pg_dump: not installed; install the package postgresql");
        return None;
    };
    let output = std::process::Command::new(program).args(["--dbname", url, "--format", format]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(output.stdout)
}

/// Whether tests run as root.
pub(crate) fn is_root() -> bool {
    std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").unwrap()) == 0
}

impl PrivatePostgres {
    /// Starts a server, where tests run on PostgreSQL at all and one is installed.
    pub(crate) fn start(for_what: &str) -> Option<Self> {
        std::env::var_os("TEST_DATABASE_URL")?;
        let Some(bin) = installation() else {
            not_run(&format!("{for_what}: no pg_ctl here, so no server that a test may stop"));
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Self { bin, folder, port };
        server.own(server.folder.path());
        let data = server.data();
        let made = server.run("initdb", &["-D", &data, "-U", "test", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
        assert!(made.status.success(), "{made:?}");
        server.control("start", &[]);
        Some(server)
    }

    /// Starts a replica that follows this server, where `pg_basebackup` is installed.
    pub(crate) fn replica(&self) -> Option<Self> {
        if !self.bin.join("pg_basebackup").exists() {
            not_run("a replica of PostgreSQL: no pg_basebackup here");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let replica = Self { bin: self.bin.clone(), folder, port };
        replica.own(replica.folder.path());
        let (data, primary) = (replica.data(), self.port.to_string());
        let copied = replica.run(
            "pg_basebackup",
            &["-h", "127.0.0.1", "-p", &primary, "-U", "test", "-D", &data, "-R", "-c", "fast", "--no-sync"],
        );
        assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stdout));
        replica.control("start", &[]);
        Some(replica)
    }

    fn data(&self) -> String {
        self.folder.path().join("data").to_str().unwrap().to_owned()
    }

    /// Gives a folder to the user that the server runs as.
    pub(crate) fn own(&self, folder: &Path) {
        if is_root() {
            assert!(Command::new("chown").arg("postgres:").arg(folder).status().unwrap().success());
        }
    }

    /// Runs one of PostgreSQL's programs, which refuse to run as root.
    fn run(&self, program: &str, arguments: &[&str]) -> Output {
        let program = self.bin.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        // Files and not pipes: the server would hold a pipe open for as long as it runs.
        let said = self.folder.path().join("said");
        let file = std::fs::File::create(&said).unwrap();
        command.args(arguments).current_dir(self.folder.path()).stdout(file.try_clone().unwrap()).stderr(file);
        let status = command.status().unwrap();
        Output { status, stdout: std::fs::read(&said).unwrap(), stderr: vec![] }
    }

    fn control(&self, action: &str, options: &[&str]) {
        let data = self.data();
        let log = self.folder.path().join("data/server.log").to_str().unwrap().to_owned();
        let settings = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=100 -c shared_buffers=16MB",
            self.port
        );
        let mut arguments = vec![action, "-D", &data, "-w", "-t", "60"];
        if action != "stop" {
            arguments.extend(["-l", &log, "-o", &settings]);
        }
        arguments.extend(options);
        let done = self.run("pg_ctl", &arguments);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
    }

    /// Starts it again after a stop.
    pub(crate) fn start_again(&self) {
        self.control("start", &[]);
    }

    /// Stops it: sessions end, what was committed is written.
    pub(crate) fn stop(&self) {
        self.control("stop", &["-m", "fast"]);
    }

    /// Restarts it: sessions end, what was committed is written.
    pub(crate) fn restart(&self) {
        self.control("restart", &["-m", "fast"]);
    }

    /// Has all connections begin with transactions that only read, or with usual ones.
    pub(crate) fn read_only(&self, read_only: bool) {
        let mut admin = PgConnection::establish(&self.url("postgres")).unwrap();
        admin.batch_execute("SET default_transaction_read_only = off").unwrap();
        admin.batch_execute(&format!("ALTER SYSTEM SET default_transaction_read_only = {read_only}")).unwrap();
        admin.batch_execute("SELECT pg_reload_conf()").unwrap();
    }

    /// Has every commit wait for a synchronous replica that does not exist, or for none.
    pub(crate) fn await_a_replica(&self, awaits: bool) {
        let mut admin = PgConnection::establish(&self.url("postgres")).unwrap();
        let name = if awaits { "nobody" } else { "" };
        admin.batch_execute(&format!("ALTER SYSTEM SET synchronous_standby_names = '{name}'")).unwrap();
        admin.batch_execute("SELECT pg_reload_conf()").unwrap();
    }

    /// Has every process of it stand still, or go on.
    pub(crate) fn hang(&self, hangs: bool) {
        let pid = std::fs::read_to_string(self.folder.path().join("data/postmaster.pid")).unwrap();
        let pid = pid.lines().next().unwrap().to_owned();
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
        let signal = if hangs { "-STOP" } else { "-CONT" };
        // A session that ended meanwhile is none that could hang.
        drop(Command::new("kill").arg(signal).arg(&pid).args(children.split_whitespace()).output().unwrap());
    }

    /// Has every process of it end at once, as in a crash, and starts it again; it recovers from its log.
    pub(crate) fn restart_immediately(&self) {
        self.control("restart", &["-m", "immediate"]);
    }

    /// The address of one of its databases.
    pub(crate) fn url(&self, name: &str) -> String {
        format!("postgres://test@127.0.0.1:{}/{name}", self.port)
    }

    /// The port at which it listens.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// A relay before it, and its database at the relay.
    pub(crate) fn behind_a_relay(&self) -> (Relay, Database) {
        let relay = Relay::to(self.port);
        let database = Database::postgres(relay.before(&self.url("postgres")));
        (relay, database)
    }

    /// Makes a database.
    pub(crate) fn database(&self) -> Database {
        Database::postgres(self.url("postgres"))
    }

    /// Makes a database whose tables lie on another disk; its log stays with the server's.
    pub(crate) fn database_on(&self, disk: &Path) -> Database {
        self.own(disk);
        let mut admin = PgConnection::establish(&self.url("postgres")).unwrap();
        admin.batch_execute(&format!("CREATE TABLESPACE elsewhere LOCATION '{}'", disk.display())).unwrap();
        admin.batch_execute("CREATE DATABASE elsewhere TABLESPACE elsewhere").unwrap();
        Database::at(self.url("elsewhere").parse().unwrap())
    }
}

impl Drop for PrivatePostgres {
    fn drop(&mut self) {
        // Fails where a test stopped it.
        let data = self.data();
        drop(self.run("pg_ctl", &["stop", "-D", &data, "-m", "immediate", "-w"]));
    }
}
