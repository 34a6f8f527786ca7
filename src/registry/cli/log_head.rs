//! The file in which a server keeps the ends of its log and of its audit chain, outside the database (`--log-head`). It is compared with the database at the
//! start, and written every second while the server runs.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use rand_core::RngCore;

use crate::node::{Job, Registry, ServiceError};
use crate::transparency::{Fork, HeadFile, HeadFileError, declare_fork, find_fork, known_ends_text};
use vasp_log::audit::AuditHead;
use vasp_store::{CheckpointRow, Store};
use vasp_words::error_chain::error_chain;
use vasp_words::time::UtcTime;

/// How often it checks for a later checkpoint. If a disk is lost, a checkpoint signed within the last second is not in the file.
const INTERVAL: Duration = Duration::from_secs(1);

/// Returns what was lost according to the file, if anything.
///
/// # Errors
/// If the file cannot be read, or if something was lost and `accept` is not set.
pub(super) fn lost(store: &Store, file: &HeadFile, accept: bool) -> Result<Option<Fork>, Box<dyn Error>> {
    let Some(text) = file.text()? else {
        let has_log = store.read(|conn| conn.newest_checkpoint())?.is_some();
        if has_log {
            let path = file.path().display();
            tracing::warn!("there is no {path} yet: whether entries of the log were lost cannot be told from it (--log-head)");
        }
        return Ok(None);
    };
    let fork = find_fork(store, &file.read(&text)?)?;
    match fork {
        Some(fork) if !accept => {
            let what = "find the newer database or backup; if there is none, --accept-fork continues without what was lost and records this";
            Err(format!("{fork}: {what}").into())
        }
        fork => Ok(fork),
    }
}

/// Compares the database with the file. An accepted loss is recorded.
///
/// # Errors
/// As [`lost`]; also if the loss cannot be recorded.
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
        tracing::warn!(log.fork = %fork, "what the database lost is recorded, and the server goes on without it (--accept-fork)");
    }
    Ok(())
}

/// After how many failures in a row the next one is told again: an hour's.
const FAILURES_UNTOLD: u32 = 3_600;

/// Why the file was not written.
#[derive(Debug, thiserror::Error)]
enum NotKept {
    /// It cannot be written.
    #[error("it cannot be written")]
    Io(#[from] std::io::Error),
    /// It is not what this server wrote, and cannot be compared with the database.
    #[error("it was changed meanwhile")]
    Read(#[from] HeadFileError),
    /// As before: the database cannot be read.
    #[error("it was changed meanwhile")]
    Database(#[from] ServiceError),
    /// Another server keeps the ends of another database in it.
    #[error(
        "another server wrote it, with another database: {0}; each server needs a file of its own, and a copy of a database no server"
    )]
    Another(Fork),
}

/// The file, and what was written to it.
struct Keeper {
    file: HeadFile,
    /// The sizes of the log and of the audit chain that the file has; -1 before the first write.
    kept: (i64, i64),
    /// The file's text when it was last compared with the database, or written.
    seen: Option<String>,
    failures: u32,
}

impl Keeper {
    fn of(file: HeadFile) -> Self {
        let seen = file.text().ok().flatten();
        Self { file, kept: (-1, -1), seen, failures: 0 }
    }

    /// Writes the ends if they are later than the file's, or if the file is gone. Returns the first error in a row, and then one an hour.
    fn keep(&mut self, store: &Store, newest: &CheckpointRow, audit: &AuditHead) -> Option<NotKept> {
        // Never replaced by earlier ends: the file exists to show that a database went back under the server.
        let (log_kept, audit_kept) = self.kept;
        let is_earlier = newest.size < log_kept || audit.number < audit_kept;
        if is_earlier || (newest.size, audit.number) == self.kept && self.file.path().exists() {
            return None;
        }
        match self.write(store, &known_ends_text(&newest.note, audit)) {
            Ok(()) => {
                (self.kept, self.failures) = ((newest.size, audit.number), 0);
                None
            }
            Err(error) => {
                let is_told = self.failures.is_multiple_of(FAILURES_UNTOLD);
                self.failures = self.failures.wrapping_add(1);
                is_told.then_some(error)
            }
        }
    }

    /// Writes a text, unless another server has written the file since, with ends that the database does not continue.
    fn write(&mut self, store: &Store, text: &str) -> Result<(), NotKept> {
        let found = self.file.text()?.filter(|found| Some(found) != self.seen.as_ref());
        if let Some(found) = found
            && let Some(fork) = find_fork(store, &self.file.read(&found)?)?
        {
            return Err(NotKept::Another(fork));
        }
        self.file.keep(text)?;
        self.seen = Some(text.to_owned());
        Ok(())
    }
}

/// Keeps the newest ends in the file.
///
/// # Errors
/// `std::io::Error` if no thread can be started.
pub(super) fn keep(registry: Arc<Registry>, file: HeadFile) -> std::io::Result<Job> {
    let mut keeper = Keeper::of(file);
    Job::every("log-head", INTERVAL, move || {
        let store = registry.store();
        let (newest, audit) = store.read(|conn| Ok::<_, ServiceError>((conn.newest_checkpoint()?, conn.audit_head()?)))?;
        if let Some(error) = newest.and_then(|newest| keeper.keep(store, &newest, &audit)) {
            let path = keeper.file.path().display();
            tracing::warn!(
                error.chain = error_chain(&error),
                "the head of the log is not kept in {path} (--log-head): meanwhile a loss of entries may go unnoticed"
            );
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use vasp_log::{Sealer, checkpoint_text};
    use vasp_store::{DatabaseUrl, StoreOptions};

    fn checkpoint(size: i64) -> CheckpointRow {
        let note = checkpoint_text("registry.example", u64::try_from(size).unwrap(), &[7; 32]);
        CheckpointRow { size, root: vec![], note }
    }

    fn audit(number: i64) -> AuditHead {
        AuditHead { number, hash: vec![1; 32] }
    }

    /// The folder may be unmounted while the server runs, and servers on two copies of a database may write one file. Neither may go
    /// unnoticed until the next entry.
    #[test]
    fn a_folder_that_vanishes_or_another_server_is_told_at_once_and_every_hour_and_the_file_is_written_again() {
        let root = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(root.path().join("registry.db"));
        let options = StoreOptions { create: true, migrate: true, ..StoreOptions::default() };
        let store = Store::open(&url, &options, Arc::new(Sealer::default())).unwrap();
        let folder = root.path().join("elsewhere");
        std::fs::create_dir(&folder).unwrap();
        let mut keeper = Keeper::of(HeadFile::at(folder.join("head")));
        let text = || std::fs::read_to_string(folder.join("head")).unwrap();
        assert!(keeper.keep(&store, &checkpoint(7), &audit(3)).is_none());
        assert!(keeper.keep(&store, &checkpoint(7), &audit(4)).is_none());
        let kept = known_ends_text(&checkpoint(7).note, &audit(4));
        assert_eq!(text(), kept, "an event is kept without an entry of the log");

        std::fs::remove_dir_all(&folder).unwrap();
        let told = (0..=FAILURES_UNTOLD).filter(|_| keeper.keep(&store, &checkpoint(7), &audit(4)).is_some()).count();
        std::fs::create_dir(&folder).unwrap();

        assert_eq!(told, 2);
        assert!(keeper.keep(&store, &checkpoint(6), &audit(4)).is_none());
        assert!(keeper.keep(&store, &checkpoint(7), &audit(3)).is_none());
        assert!(!folder.join("head").exists(), "no earlier end is written");
        assert!(keeper.keep(&store, &checkpoint(7), &audit(4)).is_none());
        assert_eq!(text(), kept);

        let anothers = known_ends_text(&checkpoint(9).note, &audit(9));
        std::fs::write(folder.join("head"), &anothers).unwrap();
        assert!(matches!(keeper.keep(&store, &checkpoint(8), &audit(5)), Some(NotKept::Another(_))));
        assert_eq!(text(), anothers);
    }
}
