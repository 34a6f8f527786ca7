//! Fetches one source: compares its files with those of the last fetch, imports them if they differ, keeps them by their hash, and notes what
//! became of it. The callers are the command line and the poller.

use std::path::{Path, PathBuf};

use rand_core::RngCore;

use super::mirror::files_of;
use super::read::{KnownSource, known_source};
use super::take::{Taken, TakenFile, name_of};
use crate::imported::{ImportReport, ImportedBy, ReadFile, note_import};
use crate::imports::{FetchedFrom, ImportFormat, ImportJob, import_file_from, import_together_from};
use crate::node::{ImportError, ServiceError};
use vasp_ingest::source;
use vasp_ingest::sources::SourceDefinition;
use vasp_pki::MasterKeys;
use vasp_store::{SourceSnapshot, SourceState, Store, StoreError, WriteMode};
use vasp_words::error_chain::error_chain;
use vasp_words::time::UtcTime;

/// How many files of a source are kept.
const MOST_SNAPSHOTS: usize = 6;

/// How many digits of a hash the name of a file shows.
const SHOWN_DIGITS: usize = 12;

/// What a fetch needs.
#[derive(Clone, Copy)]
pub struct FetchGround<'a> {
    /// The database to import into.
    pub store: &'a Store,
    /// Keys for what the import seals.
    pub keys: &'a MasterKeys,
    /// Whether to accept a register or list that shrank much.
    pub accept_shrink: bool,
}

/// What became of a fetch.
#[derive(Debug)]
pub enum FetchResult {
    /// The files are those of the last fetch.
    Same,
    /// They were imported.
    Imported(Box<ImportReport>),
    /// They could not be used; nothing of them was stored. Why, in words.
    Failed(String),
}

/// A fetch.
#[derive(Debug)]
pub struct Fetched {
    /// Id of the source.
    pub source: String,
    /// The names of its files.
    pub file: String,
    /// What became of it.
    pub result: FetchResult,
}

/// What a source offers.
pub(super) enum Offer {
    /// Its files, and what the publisher's server said of them, as JSON.
    Files(Taken, Option<String>),
    /// The publisher's server says that it still has the files of the last fetch: their names.
    Unchanged(String),
    /// No file that could be used: its name or place, and why.
    Nothing(String, String),
}

/// Fetches a source from its newest files in a folder; `None` if the folder has none.
///
/// # Errors
/// `ServiceError::Invalid` for an unknown source; `Failed` if the folder cannot be read; `Store`. A file that cannot be used is no error: it
/// is noted.
pub fn fetch_source(
    ground: FetchGround<'_>,
    id: &str,
    folder: &Path,
    clock: &dyn Fn() -> UtcTime,
    rng: &mut dyn RngCore,
) -> Result<Option<Fetched>, ServiceError> {
    let known = known_source(ground.store, id)?;
    let Some(offer) = offer_of(&known.definition, folder)? else { return Ok(None) };
    settle_offer(ground, &known, offer, clock, rng).map(Some)
}

/// Reads what a folder offers of a source; `None` if it has no file of it.
///
/// # Errors
/// `ServiceError::Failed` if the folder cannot be read.
pub(super) fn offer_of(definition: &SourceDefinition, folder: &Path) -> Result<Option<Offer>, ServiceError> {
    let files = match files_of(definition, folder)? {
        Ok(None) => return Ok(None),
        Ok(Some(files)) => files,
        Err(why) => return Ok(Some(Offer::Nothing(definition.patterns(), why))),
    };
    let names = || files.iter().map(|path| name_of(path)).collect::<Vec<_>>().join(", ");
    Ok(Some(match Taken::copy(&files) {
        Ok(taken) => Offer::Files(taken, None),
        Err(why) => Offer::Nothing(names(), why),
    }))
}

/// Imports what a source offers, if it is new, and notes what became of it.
///
/// # Errors
/// `ServiceError::Store`; `Failed` if a copy cannot be read.
pub(super) fn settle_offer(
    ground: FetchGround<'_>,
    known: &KnownSource,
    offer: Offer,
    clock: &dyn Fn() -> UtcTime,
    rng: &mut dyn RngCore,
) -> Result<Fetched, ServiceError> {
    let (id, tried_at) = (known.definition.id.as_str(), clock());
    let (file, result, files, validators) = match offer {
        Offer::Unchanged(file) => (file, FetchResult::Same, None, known.state.validators.clone()),
        Offer::Nothing(file, why) => {
            note_unread(ground.store, read_file(known, file.clone(), None), &why, clock(), rng);
            (file, FetchResult::Failed(why), None, None)
        }
        Offer::Files(taken, validators) if is_same(&known.state, &taken) => (taken.names(), FetchResult::Same, None, validators),
        Offer::Files(taken, validators) => {
            let result = import(ground, known, &taken, clock, rng)?;
            (taken.names(), result, Some(taken), validators)
        }
    };
    let now = clock();
    let seen = |row: &mut SourceState| {
        (row.tried_at, row.file) = (Some(tried_at), Some(file.clone()));
        if let FetchResult::Failed(why) = &result {
            return note_failure(row, why);
        }
        (row.succeeded_at, row.failure, row.failures, row.validators) = (Some(now), None, 0, validators);
        if let (FetchResult::Imported(report), Some(taken)) = (&result, &files) {
            // The same bytes under a newer name are no change.
            if row.digest.replace(taken.digest()) != Some(taken.digest()) {
                row.changed_at = Some(now);
            }
            row.known_through = report.observed_on;
            row.rows_read = i64::try_from(report.read).ok();
        }
    };
    let snapshots = match (&result, &files) {
        (FetchResult::Imported(report), Some(taken)) => {
            let kept = |one| snapshot(one, id, report, now);
            taken
                .files()
                .iter()
                .map(kept)
                .collect::<Result<Vec<_>, _>>()
                .map_err(|error| ServiceError::Failed(Box::new(error)))?
        }
        _ => vec![],
    };
    ground.store.write::<_, StoreError>(now, rng, |transaction| {
        for row in &snapshots {
            transaction.keep_source_snapshot(row, MOST_SNAPSHOTS)?;
        }
        transaction.change_source_state(id, seen)
    })?;
    Ok(Fetched { source: id.to_owned(), file, result })
}

/// Returns whether files are those of the last fetch that worked: the same bytes under the same names. A name may have the day of the
/// facts, so the same bytes under a newer name are news.
pub(super) fn is_same(state: &SourceState, taken: &Taken) -> bool {
    state.failure.is_none() && state.digest == Some(taken.digest()) && state.file == Some(taken.names())
}

/// Returns why files are refused that the publisher replaced since: old ones under a new name would look fresh, and take back what changed.
/// `None` if they never came, came last, or come again under their own names.
fn replaced(ground: FetchGround<'_>, known: &KnownSource, taken: &Taken) -> Result<Option<String>, ServiceError> {
    if ground.accept_shrink {
        return Ok(None);
    }
    let (id, digest) = (known.definition.id.as_str(), taken.digest());
    let found =
        ground.store.read::<_, StoreError>(|conn| Ok((conn.import_taken(id, None)?, conn.import_taken(id, Some(&digest))?)));
    let (Some(last), Some(earlier)) = found? else { return Ok(None) };
    let keeps_its_name = taken.files().iter().all(|one| earlier.file.contains(&format!("{id}/{}@", one.name)));
    if last.digest == earlier.digest || keeps_its_name {
        return Ok(None);
    }
    let day = earlier.observed_on.map(|day| format!(", of {day}")).unwrap_or_default();
    let file = earlier.file;
    Ok(Some(format!(
        "it is {file}{day}, under a new name, which another file has replaced since; --accept-shrink takes it if that is right"
    )))
}

pub(super) fn note_failure(row: &mut SourceState, why: &str) {
    (row.failure, row.failures) = (Some(why.to_owned()), row.failures.saturating_add(1));
}

/// Imports files of a source that a server took, if they are new, and notes what became of them.
///
/// # Errors
/// `ServiceError::Invalid` for an unknown source; `Failed` if a file cannot be read; `Store`. A file that cannot be used is no error: it is
/// noted.
pub fn take_files(
    ground: FetchGround<'_>,
    id: &str,
    files: &[PathBuf],
    validators: Option<String>,
    clock: &dyn Fn() -> UtcTime,
    rng: &mut dyn RngCore,
) -> Result<(), ServiceError> {
    let known = known_source(ground.store, id)?;
    let taken = Taken::copy(files).map_err(|why| ServiceError::Failed(why.into()))?;
    settle_offer(ground, &known, Offer::Files(taken, validators), clock, rng).map(drop)
}

/// Writes to the journal of imports that a file could not be used.
pub(super) fn note_unread(store: &Store, read: ReadFile, why: &str, now: UtcTime, rng: &mut dyn RngCore) {
    note_import(store, read, Err(&ImportError::Unusable(why.to_owned())), now, rng);
}

/// Describes a file of a source for the journal.
pub(super) fn read_file(known: &KnownSource, file: String, digest: Option<Vec<u8>>) -> ReadFile {
    let (format, source) = (known.definition.format.clone(), Some(known.definition.id.clone()));
    ReadFile { format, file, digest, by: ImportedBy::Source, source }
}

/// Opens the files of a source for an import. Facts show this name: the source, its file, and the file's hash.
fn opened(id: &str, taken: &Taken) -> Result<Vec<source::Source>, ImportError> {
    let open = |one: &TakenFile| {
        let mut input = source::open(&one.path.to_string_lossy())?;
        let digits = hex::encode(&one.digest).chars().take(SHOWN_DIGITS).collect::<String>();
        input.file = format!("{id}/{}@{digits}", input.file);
        Ok(input)
    };
    taken.files().iter().map(open).collect()
}

/// Imports files, unless they are those that the publisher replaced since.
fn import(
    ground: FetchGround<'_>,
    known: &KnownSource,
    taken: &Taken,
    clock: &dyn Fn() -> UtcTime,
    rng: &mut dyn RngCore,
) -> Result<FetchResult, ServiceError> {
    let FetchGround { store, keys, accept_shrink } = ground;
    let (id, digest) = (known.definition.id.as_str(), taken.digest());
    let file = read_file(known, taken.names(), Some(digest.clone()));
    if let Some(why) = replaced(ground, known, taken)? {
        note_unread(store, file, &why, clock(), rng);
        return Ok(FetchResult::Failed(why));
    }
    let format: ImportFormat = known.definition.format.parse().map_err(|error| ServiceError::Failed(Box::new(error)))?;
    let job = ImportJob { store, keys, format, observed_on: None, mode: WriteMode::Keep, accept_shrink, progress: &mut |_| () };
    let mut inputs = match opened(id, taken) {
        Ok(inputs) => inputs,
        Err(error) => {
            note_import(store, file, Err(&error), clock(), rng);
            return Ok(FetchResult::Failed(error_chain(&error).to_string()));
        }
    };
    let by = (ImportedBy::Source, Some(FetchedFrom { id, digest: &digest, not_before: known.state.known_through }));
    let result = match (format.takes_files_together(), inputs.pop()) {
        (false, Some(input)) => import_file_from(job, input, by, clock, rng),
        (_, last) => {
            inputs.extend(last);
            import_together_from(job, inputs, by, clock(), rng)
        }
    };
    match result {
        Ok(report) => Ok(FetchResult::Imported(Box::new(report))),
        Err(ImportError::Store(error)) => Err(ServiceError::Store(error)),
        Err(error) => Ok(FetchResult::Failed(error_chain(&error).to_string())),
    }
}

fn snapshot(file: &TakenFile, id: &str, report: &ImportReport, now: UtcTime) -> std::io::Result<SourceSnapshot> {
    Ok(SourceSnapshot {
        source: id.to_owned(),
        digest: file.digest.clone(),
        file: file.name.clone(),
        observed_on: report.observed_on,
        fetched_at: now,
        size_bytes: i64::try_from(file.size_bytes).unwrap_or(i64::MAX),
        body: file.compressed()?,
    })
}
