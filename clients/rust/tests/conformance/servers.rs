//! The servers of the cases: `server.py`, which replays what a case scripts, and the demo. What the runner itself asks goes through `own`.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// Returns the folder of the conformance file.
pub(crate) fn folder() -> PathBuf {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../conformance");
    std::env::var_os("CONFORMANCE_FOLDER").map_or(beside, PathBuf::from)
}

/// A running `server.py`; it ends when its standard input is closed.
pub(crate) struct ScriptedServer {
    process: Child,
    pub(crate) url: String,
}

impl ScriptedServer {
    /// Starts the server; says why if it cannot be started.
    pub(crate) fn start() -> Result<Self, String> {
        let python = std::env::var("CONFORMANCE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let has = Command::new(&python).args(["-c", "import cryptography, rfc8785"]).stderr(Stdio::null()).status();
        match has {
            Err(error) => return Err(format!("no {python} ({})", error.kind())),
            Ok(status) if !status.success() => return Err(format!("{python} has no cryptography and rfc8785")),
            Ok(_) => {}
        }
        let mut command = Command::new(python);
        let process = command.arg(folder().join("server.py")).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut process = process.map_err(|error| error.to_string())?;
        let mut url = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Ok(Self { process, url: url.trim().to_owned() })
    }
}

impl Drop for ScriptedServer {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// A running demo of the registry.
pub(crate) struct Demo {
    pub(crate) url: String,
    pub(crate) key: String,
}

impl Demo {
    pub(crate) fn of_environment() -> Option<Self> {
        Some(Self { url: std::env::var("CONFORMANCE_URL").ok()?, key: std::env::var("CONFORMANCE_KEY").ok()?.trim().to_owned() })
    }
}

/// Fetches a text without the client under test.
pub(crate) fn own_text(url: &str) -> String {
    ureq::get(url).call().unwrap().body_mut().read_to_string().unwrap()
}

/// Fetches JSON without the client under test.
pub(crate) fn own_json(url: &str) -> Value {
    serde_json::from_str(&own_text(url)).unwrap()
}

/// Posts JSON without the client under test.
pub(crate) fn own_post(url: &str, authorization: &str, body: &Value) -> Value {
    let request = ureq::post(url).header("Authorization", authorization).content_type("application/json");
    let text = request.send(body.to_string()).unwrap().body_mut().read_to_string().unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Gives a case's script to the server.
pub(crate) fn script(url: &str, script: &Value) {
    let mut answered = ureq::post(format!("{url}/_script")).send(script.to_string()).unwrap();
    // An answer that is left unread resets the connection.
    answered.body_mut().read_to_string().unwrap();
}
