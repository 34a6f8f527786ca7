//! The binary with a database, a master key and credentials, as an operator has it, and gateways that ask it for recorded
//! pre-checks until they are told to stop or it is gone.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};

use serde_json::{Value, json};
use tempfile::TempDir;
use vasp_clock::{Clock, SystemClock};
use vasp_store::StoreError;

use super::{Answer, Client, Database, command, open_store, tables};
use crate::sign_in::world::secret_of;

/// What one operator has.
pub(crate) struct Deployment {
    pub database: Database,
    organisation: String,
    key: String,
    folder: TempDir,
}

/// What a deployment is copied from.
struct Files {
    database: Vec<u8>,
    master_key: Vec<u8>,
    organisation: String,
    key: String,
}

/// Somebody who was invited and came.
#[derive(Clone, Debug)]
pub(crate) struct Enrolled {
    /// The `Authorization` of the session.
    pub bearer: String,
    /// Of the app; none without.
    pub recovery_codes: Vec<String>,
}

/// A pre-check that was acknowledged: its id and the answer.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub id: String,
    pub answer: Value,
    /// The answer's bytes, where it was not one of a batch.
    pub text: Option<String>,
}

/// Asserts that a request was refused because its database is away, full, locked or not to be written: try again.
#[track_caller]
pub(crate) fn assert_busy(answer: &Answer) {
    let said = |code: &&&str| answer.json()["code"] == ***code;
    let code = ["no_writes", "outcome_unknown"].iter().find(said).unwrap_or(&"not_ready");
    answer.problem(503, code);
    assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|secs| secs > 0), "{answer:?}");
}

impl Deployment {
    /// A database without a schema, and a place for its master key.
    pub(crate) fn empty(database: Database) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { database, organisation: String::new(), key: String::new(), folder }
    }

    /// Makes the schema, and an organisation with a key for pre-checks. On SQLite it copies those of the first deployment of this process.
    pub(crate) fn new(database: Database) -> Self {
        static MADE: OnceLock<Files> = OnceLock::new();
        let Some(file) = database.file() else { return Self::made(database) };
        let Files { database: bytes, master_key, organisation, key } = MADE.get_or_init(|| {
            let made = Self::made(Database::sqlite());
            let database = tables::bytes(made.database.file().unwrap());
            let master_key = std::fs::read(made.file_named("master-key")).unwrap();
            Files { database, master_key, organisation: made.organisation, key: made.key }
        });
        tables::write_private(file, bytes);
        let mut deployment = Self::empty(database);
        tables::write_private(&deployment.file_named("master-key"), master_key);
        (deployment.organisation, deployment.key) = (organisation.clone(), key.clone());
        deployment
    }

    fn made(database: Database) -> Self {
        let mut deployment = Self::empty(database);
        deployment.said(&["migrate"]);
        deployment.organisation = deployment.said(&["organisation", "create", "--name", "Gateway"]);
        let user =
            deployment.said(&["user", "create", "--organisation", &deployment.organisation, "--name", "Program", "--machine"]);
        deployment.key = deployment.said(&["api-key", "create", "--user", &user, "--scope", "precheck,resolve"]);
        deployment
    }

    /// The `Authorization` of the gateway.
    pub(crate) fn bearer(&self) -> String {
        format!("Bearer {}", self.key)
    }

    /// Returns what a command prints; it must succeed.
    #[track_caller]
    pub(crate) fn said(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Has the command line invite a person, who redeems the link and, for an operator, sets an app for codes up.
    pub(crate) fn enrolled(&self, client: &Client, organisation: &str, (name, role): (&str, &str)) -> Enrolled {
        let email = format!("{}@alpha.example", name.to_lowercase());
        let invite =
            ["user", "create", "--organisation", organisation, "--name", name, "--role", role, "--email", &email, "--invite"];
        let said = self.said(&invite);
        let [_, link] = said.lines().collect::<Vec<_>>()[..] else { panic!("{said}") };
        let secret = link.split_once('#').unwrap().1;
        let begun = client.post("/v1/enrolment", &json!({"secret": secret, "password": "gentle lamp vivid crate"})).json();
        let bearer = format!("Bearer {}", begun["secret"].as_str().unwrap());
        let mut enrolled = Enrolled { bearer, recovery_codes: Vec::new() };
        if begun["organisation"]["kind"] == "operator" {
            let headers = [("authorization", enrolled.bearer.as_str()), ("content-type", "application/json")];
            let made = client.send("POST", "/v1/session/totp", &headers, r#"{"password": "gentle lamp vivid crate"}"#).json();
            let code = json!({"code": secret_of(&made).code_at(SystemClock.now())}).to_string();
            let confirmed = client.send("POST", "/v1/session/totp/confirm", &headers, &code).json();
            enrolled.recovery_codes = serde_json::from_value(confirmed["recovery_codes"].clone()).unwrap();
        }
        enrolled
    }

    /// The binary with these arguments, on this database.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(arguments);
        command.env("VASP_REGISTRY_DATABASE", self.database.url.whole());
        command.env("VASP_REGISTRY_MASTER_KEY_FILE", self.folder.path().join("master-key"));
        command.env("VASP_REGISTRY_LOG_LEVEL", "warn");
        command
    }

    /// The command that serves it.
    pub(crate) fn serve(&self) -> Command {
        self.serve_at("127.0.0.1:0")
    }

    /// The command that serves it at an address.
    pub(crate) fn serve_at(&self, address: &str) -> Command {
        self.command(&["serve", "--listen", address, "--workers", "2"])
    }

    /// Writes a file beside the database and returns where.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The same operator, with the same key, on another database.
    pub(crate) fn on(&self, database: Database) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(self.file_named("master-key"), folder.path().join("master-key")).unwrap();
        Self { database, organisation: self.organisation.clone(), key: self.key.clone(), folder }
    }

    /// Returns where a file beside the database is.
    pub(crate) fn file_named(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Asks for a pre-check or a batch of them; none where the server is gone.
    pub(crate) fn ask(&self, client: &Client, batch: usize) -> Option<Answer> {
        let one = json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": {"jurisdiction": "SG"}});
        let (path, body) = match batch {
            0 => ("/v1/prechecks", one),
            count => ("/v1/prechecks/batch", json!({"prechecks": vec![one; count]})),
        };
        let bearer = format!("Bearer {}", self.key);
        let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
        client.try_send("POST", path, &headers, &body.to_string())
    }

    /// Asks for a pre-check of an Ethereum address, with the evidence. Returns `None` if the server is gone.
    pub(crate) fn ask_about(&self, client: &Client, address: &str) -> Option<Answer> {
        let body = json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"},
            "beneficiary": {"address": address, "network": "eip155:1"}});
        let bearer = format!("Bearer {}", self.key);
        let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
        client.try_send("POST", "/v1/prechecks?view=full", &headers, &body.to_string())
    }

    /// Reads with the organisation's key.
    pub(crate) fn get(&self, client: &Client, path: &str) -> Answer {
        client.get_with(path, &[("authorization", &format!("Bearer {}", self.key))])
    }

    /// Posts with the organisation's key.
    pub(crate) fn post(&self, client: &Client, path: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {}", self.key);
        client.send("POST", path, &[("content-type", "application/json"), ("authorization", &bearer)], &body.to_string())
    }

    /// Asks again and again, one of four gateways in batches; notes what was acknowledged. Ends when told, or when the server
    /// is gone.
    pub(crate) fn keep_asking(&self, address: SocketAddr, gateway: usize, recorded: &Mutex<Vec<Recorded>>, stop: &AtomicBool) {
        let client = Client::new(address);
        while !stop.load(Ordering::SeqCst) {
            let Some(answer) = self.ask(&client, if gateway == 0 { 8 } else { 0 }) else { return };
            if answer.status.as_u16() != 200 {
                assert_busy(&answer);
                continue;
            }
            let found = acknowledged(&answer);
            recorded.lock().unwrap().extend(found);
        }
    }

    /// Asserts that a running server reads every one of these back as it was answered.
    #[track_caller]
    pub(crate) fn assert_readable(&self, address: SocketAddr, recorded: &[Recorded]) {
        let client = Client::new(address);
        for Recorded { id, answer, text } in recorded {
            let read = self.get(&client, &format!("/v1/prechecks/{id}"));
            assert_eq!(read.status.as_u16(), 200, "{id} was acknowledged: {read:?}");
            assert_eq!(read.json(), *answer);
            assert!(text.as_ref().is_none_or(|text| *text == read.text), "{id} reads back byte by byte");
        }
    }

    /// Asserts that every one of these still stands in the database.
    #[track_caller]
    pub(crate) fn assert_kept(&self, recorded: &[Recorded]) {
        let store = open_store(&self.database, 1);
        for Recorded { id, .. } in recorded {
            let row = store
                .read::<_, StoreError>(|conn| conn.precheck(id.parse().unwrap(), self.organisation.parse().unwrap()))
                .unwrap();
            assert!(row.is_some(), "{id} was acknowledged and is gone");
        }
    }
}

/// The pre-checks of an answer.
pub(crate) fn acknowledged(answer: &Answer) -> Vec<Recorded> {
    let body = answer.json();
    let id = |answer: &Value| answer["id"].as_str().unwrap().to_owned();
    match body["results"].as_array() {
        Some(results) => results.iter().map(|one| Recorded { id: id(one), answer: one.clone(), text: None }).collect(),
        None => {
            // What is read back is the verdict alone.
            let mut verdict: Value = serde_json::from_str(&answer.text).unwrap();
            let is_whole = verdict.as_object_mut().unwrap().remove("evidence").is_none();
            vec![Recorded { id: id(&body), text: is_whole.then(|| answer.text.clone()), answer: verdict }]
        }
    }
}
