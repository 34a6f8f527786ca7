//! Imports files of a source in a process of its own, whose memory is limited: whatever is in a file, the server that answers questions has
//! its memory for itself, and goes on.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rand_core::RngCore;
use rustix::process::{Resource, Rlimit, setrlimit};

use super::fetch::{note_failure, note_unread, read_file};
use super::read::{KnownSource, known_source};
use super::take::Taken;
use crate::node::ServiceError;
use vasp_store::{SourceState, Store, StoreError};
use vasp_words::time::UtcTime;

/// The memory of the process, in bytes. Ours: a list of 42 MB, as large as the largest published one, took 200 MB when it was measured. A real
/// list that is refused would be worse than some memory.
const MEMORY_BYTES: u64 = 220_000_000;

/// How often it is seen whether the process has ended, or the server stops.
const PAUSE: Duration = Duration::from_millis(50);

/// What is said of a process that ended well and noted nothing.
const NOTHING_DONE: &str = "the program that reads files ended without a result; restart the server";

/// How much is read of what the process says.
const SAID_BYTES: u64 = 2_000;

/// How a process that imports is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apart {
    /// The program: this one, or what leads to it.
    pub program: PathBuf,
    /// Its settings: where the database and the master key are.
    pub environment: Vec<(&'static str, OsString)>,
}

/// What became of files.
pub(super) enum TakenApart {
    /// They were imported, or known: so many rows.
    Used(u64),
    /// They could not be used. Why, in words.
    Failed(String),
    /// The server is stopping; nothing was noted.
    Stopped,
}

/// Limits the memory of this process to what an import may take.
///
/// # Errors
/// If the operating system refuses.
pub fn limit_memory() -> io::Result<()> {
    let most = Some(MEMORY_BYTES);
    Ok(setrlimit(Resource::Data, Rlimit { current: most, maximum: most })?)
}

impl Apart {
    /// Has a process import files, which notes what became of them; notes it here if the process died.
    ///
    /// # Errors
    /// `ServiceError::Store`; `Failed` if no process can be started.
    pub(super) fn take(
        &self,
        store: &Store,
        known: &KnownSource,
        taken: &Taken,
        validators: Option<String>,
        stop: &dyn Fn() -> bool,
        (clock, rng): (&dyn Fn() -> UtcTime, &mut dyn RngCore),
    ) -> Result<TakenApart, ServiceError> {
        let (id, tried_at) = (known.definition.id.as_str(), clock());
        let Some(died) = self.run(id, taken, validators, stop).map_err(|error| ServiceError::Failed(Box::new(error)))? else {
            return Ok(TakenApart::Stopped);
        };
        let state = known_source(store, id)?.state;
        let Some(why) = died.or_else(|| (state.tried_at == known.state.tried_at).then(|| NOTHING_DONE.to_owned())) else {
            let rows = state.rows_read.and_then(|rows| u64::try_from(rows).ok()).unwrap_or(0);
            return Ok(state.failure.map_or(TakenApart::Used(rows), TakenApart::Failed));
        };
        let file = taken.names();
        note_unread(store, read_file(known, file.clone(), None), &why, clock(), &mut *rng);
        store.write::<_, StoreError>(clock(), rng, |transaction| {
            let note = |row: &mut SourceState| {
                (row.tried_at, row.file) = (Some(tried_at), Some(file));
                note_failure(row, &why);
            };
            transaction.change_source_state(id, note)
        })?;
        Ok(TakenApart::Failed(why))
    }

    /// Runs the process. Returns why it died, `Some(None)` if it did not, and `None` if the server stopped first.
    fn run(
        &self,
        id: &str,
        taken: &Taken,
        validators: Option<String>,
        stop: &dyn Fn() -> bool,
    ) -> io::Result<Option<Option<String>>> {
        let mut says = tempfile::tempfile()?;
        let mut command = Command::new(&self.program);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("VASP_REGISTRY_")) {
            command.env_remove(name);
        }
        command.args(["sources", "take", id]).args(taken.files().iter().map(|file| &file.path));
        command.args(validators.map(|validators| format!("--validators={validators}")));
        // Otherwise the allocator takes a gigabyte at the start, of which it uses little: that would be above the limit.
        command.env("MIMALLOC_ARENA_RESERVE", "0");
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(says.try_clone()?);
        let Some(status) = ended(command.spawn()?, stop)? else { return Ok(None) };
        Ok(Some(if status.success() { None } else { Some(why_died(status, &mut says)?) }))
    }
}

/// Waits for the end of a process; ends it if the server stops. Returns `None` then.
fn ended(mut child: Child, stop: &dyn Fn() -> bool) -> io::Result<Option<ExitStatus>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if stop() {
            // What it did not commit is taken back by the database.
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(PAUSE);
    }
}

fn why_died(status: ExitStatus, says: &mut File) -> io::Result<String> {
    let mut said = Vec::new();
    says.rewind()?;
    says.take(SAID_BYTES).read_to_end(&mut said)?;
    let said = String::from_utf8_lossy(&said);
    let megabytes = MEMORY_BYTES / 1_000_000;
    Ok(match status.code() {
        None => {
            format!("its import needs more than the {megabytes} MB of memory that an import may take, or was ended ({status})")
        }
        Some(_) => said.trim().to_owned(),
    })
}
