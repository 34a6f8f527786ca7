//! `sources`: shows the sources of data, fetches them from a folder, pauses them, and gives back a kept file. Exit codes of `fetch`: 0 every
//! file was used, 1 a file was refused, has rows that were refused or are held, or is missing, 2 a source or all of them failed.

use std::io::Write;
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Outcome, open, table, warn_of_shrink};
use crate::config::{FileOptions, LogOptions, StoreOptions};
use crate::sources::{
    FetchGround, FetchResult, Fetched, KnownSource, fetch_source, limit_memory, list_known_sources, pause_source, read_snapshot,
    take_files,
};
use crate::telemetry;
use vasp_clock::{Clock, Random, SystemClock};
use vasp_store as store;
use vasp_words::error_chain::error_chain;

/// Sources of data.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Sources {
    /// Shows every source: what it is, and what was fetched from it
    List(List),
    /// Imports the newest files of every source that is not paused from a folder; calls nobody
    Fetch(Fetch),
    /// Leaves sources out of fetches that do not name them
    Pause(Pause),
    /// Takes paused sources in again
    Resume(Pause),
    /// Writes a kept file of a source as it came, after checking its hash
    Snapshot(Snapshot),
    /// Imports files that a server took, within the memory that an import may take; servers start it
    #[command(hide = true)]
    Take(Take),
}

/// Options of `sources take`.
#[derive(Debug, clap::Args)]
pub(super) struct Take {
    /// Id of the source
    id: String,
    /// Its files
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// What the publisher's server said of them, as JSON
    #[arg(long)]
    validators: Option<String>,
    #[command(flatten)]
    store: StoreOptions,
}

/// Options of `sources list`.
#[derive(Debug, clap::Args)]
pub(super) struct List {
    /// Print everything as JSON instead of a table
    #[arg(long, env = "VASP_REGISTRY_JSON")]
    json: bool,
    #[command(flatten)]
    store: StoreOptions,
}

/// Options of `sources fetch`.
#[derive(Debug, clap::Args)]
pub(super) struct Fetch {
    /// Ids of sources, also paused ones; all that are not paused if you leave them out
    ids: Vec<String>,
    /// The folder with the files as they were published
    #[arg(long, value_name = "DIR", env = "VASP_REGISTRY_SOURCES_FROM")]
    sources_from: PathBuf,
    /// Accept a register or list that lost more than 5 % of its entries, lost a country's dates, has less than 95 % readable rows, or is as it was
    /// before the last change
    #[arg(long, env = "VASP_REGISTRY_ACCEPT_SHRINK")]
    accept_shrink: bool,
    /// Print the result as JSON instead of lines
    #[arg(long, env = "VASP_REGISTRY_JSON")]
    json: bool,
    /// How long to wait for another process that writes to the database
    #[arg(long, value_name = "SECS", default_value = "30", env = "VASP_REGISTRY_LOCK_TIMEOUT_SECS")]
    lock_timeout_secs: NonZeroU16,
    #[command(flatten)]
    store: StoreOptions,
    #[command(flatten)]
    log: LogOptions,
}

/// Options of `sources pause` and `sources resume`.
#[derive(Debug, clap::Args)]
pub(super) struct Pause {
    /// Ids of sources
    #[arg(required = true)]
    ids: Vec<String>,
    #[command(flatten)]
    store: StoreOptions,
}

/// Options of `sources snapshot`.
#[derive(Debug, clap::Args)]
pub(super) struct Snapshot {
    /// Id of the source
    id: String,
    /// The SHA-256 of the file, or its first 12 digits or more, as facts name it
    sha256: String,
    /// The file to write, which must not exist; standard output if you leave it out
    #[arg(long, value_name = "FILE", env = "VASP_REGISTRY_TO")]
    to: Option<PathBuf>,
    #[command(flatten)]
    store: StoreOptions,
}

impl Sources {
    /// Runs the command.
    ///
    /// # Errors
    /// If the database or the folder cannot be used, or a source is not known.
    pub(super) fn run(self, file: &FileOptions) -> Outcome {
        match self {
            Self::List(list) => list.run(file),
            Self::Fetch(fetch) => fetch.run(file),
            Self::Pause(pause) => pause.run(file, true),
            Self::Resume(pause) => pause.run(file, false),
            Self::Snapshot(snapshot) => snapshot.run(file),
            Self::Take(take) => take.run(file),
        }
    }
}

impl Take {
    fn run(self, file: &FileOptions) -> Outcome {
        limit_memory()?;
        let settings = self.store.settle(&file.store);
        let random = Random::from_system()?;
        let store =
            open::store_to_write(&settings, &store::StoreOptions { lock_timeout: TAKE_WAITS, ..store::StoreOptions::default() })?;
        let keys = open::keys_for(&settings, &store, true, &mut random.fork())?;
        let ground = FetchGround { store: &store, keys: &keys, accept_shrink: false };
        take_files(ground, &self.id, &self.files, self.validators, &|| SystemClock.now(), &mut random.fork())?;
        Ok(ExitCode::SUCCESS)
    }
}

/// How long an import beside a server waits for other writers.
const TAKE_WAITS: Duration = Duration::from_secs(30);

impl List {
    fn run(self, file: &FileOptions) -> Outcome {
        let settings = self.store.settle(&file.store);
        let store = open::store(&settings, &store::StoreOptions::default())?;
        let known = list_known_sources(&store)?;
        if self.json {
            let shown = |source: &KnownSource| {
                let kept = store.read::<_, store::StoreError>(|conn| conn.source_snapshots(&source.definition.id));
                kept.map(|kept| whole(source, &kept))
            };
            let all = known.iter().map(shown).collect::<Result<Vec<Value>, _>>()?;
            writeln!(std::io::stdout(), "{}", serde_json::to_string_pretty(&all)?)?;
            return Ok(ExitCode::SUCCESS);
        }
        let now = SystemClock.now();
        let text = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
        let rows: Vec<[String; 7]> = known
            .iter()
            .map(|source| {
                let state = &source.state;
                let due = source.next_due().map(|due| due.date().to_string());
                let standing = match (state.paused, &state.failure) {
                    (true, _) => "paused".to_owned(),
                    (_, Some(failure)) => format!("failed: {failure}"),
                    _ if source.is_overdue(now) => "overdue".to_owned(),
                    _ => String::new(),
                };
                [
                    source.definition.id.clone(),
                    text(state.known_through.map(|day| day.to_string())),
                    text(state.succeeded_at.map(|at| at.date().to_string())),
                    text(due),
                    text(state.rows_read.map(|rows| rows.to_string())),
                    text(state.file.clone()),
                    standing,
                ]
            })
            .collect();
        table::print(["source", "known through", "fetched", "due", "rows", "file", ""], &rows)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// `kept` are the digests, names and sizes of its kept files.
fn whole(source: &KnownSource, kept: &[(Vec<u8>, String, i64)]) -> Value {
    let KnownSource { definition, state } = source;
    let kept: Vec<Value> = kept.iter().map(|(digest, file, _)| json!({"file": file, "sha256": hex::encode(digest)})).collect();
    let download: Vec<String> = definition.download.iter().map(ToString::to_string).collect();
    json!({
        "id": definition.id, "what": definition.what, "publisher": definition.publisher, "address": definition.address,
        "form": definition.form, "licence": definition.licence, "format": definition.format, "files": definition.patterns(),
        "every_days": definition.every_days, "limit_days": definition.limit_days, "paused": state.paused,
        "last_tried": state.tried_at, "last_success": state.succeeded_at, "last_changed": state.changed_at,
        "next_due": source.next_due(), "known_through": state.known_through, "file": state.file, "rows": state.rows_read,
        "sha256": state.digest.as_ref().map(hex::encode), "failure": state.failure,
        "download": download, "kept": kept,
    })
}

impl Pause {
    fn run(self, file: &FileOptions, paused: bool) -> Outcome {
        let settings = self.store.settle(&file.store);
        let store = open::store_to_write(&settings, &store::StoreOptions::default())?;
        let random = Random::from_system()?;
        for id in &self.ids {
            pause_source(&store, id, paused, SystemClock.now(), &mut random.fork())?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Snapshot {
    fn run(self, file: &FileOptions) -> Outcome {
        let settings = self.store.settle(&file.store);
        let store = open::store(&settings, &store::StoreOptions::default())?;
        let kept = read_snapshot(&store, &self.id, &self.sha256)?;
        match &self.to {
            None => std::io::stdout().write_all(&kept.bytes)?,
            Some(to) => {
                let written = std::fs::File::create_new(to).and_then(|mut file| file.write_all(&kept.bytes));
                written.map_err(|error| format!("cannot write {}: {error}", to.display()))?;
                writeln!(std::io::stdout(), "{} of {} is written to {}", kept.name, self.id, to.display())?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Fetch {
    fn run(self, file: &FileOptions) -> Outcome {
        let _logging = telemetry::start(&self.log.settle(&file.log))?;
        let settings = self.store.settle(&file.store);
        let random = Random::from_system()?;
        let lock_timeout = Duration::from_secs(self.lock_timeout_secs.get().into());
        let store = open::store_to_write(&settings, &store::StoreOptions { lock_timeout, ..store::StoreOptions::default() })?;
        let keys = open::keys_for(&settings, &store, true, &mut random.fork())?;
        let known = list_known_sources(&store)?;
        if let Some(id) = self.ids.iter().find(|id| !known.iter().any(|one| one.definition.id == **id)) {
            return Err(format!("there is no source `{id}`; `sources list` shows all").into());
        }
        let is_wanted = |one: &&KnownSource| match self.ids.is_empty() {
            true => !one.state.paused,
            false => self.ids.contains(&one.definition.id),
        };
        if let Err(error) = std::fs::read_dir(&self.sources_from) {
            return Err(format!("cannot read the folder {}: {error}", self.sources_from.display()).into());
        }
        warn_of_shrink(self.accept_shrink)?;
        let ground = FetchGround { store: &store, keys: &keys, accept_shrink: self.accept_shrink };
        let wanted: Vec<&KnownSource> = known.iter().filter(is_wanted).collect();
        let outcomes: Vec<FetchOutcome<'_>> = wanted
            .into_iter()
            .map(|source| {
                let id = source.definition.id.as_str();
                // One source that fails must not keep the others from being refreshed.
                let fetched = fetch_source(ground, id, &self.sources_from, &|| SystemClock.now(), &mut random.fork());
                let outcome = (source, fetched.map_err(|error| error_chain(&error).to_string()));
                if !self.json {
                    writeln!(std::io::stdout(), "{}", line(&outcome))?;
                }
                Ok(outcome)
            })
            .collect::<std::io::Result<_>>()?;
        if self.json {
            let told = outcomes.iter().map(shown).collect::<Result<Vec<_>, _>>()?;
            writeln!(std::io::stdout(), "{}", serde_json::to_string_pretty(&told)?)?;
        }
        let mut code = outcomes.iter().map(|outcome| exit_code(outcome, !self.ids.is_empty())).max().unwrap_or(0);
        if !outcomes.is_empty() && outcomes.iter().all(|(_, fetched)| matches!(fetched, Ok(None))) {
            writeln!(std::io::stderr(), "no source has a file in {}", self.sources_from.display())?;
            code = code.max(1);
        }
        Ok(ExitCode::from(code))
    }
}

/// A source, and what became of its fetch; `None` if it has no file. The error says, in words, why the fetch failed.
type FetchOutcome<'a> = (&'a KnownSource, Result<Option<Fetched>, String>);

/// Returns what became of a fetch, as a line for people.
fn line((known, outcome): &FetchOutcome<'_>) -> String {
    let (id, patterns) = (&known.definition.id, known.definition.patterns());
    let Fetched { file, result, .. } = match outcome {
        Err(error) => return format!("{id:<20} failed: {error}"),
        Ok(None) => {
            let before = known.state.file.as_ref().filter(|_| known.state.succeeded_at.is_some());
            let before = before.map(|file| format!(", although it had {file}"));
            return format!("{id:<20} no file ({patterns}){}", before.unwrap_or_default());
        }
        Ok(Some(fetched)) => fetched,
    };
    match result {
        FetchResult::Same => format!("{id:<20} {file}: unchanged"),
        FetchResult::Failed(failure) => format!("{id:<20} {file}: refused: {failure}"),
        FetchResult::Imported(report) => format!(
            "{id:<20} {file}: {} rows read, {} taken, {} rejected, {} held; {} records new, {} changed, {} vanished",
            report.read,
            report.taken,
            report.rejected_count(),
            report.held.len(),
            report.new,
            report.changed,
            report.vanished
        ),
    }
}

/// Returns the exit code of a fetch. A mirror need not have every source; one that was named, or had a file before, is missed.
fn exit_code((known, outcome): &FetchOutcome<'_>, is_named: bool) -> u8 {
    match outcome {
        Err(_) => 2,
        Ok(None) => u8::from(is_named || known.state.succeeded_at.is_some()),
        Ok(Some(Fetched { result: FetchResult::Same, .. })) => 0,
        Ok(Some(Fetched { result: FetchResult::Imported(report), .. })) => report.exit_code(),
        Ok(Some(Fetched { result: FetchResult::Failed(_), .. })) => 1,
    }
}

fn shown((known, outcome): &FetchOutcome<'_>) -> Result<Value, serde_json::Error> {
    let source = &known.definition.id;
    let Fetched { file, result, .. } = match outcome {
        Err(error) => return Ok(json!({"source": source, "result": "error", "error": error})),
        Ok(None) => return Ok(json!({"source": source, "result": "no_file", "files": known.definition.patterns()})),
        Ok(Some(fetched)) => fetched,
    };
    Ok(match result {
        FetchResult::Same => json!({"source": source, "file": file, "result": "same"}),
        FetchResult::Failed(failure) => json!({"source": source, "file": file, "result": "failed", "failure": failure}),
        FetchResult::Imported(report) => {
            json!({"source": source, "file": file, "result": "imported", "report": serde_json::to_value(report)?})
        }
    })
}
