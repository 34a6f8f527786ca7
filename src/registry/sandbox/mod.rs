//! A sandbox: the same program on a database of its own, in which everything is invented, so that gateways, members and operators can try
//! their programs out. Its name lies under `.test`; that marks its receipts, its answers and its API keys, and no other registry takes them.
//! The catalogue of scenarios says what can be asked and what is answered; a test asks all of it. `cli` starts a sandbox.

mod catalogue;
mod client;
pub mod demo;
mod endpoint;
pub(crate) mod events;
mod facts;
mod files;
mod firms;
pub(crate) mod http;
mod people;
mod sending;
mod story;
mod wallets;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use serde::{Deserialize, Serialize};

pub use catalogue::{Scenario, Sent, scenarios};
pub use endpoint::{Endpoint, serve_endpoint};

use crate::node::{Registry, ServiceError};
use client::Client;
use facts::Facts;
pub use files::Files;
use people::{Person, Stage};
use vasp_clock::{Clock, Random, ShiftedClock};
use vasp_outbound::{NotATestName, TestNames};
use vasp_pki::MasterKeys;
use world::Changes;

/// The name under which a sandbox signs.
pub const ISSUER: &str = "https://sandbox.test";

/// The name in challenges to members.
pub const NAME: &str = "sandbox.test";

/// What a sandbox has beside a registry.
pub struct Sandbox {
    /// Its clock, which can be moved forward.
    pub clock: Arc<ShiftedClock>,
    /// The names under `.test` that it knows.
    pub names: Arc<TestNames>,
    /// What was invented when it was filled.
    filled: Filled,
    /// The folder with its database.
    pub folder: PathBuf,
    reset: AtomicBool,
    tools: OnceLock<Tools>,
    /// The sessions of invented people that began after the sandbox was filled, by e-mail address.
    sessions: Mutex<BTreeMap<String, Person>>,
    turn: Mutex<()>,
}

/// What a sandbox causes events with.
pub struct Tools {
    /// Where its server listens.
    pub server: SocketAddr,
    /// Its master keys.
    pub keys: MasterKeys,
    /// Its randomness.
    pub random: Arc<Random>,
}

/// What was invented when a sandbox was filled, kept beside its database.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Filled {
    facts: Facts,
    people: Vec<Person>,
}

/// Why a sandbox cannot be filled or used.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// A request of an invented person was refused.
    #[error("{request} was refused: {reason}")]
    Refused {
        /// Its method and path.
        request: String,
        /// The answer.
        reason: String,
    },
    /// An answer lacks a member.
    #[error("an answer has no text at {member}: {answer}")]
    Lacks {
        /// The member's place.
        member: String,
        /// The answer.
        answer: String,
    },
    /// A file of `seed/sandbox` cannot be used.
    #[error("{file} cannot be used: {reason}")]
    Seed {
        /// The file.
        file: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// A file of `seed/sandbox` refers to something that is not known.
    #[error("nothing is known of `{0}`")]
    Open(String),
    /// A capability refused what the sandbox needs.
    #[error("the sandbox could not be filled")]
    Service(#[source] ServiceError),
    /// A name is not reserved for tests.
    #[error(transparent)]
    Name(NotATestName),
    /// A certificate of an invented member cannot be asked for.
    #[error("the request for a certificate cannot be made: {0}")]
    Certificate(String),
    /// The sandbox's server does not listen yet.
    #[error("the sandbox's server does not listen yet")]
    NotServed,
    /// The endpoint of an invented member cannot be served.
    #[error("the endpoint of an invented member cannot be served: {0}")]
    Endpoint(String),
    /// The key of a scenario's address cannot be made.
    #[error("the key of an invented address cannot be made")]
    Key,
    /// A file in the sandbox's folder cannot be read or written.
    #[error("cannot use {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The I/O error.
        #[source]
        source: std::io::Error,
    },
}

impl Sandbox {
    /// Takes what was invented when the sandbox was filled.
    #[must_use]
    pub fn of(folder: &Path, filled: Filled, clock: Arc<ShiftedClock>, names: Arc<TestNames>) -> Self {
        Self {
            clock,
            names,
            filled,
            folder: folder.to_owned(),
            reset: AtomicBool::new(false),
            tools: OnceLock::new(),
            sessions: Mutex::default(),
            turn: Mutex::default(),
        }
    }

    /// Lets the sandbox cause events. It does so as soon as its server listens.
    pub fn act_with(&self, tools: Tools) {
        // A second call changes nothing: the process has one server.
        drop(self.tools.set(tools));
    }

    /// Waits until nobody else causes an event.
    fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns an invented person by the part of the e-mail address before the `@`, with the newest session.
    fn person(&self, name: &str) -> Option<Person> {
        let found = self.filled.people.iter().find(|person| person.is_called(name))?;
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        Some(sessions.get(&found.sign_in.email).unwrap_or(found).clone())
    }

    /// Keeps the session of a person.
    fn remember(&self, person: &Person) {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.insert(person.sign_in.email.clone(), person.clone());
    }

    /// Returns how the files differ from those of the day on which the sandbox was filled.
    fn changes(&self) -> Result<Changes, StageError> {
        Ok(read_file(&self.folder.join(CHANGES_FILE))?.unwrap_or_default())
    }

    fn keep_changes(&self, changes: &Changes) -> Result<(), StageError> {
        write(&self.folder.join(CHANGES_FILE), changes)
    }

    /// Returns whether somebody asked to begin anew.
    #[must_use]
    pub fn is_to_reset(&self) -> bool {
        self.reset.load(Ordering::SeqCst)
    }

    /// Returns what was invented when the sandbox was filled.
    #[must_use]
    pub fn filled(&self) -> &Filled {
        &self.filled
    }

    pub(crate) fn ask_for_reset(&self) {
        self.reset.store(true, Ordering::SeqCst);
    }

    /// Keeps the names under `.test` for the next start.
    pub(crate) fn keep_names(&self) -> Result<(), StageError> {
        write(&self.folder.join(NAMES_FILE), &self.names.all())
    }
}

impl Filled {
    /// Returns the API key of a program or person, by its name in the catalogue.
    #[must_use]
    pub fn key(&self, of: &str) -> Option<&str> {
        self.facts.texts.get(of).map(String::as_str)
    }

    /// Returns how the invented people sign in at the console: a line for all, and one for each with what the person does.
    #[must_use]
    pub fn sign_ins(&self) -> Vec<String> {
        let all = self.people.iter().map(|person| &person.sign_in);
        let width = all.clone().map(|card| card.email.len()).max().unwrap_or_default();
        let line = |card: &people::SignInCard| {
            let people::SignInCard { email, totp_secret, part, .. } = card;
            format!("  {email:width$}  {totp_secret}  {part}")
        };
        let head = format!("Sign in with the password `{}` and the code that an app makes of the secret:", people::PASSWORD);
        std::iter::once(head).chain(all.map(line)).collect()
    }
}

const FILLED_FILE: &str = "filled.json";
const NAMES_FILE: &str = "names.json";
const CHANGES_FILE: &str = "changes.json";

/// Fills a registry that knows nothing yet, and keeps beside its database what was invented. `server` is where a server of this registry
/// listens.
///
/// # Errors
/// `StageError` for the first thing that fails. The folder is then not filled.
pub fn fill(
    registry: &Registry,
    keys: &MasterKeys,
    folder: &Path,
    names: &TestNames,
    clock: &dyn Clock,
    random: &Random,
    server: SocketAddr,
) -> Result<Filled, StageError> {
    let mut facts = Facts { begun: Some(clock.now()), ..Facts::default() };
    let stage = Stage { setting: &world::SETTING, registry, clock, random, client: &Client::of(server) };
    stage.import_all(keys, &facts)?;
    let people = stage.act_all(keys, names, &mut facts)?;
    stage.look()?;
    keep(folder, names, Filled { facts, people })
}

/// Keeps beside the database what was invented. The last file says that all of it is there.
fn keep(folder: &Path, names: &TestNames, filled: Filled) -> Result<Filled, StageError> {
    write(&folder.join(NAMES_FILE), &names.all())?;
    write(&folder.join(FILLED_FILE), &filled)?;
    Ok(filled)
}

/// Returns what was invented, with the names under `.test`; `None` if the folder was not filled completely.
///
/// # Errors
/// `StageError::File` if a file cannot be read.
pub fn read(folder: &Path) -> Result<Option<(Filled, TestNames)>, StageError> {
    let filled = read_file::<Filled>(&folder.join(FILLED_FILE))?;
    let names = read_file::<BTreeMap<String, BTreeSet<String>>>(&folder.join(NAMES_FILE))?;
    Ok(filled.zip(names).map(|(filled, names)| (filled, TestNames::of(names))))
}

fn read_file<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Option<T>, StageError> {
    match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| file_error(path, error.into())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(file_error(path, error)),
    }
}

/// Writes a file that only its owner may read, because it has passwords and keys; as a whole or not at all.
fn write<T: Serialize>(path: &Path, value: &T) -> Result<(), StageError> {
    let failed = |error| file_error(path, error);
    let folder = path.parent().unwrap_or(path);
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    serde_json::to_writer_pretty(&mut file, value).map_err(|error| failed(error.into()))?;
    file.persist(path).map(drop).map_err(|error| failed(error.error))
}

fn file_error(path: &Path, source: std::io::Error) -> StageError {
    StageError::File { path: path.to_owned(), source }
}
