//! The binary as a process: its command line, and a server that runs while a test holds it.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use vasp_clock::Stopwatch;

/// Returns the binary with these arguments, a database of its own and no settings of the caller's.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vasp-registry"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("VASP_REGISTRY_")) {
        command.env_remove(name);
    }
    // A test asks as fast as it can; `throttle` has its own.
    command.env("VASP_REGISTRY_RATE_LIMIT", "0").env("VASP_REGISTRY_PUBLIC_RATE_LIMIT", "0");
    // Most tests begin a registry; `creation` has its own.
    if matches!(arguments.first(), Some(&"serve" | &"migrate")) {
        command.env("VASP_REGISTRY_CREATE", "true");
    }
    command.env("VASP_REGISTRY_DATABASE", fresh_database()).args(arguments).stdin(Stdio::null());
    command
}

/// Names a database file that is not there yet, in the folder that cargo keeps for tests.
fn fresh_database() -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let name = format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    // A run before may have had the same process number.
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(&folder).unwrap();
    format!("sqlite://{}", folder.join("registry.db").display())
}

/// Asserts that a command is refused with exit code 2 and one line that says why.
#[track_caller]
pub(crate) fn assert_refused(output: &Output, why: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains(why), "{said}");
    assert!(output.stdout.is_empty());
}

/// A server in a process of its own; killed if the test fails before it is stopped.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// Reads the log all the time: a full pipe would hold the server up.
    log: Option<JoinHandle<String>>,
}

impl Server {
    pub(crate) fn start(command: Command) -> Self {
        Self::try_start(command).unwrap_or_else(|said| panic!("it did not start: {said}"))
    }

    /// As `start`; what it said where it ended before it listened.
    pub(crate) fn try_start(mut command: Command) -> Result<Self, String> {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let told = line.trim().strip_prefix("listening on http://").or_else(|| line.trim().strip_prefix("listening on https://"));
        let Some(address) = told else {
            let mut said = String::new();
            stderr.read_to_string(&mut said).unwrap();
            child.wait().unwrap();
            return Err(format!("{line}{said}"));
        };
        let address = address.parse().unwrap();
        let log = std::thread::spawn(move || {
            let mut log = String::new();
            stderr.read_to_string(&mut log).unwrap();
            log
        });
        Ok(Self { child, address, log: Some(log) })
    }

    /// The number of its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal by name, after which it goes on.
    pub(crate) fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args(["-s", signal, &self.pid().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Ends it as a crash does: at once, whatever is under way. Returns what was logged.
    pub(crate) fn kill(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.log.take().unwrap().join().unwrap()
    }

    /// Waits at most two minutes for the server to end by itself. Returns its exit code and its log.
    #[track_caller]
    pub(crate) fn ends(mut self) -> (Option<i32>, String) {
        let watch = Stopwatch::start();
        while self.child.try_wait().unwrap().is_none() {
            assert!(watch.elapsed_micros() < 120_000_000, "it goes on after two minutes");
            std::thread::sleep(Duration::from_millis(20));
        }
        self.end()
    }

    /// Waits for the end.
    fn end(&mut self) -> (Option<i32>, String) {
        let log = self.log.take().unwrap().join().unwrap();
        (self.child.wait().unwrap().code(), log)
    }

    /// Sends a signal by name, waits for the end, and returns the exit code and what was logged.
    pub(crate) fn stop(mut self, signal: &str) -> (Option<i32>, String) {
        self.signal(signal);
        self.end()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Fails where it has ended already, as it should have.
        let _ = self.child.kill();
    }
}
