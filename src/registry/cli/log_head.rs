//! The file in which a server keeps the head of its log, outside the database (`--log-head`). It is compared with the database at the
//! start, and written every second while the server runs.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use rand_core::RngCore;

use crate::node::{Job, Registry};
use crate::transparency::{Fork, HeadFile, declare_fork, find_fork};
use vasp_store::{CheckpointRow, Store};
use vasp_words::error_chain::error_chain;
use vasp_words::time::UtcTime;

/// How often it checks for a later checkpoint. If a disk is lost, a checkpoint signed within the last second is not in the file.
const INTERVAL: Duration = Duration::from_secs(1);

/// Returns which entries of the log were lost according to the file, if any.
///
/// # Errors
/// If the file cannot be read, or if something was lost and `accept` is not set.
pub(super) fn lost(store: &Store, file: &HeadFile, accept: bool) -> Result<Option<Fork>, Box<dyn Error>> {
    let Some(known) = file.read()? else {
        let has_log = store.read(|conn| conn.newest_checkpoint())?.is_some();
        if has_log {
            let path = file.path().display();
            tracing::warn!("there is no {path} yet: whether entries of the log were lost cannot be told from it (--log-head)");
        }
        return Ok(None);
    };
    let fork = find_fork(store, &known)?;
    match fork {
        Some(fork) if !accept => {
            let what = "find the newer database or backup; if there is none, --accept-fork continues without the lost entries and records this in the log";
            Err(format!("{fork}: {what}").into())
        }
        fork => Ok(fork),
    }
}

/// Compares the database with the file. An accepted loss is recorded in the log.
///
/// # Errors
/// As [`lost`]; also if the log cannot be written.
pub(super) fn hold_against(
    registry: &Registry,
    file: &HeadFile,
    accept: bool,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<(), Box<dyn Error>> {
    if let Some(fork) = lost(registry.store(), file, accept)?
        && declare_fork(registry, &fork, now, rng)?
    {
        tracing::warn!(log.fork = %fork, "entries of the log were lost: the log records this, and another key signs it from now on");
    }
    Ok(())
}

/// After how many failures in a row the next one is told again: an hour's.
const FAILURES_UNTOLD: u32 = 3_600;

/// The file, and what was written to it.
struct Keeper {
    file: HeadFile,
    /// The size of the log that the file has; -1 before the first write.
    kept: i64,
    failures: u32,
}

impl Keeper {
    /// Writes a checkpoint if it is newer than the file's, or if the file is gone. Returns the first error in a row, and then one an hour.
    fn keep(&mut self, newest: &CheckpointRow) -> Option<std::io::Error> {
        // Never replaced by an earlier checkpoint: the file exists to show that a database went back under the server.
        if newest.size < self.kept || newest.size == self.kept && self.file.path().exists() {
            return None;
        }
        match self.file.keep(&newest.note) {
            Ok(()) => {
                (self.kept, self.failures) = (newest.size, 0);
                None
            }
            Err(error) => {
                let is_told = self.failures.is_multiple_of(FAILURES_UNTOLD);
                self.failures = self.failures.wrapping_add(1);
                is_told.then_some(error)
            }
        }
    }
}

/// Keeps the newest checkpoint in the file.
///
/// # Errors
/// `std::io::Error` if no thread can be started.
pub(super) fn keep(registry: Arc<Registry>, file: HeadFile) -> std::io::Result<Job> {
    let mut keeper = Keeper { file, kept: -1, failures: 0 };
    Job::every("log-head", INTERVAL, move || {
        let newest = registry.store().read(|conn| conn.newest_checkpoint())?;
        if let Some(error) = newest.and_then(|newest| keeper.keep(&newest)) {
            let path = keeper.file.path().display();
            tracing::warn!(
                error.chain = error_chain(&error),
                "the head of the log cannot be written to {path} (--log-head): meanwhile a loss of entries may go unnoticed"
            );
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: issue 47: the folder was unmounted while the server ran, and one line of the log said so, with the next entry.
    #[test]
    fn a_folder_that_vanishes_is_told_at_once_and_every_hour_and_the_file_is_written_again() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("elsewhere");
        std::fs::create_dir(&folder).unwrap();
        let mut keeper = Keeper { file: HeadFile::at(folder.join("head")), kept: -1, failures: 0 };
        let [newest, earlier] = [7, 6].map(|size| CheckpointRow { size, root: vec![], note: format!("size {size}") });
        assert!(keeper.keep(&newest).is_none());

        std::fs::remove_dir_all(&folder).unwrap();
        let told = (0..=FAILURES_UNTOLD).filter(|_| keeper.keep(&newest).is_some()).count();
        std::fs::create_dir(&folder).unwrap();

        assert_eq!(told, 2);
        assert!(keeper.keep(&earlier).is_none());
        assert!(!folder.join("head").exists(), "no earlier checkpoint is written");
        assert!(keeper.keep(&newest).is_none());
        assert_eq!(std::fs::read_to_string(folder.join("head")).unwrap(), "size 7");
    }
}
