//! Fetches one source: compares its files with those of the last fetch, imports them if they differ, keeps them by their hash, and notes what
//! became of it.

use std::io::Write;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};
use flate2::Compression;
use flate2::write::GzEncoder;
use rand_core::RngCore;

use super::read::known_source;
use crate::imported::{ImportReport, ImportedBy};
use crate::imports::{ImportFormat, ImportJob, import_file_from, import_together_from};
use crate::node::{ImportError, ServiceError};
use vasp_ingest::source;
use vasp_pki::MasterKeys;
use vasp_store::{SourceSnapshot, SourceState, Store, StoreError, WriteMode};
use vasp_words::error_chain::error_chain;
use vasp_words::time::UtcTime;

/// How many files of a source are kept.
const MOST_SNAPSHOTS: usize = 6;

/// The largest file whose bytes are kept, before compression.
const LARGEST_SNAPSHOT_BYTES: u64 = 64 << 20;

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

/// A file on the disk, with its SHA-256.
struct Found {
    path: PathBuf,
    name: String,
    digest: Vec<u8>,
}

/// Fetches a source from its files.
///
/// # Errors
/// `ServiceError::Invalid` for an unknown source; `Store`. A file that cannot be used is no error: it is noted.
pub fn fetch_source(
    ground: FetchGround<'_>,
    id: &str,
    files: &[PathBuf],
    clock: &dyn Fn() -> UtcTime,
    rng: &mut dyn RngCore,
) -> Result<Fetched, ServiceError> {
    let FetchGround { store, .. } = ground;
    let known = known_source(store, id)?;
    let names: Vec<String> = files.iter().map(|path| name_of(path)).collect();
    let file = names.join(", ");
    let state =
        SourceState { tried_at: Some(clock()), file: Some(file.clone()), version: known.state.version + 1, ..known.state };
    let (state, result, found) = match files.iter().map(|path| found(path)).collect::<Result<Vec<_>, String>>() {
        Err(failure) => (SourceState { failure: Some(failure.clone()), ..state }, FetchResult::Failed(failure), vec![]),
        Ok(found) if state.digest.as_ref() == Some(&joint_digest(&found)) && state.failure.is_none() => {
            (SourceState { succeeded_at: Some(clock()), ..state }, FetchResult::Same, vec![])
        }
        Ok(found) => {
            let (state, result) = import(ground, (&known.definition.format, state), &found, (clock, rng))?;
            (state, result, found)
        }
    };
    let snapshots = match result {
        FetchResult::Imported(_) => found.iter().map(|one| snapshot(one, &state, clock())).collect::<Result<Vec<_>, _>>(),
        _ => Ok(vec![]),
    };
    let snapshots = snapshots.map_err(|error| ServiceError::Failed(Box::new(error)))?;
    store.write::<_, StoreError>(clock(), rng, |transaction| {
        for row in &snapshots {
            transaction.keep_source_snapshot(row, MOST_SNAPSHOTS)?;
        }
        transaction.put_source_state(&state)
    })?;
    Ok(Fetched { source: id.to_owned(), file, result })
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn found(path: &Path) -> Result<Found, String> {
    let failed = |error: std::io::Error| format!("{} cannot be read: {error}", path.display());
    let mut context = Context::new(&SHA256);
    let mut file = std::fs::File::open(path).map_err(failed)?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        match std::io::Read::read(&mut file, &mut buffer).map_err(failed)? {
            0 => break,
            count => context.update(buffer.get(..count).unwrap_or_default()),
        }
    }
    Ok(Found { path: path.to_owned(), name: name_of(path), digest: context.finish().as_ref().to_vec() })
}

/// Returns the digest of one file, or of the digests of several.
fn joint_digest(found: &[Found]) -> Vec<u8> {
    match found {
        [one] => one.digest.clone(),
        several => {
            let mut context = Context::new(&SHA256);
            several.iter().for_each(|one| context.update(&one.digest));
            context.finish().as_ref().to_vec()
        }
    }
}

/// Imports files, and returns the state after that.
fn import(
    ground: FetchGround<'_>,
    (format, state): (&str, SourceState),
    found: &[Found],
    (clock, rng): (&dyn Fn() -> UtcTime, &mut dyn RngCore),
) -> Result<(SourceState, FetchResult), ServiceError> {
    let FetchGround { store, keys, accept_shrink } = ground;
    let format: ImportFormat = format.parse().map_err(|error| ServiceError::Failed(Box::new(error)))?;
    let job = ImportJob { store, keys, format, observed_on: None, mode: WriteMode::Keep, accept_shrink, progress: &mut |_| () };
    // Facts show this name: the source, its file, and the file's hash.
    let open = |one: &Found| {
        let mut input = source::open(&one.path.to_string_lossy())?;
        let digits = hex::encode(&one.digest).chars().take(SHOWN_DIGITS).collect::<String>();
        input.file = format!("{}/{}@{digits}", state.id, input.file);
        Ok::<_, ImportError>(input)
    };
    let by = (ImportedBy::Source, Some(state.id.as_str()));
    let result = found.iter().map(open).collect::<Result<Vec<_>, _>>().and_then(|mut inputs| {
        match (format.takes_files_together(), inputs.pop()) {
            (false, Some(input)) => import_file_from(job, input, by, clock, rng),
            (_, last) => {
                inputs.extend(last);
                import_together_from(job, inputs, by, clock(), rng)
            }
        }
    });
    match result {
        Ok(report) => {
            let state = SourceState {
                succeeded_at: Some(clock()),
                changed_at: Some(clock()),
                known_through: report.observed_on,
                digest: Some(joint_digest(found)),
                rows_read: i64::try_from(report.read).ok(),
                failure: None,
                ..state
            };
            Ok((state, FetchResult::Imported(Box::new(report))))
        }
        Err(ImportError::Store(error)) => Err(ServiceError::Store(error)),
        Err(error) => {
            let failure = error_chain(&error).to_string();
            Ok((SourceState { failure: Some(failure.clone()), ..state }, FetchResult::Failed(failure)))
        }
    }
}

fn snapshot(found: &Found, state: &SourceState, now: UtcTime) -> std::io::Result<SourceSnapshot> {
    let size = std::fs::metadata(&found.path)?.len();
    let body = match size <= LARGEST_SNAPSHOT_BYTES {
        true => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(&std::fs::read(&found.path)?)?;
            Some(encoder.finish()?)
        }
        false => None,
    };
    Ok(SourceSnapshot {
        source: state.id.clone(),
        digest: found.digest.clone(),
        file: found.name.clone(),
        observed_on: state.known_through,
        fetched_at: now,
        size_bytes: i64::try_from(size).unwrap_or(i64::MAX),
        body,
    })
}
