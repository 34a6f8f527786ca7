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

/// How often a log is moved that was removed, until readers let go of all its pages; and the time between.
const RESCUES: u32 = 20;
const RESCUE_EVERY: Duration = Duration::from_millis(50);

/// The ends of the names of what SQLite keeps beside a file that it writes with a log.
///
/// Source: SQLite, "WAL-mode File Format", sections 1 and 2.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

/// Device and inode, which distinguish a file from another one at the same path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileNumber(u64, u64);

/// The files that were opened: the database first; its log and the log's index if it is written.
#[derive(Clone, Debug, Default)]
pub(super) struct OpenedFiles(Vec<(PathBuf, FileNumber)>);

impl FileNumber {
    fn of(path: &Path) -> std::io::Result<Self> {
        std::fs::metadata(path).map(|file| Self(file.dev(), file.ino()))
    }
}

impl OpenedFiles {
    /// The files of a target that is open: while it is, SQLite removes none of them.
    pub(super) fn of(target: &Target) -> Self {
        let file = target.sqlite_path().map(Path::to_owned);
        let written = file.as_ref().filter(|_| !target.is_read_only());
        let beside = written.into_iter().flat_map(|path| BESIDE.map(|end| with_suffix(path, end)));
        let all = file.clone().into_iter().chain(beside);
        Self(all.filter_map(|path| FileNumber::of(&path).ok().map(|number| (path, number))).collect())
    }

    fn assert_same(&self) -> Result<(), StoreError> {
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

    /// Whether only the log was removed or replaced.
    fn lost_only_the_log(&self) -> bool {
        let [database, log, index] = self.0.as_slice() else { return false };
        let is_same = |(path, opened): &(PathBuf, FileNumber)| FileNumber::of(path).is_ok_and(|found| found == *opened);
        is_same(database) && is_same(index) && !is_same(log)
    }
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

    /// Moves what a log holds that was removed into the database file: the connections that have it open can still read it. Of a log that
    /// is there, another process can read it, and of a file that was removed nobody ever will: then nothing is done.
    pub fn rescue_removed_log(&self) {
        for _ in 0..RESCUES {
            if !self.opened.lost_only_the_log() {
                return;
            }
            let open = self.writers.try_get().or_else(|| self.readers.try_get());
            if open.is_some_and(|mut conn| move_log(&mut conn).is_ok_and(|is_whole| is_whole)) {
                return;
            }
            std::thread::sleep(RESCUE_EVERY);
        }
    }
}
