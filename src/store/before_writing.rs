//! The checks before every write: the clock must be right, and the SQLite file must be undamaged and still the file that was opened, with
//! its log and the log's index. A write into a file that was removed or replaced is lost, because nobody opens that file again.

use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::backend::Target;
use super::log_mover::move_log;
use super::paths::with_suffix;
use super::{Store, StoreError};
use vasp_clock::Stopwatch;

/// For how long to try to move the pages of a removed log: a reader of an older state delays that. And the time between two attempts.
const RESCUE: Duration = Duration::from_secs(30);
const RESCUE_EVERY: Duration = Duration::from_millis(50);

/// For how long to wait for the writing connection before using a reading one: while we hold the writing one, nobody commits.
const WRITER_FIRST: Duration = Duration::from_secs(2);

/// The ends of the names of what SQLite keeps beside a file that it writes with a log.
///
/// Source: SQLite, "WAL-mode File Format", sections 1 and 2.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

/// Device and inode, which distinguish a file from another one at the same path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileNumber(u64, u64);

/// The files that were opened: the database; unless it is only read, its log and the log's index, too.
#[derive(Clone, Debug, Default)]
pub(super) struct OpenedFiles(Vec<(PathBuf, FileNumber)>);

impl FileNumber {
    pub(super) fn of(path: &Path) -> std::io::Result<Self> {
        std::fs::metadata(path).map(|file| Self(file.dev(), file.ino()))
    }
}

impl OpenedFiles {
    /// The files of a target that is open: while it is, SQLite removes none of them. They are beside the file itself, not beside a link to it.
    pub(super) fn of(target: &Target) -> Self {
        let file = target.sqlite_path().map(Path::to_owned);
        file.iter().for_each(|file| target.damage().opened(file));
        let written = file.as_ref().filter(|_| !target.is_read_only()).and_then(|path| path.canonicalize().ok());
        let beside = written.into_iter().flat_map(|path| BESIDE.map(|end| with_suffix(&path, end)));
        let all = file.clone().into_iter().chain(beside);
        Self(all.filter_map(|path| FileNumber::of(&path).ok().map(|number| (path, number))).collect())
    }

    pub(super) fn assert_same(&self) -> Result<(), StoreError> {
        self.0.iter().try_for_each(|(path, opened)| {
            let what = match FileNumber::of(path) {
                Ok(found) if found == *opened => return Ok(()),
                Ok(_) => "is another file than the server opened",
                Err(error) if error.kind() == ErrorKind::NotFound => "no longer exists",
                // If the disk does not answer, the statements that fail on it report that.
                Err(_) => return Ok(()),
            };
            Err(StoreError::Exchanged { path: path.display().to_string(), what })
        })
    }

    /// What can be done about a log that was removed.
    fn rescue(&self) -> Rescue {
        let [(database, opened), (log, opened_log), (index, opened_index)] = self.0.as_slice() else { return Rescue::NotNeeded };
        let is_same = |path: &Path, opened: &FileNumber| FileNumber::of(path).is_ok_and(|found| found == *opened);
        if is_same(log, opened_log) || !is_same(database, opened) {
            return Rescue::NotNeeded;
        }
        // A new connection, also one of this process, creates an empty log. If the new log has bytes, another process has written to it.
        let is_unused = std::fs::metadata(log).map_or(true, |log| log.len() == 0);
        let is_alone = is_unused && (is_same(index, opened_index) || !index.exists());
        if is_alone { Rescue::Possible } else { Rescue::Impossible }
    }
}

/// What can be done about the end of a log that was removed: connections that have it open can still read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rescue {
    /// The log is where it was, or the database is another one.
    NotNeeded,
    /// Its pages can be moved into the database.
    Possible,
    /// Another process may have written over a new log.
    Impossible,
}

impl Store {
    /// Refuses to write while the clock is wrong or the file is not the one that was opened.
    pub(super) fn assert_may_write(&self) -> Result<(), StoreError> {
        self.assert_own_file()?;
        self.assert_undamaged()?;
        self.clock.as_ref().and_then(|clock| clock.fault()).map_or(Ok(()), |fault| Err(StoreError::Clock(fault)))
    }

    /// Refuses to continue if a file of the database is no longer the one that was opened.
    pub fn assert_own_file(&self) -> Result<(), StoreError> {
        self.opened.assert_same()
    }

    /// Moves the pages of a removed log into the database. If that fails, it notes that the database lacks its last writes, so that the
    /// next start says so.
    pub fn rescue_removed_log(&self) {
        let watch = Stopwatch::start();
        let has_passed = |limit: Duration| Duration::from_micros(watch.elapsed_micros()) >= limit;
        loop {
            match self.opened.rescue() {
                Rescue::NotNeeded => return,
                Rescue::Possible if !has_passed(RESCUE) => {
                    let open = self.writers.try_get().or_else(|| self.readers.try_get().filter(|_| has_passed(WRITER_FIRST)));
                    if open.is_some_and(|mut conn| move_log(&mut conn).is_ok_and(|is_whole| is_whole)) {
                        return;
                    }
                }
                Rescue::Possible | Rescue::Impossible => {
                    return self.note_damage("its log was removed, and what that held could not be moved into the database");
                }
            }
            std::thread::sleep(RESCUE_EVERY);
        }
    }
}
